"""`wence mcp`: the tools of assistants over standard input and output, which carry the protocol alone."""

from __future__ import annotations

import signal

import anyio

from api import logs
from api.answering import Answering
from api.mcp import serve_stdio
from api.serving import Serving
from rag.engine import Engine
from wence import __version__
from wence.settings import Settings
from wence.wiring import open_telling


def serve(settings: Settings) -> None:
    """Serve one client until it closes our input. It is greeted at once; the engine loads meanwhile."""
    logs.configure(as_json=settings.log == "json")
    serving = Serving(lambda: open_telling(settings))
    serving.start()

    def engine() -> Engine:
        serving.wait()  # a tool that is called at once waits, so that no assistant has to try again
        return serving.engine()

    # The thread that reads our input cannot be woken; there is nothing to put away.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(serve_stdio, Answering(engine), __version__)
