"""The first stage: a tokenizer and vectors from official texts, kept by hash of what made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.training.pairs import Mix, PairSampler
from index.training.recipe import Recipe
from index.training.texts import LAWS, REPORTS, TrainingDataError, read_texts
from index.training.vocabulary import grow_tokenizer, token_ids

CACHE = Path("~/.cache/wence/training")
OF_BASE: tuple[str, ...] = (
    "seed", "vocab", "dims", "steps", "batch", "sample", "around", "titles", "rate", "spread", "temperature",
    "threads",
)  # fmt: skip
_CODE = ("base.py", "contrast.py", "pairs.py", "texts.py", "vocabulary.py")


@dataclass(frozen=True, slots=True)
class Base:
    """What the first stage gives: `vectors` has shape (pieces of `tokenizer`, dimensions).

    `sampler` draws pairs from the same texts; `facts` counts what was read.
    """

    tokenizer: Tokenizer
    vectors: NDArray[np.float32]
    sampler: PairSampler
    facts: dict[str, int]


Progress = Callable[[str, int], Callable[[float], None]]


def first_stage(data: Path, recipe: Recipe, cache: Path, progress: Progress) -> Base:
    """The base of `recipe` on `data`/text; what `cache` holds of it is not made again.

    `progress` is told a stage's name and number of steps and gives what hears each loss.

    Raises:
        TrainingDataError: a text file is missing or broken.
        ValueError: the texts and the recipe do not fit each other.
    """
    texts = read_texts(data)
    kept = cache / f"base-{fingerprint(data, recipe)}"
    kept.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(recipe.seed)
    vocabulary, table = kept / "tokenizer.json", kept / "vectors.npy"
    chosen = rng.permutation(len(texts.sentences))[: recipe.sample]
    if vocabulary.is_file():
        tokenizer = Tokenizer.from_file(str(vocabulary))
    else:
        tokenizer = grow_tokenizer([texts.sentences[i] for i in chosen], recipe.vocab)
        _write(vocabulary, tokenizer.to_str().encode())
    sampler = PairSampler(
        token_ids(tokenizer, texts.sentences),
        texts.documents,
        token_ids(tokenizer, texts.titles),
        Mix(recipe.around, recipe.titles),
        rng,
    )
    facts = {"sentences": len(texts.sentences), "documents": len(texts.titles)}
    if table.is_file():
        return Base(tokenizer, np.load(table), sampler, facts)
    vectors = _trained(tokenizer, sampler, recipe, rng, kept, progress)
    with (kept / "vectors.new").open("wb") as out:
        np.save(out, vectors)
    (kept / "vectors.new").replace(table)
    return Base(tokenizer, vectors, sampler, facts)


def fingerprint(data: Path, recipe: Recipe) -> str:
    """The hash of all that a base depends on: texts, settings, code."""
    digest = hashlib.sha256(json.dumps({name: asdict(recipe)[name] for name in OF_BASE}).encode())
    for file in [data / LAWS, data / REPORTS, *(Path(__file__).parent / name for name in _CODE)]:
        if not file.is_file():
            raise TrainingDataError(f"找不到训练文本 {file}；--data 应指向含 text/{file.name} 的目录。")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _trained(
    tokenizer: Tokenizer,
    sampler: PairSampler,
    recipe: Recipe,
    rng: np.random.Generator,
    kept: Path,
    progress: Progress,
) -> NDArray[np.float32]:
    from index.training.contrast import (  # torch: seconds
        Stage,
        descend,
        pair_loss,
        start_vectors,
        use_threads,
    )

    use_threads(recipe.threads)
    start = start_vectors(tokenizer.get_vocab_size(), recipe.dims, recipe.spread, recipe.seed)
    return descend(
        start,
        lambda vectors: pair_loss(vectors, sampler.draw(recipe.batch), recipe.temperature),
        Stage(recipe.steps, recipe.rate, rng, kept / "checkpoint.pt"),
        progress("官方文本", recipe.steps),
    )


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
