"""Vectors: FAISS inner product over unit vectors, so scores are cosines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors

Mask = NDArray[np.bool_]


class VectorIndex:
    """Exact cosine search over all records."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """Index `vectors`, shape (records, dimensions), rows of length one."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the index to `path`."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Open what `save` wrote, mapped: processes share it, and a search is as quick (measured)."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    @property
    def size(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def rows(self) -> Vectors:
        """All vectors, shape (records, dimensions), in the order of the records."""
        vectors: Vectors = self._index.reconstruct_n(0, self.size)
        return vectors

    def search(
        self, query: Vectors, k: int, allowed: Sequence[int] | NDArray[np.int64] | Mask | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Positions and cosines of the nearest `k`, best first, among `allowed` only.

        `query` has shape (dimensions,); `allowed` are positions, or a mask of shape (size,). A zero
        query finds nothing.
        """
        if not query.any() or k <= 0 or (allowed is not None and not len(allowed)):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = None
        if allowed is not None:
            among = np.zeros(self.size, dtype=np.bool_)
            among[allowed] = True
            bits = np.packbits(among, bitorder="little")  # alive until the search is done
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBitmap(bits.size, faiss.swig_ptr(bits))
        cosines, positions = self._index.search(query[None, :], min(k, self.size), params=parameters)
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]
