"""The audit of questions: entered at once, written together by a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, delete, insert

from api.state.database import RejectedError, State, StateError
from api.state.entries import Asked
from api.state.tables import audit
from corpus.masking import masked

log = logging.getLogger("wence.state")
DAY_S = 86_400.0
DOUBLINGS = 5  # of the pause between attempts, while the database is away
CLOSING_PAUSE_S = 0.1  # between them while the service waits to stop
_FIELDS = tuple(field.name for field in fields(Asked))


class Audit:
    """Keeps what was asked for `keep_days` days; nothing at all where that is 0.

    Entries are written every `every_s` seconds, or when `batch` of them wait. At most `room`
    wait: while the database is away the newer ones are then dropped, and counted. `after` is called
    by the writing thread after each attempt.
    """

    def __init__(
        self,
        state: State,
        keep_days: int,
        every_s: float = 1.0,
        batch: int = 200,
        room: int = 10_000,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._keep_days = keep_days
        self._every_s = every_s
        self._batch = batch
        self._room = room
        self._after = after
        self._entries: deque[Asked] = deque()
        self._changed = threading.Condition()
        self._closing: float | None = None  # when to give up, by the monotonic clock
        self._thread: threading.Thread | None = None
        self._purge_at = 0.0  # at once
        self._failures = 0
        self.dropped = 0
        """Entries that found no room, or that could not be kept at the end."""

    @property
    def waiting(self) -> int:
        """Entries that are not written yet."""
        return len(self._entries)

    def record(self, asked: Asked) -> None:
        """Enter one question. Never waits for the database and never fails."""
        if not self._keep_days:
            return
        with self._changed:
            if len(self._entries) >= self._room or self._closing is not None:
                self.dropped += 1
                return
            self._entries.append(asked)
            if len(self._entries) == self._batch:
                self._changed.notify()

    def start(self) -> None:
        """Begin to write, and to remove what is too old (now and once a day)."""
        with self._changed:
            if self._thread is None and self._closing is None:
                self._thread = threading.Thread(target=self._work, name="wence-audit", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Write what waits, for `timeout_s` seconds at most, and stop; the rest counts as dropped."""
        self.start()
        with self._changed:
            if self._closing is None:
                self._closing = time.monotonic() + timeout_s
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(max(0.0, self._closing - time.monotonic()))
        with self._changed:
            left = len(self._entries)
            self._entries.clear()
            self.dropped += left
        if left:
            log.error("审计有 %d 条没能写入状态库", left)

    def rows(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Asked]:
        """What was asked from `since` until before `until`, in the order of writing.

        Raises:
            StateError: the database fails.
        """
        chosen: list[ColumnElement[Any]] = []
        if since is not None:
            chosen.append(audit.c.at >= since)
        if until is not None:
            chosen.append(audit.c.at < until)
        for row in self._state.rows(audit, *chosen):
            yield Asked(**{name: row[name] for name in _FIELDS})

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._ready():
                    self._changed.wait(self._pause())
                closing = self._closing
            self._attempt()
            self._after()
            if closing is not None and (not self._entries or time.monotonic() >= closing):
                return

    def _ready(self) -> bool:
        due = self._closing is not None or len(self._entries) >= self._batch
        return not self._failures and (due or time.monotonic() >= self._purge_at)

    def _pause(self) -> float:
        if not self._failures:
            return self._every_s
        if self._closing is not None:
            return CLOSING_PAUSE_S
        return self._every_s * float(2 ** min(self._failures - 1, DOUBLINGS))

    def _attempt(self) -> None:
        """Remove what is too old and write all that waits; an outage is logged once."""
        try:
            self._purge()
            left = len(self._entries)  # not what comes meanwhile: that goes together, next time
            while left > 0:
                left -= self._write(self._batch)
        except Exception as error:  # a fault of our own must not end the audit either
            if not self._failures:
                why = error if isinstance(error, StateError) else type(error).__name__
                log.warning("审计暂时写不进状态库，稍后再试：%s", why)
            self._failures += 1
        else:
            if self._failures:
                log.warning("审计又写得进状态库了，至今有 %d 条没有记下", self.dropped)
            self._failures = 0

    def _purge(self) -> None:
        if time.monotonic() < self._purge_at:
            return
        too_old = audit.c.at < datetime.now(UTC) - timedelta(days=self._keep_days)
        with self._state.begin() as connection:
            connection.execute(delete(audit).where(too_old) if self._keep_days else delete(audit))
        self._purge_at = time.monotonic() + DAY_S

    def _write(self, most: int) -> int:
        """Write the first `most` entries together; they go on waiting where the database fails."""
        with self._changed:
            first = list(islice(self._entries, most))
        try:
            if first:
                with self._state.begin() as connection:
                    connection.execute(insert(audit), [_row(asked) for asked in first])
        except RejectedError as error:
            if len(first) > 1:
                return sum(self._write(1) for _ in first)  # so that one does not hold up the others
            self.dropped += 1
            log.error("审计有一条记不下：%s", error)
        with self._changed:
            for _ in range(min(len(first), len(self._entries))):
                self._entries.popleft()
        return most


def _row(asked: Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in _FIELDS} | {"question": masked(asked.question)}
