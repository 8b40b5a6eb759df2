"""The seam behind which an engine finds records for a query, and the in-process one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.embedding import Encoder
from index.filters import NO_FILTERS, Filters
from index.fusion import reciprocal_rank_fusion
from index.store import Store
from index.vectors import VectorIndex
from index.words import WordIndex

DEPTH = 50  # ranks that each index hands to the fusion, or as many as are asked for


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found: its id, fused score, BM25 score and cosine to the query."""

    id: str
    score: float
    words: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Fusion weights (0 leaves a ranking out), and the cosine that finds a record sharing no word."""

    words: float = 1.0
    vectors: float = 0.25
    min_cosine: float = 0.3


class Retriever(Protocol):
    """Finds the records for a query; another engine can take the in-process one's place."""

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """The best `k` records that meet `filters`, best first.

        Filters apply before ranking. A query that matches nothing returns nothing.
        """
        ...


class HybridRetriever:
    """BM25 and FAISS in this process, fused by reciprocal rank. Safe for threads."""

    def __init__(
        self,
        store: Store,
        words: WordIndex,
        vectors: VectorIndex,
        encoder: Encoder,
        weights: Weights | None = None,
    ) -> None:
        self._store = store
        self._words = words
        self._vectors = vectors
        self._encoder = encoder
        self._weights = weights or Weights()

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """See `Retriever`."""
        depth = max(k, DEPTH)
        allowed = None if filters == NO_FILTERS else self._store.positions(filters)
        words = self._words.scores(query)
        by_words = _best(words, allowed, depth)
        vector = self._encoder.encode([query])[0]
        near, cosines = self._vectors.search(vector, depth, allowed)
        cosine = dict(zip(near.tolist(), cosines.tolist(), strict=True))
        floor = self._weights.min_cosine
        by_vectors = [p for p in cosine if words[p] > 0 or cosine[p] >= floor]
        rankings = ((self._weights.words, by_words), (self._weights.vectors, by_vectors))
        fused = reciprocal_rank_fusion((weight, ranking) for weight, ranking in rankings if weight)
        return [Hit(self._store.ids[p], score, float(words[p]), cosine.get(p, 0.0)) for p, score in fused[:k]]


def _best(scores: NDArray[np.float32], allowed: tuple[int, ...] | None, depth: int) -> list[int]:
    """Positions with a score above zero, best first, at most `depth`."""
    if allowed is None:
        candidates = np.flatnonzero(scores)
    else:
        candidates = np.asarray(allowed, dtype=np.int64)
        candidates = candidates[scores[candidates] > 0]
    order = np.argsort(-scores[candidates], kind="stable")[:depth]
    return [int(position) for position in candidates[order]]
