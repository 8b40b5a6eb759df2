"""Whether a record holds enough of what was asked to answer it: a learnt linear rule."""

from __future__ import annotations

import math
from dataclasses import dataclass

from index.retriever import Hit

# What each feature counts, and what their sum must reach (a logistic regression on the dev
# split, on outside-dev, the calls that no plan answers, and on a fifth of the bank that index and
# training had not seen: `wence eval tune --data DIR`).
NAMES = (
    "held by the text",
    "held with its questions",
    "cosine",
    "question's cosine",
    "BM25",
    "length",
)
WEIGHTS = (0.0, 3.4, 2.0, 1.9, 1.0, 3.2)
ENOUGH = 8.4
LONG = 20  # characters of a topic above which its length says nothing more
OVERVIEW = 1.0  # what an overview, which shows what there is, takes off it
CONCERNED = 1.0  # what a department that the question names takes off it
FEW = 6  # a topic of so few that the text holds whole is what the text is about
ALIKE = 0.5  # cosine of a question of the bank that makes its words count as the text's own


@dataclass(frozen=True, slots=True)
class Match:
    """How a record meets a topic.

    `covered` is the share of the topic's characters that its text holds, `together` that of its
    text and the bank's questions that it answers (without a bank the text speaks for both);
    `concerned` says that a department which the question names has a part in it.
    """

    topic: str
    hit: Hit
    covered: float
    together: float
    concerned: bool = False

    @property
    def length(self) -> int:
        """Characters of the topic."""
        return len(self.topic) - self.topic.count(" ")

    @property
    def features(self) -> tuple[float, ...]:
        """In the order of `NAMES`."""
        hit = self.hit
        return (
            self.covered,
            self.together,
            hit.cosine,
            max(hit.asked_cosine, hit.cosine),
            math.log1p(max(hit.asked, hit.words)),
            min(self.length, LONG) / LONG,
        )

    @property
    def worth(self) -> float:
        """The weighted sum of the features, which must reach `ENOUGH`."""
        worth = 0.0
        for weight, feature in zip(WEIGHTS, self.features, strict=True):
            worth += weight * feature
        return worth

    @property
    def whole(self) -> bool:
        """Whether a short topic is held whole."""
        return self.covered >= 1 and self.length <= FEW

    @property
    def supports(self) -> bool:
        """Whether the record holds enough of it: a short one whole, or else by the learnt rule."""
        with_questions = self.together >= 1 and self.length <= FEW and self.hit.asked_cosine >= ALIKE
        return self.whole or with_questions or self.worth >= ENOUGH - CONCERNED * self.concerned

    @property
    def near(self) -> bool:
        """Whether the record is about the matter at all, as an overview of it asks."""
        return self.supports or self.worth >= ENOUGH - OVERVIEW
