"""A server in OpenAI's shape on loopback, which says what a test tells it to, and how it goes wrong."""

from __future__ import annotations

import json
import re
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import numpy as np

PIECE = 5  # characters of a piece of a stream
Then = Literal["stop", "length", "hang", "ping", "drop", "cut"]


@dataclass
class Say:
    """An answer: text in pieces, then how the stream ends; or a status other than 200.

    `then` "cut" ends the connection before any answer; `again_ms` asks for a retry after that time.
    """

    text: str = ""
    then: Then = "stop"
    status: int = 200
    body: bytes = b'{"error": {"message": "no", "type": "scripted"}}'
    again_ms: int = 0


@dataclass
class Embed:
    """An answer of /v1/embeddings, in that order; `numbers` other than 0, 1, 2… say which text is meant."""

    vectors: Sequence[Sequence[float]]
    numbers: Sequence[int] | None = None
    base64: bool = False

    def json(self) -> bytes:
        """The body."""
        numbers = range(len(self.vectors)) if self.numbers is None else self.numbers
        data = [
            {"object": "embedding", "index": n, "embedding": self._written(v)}
            for n, v in zip(numbers, self.vectors, strict=True)
        ]
        return json.dumps({"object": "list", "data": data, "model": "m", "usage": {}}).encode()

    def _written(self, vector: Sequence[float]) -> str | list[float]:
        if self.base64:
            return b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()
        return [float(value) for value in vector]


Says = Callable[[dict[str, Any]], "Say | Embed"]


@dataclass
class ModelServer:
    """Where it is, what it was asked, and what it says to a request's body."""

    url: str
    says: Says
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


def _in_one(handler: BaseHTTPRequestHandler, said: Say | Embed) -> bool:
    """Answer what is no stream: vectors, a status that asks for a retry, or nothing at all."""
    if isinstance(said, Embed):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.wfile.write(said.json())
    elif said.then == "cut":
        handler.connection.shutdown(socket.SHUT_RDWR)
    elif said.again_ms:
        handler.send_response(said.status)
        handler.send_header("Retry-After-Ms", str(said.again_ms))
        handler.end_headers()
    else:
        return False
    return True


@contextmanager
def model_server(says: Says | str) -> Iterator[ModelServer]:
    """Serve `says`: a text, or what gives one for a request."""
    always = says

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.asked.append(body)
            here.keys.append(self.headers["Authorization"])
            said = here.says(body)
            if _in_one(self, said):
                return
            self.send_response(said.status)
            kind = "text/event-stream" if said.status == 200 else "application/json"
            self.send_header("Content-Type", kind)
            self.end_headers()
            try:
                self._say(said)
            except OSError:  # the client has gone
                return

        def _say(self, said: Say) -> None:
            if said.status != 200:
                self.wfile.write(said.body)
                return
            for at in range(0, len(said.text), PIECE):
                self._chunk({"content": said.text[at : at + PIECE]}, None)
            if said.then == "hang":
                here.closing.wait()
            while said.then == "ping" and not here.closing.wait(0.05):
                self.wfile.write(b": ping\n\n")
            if said.then in ("stop", "length"):
                self._chunk({}, said.then)
                self.wfile.write(b"data: [DONE]\n\n")

        def _chunk(self, delta: dict[str, str], finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            self.wfile.write(f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = ModelServer(
        f"http://127.0.0.1:{server.server_port}/v1",
        always if callable(always) else lambda body: Say(str(always)),
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def user(body: dict[str, Any]) -> str:
    """What a request asks, without the rules before it."""
    return str(body["messages"][-1]["content"])


def measures(body: dict[str, Any]) -> list[tuple[int, dict[str, str]]]:
    """The numbered measures of a request, each with its columns by name."""
    found = re.findall(r'<措施 编号="(\d+)">\n(.*?)\n</措施>', user(body), re.DOTALL)
    return [
        (int(n), dict(line.split("：", 1) for line in text.split("\n") if "：" in line)) for n, text in found
    ]


def honest(body: dict[str, Any]) -> Say:
    """What a model does that does its work: of each measure the sentence most like the question."""
    asked = set(re.search(r"<问题>(.*?)</问题>", user(body), re.DOTALL)[1])  # type: ignore[index]
    said = []
    for n, columns in measures(body):
        sentences = re.findall(r"[^。；]+", columns["内容"])
        best = max(sentences, key=lambda sentence: len(asked & set(sentence))).strip()
        target = f"的年终目标为{columns['年终目标']}" if "年终目标" in columns else ""
        said.append(f"计划提出，{best}{target}[{n}]。")
    return Say("".join(said))
