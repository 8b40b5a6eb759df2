"""What a metric sees, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from corpus.normal import normal
from eval.questions import Question
from rag.grounding import Grounding


@dataclass(frozen=True, slots=True)
class Case:
    """A question with a system's answer in the contract's shape and its ranked hits.

    A question that the system did not answer has the empty answer: it never lifts a mean.
    `grounding` checks statements against the records that they cite.
    """

    question: Question
    answer: dict[str, Any]
    hits: tuple[str, ...] = ()
    grounding: Grounding | None = None

    @property
    def cited(self) -> set[str]:
        """The ids that the answer cites."""
        return {citation["id"] for citation in self.answer.get("citations", [])}

    @property
    def refused(self) -> bool:
        """Whether the answer is a refusal."""
        return bool(self.answer.get("refused"))

    @property
    def text(self) -> str:
        """The answer's text, normalised."""
        return normal(self.answer.get("answer", ""))


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure between 0 and 1 for one case, or None where the case is not its business."""

    name: str
    title: str
    score: Callable[[Case], float | None]
