"""Which measures of the city and of a district answer each other, of a store too large for all pairs.

The nearest are searched for the measure that is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.store import Store
from index.vectors import VectorSearch
from rag.counterparts import THRESHOLD, AllPairs, Counterparts, Pair, either
from rag.per_engine import per_engine

if TYPE_CHECKING:
    from rag.engine import Engine

AT_ONCE = 20_000  # records up to which all pairs are found at once
ANSWERING = 256  # measures of districts, the nearest to one of the city's, that may answer it
DIGITS = 5  # of a cosine that can be relied on: the next one depends on how it was calculated
Places = NDArray[np.int64]


class Nearest(Mapping[str, Pair]):
    """By a record's id the pair with its nearest, found when it is asked for."""

    def __init__(self, store: Store, own: Places, pair: Callable[[int], Pair]) -> None:
        self._store = store
        self._own = own
        self._pair = pair

    def __getitem__(self, record_id: str) -> Pair:
        place = self._store.places[record_id]
        if not holds(self._own, place):
            raise KeyError(record_id)
        return self._pair(place)

    def __iter__(self) -> Iterator[str]:
        return (self._store.ids[place] for place in self._own.tolist())

    def __len__(self) -> int:
        return len(self._own)


class Searched(Counterparts):
    """Found as they are asked for: `of` and `alike` look at the `ANSWERING` nearest of the districts."""

    def __init__(self, store: Store, current: Iterable[str], vectors: VectorSearch) -> None:
        super().__init__(store, current)
        self._vectors = vectors
        self._city, self._districts = self.at("市"), self.at("区")
        compared = self._districts if len(self._city) else self._city
        self.nearest = Nearest(store, compared, self._of_district_measure)
        self.nearest_in = {
            district: Nearest(store, self._city, partial(self._in_district, district))
            for district in self.of_district
        }

    def of(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """See `Counterparts`."""
        if (place := self._store.places.get(record_id)) is None:
            return []
        if holds(self._districts, place):
            pairs = [self.nearest[record_id]] if len(self._city) else []
        else:
            pairs = [self._of_district_measure(near) for near, _ in self._near(place, threshold)]
        answering = [pair for pair in pairs if record_id in (pair.city, pair.district)]
        return self._in_order(pair for pair in answering if pair.similarity >= threshold)

    def alike(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """See `Counterparts`."""
        place, nearest = self._store.places.get(record_id), dict[str, Pair]()
        for near, cosine in self._near(place, threshold) if place is not None else ():
            other = self._store.ids[near]
            district = self._store.plans[other.partition("/")[0]].district
            nearest.setdefault(district, Pair(other, record_id, cosine))
        return self._in_order(either(nearest.values(), self.of(record_id, threshold)))

    def _in_order(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Nearest first, and of those as near as each other the first in print."""
        places = self._store.places
        return sorted(pairs, key=lambda pair: (-round(pair.similarity, DIGITS), places[pair.district]))

    def _near(self, place: int, threshold: float) -> list[tuple[int, float]]:
        """Positions and cosines of the districts' measures that are near one of the city's, best first."""
        if not holds(self._city, place):
            return []
        found, cosines = self._vectors.search(self._vector(place), ANSWERING, self._districts)
        near = zip(found.tolist(), cosines.tolist(), strict=True)
        return [(other, min(cosine, 1.0)) for other, cosine in near if cosine >= threshold]

    def _of_district_measure(self, place: int) -> Pair:
        other, cosine = self._best(place, self._city)
        return Pair(self._store.ids[place], self._store.ids[other], cosine)

    def _in_district(self, district: str, place: int) -> Pair:
        other, cosine = self._best(place, self.measures(self.of_district[district]))
        return Pair(self._store.ids[other], self._store.ids[place], cosine)

    def _best(self, place: int, others: Places) -> tuple[int, float]:
        """Position and cosine of the nearest of `others`; a vector of zeros is near nothing."""
        found, cosines = self._vectors.search(self._vector(place), 1, others)
        return (int(found[0]), float(np.clip(cosines[0], 0, 1))) if len(found) else (int(others[0]), 0.0)

    def _vector(self, place: int) -> Vectors:
        vector: Vectors = self._vectors.rows(np.array([place]))[0]
        return vector


def holds(places: Places, place: int) -> bool:
    """Whether `places`, in order, hold `place`."""
    at = int(np.searchsorted(places, place))
    return at < len(places) and int(places[at]) == place


@per_engine
def counterparts(engine: Engine) -> Counterparts:
    """The counterparts in `engine`'s store, all found at the first call where it is not too large."""
    made = AllPairs if engine.store.count() <= AT_ONCE else Searched
    return made(engine.store, engine.editions.current, engine.index.vectors)
