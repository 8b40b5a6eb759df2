"""Asking an index of a synthetic corpus: opening time, memory, waiting times, what is found, lists."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.memory import Memory
from eval.scale_vectors import BLOCK, hits, nearest
from eval.synthetic import Synthetic
from eval.synthetic_questions import Asked, lists, named, scoped
from index.embedding import SHIPPED, Encoder, Vectors, load_encoder
from index.expansion import everyday
from index.filters import NO_FILTERS
from index.folder import WORDS, IndexFolder, OpenIndex
from index.retriever import HybridRetriever
from index.vectors import Places, VectorIndex
from index.words import WordIndex

TOP = 10
WARM = 4  # one question in so many is asked before the clock starts
COMPARED = 60  # questions whose whole search is compared with the exact one
LISTS = 20
KINDS = ("scoped", "named")


def ask(root: Path, size: int, seed: int, vectors: Path, questions: int) -> dict[str, Any]:
    """Open the index of `size` measures in `root` and ask `questions` of either kind, on one core.

    `vectors` is the file of exact vectors that what is found is compared with. Times are milliseconds,
    memory is bytes, shares are 0 to 1.
    """
    one_core()
    corpus, encoder = Synthetic(seed), load_encoder(SHIPPED)
    of_kind: dict[str, list[Asked]] = {
        "scoped": scoped(corpus, size, questions + questions // WARM, seed),
        "named": named(corpus, size, questions + questions // WARM, seed),
    }
    listed = lists(corpus, size, LISTS, seed)
    started = time.perf_counter()
    opened = IndexFolder(root).open(encoder)
    open_ms = (time.perf_counter() - started) * 1000

    def search(asked: Asked) -> list[str]:
        return [hit.id for hit in opened.retriever.search(asked.question, TOP, asked.filters)]

    queries = timed(of_kind, search)
    memory = Memory.now()
    rows = np.load(vectors, mmap_mode="r")[:size]
    timed_ones = {kind: after_warming(asked) for kind, asked in of_kind.items()}
    return {
        "open_ms": round(open_ms, 3),
        "memory": asdict(memory) if memory else None,
        "queries": queries,
        "recall": {
            "vectors": _recall(timed_ones, opened, rows, encoder),
            "whole": _whole_recall(timed_ones, opened, rows, encoder),
        },
        "lists": _lists(listed, opened),
    }


def one_core() -> None:
    """Let this process, and the threads that libraries will start, use one core where the system allows."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def after_warming(asked: Sequence[Asked]) -> Sequence[Asked]:
    """Those that are timed."""
    return asked[len(asked) // (WARM + 1) :]


def timed(of_kind: dict[str, list[Asked]], search: Callable[[Asked], list[str]]) -> dict[str, Any]:
    """p50 and p99 of each kind and of all together, and the share of gold among the first 5 and 10."""
    for asked in of_kind.values():
        for question in asked[: len(asked) // (WARM + 1)]:
            search(question)
    found: dict[str, list[tuple[str, list[str]]]] = {}
    times: dict[str, list[float]] = {}
    for kind, asked in of_kind.items():
        found[kind], times[kind] = [], []
        for question in after_warming(asked):
            started = time.perf_counter()
            ids = search(question)
            times[kind].append((time.perf_counter() - started) * 1000)
            found[kind].append((question.gold[0], ids))
    found["together"] = [pair for pairs in found.values() for pair in pairs]
    times["together"] = [one for ones in times.values() for one in ones]
    return {kind: _waits(times[kind]) | _shares(found[kind]) for kind in found if found[kind]}


def _waits(times: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.quantile(times, (0.5, 0.99)).tolist()
    return {"n": len(times), "p50_ms": round(p50, 3), "p99_ms": round(p99, 3)}


def _shares(found: Sequence[tuple[str, list[str]]]) -> dict[str, float]:
    """The share of questions whose record is among the first 5, and 10."""
    return {f"gold@{k}": round(sum(gold in ids[:k] for gold, ids in found) / len(found), 4) for k in (5, TOP)}


def _recall(
    of_kind: dict[str, Sequence[Asked]], opened: OpenIndex, rows: Vectors, encoder: Encoder
) -> dict[str, float]:
    """recall@10 of the vector index against all cosines."""
    shares: dict[str, list[float]] = {}
    for kind, asked in of_kind.items():
        queries = np.stack([encoder.encode_queries([one.question])[0] for one in asked])
        allowed = [_allowed(one, opened) for one in asked]
        least = nearest(rows, queries, TOP, allowed)
        shares[kind] = []
        for query, among, limit in zip(queries, allowed, least.tolist(), strict=True):
            found, _ = opened.vectors.search(query, TOP, among)
            wanted = min(TOP, len(rows) if among is None else len(among))
            shares[kind].append(min(1.0, hits(rows, query, found, limit) / wanted))
    shares["together"] = [share for own in shares.values() for share in own]
    return {kind: round(sum(own) / len(own), 4) for kind, own in shares.items() if own}


def _allowed(asked: Asked, opened: OpenIndex) -> Places | None:
    if asked.filters == NO_FILTERS:
        return None
    return opened.store.positions(asked.filters)


class _Exact(VectorIndex):
    """The same search over all vectors, none left out: what an approximate one is measured by."""

    def __init__(self, rows: Vectors) -> None:
        super().__init__([_All(rows)], rows.shape[1])


class _All:
    """Mapped vectors, all looked at in blocks; a part of a `VectorIndex`."""

    kind = "exact"

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows
        self.size = len(rows)

    def rows(self, places: Places) -> Vectors:
        """See `index.vectors.Part`."""
        return np.asarray(self._rows[places])

    def nearest(self, query: Vectors, k: int, among: Places | None) -> tuple[Places, NDArray[np.float32]]:
        """See `index.vectors.Part`."""
        places = np.arange(self.size) if among is None else among
        parts = [slice(at, at + BLOCK) for at in range(0, len(places), BLOCK)]
        if among is None:
            cosines = np.concatenate([np.asarray(self._rows[part]) @ query for part in parts])
        else:
            cosines = np.concatenate([self._rows[places[part]] @ query for part in parts])
        best = np.argsort(-cosines, kind="stable")[:k]
        return places[best], cosines[best]


def _whole_recall(
    of_kind: dict[str, Sequence[Asked]], opened: OpenIndex, rows: Vectors, encoder: Encoder
) -> dict[str, float]:
    """How many of the ten that the whole search finds it finds too with exact vectors."""
    words = WordIndex.load(opened.folder / WORDS)
    exact = HybridRetriever(opened.store, words, _Exact(rows), None, encoder, everyday())
    shares: dict[str, list[float]] = {}
    for kind, asked in of_kind.items():
        shares[kind] = []
        for one in asked[:COMPARED]:
            wanted = {hit.id for hit in exact.search(one.question, TOP, one.filters)}
            found = {hit.id for hit in opened.retriever.search(one.question, TOP, one.filters)}
            shares[kind].append(len(wanted & found) / len(wanted) if wanted else 1.0)
    shares["together"] = [share for own in shares.values() for share in own]
    return {kind: round(sum(own) / len(own), 4) for kind, own in shares.items() if own}


def _lists(asked: Sequence[Asked], opened: OpenIndex) -> dict[str, Any]:
    """Waiting times of lists, a county's and everybody's apart, and the share that is the very set."""
    found: dict[str, list[tuple[float, bool, int]]] = {}
    for one in asked:
        started = time.perf_counter()
        ids = [record.id for record in opened.store.scan(one.filters)]
        took = (time.perf_counter() - started) * 1000
        found.setdefault(one.kind, []).append((took, sorted(ids) == sorted(one.gold), len(ids)))
    found["together"] = [one for own in found.values() for one in own]
    return {
        kind: _waits([took for took, _, _ in own])
        | {"exact": sum(right for _, right, _ in own) / len(own), "most": max(held for _, _, held in own)}
        for kind, own in found.items()
        if own
    }
