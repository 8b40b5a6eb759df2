"""BM25 from the sparse rows that a search has returned: the same values as in process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.expansion import Expansion
from index.statistics import Statistics

Floats = NDArray[np.float32]
Sparse = bytes
"""A sparse vector as Milvus sends it: number and value of each token, four bytes each."""
_PAIRS = np.dtype([("number", "<u4"), ("value", "<f4")])


def packed(vector: Mapping[int, float]) -> Sparse:
    """`vector` as Milvus would send it."""
    return np.array(list(vector.items()), dtype=_PAIRS).tobytes()


def sent(hits: Any, field: str) -> Sequence[Sparse]:
    """The sparse vectors of all `hits` of a search; pymilvus would make a dictionary of each, in 0.3 ms."""
    found = next((data for data in hits.lazy_field_data if data.field_name == field), None)
    contents: Sequence[Sparse] = found.vectors.sparse_float_vector.contents if found is not None else ()
    return contents


class WordQuery:
    """A query as BM25 sees it.

    Args:
        statistics: of the documents that are searched.
        query: what is asked.
        expansions: what everyday words in it may stand for.
    """

    def __init__(self, statistics: Statistics, query: str, expansions: Sequence[Expansion]) -> None:
        self._plain = statistics.query(query)
        terms = dict.fromkeys((e.terms, e.weight) for e in expansions)
        known = ([own for term in group if (own := statistics.query(term))] for group, _ in terms)
        self._meant = [(own, weight) for own, (_, weight) in zip(known, terms, strict=True) if own]

    @property
    def known(self) -> bool:
        """Whether any document can hold a word of it."""
        return bool(self._plain or self._meant)

    @property
    def several(self) -> bool:
        """Whether a search by `sparse` finds in another order than `of` scores."""
        return bool(self._meant)

    def sparse(self) -> dict[int, float]:
        """All words together, to search with: of several terms each adds here, and only the best in `of`."""
        found = dict(self._plain)
        for terms, weight in self._meant:
            for term in terms:
                for number, value in term.items():
                    found[number] = found.get(number, 0.0) + weight * value
        return found

    def of(self, rows: Sequence[Sparse]) -> Floats:
        """BM25 of the documents of `rows`, shape (rows,).

        Of an expansion the term that a document holds best is added with the expansion's weight, once.
        """
        pairs = np.frombuffer(b"".join(rows), dtype=_PAIRS)
        number, value = pairs["number"].astype(np.int64), pairs["value"]
        row = np.repeat(np.arange(len(rows)), [len(row) // _PAIRS.itemsize for row in rows])

        def product(query: Mapping[int, float]) -> Floats:
            """The inner product of each row and `query`."""
            wanted = np.array(sorted(query), dtype=np.int64)
            weights = np.array([query[n] for n in wanted.tolist()], dtype=np.float32)
            at = np.minimum(np.searchsorted(wanted, number), max(len(wanted) - 1, 0))
            held = wanted[at] == number if len(wanted) else np.zeros(len(number), dtype=np.bool_)
            sums = np.bincount(row[held], weights[at[held]] * value[held], minlength=len(rows))
            return sums.astype(np.float32)

        scores = product(self._plain)
        for terms, weight in self._meant:
            scores = scores + np.float32(weight) * np.maximum.reduce([product(term) for term in terms])
        return scores
