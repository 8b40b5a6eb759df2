"""A PostgreSQL server as the store and the state use it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, text

# libpq's parameters where the URL has none: seconds, and milliseconds until a dead line is given up.
DEFAULTS = {
    "application_name": "wence",
    "client_encoding": "utf8",
    "connect_timeout": "3",
    "tcp_user_timeout": "5000",
}
ENCODINGS = ("UTF8", "SQL_ASCII")  # that keep Chinese as it comes
POOL = {"pool_size": 4, "max_overflow": 4, "pool_timeout": 5.0}  # for each process


def engine(url: URL, **options: Any) -> Engine:
    """An engine that sees whether the server was restarted before it uses a connection."""
    query = {name: value for name, value in DEFAULTS.items() if name not in url.query}
    psycopg = url.set(drivername="postgresql+psycopg").update_query_dict(query)
    return create_engine(psycopg, pool_pre_ping=True, hide_parameters=True, **POOL, **options)


def prepare(engine: Engine) -> None:
    """See that the database can hold Chinese.

    Raises:
        ValueError: it cannot; in Chinese.
    """
    with engine.connect() as connection:
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding not in ENCODINGS:
        raise ValueError(f"数据库的编码是 {encoding}，存不了汉字，请用 UTF8 建库")
