"""The load generator against a real server that answers, stalls and fails."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.load import Reader, Request, Response, closed_loop, nothing, open_loop, request
from tests.api.serving import served

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
STALL_S = 0.4


class Server:
    """An ASGI application that does what the path of a request says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.left = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
            return
        message = await receive()
        path = scope["path"]
        self.asked.append(path + message["body"].decode())
        if path == "/stall":  # the first alone
            await asyncio.sleep(STALL_S if len(self.asked) == 1 else 0)
        status = int(path[1:]) if path[1:].isdigit() else 200
        length = 10 if path == "/cut" else 2
        chunked = path in ("/chunks", "/stream")
        headers = [] if chunked else [(b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if path == "/cut":  # the server closes the connection, for less came than was told
            await send({"type": "http.response.body", "body": b"ok", "more_body": True})
            raise RuntimeError("cut")
        if path == "/stream":
            await send({"type": "http.response.body", "body": b"begun", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            self.left += 1
            return
        await send({"type": "http.response.body", "body": b"o", "more_body": chunked} if chunked else OK)
        if chunked:
            await send({"type": "http.response.body", "body": b"k"})


OK = {"type": "http.response.body", "body": b"ok"}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    with served(server) as url:  # type: ignore[arg-type]
        yield int(url.rpartition(":")[2])


def numbered(path: str = "/v1/ask") -> Iterator[Request]:
    return (request("POST", path, json.dumps({"n": n}).encode()) for n in itertools.count())


def whole(response: Response) -> bool:
    return response.body == b"ok"


@pytest.mark.parametrize("path", ["/v1/ask", "/chunks"])
def test_a_closed_loop_sends_each_request_once_and_counts_each_answer(
    server: Server, port: int, path: str
) -> None:
    run = closed_loop(port, itertools.islice(numbered(path), 300), 8, 60, whole)
    assert Counter(server.asked) == Counter(f'{path}{{"n": {n}}}' for n in range(300))
    assert (run.statuses, run.dropped, run.left, run.noted) == (Counter({200: 300}), 0, 0, 300)
    assert len(run.latencies) == run.sent == 300 and not run.failed
    assert min(run.latencies) > 0 and run.quantile(1.0) == max(run.latencies)
    assert run.rate == pytest.approx(300 / run.seconds)


def test_a_closed_loop_ends_when_its_time_is_over(port: int) -> None:
    run = closed_loop(port, numbered(), 4, 0.2, whole)
    assert run.sent == run.statuses[200] > 0
    assert run.seconds >= 0.2


def test_who_comes_while_the_server_stalls_has_waited_since_then(server: Server, port: int) -> None:
    """One connection, a request every 10 ms, and the first is answered after `STALL_S`: the n-th has
    waited for what was left of that when it should have been sent, whenever it was."""
    run = open_loop(port, numbered("/stall"), 1, 100, STALL_S, whole)
    assert run.statuses == {200: 40}
    waited = [STALL_S * 1000 - 10 * n for n in range(40)]
    assert all(latency >= least - 1 for latency, least in zip(run.latencies, waited, strict=True))
    assert run.quantile(0.5) >= STALL_S * 1000 / 2 - 20


def test_an_open_loop_keeps_its_schedule_and_sends_no_more(server: Server, port: int) -> None:
    run = open_loop(port, numbered(), 4, 200, 0.3, whole)
    assert run.sent == run.statuses[200] == len(set(server.asked)) == 60
    assert run.seconds >= 59 / 200


def test_errors_are_counted_and_the_loop_goes_on(port: int) -> None:
    paths = ["/200", "/503", "/cut", "/422", "/500"] * 20
    run = closed_loop(port, (request("POST", path, b"{}") for path in paths), 4, 60, nothing)
    assert run.statuses == {200: 20, 503: 20, 422: 20, 500: 20}
    assert (run.dropped, run.left, run.noted, run.sent) == (20, 0, 0, 100)
    assert run.failed == 60


def test_a_server_that_is_gone_drops_every_request(server: Server) -> None:
    with served(server) as url:  # type: ignore[arg-type]
        port = int(url.rpartition(":")[2])
    with pytest.raises(OSError):
        closed_loop(port, numbered(), 1, 60, whole)


def test_a_client_that_leaves_in_mid_stream_is_seen_to_leave(server: Server) -> None:
    leaving = request("POST", "/stream", b"{}", "text/event-stream", leaves=True)
    with served(server) as url:  # type: ignore[arg-type]
        port = int(url.rpartition(":")[2])
        run = closed_loop(port, iter([leaving, request("POST", "/200", b"{}")] * 10), 2, 60, whole)
    assert (run.left, run.dropped, run.statuses) == (10, 0, {200: 10})
    assert server.left == 10  # it has ended, and so has all that it was doing


@given(st.data())
def test_responses_are_read_however_their_bytes_are_cut(data: st.DataObject) -> None:
    body = data.draw(st.binary(max_size=40))
    pieces = data.draw(st.lists(st.binary(min_size=1, max_size=20), max_size=4))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    said = [
        (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), Response(200, body)),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks, None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Response(204, b"")),
    ]
    said[1] = (said[1][0], Response(200, b"".join(pieces)))
    reader = Reader()
    for content, expected in said * 2:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
        parts = [content[a:b] for a, b in itertools.pairwise([0, *cuts, len(content)])]
        found = [response for part in parts if (response := reader.feed(part)) is not None]
        assert found == [expected]


@pytest.mark.parametrize("content", [b"SSH-2.0 hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nbody without end"])
def test_what_is_no_answer_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        Reader().feed(content)
