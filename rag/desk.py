"""What a route works with: the store, the finder of evidence, the plans' outline and headings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.store import Store
from rag import selection
from rag.answer import Statement
from rag.evidence import CITY, FIVE_YEAR, Evidence, EvidenceFinder, speaks_of_others
from rag.headings import Headings
from rag.outline import Outline
from rag.reading import Reading

WELL = 0.7  # share of the topic that a district's own measure must hold to answer it
CLEARLY = 0.9  # share of it that the city's must hold to be told in place of one that holds less


@dataclass(frozen=True, slots=True)
class Chosen:
    """The evidence that an answer rests on, and what has to be said before it."""

    evidence: list[Evidence]
    opening: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What a route may consult."""

    store: Store
    finder: EvidenceFinder
    outline: Outline
    headings: Headings

    @property
    def years(self) -> set[int]:
        """The years of the plans of one year."""
        return {plan.year for plan in self.store.plans.values() if not plan.prose}

    def choose(self, reading: Reading) -> Chosen:
        """The evidence that answers `reading`; of a district without a fitting plan, the city's."""
        chosen = selection.select(reading, self.finder.find(reading))
        if reading.outside and not reading.districts:
            return (
                Chosen(chosen, (_of_the_city(reading.outside, chosen, own=False),)) if chosen else Chosen([])
            )
        if reading.kind == "duty" and not reading.placed and not reading.mentions:
            return Chosen(chosen, _of_districts_alone(chosen))
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


def _of_districts_alone(evidence: list[Evidence]) -> tuple[Statement, ...]:
    """That the city's plans say nothing of it, where a caller names no place and one district's does."""
    levels = dict.fromkeys(e.level for e in evidence)
    if not levels or any(level in (CITY, FIVE_YEAR) for level in levels):
        return ()
    return (Statement(f"市级计划中没有找到相应措施，以下是{'、'.join(levels)}计划中的措施。", "absence"),)


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
