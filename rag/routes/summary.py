"""A topic as a whole: the measures that matter on it, a line each, in the plan's order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from corpus.normal import normal
from corpus.types import Measure, Passage
from rag.answer import Reply, Statement
from rag.coverage import Topic
from rag.desk import Desk
from rag.evidence import FIVE_YEAR, Evidence
from rag.outline import title
from rag.reading import Reading
from rag.routes import fact
from rag.routes.wording import quoted
from rag.selection import fit
from rag.spans import best, sentences

DEPTH = 60
MOST = 14
NEAR = 0.72  # share of the best strength that a measure of another task needs
ABOUT = 0.6  # share of the topic that a heading must hold to be about it
WHOLE = 90  # characters up to which a measure is quoted whole
LINE = 3  # sentences of a longer one


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The measures on the topic, by plan; None where nothing is on it."""
    found = gather(reading, desk)
    return Reply("summary", [s for e in found for s in _line(reading, e, desk)]) if found else None


def gather(reading: Reading, desk: Desk) -> list[Evidence]:
    """The evidence on the topic in the plans' order: tasks and sections about it, and what is near."""
    found = fit(reading, desk.finder.find(reading, DEPTH))
    if not reading.plans and any(isinstance(e.record, Measure) for e in found):
        found = [e for e in found if e.level != FIVE_YEAR]
    if not found:
        return []
    headed = _headed(reading, found)
    if not headed and not any(e.supported or e.coverage >= ABOUT for e in found[:5]):
        return []
    near = [e for e in found if e.strength >= NEAR * found[0].strength]
    kept = sorted({e.record.id: e for e in (*headed, *near)}.values(), key=lambda e: -e.strength)
    kept = [*headed, *(e for e in kept if e not in headed)][:MOST]
    order = {record_id: n for n, record_id in enumerate(desk.store.ids)}
    return sorted(kept, key=lambda e: order[e.record.id])


def _headed(reading: Reading, found: Sequence[Evidence]) -> list[Evidence]:
    """The evidence that stands under a task or section whose heading is about the topic."""
    topic = Topic(normal(reading.topic))
    groups: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for e in found:
        for heading in _headings(e):
            groups[e.record.plan, heading].append(e)
    about = {
        (plan, heading): share
        for plan, heading in groups
        if (share := topic.share(topic.held(normal(title(heading))))) >= ABOUT
    }
    if not about:
        return []
    most = max(about.values())
    kept = [e for key, share in about.items() if share >= most - 0.1 for e in groups[key]]
    return list({e.record.id: e for e in sorted(kept, key=lambda e: -e.strength)}.values())[:MOST]


def _headings(evidence: Evidence) -> list[str]:
    record = evidence.record
    inner = [record.path[-1]] if len(record.path) > 1 else []
    return [record.task, *inner] if isinstance(record, Measure) else inner


def _line(reading: Reading, evidence: Evidence, desk: Desk) -> list[Statement]:
    record = evidence.record
    if isinstance(record, Measure) and record.target is not None:
        return fact.of_record(reading, evidence, desk.store)
    if len(record.text) <= WHOLE and not isinstance(record, Passage):
        clauses = sentences(record.text)
    else:
        clauses = best(record.text, reading.topic, figure=True, most=LINE, like=evidence.like)
    told = quoted(evidence, clauses, desk.store)
    dated = [due.printed for due in record.due if due.basis == "text"]
    if not all(any(date in s.text for s in told) for date in dated):
        missing = [
            c for c in sentences(record.text) if any(date in c.text for date in dated) and c not in clauses
        ]
        told = quoted(evidence, sorted([*clauses, *missing], key=lambda c: c.start), desk.store)
    return told
