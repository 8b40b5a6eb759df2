"""`wence mcp`: the tools of assistants over standard input and output, which carry the protocol alone."""

from __future__ import annotations

import signal
import threading

import anyio

from api import logs
from api.answering import Answering
from api.mcp import serve_stdio
from api.serving import Serving
from rag.engine import Engine
from wence import __version__, terminal
from wence.settings import Settings
from wence.wiring import open_engine


def serve(settings: Settings) -> None:
    """Serve one client until it closes our input. It is greeted at once; the engine loads meanwhile."""
    logs.configure(as_json=settings.log == "json")
    serving = Serving(
        lambda: open_engine(
            settings,
            before_build=lambda: terminal.say("还没有索引，正在建立……"),
            on_stale=lambda changed: terminal.say(f"提示：{'、'.join(changed)}已变，请运行 wence build。"),
        )
    )
    loading = threading.Thread(target=serving.load, name="wence-load", daemon=True)
    loading.start()

    def engine() -> Engine:
        loading.join()  # a tool that is called at once waits, so that no assistant has to try again
        return serving.engine()

    # The thread that reads our input cannot be woken; there is nothing to put away.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(serve_stdio, Answering(engine), __version__)
