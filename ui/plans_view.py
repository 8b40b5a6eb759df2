"""What the templates of 计划 are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.answering import Answering
from api.clock import now
from api.directory import directory
from api.plan_desk import PlanDesk
from api.plan_looked import Looked
from api.serving import NotReadyError
from corpus.addition import Question
from corpus.columns import FIELDS
from corpus.formats.sniff import NAMES
from corpus.places import places
from corpus.preview_report import preview_report
from corpus.types import ROLE_WORDS, STATUS_WORDS, Plan, Role
from index.errors import IndexFolderError
from rag.listing import roles_in_words

LEVELS = {"市": "市级", "区": "区级"}
SHOWN = 600  # rows of a preview that the page shows; the rest is in the API


@dataclass(frozen=True, slots=True)
class Field:
    """A control of the form: `kind` is text, number or select; `choices` are values with their words."""

    name: str
    called: str
    value: str
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the controls that answer it."""

    words: str
    fields: tuple[Field, ...]


def held(desk: PlanDesk, answering: Answering) -> list[dict[str, Any]]:
    """The rows of the table of plans."""
    counted = _counted(answering)
    shorts = {one.plan.id: one.plan.short for one in desk.held()}
    return [
        {
            "plan": one.plan,
            "where": one.plan.district or LEVELS[one.plan.level],
            "years": years(one.plan),
            "status": STATUS_WORDS[one.plan.status],
            "force": _force(one.plan, one.retired, shorts),
            "counts": counted.get(one.plan.id),
            "added": _day(one.added),
            "original": bool(one.added),
            "register": urlencode({"plan": one.plan.id}),
        }
        for one in desk.held()
    ]


def _counted(answering: Answering) -> dict[str, str]:
    """How much the engine holds of each plan; of one that it does not serve yet nothing."""
    try:
        known = directory(answering.engine()).plans
    except (NotReadyError, IndexFolderError):
        return {}
    return {
        plan["id"]: f"{plan['measures']} 条" if plan["measures"] else f"{plan['passages']} 段"
        for plan in known
    }


def _force(plan: Plan, retired: str, shorts: dict[str, str]) -> str:
    if plan.retired:
        return f"{retired} 停用"
    if plan.superseded_by:
        return f"已被“{shorts.get(plan.superseded_by, plan.superseded_by)}”取代"
    return "现行"


def _day(moment: str) -> str:
    from datetime import datetime

    return (
        datetime.fromisoformat(moment).astimezone(now().tzinfo).strftime("%Y-%m-%d %H:%M") if moment else ""
    )


def years(plan: Plan) -> str:
    """2026, or 2021—2025."""
    return (
        str(plan.first_year) if plan.first_year == plan.last_year else f"{plan.first_year}—{plan.last_year}"
    )


def upload(looked: Looked, desk: PlanDesk) -> dict[str, Any]:
    """What the card of an upload shows."""
    report = preview_report(looked.preview) if looked.preview else None
    questions = looked.preview.questions if looked.preview else ()
    asked = {(question.part, name) for question in questions for name in _controls(question)}
    shorts = {plan.id: plan.short for plan in desk.plans.held()}
    plans = {plan["part"]: plan for plan in report["plans"]} if report else {}
    rows = looked.rows()
    return {
        "looked": looked,
        "token": looked.upload.token,
        "format": NAMES.get(looked.document.format, looked.document.format),
        "report": report,
        "asked": [_asked(question) for question in questions],
        "columns": [
            Field(f"map/{heading}", f"“{heading}”列", field, "select", tuple(FIELDS.items()))
            for heading, field in looked.upload.mapping.items()
        ],
        "parts": [
            {
                "seen": part,
                "plan": plans.get(part.part),
                "fields": [
                    field
                    for field in _fields(plans.get(part.part), replacing=bool(looked.upload.replaces))
                    if (part.part, field.name) not in asked
                ],
            }
            for part in looked.parts
        ],
        "plans": [_told(plan, shorts) for plan in plans.values()],
        "replaced": shorts.get(looked.upload.replaces, ""),
        "twice": shorts.get(looked.twice, ""),
        "rows": [_row(row) for row in rows[:SHOWN]],
        "total": len(rows),
        "several": len(plans) > 1,
    }


def _controls(question: Question) -> tuple[str, ...]:
    return ("first_year", "last_year") if question.name == "year" else (question.name,)


def _asked(question: Question) -> Asked:
    if question.part is None:
        field = Field(f"map/{question.name}", question.name, "", "select", question.choices)
        return Asked(question.words, (field,))
    if question.name == "year":
        first, last = (Field(f"{question.part}/{n}", c, "", "number") for n, c in _YEARS)
        return Asked(question.words, (first, last))
    kind = "select" if question.choices else "text"
    name = f"{question.part}/{question.name}"
    return Asked(question.words, (Field(name, question.words, "", kind, question.choices),))


_YEARS = (("first_year", "年度（首年）"), ("last_year", "末年"))


def _fields(plan: dict[str, Any] | None, *, replacing: bool) -> list[Field]:
    """What a part says of itself, as it can be corrected; what replaces a plan keeps its place and names."""
    if plan is None:
        return []
    first, last = plan["years"]
    districts = (("", "（无）"), *((name, name) for name in places().district_names))
    fields = [
        Field("title", "标题", plan["title"]),
        Field("level", "级别", plan["level"] or "", "select", tuple(LEVELS.items())),
        Field("district", "区", plan["district"], "select", districts),
        Field("first_year", _YEARS[0][1], str(first or ""), "number"),
        Field("last_year", _YEARS[1][1], str(last or ""), "number"),
        Field("status", "状态", plan["status"], "select", tuple(STATUS_WORDS.items())),
    ]
    if replacing:
        return [field for field in fields if field.name in ("title", "status")]
    if "id" in plan:
        fields += [Field("short", "简称", plan["short"]), Field("id", "编号", plan["id"])]
    return fields


def _told(plan: dict[str, Any], shorts: dict[str, str]) -> dict[str, Any]:
    """A proposal with what its report says, in words."""
    if "id" not in plan:
        return {"title": plan["title"] or "（没有读到标题）", "facts": [], "notes": [], "lacking": []}
    kinds = [
        ("任务", plan["tasks"], "项"),
        ("措施", plan["measures"], "条"),
        ("段落", plan["passages"], "段"),
    ]
    out = "、".join(f"{words} {count} {unit}" for words, count, unit in kinds if count)
    read = "、".join(f"{kind} {count} 行" for kind, count in plan["rows"].items() if count)
    duties = "、".join(f"{ROLE_WORDS[Role(role)]} {count}" for role, count in plan["duties"].items() if count)
    facts = [("表格各行", read), ("读出", out), ("部门职责", duties)]
    if plan["supersedes"]:
        facts.append(
            ("取代", "、".join(shorts.get(one, one) for one in plan["supersedes"]) + "（征求意见稿）")
        )
    if plan["superseded_by"]:
        by = shorts.get(plan["superseded_by"], plan["superseded_by"])
        facts.append(("效力", f"已有正式文本“{by}”，加入后不作为答复依据"))
    lacking = [("没有写明部门", plan["without_departments"]), ("没有写明时限", plan["without_dates"])]
    return {
        "title": plan["title"],
        "facts": [fact for fact in facts if fact[1]],
        "notes": plan["notes"],
        "lacking": [(words, ids) for words, ids in lacking if ids],
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    short, _, place = row["label"].strip("〔〕").partition("·")
    return {
        "id": row["id"],
        "plan": short,
        "place": place,
        "task": row["task"] or row["category"] or "",
        "text": row["text"],
        "deadline": row["deadline"] or row["target"] or "",
        "duties": roles_in_words(row),
        "source": row["source"].get("place", ""),
    }
