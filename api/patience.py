"""Working out an answer in a thread, for as long as somebody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

from api.answering import Answering
from rag.writing.writer import Extractive

T = TypeVar("T")
# Quoting is work for the processor alone: more threads would only take it from each other.
QUICK = 2


class Patience:
    """Runs what answers questions; `cancelled` is set once the client has left or the time is up."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._quick: anyio.CapacityLimiter | None = None

    async def worked_out(self, request: Request, work: Callable[[], T], cancelled: Event) -> T:
        """What `work` gives, worked out in a thread.

        Raises:
            Whatever `work` does.
        """
        try:
            if isinstance(self._answering.engine().writer, Extractive):
                self._quick = self._quick or anyio.CapacityLimiter(QUICK)
                return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._quick)
            async with anyio.create_task_group() as group:
                group.start_soon(_watch, request, cancelled)
                done = await anyio.to_thread.run_sync(partial(_kept, work), abandon_on_cancel=True)
                group.cancel_scope.cancel()
        finally:
            cancelled.set()
        return done()


def _kept(work: Callable[[], T]) -> Callable[[], T]:
    """What `work` gives or raises, to be had outside: a task group would wrap the error."""
    try:
        found = work()
    except Exception as error:
        problem = error

        def fail() -> T:
            raise problem

        return fail
    return lambda: found


async def _watch(request: Request, gone: Event) -> None:
    """Set `gone` when the client leaves."""
    while not gone.is_set():
        if (await request.receive())["type"] == "http.disconnect":
            gone.set()
