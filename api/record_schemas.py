"""What looking things up takes and gives: parameters, and what the answers are documented as.

The documents are built by `api.records` and `api.directory` and sent as they are; tests hold them
against these models.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import DISTRICT, CitationOut, MeasureOut, PassageOut, Scope, Value, many
from corpus.types import Level, Role, Status

MOST_HITS = 200
MOST_ROWS = 500
MOST_IDS = 1000
ROWS = 50


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Narrowing(Scope):
    """The conditions of lists and searches; different ones must all hold."""

    role: list[Value] = many("职责：牵头、主责、协办、牵头/主责，任一即可；牵头和主责都含牵头/主责", "牵头")
    deadline: list[Value] = many("完成时限：2026-06-30、6月底前、6-9月、长期实施，任一即可", "6月底前")
    text: list[Value] = many("文字须含的词，重复时须都含", "海绵城市")
    status: list[Value] = many("状态：正式、征求意见稿，任一即可", "正式")
    together: list[Value] = many("在同一项措施里也有职责的部门，重复时须都有", "延庆区水务局")


class Choosing(Narrowing):
    """The conditions of a list, which records to take at all, and in which order."""

    id: list[Value] = many("编号，任一即可", "hr-green-2026/11/1")
    sort: str = Field(
        default="",
        max_length=20,
        description="按哪一栏排：deadline 完成时限、plan 计划、number 序号、department 牵头部门；"
        "前面加 - 为倒序，不写为原文顺序",
        examples=["-deadline"],
    )


class ExportRequest(Choosing):
    """What to export, where an address would be too long for it: up to 1000 ids."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"id": ["hr-green-2026/11/1", "bj-green-2026/13/1"]}]},
    )

    id: list[Value] = Field(default=[], max_length=MOST_IDS, description="编号，任一即可；最多 1000 个")


class Paging(_Strict):
    """Which of many rows to give."""

    limit: int = Field(default=ROWS, ge=1, le=MOST_ROWS, description="最多几条", examples=[ROWS])
    offset: int = Field(default=0, ge=0, le=1_000_000, description="从第几条起，第一条为 0", examples=[0])


class SearchQuery(Narrowing):
    """Parameters of a search."""

    q: str = Field(description="要查的词句，最多 2000 字", examples=["海绵城市达标面积"])
    top: int = Field(default=10, ge=1, le=MOST_HITS, description="最多几条", examples=[10])


class ListQuery(Choosing, Paging):
    """Parameters of a list."""


class DepartmentQuery(Paging):
    """Parameters of a list of departments."""

    q: Value | None = Field(default=None, description="全称、简称、俗称，或其中的几个字", examples=["环保局"])
    district: list[Value] = many(DISTRICT, "延庆")


class NoQuery(_Strict):
    """An endpoint without parameters."""


class HitOut(CitationOut):
    """A measure or passage that a search finds; `quote` is what fits best in it."""

    score: float = Field(description="切合的程度，只在同一次检索里可比")


_GREEN = {"id": "hr-green-2026/11/1", "label": "〔怀柔绿色低碳·第11项〕", "status": "final", "number": 11}
_PLACE = {
    "item": 1,
    "path": ["一、应对气候变化", "（四）加强城市气候适应性建设"],
    "source": {"file": "hr-green-2026.txt", "line": 190},
}
_TEXT = {"text": "持续开展海绵城市建设，建成区海绵城市达标面积比例达到44%。"}
_HIT = {
    **_GREEN,
    **_PLACE,
    **_TEXT,
    "plan": "hr-green-2026",
    "plan_title": "怀柔区加快绿色低碳转型2026年行动计划",
    "quote": "建成区海绵城市达标面积比例达到44%",
    "score": 0.998527,
}
_ROW = {
    **_GREEN,
    **_PLACE,
    **_TEXT,
    "plan": "hr-green-2026",
    "task": "强化重点领域气候韧性",
    "deadline": "年底前",
    "target": None,
    "category": None,
    "roles": {"lead": [], "responsible": [], "assisting": [], "lead_responsible": ["区水务局", "区应急局"]},
    "due": [{"from": None, "to": "2026-12-31", "basis": "column", "printed": "年底前"}],
    "open_ended": [],
    "inferred": [],
}
_BODY = {
    "name": "延庆区水务局",
    "district": "延庆区",
    "printed": ["区水务局"],
    "collective": False,
    "measures": 41,
    "roles": {"lead": 9, "responsible": 10, "assisting": 12, "lead_responsible": 10},
}
_PLAN = {
    "id": "yq-indicators-2026",
    "short": "延庆指标",
    "title": "延庆区2026年生态环境保护有关指标和重点任务计划（征求意见稿）",
    "level": "区",
    "district": "延庆区",
    "year": 2026,
    "years": [2026, 2026],
    "status": "draft",
    "superseded_by": "",
    "retired": False,
    "in_force": True,
    "file": "yq-2026-draft.txt",
    "measures": 23,
    "passages": 0,
}


def _example(document: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [document]})


class SearchOut(_Strict):
    """What a search finds, best first."""

    model_config = _example({"id": "", "hits": [_HIT]})

    id: str
    hits: list[HitOut]


class ListOut(_Strict):
    """One page of the measures or passages that meet all conditions, in print order."""

    model_config = _example({"total": 1, "limit": ROWS, "offset": 0, "items": [_ROW]})

    total: int = Field(description="符合条件的共几条")
    limit: int
    offset: int
    items: list[MeasureOut | PassageOut]


class BodyOut(_Strict):
    """A department that holds duties, and in how many measures."""

    name: str = Field(description="全称")
    district: str = Field(description="所在区；市级为空")
    printed: list[str] = Field(description="计划里印出的名称")
    collective: bool = Field(description="是否泛指多个单位，如“各区政府”")
    measures: int = Field(description="有其职责的措施数")
    roles: dict[Role, int] = Field(description="按职责的措施数；牵头/主责合并的单元格单独计")


class DepartmentsOut(_Strict):
    """One page of the departments, in the order in which the plans first name them."""

    model_config = _example({"total": 1, "limit": ROWS, "offset": 0, "items": [_BODY]})

    total: int
    limit: int
    offset: int
    items: list[BodyOut]


class PlanOut(_Strict):
    """A plan and how much stands in it."""

    id: str
    short: str = Field(description="标签里的简称")
    title: str
    level: Level
    district: str = Field(description="所在区；市级为空")
    year: int = Field(description="其中的日期所指的年份")
    years: list[int] = Field(description="所覆盖的首尾年份", min_length=2, max_length=2)
    status: Status
    superseded_by: str = Field(description="替代它的正式文本的编号；没有则为空")
    retired: bool = Field(description="是否已停用")
    in_force: bool = Field(description="是否有效：没有被替代，也没有停用；答复默认只依据有效的计划")
    file: str = Field(description="原文文件")
    measures: int
    passages: int


class PlansOut(_Strict):
    """The plans, in their order."""

    model_config = _example({"items": [_PLAN]})

    items: list[PlanOut]
