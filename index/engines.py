"""Servers that hold what one machine's folder does not: PostgreSQL the store, Milvus words and vectors."""

from __future__ import annotations

import socket
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from index.errors import IndexFolderError
from index.milvus.address import Address
from index.store_places import Place
from index.store_sqlite import SqliteFile

if TYPE_CHECKING:
    from index.manifest import Manifest
    from index.milvus.connection import Server

STORE = "store.sqlite"
OWNER = "owner"
FILES, MILVUS = "files", "milvus:"
_POSTGRESQL = "postgresql:"


@dataclass(frozen=True, slots=True)
class Engines:
    """Where an index is kept.

    Args:
        store_url: the PostgreSQL database of the store, `postgresql://…`; a file of the version where empty.
        milvus: where words and vectors are, None for files of the version.
        owner: what marks on the servers what belongs to this index folder; see `owned`.
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
        remote = index.startswith(MILVUS)
        milvus = Address.read(index.removeprefix(MILVUS), token) if remote else None
        own = root / OWNER
        return cls(store_url, milvus, own.read_text(encoding="utf-8").strip() if own.is_file() else "")

    def owned(self, root: Path) -> Engines:
        """These, with a mark for what a build of the folder `root` puts there, made once.

        The mark lies in the folder: one of the same path on another machine has another, and what is there
        is never taken for its own. Who builds holds the folder's lock.

        Raises:
            OSError: it cannot be written.
        """
        if self.owner or not (self.store_url or self.milvus):
            return self
        own = root / OWNER
        if not own.is_file():
            fresh = own.with_suffix(".new")
            fresh.write_text(f"{socket.gethostname()}:{root.resolve()} {uuid4().hex[:16]}\n", "utf-8")
            fresh.replace(own)
        return replace(self, owner=own.read_text(encoding="utf-8").strip())

    def alike(self, manifest: Manifest) -> bool:
        """Whether a version is in the kinds of places where a build would put it now."""
        in_database = manifest.store.startswith(_POSTGRESQL)
        in_milvus = manifest.collection != ""
        return in_database == (self.store_url != "") and in_milvus == (self.milvus is not None)

    def hold(self, manifest: Manifest) -> bool:
        """Whether a version is where a build would put it now: the servers that are set have it.

        Raises:
            IndexFolderError: a server does not answer.
        """
        return self.alike(manifest) and self._found(manifest, anyones=True)

    def own(self, manifest: Manifest) -> bool:
        """Whether a version is there, and a build of this folder has put it there: it may be added to.

        Raises:
            IndexFolderError: a server does not answer.
        """
        return self.alike(manifest) and self._found(manifest, anyones=False)

    def _found(self, manifest: Manifest, *, anyones: bool) -> bool:
        owner = None if anyones else self.owner
        if self.store_url:
            from index.store_postgresql import schemas

            if manifest.store.removeprefix(_POSTGRESQL) not in schemas(self.store_url, owner):
                return False
        if self.milvus is None:
            return True
        from index.milvus.collections import builds

        with closing(self.server()) as server:
            return manifest.collection in builds(server, owner)

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

    def drop_stores(self, kept: Collection[Manifest]) -> None:
        """Drop what builds of this folder have put into the database, but what `kept` speak of.

        What cannot be dropped now is left for the next time.
        """
        if self.store_url and self.owner:
            from index.store_postgresql import drop_schemas

            names = {manifest.store.removeprefix(_POSTGRESQL) for manifest in kept}
            with suppress(IndexFolderError):
                drop_schemas(self.store_url, self.owner, names)

    def drop_collections(self, kept: Collection[Manifest]) -> None:
        """Drop the collections that builds of this folder have made, whole or half, but those of `kept`.

        What cannot be dropped now is left for the next time.
        """
        if self.milvus and self.owner:
            from index.milvus.collections import drop_others

            with closing(self.server()) as server, suppress(IndexFolderError):
                drop_others(server, self.owner, {manifest.collection for manifest in kept})
