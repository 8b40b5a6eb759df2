"""Share of an answer's statements whose figures, dates, names and departments stand in what they cite.

Judged again from the JSON alone, so that it holds for any system's answers.
"""

from __future__ import annotations

from typing import Any

from eval.metrics.case import Case, Metric
from rag.answer import Statement
from rag.figures import figures
from rag.grounding import Grounding


def share(case: Case) -> float | None:
    """Share of the statements that are grounded; None where there is none."""
    statements = case.answer.get("statements", [])
    if not statements or case.grounding is None:
        return None
    return sum(_grounded(statement, case, case.grounding) for statement in statements) / len(statements)


def _grounded(statement: dict[str, Any], case: Case, grounding: Grounding) -> bool:
    cited = tuple(statement["citations"])
    if statement["kind"] == "computed":  # the scan is not in the JSON: the number must be that of the ids
        return any(figure.value == len(set(cited)) for figure in figures(statement["text"]))
    try:
        made = Statement(statement["text"], statement["kind"], cited)
        return not grounding.problems(made, "\n".join([case.question.question, *case.question.history]))
    except KeyError:
        return False  # an id that no record has


GROUNDED = Metric("grounded", "有据", share)
