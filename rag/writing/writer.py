"""Who words an answer. Routes have chosen the evidence and quoted it; a model may put it in its own words.

Every sentence of a model is held until it is whole, its numbers become measures, and it is checked
against them. One that fails is mended once by the model, which is told what lacks support, when it has
written the rest; or the plan's own sentence stands for it. What the model passes over is quoted behind
it. Where nothing of the model's stands, the quoting answer is given whole. Lists, counts, duties,
refusals and a yes or no are the store's: no model words them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from corpus.normal import normal
from corpus.types import Passage
from rag.answer import EXTRACTIVE, Statement, Writing
from rag.coverage import Topic
from rag.figures import dates, documents, figures, names, without_labels
from rag.routes.wording import joined_labels
from rag.scan_words import tallied
from rag.writing.check import Checker
from rag.writing.draft import Draft
from rag.writing.model import ChatModel, Limits
from rag.writing.prompt import ANSWER, answering
from rag.writing.session import Session, originals

QUOTED_BEHIND = 3  # measures passed over that are quoted; more are counted with their labels
_CALENDAR = re.compile(r"[年月日季]")
_NAMED = re.compile(r"(?<=“)[^”]+(?=”)|(?<=属于)[^，。]+")
RETOLD = 0.6  # share of a quoted sentence's words that the model's must hold to have said it


class Writer(Protocol):
    """Words drafts. `name` is `extractive`, `transformers:…` or `openai:…`."""

    name: str

    def words(self, draft: Draft) -> bool:
        """Whether `write` would say it otherwise than the draft does."""
        ...

    def write(self, draft: Draft, checker: Checker, writing: Writing) -> Iterator[Statement]:
        """The statements of the answer, each as soon as it may leave; `writing` counts them."""
        ...


class Extractive:
    """Leaves every draft as it is: the plans' own sentences."""

    name = EXTRACTIVE

    def words(self, draft: Draft) -> bool:
        """See `Writer`."""
        return False

    def write(self, draft: Draft, checker: Checker, writing: Writing) -> Iterator[Statement]:
        """See `Writer`."""
        yield from draft.reply.statements


class ModelWriter:
    """A language model words drafts, and code checks each sentence before it leaves."""

    def __init__(self, model: ChatModel, limits: Limits | None = None) -> None:
        self.model = model
        self.name = model.name
        self._limits = limits or Limits()

    def words(self, draft: Draft) -> bool:
        """See `Writer`."""
        return bool(draft.worded)

    def write(self, draft: Draft, checker: Checker, writing: Writing) -> Iterator[Statement]:
        """See `Writer`."""
        if not self.words(draft):
            yield from draft.reply.statements
            return
        told: list[Statement] = []
        for statement in self._told(draft, checker, writing, told):
            told.append(statement)
            yield statement

    def _told(
        self, draft: Draft, checker: Checker, writing: Writing, told: Sequence[Statement]
    ) -> Iterator[Statement]:
        """What is said, in order; `told` grows with what has left."""
        statements, worded = draft.reply.statements, draft.worded
        yield from statements[: statements.index(worded[0])]
        records = checker.store.get(dict.fromkeys(i for s in worded for i in s.citations))
        store, most = checker.store, self._limits.tokens
        request = answering(draft.question, draft.reading, records, store, self.model, most, draft.ranked)
        writing.prompt, writing.left_out = ANSWER, len(request.left_out)
        session = Session(self.model, self._limits, draft, request, checker, writing)
        if request.shown:
            yield from session.sentences(told)
        else:
            writing.stopped = "依据太长，放不进模型的上下文"
        if not any(s.writer == self.name for s in told):
            writing.fallback = writing.stopped or "模型没有写出有依据的句子"
            yield from (session.marked(s) for s in statements if s not in told)
            return
        yield from session.in_place(told)
        yield from self._passed_over(draft, checker, writing, told)
        yield from (s for s in statements if s not in worded and s not in told)

    def _passed_over(
        self, draft: Draft, checker: Checker, writing: Writing, told: Sequence[Statement]
    ) -> list[Statement]:
        """What the model has not said of the draft: quoted, or if that is much, counted with labels."""
        own = [s for s in told if s.writer == self.name]
        quoted = originals(told)
        lacking = [s for s in draft.worded if s not in quoted and not _says(own, s, draft)]
        cited = {i for s in told for i in s.citations}
        ids = list(dict.fromkeys(i for s in lacking for i in s.citations))
        writing.added += len(ids)
        if len(ids) <= QUOTED_BEHIND or cited.issuperset(ids):
            return lacking
        rest = checker.store.get(i for i in ids if i not in cited)
        unit = "段" if any(isinstance(record, Passage) for record in rest) else "条"
        labels = joined_labels([record.id for record in rest], checker.store)
        said = f"另有相关内容{tallied(rest, checker.store.plans, unit)}，上文未写，请看原文{labels}。"
        counted = Statement(said, "computed", tuple(record.id for record in rest), tally=True)
        return [*(s for s in lacking if cited.issuperset(s.citations)), counted]


def _says(own: Sequence[Statement], original: Statement, draft: Draft) -> bool:
    """Whether the model's statements say what `original` does of its record.

    They must cite it, state its figures and dates and what it names, and, unless it is one of many
    in a summary, hold `RETOLD` of its words. 持续开展 is a date only where a deadline is asked for.
    """
    of_it = [without_labels(s.text) for s in own if set(original.citations) <= set(s.citations)]
    if not of_it:
        return False
    said, text = normal("\n|".join(of_it)), without_labels(original.text)
    timed = draft.reply.route == "deadline" or "deadline" in draft.reading.aspects
    words = [word for word in dates(text) if timed or _CALENDAR.search(word)]
    words += [*names(text), *documents(text), *map(normal, _NAMED.findall(text))]
    if not (set(figures(said)).issuperset(figures(text)) and all(word in said for word in words)):
        return False
    topic = Topic(normal(text))
    return draft.reply.route == "summary" or topic.share(topic.held(said)) >= RETOLD
