"""A topic as a whole: the measures that matter on it, a line each, in the plan's order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from corpus.types import Measure, Passage
from index.store import searchable
from rag.answer import Reply, Statement
from rag.asking import asks_to_write, asks_who
from rag.desk import Desk
from rag.evidence import FIVE_YEAR, Evidence
from rag.figures import states_amount
from rag.headings import over
from rag.reading import Reading
from rag.routes import fact
from rag.routes.wording import quoted, who
from rag.selection import fit
from rag.spans import sentences

DEPTH = 60
MOST = 14
NEAR = 0.72  # share of the best strength that a measure of another task needs
ABOUT = 0.6  # share of the topic that a measure must hold to be about it
HEADED = 0.25  # the same of a heading
BESIDE = 0.4  # the same for one beside two others of its task
CLOSE = 0.2  # how much less than the best heading's share another one's may be
ITSELF = 0.5  # share of each other that a chapter and the topic must hold
BACK = 0.5  # share of a heading that the topic must hold
NAMED = 0.6  # share of each other that a task and the topic of a question must hold to be one
FOUND = 0.6  # share of the best strength that the best of a heading's records needs
OF_EACH = 2  # measures on one of several things that are named
SMALL = 8  # records of a section that is shown whole
WHOLE = 120  # characters up to which a measure is quoted whole
LINE = 3  # sentences of a longer one
_NAMED = re.compile(r"[“《]")
_ONLY_QUOTED = Statement("以下内容都出自计划原文，没有另加内容。", "absence")
USUAL = ("年底前", "持续推进", "长期实施")


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The measures on the topic, by plan; None where nothing is on it."""
    found = gather(reading, desk)
    if not found:
        return None
    opening = [_ONLY_QUOTED] if asks_to_write(reading.text) else []
    if len(found) <= MOST:
        return Reply("summary", opening + [s for e in found for s in _line(reading, e, desk)])
    plans = [e.record.plan for e in found]
    told = [s for n, e in enumerate(found) for s in _brief(reading, e, desk, first=plans[n] not in plans[:n])]
    return Reply("summary", opening + told)


def _brief(reading: Reading, evidence: Evidence, desk: Desk, *, first: bool) -> list[Statement]:
    """One sentence of a measure among many; only the `first` of a plan says whose plan it is."""
    clauses = evidence.clauses(reading, figure=True, most=1)
    said = quoted(evidence, clauses, desk.store)
    opening = f"{who(evidence.record, evidence.plan, desk.store)}："
    return said if first else [replace(s, text=s.text.removeprefix(opening)) for s in said]


def of_task(reading: Reading, desk: Desk) -> Reply | None:
    """The whole of a task that the topic names, where no more is asked than what there is on it."""
    if reading.wants_figure or reading.by_number or reading.outside or asks_who(reading.text):
        return None
    found = fit(reading, desk.finder.find(reading))
    named = [
        e
        for e in found
        if isinstance(e.record, Measure) and min(desk.headings.about(reading.topic, e.record.task)) >= NAMED
    ]
    return answer(reading, desk) if len(named) > 1 else None


def gather(reading: Reading, desk: Desk) -> list[Evidence]:
    """The evidence on the topic in the plans' order: tasks and sections about it, and what is near."""
    found = fit(reading, desk.finder.find(reading, DEPTH))
    if not reading.plans and any(isinstance(e.record, Measure) for e in found):
        found = [e for e in found if e.level != FIVE_YEAR]
    if not found:
        return []
    headed = _headed(reading, found, desk)
    if not headed and not any(e.coverage >= ABOUT or (e.match and e.match.near) for e in found[:5]):
        return []
    top = found[0].strength
    close = [e for e in found if e.strength >= NEAR * top]
    tasks = Counter(_task(e) for e in close)
    beside = [e for e in found if tasks[_task(e)] > 1 and e.strength >= BESIDE * top]
    beside += [e for e in found if tasks[_task(e)] and e.coverage >= ABOUT and e not in beside]
    near = (*headed, *sorted((*close, *beside), key=lambda e: -e.strength))
    kept = dict(list({e.record.id: e for e in near}.items())[: max(MOST, len(headed))])
    kept |= {e.record.id: e for e in _lacking(reading, list(kept.values()), found)}
    return sorted(kept.values(), key=lambda e: desk.store.places[e.record.id])


def _lacking(reading: Reading, kept: list[Evidence], found: list[Evidence]) -> list[Evidence]:
    """Of several things named (碳市场、碳普惠) what is best on each that nothing kept holds."""
    more: list[Evidence] = []
    for word in reading.topic.split() if "、" in reading.text else ():
        if not any(word in searchable(e.record) for e in (*kept, *more)):
            more += [e for e in found if word in searchable(e.record)][:OF_EACH]
    return more


def _task(evidence: Evidence) -> tuple[str, str]:
    record = evidence.record
    return record.plan, str(record.number)


def _headed(reading: Reading, found: Sequence[Evidence], desk: Desk) -> list[Evidence]:
    """The evidence that stands under tasks or sections whose headings are about the topic."""
    groups: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    about: dict[tuple[str, str], float] = {}
    everyday = desk.finder.expansions(reading.topic)
    for e in found:
        for heading, chapter in _headings(e):
            if share := _about(desk.headings.about(reading.topic, heading, everyday), chapter):
                groups[e.record.plan, heading].append(e)
                about[e.record.plan, heading] = share
    top = found[0].strength
    about = {
        key: share for key, share in about.items() if max(e.strength for e in groups[key]) >= FOUND * top
    }
    if not about:
        return []
    most = max(about.values())
    kept = [
        e for key, share in about.items() if share >= most - CLOSE for e in _whole(key, groups[key], desk)
    ]
    return list({e.record.id: e for e in sorted(kept, key=lambda e: -e.strength)}.values())


def _whole(key: tuple[str, str], found: list[Evidence], desk: Desk) -> list[Evidence]:
    """All that stands under a heading, where it is small or a chapter: also what was not found."""
    plan, heading = key
    under = [r for part in desk.outline.chapters(plan) for r in part.records if heading in over(r)]
    if len(under) > SMALL and not any(heading == r.path[0] for r in under):
        return found
    held = {e.record.id for e in found}
    least = min(e.strength for e in found)
    rest = [replace(found[0], record=r, strength=least, like=None) for r in under if r.id not in held]
    return [*found, *rest]


def _about(shares: tuple[float, float], chapter: bool) -> float:
    """How much a heading is about a topic: the larger of the `shares` held of each other, or 0.

    A chapter must be the topic itself.
    """
    of_topic, of_heading = shares
    if chapter:
        return of_topic if of_topic >= ITSELF and of_heading >= ITSELF else 0.0
    return max(of_topic if of_topic >= HEADED else 0.0, of_heading if of_heading >= BACK else 0.0)


def _headings(evidence: Evidence) -> list[tuple[str, bool]]:
    """The headings that a record stands under and its task, each with whether it is a chapter."""
    record = evidence.record
    task = [(record.task, False)] if isinstance(record, Measure) else []
    return [*task, *((heading, n == 0) for n, heading in enumerate(record.path))]


def _line(reading: Reading, evidence: Evidence, desk: Desk) -> list[Statement]:
    record = evidence.record
    if isinstance(record, Measure) and record.target is not None:
        return fact.of_record(reading, evidence, desk.store)
    every = sentences(record.text)
    if len(record.text) <= WHOLE and not isinstance(record, Passage):
        clauses = every
    else:
        chosen = evidence.clauses(reading, figure=True, most=LINE)
        dated = [due.printed for due in record.due if due.basis == "text"]
        clauses = [c for c in every if c in chosen or _weighty(c.text, dated)]
    told = quoted(evidence, clauses, desk.store)
    deadline = getattr(record, "deadline", None)
    if deadline and deadline not in USUAL:
        label = desk.store.label(record.id)
        told.append(Statement(f"完成时限为{deadline}{label}。", "quoted", (record.id,)))
    return told


def _weighty(sentence: str, dated: Sequence[str]) -> bool:
    """Whether a sentence states an amount or date, or names a document or an action."""
    return states_amount(sentence) or _NAMED.search(sentence) is not None or any(d in sentence for d in dated)
