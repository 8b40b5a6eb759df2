"""Records that say the same in several plans: a city measure and its districts' versions of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.types import Record
from index.store import searchable
from index.words import WordIndex

SAME = 0.5  # share of its own BM25 score that a record gives to one which says the same


def sisters(records: Sequence[Record]) -> NDArray[np.bool_]:
    """Which of `records` say the same: shape (n, n), symmetric, true on the diagonal.

    Two say the same where, for the text of one as a query, BM25 gives the other at least
    `SAME` of what it gives the text itself.
    """
    texts = [searchable(record) for record in records]
    words = WordIndex.build(texts)
    same = np.eye(len(records), dtype=np.bool_)
    for n, text in enumerate(texts):
        scores = words.scores(text)
        same[n] |= scores >= SAME * scores[n]
    return same | same.T
