"""A real uvicorn on a free port of the loopback, in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from api.connections import Connection

PATIENCE_S = 60.0


@contextmanager
def served(app: FastAPI, buffer: int = 0, port: int = 0) -> Iterator[str]:
    """Serve `app`; yields its address. It listens before it starts, so no request comes too early.

    On `port`, or a free one. With `buffer` the system keeps so many bytes of what a client has not
    read; the rest waits with us.
    """
    listening = socket.create_server(("127.0.0.1", port))
    if buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    config = uvicorn.Config(app, http=Connection, log_level="critical", lifespan="on", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def wait_ready(address: str) -> None:
    """Return when the server at `address` says that it is ready."""
    assert readiness(address, lambda response: response.status_code == 200) == {"status": "ready"}


def readiness(address: str, settled: Callable[[httpx.Response], bool]) -> dict[str, str]:
    """Ask /readyz again and again until its answer is `settled`; that answer."""
    deadline = time.monotonic() + PATIENCE_S
    with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
        while not settled(response := client.get("/readyz")):
            assert time.monotonic() < deadline, f"still {response.status_code} {response.text}"
            time.sleep(0.01)
    answer: dict[str, str] = response.json()
    return answer
