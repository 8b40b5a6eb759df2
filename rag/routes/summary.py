"""A topic as a whole: the measures that matter on it, a line each, in the plan's order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from corpus.normal import normal
from corpus.types import Measure, Passage
from rag.answer import Reply, Statement
from rag.coverage import Topic
from rag.desk import Desk
from rag.evidence import FIVE_YEAR, Evidence
from rag.reading import Reading
from rag.routes import fact
from rag.selection import fit
from rag.spans import best

DEPTH = 40
MOST = 14
NEAR = 0.72  # share of the best strength that a measure of another task needs
INSIDE = 0.5  # the same for one of a task whose heading is the topic
HEADED = 0.6  # share of the topic that a heading must hold to be about it
LINE = 2  # sentences of a measure


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The measures on the topic, by plan; None where nothing is on it."""
    found = gather(reading, desk)
    if not found:
        return None
    statements: list[Statement] = []
    for evidence in found:
        statements += _line(replace(reading, aspects=reading.aspects | {"figure"}), evidence, desk)
    return Reply("summary", statements)


def gather(reading: Reading, desk: Desk) -> list[Evidence]:
    """The evidence on the topic in the plans' order: whole tasks that are about it, and what is near."""
    found = fit(reading, desk.finder.find(reading, DEPTH))
    if not found or not any(e.supported or e.coverage >= HEADED for e in found[:5]):
        return []
    if not reading.plans and any(isinstance(e.record, Measure) for e in found):
        found = [e for e in found if e.level != FIVE_YEAR]
    top = found[0].strength
    tasks: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for e in found:
        tasks[_task(e)].append(e)
    topic = Topic(normal(reading.topic))
    kept: list[Evidence] = []
    for inside in tasks.values():
        headed = topic.share(topic.held(normal(_heading(inside[0])))) >= HEADED
        need = INSIDE if headed and inside[0].strength >= NEAR * top else NEAR
        kept += [e for e in inside if e.strength >= need * top]
    kept = sorted(kept, key=lambda e: -e.strength)[:MOST]
    order = {record_id: n for n, record_id in enumerate(desk.store.ids)}
    return sorted(kept, key=lambda e: order[e.record.id])


def _task(evidence: Evidence) -> tuple[str, str]:
    record = evidence.record
    return (record.plan, record.section if isinstance(record, Passage) else str(record.number))


def _heading(evidence: Evidence) -> str:
    record = evidence.record
    inner = record.path[-1] if record.path else ""
    return f"{record.task} {inner}" if isinstance(record, Measure) else inner


def _line(reading: Reading, evidence: Evidence, desk: Desk) -> list[Statement]:
    record = evidence.record
    if isinstance(record, Measure) and record.target is not None:
        return fact.of_record(reading, evidence, desk.store)
    from rag.routes.wording import quoted

    clauses = best(record.text, reading.topic, figure=True, most=LINE, like=evidence.like)
    return quoted(evidence, clauses, desk.store)
