"""The vectors of a collection: what compares records with each other asks for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.embedding import Vectors
from index.lru import Lru
from index.milvus.expressions import RECORDS, among, before, joined, starts
from index.milvus.schema import POSITION, VECTOR, around
from index.milvus.serving import MilvusIndex
from index.store import Store
from index.vectors import Found, Places

READ = 1000  # vectors that one call returns: a megabyte
HELD = 4096  # vectors that are kept


class MilvusVectors:
    """See `VectorSearch`. Safe for threads.

    Args:
        index: the collection.
        store: the plans of its records.
        dimensions: length of a vector.
    """

    def __init__(self, index: MilvusIndex, store: Store, dimensions: int) -> None:
        self.size = index.records
        self.dimensions = dimensions
        self._index = index
        self._plans = starts(store.plan_table)
        self._held: Lru[int, Vectors] = Lru(HELD)

    def rows(self, positions: Sequence[int] | Places) -> Vectors:
        """See `VectorSearch`.

        Raises:
            EngineUnreachableError: the server does not answer. So does `search`.
        """
        wanted = np.asarray(positions, dtype=np.int64).tolist()
        found = {position: self._held.get(position) for position in wanted}
        missing = [position for position, vector in found.items() if vector is None]
        for start in range(0, len(missing), READ):
            rows = self._index.read(missing[start : start + READ], [POSITION, VECTOR])
            read = {row[POSITION]: np.asarray(row[VECTOR], dtype=np.float32) for row in rows}
            self._held.update(read)
            found.update(read)
        vectors = [vector for position in wanted if (vector := found[position]) is not None]
        return np.stack(vectors) if vectors else np.empty((0, self.dimensions), dtype=np.float32)

    def search(self, query: Vectors, k: int, allowed: Sequence[int] | Places | None = None) -> Found:
        """See `VectorSearch`."""
        positions = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        if not query.any() or k <= 0 or (positions is not None and not len(positions)):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        index = self._index
        scope = "" if positions is None else among(positions, self._plans, self.size)
        hits = index.server.searched(
            "search",
            index.collection,
            data=[query],
            anns_field=VECTOR,
            search_params={"params": around(index.graph, k)},
            filter=joined(RECORDS, before(self.size), scope),
            limit=min(k, self.size),
            output_fields=[POSITION],
        )[0]
        found = np.array([hit["entity"][POSITION] for hit in hits], dtype=np.int64)
        cosines = np.array([hit["distance"] for hit in hits], dtype=np.float32)
        order = np.lexsort((found, -cosines))
        return found[order], cosines[order]
