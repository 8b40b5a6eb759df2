"""Which of the evidence an answer rests on: complete over the levels, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from corpus.normal import normal
from corpus.types import Passage
from rag.evidence import NEAR, Evidence
from rag.figures import Figure, figures
from rag.reading import Reading

SAME_LEVEL = 0.94  # share of its level's best strength that a second measure needs
MOST_A_LEVEL = 3
SURE = 0.6  # coverage that a city measure needs to speak for a district without a plan here
_NEXT = "十五五"
FIGURE = 0.3  # what a figure in the sentence in point adds, within its level, where one is asked for


def select(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence that answers `reading`, level by level; empty where it must be refused."""
    fitting = [e for e in evidence if e.supported and _in_years(reading, e)]
    if reading.outside and not reading.districts:
        fitting = [e for e in fitting if e.coverage >= SURE]
    if reading.past:
        fitting = [e for e in fitting if _looks_back(e)] or fitting
    else:
        fitting = [e for e in fitting if not _looks_back(e)] or fitting
    if reading.absent:
        fitting = [e for e in fitting if _says_all(reading, e)]
    if reading.elsewhere:
        fitting = [e for e in fitting if all(name in normal(e.record.text) for name in reading.elsewhere)]
    fitting = [e for e in fitting if _agrees(reading, e)]
    if not fitting:
        return []
    if reading.by_number:
        return fitting
    top = max(e.strength for e in fitting)
    chosen: list[Evidence] = []
    for level in dict.fromkeys(e.level for e in fitting):
        of_level = [e for e in fitting if e.level == level]
        named = level in reading.districts and len(reading.districts) > 1
        if of_level[0].strength < (0.6 if named else NEAR) * top:
            continue
        worth = {e.record.id: e.strength + FIGURE * e.figure for e in of_level}
        best = max(worth.values())
        close = [e for e in of_level if worth[e.record.id] >= SAME_LEVEL * best]
        chosen += sorted(close, key=lambda e: -worth[e.record.id])[:MOST_A_LEVEL]
    return _without_five_year(reading, chosen)


def nearest(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """What the plans say instead, where a figure in the question is in none of them."""
    return select(replace(reading, figures=()), evidence) if reading.figures else []


def _agrees(reading: Reading, evidence: Evidence) -> bool:
    """An amount that the question states stands in the record (a wrong one is not agreed to).

    Of several, offered to choose from (44%还是52%), one will do.
    """
    held = [holds_figure(evidence, figure) for figure in reading.figures]
    return any(held) if "还是" in reading.text else all(held)


def holds_figure(evidence: Evidence, figure: Figure) -> bool:
    """Whether the record states the amount, with whatever bound."""
    target = getattr(evidence.record, "target", None) or ""
    stated = figures(f"{evidence.record.text}|{target}")
    return any(figure.value in (other.value, other.top) for other in stated)


def _looks_back(evidence: Evidence) -> bool:
    return isinstance(evidence.record, Passage) and bool(evidence.record.period)


def _in_years(reading: Reading, evidence: Evidence) -> bool:
    """Every year of the question is the plan's, within the five-year plan, or printed."""
    text = normal(evidence.record.text)
    if _NEXT in reading.text and _NEXT not in text:
        return False
    for year in reading.years:
        plan = evidence.plan
        if f"{year}年" in text or f"{year}-" in text:
            continue
        length = plan.last_year - plan.first_year + 1
        before = range(plan.first_year - length, plan.first_year)
        if year not in (before if _looks_back(evidence) else range(plan.first_year, plan.last_year + 1)):
            return False
    return True


def _says_all(reading: Reading, evidence: Evidence) -> bool:
    """The record itself says the words that plans as a rule do not hold."""
    text = normal(evidence.record.text)
    asked = [match.group() for absent in reading.absent for match in absent.pattern.finditer(reading.text)]
    return all(words in text for words in asked)


def _without_five_year(reading: Reading, chosen: list[Evidence]) -> list[Evidence]:
    """Leave the five-year plan out where a plan of the year answers and it was not asked for."""
    of_the_year = [e for e in chosen if not isinstance(e.record, Passage)]
    return chosen if reading.plans or not of_the_year else of_the_year
