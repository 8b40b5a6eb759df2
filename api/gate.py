"""What every request passes first: its id, who sends it, its size and time, its headers, its log line."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import anyio
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import meters
from api.access.door import Door, Seen, Turned
from api.bodies import as_it_comes, read_whole
from api.context import Caller, come_from
from api.problems import INTERNAL, problem, refusal
from api.state.database import StateError
from corpus.formats.any import MAX_MB

log = structlog.stdlib.get_logger("wence.requests")
PUBLIC = frozenset({"/healthz", "/readyz", "/login", "/logout", "/favicon.ico"})
PROGRAMS = ("/v1/", "/mcp")
UPLOADS = frozenset({"/v1/plans/uploads"})  # whose endpoint writes its body to the disk
TOO_LONG = "没有在 {seconds:.0f} 秒内办完，已停止。"
_BODIES = {"POST", "PUT", "PATCH", "DELETE"}
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_NOT_OURS = ("access-control-allow-origin", "access-control-allow-credentials")
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'; form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take: bytes, seconds to send its body, seconds until it is answered.

    `plan_mb` are the megabytes that a file with plans may have.
    """

    body: int = 256 * 1024
    body_s: float = 15.0
    request_s: float = 300.0
    plan_mb: int = MAX_MB


@dataclass(slots=True)
class Open:
    """The streams of pages (heartbeats) that stay open as long as a page does; they end when we leave."""

    scopes: set[anyio.CancelScope] = field(default_factory=set)

    def close(self) -> None:
        """End them: called in the event loop, when the service is told to stop."""
        for scope in list(self.scopes):
            scope.cancel()


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, door: Door, limits: Limits, opened: Open) -> None:
        self._app = app
        self._door = door
        self._limits = limits
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":  # as GET; the server sends the head alone
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        seen = self._door.seen(scope)
        caller = Caller(uuid.uuid4().hex, address=seen.address)
        status = 0
        begun = False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                _add_headers(scope["path"], MutableHeaders(scope=message), caller.request)
            await send(message)

        come_from(caller)
        try:
            try:
                caller = await self._let_in(scope, seen, caller)
                come_from(caller)
                if scope["method"] in _BODIES:
                    receive = await self._bounded(scope, receive)
                await self._within_time(scope, receive, answer)
            except (Turned, StateError, TimeoutError) as turned:
                if begun:
                    raise  # it breaks off
                await self._refused(scope, turned)(scope, receive, answer)
        except Exception:
            log.exception("failed", request=caller.request)
            status = 500
            if not begun:
                await problem(scope["path"], 500, INTERNAL)(scope, receive, answer)
        finally:
            _note(scope, method, caller, status, (time.perf_counter() - started) * 1000)

    async def _let_in(self, scope: Scope, seen: Seen, nobody: Caller) -> Caller:
        """Who it is; what is for everyone asks for no one.

        Raises:
            Turned, StateError: see `Door`.
        """
        self._door.check_origin(scope)
        if scope["path"] in PUBLIC:
            return nobody
        caller = await self._door.caller(scope, seen, nobody.request)
        if scope["path"].startswith(PROGRAMS) or scope["method"] in _BODIES:
            self._door.count(caller)
        return caller

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body within its bounds: read whole, or handed on where a file is written to the disk.

        Raises:
            Turned: it is too large, or does not come.
        """
        limits = self._limits
        if scope["method"] == "POST" and scope["path"] in UPLOADS:
            return await as_it_comes(scope, receive, limits.plan_mb * 2**20, limits.body_s)
        return await read_whole(scope, receive, limits.body, limits.body_s)

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on. Programs wait so long and no longer; pages hold streams while we serve."""
        if scope["path"].startswith(PROGRAMS):
            with anyio.fail_after(self._limits.request_s):
                await self._app(scope, receive, send)
            return
        with anyio.CancelScope() as stream:
            self._opened.scopes.add(stream)
            try:
                await self._app(scope, receive, send)
            finally:
                self._opened.scopes.discard(stream)

    def _refused(self, scope: Scope, why: Exception) -> Response:
        path = scope["path"]
        if isinstance(why, StateError):
            return problem(path, 503, str(why))
        if isinstance(why, TimeoutError):
            return problem(path, 504, TOO_LONG.format(seconds=self._limits.request_s))
        assert isinstance(why, Turned)
        accepts = Headers(scope=scope).get("accept", "")
        if why.status == 401 and scope["method"] == "GET" and "text/html" in accepts:
            asked = scope["query_string"].decode("latin-1")  # a link to a view that was sent keeps its view
            return RedirectResponse(f"/login?next={quote(f'{path}?{asked}' if asked else path)}", 303)
        return refusal(path, why)


def _add_headers(path: str, headers: MutableHeaders, request: str) -> None:
    headers["x-request-id"] = request
    for name in _NOT_OURS:  # the page's library lets every site in
        del headers[name]
    for name, value in _HEADERS.items():
        headers[name] = value
    if path.startswith(PROGRAMS):
        headers.setdefault("content-security-policy", _DATA_POLICY)
        headers.setdefault("cache-control", "no-store")
    elif headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("content-security-policy", _PAGE_POLICY)


def _note(scope: Scope, method: str, caller: Caller, status: int, ms: float) -> None:
    """Count the request and write its line; what it asked is not in it."""
    route = _route(scope)
    method = method if method in _METHODS else "other"
    meters.requests.labels(route, method, str(status)).inc()
    meters.seconds.labels(route).observe(ms / 1000)
    if route == "page" and status < 400:  # a page fetches a hundred files
        return
    fields: dict[str, Any] = {
        "request": caller.request,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(ms, 2),
        "who": caller.who or "-",
        "address": caller.address,
    }
    (log.info if status < 500 else log.error)("request", **fields)


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def _route(scope: Scope) -> str:
    """The endpoint's own path, so that labels stay few: an id in it, or a stray path, makes none."""
    if scope["path"] == "/mcp":
        return "/mcp"
    if "route" not in scope:
        return "page" if scope["path"].startswith("/ui/") else "none"
    path = getattr(scope["route"], "path", "")
    known = path.startswith(("/v1/", "/metrics", *PUBLIC, "/docs", "/openapi.json"))
    return path if known else "page"
