"""Where a Milvus is: `http://[TOKEN@]HOST:19530[/DATABASE][?alias=NAME]`, or a file of milvus-lite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from index.errors import IndexFolderError

ALIAS = "wence"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SHAPE = "milvus:http://主机:19530[/数据库][?alias=别名]，或 milvus:某个文件.db"


@dataclass(frozen=True, slots=True)
class Address:
    """A server, as it may be shown.

    Args:
        uri: the address without who asks.
        alias: the name under which the serving collection is found.
        database: the server's database; its default one where empty.
        token: `USER:PASSWORD` or a key; never shown.
    """

    uri: str
    alias: str = ALIAS
    database: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def read(cls, given: str, token: str = "") -> Address:
        """The address that `given` spells; who asks stands in front of the host, or is `token`.

        Raises:
            IndexFolderError: it is no such address; the message shows nothing of it (it may hold a password).

        >>> Address.read("http://root:secret@db.example:19530/policy?alias=plans")
        Address(uri='http://db.example:19530', alias='plans', database='policy')
        """
        place, _, query = given.partition("?")
        asked = parse_qs(query, keep_blank_values=True)
        alias = asked.pop("alias", [ALIAS])[-1]
        if asked or not _NAME.fullmatch(alias):
            raise IndexFolderError(f"Milvus 的地址写错了：问号后面只能有 alias=别名。应是 {_SHAPE}。")
        if place.endswith(".db"):
            return cls(place, alias, "", token)
        try:
            parts = urlsplit(place)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if host is None or parts.scheme not in ("http", "https"):
            raise IndexFolderError(f"Milvus 的地址写错了，应是 {_SHAPE}。")
        shown = f"[{host}]" if ":" in host else host
        uri = f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
        who = unquote(parts.netloc.rpartition("@")[0])
        return cls(uri, alias, parts.path.strip("/"), token or who)
