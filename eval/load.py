"""A load generator for HTTP: closed and open loops over connections that stay open.

It shares its machine's cores with the server that it measures, so it has to be cheap. A request takes
15 µs of a core in a closed loop and 80 µs where each is waited for; with httpx it takes 1,100 µs, half of
what an answer costs (measured against an empty application). Hence a protocol of its own on the event
loop, which reads what our servers send and no more: HTTP/1.1 with a Content-Length or in chunks.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

PATIENCE_S = 60.0  # without an answer for so long, a request counts as dropped
BACKOFF_S = 0.01  # a client that was dropped waits so long before it asks again
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked")
_EMPTY = (204, 304)


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes of a request, and whether the client leaves as soon as an answer begins to come."""

    content: bytes
    leaves: bool = False


def request(
    method: str, target: str, body: bytes = b"", accept: str = "*/*", *, leaves: bool = False
) -> Request:
    """A request as it is sent; `target` is a path, percent-encoded, `body` JSON (which need not be right)."""
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
    if method == "POST":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return Request(f"{head}\r\n".encode("ascii") + body, leaves)


@dataclass(frozen=True, slots=True)
class Response:
    """A status and a body, taken out of its chunks."""

    status: int
    body: bytes


class Reader:
    """Puts responses together from the bytes that come on one connection, one after the other."""

    def __init__(self) -> None:
        self._begin(b"")

    def _begin(self, data: bytes) -> None:
        self._buffer = bytearray(data)
        self._status = 0
        self._at = 0  # where the body, or the next chunk of it, begins
        self._end: int | None = None  # where the body ends; None where it comes in chunks
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> Response | None:
        """Take what has come; the response, once it is whole.

        Raises:
            ValueError: it is no HTTP/1.1 response, or one whose end only its connection's end tells.
        """
        self._buffer += data
        if not self._status and not self._read_head():
            return None
        if self._end is None:
            return self._next_chunks()
        if len(self._buffer) < self._end:
            return None
        return self._whole(bytes(self._buffer[self._at : self._end]), self._end)

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end]).lower()
        if not head.startswith(b"http/1.1 "):
            raise ValueError("no HTTP/1.1 response")
        self._status, self._at = int(head[9:12]), end + 4
        length = _LENGTH.search(head)
        if length or self._status in _EMPTY:
            self._end = self._at + (int(length[1]) if length else 0)
        elif not _CHUNKED.search(head):
            raise ValueError("a response without a length")
        return True

    def _next_chunks(self) -> Response | None:
        while (line := self._buffer.find(b"\r\n", self._at)) >= 0:
            size = int(bytes(self._buffer[self._at : line]).partition(b";")[0], 16)
            end = line + 2 + size
            if len(self._buffer) < end + 2:
                return None
            if not size:
                return self._whole(b"".join(self._parts), end + 2)
            self._parts.append(bytes(self._buffer[line + 2 : end]))
            self._at = end + 2
        return None

    def _whole(self, body: bytes, end: int) -> Response:
        response = Response(self._status, body)
        self._begin(bytes(self._buffer[end:]))
        return response


class DroppedError(ConnectionError):
    """The connection ended, or was silent for too long, before the answer was whole."""


class Connection(asyncio.Protocol):
    """One connection that stays open; it has one request at a time."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._asked: Request | None = None
        self._answer: asyncio.Future[Response | None] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        """A connection to that port of the loopback.

        Raises:
            OSError: nobody listens there.
        """
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, asked: Request) -> Response | None:
        """The response to it; None where the client `leaves`.

        Raises:
            DroppedError: none came.
        """
        if self._transport is None or self.closed:
            raise DroppedError("closed")
        self._asked = asked
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(asked.content)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._answer
        except TimeoutError:
            raise DroppedError("silent") from None
        finally:
            self._answer = None

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def closed(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._transport is None or self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._answer is None or self._answer.done():
            return
        assert self._asked is not None
        if self._asked.leaves:
            self._answer.set_result(None)
            self.close()
            return
        try:
            response = self._reader.feed(data)
        except ValueError as error:
            self._answer.set_exception(DroppedError(str(error)))
            self.close()
            return
        if response is not None:
            self._answer.set_result(response)

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(DroppedError(str(error or "closed")))


@dataclass(slots=True)
class Run:
    """What one run saw.

    `latencies` are milliseconds until the whole answer, in the order in which the answers came;
    `statuses` counts answers, `dropped` requests without one, `left` those whose client left;
    `noted` counts the answers that the caller took note of. `seconds` is how long it took, `cpu_s` what
    the generator itself took of a core.
    """

    seconds: float = 0.0
    cpu_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    dropped: int = 0
    left: int = 0
    noted: int = 0

    @property
    def sent(self) -> int:
        """Requests sent."""
        return self.statuses.total() + self.dropped + self.left

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.statuses.total() / self.seconds

    @property
    def failed(self) -> int:
        """Requests that got no answer, or an error of the server's."""
        return self.dropped + sum(n for status, n in self.statuses.items() if status >= 500)

    def quantile(self, share: float) -> float:
        """The latency that `share` (0 to 1) of the answers took at most, in milliseconds; NaN without any."""
        ranked = sorted(self.latencies) or [math.nan]
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


Note = Callable[[Response], bool]


def nothing(response: Response) -> bool:
    """Take note of no answer."""
    return False


def closed_loop(port: int, requests: Iterator[Request], connections: int, seconds: float, note: Note) -> Run:
    """Each connection asks again as soon as it is answered, for `seconds` or until there are no `requests`.

    `note` says of an answer whether it is to be counted as `noted`.

    Raises:
        OSError: nobody listens on `port` of the loopback.
    """

    async def drive(client: _Client) -> None:
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end and (asked := next(requests, None)) is not None:
            await client.ask(asked, now)

    return _run(port, connections, note, drive)


def open_loop(
    port: int, requests: Iterator[Request], connections: int, rate: float, seconds: float, note: Note
) -> Run:
    """Requests arrive on a schedule, `rate` a second, whether or not those before are answered.

    Latency counts from the time that the schedule says. One that finds every connection busy waits, and
    that wait is counted: otherwise a server that stalls would be asked less just then, and its stall would
    be in a few latencies instead of in those of all who came meanwhile (coordinated omission).

    Raises:
        OSError: nobody listens on `port` of the loopback.
    """
    arrivals = itertools.count()
    started: list[float] = []

    async def drive(client: _Client) -> None:
        if not started:
            started.append(time.perf_counter())
        for n in arrivals:
            due = started[0] + n / rate
            if due >= started[0] + seconds or (asked := next(requests, None)) is None:
                return
            while (early := due - time.perf_counter()) > 0:  # a loop's clock wakes up to a millisecond early
                await asyncio.sleep(early)
            await client.ask(asked, due)

    return _run(port, connections, note, drive)


class _Client:
    """Asks over one connection and opens it again where it has ended."""

    def __init__(self, port: int, connection: Connection, run: Run, note: Note) -> None:
        self._port, self._connection, self._run, self._note = port, connection, run, note

    async def ask(self, asked: Request, since: float) -> None:
        """Ask, and enter what came; latency counts from `since`."""
        run = self._run
        try:
            if self._connection.closed:
                self._connection = await Connection.open(self._port)
            response = await self._connection.ask(asked)
        except OSError:
            run.dropped += 1
            self._connection.close()
            await asyncio.sleep(BACKOFF_S)
            return
        if response is None:
            run.left += 1
            return
        run.latencies.append((time.perf_counter() - since) * 1000)
        run.statuses[response.status] += 1
        run.noted += self._note(response)

    def close(self) -> None:
        self._connection.close()


def _run(port: int, connections: int, note: Note, drive: Callable[[_Client], Awaitable[None]]) -> Run:
    """Drive so many clients at once, all connected before the first asks."""

    async def together() -> Run:
        run = Run()
        clients = [_Client(port, await Connection.open(port), run, note) for _ in range(connections)]
        try:
            started, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*map(drive, clients))
            run.seconds, run.cpu_s = time.perf_counter() - started, time.process_time() - cpu
        finally:
            for client in clients:
                client.close()
        return run

    with asyncio.Runner(loop_factory=_loop()) as runner:
        return runner.run(together())


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quicker event loop, where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
