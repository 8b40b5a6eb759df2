"""`wence bank check` and `wence enrich`: the question bank proved, and made for a new plan."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wence import terminal

if TYPE_CHECKING:
    from wence.settings import Settings

app = typer.Typer(name="bank", help="问题库：校验。", no_args_is_help=True)
TOKENS = 1500  # for the questions of one record


@app.callback()
def _group() -> None:
    """A group of commands, though it has one."""


@app.command()
def check() -> None:
    """校验问题库：编号、照抄、重复、句式、数量，以及与评测题是否太像。"""
    from corpus.bank import bank_files, read_bank
    from corpus.bank_rules import near, problems
    from corpus.ingest import read_corpus
    from corpus.library import Library
    from corpus.manifest import read_manifest
    from corpus.report import report
    from eval.questions import BUNDLED, read_questions
    from wence.benchmark import SPLITS
    from wence.settings import read_settings

    settings = read_settings()
    corpus = read_corpus(settings.sources, library=Library(settings.plans))
    records = {record.id: record for record in corpus.records}
    plans = [entry.plan for entry in corpus.plans]
    names = [plan.id for plan in plans]
    changed = Library(settings.plans).register().replaced(read_manifest(settings.sources))
    bank = read_bank(settings.bank, names, records, changed)
    written = [question for question in bank if question.written]
    found = problems(written, records, plans)
    for split in SPLITS:
        asked = {q.id: q.question for q in read_questions(BUNDLED / f"{split}.jsonl")}
        alike = ((q.where, near(q.question, asked)) for q in written)
        found += [f"{where}：与评测题 {other} 太像" for where, other in alike if other]
    for path in sorted({*settings.bank.glob("*.jsonl")} - {*bank_files(settings.bank, names)}):
        terminal.say(f"提示：{path.name} 不属于语料里的任何计划，没有读。")
    for problem in found:
        sys.stdout.write(problem + "\n")
    terminal.show_bank(report(corpus, bank)["plans"])
    terminal.say(f"共 {len(bank)} 个问题，{len(found)} 处不符。")
    if found:
        sys.exit(2)


def enrich(
    plan: Annotated[str, typer.Argument(help="计划编号或简称，例如 hr-green-2026。")],
    writer: Annotated[
        str | None,
        typer.Option("--writer", help="不写按规则生成；transformers:文件夹、openai:模型@地址 由模型生成。"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹；默认是问题库文件夹。")] = None,
) -> None:
    """为还没有问题库的计划生成候选问题（标明是机器生成的），之后运行 wence build 生效。"""
    from corpus.bank import BankError, read_bank, write_bank
    from corpus.ingest import read_corpus
    from corpus.library import Library
    from corpus.manifest import read_manifest
    from index.enrich import by_rule
    from index.enrich_model import by_model
    from index.expansion import everyday
    from wence.settings import read_settings

    settings = read_settings()
    folder = out or settings.bank
    model = _completer(writer, settings) if writer else None
    left_out: list[str] = []
    corpus = read_corpus(settings.sources, library=Library(settings.plans))
    plans = {entry.plan.id: entry.plan for entry in corpus.plans}
    plan = next((known.id for known in plans.values() if known.short == plan), plan)
    if plan not in plans:
        raise BankError(f"没有计划 {plan}；有 {'、'.join(plans)}")
    changed = Library(settings.plans).register().replaced(read_manifest(settings.sources))
    bank = read_bank(settings.bank, list(plans), {record.id for record in corpus.records}, changed)
    by_hand = sum(question.plan == plan and question.written for question in bank)
    if by_hand:
        terminal.say(f"提示：{plan} 已有编写的问题，机器生成的会加在旁边。")
    if model is None:
        made = by_rule(plan, corpus.records, bank, plans, everyday())
        write_bank(folder, made)
    else:
        own = sum(record.plan == plan for record in corpus.records)
        made = []
        with terminal.counted(own, "生成问题") as step:
            for made, refused in by_model(plan, corpus.records, plans, *model, bank):
                left_out += refused
                write_bank(folder, made)  # what is done stays, whatever comes
                step()
    if not made:
        raise BankError(f"没有得到一个能用的问题（{left_out[0] if left_out else '模型没有写'}）")
    for words in left_out:
        terminal.say("未收：" + words)
    said = f"{plan}：机器生成 {len(made)} 个（未收 {len(left_out)} 个），编写的 {by_hand} 个"
    terminal.say(f"{said}。写入 {folder}；请运行 wence build。")


def _completer(writer: str, settings: Settings) -> tuple[str, Callable[[str], str]]:
    """The name of the model that `writer` names, and what gives its whole answer to a prompt.

    Raises:
        ModelError: it names none.
    """
    from index.errors import ModelError
    from rag.writing.load import load_model
    from rag.writing.model import Message, complete
    from wence.wiring import options

    allowed = options(settings)
    model = load_model(writer, settings.models, allowed)
    if model is None:
        raise ModelError("--writer 应写成 transformers:模型文件夹 或 openai:模型@http://地址/v1。")

    def asked(prompt: str) -> str:
        return complete(model, [Message("user", prompt)], TOKENS, allowed.limits.total_s)

    return model.name.partition(":")[2], asked
