"""Questions for a plan without a bank, by a language model behind an OpenAI-compatible server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import httpx

from corpus.bank import REGISTERS, BankQuestion
from corpus.bank_rules import key, problems
from corpus.types import ROLE_WORDS, Measure, Plan, Record
from index.errors import ModelError

PROMPT = Path(__file__).parent / "prompts" / "enrich-v1.txt"
COUNT = 9  # questions asked for a record


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
                return str(response.json()["choices"][0]["message"]["content"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise ModelError(f"模型服务 {self.url} 没有给出答复：{error}") from error


def by_model(
    plan: str,
    records: Sequence[Record],
    plans: Mapping[str, Plan],
    server: ChatServer,
    told: Callable[[str], None] = lambda record: None,
) -> tuple[list[BankQuestion], list[str]]:
    """Questions for the records of `plan`, and in words what the model wrote that was left out.

    What the validator of the bank refuses is left out; `told` hears each record begun.

    Raises:
        ModelError: the server fails.
    """
    template = Template(PROMPT.read_text(encoding="utf-8"))
    by_id = {record.id: record for record in records}
    found: dict[str, BankQuestion] = {}
    left_out: list[str] = []
    for record in records:
        if record.plan != plan:
            continue
        told(record.id)
        answer = server.complete(template.substitute(count=COUNT, record=_described(record)))
        for n, line in enumerate(filter(str.strip, answer.splitlines()), start=1):
            where = f"{record.id} 第{n}行"
            question = _question(line, record, server.model, where)
            if question is None:
                left_out.append(f"{where}：不是约定的格式：{line[:40]}")
            elif wrong := problems([question], by_id, plans.values(), complete=False):
                left_out += wrong
            elif key(question.question) in found:
                left_out.append(f"{where}：重复：{question.question}")
            else:
                found[key(question.question)] = question
    return list(found.values()), left_out


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


def _question(line: str, record: Record, model: str, where: str) -> BankQuestion | None:
    try:
        entry: Any = json.loads(line)
        text, register = entry["question"], entry["register"]
    except (ValueError, LookupError, TypeError):
        return None
    if not isinstance(text, str) or not text.strip() or register not in REGISTERS:
        return None
    return BankQuestion(text.strip(), register, (record.id,), f"model:{model}", where)
