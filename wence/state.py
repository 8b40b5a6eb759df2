"""`wence state`, `wence audit`, `wence feedback`: what a service keeps, saved, brought back and exported."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.normal import printable
from wence import terminal

if TYPE_CHECKING:
    from api.state.database import State
    from api.state.entries import Asked
    from api.state.feedback import Left, Thumb

app = typer.Typer(name="state", help="状态库（密钥、反馈、审计）：备份、恢复。", no_args_is_help=True)
audit = typer.Typer(name="audit", help="审计：导出问过的问题。", no_args_is_help=True)
feedback = typer.Typer(name="feedback", help="反馈：导出成评测题。", no_args_is_help=True)

BEIJING = timezone(timedelta(hours=8))  # whose days the dates on the command line are
Since = Annotated[str | None, typer.Option("--since", help="从这天起（北京时间），例如 2026-03-01。")]
Until = Annotated[str | None, typer.Option("--until", help="到这天为止，含当天。")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="写入文件。")]
HEADINGS = ("时间", "请求编号", "谁", "途径", "问题", "类型", "引用", "未能回答", "撰写者", "毫秒")
TODO = (
    "请填 gold（应当引用的编号）和 answers（答复里必须有的说法），核对 category；"
    "语料答不了的改为 refuse: true。填好后 wence eval validate --questions 文件 校验。"
)
UNANSWERED = ("refuse", "chat")  # routes of an answer that says that there is none
CATEGORIES = {"clarify": "ambiguous"} | dict.fromkeys(UNANSWERED, "unanswerable")


class Form(StrEnum):
    """Formats of an exported audit."""

    JSONL = "jsonl"
    CSV = "csv"


class Thumbs(StrEnum):
    """Which feedback is exported."""

    DOWN = "down"
    UP = "up"
    ALL = "all"


_THUMBS: dict[Thumbs, Thumb | None] = {Thumbs.DOWN: "down", Thumbs.UP: "up", Thumbs.ALL: None}


@contextmanager
def opened() -> Iterator[State]:
    """The state that is set, open.

    Raises:
        StateError: it cannot be opened.
    """
    from api.state.database import State
    from wence.settings import read_settings

    state = State.open(read_settings().state_url)
    try:
        yield state
    finally:
        state.close()


def shown(at: datetime) -> str:
    """A time as a person reads it."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


@app.callback()
def _state() -> None:
    """A group of commands."""


@audit.callback()
def _audit() -> None:
    """A group of commands, though it has one."""


@feedback.callback()
def _feedback() -> None:
    """A group of commands, though it has one."""


@app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="备份写到哪个文件。")]) -> None:
    """备份状态库到一个文件，服务不用停；文件里有密钥的散列值，请妥善保管。"""
    from api.state.backup import backup as save
    from wence.settings import read_settings

    save(read_settings().state_url, file)
    terminal.say(f"已备份到 {file}。")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="wence state backup 写的文件。")],
    yes: Annotated[bool, typer.Option("--yes", help="换掉已有内容的状态库。")] = False,
) -> None:
    """从备份恢复状态库；原来的留在旁边。"""
    from api.state.backup import restore as bring_back
    from wence.settings import read_settings

    kept = bring_back(read_settings().state_url, file, replace=yes)
    terminal.say(f"已从 {file} 恢复。" + (f"原来的在 {kept}。" if kept else ""))


@audit.command("export")
def export_audit(
    since: Since = None,
    until: Until = None,
    form: Annotated[Form, typer.Option("--format", help="输出格式。")] = Form.JSONL,
    output: Output = None,
) -> None:
    """导出问过的问题：时间、类型、引用、耗时；问题里的电话等号码存前已隐去。"""
    from api.state.audit import Audit

    first, last = _day(since), _day(until)
    with opened() as state:
        rows = Audit(state, keep_days=0).rows(first, last and last + timedelta(days=1))
        if form is Form.CSV:
            # A BOM, so that Excel reads it as UTF-8.
            _write(map(_cells, rows), output, _csv(HEADINGS), "utf-8-sig")
        else:
            _write((_line(_as_json(row)) for row in rows), output)


@feedback.command("export")
def export_feedback(
    thumb: Annotated[Thumbs, typer.Option("--thumb", help="不满意的、满意的或全部。")] = Thumbs.DOWN,
    since: Since = None,
    output: Output = None,
) -> None:
    """把反馈导出成评测题：不满意的留空待填，满意的以所引用的为准。"""
    from api.state.database import StateError
    from api.state.feedback import Feedback

    if output and output.exists():  # somebody may have filled it in
        raise StateError(f"{output} 已经有了，里面可能有人填好的内容；请换一个文件名。")
    first = _day(since)
    with opened() as state:
        rows = Feedback(state).every(_THUMBS[thumb], first)
        _write((_line(as_question(row)) for row in rows), output)


def as_question(left: Left) -> dict[str, Any]:
    """A question in the benchmark's layout (see `eval.questions`).

    What a liked answer cites is its gold. Of any other answer nobody knows yet what is right:
    `gold` is empty, which the benchmark refuses until a person has filled it in, and `notes`
    says what is to be done.
    """
    from eval.questions import CATEGORIES as KNOWN

    category = "follow-up" if left.history else CATEGORIES.get(left.route, left.route)
    liked, refused = left.thumb == "up", left.route in UNANSWERED
    gold = list(left.ids) if liked and not refused else []
    item = {
        "id": f"feedback-{left.id}",
        "category": category if category in KNOWN else "fact",
        "question": left.question,
        "history": list(left.history),
        "gold": gold,
        "refuse": liked and refused,
        "clarify": liked and left.route == "clarify",
    }
    notes = {
        "thumb": left.thumb,
        "reason": left.reason,
        "answer": left.answer,
        "cited": list(left.ids),
        "route": left.route,
        "writer": left.writer,
        "at": left.at.astimezone(BEIJING).isoformat(timespec="seconds"),
    }
    todo = {} if gold or item["refuse"] else {"todo": TODO}
    return item | {"notes": todo | notes}


def _day(date: str | None) -> datetime | None:
    from rag.options import ConditionError

    if date is None:
        return None
    try:
        return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        raise ConditionError(f"看不懂日期“{date}”，应写成 2026-03-01 这样。") from None


def _as_json(row: Asked) -> dict[str, Any]:
    return {
        "at": row.at.astimezone(BEIJING).isoformat(timespec="milliseconds"),
        "request": row.request,
        "who": row.who,
        "via": row.via,
        "question": row.question,
        "route": row.route,
        "ids": list(row.ids),
        "refused": row.refused,
        "writer": row.writer,
        "ms": row.ms,
    }


def _cells(row: Asked) -> str:
    spoken = {"ids": "、".join(row.ids), "refused": "是" if row.refused else "否"}
    return _csv((_as_json(row) | spoken).values())


def _csv(cells: Iterable[Any]) -> str:
    """A line of a CSV file; no cell opens as a formula."""
    import csv
    import io

    from api.exports import plain

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(map(plain, cells))
    return buffer.getvalue()


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _write(lines: Iterable[str], output: Path | None, heading: str = "", encoding: str = "utf-8") -> None:
    """Write `heading` and the lines one by one, to the output where no file is named.

    Raises:
        StateError: the state cannot be read, or the file not written.
    """
    from api.state.database import StateError
    from index.reasons import reason

    count = 0
    try:
        with output.open("w", encoding=encoding) if output else nullcontext(sys.stdout) as out:
            out.write(heading)
            for line in lines:
                out.write(printable(line))
                count += 1
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StateError(f"写不了 {output or '输出'}：{reason(error)}。") from None
    terminal.say(f"共 {count} 条。")
