"""Which collections there are: one a build, an alias for the one that serves, one for the one before it.

Readers go by a collection's own name, which their manifest holds; aliases are for who looks at the server.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from index.errors import IndexFolderError
from index.milvus.connection import PATIENT_S, Server

BEFORE = "_before"
_OWNER, _BUILD = 8, 16  # characters of hashes in a collection's name


def name_of(alias: str, owner: str, build: str) -> str:
    """The collection of the build by `owner` whose inputs have the hash `build`."""
    return f"{alias}_{_mark(owner)}_{build[:_BUILD]}"


def serving(server: Server, alias: str | None = None) -> str | None:
    """The collection that an alias (the address's own by default) stands for; None where there is none."""
    wanted = alias or server.address.alias
    if wanted not in server.call("list_aliases")["aliases"]:
        return None
    found: str = server.call("describe_alias", wanted)["collection_name"]
    return found


def serve(server: Server, collection: str) -> None:
    """Let the alias stand for `collection` from now on, in one step, and another for the one before."""
    alias = server.address.alias
    old = serving(server)
    if old == collection:
        return
    if old is not None:
        _point(server, alias + BEFORE, old)
    _point(server, alias, collection)


def drop_others(server: Server, owner: str, kept: Collection[str]) -> None:
    """Drop the collections of `owner`, whole ones and half ones, but those `kept`.

    One that the server keeps (an alias still stands for it, say) is left for the next time.
    """
    for name in builds(server, owner):
        if name not in kept:
            with suppress(IndexFolderError):
                server.call("drop_collection", name, timeout_s=PATIENT_S)


def builds(server: Server, owner: str | None = None) -> list[str]:
    """The collections of all builds by `owner` (by anyone, where it is None) under the address's alias.

    Whole ones and half ones.
    """
    mark = f"[0-9a-f]{{{_OWNER}}}" if owner is None else _mark(owner)
    ours = re.compile(rf"{re.escape(server.address.alias)}_{mark}_[0-9a-f]{{{_BUILD}}}")
    return [name for name in server.call("list_collections") if ours.fullmatch(name)]


def counted(server: Server, collection: str, condition: str) -> int:
    """How many rows meet `condition`, all that were ever sent looked at."""
    rows: list[dict[str, Any]] = server.searched(
        "query",
        collection,
        filter=condition,
        output_fields=["count(*)"],
        consistency_level="Strong",
        timeout_s=PATIENT_S,
    )
    return int(rows[0]["count(*)"])


def _mark(owner: str) -> str:
    return hashlib.blake2b(owner.encode(), digest_size=_OWNER // 2).hexdigest()


def _point(server: Server, alias: str, collection: str) -> None:
    there = serving(server, alias) is not None
    server.call("alter_alias" if there else "create_alias", collection, alias)
