"""What a model is worth on public benchmarks: `python -m index.training.measure --help`.

Nothing here is ever trained on. The three sets and their sources stand in the data README:
STS-B (do similar sentences get near vectors), CMRC 2018 (does a question find its passage),
NCP (does a citizen's question on policy find its answer).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from model2vec import StaticModel
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.stats import spearmanr

from index.training.folder import write_figures
from index.training.texts import TrainingDataError

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
QUESTIONS = 2000  # of CMRC and of NCP, the first ones of each file


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: what it was measured on, its name, its value."""

    benchmark: str
    metric: str
    value: float


def sts(file: Path, encode: Encode) -> list[Figure]:
    """Spearman's correlation of cosine and people's score, over lines `a TAB b TAB score`."""
    lines = [line.split("\t") for line in _text(file).splitlines() if line.strip()]
    for number, cells in enumerate(lines, 1):
        if len(cells) != 3:
            raise TrainingDataError(f"{file} 第{number}行：应为 句1 TAB 句2 TAB 分数。")
    cosines = (encode([a for a, _, _ in lines]) * encode([b for _, b, _ in lines])).sum(axis=1)
    rho = spearmanr(cosines, [float(score) for _, _, score in lines]).statistic
    return [Figure(f"{file.stem} ({len(lines):,} pairs)", "Spearman", float(rho))]


def cmrc(file: Path, encode: Encode) -> list[Figure]:
    """Rank of a question's own passage among all passages (SQuAD layout, gzipped)."""
    data = json.loads(gzip.decompress(_found(file).read_bytes()))["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    asked = [(qa["question"], i) for i, p in enumerate(paragraphs) for qa in p["qas"]][:QUESTIONS]
    name = f"CMRC 2018 dev ({len(asked):,} questions, {len(paragraphs):,} passages)"
    return _retrieval(name, asked, [p["context"] for p in paragraphs], encode)


def ncp(file: Path, encode: Encode) -> list[Figure]:
    """Rank of a question's own answer among the distinct answers (columns question, answer)."""
    rows = list(csv.DictReader(_text(file).splitlines(keepends=True), delimiter="\t"))[:QUESTIONS]
    answers = {row["answer"]: 0 for row in rows}
    places = {answer: i for i, answer in enumerate(answers)}
    asked = [(row["question"], places[row["answer"]]) for row in rows]
    name = f"NCP ({len(asked):,} questions, {len(answers):,} answers)"
    return _retrieval(name, asked, list(answers), encode)


def _retrieval(name: str, asked: list[tuple[str, int]], texts: list[str], encode: Encode) -> list[Figure]:
    scores = encode([question for question, _ in asked]) @ encode(texts).T
    gold = scores[np.arange(len(asked)), [place for _, place in asked]]
    ranks = (scores >= gold[:, None]).sum(axis=1)  # a tie counts against the model
    found = [("R@1", np.mean(ranks == 1)), ("MRR", np.mean(1 / ranks))]
    return [Figure(name, metric, float(value)) for metric, value in found]


BENCHMARKS = (
    (sts, "sts-b-dev.txt"),
    (sts, "sts-b-test.txt"),
    (cmrc, "cmrc2018_dev.json.gz"),
    (ncp, "ncp-policies.tsv"),
)


def figures(data: Path, encode: Encode) -> list[Figure]:
    """All figures of `encode` on `data`/public-eval."""
    folder = data / "public-eval"
    rows = track(BENCHMARKS, "测评", console=Console(stderr=True), transient=True)
    return [figure for benchmark, file in rows for figure in benchmark(folder / file, encode)]


def markdown(rows: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [f"| {row.benchmark} | {row.metric} | {row.value:.3f} |" for row in rows]
    return "\n".join(["| benchmark | metric | value |", "|---|---|---|", *lines])


def _found(file: Path) -> Path:
    if not file.is_file():
        raise TrainingDataError(f"找不到测评文件 {file}；--data 应指向含 public-eval/{file.name} 的目录。")
    return file


def _text(file: Path) -> str:
    return _found(file).read_text(encoding="utf-8")


def main(
    data: Annotated[Path, typer.Option(help="含 public-eval/ 的目录")],
    model: Annotated[Path, typer.Option(help="模型目录")],
    write: Annotated[bool, typer.Option(help="把结果写进模型卡 README.md")] = False,
) -> None:
    """在公开测评集上测一个静态向量模型（只测，不训练）。"""  # noqa: D415 - the Chinese help
    if not model.is_dir():
        raise typer.BadParameter(f"没有模型目录 {model}", param_hint="--model")
    static = StaticModel.from_pretrained(model)
    try:
        table = markdown(figures(data, lambda texts: static.encode(list(texts))))
        if write:
            write_figures(model, table)
    except ValueError as error:
        Console(stderr=True).print(f"[red]{error}[/]", soft_wrap=True)
        raise typer.Exit(2) from error
    Console().print(table, markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
