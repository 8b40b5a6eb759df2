"""`wence serve`: the API and the page on one port."""

from __future__ import annotations

import contextlib
import socket

from index.errors import IndexFolderError
from rag.answer import EXTRACTIVE
from rag.engine import Engine
from wence import __version__, terminal
from wence.settings import Settings
from wence.wiring import open_engine

SAMPLE = "延庆区2026年PM2.5年均浓度的目标是多少？"


class AddressError(IndexFolderError):
    """The address cannot be listened on."""


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted; print the address and one sample answer when ready.

    Raises:
        AddressError: the port is taken or the address is not this machine's.
    """
    listening = _listen(host, port)
    import uvicorn

    from api.app import THREADS, create_app
    from ui.page import mount

    def load() -> Engine:
        engine = open_engine(
            settings,
            before_build=lambda: terminal.say("还没有索引，正在建立……"),
            on_stale=lambda changed: terminal.say(f"提示：{'、'.join(changed)}已变，请运行 wence build。"),
        )
        sample = engine.ask(SAMPLE)
        terminal.say(f"问策已就绪：http://{host}:{port}/（接口说明 /docs）")
        terminal.say(f"示例　{SAMPLE}\n　　　{sample.text}")
        return engine

    waiting = settings.writer_running + settings.writer_waiting if settings.writer != EXTRACTIVE else 0
    app = create_app(load, version=__version__, threads=THREADS + waiting)
    mount(app, app.state.serving.engine, streams=settings.writer != EXTRACTIVE)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down by then
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is known before anything is loaded."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        problem = f"不能在 {host}:{port} 上监听（{error.strerror}）；请换一个端口：wence serve --port 8738。"
        raise AddressError(problem) from None
    listening.set_inheritable(True)
    return listening
