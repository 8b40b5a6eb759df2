"""A build into Milvus: a collection of its own, that serves when it is whole."""

from __future__ import annotations

from itertools import islice

from index.batch import Batch
from index.errors import IndexFolderError
from index.milvus import collections
from index.milvus.connection import LONG_S, PATIENT_S, Server
from index.milvus.expressions import RECORDS, joined, within
from index.milvus.schema import GRAPH, POSITION, VECTOR, Rows, graph, indexes, rows_of, schema

FLAT = 100_000
"""Rows up to which each vector is compared: the search is exact."""
SENT = 2000
"""Rows that one call carries: some megabytes."""


class MilvusWriter:
    """Sends batches, in the order of their positions, into a collection.

    Args:
        server: the server.
        collection: the collection, which is there.
        rows: makes the rows.
        start: position of the first record.
        resumed: whether some of it may stand there already.

    Each method raises EngineUnreachableError or IndexFolderError where the server does not answer or refuses.
    """

    def __init__(self, server: Server, collection: str, rows: Rows, start: int, resumed: bool) -> None:
        self._server = server
        self.collection = collection
        """The collection that is written."""
        self._rows = rows
        self._start = self._end = start
        self._resumed = resumed
        self._sent = 0

    @classmethod
    def new(cls, server: Server, owner: str, build: str, dimensions: int, rows: Rows) -> MilvusWriter:
        """Writes the whole of a build by `owner`, whose inputs have the hash `build` (hexadecimal).

        The name of the collection holds both. One that a build by the same of the same inputs has left half
        done is gone on with: what stands there is not sent again. Nothing serves before `serve`. A vector
        has `dimensions`.
        """
        name = collections.name_of(server.address.alias, owner, build)
        resumed: bool = server.call("has_collection", name)
        if not resumed:
            server.call("create_collection", name, schema=schema(dimensions), timeout_s=PATIENT_S)
        if missing := indexes(there=server.call("list_indexes", name)):
            server.call("create_index", name, missing, timeout_s=PATIENT_S, sync=False)  # there is no row yet
        if resumed:  # what stands there can be counted in a loaded one alone
            server.call("load_collection", name, timeout_s=LONG_S)
        return cls(server, name, rows, 0, resumed)

    @classmethod
    def appending(cls, server: Server, collection: str, start: int, rows: Rows) -> MilvusWriter:
        """Adds records from the position `start` on to a collection that serves.

        Who reads it as it was reads only what stands before `start`. What an addition that died has left is
        removed first.
        """
        behind = f"{POSITION} >= {start}"
        if collections.counted(server, collection, behind):
            server.searched("delete", collection, filter=behind, timeout_s=PATIENT_S)
        return cls(server, collection, rows, start, resumed=False)

    def add(self, batch: Batch) -> None:
        """Send `batch`, unless it stands there from a build before."""
        if batch.start != self._end:
            raise ValueError(f"a batch starts at {batch.start}, not at {self._end}")
        self._end += len(batch.records)
        expected = rows_of(batch)
        self._sent += expected
        if self._resumed and self._stands(batch.start, expected):
            self._rows.skip(batch)
            return
        rows = self._rows.of(batch)
        while part := list(islice(rows, SENT)):
            self._server.call("insert", self.collection, part, timeout_s=PATIENT_S)

    def _stands(self, start: int, expected: int) -> bool:
        """Whether the rows from `start` on are all there; what is there of fewer is removed."""
        there = within(start, self._end)
        found = collections.counted(self._server, self.collection, there)
        if found and found != expected:
            self._server.call("delete", self.collection, filter=there, timeout_s=PATIENT_S)
        return found == expected

    def finish(self) -> None:
        """Let the server write, index and load what was sent; it is all there then.

        Raises:
            IndexFolderError: the server holds more or fewer rows than were sent.
        """
        server, name = self._server, self.collection
        server.call("flush", name, timeout_s=LONG_S)
        if self._start == 0 and self._sent > FLAT:
            self._index()
        server.call("load_collection", name, timeout_s=LONG_S)
        there = within(self._start, self._end)
        found = collections.counted(server, name, there)
        records = collections.counted(server, name, joined(RECORDS, there))
        if (found, records) != (self._sent, self._end - self._start):
            problem = f"Milvus（{server.address.uri}）的集合 {name} 里有 {found} 行，应有 {self._sent} 行"
            raise IndexFolderError(f"{problem}；仍由原来的集合服务。请再运行一次 wence build。")

    def _index(self) -> None:
        """Index the vectors by a graph, unless a build before has done so."""
        server, name = self._server, self.collection
        if server.call("describe_index", name, VECTOR)["index_type"] != GRAPH:
            server.call("release_collection", name, timeout_s=PATIENT_S)
            server.call("drop_index", name, VECTOR, timeout_s=PATIENT_S)
            server.call("create_index", name, graph(), timeout_s=LONG_S)

    def serve(self) -> None:
        """Let the collection serve from now on: the alias is switched in one step."""
        collections.serve(self._server, self.collection)
