"""Which of the evidence an answer rests on: complete over the levels, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.normal import normal
from corpus.places import places
from corpus.types import Passage
from index.store import searchable
from rag.claims import same_amount
from rag.coverage import Topic
from rag.evidence import FIVE_YEAR, NEAR, Evidence
from rag.figures import Figure, figures, states_amount
from rag.landmarks import of_another
from rag.likeness import SAME, alike
from rag.reading import Reading
from rag.spans import with_target

SAME_LEVEL = 0.94  # share of its level's best strength that a second measure needs
MOST_A_LEVEL = 3
NAMED = 0.6  # share of the best strength that a measure needs which names the district in question
AS_MUCH, WELL = 0.7, 0.9  # share of what the best holds of the topic that it must hold, where that is much
NAMED_HELD = 0.5  # share of the topic that such a measure must hold, where it is among the strongest
SAID = 0.6  # the same where it is not
_AIM = re.compile(r"目标")
_SHARE = re.compile(r"目标|比例|指标|占比|[达盖用]标?率")
_EACH_DISTRICT = re.compile(r"各区|每区|每个区|区级")
SEVERAL = 0.8  # the same where the question asks for several amounts
CLEARLY = 0.88  # share of a passage's strength below which the year's measures are not what is asked for
AIM = 0.12  # what a plan's section of targets adds where a target is asked for
_REGION = re.compile(r"津冀|京冀|天津|河北|区域(?:协同|联动|联合|大气|生态)|跨区域|跨省|周边")
FOCUSED = 0.4  # share of the words that a follow-up adds which a measure must hold
ALL_BUT = 0.8  # share of what the best measure holds of them that it must hold
THEIRS = 0.8  # share of the best strength that a measure of a department named in the question needs
AGAIN = 0.7  # share of the best strength that what states the same again needs
SPOKEN_OF = 0.8  # share of one of several things asked for that a measure on it must hold
FURTHER = 0.6  # share of the best strength that a measure on another of the things asked for needs
_NEXT = "十五五"
FIGURE = 0.3  # what a figure in the sentence in point adds, within its level, where one is asked for


def select(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence that answers `reading`, level by level; empty where it must be refused."""
    fits = fitting = fit(reading, evidence)
    best_found = max((e.strength for e in fitting), default=0.0)
    fitting = [e for e in fitting if e.supported or _names_it(e, best_found)]
    if reading.outside and not reading.districts:
        fitting = _of_district(reading, fitting)
    fitting = _preferred(reading, fitting)
    if not fitting or reading.by_number:
        return fitting
    top = max(e.strength for e in fitting)
    chosen: list[Evidence] = []
    for level in dict.fromkeys(e.level for e in fitting):
        of_level = [e for e in fitting if e.level == level]
        named = level in reading.districts and len(reading.districts) > 1
        if of_level[0].strength < (NAMED if named else NEAR) * top:
            continue
        chosen += closest(of_level, SEVERAL if reading.amounts > 1 else SAME_LEVEL)
    chosen = _without_five_year(reading, chosen)
    chosen += _further(reading, chosen, fitting)
    whose = reading.placed or any(e.concerned for e in chosen)
    return chosen if whose else chosen + _versions(chosen, fits)


def _preferred(reading: Reading, fitting: list[Evidence]) -> list[Evidence]:
    """Of what fits, what holds the words that a follow-up adds, then what the named departments do."""
    if reading.focus:
        focus = Topic(reading.focus)
        shares = [focus.share(focus.held(searchable(e.record))) for e in fitting]
        least = max([FOCUSED, *(ALL_BUT * share for share in shares)])
        held = [e for e, share in zip(fitting, shares, strict=True) if share >= least]
        fitting = held or fitting
    top = max((e.strength for e in fitting), default=0.0)
    theirs = [e for e in fitting if e.concerned]
    return theirs if any(e.strength >= THEIRS * top for e in theirs) else fitting


def stating_the_same(best: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """What else a level has that states the very figure or target: an indicator, and its measure."""

    def amounts(e: Evidence) -> set[tuple[object, str]]:
        return {(f.value, f.unit) for f in figures(with_target(e.record)) if not f.spelled}

    return [
        e
        for e in evidence[:5]
        if e.record.id != best.record.id
        and (e.record.plan != best.record.plan or isinstance(e.record, Passage))
        and e.strength >= AGAIN * best.strength
        and e.level == best.level
        and (amounts(e) & amounts(best) or _target_of(best, e) or _target_of(e, best))
    ][:1]


def _target_of(indicator: Evidence, e: Evidence) -> bool:
    """Whether a record's text says the target of an indicator in its words (保持零填埋)."""
    target = getattr(indicator.record, "target", None)
    return target is not None and target in e.record.text


def _further(reading: Reading, chosen: list[Evidence], fitting: list[Evidence]) -> list[Evidence]:
    """Of several things asked for at once (固定设备、施工各多少项), what the chosen ones lack."""
    offered = reading.wants_figure and "还是" in reading.text
    if not chosen or not (reading.amounts > 1 or offered):
        return []
    found: list[Evidence] = []
    for word in reading.topic.split():
        thing = Topic(word)
        if any(_speaks_of(thing, e) for e in (*chosen, *found)):
            continue
        near = [
            e for e in fitting if e.level == chosen[0].level and e.strength >= FURTHER * chosen[0].strength
        ]
        found += [e for e in near if _speaks_of(thing, e)][:1]
    return found


def _speaks_of(thing: Topic, evidence: Evidence) -> bool:
    return thing.share(thing.held(searchable(evidence.record))) >= SPOKEN_OF


def _names_it(evidence: Evidence, best_found: float) -> bool:
    """Whether a city measure names the district in question and is about the matter."""
    near = evidence.strength >= NEAR * best_found
    return evidence.naming == "named" and evidence.together >= (NAMED_HELD if near else SAID)


def fit(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence that does not contradict `reading` in year, place, figure or what is absent."""
    fitting = [e for e in evidence if _in_years(reading, e)]
    if reading.past:
        fitting = [e for e in fitting if _looks_back(e)] or fitting
    elif not _tells_of_past(reading, fitting):
        fitting = [e for e in fitting if not _looks_back(e)] or fitting
    if reading.absent:
        fitting = [e for e in fitting if _says_all(reading, e)]
    if reading.elsewhere:
        fitting = [e for e in fitting if _says_of_elsewhere(reading, e)]
    fitting = _on_landmarks(reading, [e for e in fitting if _agrees(reading, e)])
    return aimed(fitting) if _AIM.search(reading.text) else fitting


def _on_landmarks(reading: Reading, fitting: list[Evidence]) -> list[Evidence]:
    """`fitting` without what speaks of another river or reservoir: for 官厅水库 none of 密云水库 alone."""
    asked = (*reading.landmarks.printed, *reading.landmarks.unwritten)
    return [e for e in fitting if not of_another(asked, normal(e.record.text))] if asked else fitting


def _says_of_elsewhere(reading: Reading, evidence: Evidence) -> bool:
    """Whether the record names the places elsewhere, or speaks of work with the neighbours that they are."""
    text = normal(evidence.record.text)
    with_them = set(reading.elsewhere) <= places().neighbours and not reading.wants_figure
    return all(name in text for name in reading.elsewhere) or (with_them and _REGION.search(text) is not None)


def _tells_of_past(reading: Reading, fitting: list[Evidence]) -> bool:
    """Whether what a plan of prose reports of the years before it is clearly what it is asked for."""
    if not reading.plans or reading.years or _AIM.search(reading.text) or not fitting:
        return False
    ahead = max((e.strength for e in fitting if not _looks_back(e)), default=0.0)
    return _looks_back(fitting[0]) and fitting[0].supported and ahead < CLEARLY * fitting[0].strength


def aimed(evidence: list[Evidence]) -> list[Evidence]:
    """The evidence, a plan's section of targets first: a target was asked for."""
    raised = [replace(e, strength=e.strength + AIM) if _of_targets(e) else e for e in evidence]
    return sorted(raised, key=lambda e: -e.strength)


def _of_targets(evidence: Evidence) -> bool:
    target = getattr(evidence.record, "target", None)
    return target is not None or any(_AIM.search(title) for title in evidence.record.path)


def closest(of_level: list[Evidence], share: float = SAME_LEVEL) -> list[Evidence]:
    """Of the evidence of one level the strongest, with what is as strong."""
    worth = {e.record.id: e.strength + FIGURE * e.figure for e in of_level}
    most = max(worth.values())
    close = [e for e in of_level if worth[e.record.id] >= share * most]
    return sorted(close, key=lambda e: -worth[e.record.id])[:MOST_A_LEVEL]


def _versions(chosen: list[Evidence], evidence: list[Evidence]) -> list[Evidence]:
    """Other levels' versions of what was chosen: the question names no place, so all are meant."""
    found = []
    levels = {e.level for e in chosen} | {FIVE_YEAR}
    top = max((e.strength for e in chosen), default=0.0)
    for e in evidence:
        if (
            e.level not in levels
            and e.strength >= NAMED * top
            and any(alike(e.record.text, c.record.text) >= SAME for c in chosen)
        ):
            found.append(e)
            levels.add(e.level)
    return found


def _of_district(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """City measures for a district without a plan here: those that name it, else that mean it.

    A figure is the district's only where the measure speaks of districts.
    """
    if not evidence:
        return []
    if reading.kind not in ("duty", "deadline") and (reading.wants_figure or _SHARE.search(reading.text)):
        evidence = [e for e in evidence if _figure_of_districts(reading, e)]
        if not evidence:
            return []
    top = evidence[0].strength
    most = max(e.together for e in evidence if e.strength >= NEAR * top)
    held = AS_MUCH * most if most >= WELL else 0.0
    named = [e for e in evidence if e.naming == "named" and e.strength >= NAMED * top and e.together >= held]
    meant = [e for e in evidence if e.naming == "meant" and e.strength >= NEAR * top]
    if named or meant:
        return named or meant
    return [] if "duty" not in reading.aspects else [e for e in evidence if e.strength >= NEAR * top]


def _figure_of_districts(reading: Reading, evidence: Evidence) -> bool:
    """Whether the figure in point is said of the district, or of every district alike."""
    clauses = evidence.clauses(reading, figure=True, most=1)
    said = clauses[0].text if clauses else ""
    names = [district.removesuffix("区") for district in reading.outside]
    spoken_of = any(name in said for name in names) or _EACH_DISTRICT.search(said) is not None
    return spoken_of and (states_amount(said) or not reading.wants_figure)


def nearest(reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
    """What the plans say instead, where a figure in the question is in none of them."""
    return select(replace(reading, figures=()), evidence) if reading.figures else []


def _agrees(reading: Reading, evidence: Evidence) -> bool:
    """An amount that the question states stands in the record (a wrong one is not agreed to).

    Of several, offered to choose from (44%还是52%), one will do.
    """
    held = [holds_figure(evidence, figure) for figure in reading.figures]
    return not held or (any(held) if "还是" in reading.text else all(held))


def holds_figure(evidence: Evidence, figure: Figure) -> bool:
    """Whether the record states the amount, with whatever bound."""
    return any(same_amount(figure, other) for other in figures(with_target(evidence.record)))


def _looks_back(evidence: Evidence) -> bool:
    return isinstance(evidence.record, Passage) and bool(evidence.record.period)


def _in_years(reading: Reading, evidence: Evidence) -> bool:
    """Every year of the question is the plan's, within the five-year plan, or printed.

    Of several years, which are compared, one will do.
    """
    if not reading.years and _NEXT not in reading.text:
        return True
    text = normal(evidence.record.text)
    if _NEXT in reading.text and _NEXT not in text:
        return False
    fitting = [_covers(evidence, year, text) for year in reading.years]
    return any(fitting) if reading.kind == "compare" and fitting else all(fitting)


def _covers(evidence: Evidence, year: int, text: str) -> bool:
    plan = evidence.plan
    if f"{year}年" in text or f"{year}-" in text:
        return True
    if plan.prose and year in plan.years[:-1]:
        return False  # it sets targets for its last year, and tells of the years before its first
    return year in (plan.years_before if _looks_back(evidence) else plan.years)


def _says_all(reading: Reading, evidence: Evidence) -> bool:
    """The record itself says the words that plans as a rule do not hold."""
    text = normal(evidence.record.text)
    stated = [figure.unit for figure in figures(evidence.record.text)]
    for absent in reading.absent:
        in_unit = bool(absent.unit) and any(unit.endswith(absent.unit) for unit in stated)
        said = all(match.group() in text for match in absent.pattern.finditer(reading.text))
        if not (said or (in_unit and evidence.supported)):
            return False
    return True


def _without_five_year(reading: Reading, chosen: list[Evidence]) -> list[Evidence]:
    """Leave the five-year plan out where a plan of the year answers and it was not asked for."""
    of_the_year = [e for e in chosen if e.level != FIVE_YEAR]
    if reading.plans or not of_the_year:
        return chosen
    passages = [e for e in chosen if e.level == FIVE_YEAR]
    stated = any(e.figure for e in of_the_year) or not any(e.figure for e in passages)
    if reading.wants_figure and reading.years and not stated:
        return passages  # 2025年要到多少: that year's plans state none, the five-year plan does
    clearly = max((e.strength for e in passages), default=0) * CLEARLY > max(e.strength for e in of_the_year)
    return passages if clearly else of_the_year
