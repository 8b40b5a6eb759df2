"""What an operator writes of a plan on the command line or answers to a question, as `Given`."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.addition import Given, Question
from corpus.columns import FIELDS
from corpus.places import places
from corpus.types import STATUS_WORDS, Status
from rag.options import ConditionError

LEAVE = "略去"
"""The answer that leaves the part out which a question is about."""
_YEARS = re.compile(r"(20\d\d)(?:\s*[-—~至到]+\s*(20\d\d))?\s*年?")


def given(
    title: str | None,
    district: str | None,
    year: str | None,
    status: str | None,
    plan_id: str | None,
    short: str | None,
) -> Given | None:
    """The options as `Given`; None where none was set.

    Raises:
        ConditionError: a value is of the wrong form.
    """
    said = Given(title=title, id=_id(plan_id), short=short, status=_status(status))
    if district is not None:
        said = answered(said, "level", "市") if district in ("市", "市级", "北京市") else _in(said, district)
    if year is not None:
        said = answered(said, "year", year)
    return said if said != Given() else None


def answered(said: Given, name: str, value: str) -> Given:
    """`said` with the answer to a question about the field `name`.

    Raises:
        ConditionError: the answer is of the wrong form.
    """
    value = value.strip()
    if value == LEAVE:
        return replace(said, leave=True)
    if name == "year":
        match = _YEARS.fullmatch(value)
        if match is None:
            raise ConditionError(f"年度“{value}”应写成 2026 或 2026-2028。")
        return replace(said, first_year=int(match[1]), last_year=int(match[2] or match[1]))
    if name == "level":
        if value not in ("市", "区", "市级", "区级"):
            raise ConditionError(f"级别“{value}”应为 市 或 区。")
        return replace(said, level="市" if value.startswith("市") else "区")
    if name == "district":
        return _in(said, value)
    if name == "title" and value:
        return replace(said, title=value)
    raise ConditionError(f"{name} 不能是“{value}”。")


def field_of(value: str) -> str:
    """The field that an operator means for a column: its name or its words.

    Raises:
        ConditionError: there is none of that name.
    """
    found = next((name for name, words in FIELDS.items() if value.strip() in (name, words)), None)
    if found is None:
        raise ConditionError(f"“{value}”不是可用的列；可用的有 {'、'.join(FIELDS.values())}。")
    return found


def missing(questions: tuple[Question, ...]) -> str:
    """What a script has to set so that nothing need be asked."""
    options = {"title": "--title", "level": "--district", "district": "--district", "year": "--year"}
    wanted = dict.fromkeys(options.get(q.name, "--columns") for q in questions)
    asked = "；".join(question.words for question in questions)
    parts = "；文件里有几部分的，可用 --part 只取其中一部分" if any(q.part for q in questions) else ""
    return f"{asked}　请用 {'、'.join(wanted)} 写明{parts}。"


def _in(said: Given, district: str) -> Given:
    full = places().districts.get(district)
    if full is None:
        raise ConditionError(
            f"没有“{district}”这个区；可用的有 {'、'.join(places().district_names)}，市级写“市”。"
        )
    return replace(said, level="区", district=full)


def _status(status: str | None) -> Status | None:
    if status is None:
        return None
    for name, words in STATUS_WORDS.items():
        if status in (name, words):
            return name
    raise ConditionError(f"状态“{status}”应为 {'、'.join(STATUS_WORDS.values())}。")


def _id(plan_id: str | None) -> str | None:
    if plan_id is not None and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", plan_id):
        raise ConditionError(f"计划编号“{plan_id}”只能用小写字母、数字和连字符。")
    return plan_id
