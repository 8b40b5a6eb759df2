"""What the answer says: strings, figures, departments; and the headline, all together."""

from __future__ import annotations

import re

from corpus.normal import normal
from eval.metrics.case import Case, Metric
from eval.metrics.citations import list_exact
from eval.metrics.refusals import clarified
from eval.questions import EXACT

_DIGIT = re.compile(r"\d")


def _says(case: Case, group: tuple[str, ...]) -> bool:
    """Whether one of the alternatives stands in the answer; a figure never inside a longer one."""
    for text in map(normal, group):
        before = r"(?<![0-9.])" if text[:1].isdigit() else ""
        after = r"(?![0-9]|\.[0-9])" if text[-1:].isdigit() else ""
        if re.search(before + re.escape(text) + after, case.text):
            return True
    return False


def _share(case: Case, groups: list[tuple[str, ...]]) -> float | None:
    if case.question.refuse or not groups:
        return None
    said = [_says(case, group) for group in groups]
    return sum(said) / len(said)


def groups(case: Case) -> float | None:
    """Share of the answer groups that are matched."""
    return _share(case, list(case.question.answers))


def figures(case: Case) -> float | None:
    """Share of the answer groups with a figure that are matched."""
    return _share(case, [group for group in case.question.answers if _DIGIT.search("".join(group))])


def duties(case: Case) -> float | None:
    """Whether the departments of each role asked for are given exactly.

    Those of records that may be cited besides gold neither count nor harm.
    """
    if not case.question.departments:
        return None
    given = [d for d in case.answer.get("departments", []) if d.get("citation") not in case.question.also]
    return float(
        all(
            set(names) == {d["as_printed"] for d in given if d["role"] == role}
            for role, names in case.question.departments.items()
        )
    )


def reasons(case: Case) -> list[str]:
    """Why the answer is not right, in Chinese; empty where it is."""
    question = case.question
    if question.refuse:
        return [] if case.refused else ["应拒答而作答"]
    if case.refused:
        return ["能答而拒答"]
    found = []
    missing = [record for record in question.gold if record not in case.cited]
    if missing and not clarified(case):
        found.append(f"没有引用 {'、'.join(missing)}")
    if question.category in EXACT and list_exact(case) != 1.0:
        extra = sorted(case.cited - {*question.gold, *question.also})
        found.append(f"多引了 {'、'.join(extra)}" if extra else "清单不全")
    found += [f"没有说“{'/'.join(g)}”" for g in question.answers if not _says(case, g)]
    if duties(case) == 0.0:
        found.append("部门或角色不对")
    found += [f"说了“{text}”" for text in question.wrong if _says(case, (text,))]
    return found


HEADLINE = Metric("headline", "答对且引全", lambda case: float(not reasons(case)))
METRICS = (
    Metric("answers", "要点", groups),
    Metric("figures", "数字", figures),
    Metric("duties", "部门角色", duties),
)
