"""Which measures of the city and of a district answer each other: the nearest by their vectors in the index.

Plans are compared where the other level has one on the same matter: that a district's measure is like none
of the city's says nothing where the store holds no plan of the city on its matter at all. Of each plan only
the newest edition in force takes part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.places import places
from corpus.types import Measure, Plan
from index.store import Store
from index.vectors import VectorIndex
from rag.editions import Editions, plain_short
from rag.options import CITY
from rag.per_engine import per_engine

if TYPE_CHECKING:
    from rag.engine import Engine

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


class Counterparts:
    """The nearest measure at the other level for each measure of a table, found once over a store."""

    def __init__(self, store: Store, vectors: VectorIndex) -> None:
        at_level: dict[str, list[int]] = defaultdict(list)
        of_district: dict[str, list[int]] = defaultdict(list)
        held: set[str] = set()
        current = set(Editions(store.every_plan).current)
        for place, record in enumerate(store.get(store.ids)):
            if isinstance(record, Measure) and record.plan in current:
                plan = store.plans[record.plan]
                at_level[plan.level].append(place)
                of_district[plan.district].append(place)
                held.add(plan.id)
        self.plans: tuple[Plan, ...] = tuple(plan for plan in store.plans.values() if plan.id in held)
        """Those that have measures."""
        city = at_level["市"]
        nearest = _nearest(store, vectors, at_level["区"], city)
        self.nearest: Mapping[str, Pair] = {one: Pair(one, other, near) for one, other, near in nearest}
        """By the district's measure, in print order."""
        self.nearest_in: Mapping[str, Mapping[str, Pair]] = {
            district: {
                one: Pair(other, one, near) for one, other, near in _nearest(store, vectors, city, own)
            }
            for district, own in of_district.items()
            if district
        }
        """By the district, then by the city's measure: the nearest of all measures of that district."""
        answers: dict[str, list[Pair]] = defaultdict(list)
        for pair in sorted(self.nearest.values(), key=lambda pair: -pair.similarity):
            answers[pair.city].append(pair)
        self._answers = dict(answers)

    @property
    def districts(self) -> tuple[str, ...]:
        """The districts that have a plan on the matter of one of the city's, in the order of the plans."""
        compared = (plan.district for plan in self.plans if plan.district and self.compared(plan, ""))
        return tuple(dict.fromkeys(compared))

    def compared(self, plan: Plan, place: str) -> bool:
        """Whether the store holds a plan of `place` (a district, or "" for the city) on what `plan` is on."""
        matter = subject(plan)
        return any(other.district == place and subject(other) == matter for other in self.plans)

    def of(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """What counts as the same matter at the other level, nearest first.

        For a district's measure the city's, if it is near enough; for one of the city's all that answer it.
        """
        own = self.nearest.get(record_id)
        pairs = [own] if own else self._answers.get(record_id, [])
        return [pair for pair in pairs if pair.similarity >= threshold]

    def alike(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """The same from either side: for one of the city's also the nearest of each district."""
        nearest = [pairs[record_id] for pairs in self.nearest_in.values() if record_id in pairs]
        near = [pair for pair in nearest if pair.similarity >= threshold]
        # A pair that is nearest from both sides was calculated twice, and may differ in the last digit.
        either = {(pair.district, pair.city): pair for pair in [*near, *self.of(record_id, threshold)]}
        return sorted(either.values(), key=lambda pair: -pair.similarity)


def _nearest(
    store: Store, vectors: VectorIndex, own: Sequence[int], others: Sequence[int]
) -> list[tuple[str, str, float]]:
    """For each place of `own` in the store: its id, the id of the nearest of `others`, their cosine."""
    if not own or not others:
        return []
    rows = vectors.rows()
    cosines = rows[own] @ rows[others].T
    # A vector of zeros (a text without a known word) is near nothing.
    values = np.clip(cosines.max(axis=1), 0, 1)
    best = cosines.argmax(axis=1).tolist()
    return [
        (store.ids[place], store.ids[others[n]], float(value))
        for place, n, value in zip(own, best, values.tolist(), strict=True)
    ]


@per_engine
def counterparts(engine: Engine) -> Counterparts:
    """The counterparts in `engine`'s store, found at the first call."""
    return Counterparts(engine.store, engine.index.vectors)
