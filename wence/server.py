"""`wence serve`: the API and the page on one port, in one process or several."""

from __future__ import annotations

import contextlib
import ipaddress
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import IndexFolderError
from index.folder import IndexFolder
from rag.answer import EXTRACTIVE
from wence import __version__, terminal
from wence.settings import Settings, SettingsError, read_settings
from wence.wiring import Models, load_models, open_telling, plans_of

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from api.access.policy import Policy
    from rag.engine import Engine

SAMPLE = "延庆区2026年PM2.5年均浓度的目标是多少？"
NO_KEYS = (
    "{why}，而现在没有一把可用的密钥，因此没有启动。"
    "请先用 wence keys create 名称 建立密钥；由反向代理认人的，设置 WENCE_PROXIES 和 WENCE_USER_HEADER；"
    "确实要让任何人不用密钥就能使用，请明说：--auth never。"
)
BACKLOG = 1024  # connections that may stand before the door
_ANNOUNCED = "WENCE_ANNOUNCED"  # the file by which several workers agree on who says that the service is up


class AddressError(IndexFolderError):
    """The address cannot be listened on, or not like this."""


def serve(settings: Settings, chosen: dict[str, str]) -> None:
    """Serve until interrupted; print the address and one sample answer when ready.

    `chosen` are the settings that stood on the command line: worker processes read them again.

    Raises:
        AddressError: the port is taken, the address is not this machine's, or needs keys that are not there.
        StateError, SettingsError: the state cannot be opened, a setting cannot be used.
    """
    _check_door(settings)
    listening = _listen(settings.host, settings.port)
    import uvicorn

    os.environ.update({f"WENCE_{name.upper()}": value for name, value in chosen.items()})
    if settings.workers == 1:
        server = uvicorn.Server(_config(settings, application()))
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down by then
            server.run(sockets=[listening])
        return
    from uvicorn.supervisors import Multiprocess

    with tempfile.TemporaryDirectory(prefix="wence-") as together:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = together
        os.environ[_ANNOUNCED] = str(Path(together) / f"announced-{secrets.token_hex(4)}")
        Multiprocess(_config(settings, "wence.server:application"), [listening]).run()


def application() -> FastAPI:
    """The application of one process, by the settings of its environment."""
    settings = read_settings()
    from api import logs
    from api.app import THREADS, create_app
    from api.connections import Connection
    from api.gate import Limits
    from api.kept import Kept
    from ui.house import House
    from ui.site import mount

    logs.configure(as_json=settings.log == "json" or (settings.log == "auto" and not sys.stderr.isatty()))
    Connection.head_s = settings.body_s
    if settings.workers > 1:
        _end_with_parent()
    folder = IndexFolder(settings.index_dir)
    models: list[Models] = []
    announced: list[bool] = []
    worded = settings.writer != EXTRACTIVE

    def load() -> Engine:
        if not models:
            models.append(load_models(settings))
        engine = open_telling(settings, models[0])
        if _first(announced):
            announced.append(True)
            terminal.say(f"问策已就绪：http://{settings.host}:{settings.port}/（接口说明 /docs）")
            if not worded:  # a model may take a minute, and nobody has asked it
                terminal.say(f"示例　{SAMPLE}\n　　　{engine.ask(SAMPLE).text}")
        return engine

    waiting = settings.writer_running + settings.writer_waiting if worded else 0
    app = create_app(
        load,
        version=__version__,
        threads=THREADS + waiting,
        index_version=lambda: folder.current().name,
        loaded_first=settings.workers > 1,
        kept=Kept(settings.state_url, settings.audit_days, make=False),  # `serve` has made it
        policy=policy(settings),
        limits=Limits(settings.body_kb * 1024, settings.body_s, settings.request_s, settings.plan_mb),
        held=plans_of(settings),
    )
    # What the page streams is held by the process that began it; the next request may go to another.
    alone = settings.workers == 1
    house = House(
        app.state.answering,
        streams=worded and alone,
        queued=alone,
        reports=settings.reports,
        desk=app.state.desk,
    )
    return mount(app, house)


def policy(settings: Settings) -> Policy:
    """Who may come in, by the settings."""
    from api.access.policy import Policy, is_loopback

    return Policy(
        local=settings.auth == "auto" and is_loopback(settings.host),
        everyone=settings.auth == "never",
        proxies=_listed(settings.proxies),
        user_header=settings.user_header,
        admins=frozenset(_listed(settings.admins)),
        rate="" if settings.rate == "off" else settings.rate,
        session_hours=settings.session_hours,
        origins=_listed(settings.cors),
    )


def _check_door(settings: Settings) -> None:
    """Refuse to open the house to others without a key, unless told so outright.

    Raises:
        AddressError: nobody could come in, or anybody. SettingsError: the rate cannot be read.
    """
    from api.access.rates import Rates
    from api.state.database import State
    from api.state.keys import Keys

    who = policy(settings)
    for name, listed in (("WENCE_PROXIES", who.proxies), ("WENCE_CORS", who.origins)):
        if "*" in listed:
            raise SettingsError(f"设置有误：{name} 不能写 *：那等于谁都可信；请逐个写明。")
    for proxy in who.proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            problem = f"设置有误：WENCE_PROXIES={proxy!r}：应是 IP 地址或网段，如 10.0.0.5、10.0.0.0/24。"
            raise SettingsError(problem) from None
    try:
        Rates(who.rate)
    except ValueError:
        problem = f"设置有误：WENCE_RATE={settings.rate!r}：应形如 600/minute，不限写 off。"
        raise SettingsError(problem) from None
    if settings.user_header and not who.proxies:
        raise SettingsError("设置有误：设了 WENCE_USER_HEADER，还须用 WENCE_PROXIES 写明可信的代理。")
    state = State.open(settings.state_url)  # migrated before workers start
    try:
        named = bool(who.user_header and who.proxies)
        if not (who.local or who.everyone or named or Keys(state).any_valid(datetime.now(UTC))):
            asked = settings.auth == "always"
            why = "按 auth=always，人人都要密钥" if asked else f"地址 {settings.host} 别的机器也能访问"
            raise AddressError(NO_KEYS.format(why=why))
    finally:
        state.close()


def _config(settings: Settings, app: FastAPI | str) -> uvicorn.Config:
    import uvicorn

    from api.connections import Connection

    more: dict[str, Any] = {}
    if isinstance(app, str):
        more = {"factory": True, "workers": settings.workers}
    return uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the door reads them
        server_header=False,
        timeout_graceful_shutdown=settings.leave_s,
        timeout_worker_healthcheck=10,
        backlog=BACKLOG,
        **more,
    )


def _end_with_parent() -> None:
    """Leave when the process that started this worker is no more: nobody else would tell it to."""
    if sys.platform != "linux":
        return
    import ctypes

    death = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(death, signal.SIGTERM)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:  # it was so before we asked
        signal.raise_signal(signal.SIGTERM)


def _first(announced: list[bool]) -> bool:
    """Whether this process is the one that says that the service is up, and has not said it yet."""
    if announced:
        return False
    path = os.environ.get(_ANNOUNCED)
    if path is None:
        return True
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        return True
    return False


def _listed(value: str) -> tuple[str, ...]:
    return tuple(item for part in value.split(",") if (item := part.strip()))


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is known before anything is loaded."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)  # whoever comes while workers load waits, and is not turned away
    except OSError as error:
        problem = f"不能在 {host}:{port} 上监听（{error.strerror}）；请换一个端口：wence serve --port 8738。"
        raise AddressError(problem) from None
    listening.set_inheritable(True)
    return listening
