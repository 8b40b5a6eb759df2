"""Share of an answer's statements whose figures, dates, names and departments stand in what they cite.

Judged again from the JSON alone, so that it holds for any system's answers.
"""

from __future__ import annotations

import re
from typing import Any

from eval.metrics.case import Case, Metric
from rag.answer import Statement
from rag.grounding import Grounding

_SENTENCE_END = re.compile(r"[。！？；]")
_BLANK = re.compile(r"\s")


def share(case: Case) -> float | None:
    """Share of the sentences said that are grounded; None for a refusal, 0 for no answer.

    A statement counts once; a sentence of the answer that stands in no statement is not grounded.
    """
    if case.refused or case.grounding is None:
        return None
    statements = case.answer.get("statements", [])
    loose = _loose(case, "".join(statement["text"] for statement in statements))
    if not (statements or loose):
        return 0.0
    held = sum(stands(statement, case, case.grounding) for statement in statements)
    return held / (len(statements) + loose)


def _loose(case: Case, stated: str) -> int:
    """How many sentences of the answer stand in no statement."""
    said = _BLANK.sub("", stated)
    text = _BLANK.sub("", str(case.answer.get("answer", "")))
    return sum(part not in said for part in _SENTENCE_END.split(text))


def stands(statement: dict[str, Any], case: Case, grounding: Grounding) -> bool:
    """Whether a statement of the JSON is borne out by what it cites."""
    cited = tuple(statement["citations"])
    try:
        if statement["kind"] == "computed":  # the scan is not in the JSON: the ids are taken as found
            return not grounding.recomputed(statement["text"], cited)
        made = Statement(statement["text"], statement["kind"], cited)
        return not grounding.problems(made, "\n".join([case.question.question, *case.question.history]))
    except KeyError:
        return False  # an id that no record has


GROUNDED = Metric("grounded", "有据", share)
