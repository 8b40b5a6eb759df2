"""Who words an answer. Routes have chosen the evidence and quoted it; a model may put it in its own words.

Every sentence of a model is held until it is whole, its numbers become measures, and it is checked
against them. One that fails is mended once by the model, which is told what lacks support, or the
plan's own sentence stands in its place. What the model passes over is quoted behind it. Where nothing
of the model's stands, the quoting answer is given whole. Lists, counts, duties, refusals and a yes or
no are the store's: no model words them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Protocol

from corpus.normal import normal
from corpus.types import Passage
from index.errors import ModelError
from rag.answer import EXTRACTIVE, Reply, Statement, Writing
from rag.coverage import Topic
from rag.figures import dates, documents, figures, names, without_labels
from rag.reading import Reading
from rag.routes.wording import joined_labels
from rag.scan_words import tallied
from rag.writing.check import Checker
from rag.writing.model import ChatModel, Clock, Limits, Run, SlowError, timely
from rag.writing.prompt import ANSWER, Request, answering, repairing
from rag.writing.sentences import Cutter, Sentence

log = logging.getLogger("wence.writing")
WORDED = ("fact", "deadline", "summary", "compare")  # the routes whose sentences a model may word
QUOTED_BEHIND = 3  # measures passed over that are quoted; more are counted with their labels
_CALENDAR = re.compile(r"[年月日季]")
_NAMED = re.compile(r"(?<=“)[^”]+(?=”)|(?<=属于)[^，。]+")
RETOLD = 0.6  # share of a quoted sentence's words that the model's must hold to have said it
SAME_AGAIN = 3  # repeated sentences at which a model is taken to run in circles
REPAIR_TOKENS = 200
PROBLEMS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as the routes have composed and grounded it, before anybody words it anew.

    `ranked` gives the ids that a search for the question finds, best first. Once `cancelled` is set
    nobody waits for the answer any more; it was asked for when the monotonic clock said `started`.
    """

    question: str
    reading: Reading
    reply: Reply
    ranked: Callable[[], Sequence[str]]
    cancelled: Event = field(default_factory=Event)
    started: float = field(default_factory=time.monotonic)

    @property
    def worded(self) -> tuple[Statement, ...]:
        """The statements that a model may put in its own words: none of departments, none computed."""
        if self.reply.route not in WORDED or self.reply.clarify:
            return ()
        return tuple(s for s in self.reply.statements if s.kind == "quoted" and not s.departments)


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
        writing.prompt, writing.left_out = ANSWER, writing.left_out + len(request.left_out)
        if request.shown:
            yield from _Session(self, draft, request, checker, writing).sentences(told)
        else:
            writing.stopped = "依据太长，放不进模型的上下文"
        if not any(s.writer == self.name for s in told):
            writing.fallback = writing.stopped or "模型没有写出有依据的句子"
            yield from (s for s in statements if s not in _originals(told))
            return
        yield from self._passed_over(draft, checker, writing, told)
        yield from (s for s in statements if s not in worded and s not in told)

    def _passed_over(
        self, draft: Draft, checker: Checker, writing: Writing, told: Sequence[Statement]
    ) -> list[Statement]:
        """What the model has not said of the draft: quoted, or if that is much, counted with labels."""
        own = [s for s in told if s.writer == self.name]
        quoted = _originals(told)
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


class _Session:
    """One generation for one draft, and the repairs that it needs."""

    def __init__(
        self, writer: ModelWriter, draft: Draft, request: Request, checker: Checker, writing: Writing
    ) -> None:
        self._model, self._name, self._limits = writer.model, writer.name, writer._limits
        self._draft, self._request, self._checker, self._writing = draft, request, checker, writing
        self._clock = Clock(self._limits, draft.started, writing.first_s)
        self._run = Run(cancelled=draft.cancelled)

    def sentences(self, told: Sequence[Statement]) -> Iterator[Statement]:
        """Statements for the sentences of the model; ends early, and says why, where it fails."""
        try:
            for sentence in self._written():
                yield from self._judged(sentence, told)
                if self._writing.repeated >= SAME_AGAIN:
                    self._writing.stopped = "模型在重复同样的话"
                    break
        except ModelError as error:
            log.warning("writer %s: %s", self._name, error)
            self._writing.stopped = str(error)
        finally:
            self._run.stop.set()
            self._count(self._run)
            if self._writing.first_s is None:
                self._writing.first_s = self._clock.first

    def _written(self) -> Iterator[Sentence]:
        """The whole sentences of the stream."""
        cutter = Cutter()
        if self._clock.left() <= 0:  # the question before this one in the same breath has used it up
            raise SlowError("时间已用完")
        stream = self._model.stream(self._request.messages, self._limits.tokens, self._run)
        for piece in timely(stream, self._run, self._clock.left):
            yield from cutter.feed(piece)
            if self._clock.left() <= 0:
                raise SlowError("模型没有在限定的时间内写完")
        yield from cutter.finish(cut=self._run.cut)

    def _judged(self, sentence: Sentence, told: Sequence[Statement]) -> Iterator[Statement]:
        """What leaves for one sentence: itself, mended, the plan's own in its place, or nothing."""
        counts = self._writing
        counts.sentences += 1
        if sentence.introduces:
            counts.dropped += 1
            return
        if self._said_before(sentence, told):
            counts.repeated += 1
            counts.dropped += 1
            return
        statement, problems = self._check(sentence, told)
        if statement is not None:
            counts.supported += 1
        else:
            if len(counts.problems) < PROBLEMS_KEPT:
                counts.problems.append(f"{sentence.text[:60]}：{'；'.join(problems)}")
            statement = self._mended(sentence, problems, told)
            counts.repaired += statement is not None
        if statement is not None:
            self._clock.sentence()
            yield statement
            return
        instead = self._in_place(sentence, problems, told)
        counts.replaced += bool(instead)
        counts.dropped += not instead
        yield from instead

    def _check(self, sentence: Sentence, told: Sequence[Statement]) -> tuple[Statement | None, list[str]]:
        return self._checker.checked(sentence, self._request.shown, self._name, told, self._draft.question)

    def _mended(
        self, sentence: Sentence, problems: Sequence[str], told: Sequence[Statement]
    ) -> Statement | None:
        """The sentence as the model mends it, told what is wrong; None where that fails, too."""
        run, cutter = Run(cancelled=self._draft.cancelled), Cutter()
        messages = repairing(sentence, problems, self._request, self._checker.store)
        found: list[Sentence] = []
        try:
            for piece in timely(self._model.stream(messages, REPAIR_TOKENS, run), run, self._clock.left):
                if found := cutter.feed(piece):
                    break
            found = found or cutter.finish(cut=run.cut)
        except ModelError as error:
            log.warning("repair by %s: %s", self._name, error)
        finally:
            self._count(run)
        if not found or self._said_before(found[0], told):
            return None
        return self._check(found[0], told)[0]

    def _cited(self, sentence: Sentence) -> set[str]:
        shown = self._request.shown
        return {shown[n - 1].id for n in sentence.numbers if 1 <= n <= len(shown)}

    def _said_before(self, sentence: Sentence, told: Sequence[Statement]) -> bool:
        """Whether the same has been said of the same measures."""
        text, cited = normal(sentence.text), self._cited(sentence)
        return any(text in normal(without_labels(s.text)) and cited <= set(s.citations) for s in told)

    def _count(self, run: Run) -> None:
        self._writing.tokens += run.tokens
        self._writing.model_s += run.seconds

    def _in_place(
        self, sentence: Sentence, problems: Sequence[str], told: Sequence[Statement]
    ) -> list[Statement]:
        """The plan's own sentences on what a failed one cites, marked; those that have not been said."""
        cited, said = self._cited(sentence), _originals(told)
        return [
            replace(s, replaced="；".join(problems))
            for s in self._draft.worded
            if cited & set(s.citations) and s not in said
        ]


def _originals(told: Sequence[Statement]) -> list[Statement]:
    """What has been said, as the draft has it."""
    return [replace(s, replaced="") for s in told]
