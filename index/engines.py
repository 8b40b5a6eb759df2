"""Servers that hold what one machine's folder does not: PostgreSQL the store, Milvus words and vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexFolderError
from index.milvus.address import Address
from index.store_places import Place
from index.store_sqlite import SqliteFile

if TYPE_CHECKING:
    from index.manifest import Manifest
    from index.milvus.connection import Server

STORE = "store.sqlite"
FILES, MILVUS = "files", "milvus:"
_POSTGRESQL = "postgresql:"


@dataclass(frozen=True, slots=True)
class Engines:
    """Where an index is kept.

    Args:
        store_url: the PostgreSQL database of the store, `postgresql://…`; a file of the version where empty.
        milvus: where words and vectors are, None for files of the version.
        owner: what marks the stores of this index folder in the database.
    """

    store_url: str = field(default="", repr=False)
    milvus: Address | None = None
    owner: str = ""

    @classmethod
    def read(cls, index: str, store_url: str, token: str, root: Path) -> Engines:
        """What the settings `index` (`files`, `milvus:ADDRESS`) and `store_url` say, for the folder `root`.

        Raises:
            IndexFolderError: `index` is neither.
        """
        if index not in ("", FILES) and not index.startswith(MILVUS):
            raise IndexFolderError("WENCE_INDEX 应是 files，或 milvus:http://主机:19530。")
        given = index.removeprefix(MILVUS) if index.startswith(MILVUS) else ""
        return cls(store_url, Address.read(given, token) if given else None, str(root.resolve()))

    def hold(self, manifest: Manifest) -> bool:
        """Whether a version is where a build would put it now."""
        in_database = manifest.store.startswith(_POSTGRESQL)
        in_milvus = manifest.collection != ""
        return in_database == (self.store_url != "") and in_milvus == (self.milvus is not None)

    def server(self) -> Server:
        """The Milvus server.

        Raises:
            IndexFolderError: none is set.
        """
        from index.milvus.connection import Server

        if self.milvus is None:
            raise IndexFolderError("这个索引的词和向量在 Milvus 里；请设置 WENCE_INDEX=milvus:地址。")
        return Server(self.milvus)

    def new_store(self, version: Path) -> str:
        """Where the store of a new version will be, in the words of `store_at`."""
        from index.store_postgresql import schema_of

        return _POSTGRESQL + schema_of(version.name) if self.store_url else f"{version.name}/{STORE}"

    def store_at(self, where: str, versions: Path) -> Place:
        """The store that a manifest speaks of.

        Raises:
            IndexFolderError: it is in a database, and none is set.
        """
        if not where.startswith(_POSTGRESQL):
            return SqliteFile(versions / where)
        if not self.store_url:
            raise IndexFolderError("这个索引的条目库在 PostgreSQL 里；请设置 WENCE_STORE_URL。")
        from index.store_postgresql import PostgresSchema

        return PostgresSchema(self.store_url, where.removeprefix(_POSTGRESQL), self.owner)

    def drop_stores(self, kept: set[str]) -> None:
        """Drop the stores in the database but those that manifests still speak of, `kept`."""
        if self.store_url:
            from index.store_postgresql import drop_schemas

            drop_schemas(self.store_url, self.owner, {where.removeprefix(_POSTGRESQL) for where in kept})
