"""The command line: build, ask, search, list, show, serve, bench.

Exit status: 0 done, 1 the question was refused, 2 bad input or a folder that cannot be used,
70 a fault of our own.
"""

from __future__ import annotations

import sys
import traceback
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from wence import __version__, bank, bench, benchmark, checking, keys, models, plan, state, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.exports import Entry
    from rag.engine import Engine
    from wence.settings import Settings

app = typer.Typer(
    name="wence",
    help="问策：北京市生态环境行动计划问答。每句话都注明措施编号。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

benchmark.app.command()(checking.check)
for module in (benchmark, bench, bank, models, keys, state, plan):
    app.add_typer(module.app)
for group in (state.audit, state.feedback):
    app.add_typer(group)
app.command()(bank.enrich)

Many = list[str]
PlanOption = Annotated[Many | None, typer.Option("--plan", help="计划编号或简称，可重复。")]
DistrictOption = Annotated[Many | None, typer.Option("--district", help="区名；“市”为市级。可重复。")]
DepartmentOption = Annotated[Many | None, typer.Option("--department", help="部门（全称、简称、俗称）。")]
RoleOption = Annotated[
    Many | None, typer.Option("--role", help="lead/牵头、responsible/主责、assisting/协办。")
]
DeadlineOption = Annotated[
    Many | None, typer.Option("--deadline", help="2026-06-30、6月底前、6-9月、长期实施。")
]
YearOption = Annotated[Many | None, typer.Option("--year", help="计划的年份，如 2025。可重复。")]
LevelOption = Annotated[Many | None, typer.Option("--level", help="级别：市、区。")]
StatusOption = Annotated[Many | None, typer.Option("--status", help="状态：正式、征求意见稿。")]
TogetherOption = Annotated[
    Many | None, typer.Option("--together", help="同一项措施里也有职责的部门；重复时须都有。")
]
SortOption = Annotated[
    str, typer.Option("--sort", help="deadline、plan、number、department；前面加 - 为倒序。默认原文顺序。")
]
TextOption = Annotated[Many | None, typer.Option("--text", help="措施文字须含的词；重复时须都含。")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
EmbeddingOption = Annotated[
    str | None,
    typer.Option("--embedding", help="向量模型：文件夹、本机的模型名，或 openai:模型@地址；默认用随附的。"),
]
RerankerOption = Annotated[
    str | None, typer.Option("--reranker", help="重排模型：文件夹或本机的模型名；默认不用。")
]
WriterOption = Annotated[
    str | None,
    typer.Option("--writer", help="谁来撰写：extractive（默认）、transformers:文件夹、openai:模型@地址。"),
]
BatchOption = Annotated[Path | None, typer.Option("--batch", help="问题文件，每行一个 JSON 对象。")]


class Format(StrEnum):
    """Output formats of `wence list`."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


def main() -> None:
    """Run the command line; what a user did wrong is one Chinese sentence and status 2."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if not _is_told(error):
            traceback.print_exc()
            sys.exit(70)  # EX_SOFTWARE: never the 1 of a refusal
        _fail(str(error))


def _is_told(error: Exception) -> bool:
    """Whether the error's message is written for the person at the terminal."""
    from api.state.database import StateError
    from corpus.bank import BankError
    from corpus.errors import SourceError
    from eval.lines import QuestionFileError
    from eval.peers import PeersMissingError
    from index.errors import IndexFolderError, ModelError
    from index.expansion import LexiconError
    from index.training.texts import TrainingDataError
    from rag.errors import QuestionError
    from rag.options import ConditionError
    from wence.settings import SettingsError

    told = (SourceError, IndexFolderError, ModelError, QuestionError, ConditionError, SettingsError)
    files = (BankError, QuestionFileError, LexiconError, TrainingDataError)
    return isinstance(error, (*told, *files, PeersMissingError, StateError))


def _fail(message: str) -> NoReturn:
    terminal.say("错误：" + message)
    sys.exit(2)


def _settings(**chosen: str | None) -> Settings:
    from index.locate import locate
    from index.served import embedding_model
    from rag.writing.load import located
    from wence.settings import read_settings

    settings = read_settings(**chosen)
    embedding_model(settings.embedding, settings.models)  # told before anything is loaded
    if settings.reranker:
        locate(settings.reranker, settings.models)
    located(settings.writer, settings.models)
    return settings


def _engine(**chosen: str | None) -> Engine:
    from wence.wiring import open_telling

    return open_telling(_settings(**chosen))


@app.command()
def build(
    if_needed: Annotated[bool, typer.Option("--if-needed", help="索引是新的就不重建。")] = False,
    as_json: JsonOption = False,
    embedding: EmbeddingOption = None,
) -> None:
    """建立索引：读语料、建条目库、词索引和向量索引，最后整体换入。"""
    from index.build import STEPS
    from index.errors import ForeignFolderError, IndexFolderError
    from wence.wiring import build_index, index_folder, stale

    settings = _settings(embedding=embedding)
    if if_needed:
        try:
            if not (changed := stale(settings, index_folder(settings).manifest())):
                terminal.say(f"索引是新的：{settings.index_dir}")
                return
            terminal.say(f"{'、'.join(changed)}已变，正在重建。")
        except ForeignFolderError:
            raise
        except IndexFolderError:
            pass  # missing or damaged: build it
    with terminal.progress(len(STEPS), "建立索引") as step:
        built = build_index(settings, step)
    if as_json:
        terminal.emit(built.report | {"seconds": round(built.seconds, 3), "folder": str(built.folder)})
    else:
        terminal.show_report(built.report, built.seconds, str(built.folder))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="要问的问题。")] = None,
    as_json: JsonOption = False,
    batch: BatchOption = None,
    history: Annotated[
        list[str] | None, typer.Option("--history", help="前面问过的问题，最早的在前，可重复。")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="同时显示问题是怎样理解的。")] = False,
    plan: PlanOption = None,
    district: DistrictOption = None,
    department: DepartmentOption = None,
    level: LevelOption = None,
    embedding: EmbeddingOption = None,
    reranker: RerankerOption = None,
    writer: WriterOption = None,
) -> None:
    """提问。答复的每句话都注明措施编号；答不了会说明。可限定在哪些计划、区、部门、级别里查找。"""
    from rag import scope
    from rag.options import Options

    if batch is not None and (question is not None or history):
        _fail("--batch 从文件读问题，不能同时写问题或 --history。")
    if batch is None and question is None:
        _fail("请写出问题，或用 --batch 指定问题文件。")
    engine = _engine(embedding=embedding, reranker=reranker, writer=writer)
    wanted = Options(plan or (), district or (), department or (), level=level or ())
    asked = partial(engine.ask, explain=explain, scope=scope.chosen(wanted, engine.store, engine.bodies))
    if batch is not None:
        _batch(batch, lambda q, earlier, i: asked(q, earlier, i).as_json())
        return
    assert question is not None
    answer = asked(question, history or [])
    if as_json:
        terminal.emit(answer.as_json())
    else:
        terminal.show_answer(answer.as_json())
    if answer.refused:
        sys.exit(1)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="要查的词句。")] = None,
    top: Annotated[int, typer.Option("--top", "-k", min=1, max=200, help="最多几条。")] = 10,
    as_json: JsonOption = False,
    batch: BatchOption = None,
    plan: PlanOption = None,
    district: DistrictOption = None,
    department: DepartmentOption = None,
    role: RoleOption = None,
    embedding: EmbeddingOption = None,
    reranker: RerankerOption = None,
) -> None:
    """按词和语义查措施，先筛选后排序。"""
    from rag.options import Options, searched_by

    engine = _engine(embedding=embedding, reranker=reranker)
    options = Options(plan or (), district or (), department or (), role or ())
    filters = searched_by(options, engine.store, engine.bodies)

    def found(text: str, earlier: list[str], question_id: str) -> dict[str, Any]:
        hits = engine.search(text, top, filters, earlier)
        return {"id": question_id, "hits": [hit.as_json() for hit in hits]}

    if batch is not None:
        _batch(batch, found)
        return
    if query is None:
        _fail("请写出要查的词句，或用 --batch 指定文件。")
    result = found(query, [], "")
    if as_json or not sys.stdout.isatty():
        terminal.emit(result)
    else:
        terminal.show_hits(result["hits"])


@app.command(name="list")
def list_(
    plan: PlanOption = None,
    district: DistrictOption = None,
    department: DepartmentOption = None,
    role: RoleOption = None,
    deadline: DeadlineOption = None,
    text: TextOption = None,
    level: LevelOption = None,
    status: StatusOption = None,
    together: TogetherOption = None,
    year: YearOption = None,
    sort: SortOption = "",
    form: Annotated[Format, typer.Option("--format", help="输出格式。")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件。")] = None,
) -> None:
    """列出符合条件的全部措施（不截断）。同一选项的多个值任一即可，不同选项须同时满足。

    每个计划列最新一年的，另用 --year 或 --plan 指明。已被替代、停用的计划不列，除非用 --plan 指名；
    --status 征求意见稿 也列出已被替代的征求意见稿。
    """
    from api import records
    from rag.options import Options

    engine = _engine()
    given = (plan, district, department, role, deadline, text, level, status, together, None, year)
    options = Options(*(values or () for values in given))
    entries = records.taken(engine, records.every(engine, options, sort))
    try:
        _write(entries, form, output)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        _fail(f"写不了 {output}：{error.strerror}。")


def _write(entries: Sequence[Entry], form: Format, output: Path | None) -> None:
    import json

    from api import exports

    rows = [entry.row for entry in entries]
    if output is not None and form is Format.TABLE:
        form = _format_of(output)
    if form is Format.XLSX:
        if output is None:
            _fail("xlsx 是文件，请用 --output 文件名.xlsx 指定写到哪里。")
        output.write_bytes(exports.to_xlsx(entries))
    elif form is Format.TABLE:
        terminal.show_rows(rows)
    else:
        if form is Format.CSV:
            text = exports.to_csv(entries)
        else:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if output is None:
            sys.stdout.write(text)
        else:  # a BOM, so that Excel reads the CSV as UTF-8
            output.write_text(text, encoding="utf-8-sig" if form is Format.CSV else "utf-8")
    terminal.say(f"共 {len(rows)} 条。")


def _format_of(output: Path) -> Format:
    """The format that a file's name asks for."""
    suffix = output.suffix.removeprefix(".").lower()
    if suffix not in (Format.JSONL, Format.CSV, Format.XLSX):
        _fail(f"不知道 {output.name} 要写成什么格式，请用 --format jsonl、csv 或 xlsx。")
    return Format(suffix)


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="ID", help="如 bj-green-2026/13/1。")],
    as_json: JsonOption = False,
) -> None:
    """显示一条措施或段落的全部内容和原文所在行。"""
    from rag.listing import row
    from wence.originals import source_lines
    from wence.wiring import plans_of

    settings = _settings()
    engine = _engine()
    if record not in engine.store:
        parent = record.rpartition("/")[0]
        near = [i for i in engine.store.ids if parent and i.startswith(parent + "/")][:5]
        _fail(
            f"没有 {record}。" + (f"相近的有：{'、'.join(near)}" if near else "编号形如 bj-green-2026/13/1。")
        )
    found = engine.store.get([record])[0]
    plan = engine.store.plans[found.plan]
    document = row(found, plan, engine.store.label(record))
    lines = source_lines(plans_of(settings), found)
    if as_json:
        terminal.emit(document | {"plan_title": plan.title, "source_lines": lines})
    else:
        terminal.show_record(document, plan.title, lines)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址。")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="端口。")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="进程数。")] = None,
    auth: Annotated[str | None, typer.Option(help="谁要密钥：auto、always、never。")] = None,
    embedding: EmbeddingOption = None,
    reranker: RerankerOption = None,
    writer: WriterOption = None,
) -> None:
    """启动网页和接口（同一端口）。"""
    from wence.server import serve as run

    given = {"host": host, "port": port, "workers": workers, "auth": auth}
    given |= {"embedding": embedding, "reranker": reranker, "writer": writer}
    chosen = {name: str(value) for name, value in given.items() if value is not None}
    run(_settings(**chosen), chosen)


@app.command()
def mcp(
    embedding: EmbeddingOption = None,
    reranker: RerankerOption = None,
    writer: WriterOption = None,
) -> None:
    """供智能体调用（MCP，标准输入输出）；wence serve 另有 HTTP 方式：http://127.0.0.1:8737/mcp。"""
    from wence.mcp import serve as run

    run(_settings(embedding=embedding, reranker=reranker, writer=writer))


@app.command()
def version() -> None:
    """显示版本。"""
    sys.stdout.write(f"wence {__version__}\n")


def _batch(path: Path, handle: Any) -> None:
    from wence.batch import run_batch

    bad = 0
    try:
        for document, good in run_batch(path, handle):
            terminal.emit(document)
            bad += not good
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        _fail(f"读不了 {path}：{error.strerror}。")
    if bad:
        terminal.say(f"有 {bad} 行不能处理，见输出中带 error 的行。")
        sys.exit(2)
