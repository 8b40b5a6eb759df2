"""The state database: opened, migrated, and read and written with clean errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from filelock import Timeout
from sqlalchemy import URL, ColumnElement, Connection, Engine, RowMapping, Table, make_url, select
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, SQLAlchemyError

from api.state import postgresql, sqlite
from api.state.migrations import MIGRATIONS, ForeignError, NewerError, migrate, reached
from index.reasons import reason


class StateError(RuntimeError):
    """The state database cannot be used; the message is Chinese and holds no password."""


class RejectedError(StateError):
    """The database works, and does not take what was to be written."""


class _Backend(Protocol):
    """What differs between databases (a module each)."""

    def opening(self, url: URL, *, make: bool) -> AbstractContextManager[None]: ...
    def engine(self, url: URL) -> Engine: ...
    def prepare(self, engine: Engine) -> None: ...
    def lock(self, connection: Connection) -> None: ...


_BACKENDS: dict[str, _Backend] = {"sqlite": sqlite, "postgresql": postgresql}
_FORMS = "sqlite:////绝对/路径/state.sqlite 或 postgresql://用户:口令@主机/库名"

PART = 500  # rows that are read at a time
_UNUSABLE = "状态库用不了："


def read_url(url: str | URL) -> URL:
    """The parts of a state's URL.

    Raises:
        StateError: it is none, or of a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StateError(f"WENCE_STATE_URL 看不懂，应写成 {_FORMS}。") from None
    name = {"postgres": "postgresql"}.get(parsed.get_backend_name(), parsed.get_backend_name())
    if name not in _BACKENDS:
        raise StateError(f"状态库不支持 {name}，应写成 {_FORMS}。")
    return parsed.set(drivername=name)


class State:
    """An open state database. Safe for threads; processes may share it.

    >>> state = State.open("sqlite:////var/lib/wence/state.sqlite")
    >>> with state.read() as connection:
    ...     connection.execute(select(tables.keys))
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        driver = engine.dialect.loaded_dbapi
        self._failures: tuple[type[Exception], ...] = (SQLAlchemyError, driver.Error)

    @classmethod
    def open(cls, url: str | URL, *, make: bool = True) -> State:
        """Open the database at `url` and migrate it; with `make` an SQLite file that is missing is made.

        Raises:
            StateError: it cannot be reached, is not ours, or is of a later version.
        """
        parsed = read_url(url)
        backend = _BACKENDS[parsed.drivername]
        where = f"状态库 {parsed.database or ''}".strip()
        try:
            with backend.opening(parsed, make=make):
                state = cls(backend.engine(parsed))
                try:
                    state._make_ready(backend)
                except BaseException:
                    state.close()
                    raise
        except Timeout:
            raise StateError(f"{where} 正被另一个进程打开或恢复，请稍后再试。") from None
        except ForeignError as error:
            problem = f"里有别的程序的表（{error}），请换一个 WENCE_STATE_URL"
            raise StateError(f"{where} {problem}。") from None
        except NewerError as error:
            newer = f"是更新版本的问策用过的（第 {error} 号，本版只到第 {len(MIGRATIONS)} 号）"
            raise StateError(f"{where} {newer}，请升级问策。") from None
        except (OSError, ValueError, StateError) as error:
            told = reason(error) if isinstance(error, OSError) else str(error)
            raise StateError(f"{where} 打不开：{told.removeprefix(_UNUSABLE).rstrip('。')}。") from None
        return state

    def _make_ready(self, backend: _Backend) -> None:
        with self.read() as connection:
            done = reached(connection)
        with self._told():
            backend.prepare(self._engine)
        if done < len(MIGRATIONS):
            with self.begin() as connection:
                backend.lock(connection)
                migrate(connection)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end, rolled back by an exception.

        Raises:
            StateError: whatever the database objects to, its commit included.
        """
        with self._told(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads.

        Raises:
            StateError: whatever the database objects to.
        """
        with self._told(), self._engine.connect() as connection:
            yield connection

    def rows(self, table: Table, *chosen: ColumnElement[bool]) -> Iterator[RowMapping]:
        """The rows of `table` that are `chosen`, by their `id`, a part at a time.

        Raises:
            StateError: whatever the database objects to.
        """
        part: Sequence[RowMapping] = ()
        while not part or len(part) == PART:
            after = part[-1]["id"] if part else 0
            rows = select(table).where(table.c.id > after, *chosen).order_by(table.c.id).limit(PART)
            with self.read() as connection:
                part = connection.execute(rows).mappings().all()
            if not part:
                return
            yield from part

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:  # its text may hold what was asked: it goes no further
            kind = RejectedError if isinstance(error, IntegrityError | DataError) else StateError
            raise kind(f"{_UNUSABLE}{reason(error)}。") from None

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
