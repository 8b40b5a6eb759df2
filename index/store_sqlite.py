"""A store in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, Table, create_engine, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from index.errors import IndexFolderError
from index.reasons import reason
from index.store_places import Sink

BUSY_S = 10.0  # that a read waits for a commit, and a commit for reads
_NEW = (
    "page_size=8192",
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "cache_size=-65536",
)
# Pages of an appending stay in memory until its commit: they spill only by locking readers out.
_APPENDED = ("journal_mode=DELETE", "synchronous=FULL", "cache_spill=OFF")


class _SqliteSink(Sink):
    def put(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        statement = str(insert(table).compile(dialect=self.connection.dialect))
        driver: sqlite3.Connection = self.connection.connection.driver_connection  # type: ignore[assignment]
        driver.executemany(statement, rows)


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """The store in the file at `path`."""

    path: Path

    def reading(self) -> tuple[Engine, AbstractContextManager[Any]]:
        """See `Place`.

        One connection, opened now: it goes on reading when a build has removed the version. It may not be
        `immutable`, since plans can be added beside it, and is not `mode=ro`: an adding that was killed
        leaves a journal that the next reader has to roll back, which SQLite denies to such a one. Where the
        disk or the file is read-only SQLite falls back to reading by itself; `query_only` lets no
        statement write in either case.
        """
        made = create_engine(
            "sqlite://", creator=lambda: self._connected("query_only=ON"), poolclass=StaticPool
        )
        return made, threading.Lock()

    def _connected(self, *pragmas: str, mode: str = "rw", path: Path | None = None) -> sqlite3.Connection:
        uri = f"file:{quote(str(path or self.path))}?mode={mode}"
        made = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in pragmas:
                made.execute(f"PRAGMA {pragma}")
        except BaseException:
            made.close()
            raise
        return made

    @contextmanager
    def new(self) -> Iterator[Sink]:
        """See `Place`. The file stands under another name until it is whole and on the disk."""
        if self.path.exists():
            raise IndexFolderError(f"{self.path} 已经有了，不能再写。")
        part = self.path.with_name(self.path.name + ".part")
        part.unlink(missing_ok=True)
        try:
            with self._writing(lambda: self._connected(*_NEW, mode="rwc", path=part)) as sink:
                yield sink
            _sync(part)
            part.replace(self.path)
            _sync(self.path.parent)
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def append(self) -> Iterator[Sink]:
        """See `Place`."""
        with self._writing(lambda: self._connected(*_APPENDED)) as sink:
            yield sink

    @contextmanager
    def _writing(self, connected: Callable[[], sqlite3.Connection]) -> Iterator[Sink]:
        engine = create_engine("sqlite://", creator=connected, poolclass=NullPool, hide_parameters=True)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield _SqliteSink(connection)
                connection.commit()
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self.failure(error) from None
        finally:
            engine.dispose()

    def failure(self, error: Exception) -> IndexFolderError:
        """See `Place`."""
        return IndexFolderError(f"条目库 {self.path} 用不了：{reason(error)}。")


def _sync(path: Path) -> None:
    """Wait until what was written to a file, or into a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
