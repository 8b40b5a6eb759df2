"""A question that fits several things: each is said in a line, by plan, and the asker chooses."""

from __future__ import annotations

import re

from index.filters import Filters, Kind
from index.store import searchable
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.evidence import FIVE_YEAR, Evidence
from rag.figures import Figure, figures
from rag.landmarks import of_the_kind
from rag.likeness import SAME, alike
from rag.reading import Reading
from rag.routes import deadline, duty, fact
from rag.routes.wording import indicator, quoted
from rag.selection import fit
from rag.spans import sentences, with_target

_LATIN = re.compile(r"[a-z][\w.\-]*", re.ASCII)
_AMOUNT = re.compile(
    r"\d[\d.,]*%?|百分之[零一二三四五六七八九十百]+|下降|降低|上升|提高|增长|超过|以上|以下|达到"
)
SHORT = 7  # characters of a topic up to which it may fit several things
PLACED = 5  # the same where it says a place
FIGURE_ALONE = 3  # characters of a topic beside an amount that say no more than it
CLOSE = 0.7  # share of the best strength that another matter needs to be meant as well
HELD = 0.6  # share of the topic that each candidate must hold
HELD_AT_ALL = 0.6  # the same where nothing answers clearly
MOST = 6


def fallback(reading: Reading, desk: Desk) -> Reply | None:
    """What holds a short topic at all, where nothing answers the question clearly."""
    if not may_be_several(reading, desk):
        return None
    found = [e for e in _of_the_year(fit(reading, desk.finder.find(reading))) if e.together >= HELD_AT_ALL]
    matters = _of_the_kind(reading, _matters(found))[:MOST]
    if len(matters) < 2 and not any(e.coverage >= 1 for e in matters):
        return None
    return _choice(reading, matters, desk)


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The candidates, a line each; None where the question is about one thing."""
    matters = _by_figure(reading, desk) if reading.figures and _says_no_more(reading) else []
    if not matters:
        if not may_be_several(reading, desk):
            return None
        found = [e for e in _of_the_year(fit(reading, desk.finder.find(reading))) if e.coverage >= HELD]
        top = found[0].strength if found else 0.0
        matters = _of_the_kind(reading, _matters([e for e in found if e.strength >= CLOSE * top]))
        if len(matters) < 2 or (reading.placed and min(e.coverage for e in matters[:2]) < 1):
            return None
    return _choice(reading, matters[:MOST], desk)


def _choice(reading: Reading, matters: list[Evidence], desk: Desk) -> Reply:
    """A line on each of the matters, and narrower questions to choose from."""
    statements = [s for matter in matters for s in _line(reading, matter, desk)]
    return Reply("clarify", statements, clarify=True, suggestions=_narrower(reading, matters[:3]))


def _says_no_more(reading: Reading) -> bool:
    """Whether the question says no more than an amount, or which way it goes (那个下降10%)."""
    return len(_AMOUNT.sub("", reading.topic).replace(" ", "")) <= FIGURE_ALONE


def _by_figure(reading: Reading, desk: Desk) -> list[Evidence]:
    """The measures that state the very amount that is all the question says (“5家”指什么)."""
    prose = bool(reading.plans) and all(desk.store.plans[plan].prose for plan in reading.plans)
    kind: Kind = "passage" if prose else "measure"
    there = desk.store.scan(Filters(plans=reading.plans, districts=reading.districts, kinds=(kind,)))
    return _matters(
        [
            Evidence(record, desk.store.plans[record.plan], 1.0, 1.0)
            for record in there
            if all(holds(with_target(record), figure) for figure in reading.figures)
        ]
    )


def holds(text: str, figure: Figure) -> bool:
    """Whether `text` states the very amount."""
    return any((f.value, f.unit) == (figure.value, figure.unit) and f.top is None for f in figures(text))


def may_be_several(reading: Reading, desk: Desk) -> bool:
    """Whether so little is said that several things may be meant."""
    bare = reading.topic.replace(" ", "")
    named = reading.mentions or reading.quoted or reading.outside or set(reading.years) - desk.years
    if reading.placed and (len(bare) > PLACED or reading.kind == "summary" or reading.plans):
        return False
    return 0 < len(bare) <= SHORT and not named and reading.kind in ("fact", "duty", "deadline", "summary")


def _of_the_year(evidence: list[Evidence]) -> list[Evidence]:
    """The measures; passages of the five-year plan only where no measure fits."""
    return [e for e in evidence if e.level != FIVE_YEAR] or evidence


def _matters(evidence: list[Evidence]) -> list[Evidence]:
    """One of each matter: versions of one measure at several levels are the same."""
    kept: list[Evidence] = []
    for e in evidence:
        if not any(alike(e.record.text, other.record.text) >= SAME for other in kept):
            kept.append(e)
    return kept


def _of_the_kind(reading: Reading, matters: list[Evidence]) -> list[Evidence]:
    """Of a river that stands in no plan, what is on waters at all."""
    names = reading.landmarks.unwritten
    return [e for e in matters if of_the_kind(names, searchable(e.record))] if names else matters


def _line(reading: Reading, found: Evidence, desk: Desk) -> list[Statement]:
    if "duty" in reading.aspects:
        return duty.answer(reading, [found], desk.store)
    if "deadline" in reading.aspects:
        return deadline.of_record(reading, found, desk.store)
    stating = [c for c in sentences(found.record.text) if any(holds(c.text, f) for f in reading.figures)]
    if reading.figures and stating and indicator(found.record) is None:
        return quoted(found, stating, desk.store)
    return fact.of_record(reading, found, desk.store)


def _narrower(reading: Reading, matters: list[Evidence]) -> tuple[str, ...]:
    topic = _LATIN.sub(lambda name: name.group().upper(), max(reading.topic.split(), key=len))
    return tuple(dict.fromkeys(f"{e.plan.short}中的{topic}" for e in matters))
