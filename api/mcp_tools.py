"""The tools of assistants (MCP): what each takes, what it gives, and how it is told to a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from api import records
from api.answering import Answering, last
from api.record_schemas import MOST_HITS, ListOut, ListQuery, Narrowing, SearchOut
from api.schemas import AnswerOut, MeasureOut, PassageOut
from corpus.types import STATUS_WORDS, source_words
from rag.listing import roles_in_words

INSTRUCTIONS = (
    "问策回答北京市、区生态环境行动计划和规划的问题，只依据原文，每句话都以所依据措施的标签结尾，"
    "如〔市绿色低碳·第7项第2条〕。要结论（目标、时限、责任部门、对比、数量）用 ask；"
    "要符合条件的全部措施用 list_measures；按词句找相关措施用 search；已有编号要看原文用 show_measure。"
    "转述时标签须原样保留在相应句末，征求意见稿须注明；不得补充结果里没有的数字、日期、部门。"
    "refused 为真表示本库没有依据，请如实转告，不要另行作答；clarify 为真表示问题可指多件事，请让用户选择。"
)
_MOST_LINES = 20  # of what an answer cites; the rest is in the structured result


class _Arguments(BaseModel):
    """Arguments of a tool; one that is misspelt is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _as_models_write(cls, given: Any) -> Any:
        """Leave out nulls; take a list that is written as text, or a single value, for the list."""
        if not isinstance(given, dict):
            return given
        lists = {name for name, field in cls.model_fields.items() if field.default == []}
        return {
            name: _listed(value) if name in lists and isinstance(value, str) else value
            for name, value in given.items()
            if value is not None
        }


def _listed(text: str) -> Any:
    try:
        read = json.loads(text) if text.startswith("[") else None
    except ValueError:
        read = None
    return read if isinstance(read, list) else [text]


class AskArguments(_Arguments):
    """A question and those before it."""

    question: str = Field(
        description="问题，一句完整的中文，最多 2000 字", examples=["延庆区今年PM2.5目标是多少？"]
    )
    history: list[str] = Field(default=[], description="同一对话里先前的用户问题，从早到晚；不是追问就不用")


class SearchArguments(_Arguments, Narrowing):
    """What to search for, and where."""

    query: str = Field(description="要查的词句，最多 2000 字", examples=["海绵城市达标面积"])
    top: int = Field(default=10, ge=1, le=MOST_HITS, description="最多几条")


class ListArguments(_Arguments, ListQuery):
    """Which measures to list."""


class ShowArguments(_Arguments):
    """Which record to show."""

    id: str = Field(description="措施或段落的编号", examples=["bj-green-2026/13/1"])


@dataclass(frozen=True, slots=True)
class Given:
    """What a tool gives: the contract's object, and the same as Chinese text."""

    document: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool; `work` does it, in a thread, with arguments of its kind, until the event says to stop."""

    name: str
    title: str
    description: str
    arguments: type[BaseModel]
    result: dict[str, Any]
    work: Callable[[Answering, Any, Event], Given]


def _ask(answering: Answering, asked: AskArguments, cancelled: Event) -> Given:
    answer = last(answering.stream(asked.question, asked.history, via="mcp", cancelled=cancelled))
    document = answer.as_json()
    return Given(document, _answer_in_words(document))


def _search(answering: Answering, asked: SearchArguments, cancelled: Event) -> Given:
    document = records.found(answering.engine(), asked.query, asked.top, asked.options())
    lines = [_cited(hit) for hit in document["hits"]]
    return Given(document, "\n".join([f"找到 {len(lines)} 条，最切合的在前：", *lines]))


def _list(answering: Answering, asked: ListArguments, cancelled: Event) -> Given:
    document = records.listed(answering.engine(), asked.options(), asked.limit, asked.offset, asked.sort)
    total, lines = document["total"], [_row_in_words(row) for row in document["items"]]
    if not lines:
        return Given(document, f"符合条件的共 {total} 条，这一页没有。" if total else "没有符合条件的措施。")
    last = asked.offset + len(lines)
    more = f"；其余用 offset={last} 再取" if last < total else ""
    return Given(
        document, "\n".join([f"符合条件的共 {total} 条，第 {asked.offset + 1} 至 {last} 条{more}：", *lines])
    )


def _show(answering: Answering, asked: ShowArguments, cancelled: Event) -> Given:
    document = records.shown(answering.engine(), asked.id)
    source = document["source"]
    place = [*document["path"], document["task"] or ""]
    lines = [_row_in_words(document), "位置：" + " / ".join(filter(None, place))]
    return Given(
        document,
        "\n".join(
            [
                *lines,
                f"出处：{source_words(source)}",
            ]
        ),
    )


def _answer_in_words(answer: dict[str, Any]) -> str:
    """The text as it stands, then the records that it cites and what else could be asked."""
    lines = [answer["answer"]]
    cited: Sequence[dict[str, Any]] = answer["citations"]
    if cited:
        lines += ["", "所引原文：", *map(_cited, cited[:_MOST_LINES])]
    if len(cited) > _MOST_LINES:
        lines.append(f"（另有 {len(cited) - _MOST_LINES} 条，见 citations）")
    if answer["suggestions"]:
        lines += ["", "还可以问：" + "；".join(answer["suggestions"])]
    return "\n".join(lines)


def _cited(citation: dict[str, Any]) -> str:
    return f"{citation['label']}{_draft(citation)}{citation['quote']}（编号 {citation['id']}）"


def _row_in_words(row: dict[str, Any]) -> str:
    """One record as a line: label, text, then the columns that are filled, then its id."""
    columns = [
        row["text"],
        *(
            f"{word}：{row[name]}"
            for name, word in (("target", "年终目标"), ("deadline", "完成时限"))
            if row[name]
        ),
        roles_in_words(row),
    ]
    return f"{row['label']}{_draft(row)}{'；'.join(filter(None, columns))}（编号 {row['id']}）"


def _draft(record: dict[str, Any]) -> str:
    return "" if record["status"] == "final" else f"（{STATUS_WORDS[record['status']]}）"


def _schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of what a tool gives; its root says that it is an object, as clients demand.

    The examples are for people who read the documentation: here they would fill a model's context.
    """
    schema = TypeAdapter(kind).json_schema(mode="serialization")
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("examples", None)
    return {"type": "object"} | schema


TOOLS = (
    Tool(
        "ask",
        "提问",
        "就北京市、区生态环境行动计划和规划提一个问题，得到逐句注明出处的答复。"
        "凡要结论（目标是多少、何时完成、谁牵头、两级有何不同、有几条）先用它。",
        AskArguments,
        _schema(AnswerOut),
        _ask,
    ),
    Tool(
        "search",
        "检索",
        "按词和语义找相关的措施和规划段落，最切合的在前，不求全。"
        "用于了解有哪些内容；要符合条件的全部措施请用 list_measures。",
        SearchArguments,
        _schema(SearchOut),
        _search,
    ),
    Tool(
        "list_measures",
        "列出措施",
        "列出符合全部条件的措施，完整、按原文顺序、分页（total 为总数）。"
        "用于“某部门牵头的全部措施”“六月底前要完成的”这类要全的问题；plan 写 bj-eco-145 时列规划段落。",
        ListArguments,
        _schema(ListOut),
        _list,
    ),
    Tool(
        "show_measure",
        "看一条原文",
        "按编号取一条措施或段落的全文、时限、部门和原文行号；编号见其他工具的结果。",
        ShowArguments,
        _schema(MeasureOut | PassageOut),
        _show,
    ),
)
