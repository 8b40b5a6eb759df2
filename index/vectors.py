"""Vectors: FAISS inner product over unit vectors, so scores are cosines.

Few are searched exactly. From `FLAT` on, an inverted file with scalar quantisation finds candidates,
and their exact vectors, which lie beside it and are mapped, put them in order: at a million, looking at
a thirty-second of the lists finds 10 of the 10 nearest (`wence bench scale` measures it).
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors

FLAT = 50_000  # vectors up to which all are looked at
PROBED = 32  # of the lists, the share that is looked at is one in so many
LEAST = 16  # lists that are looked at, at the least
REFINED, FEWEST = 4, 100  # times as many candidates as are asked for, or so many, are put in order exactly
TRAINED = 64  # vectors a list from which the lists are learnt
GATHERED = 4_096  # allowed vectors up to which each is looked at
ADDED = 65_536  # vectors that are added at a time
ROWS, LISTS, FLAT_FILE = "rows.npy", "lists.faiss", "flat.faiss"
faiss.omp_set_num_threads(1)  # one question is one search: threads would only wait for each other
Places = NDArray[np.int64]
Cosines = NDArray[np.float32]
Found = tuple[Places, Cosines]


class VectorWriter:
    """Writes vectors that come one after another, and the index over them; memory holds one batch.

    Args:
        folder: where they are written (made here).
        dimensions: length of a vector.
        flat: vectors up to which they are searched exactly.
    """

    def __init__(self, folder: Path, dimensions: int, flat: int = FLAT) -> None:
        folder.mkdir()
        self._folder = folder
        self._flat = flat
        self._dimensions = dimensions
        self._size = 0
        self._path = folder / ROWS
        self._path.touch()
        self._begins = self._head()

    def _head(self) -> int:
        """Write the head of the file, which has room for any number of rows; where they begin."""
        head = {"descr": "<f4", "fortran_order": False, "shape": (self._size, self._dimensions)}
        with self._path.open("r+b") as out:
            np.lib.format.write_array_header_1_0(out, head)
            return out.tell()

    def add(self, vectors: Vectors) -> None:
        """Take further vectors, shape (n, dimensions), rows of length one (or zero)."""
        with self._path.open("ab") as out:
            out.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        self._size += len(vectors)

    def rows(self) -> Vectors:
        """What was added so far, mapped, shape (n, dimensions)."""
        if self._head() != self._begins:
            raise ValueError(f"{self._path}：文件头的长度变了")
        nothing: Vectors = _none(self._dimensions)
        return np.load(self._path, mmap_mode="r") if self._size else nothing

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._folder)

    def finish(self) -> VectorIndex:
        """Write the index."""
        rows = self.rows()
        if self._size > self._flat:
            faiss.write_index(_lists(rows), str(self._folder / LISTS))
        else:
            flat = faiss.IndexFlatIP(self._dimensions)
            flat.add(np.ascontiguousarray(rows))
            faiss.write_index(flat, str(self._folder / FLAT_FILE))
            self._path.unlink()
        return VectorIndex.load(self._folder)


def _lists(rows: Vectors) -> faiss.IndexIVF:
    """An inverted file over `rows` with a byte a dimension; the lists are learnt from a sample of them."""
    size, dimensions = rows.shape
    count = 2 ** round(np.log2(size) / 2)
    lists = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimensions),
        dimensions,
        count,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    lists.cp.niter, lists.cp.seed = 8, 1
    lists.cp.max_points_per_centroid = TRAINED
    sample = np.random.default_rng(1).choice(size, min(size, count * TRAINED), replace=False)
    lists.train(np.ascontiguousarray(rows[np.sort(sample)]))
    for start in range(0, size, ADDED):
        lists.add(np.ascontiguousarray(rows[start : start + ADDED]))
    faiss.omp_set_num_threads(1)
    return lists


class VectorSearch(Protocol):
    """Vectors of all records, wherever they are."""

    @property
    def size(self) -> int:
        """Number of vectors."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def rows(self, positions: Sequence[int] | Places) -> Vectors:
        """The vectors at `positions`, shape (len(positions), dimensions)."""
        ...

    def search(self, query: Vectors, k: int, allowed: Sequence[int] | Places | None = None) -> Found:
        """Positions and cosines of the nearest `k`, best first, among `allowed` only."""
        ...


class Part(Protocol):
    """The vectors of records that follow one another."""

    @property
    def size(self) -> int:
        """Number of vectors."""
        ...

    @property
    def kind(self) -> str:
        """What FAISS calls it, for the manifest."""
        ...

    def rows(self, places: Places) -> Vectors:
        """The vectors at `places`, shape (len(places), dimensions)."""
        ...

    def nearest(self, query: Vectors, k: int, among: Places | None) -> Found:
        """Places and cosines of the nearest `k`, best first, of those `among` (sorted)."""
        ...


class Flat:
    """All are looked at."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index
        self.size = int(index.ntotal)
        self.kind = "Flat"

    def rows(self, places: Places) -> Vectors:
        """See `Part`."""
        found: Vectors = self._index.reconstruct_batch(places) if len(places) else _none(self._index.d)
        return found

    def nearest(self, query: Vectors, k: int, among: Places | None) -> Found:
        """See `Part`."""
        parameters = None
        if among is not None:
            bits = _bits(among, self.size)  # alive until the search is done
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
        cosines, places = self._index.search(query[None, :], min(k, self.size), params=parameters)
        found = places[0] >= 0
        return places[0][found], cosines[0][found]


class Lists:
    """An inverted file finds candidates; their exact vectors, which are mapped, put them in order."""

    def __init__(self, index: Any, vectors: Vectors) -> None:
        if index.ntotal != len(vectors):
            raise ValueError(f"向量 {len(vectors)} 个，倒排里有 {index.ntotal} 个")
        self._index = index
        self._vectors = vectors
        self.size = len(vectors)
        self.kind = f"IVF{index.nlist},SQ8,Refine(Flat)"

    def rows(self, places: Places) -> Vectors:
        """See `Part`."""
        if len(places) and (np.diff(places) == 1).all():
            return self._vectors[places[0] : places[-1] + 1]
        return self._vectors[places]

    def nearest(self, query: Vectors, k: int, among: Places | None) -> Found:
        """See `Part`."""
        if among is not None and len(among) <= GATHERED:
            return _best(among, self.rows(among) @ query, k)
        probed = max(LEAST, self._index.nlist // PROBED)
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe = probed
        if among is not None:  # the fewer may be found, the more lists are looked at (measured: their root)
            bits = _bits(among, self.size)  # alive until the search is done
            parameters.sel = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
            parameters.nprobe = min(self._index.nlist, int(probed * math.sqrt(self.size / len(among))))
        _, found = self._index.search(
            query[None, :], min(max(k * REFINED, FEWEST), self.size), params=parameters
        )
        places = np.sort(found[0][found[0] >= 0])
        return _best(places, self.rows(places) @ query, k)


class VectorIndex:
    """Cosine search over all records, in parts that follow one another."""

    def __init__(self, parts: Sequence[Part], dimensions: int) -> None:
        self._parts = list(parts)
        self._starts: list[int] = np.cumsum([0, *(part.size for part in parts)]).tolist()
        self.size = self._starts.pop()
        """Number of vectors."""
        self.dimensions = dimensions
        """Length of a vector."""

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """Index `vectors`, shape (records, dimensions), rows of length one, in memory: all are looked at."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls([Flat(index)], vectors.shape[1])

    @classmethod
    def load(cls, folder: Path, *more: Path) -> VectorIndex:
        """Open `folder` and `more` that continue it, as written, mapped: processes share it."""
        parts, dimensions = [], 0
        for one in (folder, *more):
            lists = (one / LISTS).is_file()
            index = faiss.read_index(str(one / (LISTS if lists else FLAT_FILE)), faiss.IO_FLAG_MMAP_IFC)
            dimensions = int(index.d)
            rows = np.asarray(np.load(one / ROWS, mmap_mode="r")) if lists else None
            parts.append(Flat(index) if rows is None else Lists(index, rows))
        return cls(parts, dimensions)

    @property
    def kinds(self) -> list[str]:
        """What FAISS calls each part, for the manifest."""
        return [part.kind for part in self._parts]

    def rows(self, positions: Sequence[int] | Places) -> Vectors:
        """The vectors at `positions`, shape (len(positions), dimensions)."""
        places = np.asarray(positions, dtype=np.int64)
        if len(self._parts) == 1:
            return self._parts[0].rows(places)
        found: Vectors = np.empty((len(places), self.dimensions), dtype=np.float32)
        for start, part in zip(self._starts, self._parts, strict=True):
            here = (places >= start) & (places < start + part.size)
            found[here] = part.rows(places[here] - start)
        return found

    def search(self, query: Vectors, k: int, allowed: Sequence[int] | Places | None = None) -> Found:
        """Positions and cosines of the nearest `k`, best first, among `allowed` only.

        `query` has shape (dimensions,); `allowed` are positions in order. A zero query finds nothing.
        """
        among = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        if not self.size or not query.any() or k <= 0 or (among is not None and not len(among)):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if len(self._parts) == 1:
            return self._parts[0].nearest(query, k, among)
        found, cosines = [], []
        for start, part in zip(self._starts, self._parts, strict=True):
            own = None if among is None else among[slice(*np.searchsorted(among, [start, start + part.size]))]
            if own is None or len(own):
                places, near = part.nearest(query, k, None if own is None else own - start)
                found.append(places + start)
                cosines.append(near)
        return _best(np.concatenate(found), np.concatenate(cosines), k)


def _bits(among: Places, size: int) -> NDArray[np.uint8]:
    """A bit for each of `size` places, set for those `among`."""
    mask = np.zeros(size, dtype=np.bool_)
    mask[among] = True
    return np.packbits(mask, bitorder="little")


def _none(dimensions: int) -> Vectors:
    return np.empty((0, dimensions), dtype=np.float32)


def _best(places: Places, cosines: Cosines, k: int) -> Found:
    """The `k` best of `places`, best first; of equal ones the first in order."""
    if len(places) > 4 * k:
        least = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
        kept = np.flatnonzero(cosines >= least)
        places, cosines = places[kept], cosines[kept]
    order = np.argsort(-cosines, kind="stable")[:k]
    return places[order], cosines[order]
