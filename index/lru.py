"""A bounded cache: what was used least lately goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Values by key, of a bounded weight together. Safe for threads.

    Args:
        limit: what all values may weigh together; one that weighs more by itself is not kept.
        weight: of a value; each weighs 1 where it is not given.
    """

    def __init__(self, limit: int, weight: Callable[[V], int] = lambda value: 1) -> None:
        self._limit = limit
        self._weight = weight
        self._held: OrderedDict[K, V] = OrderedDict()
        self._heavy = 0
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value of `key`; None where it is not held (any more)."""
        with self._lock:
            value = self._held.get(key)
            if value is not None:
                self._held.move_to_end(key)
            return value

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Hold `value`, and let go of others if need be."""
        with self._lock:
            if key in self._held:
                self._heavy -= self._weight(self._held.pop(key))
            if (weight := self._weight(value)) > self._limit:
                return
            self._held[key] = value
            self._heavy += weight
            while self._heavy > self._limit:
                _, gone = self._held.popitem(last=False)
                self._heavy -= self._weight(gone)

    def update(self, values: Mapping[K, V]) -> None:
        """Hold all of `values`."""
        for key, value in values.items():
            self.put(key, value)

    def __len__(self) -> int:
        return len(self._held)
