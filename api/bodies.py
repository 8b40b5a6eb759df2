"""Request bodies: read whole before anything works on them, within a size and a time; files as they come."""

from __future__ import annotations

import anyio
from starlette.types import Message, Receive, Scope

from api.access.door import Turned

TOO_LARGE = "请求体太大，最多 {kilobytes} KB。"
FORM = 4096  # bytes of a form around its file
FILE_TOO_LARGE = "文件太大，最多 {megabytes} MB。"
TOO_SLOW = "请求没有在 {seconds:.0f} 秒内发完，未予办理。"


async def read_whole(scope: Scope, receive: Receive, limit: int, patience_s: float) -> Receive:
    """Read the body, at most `limit` bytes in `patience_s` seconds; a `receive` that hands it on.

    So a slow or endless sender never holds a thread, and no endpoint has to count.

    Raises:
        Turned: it is too large, or does not come.
    """
    too_large = Turned(413, TOO_LARGE.format(kilobytes=limit // 1024))
    _check_length(scope, limit, too_large)
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


async def as_it_comes(scope: Scope, receive: Receive, limit: int, patience_s: float) -> Receive:
    """A `receive` for an endpoint that writes a file to the disk: at most `limit` bytes, none of them kept.

    Each piece must come within `patience_s` seconds; the request as a whole has its own end.

    Raises:
        Turned: it says that it is too large; `receive` raises it where it is, or does not come.
    """
    too_large = Turned(413, FILE_TOO_LARGE.format(megabytes=limit // 2**20))
    _check_length(scope, limit + FORM, too_large)
    size, done = 0, False

    async def handed_on() -> Message:
        nonlocal size, done
        if done:
            return await receive()
        with anyio.move_on_after(patience_s) as patience:
            message = await receive()
        if patience.cancelled_caught:
            raise Turned(408, TOO_SLOW.format(seconds=patience_s))
        size += len(message.get("body", b""))
        done = not message.get("more_body", False)
        if size > limit + FORM:
            raise too_large
        return message

    return handed_on


def _check_length(scope: Scope, limit: int, too_large: Turned) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:  # the server has checked that it is a number
            raise too_large
