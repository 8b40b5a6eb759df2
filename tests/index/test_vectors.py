"""Vectors in parts and in codes find what looking at each of them finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import vectors
from index.embedding import Vectors
from index.vectors import VectorIndex, VectorWriter

SIZE, DIMENSIONS = 6000, 32


@pytest.fixture(scope="module")
def rows() -> Vectors:
    """Vectors in clusters, as those of texts are."""
    chance = np.random.default_rng(7)
    centres = chance.normal(size=(60, DIMENSIONS))
    drawn = centres[chance.integers(0, 60, SIZE)] + 0.5 * chance.normal(size=(SIZE, DIMENSIONS))
    found: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return found


def written(folder: Path, rows: Vectors, flat: int) -> VectorIndex:
    writer = VectorWriter(folder, DIMENSIONS, flat)
    for start in range(0, len(rows), 700):
        writer.add(rows[start : start + 700])
    return writer.finish()


def overlap(index: VectorIndex, rows: Vectors, allowed: NDArray[np.int64] | None) -> float:
    """The share of the ten nearest that is found; cosines are checked to be exact.

    Half of the forty queries are rows; the others lie between the clusters, as questions do.
    """
    among = np.arange(len(rows)) if allowed is None else allowed
    shares = []
    apart = np.random.default_rng(3).normal(size=(20, DIMENSIONS)).astype(np.float32)
    for query in (*rows[:: len(rows) // 20], *apart / np.linalg.norm(apart, axis=1, keepdims=True)):
        found, cosines = index.search(query, 10, allowed)
        assert np.isin(found, among).all()
        assert cosines == pytest.approx(rows[found] @ query, abs=1e-6)
        assert (np.diff(cosines) <= 1e-7).all()
        least = np.sort(rows[among] @ query)[-10:][0]
        shares.append(float((cosines >= least - 1e-6).mean()))
    return float(np.mean(shares))


def test_codes_find_what_is_nearest_whatever_is_allowed(
    rows: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FEWEST", 300)
    monkeypatch.setattr(vectors, "BLOCK", 150)
    codes = written(tmp_path / "codes", rows, flat=100)
    assert codes.kinds == ["PCA,IVF1,PQ17x4fs,Refine(Flat)"]
    assert np.array_equal(codes.rows(np.arange(SIZE)), rows)
    assert np.array_equal(codes.rows([5, 3, 5999]), rows[[5, 3, 5999]])
    chance = np.random.default_rng(1)
    for allowed in (
        None,
        np.arange(1200, 1700),
        np.arange(900, 5500),
        np.sort(chance.choice(SIZE, 30, replace=False)),
        np.sort(chance.choice(SIZE, 5000, replace=False)),
    ):
        assert overlap(codes, rows, allowed) >= 0.98


def test_few_are_all_looked_at(rows: Vectors, tmp_path: Path) -> None:
    flat = written(tmp_path / "flat", rows, flat=SIZE)
    assert flat.kinds == ["Flat"]
    assert overlap(flat, rows, None) == 1.0
    assert written(tmp_path / "none", rows[:0], flat=10).search(rows[0], 5)[0].size == 0


def test_parts_that_follow_one_another_are_searched_as_one(rows: Vectors, tmp_path: Path) -> None:
    written(tmp_path / "first", rows[:5000], flat=100)
    written(tmp_path / "second", rows[5000:], flat=SIZE)
    both = VectorIndex.load(tmp_path / "first", tmp_path / "second")
    assert (both.size, both.dimensions) == (SIZE, DIMENSIONS)
    assert np.array_equal(both.rows([4999, 5000, 0]), rows[[4999, 5000, 0]])
    for allowed in (None, np.arange(4900, 5100), np.arange(10), np.arange(5990, SIZE)):
        assert overlap(both, rows, allowed) >= 0.98
