"""Connections on which no request comes: closed after a while, so that they cannot be held for nothing."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, problem

UNREADABLE = "这不是合法的 HTTP 请求，或者地址太长。"


class Connection(HttpToolsProtocol):
    """uvicorn's connection; a request's head must have come `head_s` seconds after it was opened.

    uvicorn itself waits without end for the first head (it times only what comes between requests).
    """

    head_s: ClassVar[float] = 15.0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(self.head_s, self._give_up)

    def on_message_begin(self) -> None:
        """A later request on this connection begins: wait for its head likewise."""
        super().on_message_begin()
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.head_s, self._give_up)

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._heard()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._heard()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or an address beyond all measure: a problem document, and the end of it."""
        body = problem("", 400, UNREADABLE).body
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    def _heard(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
