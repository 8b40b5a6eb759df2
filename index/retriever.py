"""The seam behind which an engine finds records for a query, and the in-process one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.normal import has_chinese
from index.bank import BankIndex
from index.embedding import Encoder
from index.expansion import Everyday, Expansion
from index.filters import NO_FILTERS, Filters
from index.fusion import convex_combination, scaled
from index.store import Store
from index.vectors import Mask, VectorIndex
from index.words import WordIndex

DEPTH = 50  # records that each ranking hands to the fusion, or as many as are asked for
Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found.

    `score` is the fused one (0 to 1), `words` the BM25 of its own text, `cosine` its text's
    cosine to the query, `asked` the BM25 of it together with the bank's questions that it
    answers, and `asked_cosine` the best cosine of such a question.
    """

    id: str
    score: float
    words: float
    cosine: float
    asked: float = 0.0
    asked_cosine: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; 0 leaves a part out.

    `words`, `vectors`: the record's own text, by BM25 and by cosine. `asked_words`,
    `asked_vectors`: the bank's questions that it answers. `lexicon` scales the weights of
    everyday words. `coverage` is the share of the order that is how much of the topic a
    record holds (the engine's part). A record that shares no word is found by a cosine of
    `min_cosine`.
    """

    words: float = 0.9
    vectors: float = 3.6
    asked_words: float = 2.3
    asked_vectors: float = 3.3
    lexicon: float = 1.0
    coverage: float = 0.3
    min_cosine: float = 0.25

    @property
    def of_parts(self) -> tuple[float, float, float, float]:
        """The weights of the four scores that are fused."""
        return self.words, self.vectors, self.asked_words, self.asked_vectors


class Retriever(Protocol):
    """Finds the records for a query; another engine can take the in-process one's place."""

    weights: Weights

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """The best `k` records that meet `filters`, best first.

        Filters apply before ranking. A query that matches nothing returns nothing.
        """
        ...

    def asked(self, record_id: str) -> str:
        """The bank's questions, normalised, that a record answers: a line each."""
        ...

    def expansions(self, query: str) -> Sequence[Expansion]:
        """What the everyday words of `query` (in normalised characters) may stand for."""
        ...

    def likeness(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """The cosine of each of `texts` to `query`; zeros where vectors have no weight."""
        ...


class HybridRetriever:
    """BM25 and FAISS over records and over the questions that they answer. Safe for threads."""

    def __init__(
        self,
        store: Store,
        words: WordIndex,
        vectors: VectorIndex,
        bank: BankIndex | None,
        encoder: Encoder,
        lexicon: Everyday,
        weights: Weights | None = None,
    ) -> None:
        self.weights = weights or Weights()
        self._store = store
        self._words = words
        self._vectors = vectors
        self._encoder = encoder
        self._lexicon = lexicon
        uses_bank = self.weights.asked_words > 0 or self.weights.asked_vectors > 0
        self._bank = bank if uses_bank else None
        self._vector = lru_cache(maxsize=64)(self._encoded)
        self._expanded = lru_cache(maxsize=64)(self._scaled)
        self._own_vectors = lru_cache(maxsize=2048)(encoder.encode)  # of a record's sentences
        self._scope = lru_cache(maxsize=256)(self._narrowed)

    def asked(self, record_id: str) -> str:
        """See `Retriever`."""
        return self._bank.questions(self._store.places[record_id]) if self._bank else ""

    def expansions(self, query: str) -> Sequence[Expansion]:
        """See `Retriever`."""
        return self._expanded(query)

    def likeness(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """See `Retriever`."""
        if self.weights.vectors <= 0:
            return [0.0] * len(texts)
        cosines: list[float] = (self._own_vectors(tuple(texts)) @ self._vector(query)).tolist()
        return cosines

    def _scaled(self, query: str) -> Sequence[Expansion]:
        """What the lexicon expands, by its weight: the search asks for it, and then the topic."""
        scale = self.weights.lexicon
        if scale <= 0:
            return ()
        found = self._lexicon.expansions(query)
        return tuple(replace(expansion, weight=scale * expansion.weight) for expansion in found)

    def _encoded(self, query: str) -> Floats:
        """The query's vector: asked for once to search and again for each sentence that is chosen."""
        vector: Floats = self._encoder.encode_queries([query])[0]
        return vector

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """See `Retriever`."""
        places, raw, parts = self.candidates(query, max(k, DEPTH), filters)
        if not len(places):
            return []
        fused = convex_combination(parts, self.weights.of_parts)
        order = np.argsort(-fused, kind="stable")[:k]
        rows = zip(places[order].tolist(), fused[order].tolist(), raw[order].tolist(), strict=True)
        return [Hit(self._store.ids[place], score, *scores) for place, score, scores in rows]

    def _narrowed(self, filters: Filters) -> tuple[Places | None, Mask | None]:
        """Positions of the records that meet `filters`, and which questions they answer; None for all."""
        if filters == NO_FILTERS:
            return None, None
        allowed = np.asarray(self._store.positions(filters), dtype=np.int64)
        return allowed, self._bank.of_records(allowed) if self._bank else None

    def candidates(self, query: str, depth: int, filters: Filters) -> tuple[Places, Floats, Floats]:
        """What the rankings find: positions, shape (n,), and their four scores, shape (n, 4), twice.

        The columns are those of `Weights.of_parts`; first raw (BM25 or cosine), then each
        within 0 to 1. A part of no weight finds nothing.
        """
        weights = self.weights
        allowed, asked = self._scope(filters)
        expansions = self.expansions(query)
        raw = np.zeros((len(self._store.ids), 4), dtype=np.float32)
        raw[:, 0] = self._words.scores(query, expansions)
        vector = self._vector(query)
        if not has_chinese(query) and not raw[:, 0].any():
            vector = np.zeros_like(vector)  # Latin letters that no record knows are noise
        near, cosines = self._vectors.search(vector, depth, allowed)
        raw[near, 1] = np.maximum(cosines, 0)
        if self._bank is not None:
            raw[:, 2], raw[:, 3] = self._bank.words(query, expansions), self._bank.cosines(vector, asked)
        raw *= np.asarray(weights.of_parts, dtype=np.float32) > 0
        by_words = (raw[:, 0] + raw[:, 2]) > 0
        found = np.zeros(len(raw), dtype=np.bool_)
        for scores, floor in zip(raw.T, (0.0, weights.min_cosine) * 2, strict=True):
            found[_best(np.where(by_words | (scores >= floor), scores, 0), allowed, depth)] = True
        places = np.flatnonzero(found)
        own = raw[places]
        parts = own.copy()
        parts[:, 0], parts[:, 2] = scaled(own[:, 0]), scaled(own[:, 2])
        if self._bank is not None:
            unasked = ~self._bank.written[places]
            parts[unasked, 2] = np.maximum(parts[unasked, 2], _expected(parts[unasked]))
            parts[unasked, 3] = np.maximum(parts[unasked, 3], parts[unasked, 1])
        return places, own, parts


def _expected(parts: Floats) -> Floats:
    """What the words of its questions would give a record that nobody has written any for.

    Guessed from its own text, so that a plan without a bank is not outdone by those with one.
    Set on dev with each plan left out.
    """
    expected: Floats = np.minimum(1, 3.5 * parts[:, 1] + 0.6 * parts[:, 0])
    return expected


def _best(scores: Floats, allowed: NDArray[np.int64] | None, depth: int) -> NDArray[np.int64]:
    """Positions with a score above zero, best first, at most `depth`."""
    candidates = np.flatnonzero(scores) if allowed is None else allowed[scores[allowed] > 0]
    return candidates[np.argsort(-scores[candidates], kind="stable")[:depth]]
