"""Request bodies: read whole before anything works on them, within a size and a time."""

from __future__ import annotations

import anyio
from starlette.types import Message, Receive, Scope

from api.access.door import Turned

TOO_LARGE = "请求体太大，最多 {kilobytes} KB。"
TOO_SLOW = "请求没有在 {seconds:.0f} 秒内发完，未予办理。"


async def read_whole(scope: Scope, receive: Receive, limit: int, patience_s: float) -> Receive:
    """Read the body, at most `limit` bytes in `patience_s` seconds; a `receive` that hands it on.

    So a slow or endless sender never holds a thread, and no endpoint has to count.

    Raises:
        Turned: it is too large, or does not come.
    """
    too_large = Turned(413, TOO_LARGE.format(kilobytes=limit // 1024))
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:  # the server has checked that it is a number
            raise too_large
    parts: list[bytes] = []
    size = 0
    with anyio.move_on_after(patience_s) as patience:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                parts.clear()
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise too_large
            if not message.get("more_body", False):
                break
    if patience.cancelled_caught:
        raise Turned(408, TOO_SLOW.format(seconds=patience_s))
    whole: Message | None = {"type": "http.request", "body": b"".join(parts), "more_body": False}

    async def handed_on() -> Message:
        nonlocal whole
        if whole is None:
            return await receive()
        message, whole = whole, None
        return message

    return handed_on
