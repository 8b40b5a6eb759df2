"""Yes or no: the answer first, then the clause that decides it."""

from __future__ import annotations

from dataclasses import replace

from corpus.normal import normal
from corpus.types import Measure
from index.filters import ROLE_INCLUDES
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes import deadline, duty, fact
from rag.selection import fit, holds_figure

CLOSE = 0.8  # share of the best strength from which a record that says the very thing decides


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """是 or 不是 where a figure, date or department decides it; else what the plans do say."""
    asked = replace(reading, figures=(), kind="duty" if _claims_body(reading) else "fact")
    chosen = desk.choose(asked)
    if not chosen.evidence:
        return None
    evidence = chosen.evidence
    top = evidence[0].strength
    holding = [
        e for e in fit(asked, desk.finder.find(asked)) if e.strength >= CLOSE * top and _holds(reading, e)
    ]
    kept = [e for e in evidence if any(e.record.id == h.record.id for h in holding)]
    if holding and not kept and any(e.supported for e in holding):
        kept = [e for e in holding if e.supported][:1]
    decided = _decidable(reading)
    right = bool(kept) and decided
    if right:
        evidence = kept
    statements = list(chosen.opening)
    for n, found in enumerate(evidence):
        told = _told(reading, found, desk)
        if n == 0:
            verdict = ("是。" if right else "不是，原文如下。") if decided else _about(reading)
            first = told[0]
            told[0] = replace(first, text=verdict + first.text) if verdict else first
        statements += told
    return Reply("yesno", statements)


def _decidable(reading: Reading) -> bool:
    return bool(reading.figures or reading.dates or _claims_body(reading))


def _claims_body(reading: Reading) -> bool:
    """Whether what is to be confirmed is a department's part in it."""
    return bool(reading.mentions) and ("duty" in reading.aspects or bool(reading.roles))


def _about(reading: Reading) -> str:
    """Where code cannot decide, the text is put before the reader and no yes is said."""
    return (
        "有相关规定。"
        if any(word in reading.text for word in ("有没有", "有无", "是否有"))
        else "相关原文如下。"
    )


def _holds(reading: Reading, found: Evidence) -> bool:
    """Whether the record says all that the question claims."""
    record = found.record
    if not all(holds_figure(found, figure) for figure in reading.figures):
        return False
    if reading.dates:
        cells = [record.text, getattr(record, "deadline", None) or ""]
        printed = normal("|".join(cells))
        if not all(normal(date) in printed for date in reading.dates):
            return False
    return not _claims_body(reading) or _has_part(reading, record)


def _has_part(reading: Reading, record: object) -> bool:
    if not isinstance(record, Measure):
        return False
    wide = {w for role in reading.roles for w in ROLE_INCLUDES[role]}
    duties = [d for d in record.duties if not wide or d.role in wide]
    return all(any(d.department in m.names for d in duties) for m in reading.mentions if m.names)


def _told(reading: Reading, found: Evidence, desk: Desk) -> list[Statement]:
    if _claims_body(reading) and isinstance(found.record, Measure):
        return [duty.of_record(replace(reading, roles=()), found, desk.store, basis=True)]
    if reading.dates and not reading.figures and isinstance(found.record, Measure):
        return deadline.of_record(reading, found, desk.store)
    return fact.of_record(replace(reading, aspects=reading.aspects | {"figure"}), found, desk.store)
