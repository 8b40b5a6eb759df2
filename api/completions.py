"""Answers in OpenAI's shape: a chat completion, whole or in chunks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi.sse import format_sse_event

from api.context import caller
from api.openai_schemas import MODEL
from rag.answer import Answer

_BESIDE = ("refused", "clarify", "route", "statements", "departments", "suggestions", "table", "writer")
DONE = b"data: [DONE]\n\n"


class Shape:
    """What all of one completion has in common: its id, which names the request, and its time."""

    def __init__(self) -> None:
        self._request = caller().request or uuid4().hex
        self._common = {"id": f"chatcmpl-{self._request}", "created": int(time.time()), "model": MODEL}

    def whole(self, answer: Answer) -> dict[str, Any]:
        """`answer` as a chat.completion."""
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        shape = self._common | {"object": "chat.completion", "choices": [choice]}
        return shape | {"usage": usage(answer)} | self.beside(answer)

    def chunk(self, delta: dict[str, str] | None, finish: str | None = None) -> dict[str, Any]:
        """A chat.completion.chunk that says `delta`; one without a choice where it is None."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        choices = [] if delta is None else [choice]
        return self._common | {"object": "chat.completion.chunk", "choices": choices}

    def beside(self, answer: Answer) -> dict[str, Any]:
        """What the contract says beside the text: `citations` and `wence`."""
        document = answer.as_json()
        own = {name: document[name] for name in _BESIDE if name in document}
        return {"citations": document["citations"], "wence": own | {"request": self._request}}


class Chunks:
    """Tells the answers of a stream as chunks; with `counted`, a last one holds the usage."""

    def __init__(self, shape: Shape, *, counted: bool) -> None:
        self._shape = shape
        self._usage: dict[str, Any] = {"usage": None} if counted else {}
        self._said = 0

    def opening(self, first: Answer) -> Iterator[bytes]:
        """Who speaks."""
        yield self._event(self._shape.chunk({"role": "assistant", "content": ""}))

    def saying(self, so_far: Answer) -> Iterator[bytes]:
        """The text that is new: what was said before stands at its beginning."""
        if new := so_far.text[self._said :]:
            yield self._event(self._shape.chunk({"content": new}))
        self._said += len(new)

    def closing(self, last: Answer) -> Iterator[bytes]:
        """The end, with what the contract says beside the text; the usage, where it is asked for."""
        yield self._event(self._shape.chunk({}, "stop") | self._shape.beside(last))
        if self._usage:
            yield _data(self._shape.chunk(None) | {"usage": usage(last)})
        yield DONE

    def breaking(self, why: str) -> Iterator[bytes]:
        """An error as OpenAI's clients look for it in a stream."""
        error = {"message": why, "type": "server_error", "code": "internal", "param": None}
        yield _data({"error": error})

    def _event(self, chunk: dict[str, Any]) -> bytes:
        return _data(chunk | self._usage)


def usage(answer: Answer) -> dict[str, int]:
    """Tokens that a language model wrote for `answer`; what it read is not counted."""
    written = answer.writing.tokens if answer.writing else 0
    return {"prompt_tokens": 0, "completion_tokens": written, "total_tokens": written}


def _data(document: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(document, ensure_ascii=False))
