"""Types of columns that SQLite and PostgreSQL keep alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator

from corpus.normal import printable


def storable(text: str) -> str:
    """`text` as both databases take it: no half surrogate pair, no NUL."""
    return printable(text).replace("\0", "\ufffd")


class Moment(TypeDecorator[datetime]):
    """A time with its zone, kept and given in UTC (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """As UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that people wrote."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Without what cannot be stored."""
        return None if value is None else storable(value)


class Listed(TypeDecorator[Sequence[str]]):
    """Several texts, as a JSON list; given as a tuple."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Any) -> str | None:
        """To JSON."""
        return None if value is None else json.dumps([storable(text) for text in value], ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Any) -> tuple[str, ...] | None:
        """From JSON."""
        return None if value is None else tuple(json.loads(value))
