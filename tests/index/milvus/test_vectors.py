"""Vectors in Milvus are those of the index in process."""

from __future__ import annotations

import numpy as np

from index.milvus.serving import MilvusIndex
from index.milvus.vectors import MilvusVectors
from index.vectors import VectorIndex
from tests.index.milvus.conftest import Collection, Parts


def test_rows_and_neighbours_are_those_in_process(collection: Collection, parts: Parts) -> None:
    rows = np.concatenate([batch.vectors for batch in parts.batches])
    held = VectorIndex.build(rows)
    index = MilvusIndex.open(collection.server, collection.name, parts.dimensions, parts.store)
    vectors = MilvusVectors(index, parts.store, parts.dimensions)
    assert (vectors.size, vectors.dimensions) == rows.shape
    wanted = [5, 0, len(rows) - 1, 5]
    assert np.allclose(vectors.rows(wanted), rows[wanted], atol=1e-6)
    assert vectors.rows([]).shape == (0, parts.dimensions)
    some = np.arange(3, len(rows), 7)
    for allowed in (None, some, some[:0]):
        places, cosines = vectors.search(rows[17], 10, allowed)
        expected, near = held.search(rows[17], 10, allowed)
        assert set(places.tolist()) == set(expected.tolist())  # some records say the same
        assert np.allclose(cosines, near, atol=1e-6)
    assert not len(vectors.search(np.zeros_like(rows[0]), 3)[0])
