"""Connections that hold what they should not: closed after a while, and what they send is bounded.

uvicorn times only the pause between two requests, takes heads of any length, hands trailers on as
headers, and waits without end for a client that does not read.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, problem

UNREADABLE = "这不是合法的 HTTP 请求，或者地址太长。"
HEAD = 64 * 1024  # bytes of a request's head
FRAMING = 2 * 1024 * 1024  # bytes around a body: the sizes of its chunks, and its trailers
LINGER_S = 2.0  # how long a client may go on sending a body that was refused
UNREAD_S = 60.0  # how long a client may leave unread what was sent to it


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with ends: a head must have come `head_s` seconds after it was begun."""

    head_s: ClassVar[float] = 15.0

    _ending: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _in_head = True
    _done = True  # no request whose body is still to come
    _head = 0
    _around = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._end_in(self.head_s)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is more than a request may have."""
        in_head = self._in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        if in_head and self._in_head:  # and in all that came just now
            self._head += len(data)
            if self._head > HEAD:
                self._refuse("431 Request Header Fields Too Large")
                return
        else:
            self._around += len(data)
            if self._around > FRAMING:
                self.transport.abort()
                return
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._ending is None:  # a few bytes have stopped uvicorn's own clock
            self._end_in(self.head_s)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._done = True, False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes behind the body is none: a proxy may not have looked at it."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._in_head, self._head, self._around = False, 0, 0
        self._stop_ending()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of the body, which the application bounds."""
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._done = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered: where the body was not waited for, the rest of it is not either."""
        super().on_response_complete()
        if not self._done and not self.transport.is_closing():
            self._end_in(LINGER_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._stop_ending()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing comes any more."""
        self._end()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or an address beyond all measure."""
        self._refuse("400 Bad Request")

    def _refuse(self, status: str) -> None:
        """Send a problem document, and end it."""
        body = bytes(problem("", 400, UNREADABLE).body)
        head = f"HTTP/1.1 {status}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode("ascii") + body)
        self._end()

    def _end_in(self, seconds: float) -> None:
        self._stop_ending()
        self._ending = self.loop.call_later(seconds, self._end)

    def _stop_ending(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self) -> None:
        """Close; a client that does not read what is still to be sent is not waited for."""
        self.transport.close()
        self._ending = self.loop.call_later(LINGER_S, self.transport.abort)
