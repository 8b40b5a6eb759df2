"""A store in a schema (a namespace of tables) of a PostgreSQL database."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from psycopg import Connection as Driver
from psycopg import Error as DriverError
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, Table, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from index import postgresql, schema
from index.errors import IndexFolderError, StoreUnreachableError
from index.reasons import reason
from index.store_places import Sink

PREFIX = "wence_"
LOCK_MS = 5000  # that a drop waits for those who read
_NAME = re.compile(r"wence_[a-z0-9_]{1,57}")  # an identifier has at most 63 bytes
_FAMILY = text(
    "SELECT nspname FROM pg_namespace WHERE nspname ~ '^wence_'"
    " AND obj_description(oid) = coalesce(CAST(:owner AS text), obj_description(oid)) ORDER BY 1"
)


def schema_of(version: str) -> str:
    """The schema of an index version: wence_20261121t101500_7841_850081 of 20261121T101500-7841-850081."""
    return PREFIX + re.sub(r"[^a-z0-9]+", "_", version.lower())


class _PostgresSink(Sink):
    def put(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        target = self.connection.dialect.identifier_preparer
        columns = ", ".join(map(target.quote, table.c.keys()))
        with (
            _driver(self.connection).cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


@dataclass(frozen=True)
class PostgresSchema:
    """The store in `schema` of the database at `url`.

    Args:
        url: `postgresql://user:password@host/database`.
        schema: its name; made by `new`.
        owner: whose store it is (the index folder, say): what `schemas` and `drop_schemas` go by.

    Raises:
        IndexFolderError: one of them is no such thing.
    """

    url: str | URL
    schema: str
    owner: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.schema):
            raise IndexFolderError(f"“{self.schema}”不能作条目库的模式（schema）名。")
        object.__setattr__(self, "url", _read(self.url))

    def reading(self) -> tuple[Engine, AbstractContextManager[Any]]:
        """See `Place`. A pool: threads read beside each other, and it outlives a restart of the server."""
        made = postgresql.engine(_read(self.url), isolation_level="AUTOCOMMIT")
        return made.execution_options(schema_translate_map={None: self.schema}), nullcontext()

    @contextmanager
    def new(self) -> Iterator[Sink]:
        """See `Place`. All is one transaction: of a build that is killed the server keeps nothing."""
        with _writing(self.url) as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {self.schema}")
            mark = sql.SQL("COMMENT ON SCHEMA {} IS {}")
            _driver(connection).execute(mark.format(sql.Identifier(self.schema), sql.Literal(self.owner)))
            yield self._sink(connection)
            for table in schema.metadata.tables:  # at once: the server's own round comes a minute later
                connection.exec_driver_sql(f"ANALYZE {table}")

    @contextmanager
    def append(self) -> Iterator[Sink]:
        """See `Place`."""
        with _writing(self.url) as connection:
            sink = self._sink(connection)
            connection.exec_driver_sql("LOCK TABLE versions IN EXCLUSIVE MODE")
            yield sink

    def _sink(self, connection: Connection) -> Sink:
        connection.exec_driver_sql(f"SET LOCAL search_path TO {self.schema}")
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem TO '256MB'")
        return _PostgresSink(connection)

    def failure(self, error: Exception) -> IndexFolderError:
        """See `Place`."""
        if getattr(getattr(error, "orig", error), "sqlstate", None) in ("42P01", "3F000"):
            gone = f"数据库里没有条目库 {self.schema}：已被更新的索引取代，或被删去"
            return IndexFolderError(f"{gone}。请重新打开索引；仍不行时运行 wence build 重建。")
        return _failure(_read(self.url), error)


def schemas(url: str | URL, owner: str | None) -> list[str]:
    """The schemas of the stores of `owner` (of anyone, where it is None), oldest first.

    Raises:
        StoreUnreachableError: the server does not answer.
    """
    with _writing(url) as connection:
        return list(connection.execute(_FAMILY, {"owner": owner}).scalars())


def drop_schemas(url: str | URL, owner: str, keep: Collection[str]) -> list[str]:
    """Drop the stores of `owner` but those in `keep`; the names of those dropped.

    One that is read for longer than `LOCK_MS` just now is left for the next time.

    Raises:
        StoreUnreachableError: the server does not answer.
    """
    dropped = []
    for name in schemas(url, owner):
        if name in keep:
            continue
        try:
            with _writing(url) as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout TO {LOCK_MS}")
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        except _BusyError:
            continue
        dropped.append(name)
    return dropped


class _BusyError(IndexFolderError):
    """A lock could not be had in time."""


@contextmanager
def _writing(url: str | URL) -> Iterator[Connection]:
    """A transaction of its own."""
    parsed = _read(url)
    engine = postgresql.engine(parsed)
    try:
        _prepare(engine, parsed)
        with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, DriverError) as error:
        raise _failure(parsed, error) from None
    finally:
        engine.dispose()


def _prepare(engine: Engine, url: URL) -> None:
    try:
        postgresql.prepare(engine)
    except ValueError as error:
        raise IndexFolderError(f"{_where(url)}用不了：{error}。") from None


def _read(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise IndexFolderError("条目库的地址看不懂，应写成 postgresql://用户:口令@主机/库名。")
    return parsed


def _failure(url: URL, error: Exception) -> IndexFolderError:
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or ""
    if state == "55P03":
        return _BusyError(f"{_where(url)}正忙。")
    silent = isinstance(error, PoolTimeout) or (
        isinstance(error, DBAPIError | DriverError)
        and (getattr(error, "connection_invalidated", False) or state[:2] in ("08", "57", "53") or not state)
        and type(cause).__name__.endswith(("OperationalError", "InterfaceError", "Timeout", "Shutdown"))
    )
    if silent:
        advice = "请确认数据库在运行、网络通畅，恢复后再试即可，不必重建索引"
        return StoreUnreachableError(f"连不上{_where(url)}：{reason(error)}。{advice}。")
    return IndexFolderError(f"{_where(url)}用不了：{reason(error)}。")


def _where(url: URL) -> str:
    """The database for an operator to find it; never the password."""
    query = url.query.get("host", "")
    host = url.host or (query if isinstance(query, str) else "、".join(query)) or "本机"
    return f"条目库所在的 PostgreSQL（主机 {host}，端口 {url.port or 5432}，库 {url.database or '默认'}）"


def _driver(connection: Connection) -> Driver[Any]:
    driver: Driver[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver
