"""What a person sees of plans in a terminal: the list, one plan, and a file before it is added."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from corpus.addition import Preview
from corpus.manifest import PUBLISHED
from corpus.preview_report import preview_report
from corpus.types import ROLE_WORDS, STATUS_WORDS, Measure, Plan, Role
from index.errors import IndexFolderError
from index.folder import REPORT
from index.plans import Plans
from wence import terminal
from wence.settings import Settings
from wence.wiring import index_folder, open_store

_SHOWN = 12  # lines of one kind that are shown before the rest is counted
_TEXT = 60
_WIDE = 120  # columns of a terminal in which the titles have room too


def rows(plans: Plans, settings: Settings) -> list[dict[str, Any]]:
    """Every plan for `wence plan list`: its names and years, whether it is in force, how many records."""
    counts = _counts(settings)
    register = plans.library.register()
    files = {held.plan.id: register.file(held.key) for held in register.plans}
    return [
        {
            "id": plan.id,
            "short": plan.short,
            "title": plan.title,
            "level": plan.level,
            "district": plan.district,
            "years": [plan.first_year, plan.last_year],
            "status": plan.status,
            "in_force": plan.in_force,
            "superseded_by": plan.superseded_by,
            "retired": register.retired.get(plan.id, ""),
            "file": plan.file,
            "added": files[plan.id].added if plan.id in files else "",
            "measures": counts[plan.id, "measure"],
            "passages": counts[plan.id, "passage"],
            "indexed": not counts or any(counts[plan.id, kind] for kind in ("measure", "passage")),
        }
        for plan in plans.held()
    ]


def one(plans: Plans, name: str, settings: Settings) -> dict[str, Any]:
    """A plan for `wence plan show`, with what the ingest noted of it."""
    plan = plans.named(name)
    found = next(row for row in rows(plans, settings) if row["id"] == plan.id)
    source = next(source for source in plans.sources() if source.plan.id == plan.id)
    original = str(source.path)
    if source.reader == PUBLISHED:
        original = str(plans.library.path(source.path.parent.name, plan.file))
    return found | {"original": original, "notes": _notes(settings, plan)}


def _counts(settings: Settings) -> Counter[tuple[str, str]]:
    try:
        with open_store(settings) as store:
            records = store.get(store.ids)
            return Counter((r.plan, "measure" if isinstance(r, Measure) else "passage") for r in records)
    except IndexFolderError:
        return Counter()


def _notes(settings: Settings, plan: Plan) -> list[str]:
    try:
        report = json.loads((index_folder(settings).current() / REPORT).read_text(encoding="utf-8"))
    except (IndexFolderError, OSError):
        return []
    return next((entry["inferred"] for entry in report["plans"] if entry["plan"] == plan.id), [])


def force(row: dict[str, Any]) -> str:
    """Whether a plan is in force, in words."""
    if row["retired"]:
        return f"{row['retired']} 停用"
    return f"已被 {row['superseded_by']} 取代" if row["superseded_by"] else "现行"


def years(first: int | None, last: int | None) -> str:
    """2026, or 2026-2028."""
    return str(first or "？") if first == last else f"{first}-{last}"


def show_list(found: list[dict[str, Any]]) -> None:
    """The plans as a table."""
    from rich import box
    from rich.table import Table

    table, out = Table(box=box.SIMPLE), terminal.console()
    cells = [
        {
            "编号": row["id"],
            "简称": row["short"],
            "标题": row["title"],
            "年度": years(*row["years"]),
            "状态": STATUS_WORDS[row["status"]],
            "效力": force(row) if row["indexed"] else "尚未编入索引",
            "记录": _records(row),
        }
        for row in found
    ]
    shown = [heading for heading in cells[0] if heading != "标题" or out.width >= _WIDE]
    for heading in shown:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("编号", "年度"))
    for line in cells:
        table.add_row(*(line[heading] for heading in shown))
    out.print(table)


def _records(row: dict[str, Any]) -> str:
    """6 条、3 段: its measures and its passages."""
    counted = ((row["measures"], "条"), (row["passages"], "段"))
    return "、".join(f"{number} {unit}" for number, unit in counted if number) or "—"


def show_one(document: dict[str, Any]) -> None:
    """One plan, a line a fact."""
    out = terminal.console()
    status = STATUS_WORDS[document["status"]]
    facts = {
        "编号": document["id"],
        "简称": document["short"],
        "标题": document["title"],
        "级别": document["district"] or "市级",
        "年度": years(*document["years"]),
        "状态": f"{status}，{force(document)}",
        "记录": f"措施 {document['measures']} 条，段落 {document['passages']} 段",
        "原件": document["original"],
        "加入": document["added"] or "随程序附带",
    }
    for name, value in facts.items():
        out.print(f"{name}　{value}")
    _few(document["notes"], "说明")


def show_preview(preview: Preview) -> None:
    """The ingest report of a file, before it is added."""
    report = preview_report(preview)
    out = terminal.console(stderr=True)
    out.print(f"\n{report['file']}（{report['format']}）", style="bold")
    for plan in report["plans"]:
        _show_plan(plan, preview.replaces)
    for kind in report["left"]:
        held = [f"{item['place']} {item['text'][:_TEXT]}".strip() for item in kind["items"]]
        _few(held, f"未入库·{kind['kind']} {kind['count']} 处")
    for name in report["unknown_departments"]:
        near = "；相近的有 " + "、".join(name["nearest"]) if name["nearest"] else ""
        out.print(f"词表里没有的部门：{name['name']}（照原文保留{near}）", style="yellow")
    _few(report["notes"], "读取说明")


def _show_plan(plan: dict[str, Any], replaces: str) -> None:
    out = terminal.console(stderr=True)
    status = STATUS_WORDS[plan["status"]]
    where = f"{plan['district'] or '市级'}　{years(*plan['years'])}　{status}"
    out.print(f"第 {plan['part'] + 1} 部分 {plan['marker']}《{plan['title']}》　{where}")
    out.print(f"  编号 {plan['id']}，简称 {plan['short']}")
    if replaces:
        out.print(f"  换下 {replaces} 现在的文本", style="yellow")
    for draft in plan["supersedes"]:
        out.print(f"  正式文本：取代征求意见稿 {draft}", style="yellow")
    if plan["superseded_by"]:
        out.print(f"  正式文本 {plan['superseded_by']} 已在库，这份征求意见稿只作查阅", style="yellow")
    roles = "，".join(f"{ROLE_WORDS[Role(r)]} {n}" for r, n in plan["duties"].items() if n)
    counts = f"任务 {plan['tasks']} 项，措施 {plan['measures']} 条，段落 {plan['passages']} 段"
    if plan["rows"]:
        held = "、".join(f"{kind} {number}" for kind, number in plan["rows"].items())
        out.print(f"  表格共 {sum(plan['rows'].values())} 行：{held}")
    out.print(f"  {counts}" + (f"；{roles}" if roles else ""))
    for name, words in (("without_departments", "没有部门"), ("without_dates", "没有可读的时限")):
        if plan[name]:
            shown = "、".join(plan[name][:_SHOWN])
            out.print(f"  {words}的措施 {len(plan[name])} 条：{shown}", style="yellow")
    _few(plan["notes"], "说明")


def _few(lines: list[str], title: str) -> None:
    out = terminal.console(stderr=True)
    for line in lines[:_SHOWN]:
        out.print(f"  {title}：{line}", style="dim")
    if len(lines) > _SHOWN:
        out.print(f"  {title}：另有 {len(lines) - _SHOWN} 条", style="dim")
