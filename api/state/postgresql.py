"""The state in a PostgreSQL database or schema of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import URL, Connection, Engine, create_engine, text

POOL = {"pool_size": 4, "max_overflow": 4, "pool_timeout": 5.0}  # for each process
# libpq's parameters where the URL has none: seconds, and milliseconds until a dead line is given up.
DEFAULTS = {
    "application_name": "wence",
    "client_encoding": "utf8",
    "connect_timeout": "3",
    "tcp_user_timeout": "5000",
}
ENCODINGS = ("UTF8", "SQL_ASCII")  # that keep Chinese as it comes
LOCK = 0x57454E4345  # "WENCE"


def opening(url: URL, *, make: bool) -> AbstractContextManager[None]:
    """Nothing to be made: the database is there."""
    return nullcontext()


def engine(url: URL) -> Engine:
    """An engine that sees whether the server was restarted before it uses a connection."""
    query = {name: value for name, value in DEFAULTS.items() if name not in url.query}
    psycopg = url.set(drivername="postgresql+psycopg").update_query_dict(query)
    return create_engine(psycopg, pool_pre_ping=True, hide_parameters=True, **POOL)


def prepare(engine: Engine) -> None:
    """See that the database can hold Chinese.

    Raises:
        ValueError: it cannot; in Chinese.
    """
    with engine.connect() as connection:
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding not in ENCODINGS:
        raise ValueError(f"数据库的编码是 {encoding}，存不了汉字，请用 UTF8 建库")


def lock(connection: Connection) -> None:
    """Wait until no other transaction migrates; let go at the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
