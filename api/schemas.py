"""The contract as pydantic models: what a request must be, and what the answers are documented as.

Answers are built by `rag` and sent as they are; tests hold them against these models.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corpus.types import DueBasis, Role, Status
from rag.answer import Route, StatementKind
from rag.options import Options

_VALUES, _CHARS = 20, 200  # a condition in SQL for each: there must be an end to them
DISTRICT = "区名，如 延庆；“市”为市级，任一即可"
Value = Annotated[str, Field(max_length=_CHARS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def many(description: str, *examples: str) -> Any:
    """A field of several values."""
    told = description + "；可重复，最多 20 个"
    return Field(default=[], max_length=_VALUES, description=told, examples=[list(examples)])


class Scope(_Strict):
    """What is looked in; different conditions must all hold."""

    plan: list[Value] = many("计划的编号、简称或全名，任一即可", "yq-indicators-2026")
    district: list[Value] = many(DISTRICT, "延庆")
    department: list[Value] = many("部门的全称、简称或俗称（水务局、环保局），任一即可", "水务局")
    level: list[Value] = many("级别：市、区，任一即可", "区")
    year: list[Value] = many("计划所覆盖的年份，任一即可", "2026")

    def options(self) -> Options:
        """The same, for `rag.options`; what this does not know is not set."""
        return Options(**{field.name: getattr(self, field.name, ()) for field in fields(Options)})


class AskRequest(_Strict):
    """A question, the earlier questions of the same conversation, and an id to give back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "延庆区今年PM2.5目标是多少？", "history": []}]},
    )

    question: str = Field(description="问题，最多 2000 字")
    history: list[str] = Field(default=[], description="同一对话里先前的用户问题，从早到晚")
    id: str | None = Field(default=None, description="调用方自己的编号，原样返回")
    explain: bool = Field(default=False, description="是否附上问题是怎样理解的（reading）")
    scope: Scope | None = Field(
        default=None,
        description="只在哪些条目里查找：计划、区、部门、级别、年份；不写则为全部。答复所依据的都在其中",
    )
    stream: bool = Field(
        default=False,
        description="是否以事件流返回（也可用 Accept: text/event-stream）："
        "evidence 为所依据的条目，statement 为逐句的答复，answer 为完整的答复",
    )


class Source(_Strict):
    """Where a record stands in its source file; of a published file `place` says it in words."""

    file: str
    line: int
    place: str | None = None


class StatementOut(_Strict):
    """One sentence of the answer and the ids that it rests on."""

    text: str
    kind: StatementKind
    citations: list[str]
    writer: str = Field(description="这句话由谁撰写：extractive 为原文摘录")
    replaced: str | None = Field(
        default=None, description="它替下了模型的一句话，这里写明那句话错在哪里；没有时不出现"
    )


class WritingOut(_Strict):
    """What a model wrote, and what the check made of it."""

    model: str
    prompt: str = Field(description="提示词的版本")
    sentences: int = Field(description="模型写出的完整句子")
    supported: int = Field(description="初稿即有据的")
    repaired: int = Field(description="改正一次后有据的")
    replaced: int = Field(description="改用原文的")
    dropped: int = Field(description="没有采用的")
    repeated: int = Field(description="其中因重复而没有采用的")
    added: int = Field(description="模型没有写到、由程序补上的条目")
    left_out: int = Field(description="放不进模型上下文的条目")
    problems: list[str] = Field(description="没有通过核对的句子和原因")
    stopped: str = Field(description="提前结束的原因")
    fallback: str = Field(description="全部改用原文的原因")
    tokens: int
    model_ms: float
    first_sentence_ms: float | None
    tokens_per_s: float | None
    note: str = Field(description="给读者看的一句说明")


class CitationOut(_Strict):
    """A measure or passage that the answer cites; `quote` is an exact span of `text`."""

    id: str
    plan: str
    plan_title: str
    status: Status
    number: int | str
    item: int
    label: str
    path: list[str]
    text: str
    quote: str
    source: Source


class DepartmentOut(_Strict):
    """A department that the answer names, with its role in the cited measure."""

    name: str
    as_printed: str
    role: Role
    citation: str


def _example() -> dict[str, Any]:
    record, label = "hr-green-2026/11/1", "〔怀柔绿色低碳·第11项〕"
    quote = "建成区海绵城市达标面积比例达到44%"
    sentence = f"怀柔区：{quote}{label}。"
    return {
        "id": "",
        "question": "怀柔区海绵城市达标面积比例是多少？",
        "answer": sentence,
        "refused": False,
        "clarify": False,
        "route": "fact",
        "statements": [{"text": sentence, "kind": "quoted", "citations": [record], "writer": "extractive"}],
        "citations": [
            {
                "id": record,
                "plan": "hr-green-2026",
                "plan_title": "怀柔区加快绿色低碳转型2026年行动计划",
                "status": "final",
                "number": 11,
                "item": 1,
                "label": label,
                "path": ["一、应对气候变化", "（四）加强城市气候适应性建设"],
                "text": f"持续开展海绵城市建设，{quote}。",
                "quote": quote,
                "source": {"file": "hr-green-2026.txt", "line": 190},
            }
        ],
        "departments": [],
        "suggestions": [],
        "writer": "extractive",
        "timings_ms": {"total": 2.1},
    }


class TableOut(_Strict):
    """A comparison: rows of cells, and the record that each row is of."""

    columns: list[str]
    rows: list[list[str]]
    citations: list[str]


class AnswerOut(_Strict):
    """An answer: each sentence ends with the labels of what it rests on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_example()]})

    id: str
    question: str
    answer: str
    refused: bool = Field(description="本库没有依据，未予回答")
    clarify: bool = Field(description="问题可指多件事，分别列出或反问")
    route: Route
    statements: list[StatementOut]
    citations: list[CitationOut]
    departments: list[DepartmentOut]
    suggestions: list[str]
    writer: str
    timings_ms: dict[str, float]
    writing: WritingOut | None = Field(default=None, description="模型撰写的经过；没有用模型时不出现")
    table: TableOut | None = Field(default=None, description="比较类问题的对照表；没有时不出现")
    understood: str | None = Field(default=None, description="改正错别字后的问题；没有改动时不出现")
    scope: str | None = Field(default=None, description="在什么范围内查找；没有限定时不出现")
    reading: dict[str, Any] | None = Field(default=None, description="问题的解读；explain 为真时才有")


class DueOut(_Strict):
    """When something is due: ISO dates, inclusive; no end for what is permanent."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    start: str | None = Field(alias="from")
    end: str | None = Field(alias="to")
    basis: DueBasis
    printed: str


class _Row(_Strict):
    id: str
    plan: str
    number: int | str
    item: int
    task: str | None
    text: str
    deadline: str | None
    target: str | None
    category: str | None
    roles: dict[Role, list[str]] = Field(description="部门按职责，名称照原文")
    path: list[str]
    status: Status
    due: list[DueOut]
    label: str
    source: Source


class MeasureOut(_Row):
    """One 工作措施 row, or one indicator (text = 指标名称, target = 年终目标)."""

    open_ended: list[Role] = Field(description="以“等部门”结尾的职责")
    inferred: list[str] = Field(description="原表未直接写出、由合并单元格等推定的内容")


class PassageOut(_Row):
    """A piece of a plan without a table."""

    sentences: list[str]
    section: str
    gap_before: bool = Field(description="原文在此之前有缺失")
    period: str | None


class FieldProblem(BaseModel):
    """One field or parameter that is wrong."""

    pointer: str = Field(description="哪一处，如 #/question")
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457): `detail` is one Chinese sentence."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:wence:problem:invalid",
                    "title": "请求不合要求",
                    "status": 422,
                    "detail": "缺少字段 question。",
                    "instance": "/v1/ask",
                    "request": "5f0c7d1e9b2a4c3f8d6e1a2b3c4d5e6f",
                    "errors": [{"pointer": "#/question", "detail": "缺少字段 question。"}],
                }
            ]
        }
    )

    type: str = Field(description="问题的类别，供程序判断")
    title: str
    status: int
    detail: str
    instance: str
    request: str = Field(description="请求编号，与响应头 X-Request-ID 相同")
    errors: list[FieldProblem] | None = Field(default=None, description="逐处的问题；只在 422 时有")
    error: dict[str, Any] | None = Field(default=None, description="OpenAI 形状的错误；只在它的接口里有")


class Health(_Strict):
    """The state of the process or of the engine."""

    status: Literal["ok", "ready"]
