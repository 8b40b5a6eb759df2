"""How often one caller may ask, and how often one address may try keys that are none."""

from __future__ import annotations

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

ATTEMPTS = "20/minute"  # keys that are none, from one address


class Rates:
    """Counts requests by caller; `rate` as `limits` writes it, no limit where empty.

    Each worker process counts what comes to it.

    Raises:
        ValueError: `rate` cannot be read.
    """

    def __init__(self, rate: str) -> None:
        self._item = parse(rate) if rate else None
        self._attempts = parse(ATTEMPTS)
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait_s(self, who: str) -> int:
        """Count a request of `who`: 0 where it may be made, else the seconds to wait."""
        if self._item is None or self._counter.hit(self._item, "request", who):
            return 0
        return self._seconds(self._counter.get_window_stats(self._item, "request", who).reset_time)

    def attempts_wait_s(self, address: str) -> int:
        """Seconds until `address` may try a key again; 0 where it may now."""
        if self._counter.test(self._attempts, "attempt", address):
            return 0
        return self._seconds(self._counter.get_window_stats(self._attempts, "attempt", address).reset_time)

    def failed(self, address: str) -> None:
        """Count an attempt of `address` with a key that is none."""
        self._counter.hit(self._attempts, "attempt", address)

    @staticmethod
    def _seconds(reset: float) -> int:
        return max(1, math.ceil(reset - time.time()))
