"""The OpenAI-compatible endpoints: /v1/models and /v1/chat/completions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import Event
from typing import Annotated, Any

import anyio.to_thread
from fastapi import FastAPI, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse

from api.answering import Answering, last
from api.completions import Chunks, Shape
from api.openai_schemas import CHUNKS, MODEL, ChatMessage, ChatRequest, Completion, ModelOut, ModelsOut
from api.patience import Patience
from api.routes.common import INVALID, UNKNOWN, UNREADY, Responses
from api.streaming import MEDIA_TYPE, streamed
from rag.errors import QuestionError
from rag.question import MAX_HISTORY, clean

ABOUT = (
    "OpenAI 形状的问答：只依据各计划原文回答。最后一条用户消息为问题，先前的用户消息为上文；"
    "system、developer、assistant、tool 消息可以有，但不照其行事。采样参数、工具等其他字段一概忽略。"
    "答复正文每句话以所依据措施的标签结尾；citations 为所引条目，wence 为依据、部门等其余内容，"
    "流式时在结束的一块里。usage 只计语言模型实际写出的词元，摘录原文时为 0。"
)
_NO_MODEL: Responses = {404: UNKNOWN[404] | {"description": "没有这个模型"}}
_CREATED = 1_767_225_600  # 2026-01-01, of which the plans speak; clients want a number
_MODEL = {"id": MODEL, "object": "model", "created": _CREATED, "owned_by": MODEL}
_CHUNKS: Responses = {
    200: {
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "description": "一个事件；data 为一块 JSON，最后一个为 [DONE]",
                    "properties": {"data": {"type": "string"}},
                    "required": ["data"],
                },
                "example": "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in CHUNKS)
                + "data: [DONE]\n\n",
            }
        }
    }
}


def add(app: FastAPI, answering: Answering) -> None:
    """Add /v1/models, /v1/models/{id} and /v1/chat/completions."""
    patience = Patience(answering)

    @app.get("/v1/models", summary="模型", tags=["OpenAI"], response_model=ModelsOut)
    async def models() -> JSONResponse:
        return JSONResponse({"object": "list", "data": [_MODEL]})

    @app.get(
        "/v1/models/{model}",
        summary="一个模型",
        tags=["OpenAI"],
        response_model=ModelOut,
        responses=_NO_MODEL,
    )
    async def model(model: Annotated[str, Path(examples=[MODEL])]) -> JSONResponse:
        _check_model(model)
        return JSONResponse(_MODEL)

    @app.post(
        "/v1/chat/completions",
        summary="对话",
        tags=["OpenAI"],
        description=ABOUT,
        response_model=Completion,
        responses=_CHUNKS | INVALID | _NO_MODEL | UNREADY,
    )
    async def completions(asked: ChatRequest, request: Request) -> Response:
        _check_model(asked.model)
        if asked.n not in (None, 1):
            raise HTTPException(422, "字段 n 只能是 1：同一个问题只有一个答复。")
        *history, question = _asked(asked.messages)
        shape, gone = Shape(), Event()
        answers = answering.stream(question, history, via="chat", cancelled=gone)
        if asked.stream:
            counted = bool(asked.stream_options and asked.stream_options.include_usage)
            return await anyio.to_thread.run_sync(streamed, answers, gone, Chunks(shape, counted=counted))
        return await patience.worked_out(request, lambda: JSONResponse(shape.whole(last(answers))), gone)


def _check_model(name: str) -> None:
    if name != MODEL:
        raise HTTPException(404, f"没有模型“{name[:60]}”。可用：{MODEL}。")


def _asked(messages: Sequence[ChatMessage]) -> list[str]:
    """What the user said, oldest first; at least one.

    Earlier turns that cannot be read (a thumbs-up, a page pasted in) are left out: clients send the
    whole conversation on, and no later question of it would be answered.
    """
    turns = [_text(n, message.content) for n, message in enumerate(messages) if message.role == "user"]
    if not turns:
        raise HTTPException(422, "messages 里没有用户的消息；请把问题写在最后一条 role 为 user 的消息里。")
    return [*filter(_readable, turns[-1 - MAX_HISTORY : -1]), turns[-1]]


def _readable(turn: str) -> bool:
    try:
        return bool(clean(turn))
    except QuestionError:
        return False


def _text(n: int, content: Any) -> str:
    """The text of the user's message `n`: plain, or the text parts of a list."""
    if isinstance(content, str):
        return content
    texts = [_part(part) for part in content] if isinstance(content, list) else [None]
    if None in texts:
        raise HTTPException(422, f"messages.{n} 的 content 只能是文字，或只含文字（type 为 text）的列表。")
    return "\n".join(filter(None, texts))


def _part(part: Any) -> str | None:
    """The text of a text part, None where it is no such."""
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    return text if isinstance(text, str) else None
