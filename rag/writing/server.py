"""A model behind an OpenAI-compatible server: vLLM, SGLang, Ollama, llama.cpp, a vendor's."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from index.errors import ModelError
from index.served import Served
from rag.writing.model import Gate, Message, Run

log = logging.getLogger("wence.writing")
RETRIES = 1
# What Qwen's and others' templates know; a server that refuses it is asked without.
_WITHOUT_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}


class OpenAIModel:
    """`model` at `url` (ends in /v1); `running` requests at a time, `waiting` more stand in line.

    `read_s` is how long the server may be silent. The key is sent and never written anywhere; proxies of
    the environment are not used.
    """

    def __init__(
        self,
        model: str,
        url: str,
        key: str = "",
        *,
        context: int = 4096,
        running: int = 8,
        waiting: int = 32,
        read_s: float = 60.0,
    ) -> None:
        import openai

        self.name = f"openai:{model}"
        self.context = context
        self._served = Served(model, url, key)
        self._gate = Gate(running, waiting)
        self._openai = openai
        self._client = self._served.client(read_s, RETRIES)
        self._plain = threading.Event()  # set once the server has refused what goes beyond the plain request

    def tokens(self, text: str) -> int:
        """See `ChatModel`: the server's tokenizer is not here; in Chinese models' no character takes more."""
        return len(text)

    def stream(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
        """See `ChatModel`."""
        with self._gate.turn(run) as entered:
            if not entered:
                return
            try:
                yield from self._streamed(messages, most, run)
            except self._openai.OpenAIError as error:
                log.warning("%s at %s: %s", self.name, self._served.url, type(error).__name__)
                raise ModelError(self._served.wrong(error)) from None

    def _streamed(self, messages: Sequence[Message], most: int, run: Run) -> Iterator[str]:
        run.cut = True  # until the server says that it has finished
        with self._opened(messages, most) as chunks:
            run.close = partial(_break_off, chunks.response)
            if run.over:  # before there was anything to break off
                return
            for chunk in chunks:
                if chunk.usage is not None:
                    run.tokens = int(chunk.usage.completion_tokens or 0)
                for choice in chunk.choices[:1]:
                    if choice.finish_reason is not None:
                        run.cut = choice.finish_reason == "length"
                    if isinstance(choice.delta.content, str) and choice.delta.content:
                        run.tokens += chunk.usage is None
                        yield choice.delta.content
                if run.over:
                    return

    def _opened(self, messages: Sequence[Message], most: int) -> Any:
        request: dict[str, Any] = {
            "model": self._served.model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "temperature": 0,
            "max_tokens": most,
            "stream": True,
        }
        more = {"stream_options": {"include_usage": True}, "extra_body": _WITHOUT_THINKING}
        create: Any = self._client.chat.completions.create
        if not self._plain.is_set():
            try:
                return create(**request, **more)
            except (self._openai.BadRequestError, self._openai.UnprocessableEntityError):
                self._plain.set()
        return create(**request)


def _break_off(response: Any) -> None:
    """Wake whoever reads `response` in another thread, however silent the server is.

    Closing it would not: a read that blocks goes on until something arrives.
    """
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if connection is not None:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            connection.shutdown(socket.SHUT_RDWR)
