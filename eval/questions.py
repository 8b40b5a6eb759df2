"""The benchmark's questions: JSON lines, one question a line, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.lines import QuestionFileError, read_lines

BUNDLED = Path(__file__).parent / "questions"
CATEGORIES = (
    "fact", "indicator", "five-year", "duty", "complaint", "nickname", "deadline", "list", "count", "compare",
    "summary", "yesno", "outline", "follow-up", "ambiguous", "other-district", "unanswerable",
)  # fmt: skip
EXACT = ("list", "count")  # the cited set must be the gold set
ROLES = ("lead", "responsible", "assisting", "lead_responsible")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what a right answer holds.

    `gold` are the ids that a complete answer must cite, `also` further ids that it may.
    `answers` are groups of alternatives, one of each must stand in the answer;
    `departments` the names as printed by role, where they are asked; `wrong` strings that
    make an answer wrong. `refuse`: the corpus does not answer it; `clarify`: it fits
    several things, which are to be offered or asked back. `notes` is for whoever keeps the file
    (where a question comes from, what is to be done about it); nothing is judged by it.
    """

    id: str
    category: str
    question: str
    register: str = "plain"
    history: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    answers: tuple[tuple[str, ...], ...] = ()
    departments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    refuse: bool = False
    clarify: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a file.

    Raises:
        QuestionFileError: with file, line and field, at the first that is wrong.
    """
    return tuple(read_lines(path, _question, "问题").values())


def _question(entry: dict[str, Any], where: str) -> tuple[str, Question]:
    unknown = entry.keys() - Question.__dataclass_fields__.keys()
    if unknown:
        raise QuestionFileError(f"{where}：不认识的字段 {'、'.join(sorted(unknown))}")
    for name in ("id", "category", "question", "register"):
        value = entry.get(name, "plain" if name == "register" else None)
        if not isinstance(value, str) or not value.strip():
            raise QuestionFileError(f"{where}：字段 {name} 应是非空的字符串")
    if entry["category"] not in CATEGORIES:
        raise QuestionFileError(f"{where}：字段 category 应是 {'、'.join(CATEGORIES)} 之一")
    departments = _of(entry, "departments", dict, where)
    if not departments.keys() <= set(ROLES):
        raise QuestionFileError(f"{where}：字段 departments 的角色应是 {'、'.join(ROLES)}")
    question = Question(
        id=entry["id"],
        category=entry["category"],
        question=entry["question"],
        register=entry.get("register", "plain"),
        history=_texts(entry, "history", where),
        gold=_texts(entry, "gold", where),
        also=_texts(entry, "also", where),
        answers=tuple(_group(group, where) for group in _of(entry, "answers", list, where)),
        departments={role: _texts(departments, role, where) for role in departments},
        wrong=_texts(entry, "wrong", where),
        refuse=_of(entry, "refuse", bool, where),
        clarify=_of(entry, "clarify", bool, where),
        notes=_of(entry, "notes", dict, where),
    )
    if not question.refuse and not question.gold:
        raise QuestionFileError(f"{where}：字段 gold 不能空；语料答不了的问题请写 refuse: true")
    return question.id, question


def _of(entry: dict[str, Any], name: str, kind: type, where: str) -> Any:
    value = entry.get(name, kind())
    if not isinstance(value, kind):
        words = {list: "列表", dict: "对象", bool: "true 或 false"}[kind]
        raise QuestionFileError(f"{where}：字段 {name} 应是{words}")
    return value


def _texts(entry: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise QuestionFileError(f"{where}：字段 {name} 应是非空字符串的列表")
    if len(set(value)) < len(value) and name != "history":
        raise QuestionFileError(f"{where}：字段 {name} 有重复")
    return tuple(value)


def _group(group: Any, where: str) -> tuple[str, ...]:
    if not isinstance(group, list) or not group or not all(isinstance(t, str) and t.strip() for t in group):
        raise QuestionFileError(f"{where}：字段 answers 应是列表的列表，每组是可替换的说法")
    return tuple(group)
