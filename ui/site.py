"""The pages as one Gradio application over one service: mounted, themed, with our own files beside them."""

from __future__ import annotations

import asyncio
import importlib
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.routes.common import FAVICON
from ui.front import Front
from ui.house import House
from ui.nav import PAGES, TITLE, header
from ui.paths import OwnPaths
from ui.widgets import Navbar, gr, html, theme

AT_ONCE = 40  # events that are worked on at a time: a desk of thirty clerks, and some to spare
SESSIONS = 50  # pages whose session is kept; nothing of ours is in it
STATIC = Path(__file__).parent / "static"


def mount(app: FastAPI, house: House) -> FastAPI:
    """Put the pages at "/" of `app`, behind the routes that it has.

    Where there is no engine yet the pages say so.
    """
    for page in PAGES:  # a page's own routes, such as a file to take away, stand before Gradio's
        if add := getattr(_module(page.name), "add_routes", None):
            add(app, house)
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    with ThreadPoolExecutor(1, "wence-mount") as pool:
        pool.submit(asyncio.run, _mounted(app, house)).result()
    app.add_middleware(Front, static=STATIC)
    return app


async def _mounted(app: FastAPI, house: House) -> None:
    """Mount inside a running loop: outside of one, Gradio makes loops and never closes them."""
    site = _site(house)
    site.state_session_capacity = SESSIONS
    with warnings.catch_warnings():  # it says that several pages are not rendered on the server, asked or not
        warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)
        gr.mount_gradio_app(
            app,
            site,
            path="/",
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            mcp_server=False,
            max_file_size="1kb",
            favicon_path=str(FAVICON),
            theme=theme(),
            css_paths=[STATIC / "site.css", *(STATIC / f"{page.name}.css" for page in PAGES)],
        )
    site.has_launched = True  # until then Gradio hands out any file that a request names
    mounted = app.routes[-1]
    assert isinstance(mounted, Mount)
    mounted.app = OwnPaths(mounted.app)


def _site(house: House) -> gr.Blocks:
    """All pages; each stands in a module of its name and is built by its `build`."""
    site = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    for page in PAGES:
        with site if page.path == "/" else site.route(page.title, page.path):
            Navbar(visible=False)
            html(header(page), elem_id="top")
            with gr.Column(elem_id=f"page-{page.name}", elem_classes="page"):
                _module(page.name).build(site, house)
    site.queue(default_concurrency_limit=AT_ONCE)
    # After each event Gradio would sum up the last 10,000 with pandas, for a page that is not there.
    site._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize
    return site


def _module(name: str) -> Any:
    return importlib.import_module(f"ui.{name}")
