"""What Gradio's page lacks: its language said, its built-in words in Chinese, no other host."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'self'; form-action 'self'"
)
_LANGUAGE = (
    b"<head><script>for (const [name, value] of [['language', 'zh-CN'], ['languages', ['zh-CN']]])"
    b" Object.defineProperty(navigator, name, { get: () => value });</script>"
)


class ChinesePage:
    """Middleware over the page at "/"; all other paths pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
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
                body = body.replace(b'lang="en"', b'lang="zh-CN"', 1).replace(b"<head>", _LANGUAGE, 1)
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = POLICY
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, collect)
