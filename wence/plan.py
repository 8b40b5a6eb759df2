"""`wence plan`: add published plans, list, show, replace and retire them, and tell what changed."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from wence import terminal

if TYPE_CHECKING:
    from index.plans import Plans
    from index.progress import Progress
    from wence.settings import Settings

app = typer.Typer(name="plan", help="计划：加入、查看、替换、停用、比较。", no_args_is_help=True)


class Form(StrEnum):
    """Forms of `wence plan diff`."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="不逐一询问；读不出的事项就报错，不猜。")]
ColumnsOption = Annotated[
    Path | None, typer.Option("--columns", help="列名对照表（TOML），写明词表里没有的列名各是什么。")
]
TitleOption = Annotated[str | None, typer.Option("--title", help="标题；默认从文件读。")]
DistrictOption = Annotated[str | None, typer.Option("--district", help="区名；“市”为市级。默认从文件读。")]
YearOption = Annotated[
    str | None, typer.Option("--year", help="年度，如 2026；几年的写 2026-2028。默认从文件读。")
]
StatusOption = Annotated[str | None, typer.Option("--status", help="正式、征求意见稿。默认从文件读。")]
IdOption = Annotated[str | None, typer.Option("--id", help="计划编号；默认按区、主题、年度起名。")]
ShortOption = Annotated[str | None, typer.Option("--short", help="简称，用在引用标签里。")]
PartOption = Annotated[
    list[int] | None, typer.Option("--part", min=1, help="只要文件里的第几部分（从 1 数），可重复。")
]


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="文件或文件夹，可写多个。")],
    yes: YesOption = False,
    columns: ColumnsOption = None,
    title: TitleOption = None,
    district: DistrictOption = None,
    year: YearOption = None,
    status: StatusOption = None,
    plan_id: IdOption = None,
    short: ShortOption = None,
    part: PartOption = None,
    as_json: JsonOption = False,
) -> None:
    """加入计划（docx、pdf、xlsx、网页、旧 .doc）。先显示读到了什么，问过再加入；坏文件不影响其余。"""
    from wence import plan_work
    from wence.plan_given import given

    said = given(title, district, year, status, plan_id, short)
    paths = plan_work.files_in(files)
    if said is not None and len(paths) > 1:
        _refuse("一次加入多个文件时，标题、区、年度等要从各文件读，不能统一指定。")
    work = plan_work.Work(_settings(), ask=_asking(yes), quiet=as_json)
    done = work.add(paths, said, plan_work.mapping(columns), part or [])
    if as_json:
        terminal.emit(done.as_json())
    if done.failed:
        sys.exit(2)


@app.command()
def replace(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="要换文本的计划：编号、简称或标题。")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="更正后的文件。")],
    yes: YesOption = False,
    columns: ColumnsOption = None,
    title: TitleOption = None,
    status: StatusOption = None,
    part: PartOption = None,
    as_json: JsonOption = False,
) -> None:
    """用更正后的文件换下一个计划的文本，编号不变。正式文本取代征求意见稿不用这个：直接加入即可。"""
    from wence import plan_work
    from wence.plan_given import given

    work = plan_work.Work(_settings(), ask=_asking(yes), quiet=as_json)
    said = given(title, None, None, status, None, None)
    done = work.replace(plan, file, said, plan_work.mapping(columns), part or [])
    if as_json:
        terminal.emit(done.as_json())
    if done.failed:
        sys.exit(2)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="放入新文件的文件夹。")],
    once: Annotated[bool, typer.Option("--once", help="处理完现有的文件就结束。")] = False,
    columns: ColumnsOption = None,
) -> None:
    """看着一个文件夹：放进去的计划自动加入；读不出的写一份“文件名.未加入.txt”说明原因。"""
    from wence import plan_watch, plan_work

    work = plan_work.Work(_settings(), ask=False, quiet=False)
    plan_watch.watch(folder, work, plan_work.mapping(columns), once=once)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """列出全部计划：编号、简称、标题、年度、状态、是否现行。"""
    from wence import plan_view

    settings = _settings()
    rows = plan_view.rows(plans(settings), settings)
    if as_json:
        for row in rows:
            terminal.emit(row)
        return
    plan_view.show_list(rows)


@app.command()
def show(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="编号、简称或标题。")],
    as_json: JsonOption = False,
) -> None:
    """显示一个计划：从哪份文件读来、读到多少、有哪些说明。"""
    from wence import plan_view

    settings = _settings()
    document = plan_view.one(plans(settings), plan, settings)
    if as_json:
        terminal.emit(document)
        return
    plan_view.show_one(document)


@app.command()
def retire(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="编号、简称或标题。")], yes: YesOption = False
) -> None:
    """停用一个计划：答复不再依据它，仍可按编号查看；用 restore 恢复。"""
    held = plans(_settings())
    found = held.named(plan)
    _confirm(f"停用《{found.title}》（{found.id}）？", yes)
    with _progress("停用") as step:
        held.retire(found.id, step)
    terminal.say(f"已停用 {found.id}。恢复：wence plan restore {found.id}")


@app.command()
def restore(plan: Annotated[str, typer.Argument(metavar="PLAN", help="编号、简称或标题。")]) -> None:
    """恢复一个停用的计划。"""
    held = plans(_settings())
    found = held.named(plan)
    with _progress("恢复") as step:
        held.restore(found.id, step)
    terminal.say(f"已恢复 {found.id}。")


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="修改前的计划：编号、简称或标题。")],
    after: Annotated[str, typer.Argument(metavar="B", help="修改后的计划。")],
    form: Annotated[Form, typer.Option("--format", help="表格、jsonl、csv 或 xlsx。")] = Form.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写到这个文件。")] = None,
) -> None:
    """两个计划之间变了什么：增加、删去、修改的措施（数字、时限、职责、措辞）。"""
    from wence.plan_diff import show_diff
    from wence.wiring import open_store

    settings = _settings()
    held = plans(settings)
    with open_store(settings) as store:
        show_diff(store, held.named(before), held.named(after), form.value, output)


def plans(settings: Settings) -> Plans:
    """The plans of these settings."""
    from wence.wiring import plans_of

    return plans_of(settings)


def _settings() -> Settings:
    from wence.settings import read_settings

    return read_settings()


def _progress(title: str) -> AbstractContextManager[Progress]:
    from index.build import STEPS

    return terminal.progress(len(STEPS), title)


def _asking(yes: bool) -> bool:
    """Whether questions are put to somebody; in a script that must be said."""
    if not yes and not sys.stdin.isatty():
        _refuse("要有人看过再加入；在脚本里请加 --yes。")
    return not yes


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        _refuse("要确认的操作；在脚本里请加 --yes。")
    if not typer.confirm(question):
        raise typer.Exit(1)


def _refuse(message: str) -> NoReturn:
    terminal.say("错误：" + message)
    raise typer.Exit(2)
