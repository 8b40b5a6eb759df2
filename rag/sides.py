"""What a question sets beside each other: places, plans, and the two periods of a plan of prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from corpus.types import Plan
from rag.reading import Reading
from rag.topic import AHEAD


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: whose words, and the reading narrowed to it."""

    name: str
    reading: Reading


def sides(reading: Reading, plans: Mapping[str, Plan]) -> list[Side]:
    """The sides of `reading`: plans of prose first, then the city, then districts.

    A question that names one side alone is compared with all the others.
    """
    prose = [plan for plan in plans.values() if plan.prose and _means(plan, reading)]
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
    named = [plans[p].district for p in reading.plans if not plans[p].prose]
    found = list(dict.fromkeys([*named, *reading.districts]))
    if (
        not found
        and not alone
        and not reading.past
        and (_of_this_year(reading, plans) or not reading.outside)
    ):
        found = [""]
    if len(found) + (not alone) < 2:
        found += [p.district for p in plans.values() if not p.prose]
    return list(dict.fromkeys(found))


def _of_this_year(reading: Reading, plans: Mapping[str, Plan]) -> bool:
    return any(plan.year in reading.years for plan in plans.values() if not plan.prose)


def _of_place(reading: Reading, plans: Mapping[str, Plan], district: str) -> tuple[str, ...]:
    """The plans of a place that are meant: those that the question names, or all."""
    own = [plan.id for plan in plans.values() if not plan.prose and plan.district == district]
    return tuple(p for p in own if p in reading.plans) or tuple(own)


def _narrowed(reading: Reading, plans: tuple[str, ...], districts: tuple[str, ...]) -> Reading:
    return replace(reading, plans=plans, districts=districts, years=(), outside=(), figures=())
