"""What goes wrong with a request, as one Chinese sentence in {"detail": …}. No traceback leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.serving import NotReadyError
from index.errors import IndexFolderError
from rag.errors import QuestionError

INTERNAL = "服务内部出错，没能回答；请稍后再试，或告知管理员。"
UNREADABLE = "请求体读不出来：应是 UTF-8 编码的 JSON。"
_INVALID = {
    "missing": "缺少{field}",
    "extra_forbidden": "不认识{field}",
    "string_type": "{field}应是文字",
    "string_unicode": "{field}里有残缺的字符",
    "list_type": "{field}应是列表",
    "json_invalid": "请求体不是合法的 JSON",
    "model_attributes_type": "请求体应是一个 JSON 对象",
}
_BY_STATUS = {404: "没有这个地址；接口说明见 /docs。", 405: "这个地址不支持该请求方法；接口说明见 /docs。"}


def handle_problems(app: FastAPI) -> None:
    """Let `app` answer every error with a Chinese sentence and the status that fits."""

    async def question(request: Request, error: Exception) -> JSONResponse:
        return _problem(422, str(error))

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _problem(422, invalid(error.errors()))

    async def unavailable(request: Request, error: Exception) -> JSONResponse:
        return _problem(503, str(error))

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400:  # FastAPI's word for a body whose bytes cannot be parsed
            return _problem(422, UNREADABLE)
        unsaid = error.detail == HTTPStatus(error.status_code).phrase
        detail = _BY_STATUS.get(error.status_code, error.detail) if unsaid else error.detail
        return _problem(error.status_code, detail, error.headers)

    async def internal(request: Request, error: Exception) -> JSONResponse:
        return _problem(500, INTERNAL)

    app.add_exception_handler(QuestionError, question)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(IndexFolderError, unavailable)
    app.add_exception_handler(NotReadyError, unavailable)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, internal)


def invalid(errors: Sequence[Mapping[str, Any]]) -> str:
    """The first three of pydantic's `errors` as one sentence."""
    return "；".join(_in_words(error) for error in errors[:3]) + "。"


def _in_words(error: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in error["loc"][1:])
    field = f"字段 {place[:40]} " if place else "请求体"
    return _INVALID.get(error["type"], "{field}不合要求").format(field=field).rstrip()


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers)
