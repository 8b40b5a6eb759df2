"""The retriever over a collection in Milvus: what one hybrid search returns, scored as in process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from corpus.normal import has_chinese
from index.bank import NEIGHBOURS
from index.embedding import Encoder, Vectors
from index.expansion import Everyday
from index.filters import NO_FILTERS, Filters
from index.fusion import fused
from index.lru import Lru
from index.milvus.expressions import ASKED_QUESTIONS, RECORDS, among, before, joined, starts
from index.milvus.schema import (
    ASKED,
    POSITION,
    QUESTION,
    QUESTIONS,
    RECORD,
    SHOWN,
    VECTOR,
    WORDS,
    WRITTEN,
    around,
)
from index.milvus.scores import Floats, Sparse, WordQuery, packed, sent
from index.milvus.serving import MilvusIndex
from index.retriever import DEPTH, SCOPES, Asking, Hit, Part, Weights, best_hits, chosen
from index.statistics import Statistics
from index.store import Store
from index.vectors import Places

ANSWERS = 4
"""Rows that are looked at for each of the nearest questions: a question is answered by several records."""
MOST = 16_384
"""Rows that Milvus returns at most."""
_HELD = 20_000  # records whose questions are kept


@dataclass(frozen=True, slots=True)
class _Row:
    """What is known of a record that was found."""

    words: Sparse
    asked: Sparse
    written: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search returned: rows of records by position, and the cosines of records and questions near.

    `questions` are (position, number of the question, cosine).
    """

    rows: dict[int, _Row]
    near: list[tuple[int, float]]
    questions: list[tuple[int, int, float]]


class MilvusRetriever:
    """Words, vectors and questions in Milvus. Safe for threads.

    Args:
        index: the collection.
        store: which records meet filters, and their ids.
        words: statistics of the records' texts.
        asked: statistics of the texts, each with the questions that it answers; None where there is no bank.
        encoder: the embedding model that the collection was built with.
        lexicon: everyday words.
        weights: what counts how much.
    """

    def __init__(
        self,
        index: MilvusIndex,
        store: Store,
        words: Statistics,
        asked: Statistics | None,
        encoder: Encoder,
        lexicon: Everyday,
        weights: Weights | None = None,
    ) -> None:
        self._asking = Asking(encoder, lexicon, weights)
        self.weights = self._asking.weights
        self.expansions = self._asking.expansions
        self.likeness = self._asking.likeness
        self._index = index
        self._store = store
        self._words = words
        self._bank = asked if self.weights.of_bank else None
        self._plans = starts(store.plan_table)
        self._scope = lru_cache(maxsize=SCOPES)(self._narrowed)
        self._questions: Lru[int, str] = Lru(_HELD)

    def asked(self, record_id: str) -> str:
        """See `Retriever`: from what the last searches returned, or else asked for.

        Raises:
            EngineUnreachableError: the server does not answer. So does `search`.
        """
        if self._bank is None:
            return ""
        position = self._store.places[record_id]
        kept = self._questions.get(position)
        if kept is None:
            self._read([position])
            kept = self._questions[position]
        return kept

    def search(self, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> list[Hit]:
        """See `Retriever`."""
        places, raw, written = self._candidates(query, max(k, DEPTH), filters)
        if not len(places):
            return []
        _, scores = fused(raw, written if self._bank is not None else None, self._weights(filters))
        return best_hits(self._store, places, raw, scores, k)

    def _weights(self, filters: Filters) -> tuple[float, float, float, float]:
        """What counts how much among the records that are searched."""
        every = filters == NO_FILTERS
        return self.weights.among(self._index.records if every else len(self._store.allowed(filters)))

    def _narrowed(self, filters: Filters) -> str | None:
        """The expression for the records that meet `filters`; None where there are none."""
        if filters == NO_FILTERS:
            return ""
        allowed = self._store.allowed(filters)
        return among(allowed, self._plans, self._index.records) if len(allowed) else None

    def _candidates(self, query: str, depth: int, filters: Filters) -> tuple[Places, Floats, Any]:
        """What the rankings find: positions, their scores (see `HybridRetriever`), and which are written."""
        scope = self._scope(filters)
        if scope is None:
            return np.empty(0, dtype=np.int64), np.empty((0, 4), dtype=np.float32), None
        expansions = self.expansions(query)
        words = WordQuery(self._words, query, expansions)
        asked = WordQuery(self._bank, query, expansions) if self._bank is not None else None
        vector = self._asking.vector(query)
        if not has_chinese(query) and not words.known:
            vector = np.zeros_like(vector)  # Latin letters that no record knows are noise
        found = self._searched(words, asked, vector, depth, scope)
        near_questions = _of_records(found.questions)
        self._complete(found, near_questions, depth)
        places = np.array(sorted(found.rows), dtype=np.int64)
        rows = [found.rows[place] for place in places.tolist()]
        parts: list[Part] = [words.of([row.words for row in rows]), _at(found.near, places)]
        if asked is not None:
            parts += [asked.of([row.asked for row in rows]), _at(near_questions.items(), places)]
        best, raw = chosen(parts, self.weights, depth)
        written = np.array([row.written for row in rows], dtype=np.bool_)
        return places[best], raw, written[best]

    def _searched(
        self, words: WordQuery, asked: WordQuery | None, vector: Vectors, depth: int, scope: str
    ) -> _Found:
        """One hybrid search; rankings by words weigh nothing in it: what is left of a score is the cosine."""
        from pymilvus import AnnSearchRequest, WeightedRanker

        weights = self.weights
        bound = before(self._index.records)
        records, questions = joined(RECORDS, bound, scope), joined(ASKED_QUESTIONS, bound, scope)
        requests: list[Any] = []
        shares: list[float] = []

        def ask(field: str, data: Any, limit: int, expression: str, share: float) -> None:
            """Add a ranking."""
            parameters = around(self._index.graph and field == VECTOR, limit)
            asks = {"metric_type": "IP", "params": parameters}
            requests.append(AnnSearchRequest([data], field, asks, min(limit, MOST), expr=expression))
            shares.append(share)

        for field, wanted, weight in ((WORDS, words, weights.words), (ASKED, asked, weights.asked_words)):
            if wanted is not None and wanted.known and weight > 0:
                ask(field, wanted.sparse(), depth * (1 + wanted.several), records, 0.0)
        if vector.any() and weights.vectors > 0:
            ask(VECTOR, vector, depth, records, 1.0)
        if vector.any() and weights.asked_vectors > 0 and asked is not None:
            ask(VECTOR, vector, ANSWERS * NEIGHBOURS, questions, 1.0)
        if not requests:
            return _Found({}, [], [])
        limit = min(MOST, sum(request.limit for request in requests))
        hits = self._index.server.searched(
            "hybrid_search",
            self._index.collection,
            requests,
            WeightedRanker(*shares, norm_score=False),
            limit=limit,
            output_fields=SHOWN,
        )[0]
        found = _Found({}, [], [])
        own, together = sent(hits, WORDS), sent(hits, ASKED)
        for n in range(len(hits)):
            hit = hits.get_raw_item(n)
            row, cosine = hit["entity"], float(hit["distance"])
            if row[QUESTION] == RECORD:
                found.rows[row[POSITION]] = self._kept(row, own[n], together[n])
                found.near.append((row[POSITION], cosine))
            else:
                found.questions.append((row[POSITION], row[QUESTION], cosine))
        return found

    def _complete(self, found: _Found, near: dict[int, float], depth: int) -> None:
        """Read the rows of records that were found by a question alone: their words count as well."""
        best = sorted((place for place in near if near[place] > 0), key=lambda place: -near[place])[:depth]
        missing = [place for place in best if place not in found.rows]
        if missing:
            found.rows.update(self._read(missing))

    def _read(self, positions: Sequence[int]) -> dict[int, _Row]:
        rows = self._index.read(positions, SHOWN)
        return {row[POSITION]: self._kept(row, packed(row[WORDS]), packed(row[ASKED])) for row in rows}

    def _kept(self, row: Any, words: Sparse, asked: Sparse) -> _Row:
        self._questions.put(row[POSITION], row[QUESTIONS])
        return _Row(words, asked, row[WRITTEN])


def _of_records(questions: Iterable[tuple[int, int, float]]) -> dict[int, float]:
    """The best cosine of each record that answers one of the nearest questions."""
    ordered = sorted(questions, key=lambda found: -found[2])
    nearest: set[int] = set()
    best: dict[int, float] = {}
    for place, question, cosine in ordered:
        if question not in nearest and len(nearest) == NEIGHBOURS:
            break
        nearest.add(question)
        best.setdefault(place, cosine)
    return best


def _at(found: Iterable[tuple[int, float]], places: Places) -> tuple[Places, Floats]:
    """Where among `places` those stand that were found and score above zero, and their scores."""
    kept = sorted((place, score) for place, score in found if score > 0)
    positions = np.array([place for place, _ in kept], dtype=np.int64)
    held = np.isin(positions, places)
    scores = np.array([score for _, score in kept], dtype=np.float32)
    return np.searchsorted(places, positions[held]), scores[held]
