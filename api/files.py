"""Files that are handed out to be kept."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response


def download(content: bytes, media_type: str, name: str) -> Response:
    """`content` as a file called `name` (RFC 6266), which no cache keeps."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "cache-control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
