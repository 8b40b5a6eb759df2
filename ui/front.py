"""What Gradio's pages lack: their language and name, built-in words in Chinese, our scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import caller
from ui.nav import PAGES, TITLE, Page

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'self'; form-action 'self'"
)
_LANGUAGE = (
    "<script>for (const [name, value] of [['language', 'zh-CN'], ['languages', ['zh-CN']]])"
    " Object.defineProperty(navigator, name, { get: () => value });</script>"
)

# What Gradio says of itself to other sites, and a manifest that is not there.
_FOREIGN = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>')


class Front:
    """Middleware over the pages; all other paths pass untouched.

    Each page gets the script of all (`site.js`), ahead of Gradio's, and the one of its name.
    """

    def __init__(self, app: ASGIApp, static: Path) -> None:
        self._app = app
        self._heads = {page.path: _head(page, static).encode() for page in PAGES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        head = self._heads.get(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] != "GET" or head is None:
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            if Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
                body = _FOREIGN.sub(b"", body.replace(b'lang="en"', _language(), 1))
                body = body.replace(b"<head>", b"<head>" + head, 1)
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = POLICY
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, collect)


def _language() -> bytes:
    """The language of the page, and who looks at it: some pages stand in the head of admins alone."""
    return f'lang="zh-CN" data-standing="{caller().standing}"'.encode()


def _head(page: Page, static: Path) -> str:
    own = f"{page.name}.js"
    scripts = ["site.js", *([own] if (static / own).exists() else [])]
    named = f'<meta name="wence-title" content="{escape(f"{page.title} · {TITLE}")}">'
    return _LANGUAGE + named + "".join(_script(static, scripts))


def _script(static: Path, names: Iterable[str]) -> Iterable[str]:
    """A script's element; its address changes with what it holds, so that no browser keeps an old one."""
    for name in names:
        digest = hashlib.sha256((static / name).read_bytes()).hexdigest()[:12]
        yield f'<script src="./ui/{name}?{digest}"></script>'
