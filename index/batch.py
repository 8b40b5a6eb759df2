"""What a build hands to each part of an index: records in a row, and what search reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.bank import BankQuestion
from corpus.types import Plan, Record
from index.embedding import Vectors


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that follow one another in print order.

    Args:
        start: position (0-based place in print order) of the first.
        records: the records.
        plans: the plan of each.
        texts: what search reads of each, normalised.
        vectors: of the texts, shape (records, dimensions), rows of length one (or zero).
        asked: the bank's questions that each answers.
    """

    start: int
    records: Sequence[Record]
    plans: Sequence[Plan]
    texts: Sequence[str]
    vectors: Vectors
    asked: Sequence[Sequence[BankQuestion]]
