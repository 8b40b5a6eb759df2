"""An answer as server-sent events: the evidence first, each sentence as it may leave, the whole last."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from threading import Event
from typing import Any

import anyio.to_thread
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from api.problems import INTERNAL
from rag.answer import Answer

log = logging.getLogger("wence.api")
MEDIA_TYPE = "text/event-stream"
# What stands between must not collect the stream before it hands it on.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def streamed(answers: Iterator[Answer], cancelled: Event) -> StreamingResponse:
    """`answers` (of `Engine.stream`) as events `evidence`, `statement` and `answer`.

    A client that leaves sets `cancelled`.

    Raises:
        QuestionError: before the stream is begun.
    """
    first = next(answers)
    return StreamingResponse(_events(first, answers, cancelled), media_type=MEDIA_TYPE, headers=_HEADERS)


async def _events(first: Answer, answers: Iterator[Answer], cancelled: Event) -> AsyncIterator[bytes]:
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
    finally:
        cancelled.set()


def _event(name: str, document: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(document, ensure_ascii=False))
