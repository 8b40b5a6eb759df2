"""Which measures of the city and of a district answer each other: the nearest by their vectors in the index.

Plans are compared where the other level has one on the same matter: that a district's measure is like none
of the city's says nothing where the store holds no plan of the city on its matter at all. Of each plan only
the newest edition in force takes part.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corpus.places import places
from corpus.types import Level, Plan
from index.filters import Filters
from index.store import Store
from index.vectors import VectorSearch
from rag.editions import plain_short
from rag.options import CITY

THRESHOLD = 0.55
"""The cosine from which a district's measure counts as an answer to the city's.

Set on half of the pairs in tests/rag/counterpart_pairs.csv, which were judged by reading both texts, for
the shipped embedding model; the other half checks it. Cosine was as good there as the share of common
characters or BM25, alone or beside it, and the only one that puts the right measure first every time.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A measure of a district, one of the city, and their cosine; one is the nearest to the other."""

    district: str
    city: str
    similarity: float


def subject(plan: Plan) -> str:
    """What a plan is on: its short name without its place. 市绿色低碳 and 延庆绿色低碳 are on 绿色低碳."""
    names = {plan.district, plan.district.removesuffix("区")} if plan.district else set(CITY)
    names |= {name for name, district in places().districts.items() if district == plan.district}
    short = plain_short(plan)
    place = max((name for name in names if name and short.startswith(name)), key=len, default="")
    return short.removeprefix(place)


class Counterparts(ABC):
    """The nearest measure at the other level for each measure of a table.

    Args:
        store: with all records.
        current: the plans that take part: the newest editions in force.
    """

    nearest: Mapping[str, Pair]
    """By the district's measure, in print order."""
    nearest_in: Mapping[str, Mapping[str, Pair]]
    """By the district, then by the city's measure: the nearest of all measures of that district."""

    def __init__(self, store: Store, current: Iterable[str]) -> None:
        self._store = store
        held = frozenset(current)
        self.plans: tuple[Plan, ...] = tuple(
            plan for plan in store.plans.values() if plan.id in held and not plan.prose
        )
        """Those that have measures."""

    def measures(self, plans: Iterable[Plan]) -> NDArray[np.int64]:
        """The positions of the measures of `plans`, in print order."""
        ids = tuple(plan.id for plan in plans)
        found = self._store.positions(Filters(plans=ids, kinds=("measure",))) if ids else ()
        return np.asarray(found, dtype=np.int64)

    def at(self, level: Level) -> NDArray[np.int64]:
        """The positions of the measures of a level."""
        return self.measures(plan for plan in self.plans if plan.level == level)

    @cached_property
    def of_district(self) -> Mapping[str, Sequence[Plan]]:
        """The plans of each district, in their order."""
        found: dict[str, list[Plan]] = {}
        for plan in self.plans:
            if plan.district:
                found.setdefault(plan.district, []).append(plan)
        return found

    @property
    def districts(self) -> tuple[str, ...]:
        """The districts that have a plan on the matter of one of the city's, in the order of the plans."""
        compared = (plan.district for plan in self.plans if plan.district and self.compared(plan, ""))
        return tuple(dict.fromkeys(compared))

    def compared(self, plan: Plan, place: str) -> bool:
        """Whether the store holds a plan of `place` (a district, or "" for the city) on what `plan` is on."""
        matter = subject(plan)
        return any(other.district == place and subject(other) == matter for other in self.plans)

    @abstractmethod
    def of(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """What counts as the same matter at the other level, nearest first.

        For a district's measure the city's, if it is near enough; for one of the city's all that answer it.
        """

    @abstractmethod
    def alike(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """The same from either side: for one of the city's also the nearest of each district."""


class AllPairs(Counterparts):
    """All of a store, found at once."""

    def __init__(self, store: Store, current: Iterable[str], vectors: VectorSearch) -> None:
        super().__init__(store, current)
        city = self.at("市")
        nearest = _nearest(store, vectors, self.at("区"), city)
        self.nearest = {one: Pair(one, other, near) for one, other, near in nearest}
        self.nearest_in = {
            district: {
                one: Pair(other, one, near)
                for one, other, near in _nearest(store, vectors, city, self.measures(own))
            }
            for district, own in self.of_district.items()
        }
        answers: dict[str, list[Pair]] = defaultdict(list)
        for pair in sorted(self.nearest.values(), key=lambda pair: -pair.similarity):
            answers[pair.city].append(pair)
        self._answers = dict(answers)

    def of(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """See `Counterparts`."""
        own = self.nearest.get(record_id)
        pairs = [own] if own else self._answers.get(record_id, [])
        return [pair for pair in pairs if pair.similarity >= threshold]

    def alike(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """See `Counterparts`."""
        nearest = [pairs[record_id] for pairs in self.nearest_in.values() if record_id in pairs]
        near = [pair for pair in nearest if pair.similarity >= threshold]
        return either(near, self.of(record_id, threshold))


def either(near: Iterable[Pair], answers: Iterable[Pair]) -> list[Pair]:
    """Pairs found from both sides, each once, nearest first.

    One that is nearest from both sides was calculated twice, and may differ in the last digit.
    """
    found = {(pair.district, pair.city): pair for pair in [*near, *answers]}
    return sorted(found.values(), key=lambda pair: -pair.similarity)


def _nearest(
    store: Store, vectors: VectorSearch, own: NDArray[np.int64], others: NDArray[np.int64]
) -> list[tuple[str, str, float]]:
    """For each place of `own` in the store: its id, the id of the nearest of `others`, their cosine."""
    if not len(own) or not len(others):
        return []
    cosines = vectors.rows(own) @ vectors.rows(others).T
    # A vector of zeros (a text without a known word) is near nothing.
    values = np.clip(cosines.max(axis=1), 0, 1)
    best = cosines.argmax(axis=1).tolist()
    return [
        (store.ids[place], store.ids[int(others[n])], float(value))
        for place, n, value in zip(own.tolist(), best, values.tolist(), strict=True)
    ]
