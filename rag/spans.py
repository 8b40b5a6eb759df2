"""Clauses of a record's text, and the one that says what was asked. Spans are exact."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.normal import normal
from rag.evidence import coverage
from rag.figures import figures

_SENTENCE = re.compile(r"[^。；;\n]+[。；;\n]?")
WHOLE = 70  # a text of at most this many characters is quoted whole


@dataclass(frozen=True, slots=True)
class Clause:
    """`text` is an exact span of the record's text that begins at `start`."""

    text: str
    start: int


def sentences(text: str) -> list[Clause]:
    """The sentences of `text` (cut after 。 ； ;), stripped, as exact spans."""
    found = []
    for match in _SENTENCE.finditer(text):
        words = match.group().strip()
        if words:
            found.append(Clause(words, match.start() + match.group().index(words[0])))
    return found


def best(text: str, topic: str, *, figure: bool = False, most: int = 2) -> list[Clause]:
    """The sentences of `text` that answer `topic` best, in print order, at most `most`.

    With `figure`, a sentence that holds a figure is preferred. A short text is one clause.
    """
    clauses = sentences(text)
    if len(text) <= WHOLE or len(clauses) <= 1:
        return [Clause(text.strip(), text.index(text.strip()[0]))]
    scored = []
    for clause in clauses:
        score = coverage(topic, normal(clause.text))
        if figure and figures(clause.text):
            score += 0.35
        scored.append((score, clause))
    top = max(score for score, _ in scored)
    if top <= 0:
        return clauses[:most]
    close = [(score, clause) for score, clause in scored if score >= 0.75 * top and score > 0]
    chosen = sorted(close, key=lambda pair: -pair[0])[:most]
    return sorted((clause for _, clause in chosen), key=lambda clause: clause.start)


def trimmed(clause: str) -> str:
    """A clause without the stop at its end."""
    return clause.rstrip("。；;，, \n")
