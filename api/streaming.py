"""An answer as server-sent events: the evidence first, each sentence as it may leave, the whole last."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Generator
from functools import partial
from threading import Event
from typing import Any

import anyio.to_thread
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from api.problems import INTERNAL
from rag.answer import Answer

log = logging.getLogger("wence.api")
MEDIA_TYPE = "text/event-stream"
# What stands between must not collect the stream before it hands it on.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def streamed(answers: Generator[Answer], cancelled: Event) -> StreamingResponse:
    """`answers` (of `Engine.stream`) as events `evidence`, `statement` and `answer`.

    A client that leaves sets `cancelled`.

    Raises:
        QuestionError: before the stream is begun.
    """
    return _Events(next(answers), answers, cancelled)


class _Events(StreamingResponse):
    """The stream; however it ends, the engine learns that nobody waits any more."""

    def __init__(self, first: Answer, answers: Generator[Answer], cancelled: Event) -> None:
        super().__init__(_events(first, answers), media_type=MEDIA_TYPE, headers=_HEADERS)
        self._answers, self._cancelled = answers, cancelled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._cancelled.set()
            with contextlib.suppress(ValueError):  # it is being worked on, and sees that by itself
                self._answers.close()


async def _events(first: Answer, answers: Generator[Answer]) -> AsyncIterator[bytes]:
    sent = 0
    answer: Answer | None = first
    try:
        yield _event("evidence", {"citations": [citation.as_json() for citation in first.citations]})
        last = first
        while answer is not None:
            last = answer
            for statement in answer.statements[sent:]:
                yield _event("statement", statement.as_json())
            sent = len(answer.statements)
            answer = await anyio.to_thread.run_sync(partial(next, answers, None), abandon_on_cancel=True)
        yield _event("answer", last.as_json())
    except Exception:
        log.exception("stream broke off")
        yield _event("error", {"detail": INTERNAL})


def _event(name: str, document: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(document, ensure_ascii=False))
