"""The question bank: what people ask, written by reading the records that answer it.

One JSON-lines file a plan, `PLAN.jsonl`, and `PLAN.machine.jsonl` for what a rule or a
model made. A line: `question`, `register`, `ids` (the record it was written for first,
then every other that answers it as asked), and `made` where a machine made it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from corpus.lines import objects

BUNDLED_BANK = Path(__file__).parent / "questions"
MACHINE = ".machine"

Register = Literal["official", "plain", "citizen", "keywords", "nickname", "figure", "spoken"]
REGISTERS: tuple[str, ...] = get_args(Register)
WRITTEN, RULE = "written", "rule"
_FIELDS = {"question", "register", "ids", "made"}


class BankError(ValueError):
    """A bank file that cannot be used; names file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question and the records that answer it, its home first.

    `made` is `written`, `rule` or `model:NAME`; `where` the file and line it stands in.
    """

    question: str
    register: str
    ids: tuple[str, ...]
    made: str = WRITTEN
    where: str = ""

    @property
    def written(self) -> bool:
        """Whether it was written, not made by a machine."""
        return self.made == WRITTEN

    @property
    def plan(self) -> str:
        """The plan of its home."""
        return plan_of(self.ids[0])


def plan_of(record_id: str) -> str:
    """The plan in a record's id."""
    return record_id.partition("/")[0]


def bank_files(folder: Path, plans: Iterable[str]) -> list[Path]:
    """The files of `plans` that stand in `folder`, in the order of the plans."""
    names = [name for plan in plans for name in (f"{plan}.jsonl", f"{plan}{MACHINE}.jsonl")]
    return [folder / name for name in names if (folder / name).is_file()]


def read_bank(
    folder: Path, plans: Collection[str], records: Collection[str] | None, changed: Collection[str] = ()
) -> tuple[BankQuestion, ...]:
    """The questions at `plans`, each with those of its ids that belong to them.

    `records` are the ids that the corpus holds; None where they are not known yet (see `check_ids`). A plan
    without a file has no questions; an id of a plan that is not among `plans` is left out of the question
    that carries it, and so are all ids of a plan whose text has `changed` since they were asked.

    Raises:
        BankError: the folder is missing, a line is wrong, or an id has no record.
    """
    if not folder.is_dir():
        raise BankError(f"找不到问题库文件夹：{folder}")
    found = []
    for path in bank_files(folder, plans):
        for question in read_bank_file(path):
            here = tuple(i for i in question.ids if plan_of(i) in plans and plan_of(i) not in changed)
            if here or not changed:
                found.append(replace(question, ids=here))
    if records is not None:
        check_ids(found, records)
    return tuple(found)


def check_ids(bank: Iterable[BankQuestion], records: Collection[str]) -> None:
    """Make sure that the corpus, whose ids are `records`, holds every record that is asked for.

    Raises:
        BankError: an id has no record.
    """
    for question in bank:
        if strange := [i for i in question.ids if i not in records]:
            raise BankError(f"{question.where}：语料里没有 {'、'.join(strange)}")


def read_bank_file(path: Path) -> list[BankQuestion]:
    """The questions of one file; every home belongs to the plan that the file is named for.

    Raises:
        BankError: with file, line and field, at the first that is wrong.
    """
    stem = path.name.removesuffix(".jsonl")
    plan, by_machine = stem.removesuffix(MACHINE), stem.endswith(MACHINE)
    questions = [_question(entry, where) for entry, where in objects(path, BankError)]
    for question in questions:
        if question.plan != plan:
            raise BankError(f"{question.where}：ids 的第一个 {question.ids[0]} 不属于 {plan}")
        if by_machine == question.written:
            must = "要写明 made" if by_machine else f"机器生成的（made）应放在 {plan}{MACHINE}.jsonl"
            raise BankError(f"{question.where}：{must}")
    return questions


def write_bank(folder: Path, questions: Iterable[BankQuestion]) -> None:
    """Write `questions` into `folder` (made here): a file a plan, machine-made ones apart.

    Each file appears in one step; files of other plans stay.

    Raises:
        BankError: a file cannot be written.
    """
    files: dict[str, list[str]] = {}
    for q in questions:
        name = f"{q.plan}{'' if q.written else MACHINE}.jsonl"
        entry = {"question": q.question, "register": q.register, "ids": list(q.ids)}
        if not q.written:
            entry["made"] = q.made
        files.setdefault(name, []).append(json.dumps(entry, ensure_ascii=False) + "\n")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, lines in files.items():
            fresh = folder / f"{name}.new"
            fresh.write_text("".join(lines), encoding="utf-8")
            fresh.replace(folder / name)
    except OSError as problem:
        raise BankError(f"写不了 {folder}：{problem.strerror}；请把 WENCE_BANK 指到可写的文件夹") from None


def _question(entry: dict[str, Any], where: str) -> BankQuestion:
    unknown = entry.keys() - _FIELDS
    if unknown:
        raise BankError(f"{where}：不认识的字段 {'、'.join(sorted(unknown))}")
    text, register, ids = entry.get("question"), entry.get("register"), entry.get("ids")
    if not isinstance(text, str) or not text.strip():
        raise BankError(f"{where}：字段 question 应是非空的字符串")
    if register not in REGISTERS:
        raise BankError(f"{where}：字段 register 应是 {'、'.join(REGISTERS)} 之一")
    if not isinstance(ids, list) or not ids or not all(isinstance(i, str) and "/" in i for i in ids):
        raise BankError(f"{where}：字段 ids 应是记录编号的列表，不能空")
    if len(set(ids)) < len(ids):
        raise BankError(f"{where}：字段 ids 有重复")
    made = entry.get("made", WRITTEN)
    if not isinstance(made, str) or not (made in (WRITTEN, RULE) or re.fullmatch(r"model:.+", made)):
        raise BankError(f"{where}：字段 made 应是 {WRITTEN}、{RULE} 或 model:模型名")
    return BankQuestion(text.strip(), register, tuple(ids), made, where)
