"""Leave one plan out: an index whose bank, and a model whose training, hold nothing of it.

The lexicon of everyday words and the few numbers of fusion and support stay as they are.
Models are kept by hash of all that makes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from corpus.bank import BankQuestion, plan_of, read_bank, write_bank
from corpus.ingest import Corpus, read_corpus
from eval.questions import Question
from eval.systems import EngineSystem
from index.build import build
from index.embedding import load_encoder
from index.enrich import by_rule
from index.expansion import everyday
from index.folder import IndexFolder
from index.retriever import Weights
from index.training.base import CACHE, Base, first_stage
from index.training.folder import CARD
from index.training.recipe import Recipe
from index.training.second import digest, fingerprint
from rag.engine import Engine

OWN_WORDS = ("citizen", "spoken", "plain", "nickname")


class LeaveOneOut:
    """A system that answers each question with the engine that was left without its plan."""

    def __init__(self, systems: Mapping[str, EngineSystem]) -> None:
        self._systems = systems

    def answer(self, question: Question) -> tuple[dict[str, Any], float | None]:
        """See `System`."""
        return self._systems[plan_of(question.gold[0])].answer(question)

    def hits(self, question: Question) -> tuple[str, ...]:
        """See `System`."""
        return self._systems[plan_of(question.gold[0])].hits(question)


class Rest:
    """What is left when a plan's questions go: a bank, a model trained on it, an index of both.

    `enriched` gives the plan the questions that a rule makes (`index.enrich`), as an
    operator would for a new district's plan.
    """

    def __init__(
        self,
        sources: Path,
        bank: Path,
        data: Path,
        cache: Path = CACHE,
        *,
        enriched: bool = False,
        recipe: Recipe | None = None,
    ) -> None:
        self._recipe = recipe or Recipe()
        self._built: set[str] = set()
        self._base: Base | None = None  # made when first needed, then shared by all plans
        self._sources, self._data, self._cache, self._enriched = sources, data, cache.expanduser(), enriched
        self._corpus: Corpus = read_corpus(sources)
        self._plans = {entry.plan.id: entry.plan for entry in self._corpus.plans}
        ids = {record.id for record in self._corpus.records}
        self._bank = read_bank(bank, list(self._plans), ids)

    def engine(self, plan: str, weights: Weights) -> Engine:
        """An engine over the index without the questions of `plan`; trained where it is not kept.

        Raises:
            TrainingDataError: the texts that the first stage needs are not there.
        """
        written = _without(self._bank, plan)
        lent = by_rule(plan, self._corpus.records, written, self._plans, everyday()) if self._enriched else []
        return self._engine([*written, *lent], plan, weights)

    def _engine(self, questions: Sequence[BankQuestion], name: str, weights: Weights) -> Engine:
        """An engine over `questions`, with a model trained on the written ones; built once a `name`."""
        model = self._model([question for question in questions if question.written])
        kept = self._cache / f"rest-{digest([model.name, *map(repr, questions)])}"
        bank, index = kept / "bank", kept / "index"
        if name not in self._built:
            write_bank(bank, questions)
            build(index, self._sources, bank, model)
            self._built.add(name)
        return Engine(IndexFolder(index).open(load_encoder(model), weights))

    def fifth(self) -> tuple[Engine, list[Question]]:
        """An engine without a fifth of the questions in people's own words, and that fifth.

        What is held out is chosen by the question's hash, so it is the same every time.
        """
        written = [question for question in self._bank if question.written]
        held = [q for q in written if q.register in OWN_WORDS and _number(q.question) % 5 == 0]
        out = {question.question for question in held}
        engine = self._engine([q for q in written if q.question not in out], "fifth", Weights())
        asked = [
            Question(f"held-{n}", "complaint", q.question, q.register, gold=q.ids) for n, q in enumerate(held)
        ]
        return engine, asked

    def _model(self, bank: Sequence[BankQuestion]) -> Path:
        from index.training.__main__ import finish, stages  # torch: seconds

        key = fingerprint(self._data, bank, self._corpus.records, self._recipe)
        folder = self._cache / f"model-{key}"
        if not (folder / CARD).is_file():  # written last
            with stages(Console(stderr=True)) as stage:
                self._base = self._base or first_stage(self._data, self._recipe, self._cache, stage)
                finish(self._base, folder, self._recipe, bank, self._corpus.records, stage)
        return folder


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _without(bank: Sequence[BankQuestion], plan: str) -> list[BankQuestion]:
    """The questions at home elsewhere, without what they say of `plan`."""
    rest = [replace(q, ids=tuple(i for i in q.ids if plan_of(i) != plan)) for q in bank if q.plan != plan]
    return [question for question in rest if question.ids]
