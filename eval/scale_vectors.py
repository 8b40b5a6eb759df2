"""Vectors of a synthetic corpus in a file: encoded beforehand, read in turn by a build, compared exactly."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.synthetic import Synthetic
from index.embedding import SHIPPED, Vectors, load_encoder
from index.store import searchable

BATCH = 4096  # texts encoded at once
BLOCK = 1 << 16  # rows compared at once
ALL = 200_000  # measures up to which every text is compared with every other one
_SHARE = 16  # of more, those texts are whose hash is a multiple of this
_SAME = 1e-6  # cosines nearer than this are one rank


def texts(corpus: Synthetic, size: int) -> Iterator[str]:
    """What search reads of each measure, in print order."""
    return (searchable(measure) for entry in corpus.plans(size) for measure in entry.measures)


def encode(path: Path, size: int, seed: int) -> dict[str, Any]:
    """Write the vectors of the first `size` measures to `path` (a .npy, never all in memory).

    Returns texts encoded and made a second, seconds, and the share of distinct texts.
    """
    encoder = load_encoder(SHIPPED)
    dimensions = encoder.encode([""]).shape[1]
    written = np.lib.format.open_memmap(path, "w+", np.float32, (size, dimensions))
    every = 1 if size <= ALL else _SHARE
    seen: set[int] = set()
    looked_at, done, encoding, begun = 0, 0, 0.0, time.perf_counter()
    stream = texts(Synthetic(seed), size)
    while batch := list(islice(stream, BATCH)):
        started = time.perf_counter()
        written[done : done + len(batch)] = encoder.encode(batch)
        encoding += time.perf_counter() - started
        done += len(batch)
        hashes = [number for text in batch if (number := hash(text)) % every == 0]
        looked_at += len(hashes)
        seen.update(hashes)
    written.flush()
    making = time.perf_counter() - begun - encoding
    return {
        "measures": size,
        "seconds": round(encoding, 3),
        "rate": round(size / encoding),
        "making_rate": round(size / making),
        "distinct": round(len(seen) / looked_at, 4),
        "dimensions": dimensions,
    }


class Given:
    """The vectors of such a file as an encoder that hands out the rows in turn, whatever the texts are.

    It reads plainly, not by mapping: a build's memory is the build's alone.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        header = np.load(path, mmap_mode="r")
        self._start, self.dimensions = int(header.offset), int(header.shape[1])
        self._path, self._next = path, 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The next `len(texts)` rows."""
        count = len(texts) * self.dimensions
        offset = self._start + 4 * self._next * self.dimensions
        rows: Vectors = np.fromfile(self._path, np.float32, count, offset=offset)
        self._next += len(texts)
        return rows.reshape(len(texts), self.dimensions)

    encode_queries = encode


def nearest(
    rows: Vectors, queries: Vectors, k: int, allowed: Sequence[NDArray[np.int64] | None]
) -> NDArray[np.float32]:
    """The `k`-th highest cosine of each query among the rows that are allowed to it (None: all).

    Where fewer are allowed, the lowest of them. `rows` may be mapped: it is read in blocks.
    """
    best = np.full((len(queries), k), -np.inf, dtype=np.float32)
    everywhere = [n for n, among in enumerate(allowed) if among is None]
    for start in range(0, len(rows) if everywhere else 0, BLOCK):
        cosines = queries[everywhere] @ np.asarray(rows[start : start + BLOCK]).T
        together = np.concatenate([best[everywhere], cosines], axis=1)
        best[everywhere] = -np.partition(-together, k - 1, axis=1)[:, :k]
    for n, among in enumerate(allowed):
        if among is not None:
            own = np.sort(rows[among] @ queries[n])[::-1][:k]
            best[n, : len(own)] = own
    found: NDArray[np.float32] = np.where(np.isfinite(best), best, np.inf).min(axis=1)
    return found


def hits(rows: Vectors, query: Vectors, found: NDArray[np.int64], least: float) -> int:
    """How many of the rows `found` are as near to `query` as `least`: equals count as found."""
    return int((rows[found] @ query >= least - _SAME).sum())
