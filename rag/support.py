"""Whether a record holds enough of what was asked to answer it: a learnt linear rule."""

from __future__ import annotations

import math

from index.retriever import Hit

# What each feature counts, and what their sum must reach (a logistic regression on the dev
# split, on outside-dev, the calls that no plan answers, and on a fifth of the bank that index and
# training had not seen: `wence eval tune --data DIR`).
NAMES = ("held by the text", "held with its questions", "cosine", "question's cosine", "BM25", "length")
WEIGHTS = (0.0, 3.4, 2.0, 1.9, 1.0, 3.2)
ENOUGH = 8.4
LONG = 20  # characters of a topic above which its length says nothing more
OVERVIEW = 1.0  # what an overview, which shows what there is, takes off it
CONCERNED = 1.0  # what a department that the question names takes off it
FEW = 6  # a topic of so few that the text holds whole is what the text is about
ALIKE = 0.5  # cosine of a question of the bank that makes its words count as the text's own


def features(topic: str, hit: Hit, covered: float, together: float) -> tuple[float, ...]:
    """The features of a record found for `topic`, in the order of `NAMES`.

    `covered` is the share of the topic's characters that its text holds, `together` that of
    its text and the bank's questions that it answers. Without a bank the text speaks for both.
    """
    length = min(len(topic.replace(" ", "")), LONG) / LONG
    near = max(hit.asked_cosine, hit.cosine)
    return covered, together, hit.cosine, near, math.log1p(max(hit.asked, hit.words)), length


def supports(topic: str, hit: Hit, covered: float, together: float, *, concerned: bool = False) -> bool:
    """Whether the record holds enough of `topic`: a short one whole, or else by the learnt rule.

    `concerned` says that a department which the question names has a part in it.
    """
    if whole(topic, covered) or (whole(topic, together) and hit.asked_cosine >= ALIKE):
        return True
    return worth(topic, hit, covered, together) >= ENOUGH - CONCERNED * concerned


def worth(topic: str, hit: Hit, covered: float, together: float) -> float:
    """The weighted sum of the features, which must reach `ENOUGH`."""
    found = features(topic, hit, covered, together)
    return sum(w * f for w, f in zip(WEIGHTS, found, strict=True))


def near(topic: str, hit: Hit | None, covered: float, together: float) -> bool:
    """Whether the record is about the matter at all, as an overview of it asks."""
    return hit is not None and worth(topic, hit, covered, together) >= ENOUGH - OVERVIEW


def whole(topic: str, covered: float) -> bool:
    """Whether a short topic is held whole."""
    return covered >= 1 and len(topic.replace(" ", "")) <= FEW
