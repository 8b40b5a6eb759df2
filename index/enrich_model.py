"""Questions for a plan without a bank, by a language model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Any

from corpus.bank import REGISTERS, BankQuestion
from corpus.bank_rules import key, problems
from corpus.described import described
from corpus.normal import printable
from corpus.types import Plan, Record

PROMPT = Path(__file__).parent / "prompts" / "enrich-v1.txt"
COUNT = 9  # questions asked for a record
_NOT_OURS = (ValueError, LookupError, TypeError, RecursionError)  # what text of another shape raises


def by_model(
    plan: str,
    records: Sequence[Record],
    plans: Mapping[str, Plan],
    model: str,
    complete: Callable[[str], str],
    known: Sequence[BankQuestion] = (),
) -> Iterator[tuple[list[BankQuestion], list[str]]]:
    """For each record of `plan`: all questions so far, and in words what was left out of its answer.

    Records that `known` has questions of this model for are passed over: a run that was cut
    goes on. `complete` gives the whole answer of `model` to a prompt. What the validator of
    the bank refuses is left out; a question that answers two records stands once with both.

    Raises:
        ModelError: `complete` fails.
    """
    template = Template(PROMPT.read_text(encoding="utf-8"))
    by_id = {record.id: record for record in records}
    made = f"model:{model}"
    found = {key(question.question): question for question in known if question.made == made}
    done = {i for question in found.values() for i in question.ids}
    for record in records:
        if record.plan != plan:
            continue
        left_out: list[str] = []
        if record.id not in done:
            answer = complete(template.substitute(count=COUNT, record=described(record)))
            for n, line in enumerate(_lines(answer), start=1):
                where = f"{record.id} 第{n}行"
                question = _question(line, record, made, where)
                if question is None:
                    left_out.append(f"{where}：不是约定的格式：{printable(line[:40])}")
                elif wrong := problems([question], by_id, plans.values(), complete=False):
                    left_out += wrong
                else:
                    before = found.setdefault(key(question.question), question)
                    both = tuple(dict.fromkeys((*before.ids, record.id)))
                    found[key(question.question)] = replace(before, ids=both)
        yield list(found.values()), left_out


def _lines(answer: str) -> list[str]:
    """The lines of an answer that hold something; the fence and brackets of a list around them are none."""
    lines = (line.strip().removesuffix(",") for line in answer.splitlines())
    return [line for line in lines if line and line not in ("[", "]") and not line.startswith("```")]


def _question(line: str, record: Record, made: str, where: str) -> BankQuestion | None:
    try:
        entry: Any = json.loads(line)
        text, register = entry["question"], entry["register"]
    except _NOT_OURS:
        return None
    if not isinstance(text, str) or not text.strip() or register not in REGISTERS:
        return None
    return (
        None if printable(text) != text else BankQuestion(text.strip(), register, (record.id,), made, where)
    )
