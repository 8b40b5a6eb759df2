"""What a person sees in a terminal. rich is imported here, when something is shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from corpus.normal import printable
from corpus.types import STATUS_WORDS, source_words
from rag.answer import INSTEAD
from rag.listing import roles_in_words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from eval.faults import Judged
    from eval.tuning import Learnt
    from index.progress import Progress
    from index.recommended import Recommended


def say(message: str) -> None:
    """One line for the person at the terminal, beside the output."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def emit(document: dict[str, Any]) -> None:
    """One JSON object on one line of the output."""
    sys.stdout.write(printable(json.dumps(document, ensure_ascii=False)) + "\n")
    sys.stdout.flush()


def console(*, stderr: bool = False) -> Console:
    """The output, or what stands beside it, as a rich console."""
    from rich.console import Console

    return Console(highlight=False, markup=False, stderr=stderr)


def show_answer(answer: dict[str, Any]) -> None:
    """A panel with the answer and a table of its citations."""
    from rich import box
    from rich.panel import Panel
    from rich.table import Table

    out = console()
    title = "未能回答" if answer["refused"] else "可指多件事" if answer["clarify"] else "答复"
    if "understood" in answer:
        out.print(f"按“{answer['understood']}”理解", style="dim", markup=False)
    out.print(Panel(_shown(answer), title=title, border_style="yellow" if answer["refused"] else "green"))
    if "table" in answer:
        _show_comparison(answer["table"])
    if answer["suggestions"]:
        out.print("还可以问：" + "  ".join(answer["suggestions"]), style="dim", markup=False)
    if "reading" in answer:
        out.print_json(data=answer["reading"], ensure_ascii=False)
    if not answer["citations"]:
        return
    table = Table(box=box.SIMPLE, title="引用", title_justify="left", show_lines=True)
    for heading in ("编号", "标签", "状态", "原文", "出处"):
        table.add_column(heading, overflow="fold")
    for cited in answer["citations"]:
        source = source_words(cited["source"])
        table.add_row(cited["id"], cited["label"], STATUS_WORDS[cited["status"]], cited["quote"], source)
    out.print(table)


def _shown(answer: dict[str, Any]) -> str:
    """The answer's text; of one that a model has worded also who wrote it and what was replaced."""
    if "writing" not in answer:
        return str(answer["answer"])
    text = str(answer["answer"])
    for statement in answer["statements"]:
        if "replaced" in statement:
            text = text.replace(statement["text"], INSTEAD + statement["text"], 1)
    return f"{text}\n（{answer['writing']['note'].rstrip('。')}）"


def _show_comparison(compared: dict[str, Any]) -> None:
    table = _table(*compared["columns"])
    for row in compared["rows"]:
        table.add_row(*row)
    console().print(table)


def show_hits(hits: Sequence[dict[str, Any]]) -> None:
    """A table of search results."""
    table = _table("编号", "标签", "分数", "原文")
    for hit in hits:
        table.add_row(hit["id"], hit["label"], f"{hit['score']:.4f}", hit["quote"])
    console().print(table)


def show_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """A table of list rows."""
    table = _table("编号", "工作措施", "完成时限", "部门")
    for row in rows:
        table.add_row(row["id"], row["text"], row["deadline"] or row["target"] or "", roles_in_words(row))
    console().print(table)


def show_record(row: dict[str, Any], plan_title: str, lines: Sequence[str]) -> None:
    """One record in full, with its source lines."""
    from rich.table import Table

    out = console()
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    status = STATUS_WORDS[row["status"]]
    for name, value in (
        ("编号", row["id"]),
        ("标签", row["label"]),
        ("计划", plan_title if status in plan_title else f"{plan_title}（{status}）"),
        ("章节", " / ".join(row["path"])),
        ("重点任务", row["task"]),
        ("类别", row["category"]),
        ("原文", row["text"]),
        ("完成时限", row["deadline"]),
        ("年终目标", row["target"]),
        ("部门", roles_in_words(row)),
        ("推定", "；".join(row.get("inferred", []))),
    ):
        if value:
            table.add_row(name, value)
    out.print(table)
    for line in lines:
        out.print(line)


def _table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_lines=True)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


@contextmanager
def progress(total: int, title: str) -> Iterator[Progress]:
    """A progress bar on the terminal; yields what hears of each step, and of what is done of it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        begun = 0

        def hear(step: str, records: int = 0) -> None:
            nonlocal begun
            if records:
                bar.update(task, description=f"{title} {step} {records:,} 条")
                return
            bar.update(task, completed=begun, description=f"{title} {step}")
            begun += 1

        yield hear
        bar.update(task, completed=total, description=title)


def show_report(report: dict[str, Any], seconds: float, folder: str) -> None:
    """The summary of an ingest report."""
    table = _table("计划", "任务", "措施", "段落", "职责", "合并牵头/主责", "推定")
    plans = report["plans"]
    for plan in plans:
        numbers = [plan[key] for key in ("tasks", "measures", "passages", "duties")]
        counts = [len(plan["merged_lead_responsible"]), len(plan["inferred"])]
        table.add_row(plan["plan"], *(str(number) for number in numbers + counts))
    out = console()
    out.print(table)
    total = {key: sum(plan[key] for plan in plans) for key in ("measures", "passages", "sentences", "gaps")}
    out.print(
        f"共 {total['measures']} 条措施、{total['passages']} 个段落（{total['sentences']} 句，"
        f"原文缺失 {total['gaps']} 处），用时 {seconds:.2f} 秒。"
    )
    show_bank(plans)
    for plan in plans:
        for note in plan["inferred"]:
            out.print(f"  推定：{note}")
    for name in report["unknown_departments"]:
        out.print(f"  词表里没有的部门（按原样保留）：{name}", style="yellow")
    out.print(f"索引：{folder}")


def show_bank(plans: list[dict[str, Any]]) -> None:
    """Which plans have how many questions, by who made them, and records without any."""
    table = _table("计划", "编写", "规则生成", "模型生成", "没有问题的条目")
    for plan in plans:
        by = plan["questions"]["by"]
        models = sum(count for made, count in by.items() if made.startswith("model:"))
        numbers = (by.get("written", 0), by.get("rule", 0), models, len(plan["questions"]["records_without"]))
        table.add_row(plan["plan"], *map(str, numbers))
    console().print(table)


def show_learnt(title: str, figure: str, names: Sequence[str], now: Sequence[float], learnt: Learnt) -> None:
    """Numbers learnt beside those in the code, and how they do."""
    table = _table(title, "现用", "学到")
    for name, old, new in zip(names, now, learnt.numbers, strict=True):
        table.add_row(name, f"{old:g}", f"{new:g}")
    out = console()
    out.print(table)
    done = f"五折交叉验证 {learnt.held_out:.3f}，全部 {learnt.all:.3f}；现用 {learnt.now:.3f}"
    out.print(f"{learnt.questions} 题，{figure}：{done}")


def show_figures(results: dict[str, Any]) -> None:
    """The figures of a benchmark beside their goals."""
    table = _table("量测", "中位数", "最小", "最大", "次数", "目标")
    for figure in results["figures"]:
        numbers = (figure[key] for key in ("median", "min", "max"))
        shown = [f"{number:g} {figure['unit']}" for number in numbers]
        table.add_row(figure["name"], *shown, str(figure["runs"]), figure["goal"])
    out = console()
    out.print(f"机器：{results['machine']}")
    out.print(table)


@contextmanager
def counted(total: int, title: str) -> Iterator[Callable[[], None]]:
    """A progress bar; yields what to call as each piece of work is done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def show_scores(record: dict[str, Any]) -> None:
    """The table of a benchmark: metrics by configuration, the headline by category."""
    configs = record["configs"]
    table = _table("指标", *(config["name"] for config in configs), "题数")
    for name, first in configs[0]["metrics"].items():
        values = [config["metrics"][name]["all"] for config in configs]
        table.add_row(f"{first['title']} {name}", *map(_number, values), str(first["n"]))
    out = console()
    out.print(table)
    by_category = _table("类别", *(config["name"] for config in configs), "题数")
    for category, first in configs[0]["metrics"]["headline"]["by_category"].items():
        scores = [config["metrics"]["headline"]["by_category"][category]["value"] for config in configs]
        by_category.add_row(category, *map(_number, scores), str(first["n"]))
    out.print(by_category)
    show_differences(record["comparisons"])


def show_models(models: Sequence[Recommended], here: set[str]) -> None:
    """Recommended models with what they need."""
    from rich import box
    from rich.table import Table

    from index.recommended import PURPOSES

    table = Table(box=box.SIMPLE)
    for heading in ("用途", "模型", "内存GB", "4位", "许可", "本机"):
        table.add_column(heading, no_wrap=True)
    for model in models:
        whole, four = (f"{size:.1f}" for size in model.memory_gb)
        if model.purpose != "chat":
            four = ""
        here_too = "已有" if model.name in here else ""
        table.add_row(PURPOSES[model.purpose], model.name, whole, four, model.licence, here_too)
    console(stderr=True).print(table)


def show_judged(rows: Sequence[Judged]) -> None:
    """How the check of a model's sentences does, by split and kind of fault."""
    table = _table("集", "句子", "句数", "通过", "通过率")
    for row in rows:
        share = row.passed / row.count if row.count else None
        table.add_row(row.split, row.fault, str(row.count), str(row.passed), _number(share))
    console().print(table)


def show_peers(configs: Sequence[dict[str, Any]]) -> None:
    """Retrieval and speed beside the usual pipeline."""
    table = _table("指标", *(config["name"] for config in configs))
    for name in ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10", "latency_p50"):
        table.add_row(name, *(_number(config["metrics"][name]["all"]) for config in configs))
    five = [config["metrics"].get("chunks@5", config["metrics"]["recall@5"]) for config in configs]
    table.add_row("前 5 块含应引", *(_number(metric["all"]) for metric in five))
    console().print(table)


def show_differences(rows: Sequence[dict[str, Any]]) -> None:
    """Paired differences with their intervals."""
    if not rows:
        return
    table = _table("指标", "从", "到", "差", "95% 区间", "题数")
    for row in rows:
        interval = f"[{row['low']:+.3f}, {row['high']:+.3f}]"
        table.add_row(row["metric"], row["a"], row["b"], f"{row['difference']:+.3f}", interval, str(row["n"]))
    console().print(table)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
