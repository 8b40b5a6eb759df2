"""The state in an SQLite file: how it is made, opened and kept safe from a change behind our back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import QueuePool

BUSY_S = 5.0  # that a statement waits for another process's write
OPENING_S = 30.0  # that an opening waits for another one
POOL = {"pool_size": 8, "max_overflow": 32, "pool_timeout": BUSY_S}
BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a file


class _Connection(sqlite3.Connection):
    """Knows which file it has open."""

    file: tuple[int, int] | None = None


def path_of(url: URL) -> Path:
    """The file that `url` names, absolute.

    Raises:
        ValueError: it names none; in Chinese.
    """
    if not url.database or url.database == ":memory:" or url.query or url.host:
        raise ValueError("应写成 sqlite:////绝对/路径/state.sqlite，不带参数")
    return Path(url.database).expanduser().absolute()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep out all others, processes too, that open or restore the state at `path`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=OPENING_S, mode=0o600):
        yield


@contextmanager
def opening(url: URL, *, make: bool) -> Iterator[None]:
    """Alone with a file that is there.

    Raises:
        FileNotFoundError: it is not, and is not to be made.
    """
    path = path_of(url)
    with alone(path):
        new = not path.exists()
        os.close(os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600))
        if new and os.geteuid() == 0:  # made by root for the service: the folder says whose it is
            owner = path.parent.stat()
            for made in (path, Path(f"{path}.lock")):
                os.chown(made, owner.st_uid, owner.st_gid)
        yield


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection to the file at `path`, which must be there; it begins no transaction by itself."""
    seen = _seen(path)
    uri = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False, factory=_Connection
    )
    connection.file = seen
    return connection


def _seen(path: Path) -> tuple[int, int] | None:
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino


def engine(url: URL) -> Engine:
    """An engine whose transactions begin as the option `writes` says."""
    path = path_of(url)
    made = create_engine(
        "sqlite://", creator=lambda: connect(path), poolclass=QueuePool, hide_parameters=True, **POOL
    )

    @event.listens_for(made, "connect")
    def connected(connection: sqlite3.Connection, record: Any) -> None:
        connection.execute("PRAGMA synchronous=FULL")  # what is committed survives a loss of power

    @event.listens_for(made, "checkout")
    def taken(connection: _Connection, record: Any, proxy: Any) -> None:
        # A file that was removed or replaced goes on taking writes that nobody will ever read.
        if connection.file != _seen(path):
            raise InvalidatePoolError

    @event.listens_for(made, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def prepare(engine: Engine) -> None:
    """Let readers and the one writer go on beside each other; kept in the file."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def lock(connection: Connection) -> None:
    """Nothing: a transaction that writes begins IMMEDIATE and so keeps out all others."""
