"""Clauses of a record's text, and the one that says what was asked. Spans are exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.normal import normal
from corpus.types import Measure, Record
from rag.coverage import Topic
from rag.figures import DATED, figures, states_amount

_SENTENCE = re.compile(r"[^。；;\n]+[。；;\n]?")
WHOLE = 90  # a text of at most this many characters is quoted whole
ANNOUNCES = 24  # characters up to which a sentence of prose announces what follows
WORTH = 2  # characters of the topic that a further sentence must add
FIGURE_WORTH = 4  # what a figure is worth, in such characters
LIKE_WORTH = 8  # what a cosine of one is worth, in such characters
Likeness = Callable[[Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Clause:
    """`text` is an exact span of the record's text that begins at `start`."""

    text: str
    start: int


def sentences(text: str) -> list[Clause]:
    """The sentences of `text` (cut after 。 ； ;), stripped, as exact spans."""
    return list(_cut(text))


@lru_cache(maxsize=4096)
def _cut(text: str) -> tuple[Clause, ...]:
    found = []
    for match in _SENTENCE.finditer(text):
        words = match.group().strip()
        if words:
            found.append(Clause(words, match.start() + match.group().index(words[0])))
    return tuple(found)


def best(
    text: str, topic: Topic | str, *, figure: bool = False, most: int = 3, like: Likeness | None = None
) -> list[Clause]:
    """The sentences of `text` that answer `topic`, in print order, at most `most`.

    First the one that holds most of it (with `figure`, one that holds a figure is
    preferred; with `like`, one that is near to it in meaning), then those that hold what the
    ones before lack. A short text comes whole.
    """
    clauses = sentences(text)
    if len(clauses) <= 1 or (len(text) <= WHOLE and most > 1):
        return clauses
    wanted = Topic(topic) if isinstance(topic, str) else topic
    near = like([clause.text for clause in clauses]) if like else [0.0] * len(clauses)
    holds = [
        (wanted.held(normal(clause.text)), LIKE_WORTH * max(cosine, 0), clause)
        for clause, cosine in zip(clauses, near, strict=True)
    ]
    chosen: list[Clause] = []
    covered: frozenset[int] = frozenset()
    while holds and len(chosen) < most:
        gains = [
            len(in_topic - covered)
            + liked
            + (FIGURE_WORTH if figure and in_topic and states_amount(clause.text) else 0)
            for in_topic, liked, clause in holds
        ]
        at = max(range(len(gains)), key=gains.__getitem__)
        in_topic, _, clause = holds.pop(at)
        if chosen and len(in_topic - covered) < WORTH:
            break
        chosen.append(clause)
        covered |= in_topic
    return sorted(chosen, key=lambda clause: clause.start)


def with_what_follows(text: str, clauses: list[Clause]) -> list[Clause]:
    """`clauses`; after one that only announces (加强餐饮油烟VOCs管控。) what the text says of it."""
    every = sentences(text)
    found = dict.fromkeys(clauses)
    for clause in clauses:
        at = every.index(clause)
        if len(clause.text) <= ANNOUNCES and not states_amount(clause.text):
            found |= dict.fromkeys(every[at + 1 : at + 2])
    return sorted(found, key=lambda clause: clause.start)


def says_figure(record: Record, topic: Topic) -> bool:
    """Whether the sentence of `record` that holds most of `topic` holds a figure."""
    if isinstance(record, Measure) and record.target is not None:
        return states_amount(record.target)
    return any(states_amount(clause.text) for clause in best(record.text, topic, most=1, figure=True))


def says_in_unit(record: Record, topic: Topic, units: Sequence[str]) -> bool:
    """Whether the sentence of `record` that holds most of `topic` states an amount in one of `units`."""
    if not units:
        return False
    clauses = best(record.text, topic, most=1, figure=True)
    if DATED.issuperset(units):  # 几月底前: whatever sentence on it states the date
        clauses = [c for c in sentences(record.text) if topic.held(normal(c.text))]
    return any(figure.unit in units for clause in clauses for figure in figures(clause.text))


def with_target(record: Record) -> str:
    """What states amounts in a record: its text and, of an indicator, its target."""
    target = getattr(record, "target", None)
    return f"{record.text}|{target}" if target else record.text


def trimmed(clause: str) -> str:
    """A clause without the stop at its end."""
    return clause.rstrip("。；;，, \n")


def blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text` with blanks in place of `spans`, as long as before."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
