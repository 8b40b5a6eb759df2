"""What goes wrong with a request, as RFC 9457 problem details in Chinese. No traceback leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.access.door import Turned
from api.context import caller
from api.serving import NotReadyError
from api.state.database import StateError
from corpus.normal import printable
from index.errors import IndexFolderError, ModelError, ServerAwayError
from rag.errors import QuestionError
from rag.options import ConditionError

log = structlog.stdlib.get_logger("wence.api")
MEDIA_TYPE = "application/problem+json"
INTERNAL = "服务内部出错，没能回答；请稍后再试，或告知管理员。"
UNREADABLE = "请求体读不出来：应是 UTF-8 编码的 JSON。"
# The names of RFC 9457's `type` (urn:wence:problem:NAME), and their titles.
TITLES = {
    400: ("bad-request", "请求读不出来"),
    401: ("unauthorized", "需要密钥"),
    403: ("forbidden", "没有权限"),
    404: ("not-found", "没有找到"),
    405: ("method-not-allowed", "请求方法不对"),
    409: ("conflict", "与现状冲突"),
    408: ("too-slow", "请求没有在时限内发完"),
    413: ("too-large", "请求太大"),
    415: ("media-type", "内容类型不对"),
    422: ("invalid", "请求不合要求"),
    431: ("too-large", "请求太大"),
    429: ("too-many-requests", "请求过于频繁"),
    500: ("internal", "服务内部出错"),
    503: ("unavailable", "暂时不能办理"),
    504: ("too-long", "没有在时限内办完"),
}
_AS_OPENAI = (
    "/v1/chat",
    "/v1/models",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
)  # whose clients read errors in a shape of their own
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_INVALID = {
    "missing": "缺少{field}",
    "extra_forbidden": "不认识{field}",
    "string_type": "{field}应是文字",
    "string_unicode": "{field}里有残缺的字符",
    "string_too_long": "{field}太长，最多 {max_length} 字",
    "list_type": "{field}应是列表",
    "too_long": "{field}太多，最多 {max_length} 项",
    "bool_type": "{field}应是 true 或 false",
    "bool_parsing": "{field}应是 true 或 false",
    "int_type": "{field}应是整数",
    "int_parsing": "{field}应是整数",
    "literal_error": "{field}只能是 {expected}",
    "enum": "{field}只能是 {expected}",
    "greater_than_equal": "{field}不能小于 {ge}",
    "less_than_equal": "{field}不能大于 {le}",
    "json_invalid": "请求体不是合法的 JSON",
    "model_attributes_type": "请求体应是一个 JSON 对象",
}
_BY_STATUS = {404: "没有这个地址；接口说明见 /docs。", 405: "这个地址不支持该请求方法；接口说明见 /docs。"}


def handle_problems(app: FastAPI) -> None:
    """Let `app` answer errors with a problem document and the status that fits; faults are the gate's."""

    async def invalid_question(request: Request, error: Exception) -> JSONResponse:
        return problem(request.url.path, 422, str(error))

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        listed = [(_pointer(e), _in_words(e) + "。") for e in found[:8]]
        more = {"errors": [{"pointer": printable(at), "detail": printable(said)} for at, said in listed]}
        return problem(request.url.path, 422, invalid(found), more=more)

    async def unavailable(request: Request, error: Exception) -> JSONResponse:
        return problem(request.url.path, 503, told(error))

    async def turned(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Turned)
        return refusal(request.url.path, error)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # FastAPI's word for a body whose bytes cannot be parsed
            return problem(request.url.path, 422, UNREADABLE)
        unsaid = error.detail == HTTPStatus(error.status_code).phrase
        detail = _BY_STATUS.get(error.status_code, error.detail) if unsaid else error.detail
        return problem(request.url.path, error.status_code, detail, error.headers)

    for wrong in (QuestionError, ConditionError):
        app.add_exception_handler(wrong, invalid_question)
    for away in (IndexFolderError, ModelError, NotReadyError, StateError):
        app.add_exception_handler(away, unavailable)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(Turned, turned)
    app.add_exception_handler(HTTPException, http)


def told(error: Exception) -> str:
    """What whoever asks is told of a failure that says itself why; where our servers are is not for them."""
    if isinstance(error, ServerAwayError):
        log.error("server away", reason=str(error))
        return error.to_readers
    return str(error)


def refusal(path: str, turned: Turned) -> JSONResponse:
    """The problem document for one that may not come in."""
    headers = {"WWW-Authenticate": "Bearer"} if turned.status == 401 else {}
    if turned.wait_s:
        headers["Retry-After"] = str(turned.wait_s)
    return problem(path, turned.status, turned.detail, headers)


def problem(
    path: str,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem document (RFC 9457): `detail` is one Chinese sentence, `request` the request's id."""
    name, title = TITLES.get(status, ("other", HTTPStatus(status).phrase))
    document: dict[str, Any] = {
        "type": f"urn:wence:problem:{name}",
        "title": title,
        "status": status,
        "detail": printable(detail),
        "instance": printable(path),
        "request": caller().request,
    }
    document |= more or {}
    if path.startswith(_AS_OPENAI):
        kind = _OPENAI_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
        document["error"] = {"message": document["detail"], "type": kind, "code": name, "param": None}
    return JSONResponse(document, status, headers, media_type=MEDIA_TYPE)


def invalid(errors: Sequence[Mapping[str, Any]]) -> str:
    """The first three of pydantic's `errors` as one sentence."""
    return "；".join(_in_words(error) for error in errors[:3]) + "。"


def _in_words(error: Mapping[str, Any]) -> str:
    steps = [str(step) for step in error["loc"][1:]]
    kind = "参数" if error["loc"][:1] == ("query",) else "字段"
    field = f"{kind} {'.'.join(steps)[:40]} " if steps else "请求体"
    words = _INVALID.get(error["type"], "{field}不合要求")
    return words.format(field=field, **error.get("ctx", {})).rstrip().replace(" or ", " 或 ")


def _pointer(error: Mapping[str, Any]) -> str:
    """Where in the request it is wrong: a JSON pointer as a URI fragment."""
    return "#" + "".join(f"/{str(step)[:40]}" for step in error["loc"][1:])
