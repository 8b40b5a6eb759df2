"""What a question sets beside each other: places, plans, and the two periods of a plan of prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.types import Plan
from rag.editions import long_term
from rag.reading import Reading
from rag.topic import AHEAD


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: whose words, and the reading narrowed to it.

    `edition` says that the sides are editions of the same plans, which the name tells apart.
    """

    name: str
    reading: Reading
    edition: bool = False


def sides(reading: Reading, plans: Mapping[str, Plan]) -> list[Side]:
    """The sides of `reading`: the editions of plans, where it sets these beside each other.

    Otherwise plans of prose first, then the city, then districts; a question that names one side alone is
    compared with all the others.
    """
    if editions := _versions(reading, plans) or _years(reading, plans):
        return editions
    prose = [plan for plan in plans.values() if long_term(plan) and _means(plan, reading)]
    if prose and two_periods(reading):
        return [side for plan in prose for side in _periods(reading, plan)]
    districts = _districts(reading, plans, alone=not prose)
    return [
        *(Side(plan.short, _narrowed(reading, (plan.id,), ())) for plan in prose),
        *(
            Side(district or "全市", _narrowed(reading, _of_place(reading, plans, district), (district,)))
            for district in sorted(districts, key=bool)
        ),
    ]


def _versions(reading: Reading, plans: Mapping[str, Plan]) -> list[Side]:
    """The drafts and the final texts that replaced them, where both are named."""
    drafts = [plans[p] for p in reading.plans if plans[p].superseded_by in reading.plans]
    found: list[Side] = []
    for district in sorted(dict.fromkeys(draft.district for draft in drafts), key=bool):
        own = [draft for draft in drafts if draft.district == district]
        for name, ids in (
            ("征求意见稿", [draft.id for draft in own]),
            ("正式文本", [draft.superseded_by for draft in own]),
        ):
            narrowed = _narrowed(reading, tuple(dict.fromkeys(ids)), (district,))
            found.append(Side((district or "全市") + name, narrowed, edition=True))
    return found


def _years(reading: Reading, plans: Mapping[str, Plan]) -> list[Side]:
    """The years of the question for each place, of which it has a plan for more than one of them."""
    of_year = {
        year: [plan for plan in plans.values() if not long_term(plan) and year in plan.years]
        for year in sorted(reading.years)
    }
    if sum(map(bool, of_year.values())) < 2:
        return []
    named = [plans[p].district for p in reading.plans if not long_term(plans[p])]
    every = [plan.district for found in of_year.values() for plan in found]
    found: list[Side] = []
    for district in sorted(dict.fromkeys([*named, *reading.districts] or every), key=bool):
        own = {year: [p for p in there if p.district == district] for year, there in of_year.items()}
        if any(p.id in reading.plans for there in own.values() for p in there):
            own = {year: [p for p in there if p.id in reading.plans] for year, there in own.items()}
        if sum(map(bool, own.values())) > 1 or (district in reading.districts and any(own.values())):
            found += [_of_year(reading, district, year, there) for year, there in own.items() if there]
    return found if len(found) > 1 else []


def _of_year(reading: Reading, district: str, year: int, plans: Sequence[Plan]) -> Side:
    draft = "（征求意见稿）" if all(plan.status == "draft" for plan in plans) else ""
    narrowed = _narrowed(reading, tuple(plan.id for plan in plans), (district,))
    return Side(f"{district or '全市'}{year}年{draft}", narrowed, edition=True)


def two_periods(reading: Reading) -> bool:
    """Whether what a plan of prose reports of the years before it stands beside what it aims at."""
    only_city = not any(reading.districts)
    return reading.past and only_city and AHEAD.search(reading.text) is not None


def _means(plan: Plan, reading: Reading) -> bool:
    """Whether a plan of prose is one side: it is named, or one of several years is its own."""
    own_year = any(year in plan.years for year in reading.years)
    return plan.id in reading.plans or (own_year and len(reading.years) > 1)


def _periods(reading: Reading, plan: Plan) -> list[Side]:
    ahead = replace(reading, past=False)
    return [
        Side(f"{plan.short}所回顾的时期", _narrowed(reading, (plan.id,), ())),
        Side(plan.short, _narrowed(ahead, (plan.id,), ())),
    ]


def _districts(reading: Reading, plans: Mapping[str, Plan], *, alone: bool) -> list[str]:
    """The places beside each other; all that have a plan where the question names but one."""
    named = [plans[p].district for p in reading.plans if not long_term(plans[p])]
    found = list(dict.fromkeys([*named, *reading.districts]))
    if (
        not found
        and not alone
        and not reading.past
        and (_of_this_year(reading, plans) or not reading.outside)
    ):
        found = [""]
    if len(found) + (not alone) < 2:
        found += [p.district for p in plans.values() if not long_term(p)]
    return list(dict.fromkeys(found))


def _of_this_year(reading: Reading, plans: Mapping[str, Plan]) -> bool:
    return any(plan.year in reading.years for plan in plans.values() if not long_term(plan))


def _of_place(reading: Reading, plans: Mapping[str, Plan], district: str) -> tuple[str, ...]:
    """The plans of a place that are meant: those that the question names, or all."""
    own = [plan.id for plan in plans.values() if not long_term(plan) and plan.district == district]
    return tuple(p for p in own if p in reading.plans) or tuple(own)


def _narrowed(reading: Reading, plans: tuple[str, ...], districts: tuple[str, ...]) -> Reading:
    return replace(reading, plans=plans, districts=districts, years=(), outside=(), figures=())
