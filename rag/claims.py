"""Whether a record bears out an amount that a question claims: unit, bound and clause decide."""

from __future__ import annotations

import re
from typing import Literal

from corpus.normal import normal
from rag.coverage import Topic
from rag.figures import Figure, figures
from rag.spans import sentences

Verdict = Literal["true", "false"]
HELD = 0.5  # share of the topic that a sentence must hold to contradict a claim
APART = 0.15  # how much more of the topic a clause must hold than another to be the one in point
_PIECE = re.compile(r"[^,，、:：]+")
_BRACKETS = re.compile(r"\([^()]*\)")
_COUNTERS = frozenset("个处家座项块轮次株棵户条根")
_UPWARD = frozenset(
    (
        "不低于",
        "不少于",
        "不小于",
        "高于",
        "多于",
        "大于",
        "超过",
        "超",
        "至少",
        "最少",
        "最低",
        "以上",
        "及以上",
        "余",
    )
)
_DOWNWARD = frozenset(
    ("不高于", "不超过", "不大于", "低于", "少于", "小于", "至多", "最多", "最高", "以下", "及以下", "以内")
)


def same_unit(one: str, other: str) -> bool:
    """Whether two units count the same: 微克 is short for 微克/立方米, 个 stands for any counter."""
    if one == other or not one or not other:
        return True
    if {one, other} <= _COUNTERS:
        return "个" in (one, other)
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")


def same_amount(claimed: Figure, stated: Figure) -> bool:
    """Whether the amounts are one, with whatever bound."""
    return claimed.value in (stated.value, stated.top) and same_unit(claimed.unit, stated.unit)


def judged(text: str, topic: str, claimed: Figure) -> Verdict | None:
    """Whether `text` says that `topic` has the amount `claimed`; None where code cannot tell.

    Of the amounts in that unit those count whose clause holds most of the topic. Where they
    differ, as in 分别低于140吨、210吨, or state another kind of bound, nothing is decided.
    """
    found = _in_point(text, Topic(topic), claimed)
    if not found:
        return None
    verdicts = {_compared(claimed, stated) for stated in found}
    return verdicts.pop() if len(verdicts) == 1 else None


def _in_point(text: str, topic: Topic, claimed: Figure) -> list[Figure]:
    """The amounts of the claimed unit in the clauses that hold most of the topic."""
    candidates: list[tuple[float, float, Figure]] = []
    for sentence in sentences(text):
        form = _BRACKETS.sub("", normal(sentence.text))
        if "分别" in form:
            continue  # which amount is whose is not told by where it stands
        whole = topic.share(topic.held(form))
        for piece in _PIECE.findall(form):
            stated = [f for f in figures(piece) if same_unit(claimed.unit, f.unit) and f.unit != "年"]
            candidates += [(whole, topic.share(topic.held(piece)), figure) for figure in stated]
    most = max((whole for whole, _, _ in candidates), default=0.0)
    if most < HELD:
        return []
    candidates = [entry for entry in candidates if entry[0] >= most]
    nearest = max(part for _, part, _ in candidates)
    return [figure for _, part, figure in candidates if part > nearest - APART]


def _compared(claimed: Figure, stated: Figure) -> Verdict | None:
    if claimed.top is not None or stated.top is not None:
        return "true" if (claimed.value, claimed.top) == (stated.value, stated.top) else None
    if claimed.value != stated.value:
        return "false"
    asked, said = _direction(claimed), _direction(stated)
    if asked and said:
        return "true" if asked == said else "false"
    return None if asked else "true"


def _direction(figure: Figure) -> str:
    bounds = {figure.before, figure.after}
    return "up" if bounds & _UPWARD else "down" if bounds & _DOWNWARD else ""
