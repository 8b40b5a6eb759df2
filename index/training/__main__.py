"""`python -m index.training --data DIR --out DIR`: train the embedding model that ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpus.bank import BUNDLED_BANK, BankQuestion, read_bank
from corpus.ingest import read_corpus
from corpus.types import Record
from index.training.base import CACHE, Base, first_stage
from index.training.base import Progress as StageProgress
from index.training.folder import save_model
from index.training.recipe import Recipe
from index.training.second import second_stage

_DEFAULT = Recipe()


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    console: Console,
    bank: Sequence[BankQuestion] = (),
    records: Sequence[Record] = (),
    cache: Path = CACHE,
) -> None:
    """Train a model on `data`/text and on `bank`, whose answers stand in `records`; write it into `out`.

    What a run that was cut has left in `cache` is gone on with.

    Raises:
        TrainingDataError: a text file is missing or broken.
        ValueError: the texts and the recipe do not fit each other.
    """
    with stages(console) as stage:
        base = first_stage(data, recipe, cache.expanduser(), stage)
        finish(base, out, recipe, bank, records, stage)
    console.log(f"{base.facts}；问题库 {len(bank):,} 个问题；模型已写入 {out}")


def finish(
    base: Base,
    out: Path,
    recipe: Recipe,
    bank: Sequence[BankQuestion],
    records: Sequence[Record],
    stage: StageProgress,
) -> None:
    """Take `base` through the second stage and write the model into `out`."""
    vectors = second_stage(base, bank, records, recipe, stage)
    save_model(out, base.tokenizer, vectors, recipe, {**base.facts, "questions": len(bank)})


@contextmanager
def stages(console: Console) -> Iterator[StageProgress]:
    """Progress bars: a stage's name and number of steps give what hears each loss."""
    columns = (MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("损失 {task.fields[loss]:.3f}"))
    with Progress(*Progress.get_default_columns()[:2], *columns, console=console) as progress:

        def stage(name: str, steps: int) -> Callable[[float], None]:
            task = progress.add_task(name, total=steps, loss=float("nan"))
            return lambda loss: progress.update(task, advance=1, loss=loss)

        yield stage


def main(
    data: Annotated[Path, typer.Option(help="含 text/laws.jsonl.gz 和 text/reports.jsonl.gz 的目录")],
    out: Annotated[Path, typer.Option(help="写模型的目录")],
    bank: Annotated[Path, typer.Option(help="问题库目录")] = BUNDLED_BANK,
    cache: Annotated[Path, typer.Option(help="存放中间结果的目录；中断后再运行会接着做")] = CACHE,
    seed: Annotated[int, typer.Option(min=0)] = _DEFAULT.seed,
    vocab: Annotated[int, typer.Option(min=2, help="分词器最多多少个词")] = _DEFAULT.vocab,
    dims: Annotated[int, typer.Option(min=1, help="向量维数")] = _DEFAULT.dims,
    steps: Annotated[int, typer.Option(min=1, help="官方文本训练多少批")] = _DEFAULT.steps,
    batch: Annotated[int, typer.Option(min=2, help="官方文本一批多少对")] = _DEFAULT.batch,
    bank_steps: Annotated[
        int, typer.Option(min=0, help="问题库训练多少批；0 只用官方文本")
    ] = _DEFAULT.bank_steps,
    bank_batch: Annotated[int, typer.Option(min=2, help="问题库一批多少个问题")] = _DEFAULT.bank_batch,
    bank_rate: Annotated[float, typer.Option(min=0, help="问题库的学习率")] = _DEFAULT.bank_rate,
    threads: Annotated[int, typer.Option(min=1, help="用几个处理器核")] = _DEFAULT.threads,
) -> None:
    """训练问策自带的静态向量模型：先学公开的法规和报告，再学问题库。"""  # noqa: D415 - the Chinese help
    recipe = Recipe(
        seed=seed,
        vocab=vocab,
        dims=dims,
        steps=steps,
        batch=batch,
        bank_steps=bank_steps,
        bank_batch=bank_batch,
        bank_rate=bank_rate,
        threads=threads,
    )
    console = Console(stderr=True)
    corpus = read_corpus()
    records = {record.id: record for record in corpus.records}
    try:
        read = read_bank(bank, [entry.plan.id for entry in corpus.plans], records)
        asked = [question for question in read if question.written]
        train(data, out, recipe, console, asked, list(records.values()), cache)
    except ValueError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
