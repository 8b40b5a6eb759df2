"""Questions that the best records answer: a fact, the departments, a deadline."""

from __future__ import annotations

from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.evidence import Evidence, names_district
from rag.reading import Reading
from rag.routes import deadline, duty, fact


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """What the evidence says to each thing that is asked; None where nothing is supported."""
    chosen = desk.choose(reading)
    if not chosen.evidence:
        return None
    if reading.kind == "fact" and fact.lacks_amount(reading, chosen.evidence):
        said = Statement(f"{desk.within or '所收文本'}没有写明所问的具体数字，相关原文如下。", "absence")
        return Reply("refuse", [said, *fact.answer(reading, chosen.evidence, desk.store)])
    told = _told(reading, chosen.evidence, desk)
    kind = reading.kind if reading.kind in ("duty", "deadline") else "fact"
    return Reply(kind, [*chosen.opening, *told])


def _told(reading: Reading, evidence: list[Evidence], desk: Desk) -> list[Statement]:
    if "duty" in reading.aspects:
        return duty.answer(reading, evidence, desk.store)
    if reading.kind == "deadline":
        return deadline.answer(reading, evidence, desk.store)
    if fact.asks_districts(reading.text) and not any(names_district(e.record.text) for e in evidence):
        return duty.answer(reading, evidence, desk.store)  # 是哪两个区的事: the columns say it
    told = fact.answer(reading, evidence, desk.store)
    if "deadline" in reading.aspects:
        told = [
            s
            for e in evidence
            for s in (
                *fact.of_record(reading, e, desk.store),
                *deadline.of_record(reading, e, desk.store, told=True),
            )
        ]
    return told
