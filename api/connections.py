"""Connections that hold what they should not: closed after a while, and what they send is bounded.

uvicorn times only the pause between two requests, takes heads of any length, hands trailers on as
headers, and waits without end for a client that does not read.
"""

from __future__ import annotations

import asyncio
import re
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import MEDIA_TYPE, problem

NO_HTTP = "这不是合法的 HTTP 请求，或者地址太长；地址里的汉字须先编码。"
LONG_HEAD = "请求头太长，最多 64 KB。"
HEAD = 64 * 1024  # bytes of a request's head, about: what comes in one piece is not cut up
FRAMING = 2 * 1024 * 1024  # bytes around a body: the sizes of its chunks, and its trailers
LINGER_S = 2.0  # how long a client may go on sending what was refused
UNREAD_S = 60.0  # how long a client may read nothing of what was sent to it
# An offer to go on with HTTP/2, which Java's client makes with each request. The parser would drop the body.
_OFFER = re.compile(rb"(?i)(?<=\r\n)upgrade:(?=[ \t]*h2c)")
_DECLINED = b"ignored:"  # as long


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with ends: a head must have come `head_s` seconds after it was begun."""

    head_s: ClassVar[float] = 15.0

    _ending: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _unsent = 0
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
        in_head, cycle = self._in_head, self.cycle
        super().data_received(_OFFER.sub(_DECLINED, data) if in_head or self._done else data)
        if self.transport.is_closing():
            return
        if in_head and self._in_head and cycle is self.cycle:  # and in all that came just now
            self._head += len(data)
            if self._head > HEAD:
                self._refuse(431, "Request Header Fields Too Large", LONG_HEAD)
                return
        elif not self._in_head:
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
        self._in_head, self._done, self._head = True, False, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes behind the body is none: a proxy may not have looked at it."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._in_head, self._around = False, 0
        self._stop_ending()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of the body, which the application bounds."""
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._done = True
        self._stop_ending()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered: where nothing else is being worked out, the rest of a request is not waited for long."""
        super().on_response_complete()
        if not self._done and self.cycle.response_complete and not self.transport.is_closing():
            self._end_in(self.head_s if self._in_head else LINGER_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._stop_ending()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is sent to."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing comes any more."""
        self._end()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or an address beyond all measure."""
        self._refuse(400, "Bad Request", NO_HTTP)

    def _refuse(self, status: int, phrase: str, detail: str) -> None:
        """Send a problem document, and end it, whether or not it is read."""
        body = bytes(problem("", status, detail).body)
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode("ascii") + body)
        self._stop_ending()
        self.transport.close()
        self._ending = self.loop.call_later(LINGER_S, self.transport.abort)

    def _end_in(self, seconds: float) -> None:
        self._stop_ending()
        self._ending = self.loop.call_later(seconds, self._end)

    def _stop_ending(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self) -> None:
        """Close, once all is sent; for as long as the client reads."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._watch_reading()

    def _watch_reading(self) -> None:
        """Look again and again whether the client has read anything, and let go of one that has not."""
        self._unsent = self.transport.get_write_buffer_size()
        if self._unread is None:
            self._unread = self.loop.call_later(UNREAD_S, self._look_at_reading)

    def _look_at_reading(self) -> None:
        self._unread = None
        left = self.transport.get_write_buffer_size()
        if left and left >= self._unsent:
            self.transport.abort()
        elif left:
            self._watch_reading()
