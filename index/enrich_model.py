"""Questions for a plan without a bank, by a language model behind an OpenAI-compatible server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any

import httpx

from corpus.bank import REGISTERS, BankQuestion
from corpus.bank_rules import key, problems
from corpus.normal import printable
from corpus.types import ROLE_WORDS, Measure, Plan, Record
from index.errors import ModelError

PROMPT = Path(__file__).parent / "prompts" / "enrich-v1.txt"
COUNT = 9  # questions asked for a record
_NOT_OURS = (ValueError, LookupError, TypeError, RecursionError)  # what text of another shape raises


@dataclass(frozen=True, slots=True)
class ChatServer:
    """An OpenAI-compatible server: `url` ends in /v1; `key` may be empty."""

    model: str
    url: str
    key: str = ""
    timeout_s: float = 120.0

    def complete(self, prompt: str) -> str:
        """The model's whole answer to `prompt`.

        Raises:
            ModelError: the server does not answer, or not in OpenAI's shape.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = {"model": self.model, "messages": [{"role": "user", "content": prompt}], "temperature": 0}
        try:
            with httpx.Client(timeout=self.timeout_s, trust_env=False) as client:
                response = client.post(f"{self.url.rstrip('/')}/chat/completions", json=body, headers=headers)
                response.raise_for_status()
                return str(response.json()["choices"][0]["message"]["content"] or "")
        except (httpx.HTTPError, httpx.InvalidURL, *_NOT_OURS) as error:
            raise ModelError(f"模型服务 {self.url} 没有给出答复：{error}") from error


def by_model(
    plan: str,
    records: Sequence[Record],
    plans: Mapping[str, Plan],
    server: ChatServer,
    known: Sequence[BankQuestion] = (),
) -> Iterator[tuple[list[BankQuestion], list[str]]]:
    """For each record of `plan`: all questions so far, and in words what was left out of its answer.

    Records that `known` has questions of this model for are passed over: a run that was cut
    goes on. What the validator of the bank refuses is left out; a question that answers
    two records stands once with both.

    Raises:
        ModelError: the server fails.
    """
    template = Template(PROMPT.read_text(encoding="utf-8"))
    by_id = {record.id: record for record in records}
    made = f"model:{server.model}"
    found = {key(question.question): question for question in known if question.made == made}
    done = {i for question in found.values() for i in question.ids}
    for record in records:
        if record.plan != plan:
            continue
        left_out: list[str] = []
        if record.id not in done:
            answer = server.complete(template.substitute(count=COUNT, record=_described(record)))
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


def _described(record: Record) -> str:
    """The record as the model reads it: its text and its columns."""
    parts = ["路径：" + " / ".join(record.path), "内容：" + record.text]
    if isinstance(record, Measure):
        parts.append("重点任务：" + record.task)
        named = (("年终目标", record.target), ("时限", record.deadline))
        parts += [f"{name}：{value}" for name, value in named if value]
        parts += [
            f"{word}：{'、'.join(record.names(role))}"
            for role, word in ROLE_WORDS.items()
            if record.names(role)
        ]
    return "\n".join(parts).replace("</条目>", "")


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
