"""What every request passes: sizes, times, ids, headers; many at once; clients that misbehave."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from api import connections, logs
from api.access.policy import Policy
from api.app import create_app
from api.connections import Connection
from api.gate import Limits
from api.schemas import Problem
from rag.answer import Answer
from rag.engine import Engine
from rag.writing.writer import Extractive
from tests.api.serving import PATIENCE_S, served, wait_ready

QUESTION = {"question": "延庆区今年PM2.5目标是多少？"}
HASTY = Limits(body=16 * 1024, body_s=0.3, request_s=0.5)


def engine_that(stream: Callable[..., Iterator[Answer]]) -> Engine:
    """An engine that is ready, and answers as `stream` does."""
    index = SimpleNamespace(check=lambda: None)
    made = SimpleNamespace(ask=lambda question: None, stream=stream, writer=Extractive(), index=index)
    return cast("Engine", made)


@pytest.fixture
def hasty(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service that waits for no one."""
    monkeypatch.setattr(Connection, "head_s", 0.3)
    with served(create_app(lambda: engine, limits=HASTY)) as url:
        wait_ready(url)
        yield url


def small(url: str) -> socket.socket:
    """A connection with so small a buffer that what is not read stays with the server."""
    host, port = url.removeprefix("http://").split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE_S)
    client.connect((host, int(port)))
    return client


def raw(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


def test_ten_megabytes_are_refused_before_they_are_read(hasty: str) -> None:
    big = json.dumps({"question": "字" * 10_000_000}).encode()
    told = httpx.post(f"{hasty}/v1/ask", content=big, trust_env=False)
    streamed = httpx.post(f"{hasty}/v1/ask", content=iter([b"x" * 9000] * 1000), trust_env=False)
    for response in (told, streamed):
        assert response.status_code == 413
        assert response.json()["detail"] == "请求体太大，最多 16 KB。"


def test_a_body_that_does_not_come_is_given_up(hasty: str) -> None:
    with raw(hasty) as slow:
        slow.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [b"", b"POST /v1/ask HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_come_closes_the_connection(hasty: str, sent: bytes) -> None:
    with raw(hasty) as silent:
        silent.sendall(sent)
        assert silent.recv(1024) == b""


def test_what_is_no_http_is_told_so(address: str) -> None:
    with raw(address) as odd:
        odd.sendall(b"HELLO\r\n\r\n")
        said = odd.recv(65536).decode()
    assert said.startswith("HTTP/1.1 400 ")
    assert Problem.model_validate_json(said.partition("\r\n\r\n")[2]).title == "请求读不出来"


def test_what_takes_too_long_is_a_504() -> None:
    enough = threading.Event()

    def stream(*_: object, **__: object) -> Iterator[Answer]:
        enough.wait(PATIENCE_S)
        yield from ()

    slow = engine_that(stream)
    with served(create_app(lambda: slow, limits=HASTY)) as url:
        wait_ready(url)
        try:
            response = httpx.post(f"{url}/v1/ask", json=QUESTION, trust_env=False, timeout=PATIENCE_S)
        finally:
            enough.set()
        assert response.status_code == 504
        assert response.json()["type"] == "urn:wence:problem:too-long"


def test_a_response_carries_its_id_and_lets_nothing_else_in(client: httpx.Client) -> None:
    one, other = (client.post("/v1/ask", json=QUESTION).headers for _ in range(2))
    assert one["x-request-id"] != other["x-request-id"]
    assert one["x-content-type-options"] == "nosniff"
    assert one["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert one["cache-control"] == "no-store"
    problem = client.post("/v1/ask", json={})
    assert problem.json()["request"] == problem.headers["x-request-id"]
    assert problem.json()["errors"] == [{"pointer": "#/question", "detail": "缺少字段 question。"}]


def test_two_hundred_connections_at_once_are_all_answered(address: str) -> None:
    together = threading.Barrier(200)

    def ask(n: int) -> int:
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as own:
            assert own.get("/healthz").status_code == 200  # connected
            together.wait(PATIENCE_S)
            return own.post("/v1/ask", json={"question": f"延庆区今年PM2.5目标是多少？{n}"}).status_code

    with ThreadPoolExecutor(200) as pool:
        assert list(pool.map(ask, range(200))) == [200] * 200


def test_a_log_line_holds_the_id_and_neither_the_question_nor_a_number(address: str) -> None:
    lines = StringIO()
    before = logging.getLogger().handlers[:]
    try:
        logs.configure(as_json=True, stream=lines)
        asked = "我的电话13812345678，延庆区今年PM2.5目标是多少？"
        response = httpx.post(f"{address}/v1/ask", json={"question": asked}, trust_env=False)
        logging.getLogger("wence.api").error("broke on %s", asked)
        written = [json.loads(line) for line in lines.getvalue().splitlines()]
    finally:
        logging.getLogger().handlers[:] = before
    line = next(line for line in written if line["event"] == "request")
    assert line["request"] == response.headers["x-request-id"]
    assert (line["route"], line["status"], line["level"]) == ("/v1/ask", 200, "info")
    assert "PM2.5" not in json.dumps(line, ensure_ascii=False)
    assert "13812345678" not in lines.getvalue()
    assert any("〔电话〕" in line["event"] for line in written)


def test_a_head_without_end_is_cut_off(address: str) -> None:
    with raw(address) as endless:
        endless.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        said = b""
        with contextlib.suppress(OSError):
            while not said:
                endless.sendall(b"a: b\r\n" * 1000)
                endless.settimeout(0.01)
                with contextlib.suppress(TimeoutError):
                    said = endless.recv(65536)
    assert said.startswith(b"HTTP/1.1 431 ")
    assert Problem.model_validate_json(said.partition(b"\r\n\r\n")[2]).status == 431


def test_an_offer_of_http_2_is_declined_and_the_body_read(address: str) -> None:
    body = json.dumps(QUESTION).encode()
    with raw(address) as java:
        java.sendall(
            b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )
        assert java.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_many_requests_in_one_piece_are_no_long_head(address: str) -> None:
    with raw(address) as eager:
        eager.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3000)
        said = b""
        while said.count(b"HTTP/1.1 200 ") < 3000:
            said += (more := eager.recv(1 << 20))
            assert more, said[-200:]


def test_a_request_behind_an_answered_one_has_its_time(hasty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LINGER_S", 0.01)
    body = json.dumps(QUESTION).encode()
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with raw(hasty) as patient:
        patient.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + head)
        assert b'"ok"' in patient.recv(65536)
        patient.sendall(b"Content-Length: %d\r\n\r\n" % len(body))
        patient.sendall(body)
        assert patient.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_who_reads_slowly_gets_all_and_who_reads_nothing_is_let_go(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "UNREAD_S", 0.5)
    ask = b"GET /v1/measures?limit=500 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with served(create_app(lambda: engine), buffer=8192) as url:
        wait_ready(url)
        whole = len(httpx.get(f"{url}/v1/measures?limit=500", trust_env=False).content)
        with small(url) as slow:
            slow.sendall(ask)
            read = 0
            while read < whole:  # for some seconds
                read += len(more := slow.recv(8192))
                assert more, read
                threading.Event().wait(0.04)
        with small(url) as idle:
            idle.sendall(ask)
            assert idle.recv(1)
            threading.Event().wait(3)
            read = 0
            with contextlib.suppress(ConnectionResetError):
                while more := idle.recv(1 << 20):
                    read += len(more)
            assert read < whole / 2


def test_a_trailer_is_no_header(engine: Engine) -> None:
    policy = Policy(local=False, proxies=("127.0.0.1",), user_header="X-User")
    with served(create_app(lambda: engine, policy=policy)) as url, raw(url) as sly:
        head = b"GET /v1/plans HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        sly.sendall(head + b"0\r\nX-User: chief\r\n\r\n")
        assert sly.recv(65536).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "held",
    [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n{",
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    ],
)
def test_a_connection_that_only_holds_on_is_closed(hasty: str, held: bytes) -> None:
    with raw(hasty) as holding:
        holding.sendall(held)
        while holding.recv(65536):
            holding.sendall(b"\r\n" if held.startswith(b"GET") else b"")


def test_a_fault_of_ours_is_an_error_in_the_log_and_carries_the_id() -> None:
    def stream(*_: object, **__: object) -> Iterator[Answer]:
        raise ZeroDivisionError("secret")

    lines = StringIO()
    before = logging.getLogger().handlers[:]
    broken = engine_that(stream)
    try:
        logs.configure(as_json=True, stream=lines)
        with served(create_app(lambda: broken)) as url:
            wait_ready(url)
            response = httpx.post(f"{url}/v1/ask", json=QUESTION, trust_env=False)
        written = [json.loads(line) for line in lines.getvalue().splitlines()]
    finally:
        logging.getLogger().handlers[:] = before
    assert (response.status_code, "secret" in response.text) == (500, False)
    named = [line for line in written if line.get("request") == response.headers["x-request-id"]]
    assert {line["level"] for line in named} == {"error"}
    assert "ZeroDivisionError" in named[0]["exception"]
    assert named[-1]["status"] == 500


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/plans"])
def test_head_is_get_without_a_body(client: httpx.Client, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_an_odd_origin_and_half_a_character_break_nothing(client: httpx.Client) -> None:
    assert client.post("/v1/ask", json=QUESTION, headers={"Origin": "http://["}).status_code == 403
    odd = client.post("/v1/chat/completions", content=b'{"model": "\\ud800", "messages": []}',
                      headers={"Content-Type": "application/json"})  # fmt: skip
    assert odd.status_code in (404, 422)
