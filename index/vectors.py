"""Vectors: FAISS inner product over unit vectors, so scores are cosines.

Few are searched exactly. From `FLAT` on, codes of all of them are looked at (product quantisation, four bits
a code), and the exact vectors of the best, which lie beside them and are mapped, are put in order. There are
no lists to choose among: questions are short, lie far from all clusters of records, and lose a tenth of what
is near them with three lists of four unread. Of a million, 0.998 of the 10 nearest are found and 0.987 of the
50 nearest, in 3 ms on one core; 58 bytes a vector are held, and the exact ones need not be (measured with
real and made-up questions on the corpus of `wence bench scale`).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors

FLAT = 50_000  # vectors up to which all are looked at
KEPT, ALONE = 0.96, 5  # of the variance is written in codes; of its components one in so many has its own
REFINED, FEWEST = 16, 800  # times as many as are asked for, or so many, are put in order: half find 0.95
TRAINED = 16_384  # vectors from which components and codes are learnt, in half a second
GATHERED, SHARE = 4_096, 32  # allowed vectors, or one in so many, up to which reading each takes less time
BLOCK = 4_096  # rows multiplied at a time: for twice as many OpenBLAS has threads, which wait for each other
ADDED = 65_536  # vectors that are added at a time
ROWS, CODES, FLAT_FILE = "rows.npy", "codes.faiss", "flat.faiss"
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
            faiss.write_index(_codes(rows), str(self._folder / CODES))
        else:
            flat = faiss.IndexFlatIP(self._dimensions)
            flat.add(np.ascontiguousarray(rows))
            faiss.write_index(flat, str(self._folder / FLAT_FILE))
            self._path.unlink()
        return VectorIndex.load(self._folder)


def _codes(rows: Vectors) -> faiss.IndexPreTransform:
    """Codes of four bits over `rows`, in one list: FAISS filters such codes in lists, and nowhere else.

    One thread makes them: on a busy machine two took sixteen times as long to learn.
    """
    size = len(rows)
    sample = np.random.default_rng(1).choice(size, min(size, TRAINED), replace=False)
    drawn = np.ascontiguousarray(rows[np.sort(sample)])
    turned = _components(drawn)
    width = turned.d_out
    quantizer = faiss.IndexFlatIP(width)
    lists = faiss.IndexIVFPQFastScan(quantizer, width, 1, width // 2, 4, faiss.METRIC_INNER_PRODUCT)
    codes = faiss.IndexPreTransform(turned, lists)
    codes.train(drawn)
    for start in range(0, size, ADDED):
        codes.add(np.ascontiguousarray(rows[start : start + ADDED]))
    return codes


def _components(sample: Vectors) -> faiss.LinearTransform:
    """Turns vectors to their principal components: the strongest each beside a zero, the next two by two.

    A code is for two numbers, so that the strongest are written with four bits and the next with two; the
    weakest are left out. Of 256 dimensions 96 codes find what 128 find that treat all alike, in half the
    time.
    """
    strength, axes = np.linalg.eigh(np.cov(sample, rowvar=False))
    strength, axes = strength[::-1], axes[:, ::-1].T
    kept = 1 + int(np.searchsorted(strength.cumsum() / strength.sum(), KEPT))
    alone = kept // ALONE + (kept - kept // ALONE) % 2
    paired = (kept - alone) // 2
    turn = np.zeros((2 * (alone + paired), len(axes)), dtype=np.float32)
    turn[: 2 * alone : 2] = axes[:alone]
    turn[2 * alone :] = axes[alone : alone + 2 * paired]
    made = faiss.LinearTransform(len(axes), len(turn))
    faiss.copy_array_to_vector(turn.ravel(), made.A)
    made.is_trained = True
    return made


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


class Codes:
    """Codes of all find candidates; their exact vectors, which are mapped, put them in order."""

    def __init__(self, index: Any, vectors: Vectors) -> None:
        if index.ntotal != len(vectors):
            raise ValueError(f"向量 {len(vectors)} 个，编码有 {index.ntotal} 个")
        self._index = index
        self._vectors = vectors
        self.size = len(vectors)
        lists: Any = faiss.downcast_index(index.index)
        self.kind = f"PCA,IVF{lists.nlist},PQ{lists.pq.M}x{lists.pq.nbits}fs,Refine(Flat)"

    def rows(self, places: Places) -> Vectors:
        """See `Part`."""
        if len(places) and (np.diff(places) == 1).all():
            return self._vectors[places[0] : places[-1] + 1]
        return self._vectors[places]

    def nearest(self, query: Vectors, k: int, among: Places | None) -> Found:
        """See `Part`."""
        if among is not None and len(among) <= max(GATHERED, self.size // SHARE):
            return self._ordered(among, query, k)
        parameters = None
        if among is not None:
            bits = _bits(among, self.size)  # alive until the search is done
            chosen = faiss.SearchParametersIVF()
            chosen.sel = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
            parameters = faiss.SearchParametersPreTransform()
            parameters.index_params = chosen
        candidates = min(max(k * REFINED, FEWEST), self.size)
        _, found = self._index.search(query[None, :], candidates, params=parameters)
        return self._ordered(np.sort(found[0][found[0] >= 0]), query, k)

    def _ordered(self, places: Places, query: Vectors, k: int) -> Found:
        """The nearest `k` of `places` by their exact vectors, best first."""
        parts = (places[start : start + BLOCK] for start in range(0, max(1, len(places)), BLOCK))
        cosines = [self.rows(part) @ query for part in parts]
        return _best(places, np.concatenate(cosines), k)


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
        """Open `folder` and `more` that continue it, as written, mapped but for codes: processes share it."""
        parts, dimensions = [], 0
        for one in (folder, *more):
            coded = (one / CODES).is_file()
            index = faiss.read_index(str(one / (CODES if coded else FLAT_FILE)), faiss.IO_FLAG_MMAP_IFC)
            dimensions = int(index.d)
            rows = np.asarray(np.load(one / ROWS, mmap_mode="r")) if coded else None
            parts.append(Flat(index) if rows is None else Codes(index, rows))
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
            if part.size and (own is None or len(own)):
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
