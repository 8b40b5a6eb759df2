"""Which collections there are: one a build, an alias for the one that serves, one for the one before it."""

from __future__ import annotations

import re
from typing import Any

from index.milvus.connection import PATIENT_S, Server

BEFORE = "_before"
_BUILD = 16  # characters of a build's hash in its collection's name


def name_of(alias: str, build: str) -> str:
    """The collection of the build whose inputs have the hash `build`."""
    return f"{alias}_{build[:_BUILD]}"


def serving(server: Server, alias: str | None = None) -> str | None:
    """The collection that an alias (the address's own by default) stands for; None where there is none."""
    wanted = alias or server.address.alias
    if wanted not in server.call("list_aliases")["aliases"]:
        return None
    found: str = server.call("describe_alias", wanted)["collection_name"]
    return found


def serve(server: Server, collection: str) -> None:
    """Let `collection` serve from now on, in one step; keep the one before, drop older and half ones."""
    alias = server.address.alias
    old = serving(server)
    if old == collection:
        return
    if old is not None:
        _point(server, alias + BEFORE, old)
    _point(server, alias, collection)
    for name in builds(server):
        if name not in (collection, old):
            server.call("drop_collection", name, timeout_s=PATIENT_S)


def builds(server: Server) -> list[str]:
    """The collections of all builds under the address's alias, whole ones and half ones."""
    ours = re.compile(rf"{re.escape(server.address.alias)}_[0-9a-f]{{{_BUILD}}}")
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


def _point(server: Server, alias: str, collection: str) -> None:
    there = serving(server, alias) is not None
    server.call("alter_alias" if there else "create_alias", collection, alias)
