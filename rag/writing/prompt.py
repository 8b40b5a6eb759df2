"""What a model is asked: the question, how it is read, and the evidence as numbered measures.

The texts are versioned files (`prompts/`): a change of wording is a new file, so that a report can
name the one that it measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from corpus.described import as_data, described
from corpus.types import STATUS_WORDS, Plan, Record
from index.store import Store
from rag.reading import Reading
from rag.writing.model import ChatModel, Message
from rag.writing.sentences import Sentence

ANSWER, REPAIR, FOLLOW_UP = "answer-v1", "repair-v1", "follow-up-v1"
TEMPLATE = 64  # tokens that a chat template may add
_FOLDER = Path(__file__).parent / "prompts"
_KIND_WORDS = {
    "fact": "具体内容",
    "deadline": "完成时限",
    "compare": "比较异同",
    "summary": "概述要点",
    "duty": "职责分工",
}
_ASPECT_WORDS = {"figure": "数字", "deadline": "时限", "category": "类别", "duty": "部门"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked: `shown[n - 1]` is the measure numbered n; `left_out` did not fit."""

    messages: tuple[Message, ...]
    shown: tuple[Record, ...]
    left_out: tuple[Record, ...] = ()


def answering(
    question: str,
    reading: Reading,
    records: Sequence[Record],
    store: Store,
    model: ChatModel,
    most: int,
    ranked: Callable[[], Sequence[str]],
) -> Request:
    """The request for an answer from `records`, which leaves `most` tokens for it.

    Where they do not all fit, whole measures are left out, the lowest in `ranked` (ids, best
    first) first; a measure is never cut. What is shown keeps its order.
    """

    def messages(shown: Sequence[Record]) -> tuple[Message, ...]:
        return _messages(
            ANSWER,
            measures=_numbered(enumerate(shown, start=1), store),
            question=as_data(question),
            reading=as_data(_in_words(reading, store)),
            count=len(shown),
        )

    room = model.context - most - TEMPLATE - sum(model.tokens(m.content) for m in messages(()))
    costs = {r.id: model.tokens(_measure(len(records), r, store.plans[r.plan])) for r in records}
    if sum(costs.values()) <= room:
        return Request(messages(records), tuple(records))
    order = {record_id: n for n, record_id in enumerate(ranked())}
    kept: set[str] = set()
    for record in sorted(records, key=lambda r: order.get(r.id, len(order))):
        if costs[record.id] > room:
            break
        room -= costs[record.id]
        kept.add(record.id)
    shown = tuple(record for record in records if record.id in kept)
    return Request(messages(shown), shown, tuple(record for record in records if record.id not in kept))


def repairing(
    sentence: Sentence, problems: Sequence[str], request: Request, store: Store
) -> tuple[Message, ...]:
    """The request to mend one sentence: what it cites (all, where that is nothing that is there)."""
    cited = sentence.among(len(request.shown)) or range(1, len(request.shown) + 1)
    return _messages(
        REPAIR,
        measures=_numbered(((n, request.shown[n - 1]) for n in cited), store),
        sentence=as_data(sentence.raw),
        problems=as_data("；".join(problems)),
    )


def rewriting(question: str, earlier: Sequence[str]) -> tuple[Message, ...]:
    """The request to make a full question of a follow-up."""
    return _messages(FOLLOW_UP, earlier=as_data("\n".join(earlier)), question=as_data(question))


def _messages(name: str, **values: object) -> tuple[Message, ...]:
    rules, user = _template(name)
    return Message("system", rules), Message("user", user.substitute(values))


@lru_cache(maxsize=8)
def _template(name: str) -> tuple[str, Template]:
    rules, _, user = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n---\n")
    return rules.strip(), Template(user.strip())


def _numbered(records: Iterable[tuple[int, Record]], store: Store) -> str:
    return "\n".join(_measure(n, r, store.plans[r.plan]) for n, r in records)


def _measure(number: int, record: Record, plan: Plan) -> str:
    """One measure between its tags, with its plan, level and status."""
    where = plan.district or ("十四五" if plan.prose else "北京市（全市）")
    status = "" if plan.status == "final" else f"（{STATUS_WORDS[plan.status]}）"
    head = f"计划：{as_data(plan.title)}\n层级：{where}{status}"
    return f'<措施 编号="{number}">\n{head}\n{described(record)}\n</措施>'


def _in_words(reading: Reading, store: Store) -> str:
    """The reading as a person would say it."""
    asked = [_KIND_WORDS.get(reading.kind, "具体内容"), *(_ASPECT_WORDS[a] for a in sorted(reading.aspects))]
    parts = [
        ("问的是", dict.fromkeys(asked)),
        ("事项", [reading.topic]),
        ("地区", [district or "北京市" for district in (*reading.districts, *reading.outside)]),
        ("计划", [store.plans[plan].short for plan in reading.plans]),
        ("部门", [mention.text for mention in reading.mentions]),
    ]
    return "；".join(f"{name}：{'、'.join(filter(None, words))}" for name, words in parts if any(words))
