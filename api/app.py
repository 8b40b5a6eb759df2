"""The FastAPI application: its endpoints, the gate in front of them, and its own documentation."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.routing import Match

from api import meters
from api.access.door import Door
from api.access.policy import Policy
from api.answering import Answering
from api.gate import PUBLIC, Gate, Limits, Open
from api.kept import Kept
from api.plan_desk import PlanDesk
from api.problems import MEDIA_TYPE, handle_problems
from api.routes import exports, feedback, health, login, openai, plans, questions, records
from api.routes.common import TURNED
from api.serving import Serving
from api.state.entries import Asked
from index.plans import Plans
from rag.engine import Engine

ABOUT = "面向北京市、区生态环境行动计划的政策问答：每句话都注明出自哪一项措施。"
THREADS = 40
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(
    load_engine: Callable[[], Engine],
    *,
    version: str = "dev",
    threads: int = THREADS,
    index_version: Callable[[], str] | None = None,
    loaded_first: bool = False,
    kept: Kept | None = None,
    policy: Policy | None = None,
    limits: Limits | None = None,
    held: Plans | None = None,
) -> FastAPI:
    """The application; `load_engine` is called in a thread when it starts, and when `index_version` changes.

    With `loaded_first` it takes requests when that has been done: one of several workers, of which the
    others answer meanwhile; else it says until then that it is not ready.
    At most `threads` requests are worked on at a time; one that waits for a model holds one.
    Without `kept` nothing is kept: no keys, no feedback, no audit; it is closed with the application.
    Without `held` no plan can be added or retired.
    `app.state.answering` answers questions for the page, `app.state.desk` changes plans.
    """
    from api.mcp import mount as mount_mcp  # half a second that only a service needs

    serving = Serving(load_engine, index_version)
    answering = Answering(serving.engine, _Logs(kept))
    door = Door(policy or Policy(), kept.keys if kept else None)
    opened = Open()
    limits = limits or Limits()
    desk = PlanDesk(held, limits.plan_mb, serving, kept.audit if kept else None) if held else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        serving.start()
        if kept:
            kept.start()
        if loaded_first:
            await anyio.to_thread.run_sync(serving.wait)
        try:
            async with mcp.running():
                with _told_to_leave(opened.close):
                    yield
        finally:
            serving.stop()
            if kept:
                await anyio.to_thread.run_sync(kept.close)

    app = FastAPIOffline(
        redoc_url=None,
        title="问策 API",
        version=version,
        description=ABOUT,
        favicon_url="favicon.ico",
        static_url="/docs-files",
        swagger_ui_parameters={"validatorUrl": None, "defaultModelsExpandDepth": 0},
        responses=TURNED,
        lifespan=lifespan,
    )
    app.state.serving = serving
    app.state.answering = answering
    app.state.desk = desk
    handle_problems(app)
    questions.add(app, answering)
    records.add(app, answering)
    exports.add(app, answering)
    plans.add(app, desk)
    openai.add(app, answering)
    feedback.add(app, kept.feedback if kept else None)
    health.add(app, serving)
    login.add(app, door)
    mcp = mount_mcp(app, answering, version)
    app.add_api_route("/v1/{rest:path}", _unknown, methods=METHODS, include_in_schema=False)
    app.add_middleware(Gate, door=door, limits=limits, opened=opened)
    if door.policy.origins:  # around the gate: a portal's script may read why it was refused
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(door.policy.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Allow", "Link", "Retry-After", "X-Request-ID"],
        )
    _document_problems(app)
    return app


class _Logs:
    """Where an answered question is entered: the figures, and the audit where one is kept."""

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept

    def record(self, asked: Asked) -> None:
        meters.count_question(asked)
        if self._kept:
            self._kept.audit.record(asked)


def _unknown(request: Request) -> None:
    """Whatever else is asked for under /v1, so that it is not handed on to the page."""
    known = (r for r in request.app.routes if isinstance(r, APIRoute) and r.include_in_schema)
    beside = (r for r in known if r.matches(request.scope)[0] is Match.PARTIAL)
    if allowed := {method for route in beside for method in route.methods or ()}:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
    raise HTTPException(404)


@contextlib.contextmanager
def _told_to_leave(leave: Callable[[], None]) -> Iterator[None]:
    """Call `leave` in the event loop as soon as the server is told to stop.

    The server then waits for running answers; the streams of open pages would keep it for ever.
    """
    loop = asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():  # a test's server; no signals come here
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    hangup = signal.getsignal(signal.SIGHUP)
    if hangup is signal.SIG_DFL:  # nohup has it ignored
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in before:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in (*before.items(), (signal.SIGHUP, hangup)):
            signal.signal(number, handler)


def _document_problems(app: FastAPI) -> None:
    """Say in the OpenAPI document that problems are sent as problem documents."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        made = app.openapi_schema is None
        schema: dict[str, Any] = plain()
        if not made:
            return schema
        # On this machine itself no key is needed.
        schema.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                responses = operation["responses"]
                if path in PUBLIC:
                    for status in TURNED:
                        responses.pop(str(status), None)
                else:
                    operation["security"] = [{}, {"key": []}]
                for status, response in responses.items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
