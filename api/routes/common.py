"""What several endpoints share: their documented problems, and who may use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.access.door import ADMINS_ONLY, Turned
from api.context import Standing, caller
from api.schemas import Problem

FAVICON = Path(__file__).parents[1] / "static" / "favicon.png"
Responses = dict[int | str, dict[str, Any]]


def _problem(status: int, description: str) -> Responses:
    return {status: {"model": Problem, "description": description}}


INVALID = _problem(422, "问题或请求不合要求")
UNKNOWN = _problem(404, "没有这个编号")
CONFLICT = _problem(409, "与现状冲突，没有办理")
UNREADY = _problem(503, "尚未就绪，或暂时不能办理")
FORBIDDEN = _problem(403, "只对管理员开放")
# What the gate in front of every endpoint may answer.
TURNED = (
    _problem(401, "需要密钥")
    | _problem(403, "不对这个调用方开放")
    | _problem(408, "请求没有在时限内发完")
    | _problem(413, "请求太大")
    | _problem(429, "请求过于频繁")
    | _problem(500, "服务内部出错")
    | _problem(504, "没有在时限内办完")
)


async def admins_only() -> None:
    """A dependency of endpoints for admins.

    Raises:
        Turned: the caller is none.
    """
    if caller().standing is not Standing.ADMIN:
        raise Turned(403, ADMINS_ONLY)
