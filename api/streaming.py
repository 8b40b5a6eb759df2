"""Answers as server-sent events, told as they come; what they are told as is the endpoint's."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from functools import partial
from threading import Event
from typing import Any, Protocol

import anyio.to_thread
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from api.problems import INTERNAL, told
from index.errors import IndexFolderError
from rag.answer import Answer

log = logging.getLogger("wence.api")
MEDIA_TYPE = "text/event-stream"
# What stands between must not collect the stream before it hands it on.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Telling(Protocol):
    """How the answers of one stream are told: what is sent when."""

    def opening(self, first: Answer) -> Iterable[bytes]:
        """Before anything is said."""
        ...

    def saying(self, so_far: Answer) -> Iterable[bytes]:
        """What `so_far` says beyond the answer before it."""
        ...

    def closing(self, last: Answer) -> Iterable[bytes]:
        """When the whole answer has been said."""
        ...

    def breaking(self, why: str) -> Iterable[bytes]:
        """When no more can be said: one Chinese sentence says why."""
        ...


def streamed(
    answers: Generator[Answer], cancelled: Event, telling: Telling | None = None
) -> StreamingResponse:
    """`answers` (of `Answering.stream`) as events: those of `Contract` or as `telling` makes them.

    A client that leaves sets `cancelled`.

    Raises:
        QuestionError, NotReadyError: before the stream is begun.
    """
    return _Events(next(answers), answers, cancelled, telling or Contract())


class Contract:
    """Events `evidence`, `statement` for each sentence as it may leave, and `answer`, the whole."""

    def __init__(self) -> None:
        self._said = 0

    def opening(self, first: Answer) -> Iterator[bytes]:
        """The records that the answer is drawn from."""
        yield _event("evidence", {"citations": [citation.as_json() for citation in first.citations]})

    def saying(self, so_far: Answer) -> Iterator[bytes]:
        """The sentences that are new."""
        for statement in so_far.statements[self._said :]:
            yield _event("statement", statement.as_json())
        self._said = len(so_far.statements)

    def closing(self, last: Answer) -> Iterator[bytes]:
        """The contract's answer object."""
        yield _event("answer", last.as_json())

    def breaking(self, why: str) -> Iterator[bytes]:
        """An `error` that says why."""
        yield _event("error", {"detail": why})


class _Events(StreamingResponse):
    """The stream; however it ends, the engine learns that nobody waits any more."""

    def __init__(self, first: Answer, answers: Generator[Answer], cancelled: Event, telling: Telling) -> None:
        super().__init__(_events(first, answers, telling), media_type=MEDIA_TYPE, headers=_HEADERS)
        self._answers, self._cancelled = answers, cancelled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._cancelled.set()
            with contextlib.suppress(ValueError):  # it is being worked on, and sees that by itself
                self._answers.close()


async def _events(first: Answer, answers: Generator[Answer], telling: Telling) -> AsyncIterator[bytes]:
    answer: Answer | None = first
    try:
        for event in telling.opening(first):
            yield event
        last = first
        while answer is not None:
            last = answer
            for event in telling.saying(answer):
                yield event
            answer = await anyio.to_thread.run_sync(partial(next, answers, None), abandon_on_cancel=True)
        for event in telling.closing(last):
            yield event
    except IndexFolderError as error:
        for event in telling.breaking(told(error)):
            yield event
    except Exception:
        log.exception("stream broke off")
        for event in telling.breaking(INTERNAL):
            yield event


def _event(name: str, document: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(document, ensure_ascii=False))
