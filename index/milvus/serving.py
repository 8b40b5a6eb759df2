"""The collection that an index folder goes with, as a retriever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.errors import IndexFolderError
from index.milvus import collections
from index.milvus.connection import Server
from index.milvus.expressions import RECORDS, before, joined
from index.milvus.schema import GRAPH, ID, VECTOR, key
from index.store import Store

REBUILD = "请运行 wence build 重建。"


@dataclass(frozen=True, slots=True)
class MilvusIndex:
    """A collection that holds the words and vectors of a store's records.

    Args:
        server: where it is.
        collection: its own name, not the alias: what is switched later does not change what is read.
        records: how many of its records are read; what was added later stands behind them.
        graph: whether vectors are indexed by a graph, and not each compared.
    """

    server: Server
    collection: str
    records: int
    graph: bool

    @classmethod
    def open(cls, server: Server, collection: str, dimensions: int, store: Store) -> MilvusIndex:
        """The `collection` that a manifest names, checked against the folder's `store`.

        Raises:
            EngineUnreachableError: the server does not answer.
            IndexFolderError: it does not hold the collection, or one of another build or another model.
        """
        named = f"Milvus（{server.address.uri}）的集合 {collection}"
        if not server.call("has_collection", collection):
            now = collections.serving(server)
            there = f"现在服务的是 {now}" if now else "那里还没有问策的索引"
            raise IndexFolderError(f"{named} 不存在（{there}），与本机的索引目录不是同一次构建。{REBUILD}")
        fields = server.call("describe_collection", collection)["fields"]
        sizes = [field["params"].get("dim") for field in fields if field["name"] == VECTOR]
        if [int(size) for size in sizes if size] != [dimensions]:
            raise IndexFolderError(f"{named} 的向量不是 {dimensions} 维。{REBUILD}")
        records = store.count()
        found = collections.counted(server, collection, joined(RECORDS, before(records)))
        ends = sorted({0, records - 1}) if records else []
        keys = [key(position) for position in ends]
        rows = server.searched("get", collection, ids=keys, output_fields=[ID]) if keys else []
        own = [str(store.ids[position]) for position in ends]
        if found != records or {row[ID] for row in rows} != set(own):
            problem = f"{named} 有 {found} 条，本机的条目库有 {records} 条，或不是同一批条目"
            raise IndexFolderError(f"{problem}。{REBUILD}")
        graph = server.call("describe_index", collection, VECTOR)["index_type"] == GRAPH
        return cls(server, collection, records, graph)

    def read(self, positions: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The `fields` of the records at `positions`, in any order.

        Raises:
            EngineUnreachableError: the server does not answer.
            IndexFolderError: it does not have them all.
        """
        keys = [key(position) for position in positions]
        rows: list[dict[str, Any]] = self.server.searched(
            "get", self.collection, ids=keys, output_fields=list(fields)
        )
        if len(rows) != len(keys):
            named = f"Milvus（{self.server.address.uri}）的集合 {self.collection}"
            raise IndexFolderError(f"{named} 缺 {len(keys) - len(rows)} 条，与本机的条目库对不上。{REBUILD}")
        return rows

    def check(self) -> None:
        """See that the server answers, and has the collection.

        Raises:
            EngineUnreachableError: it does not answer.
            IndexFolderError: it has not.
        """
        if self.records:
            self.read([0], [ID])
