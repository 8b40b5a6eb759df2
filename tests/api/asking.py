"""An application with a part of the interface alone, whose requests come from someone known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answering import Answering
from api.context import Caller, come_from
from api.problems import handle_problems
from api.state.entries import Asked
from rag.engine import Engine

SOMEONE = Caller("5f0c7d1e", "hotline")


class Entries(list[Asked]):
    """A log that tests can read."""

    def record(self, asked: Asked) -> None:
        self.append(asked)


class Known:
    """Middleware that says who a request comes from, as the gate does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            come_from(SOMEONE)
        await self._app(scope, receive, send)


def part(
    engine: Callable[[], Engine],
    add: Callable[[FastAPI, Answering], None],
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> tuple[FastAPI, Entries]:
    """An application of what `add` adds, and the entries of what it is asked."""
    entries = Entries()
    app = FastAPI(lifespan=lifespan)
    handle_problems(app)
    add(app, Answering(engine, entries))
    app.add_middleware(Known)
    return app, entries
