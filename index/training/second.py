"""The second stage: the base goes on with the question bank, official texts beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.bank import BankQuestion
from corpus.types import Record
from index.store import searchable
from index.training.base import Base, Progress
from index.training.base import fingerprint as base_fingerprint
from index.training.questions import QuestionSampler
from index.training.recipe import Recipe
from index.training.vocabulary import token_ids

_INDEX = Path(__file__).parents[1]


def fingerprint(data: Path, bank: Sequence[BankQuestion], records: Sequence[Record], recipe: Recipe) -> str:
    """The hash of all that a model depends on: the base, settings, bank, records, code."""
    code = [*(_INDEX / "training").glob("*.py"), _INDEX.parent / "corpus" / "normal.py"]
    code += [_INDEX / name for name in ("sisters.py", "words.py", "store.py")]
    asked = [repr((question.question, question.ids)) for question in bank]
    texts = [searchable(record) for record in records]
    written = [path.read_text(encoding="utf-8") for path in sorted(code)]
    return digest([base_fingerprint(data, recipe), repr(recipe), *asked, *texts, *written])


def digest(parts: Sequence[str]) -> str:
    """A short hash of `parts` in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def second_stage(
    base: Base, bank: Sequence[BankQuestion], records: Sequence[Record], recipe: Recipe, progress: Progress
) -> NDArray[np.float32]:
    """Vectors that put a question near what answers it, shape (pieces, dimensions), ready to ship.

    Without a bank, or with no steps, those of the base.
    """
    from index.training.contrast import Stage, descend, on_grid, pair_loss, question_loss, use_threads

    if not bank or not recipe.bank_steps:
        return on_grid(base.vectors)
    use_threads(recipe.threads)
    rng = np.random.default_rng(recipe.seed + 1)
    base.sampler.rng = np.random.default_rng(recipe.seed + 2)
    asked = QuestionSampler(
        bank,
        records,
        token_ids(base.tokenizer, [question.question for question in bank]),
        token_ids(base.tokenizer, [searchable(record) for record in records]),
        recipe.hard,
        recipe.between,
        rng,
    )
    size = min(recipe.bank_batch, len(bank))
    vectors = descend(
        base.vectors,
        lambda table: (
            question_loss(table, asked.draw(size), recipe.temperature)
            + recipe.official * pair_loss(table, base.sampler.draw(recipe.bank_batch), recipe.temperature)
        ),
        Stage(recipe.bank_steps, recipe.bank_rate, rng),
        progress("问题库", recipe.bank_steps),
    )
    return on_grid(vectors)
