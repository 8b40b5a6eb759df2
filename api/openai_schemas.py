"""OpenAI's shape as pydantic models: what a chat request must be, what completions are documented as.

Completions are built by `api.completions` and sent as they are; tests hold them against these models
and read them with the real client.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.schemas import CitationOut, DepartmentOut, StatementOut, TableOut
from rag.answer import Route

MODEL = "wence"
_QUESTION = "延庆区今年PM2.5目标是多少？"
_LABEL = "〔延庆指标·第1项〕"
_TEXT = f"延庆区（征求意见稿）：PM2.5年均浓度的年终目标为26微克/立方米{_LABEL}。"
_ID = "chatcmpl-5f0c7d1e9b2a4c3f8d6e1a2b3c4d5e6f"
_CREATED = 1_790_000_000
_PARTS = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                "required": ["type", "text"],
            },
        },
        {"type": "null"},
    ]
}


_MODEL = {"id": MODEL, "object": "model", "created": _CREATED, "owned_by": MODEL}
_COMMON = {"id": _ID, "created": _CREATED, "model": MODEL}
_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_RECORD = "yq-indicators-2026/1/1"
_BESIDE = {
    "citations": [
        {
            "id": _RECORD,
            "plan": "yq-indicators-2026",
            "plan_title": "延庆区2026年生态环境保护有关指标和重点任务计划（征求意见稿）",
            "status": "draft",
            "number": 1,
            "item": 1,
            "label": _LABEL,
            "path": [],
            "text": "PM2.5年均浓度",
            "quote": "PM2.5年均浓度",
            "source": {"file": "yq-2026-draft.txt", "line": 2431},
        }
    ],
    "wence": {
        "refused": False,
        "clarify": False,
        "route": "fact",
        "statements": [{"text": _TEXT, "kind": "quoted", "citations": [_RECORD], "writer": "extractive"}],
        "departments": [],
        "suggestions": [],
        "writer": "extractive",
        "request": _ID.removeprefix("chatcmpl-"),
    },
}


def _choice(finish: str | None, **said: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, **said, "logprobs": None, "finish_reason": finish}


_ANSWER = {"role": "assistant", "content": _TEXT, "refusal": None}
_WHOLE = {
    **_COMMON,
    "object": "chat.completion",
    "choices": [_choice("stop", message=_ANSWER)],
    "usage": _NO_TOKENS,
    **_BESIDE,
}
_PIECE = {**_COMMON, "object": "chat.completion.chunk"}
# A stream as it is sent.
CHUNKS: list[dict[str, Any]] = [
    {**_PIECE, "choices": [_choice(None, delta={"role": "assistant", "content": ""})]},
    {**_PIECE, "choices": [_choice(None, delta={"content": _TEXT})]},
    {**_PIECE, "choices": [_choice("stop", delta={})], **_BESIDE},
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _example(document: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [document]})


class ChatMessage(BaseModel):
    """One turn. Those of the user count; the others are taken and not obeyed."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[Any, WithJsonSchema(_PARTS)] = Field(
        default=None, description="文字，或只含文字的列表"
    )


class StreamOptions(BaseModel):
    """What a stream holds besides."""

    include_usage: bool | None = Field(default=None, description="是否在最后另发一块用量")


class ChatRequest(BaseModel):
    """A chat request; sampling parameters, tools and whatever else clients send are taken and ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": _QUESTION}]}]
        },
    )

    model: str = Field(description=f"模型名，只有 {MODEL}")
    messages: list[ChatMessage] = Field(
        description="最后一条用户消息为问题，先前的用户消息为上文；其他角色的消息可以有，但不照其行事"
    )
    stream: bool | None = Field(default=None, description="是否边写边发（text/event-stream）")
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, description="答复的个数，只能是 1")


class ModelOut(_Strict):
    """The one model that there is."""

    model_config = _example(_MODEL)

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsOut(_Strict):
    """The models."""

    model_config = _example({"object": "list", "data": [_MODEL]})

    object: Literal["list"]
    data: list[ModelOut]


class Usage(_Strict):
    """Tokens that a language model wrote; none where the plans are quoted."""

    prompt_tokens: int = Field(description="不计，总是 0")
    completion_tokens: int = Field(description="语言模型实际写出的词元数；摘录原文时为 0")
    total_tokens: int


class Wence(_Strict):
    """What the contract's answer says beside its text and its citations."""

    refused: bool = Field(description="本库没有依据，未予回答")
    clarify: bool = Field(description="问题可指多件事，分别列出或反问")
    route: Route
    statements: list[StatementOut]
    departments: list[DepartmentOut]
    suggestions: list[str]
    table: TableOut | None = Field(default=None, description="比较类问题的对照表；没有时不出现")
    writer: str
    request: str = Field(description="请求编号")


class AssistantMessage(_Strict):
    """The answer; each sentence ends with its labels."""

    role: Literal["assistant"]
    content: str
    refusal: None


class Choice(_Strict):
    """The one answer."""

    index: Literal[0]
    message: AssistantMessage
    logprobs: None
    finish_reason: Literal["stop"]


class Completion(_Strict):
    """An answer in OpenAI's shape, with the contract's citations beside it."""

    model_config = _example(_WHOLE)

    id: str = Field(description="chatcmpl- 后接请求编号")
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    citations: list[CitationOut] = Field(description="所引的措施和段落")
    wence: Wence


class Delta(_Strict):
    """What the answer says beyond the chunks before."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(_Strict):
    """The one answer, as it comes."""

    index: Literal[0]
    delta: Delta
    logprobs: None
    finish_reason: Literal["stop"] | None


class Chunk(_Strict):
    """A piece of a stream; the one that ends the answer has the citations."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    citations: list[CitationOut] | None = Field(default=None, description="只在结束的一块里有")
    wence: Wence | None = Field(default=None, description="只在结束的一块里有")
