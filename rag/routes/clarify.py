"""A question that fits several things: each is said in a line, by plan, and the asker chooses."""

from __future__ import annotations

from rag.answer import Reply
from rag.desk import Desk
from rag.evidence import Evidence
from rag.likeness import SAME, alike
from rag.reading import Reading
from rag.routes import deadline, duty, fact
from rag.selection import fit

SHORT = 7  # characters of a topic up to which it may fit several things
CLOSE = 0.8  # share of the best strength that another matter needs to be meant as well
HELD = 0.75  # share of the topic that each candidate must hold
MOST = 6


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The candidates, a line each; None where the question is about one thing."""
    if not may_be_several(reading):
        return None
    found = [e for e in fit(reading, desk.finder.find(reading)) if e.coverage >= HELD]
    if not found:
        return None
    close = [e for e in found if e.strength >= CLOSE * found[0].strength]
    matters = _matters(close)
    if len(matters) < 2:
        return None
    statements = []
    for matter in matters[:MOST]:
        statements += _line(reading, matter, desk)
    return Reply("clarify", statements, clarify=True, suggestions=_narrower(reading, matters[:3]))


def may_be_several(reading: Reading) -> bool:
    """Whether so little is said that several things may be meant."""
    bare = reading.topic.replace(" ", "")
    named = reading.placed or reading.mentions or reading.quoted or reading.years
    return 0 < len(bare) <= SHORT and not named and reading.kind in ("fact", "duty", "deadline", "summary")


def _matters(evidence: list[Evidence]) -> list[Evidence]:
    """One of each matter: versions of one measure at several levels are the same."""
    kept: list[Evidence] = []
    for e in evidence:
        if not any(alike(e.record.text, other.record.text) >= SAME for other in kept):
            kept.append(e)
    return kept


def _line(reading: Reading, found: Evidence, desk: Desk):  # type: ignore[no-untyped-def]
    if "duty" in reading.aspects:
        return duty.answer(reading, [found], desk.store)
    if "deadline" in reading.aspects:
        return deadline.of_record(reading, found, desk.store)
    return fact.of_record(reading, found, desk.store)


def _narrower(reading: Reading, matters: list[Evidence]) -> tuple[str, ...]:
    return tuple(f"{e.plan.short}中的{reading.topic}" for e in matters)
