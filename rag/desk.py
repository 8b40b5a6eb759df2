"""What a route works with: the store, the finder of evidence, the plans' outline and headings.

Where a reader has chosen what to look in, they hold that and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from corpus.types import Plan
from index.filters import NO_FILTERS, Filters
from index.store import Store
from rag import selection
from rag.answer import Reply, Statement
from rag.editions import long_term
from rag.evidence import CITY, FIVE_YEAR, Evidence, EvidenceFinder, speaks_of_others
from rag.headings import Headings
from rag.near import holds
from rag.outline import Outline
from rag.reading import Reading
from rag.scope import described, parts_plans

WELL = 0.7  # share of the topic that a district's own measure must hold to answer it
BEYOND = Statement("所选范围以外有相关内容，取消范围后可再问。", "absence")
CLEARLY = 0.9  # share of it that the city's must hold to be told in place of one that holds less


@dataclass(frozen=True, slots=True)
class Chosen:
    """The evidence that an answer rests on, and what has to be said before it."""

    evidence: list[Evidence]
    opening: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What a route may consult.

    `plans` are those that have a record in the store's scope; `scope` is that in words (延庆区), empty
    where there is none; `years` are those of the plans of one year.
    """

    store: Store
    finder: EvidenceFinder
    outline: Outline
    headings: Headings
    plans: Mapping[str, Plan] = field(init=False)
    scope: str = field(init=False, default="")
    years: frozenset[int] = field(init=False)
    _held: NDArray[np.int64] = field(init=False, default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        plans: Mapping[str, Plan] = self.store.plans  # of a narrower store those that it may rest on
        if self.store.scope != NO_FILTERS:
            held, ranges = self.store.positions(NO_FILTERS), self.store.plan_table.ranges
            plans = {key: plan for key, plan in plans.items() if np.diff(held.searchsorted(ranges[key]))[0]}
            object.__setattr__(self, "_held", held)
            object.__setattr__(self, "scope", described(self.store.scope, self.store.every_plan))
        object.__setattr__(self, "plans", plans)
        yearly = (plan.year for plan in self.store.plans.values() if not long_term(plan))
        object.__setattr__(self, "years", frozenset(yearly))

    @property
    def within(self) -> str:
        """Where it looks, as a sentence opens: 所选范围（延庆区）内; nothing where that is everywhere."""
        return f"所选范围（{self.scope}）内" if self.scope else ""

    def scanned(self, wanted: Filters) -> Filters:
        """The filters by which the whole store gives what a scan for `wanted` gives here."""
        return replace(wanted, both=(*wanted.both, *self.store.narrowing))

    def outside(self, ids: Iterable[str]) -> list[str]:
        """What is wrong with an answer that cites `ids` here: those that the scope, or what stands, lacks."""
        return [
            f"{i} 不在{self.within or '所据的计划'}"
            for i in ids
            if (self.scope and not holds(self._held, self.store.places[i]))
            or i.partition("/")[0] not in self.store.plans
        ]

    def left_out(self, reading: Reading) -> list[str]:
        """What a question is said to be about and no plan of the scope is of: 怀柔区, 市绿色低碳."""
        if reading.plans:
            return [self.store.every_plan[plan].short for plan in reading.plans if plan not in self.plans]
        held = {plan.district for plan in self.plans.values()}
        return [district or "市级计划" for district in _places(reading) if district not in held]

    def lacks(self, reading: Reading) -> bool:
        """Whether all that a question is said to be about lies outside of the scope."""
        named = reading.plans or _places(reading)
        return bool(named) and len(self.left_out(reading)) == len(named)

    def qualified(self, reply: Reply, reading: Reading) -> Reply:
        """An answer with what has to be said of the scope: what was not looked at, or is not whole."""
        statements = reply.statements
        if reply.route == "outline" and parts_plans(self.store.scope):
            statements = [Statement(f"以下只是{self.within}的内容。", "absence"), *statements]
        if reply.route != "chat" and (names := self.left_out(reading)):
            said = f"{'、'.join(names)}不在{self.within}，没有查找。"
            statements = [*statements, Statement(said, "absence")]
        return replace(reply, statements=statements)

    def choose(self, reading: Reading) -> Chosen:
        """The evidence that answers `reading`; of a district without a fitting plan, the city's."""
        chosen = selection.select(reading, self.finder.find(reading))
        if reading.outside and not reading.districts:
            return (
                Chosen(chosen, (_of_the_city(reading.outside, chosen, own=False),)) if chosen else Chosen([])
            )
        if reading.kind == "duty" and not reading.placed and not reading.mentions:
            return Chosen(chosen, self._of_districts_alone(chosen))
        own = tuple(district for district in reading.districts if district)
        fixed = reading.plans or reading.numbers.task is not None or "" in reading.districts
        if not own or fixed or (chosen and max(e.together for e in chosen) >= WELL):
            return Chosen(chosen)
        beyond = replace(reading, districts=(), outside=own)
        city = [e for e in selection.select(beyond, self.finder.find(beyond)) if e.supported]
        if chosen and not (city and city[0].together >= CLEARLY and city[0].coverage >= CLEARLY):
            return Chosen(chosen)
        alike = reading.kind == "duty" and not reading.roles  # 归谁管: the city's measure holds there too
        city = [e for e in city if e.naming or (alike and not speaks_of_others(e.record))]
        return Chosen(city, (_of_the_city(own, city, own=True),)) if city else Chosen(chosen)

    def _of_districts_alone(self, evidence: list[Evidence]) -> tuple[Statement, ...]:
        """That the city's plans say nothing of it, where a caller names no place and one district's does."""
        levels = dict.fromkeys(e.level for e in evidence)
        if not levels or any(level in (CITY, FIVE_YEAR) for level in levels):
            return ()
        if all(plan.district for plan in self.plans.values()):
            return ()  # the city's are not in the scope
        of = "、".join(levels)
        said = f"{self.within}市级计划中没有找到相应措施，以下是{of}计划中的措施。"
        return (Statement(said, "absence"),)


def _places(reading: Reading) -> tuple[str, ...]:
    """The places whose plans speak of what is asked: of a district without any, the city's."""
    return reading.districts or (("",) if reading.outside else ())


def _of_the_city(districts: tuple[str, ...], evidence: list[Evidence], *, own: bool) -> Statement:
    """That a district's own plan is not here, or says nothing of it, and whose words follow."""
    names = "、".join(districts)
    lack = f"{names}自己的计划中没有找到相应措施" if own else f"本库没有{names}自己的计划"
    how = {
        "named": f"以下是市级计划中写明{names}的措施",
        "meant": "以下是市级计划中写明各区（或相关区）的措施",
        "": "以下是市级计划中面向全市的措施",
    }
    kinds = dict.fromkeys(e.naming for e in evidence)
    said = how["named" if "named" in kinds else "meant" if "meant" in kinds else ""]
    return Statement(f"{lack}，{said}。", "absence")
