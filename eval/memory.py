"""What this process holds in memory, as Linux's /proc tells; elsewhere nothing is known of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.service import table

_SELF = Path("/proc/self")
_KB = 1024
_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: resident, the share of them (what others map too is split), and what stands in no file.

    What is mapped from a file is resident once it was read, and given up when others need the room.
    """

    rss: int
    pss: int
    anonymous: int

    @classmethod
    def now(cls) -> Memory | None:
        """What this process holds now."""
        try:
            sizes = table(_SELF / "smaps_rollup")
        except OSError:
            return None
        return cls(*(sizes[name] * _KB for name in ("Rss", "Pss", "Anonymous")))

    def over(self, least: Memory, measures: int) -> dict[str, int]:
        """Bytes a measure beyond `least`, which holds `measures` fewer."""
        mine, other = asdict(self), asdict(least)
        return {name: round((mine[name] - other[name]) / measures) for name in mine}


class Peak:
    """The most that was held while it was watched, in bytes; None where the system does not tell."""

    rss: int | None = None
    anonymous: int | None = None


@contextmanager
def watched() -> Iterator[Peak]:
    """Watch this process while the block runs; the peak stands when it is done."""
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while True:
            try:
                held = table(_SELF / "status")
            except OSError:
                return
            peak.rss = held["VmHWM"] * _KB
            peak.anonymous = max(peak.anonymous or 0, held["RssAnon"] * _KB)
            if done.wait(_EVERY_S):
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
