"""Which measure of the city a district's measure answers: the nearest by its vector in the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.types import Measure
from index.store import Store
from index.vectors import VectorIndex
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
    """A district's measure, the measure of the city that is nearest to it, and their cosine."""

    district: str
    city: str
    similarity: float


class Counterparts:
    """The nearest measure of the city for each measure of a district, found once over a store."""

    def __init__(self, store: Store, vectors: VectorIndex) -> None:
        at_level: dict[str, list[int]] = {"市": [], "区": []}
        for place, record in enumerate(store.get(store.ids)):
            if isinstance(record, Measure):
                at_level[store.plans[record.plan].level].append(place)
        districts, city = at_level["区"], at_level["市"]
        nearest: list[Pair] = []
        if districts and city:
            rows = vectors.rows()
            cosines = rows[districts] @ rows[city].T
            best = cosines.argmax(axis=1)
            # A vector of zeros (a text without a known word) is near nothing.
            values = np.clip(cosines.max(axis=1), 0, 1)
            nearest = [
                Pair(store.ids[place], store.ids[city[n]], float(value))
                for place, n, value in zip(districts, best.tolist(), values.tolist(), strict=True)
            ]
        self.nearest: Mapping[str, Pair] = {pair.district: pair for pair in nearest}
        """By the district's measure, in print order."""
        answers: dict[str, list[Pair]] = defaultdict(list)
        for pair in sorted(nearest, key=lambda pair: -pair.similarity):
            answers[pair.city].append(pair)
        self._answers = dict(answers)

    def of(self, record_id: str, threshold: float = THRESHOLD) -> list[Pair]:
        """What counts as the same matter at the other level, nearest first.

        For a district's measure the city's, if it is near enough; for one of the city's all that answer it.
        """
        own = self.nearest.get(record_id)
        pairs = [own] if own else self._answers.get(record_id, [])
        return [pair for pair in pairs if pair.similarity >= threshold]


@per_engine
def counterparts(engine: Engine) -> Counterparts:
    """The counterparts in `engine`'s store, found at the first call."""
    return Counterparts(engine.store, engine.index.vectors)
