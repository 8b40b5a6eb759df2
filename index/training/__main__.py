"""`python -m index.training --data DIR --out DIR`: train the embedding model that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from index.training.folder import save_model
from index.training.pairs import Mix, PairSampler
from index.training.recipe import Recipe
from index.training.texts import read_texts
from index.training.vocabulary import grow_tokenizer, token_ids

_DEFAULT = Recipe()


def train(data: Path, out: Path, recipe: Recipe, console: Console) -> None:
    """Train a model on `data`/text and write it into `out`.

    Raises:
        TrainingDataError: a text file is missing or broken.
        ValueError: the texts and the recipe do not fit each other.
    """
    from index.training.contrast import train_vectors  # torch: seconds, after bad input is told

    rng = np.random.default_rng(recipe.seed)
    with console.status("读取文本"):
        texts = read_texts(data)
    console.log(f"{len(texts.titles):,} 篇，{len(texts.sentences):,} 句")
    with console.status("生成分词器"):
        chosen = rng.permutation(len(texts.sentences))[: recipe.sample]
        tokenizer = grow_tokenizer([texts.sentences[i] for i in chosen], recipe.vocab)
    console.log(f"{tokenizer.get_vocab_size():,} 个词")
    with console.status("切分文本"):
        sampler = PairSampler(
            token_ids(tokenizer, texts.sentences),
            texts.documents,
            token_ids(tokenizer, texts.titles),
            Mix(recipe.around, recipe.titles),
            rng,
        )
    progress = Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("损失 {task.fields[loss]:.3f}"),
        console=console,
    )
    with progress:
        task = progress.add_task("训练向量", total=recipe.steps, loss=float("nan"))
        vectors = train_vectors(
            recipe,
            tokenizer.get_vocab_size(),
            sampler.draw,
            lambda loss: progress.update(task, advance=1, loss=loss),
        )
    facts = {"sentences": len(texts.sentences), "documents": len(texts.titles)}
    save_model(out, tokenizer, vectors, recipe, facts)
    console.log(f"模型已写入 {out}")


def main(
    data: Annotated[Path, typer.Option(help="含 text/laws.jsonl.gz 和 text/reports.jsonl.gz 的目录")],
    out: Annotated[Path, typer.Option(help="写模型的目录")],
    seed: Annotated[int, typer.Option(min=0)] = _DEFAULT.seed,
    vocab: Annotated[int, typer.Option(min=2, help="分词器最多多少个词")] = _DEFAULT.vocab,
    dims: Annotated[int, typer.Option(min=1, help="向量维数")] = _DEFAULT.dims,
    steps: Annotated[int, typer.Option(min=1, help="训练多少批")] = _DEFAULT.steps,
    batch: Annotated[int, typer.Option(min=2, help="一批多少对")] = _DEFAULT.batch,
    threads: Annotated[int, typer.Option(min=1, help="用几个处理器核")] = _DEFAULT.threads,
) -> None:
    """训练问策自带的静态向量模型：分词器和词向量，全部来自公开的法规和报告。"""  # noqa: D415 - the Chinese help
    recipe = Recipe(seed=seed, vocab=vocab, dims=dims, steps=steps, batch=batch, threads=threads)
    console = Console(stderr=True)
    try:
        train(data, out, recipe, console)
    except ValueError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
