"""What of Gradio's application the page uses; the rest of it is not there.

Gradio brings uploads, file and proxy routes, editors and more: doors that no reader of this page needs.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem
from ui.nav import PAGES

EXACT = frozenset(
    {
        *(page.path for page in PAGES),
        "/config",
        "/theme.css",
        "/gradio_api/run/predict",
        "/gradio_api/queue/join",
        "/gradio_api/cancel",
        "/gradio_api/reset",
    }
)
UNDER = ("/assets/", "/static/", "/svelte/", "/gradio_api/queue/data", "/gradio_api/heartbeat/")
UNKNOWN = "没有这个地址；接口说明见 /docs。"


class OwnPaths:
    """ASGI application around the page's: other paths are unknown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        if scope["type"] == "http" and not (path in EXACT or path.startswith(UNDER)):
            await problem(path, 404, UNKNOWN)(scope, receive, send)
            return
        await self._app(scope, receive, send)
