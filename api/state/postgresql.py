"""The state in a PostgreSQL database or schema of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import URL, Connection, text

from index.postgresql import engine as engine
from index.postgresql import prepare as prepare

LOCK = 0x57454E4345  # "WENCE"


def opening(url: URL, *, make: bool) -> AbstractContextManager[None]:
    """Nothing to be made: the database is there."""
    return nullcontext()


def lock(connection: Connection) -> None:
    """Wait until no other transaction migrates; let go at the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
