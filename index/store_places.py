"""Where a store is kept: what differs between engines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from index import schema
from index.errors import IndexFolderError


class Sink(ABC):
    """A transaction that writes to a store: committed at the end, or nothing was."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def put(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add `rows` to `table`: values in the order of its columns, dates in ISO 8601, JSON as text."""

    def make_tables(self) -> None:
        """Make the tables without their indexes."""
        for table in schema.metadata.sorted_tables:
            self.connection.execute(CreateTable(table))

    def make_indexes(self) -> None:
        """Make the indexes: once the rows stand, each is sorted in one go."""
        for table in schema.metadata.sorted_tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self.connection.execute(CreateIndex(index))


class Place(Protocol):
    """Where one store is, or will be."""

    def reading(self) -> tuple[Engine, AbstractContextManager[Any]]:
        """An engine that only reads, and what a thread holds while it uses a connection."""
        ...

    def new(self) -> AbstractContextManager[Sink]:
        """Make the store: it is there when the block has ended without an error, and not before."""
        ...

    def append(self) -> AbstractContextManager[Sink]:
        """Add to the store that is there, alone; readers go on."""
        ...

    def failure(self, error: Exception) -> IndexFolderError:
        """The error to raise for one of the driver or of SQLAlchemy."""
        ...
