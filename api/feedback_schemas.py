"""Feedback as it is sent and shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.state.feedback import Left

_QUESTION = "怀柔区海绵城市达标面积比例是多少？"
_REASON = "没有写明由谁牵头"


class FeedbackRequest(BaseModel):
    """A thumb, up or down, on an answer; the question and the answer are what the reader saw."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "thumb": "down",
                    "reason": _REASON,
                    "question": _QUESTION,
                    "answer": "怀柔区：建成区海绵城市达标面积比例达到44%〔怀柔绿色低碳·第11项〕。",
                    "ids": ["hr-green-2026/11/1"],
                }
            ]
        },
    )

    thumb: Literal["up", "down"] = Field(description="up 为满意，down 为不满意")
    question: str = Field(min_length=1, max_length=2000, description="问题")
    answer: str = Field(default="", max_length=50_000, description="读者看到的答复")
    reason: str = Field(default="", max_length=2000, description="原因")
    history: list[str] = Field(default=[], max_length=50, description="同一对话里先前的用户问题，从早到晚")
    ids: list[str] = Field(default=[], max_length=1000, description="答复引用的条目编号")
    route: str = Field(default="", max_length=20, description="答复的 route")
    writer: str = Field(default="", max_length=200, description="答复的 writer")
    request: str = Field(default="", max_length=64, description="答复的请求编号（响应头 X-Request-ID）")


class FeedbackTaken(BaseModel):
    """The number under which the feedback is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 17}]})

    id: int


class FeedbackQuery(BaseModel):
    """Which feedback is shown."""

    model_config = ConfigDict(extra="forbid")

    thumb: Literal["up", "down"] | None = Field(default=None, description="只看满意或不满意的")
    limit: int = Field(default=50, ge=1, le=500, description="最多几条")
    offset: int = Field(default=0, ge=0, le=10**9, description="跳过几条")


class FeedbackItem(BaseModel):
    """One piece of feedback as it is kept, numbers of persons masked."""

    id: int
    at: str
    request: str
    who: str
    thumb: Literal["up", "down"]
    reason: str
    question: str
    history: list[str]
    answer: str
    ids: list[str]
    route: str
    writer: str


class FeedbackPage(BaseModel):
    """Feedback, the newest first."""

    total: int
    limit: int
    offset: int
    items: list[FeedbackItem]

    @staticmethod
    def item(row: Left) -> dict[str, Any]:
        """One kept row as JSON."""
        return {name: getattr(row, name) for name in FeedbackItem.model_fields} | {"at": row.at.isoformat()}
