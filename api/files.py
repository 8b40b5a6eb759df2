"""Files that are handed out to be kept."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from fastapi.responses import Response


def download(content: bytes, media_type: str, name: str) -> Response:
    """`content` as a file called `name`; no cache keeps it."""
    return Response(content, media_type=media_type, headers=named(name))


def named(name: str) -> dict[str, str]:
    """The headers of a file called `name` (RFC 6266) without what cannot be seen; no cache keeps it."""
    plain = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(plain)}",
        "cache-control": "no-store",
    }
