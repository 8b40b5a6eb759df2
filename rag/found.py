"""The records that a scan found, read as they are looked at: a page of a long list costs a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from corpus.types import Record
from index.plan_table import Positions
from index.store import Store

PART = 2_000  # records that going through all of them reads at a time


class Found(Sequence[Record]):
    """The records of `store` at `positions`, in that order."""

    def __init__(self, store: Store, positions: Positions) -> None:
        self._store = store
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, key: int) -> Record: ...
    @overload
    def __getitem__(self, key: slice) -> list[Record]: ...
    def __getitem__(self, key: int | slice) -> Record | list[Record]:
        if isinstance(key, slice):
            return self._store.get(self._store.names.at(self._positions[key].tolist()))
        return self._store.get(self._store.names.at([int(self._positions[key])]))[0]

    def __iter__(self) -> Iterator[Record]:
        for start in range(0, len(self), PART):
            yield from self[start : start + PART]
