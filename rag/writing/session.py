"""One generation for one draft: its sentences judged as they come, and mended when it is done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.normal import normal
from index.errors import ModelError
from rag.answer import Statement, Writing
from rag.figures import without_labels
from rag.writing.check import Checker
from rag.writing.draft import Draft
from rag.writing.model import ChatModel, Clock, Limits, Run, SlowError, timely
from rag.writing.prompt import Request, repairing
from rag.writing.sentences import Cutter, Sentence

log = logging.getLogger("wence.writing")
SAME_AGAIN = 3  # repeated sentences at which a model is taken to run in circles
REPAIR_TOKENS = 200
PROBLEMS_KEPT = 20
CHARACTERS = 8  # of a token at most: a server that does not keep to the limit is left


class Session:
    """One generation for one draft, and the repairs that it needs."""

    def __init__(
        self,
        model: ChatModel,
        limits: Limits,
        draft: Draft,
        request: Request,
        checker: Checker,
        writing: Writing,
    ) -> None:
        self._model, self._limits = model, limits
        self._draft, self._request, self._checker, self._writing = draft, request, checker, writing
        self._clock = Clock(limits, draft.started, writing.first_s)
        self._run = Run(cancelled=draft.cancelled)
        self._failed: list[tuple[Sentence, list[str]]] = []  # and what is wrong with them

    def sentences(self, told: Sequence[Statement]) -> Iterator[Statement]:
        """The model's sentences that may leave, those last that it had to mend.

        It ends early, and says why, where the model fails. `told` grows with what has left.
        """
        try:
            for sentence in self._written():
                statement = self._judged(sentence, told)
                if statement is not None:
                    yield statement
                if self._writing.repeated >= SAME_AGAIN:
                    self._writing.stopped = "模型在重复同样的话"
                    break
        except ModelError as error:
            log.warning("writer %s: %s", self._model.name, error)
            self._writing.stopped = str(error)
        except Exception:  # whatever a model or its server says, the answer is given
            log.exception("writer %s", self._model.name)
            self._writing.stopped = "模型的答复无法处理"
        finally:
            self._run.stop.set()
            self._count(self._run)
        for failed in list(self._failed):
            statement = None if self._writing.stopped else self._mended(*failed, told)
            if statement is not None:
                self._failed.remove(failed)
                self._writing.repaired += 1
                self._clock.sentence()
                yield statement
            else:
                known = any(self._cited(failed[0]) & set(s.citations) for s in self._draft.worded)
                self._writing.replaced += known
                self._writing.dropped += not known
        if self._writing.first_s is None:
            self._writing.first_s = self._clock.first

    def in_place(self, told: Sequence[Statement]) -> list[Statement]:
        """The plan's own sentences on what the failed ones cite, marked; those that have not been said."""
        said = originals(told)
        return [m for s in self._draft.worded if s not in said and (m := self.marked(s)).replaced]

    def marked(self, statement: Statement) -> Statement:
        """`statement` of the draft, with what was wrong with the model's sentence that it stands for."""
        about = [
            problem
            for sentence, problems in self._failed
            if statement in self._draft.worded and self._cited(sentence) & set(statement.citations)
            for problem in problems
        ]
        return replace(statement, replaced="；".join(dict.fromkeys(about)))

    def _written(self) -> Iterator[Sentence]:
        """The whole sentences of the stream."""
        cutter, received = Cutter(), 0
        if self._clock.left() <= 0:  # the question before this one in the same breath has used it up
            raise SlowError("时间已用完")
        stream = self._model.stream(self._request.messages, self._limits.tokens, self._run)
        for piece in timely(stream, self._run, self._clock.left):
            received += len(piece)
            yield from cutter.feed(piece)
            if self._clock.left() <= 0:
                raise SlowError("模型没有在限定的时间内写完")
            if received > CHARACTERS * self._limits.tokens:
                raise ModelError("模型写得太长")
        yield from cutter.finish(cut=self._run.cut)

    def _judged(self, sentence: Sentence, told: Sequence[Statement]) -> Statement | None:
        """The statement that a sentence makes; None where it says nothing new or fails."""
        counts = self._writing
        if sentence.introduces:
            return None
        counts.sentences += 1
        if self._said_before(sentence, told):
            counts.repeated += 1
            counts.dropped += 1
            return None
        statement, problems = self._check(sentence, told)
        if statement is None:
            self._failed.append((sentence, problems))
            counts.problems.append(f"{sentence.text[:60]}：{'；'.join(problems)}")
            del counts.problems[PROBLEMS_KEPT:]
            return None
        counts.supported += 1
        self._clock.sentence()
        return statement

    def _check(self, sentence: Sentence, told: Sequence[Statement]) -> tuple[Statement | None, list[str]]:
        question = self._draft.question
        return self._checker.checked(sentence, self._request.shown, self._model.name, told, question)

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
            log.warning("repair by %s: %s", self._model.name, error)
        finally:
            self._count(run)
        if not found or self._said_before(found[0], told):
            return None
        return self._check(found[0], told)[0]

    def _cited(self, sentence: Sentence) -> set[str]:
        shown = self._request.shown
        return {shown[n - 1].id for n in sentence.among(len(shown))}

    def _said_before(self, sentence: Sentence, told: Sequence[Statement]) -> bool:
        """Whether the same has been said of the same measures."""
        text, cited = normal(sentence.text), self._cited(sentence)
        return any(text in normal(without_labels(s.text)) and cited <= set(s.citations) for s in told)

    def _count(self, run: Run) -> None:
        self._writing.tokens += run.tokens
        self._writing.model_s += run.seconds


def originals(told: Sequence[Statement]) -> list[Statement]:
    """What has been said, as the draft has it."""
    return [replace(s, replaced="") for s in told]
