"""POST /v1/ask: a question, answered whole or as a stream of events."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import anyio.to_thread
from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from api.answering import Answering, last
from api.patience import Patience
from api.routes.common import INVALID, UNREADY, Responses
from api.schemas import AnswerOut, AskRequest
from api.streaming import MEDIA_TYPE, streamed
from index.filters import NO_FILTERS
from rag.scope import chosen

_EVENTS = (
    'event: evidence\ndata: {"citations": []}\n\n'
    'event: statement\ndata: {"text": "……〔延庆指标·第1项〕。", "kind": "quoted", '
    '"citations": ["yq-indicators-2026/1/1"]}\n\n'
    'event: answer\ndata: {"answer": "……〔延庆指标·第1项〕。", "refused": false}\n\n'
)
_EVENT = {
    "type": "object",
    "description": "一个事件；data 为一行 JSON",
    "properties": {
        "event": {"enum": ["evidence", "statement", "answer", "error"]},
        "data": {"type": "string"},
    },
    "required": ["event", "data"],
}
_STREAM: Responses = {200: {"content": {MEDIA_TYPE: {"schema": _EVENT, "example": _EVENTS}}}}


def add(app: FastAPI, answering: Answering) -> None:
    """Add /v1/ask."""
    patience = Patience(answering)

    @app.post(
        "/v1/ask",
        summary="提问",
        tags=["问答"],
        description="回答一个问题；每句话以所依据措施的标签结尾，没有依据时 refused 为真。",
        response_model=AnswerOut,
        responses=_STREAM | INVALID | UNREADY,
    )
    async def ask(
        asked: AskRequest, request: Request, accept: Annotated[str, Header(include_in_schema=False)] = ""
    ) -> Response:
        gone = Event()
        engine, scope = None, NO_FILTERS
        if asked.scope is not None:
            engine = answering.engine()
            scope = chosen(asked.scope.options(), engine.store, engine.bodies)
        answers = answering.stream(
            asked.question,
            asked.history,
            asked.id or "",
            explain=asked.explain,
            cancelled=gone,
            engine=engine,
            scope=scope,
        )
        if asked.stream or MEDIA_TYPE in accept:
            return await anyio.to_thread.run_sync(streamed, answers, gone)
        return await patience.worked_out(request, lambda: JSONResponse(last(answers).as_json()), gone)
