"""The seam behind which an engine finds records for a query, and the in-process one."""

from __future__ import annotations

import math
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
from index.fusion import best, fused
from index.store import Store
from index.vectors import Places, VectorIndex
from index.words import Scope, WordIndex

DEPTH = 50  # records that each ranking hands to the fusion, or as many as are asked for
Floats = NDArray[np.float32]
Part = Floats | tuple[Places, Floats]
CROWD = 1_000  # records from which on words count more than they were set to
LARGE, FEW = 20_000, 8  # of more records than that a scope of one in so many is few
SCOPES = 64  # sets of filters whose records are kept


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

    @property
    def of_bank(self) -> bool:
        """Whether the bank's questions count."""
        return self.asked_words > 0 or self.asked_vectors > 0

    def among(self, records: int) -> tuple[float, float, float, float]:
        """`of_parts` where so many records are searched.

        Set on some hundred records, where what is near is what is meant. Among many, thousands are as near,
        and a rare word tells which: its weight grows with the root of their number (`wence bench scale`).
        """
        crowd = max(1.0, math.sqrt(records / CROWD))
        return (crowd * self.words, *self.of_parts[1:])


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


class Asking:
    """What a retriever makes of a query, whatever engine searches: vector and everyday words."""

    def __init__(self, encoder: Encoder, lexicon: Everyday, weights: Weights | None = None) -> None:
        self.weights = weights or Weights()
        self._encoder = encoder
        self._lexicon = lexicon
        self.vector = lru_cache(maxsize=64)(self._encoded)
        self.expansions = lru_cache(maxsize=64)(self._scaled)
        self._own_vectors = lru_cache(maxsize=2048)(encoder.encode)  # of a record's sentences

    def likeness(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """See `Retriever`."""
        if self.weights.vectors <= 0:
            return [0.0] * len(texts)
        cosines: list[float] = (self._own_vectors(tuple(texts)) @ self.vector(query)).tolist()
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
        self._asking = Asking(encoder, lexicon, weights)
        self.weights = self._asking.weights
        self.expansions = self._asking.expansions
        self.likeness = self._asking.likeness
        self._store = store
        self._words = words
        self._vectors = vectors
        self._bank = bank if self.weights.of_bank else None
        self._scope = lru_cache(maxsize=SCOPES)(self._narrowed)

    def asked(self, record_id: str) -> str:
        """See `Retriever`."""
        return self._bank.questions(self._store.places[record_id]) if self._bank else ""

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """See `Retriever`."""
        places, raw = self.candidates(query, max(k, DEPTH), filters)
        if not len(places):
            return []
        _, scores = self.scored(places, raw, self.searched(filters))
        return best_hits(self._store, places, raw, scores, k)

    def _narrowed(self, filters: Filters) -> tuple[Places | None, Places | None, Scope | None]:
        """Positions of the records that meet `filters`, and of the questions they answer; None for all.

        Then the same records as a scope of the words, where they are few.
        """
        if filters == NO_FILTERS:
            return None, None, None
        allowed = self._store.positions(filters)
        few = len(allowed) * FEW <= self._words.size > LARGE
        return (
            allowed,
            self._bank.of_records(allowed) if self._bank else None,
            Scope(allowed) if few else None,
        )

    def candidates(self, query: str, depth: int, filters: Filters) -> tuple[Places, Floats]:
        """What the rankings find: positions, in order, shape (n,), and their four scores, shape (n, 4).

        The columns are those of `Weights.of_parts`: BM25 or cosine. A part of no weight finds nothing.
        """
        allowed, asked, scope = self._scope(filters)
        expansions = self.expansions(query)
        words = self._words.scores(query, expansions, scope)
        vector = self._asking.vector(query)
        if not has_chinese(query) and not words.any() and not self._words.knows(query):
            vector = np.zeros_like(vector)  # Latin letters that no record knows are noise
        near, cosines = self._vectors.search(vector, depth, allowed)
        parts: list[Part] = [words, (near, np.maximum(cosines, 0))]
        if self._bank is not None:
            near_asked = self._asked_near(vector, allowed, asked)
            parts += [self._bank.words(query, expansions, scope), near_asked]
        if scope is None or allowed is None:
            return chosen(parts, self.weights, depth, allowed)
        here = [(np.searchsorted(allowed, p[0]), p[1]) if isinstance(p, tuple) else p for p in parts]
        places, raw = chosen(here, self.weights, depth)
        return allowed[places], raw

    def scored(self, places: Places, raw: Floats, searched: int) -> tuple[Floats, Floats]:
        """The parts of the scores of candidates among so many, within 0 to 1, and the scores; see `fused`."""
        written = self._bank.written[places] if self._bank is not None else None
        return fused(raw, written, self.weights.among(searched))

    def searched(self, filters: Filters) -> int:
        """How many records a search looks at."""
        allowed = self._scope(filters)[0]
        return self._words.size if allowed is None else len(allowed)

    def _asked_near(
        self, vector: Floats, allowed: Places | None, asked: Places | None
    ) -> tuple[Places, Floats]:
        """The allowed records that answer the questions nearest to `vector`, and the best cosine of each."""
        assert self._bank is not None
        records, cosines = self._bank.cosines(vector, asked)
        if allowed is None or not len(allowed):
            return records, cosines
        at = np.minimum(np.searchsorted(allowed, records), len(allowed) - 1)
        among = allowed[at] == records  # a question may be answered elsewhere as well
        return records[among], cosines[among]


def best_hits(store: Store, places: Places, raw: Floats, scores: Floats, k: int) -> list[Hit]:
    """The best `k` candidates, best first: `places`, their `scores`, shape (n,), and the four `raw` ones."""
    order = np.argsort(-scores, kind="stable")[:k]
    ids = store.names.at(places[order].tolist())
    rows = zip(ids, scores[order].tolist(), raw[order].tolist(), strict=True)
    return [Hit(record_id, score, *own) for record_id, score, own in rows]


def chosen(
    parts: Sequence[Part], weights: Weights, depth: int, allowed: Places | None = None
) -> tuple[Places, Floats]:
    """The best of each ranking: places, in order, shape (n,), and their four scores, shape (n, 4).

    `parts` are in the order of `Weights.of_parts`: the scores of all places, or places and their scores.
    """
    used = [part for part, weight in zip(parts, weights.of_parts, strict=False) if weight > 0]
    by_words = [part for part in used if not isinstance(part, tuple)]
    found = [best(part, depth, allowed) for part in by_words]
    by_vectors = [part for part in used if isinstance(part, tuple)]
    found += [_near(part, depth, by_words, weights.min_cosine) for part in by_vectors]
    places = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    raw = np.zeros((len(places), 4), dtype=np.float32)
    for column, (part, weight) in enumerate(zip(parts, weights.of_parts, strict=False)):
        if weight > 0:
            raw[:, column] = _at(part, places)
    return places, raw


def _near(part: tuple[Places, Floats], depth: int, by_words: Sequence[Floats], least: float) -> Places:
    """The best of what vectors found that shares a word or has a cosine of `least`, best first."""
    order = np.argsort(part[0])
    places, cosines = part[0][order], part[1][order]
    sharing = np.zeros(len(places), dtype=np.bool_)
    for scores in by_words:
        sharing |= scores[places] > 0
    kept = (cosines > 0) & (sharing | (cosines >= least))
    return places[kept][np.argsort(-cosines[kept], kind="stable")[:depth]]


def _at(part: Floats | tuple[Places, Floats], places: Places) -> Floats:
    """The scores of a part at `places`, zero where it found nothing."""
    if not isinstance(part, tuple):
        return part[places]
    found, scores = part
    own = np.zeros(len(places), dtype=np.float32)
    _, here, there = np.intersect1d(places, found, assume_unique=True, return_indices=True)
    own[here] = scores[there]
    return own
