"""The validator: what a question file claims is proved against the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.normal import normal
from corpus.types import Measure, Record, printed
from eval.questions import EXACT, Question
from index.store import Store

SMALL = 3  # questions with at most so many gold records are split by record


def validate(questions: Iterable[Question], store: Store) -> list[str]:
    """Everything in `questions` that the corpus does not bear out, a line each."""
    return [f"{q.id}：{problem}" for q in questions for problem in _problems(q, store)]


def unknown(question: Question, store: Store) -> list[str]:
    """Ids in gold or also that no record has, told in a line; empty where there is none."""
    strange = [record for record in (*question.gold, *question.also) if record not in store]
    return [f"没有 {'、'.join(strange)}"] if strange else []


def _problems(question: Question, store: Store) -> list[str]:
    if strange := unknown(question, store):
        return strange
    problems = []
    if question.refuse and question.gold:
        problems.append("应拒答的问题不应有 gold")
    both = set(question.gold) & set(question.also)
    if both:
        problems.append(f"{'、'.join(sorted(both))} 同时在 gold 和 also 里")
    gold = store.get(question.gold)
    if question.category not in EXACT and not question.refuse:
        near = [*gold, *store.get(question.also)]
        counted = {f"{len(near)}条", f"{len(gold)}条"}  # an outline may ask how many
        problems += [
            f"“{'/'.join(group)}”不在 gold 的原文里"
            for group in question.answers
            if not _said(group, near) and counted.isdisjoint(group)
        ]
    for role, names in question.departments.items():
        printed = {d.printed for r in gold if isinstance(r, Measure) for d in r.duties if d.role == role}
        problems += [f"{name} 不是 gold 的 {role}" for name in names if name not in printed]
    return problems


def _said(group: Sequence[str], records: Sequence[Record]) -> bool:
    """Whether one of the alternatives stands in a record, or is a word of answering."""
    texts = [normal(_everything(record)) for record in records]
    return any(normal(text) in held for text in group for held in texts) or any(
        normal(text) in _WORDS_OF_ANSWERS for text in group
    )


# What answers say of themselves: yes and no, same and different, chapters and counts.
_WORDS_OF_ANSWERS = {
    normal(w) for w in ("是", "不是", "没有", "未", "相同", "不同", "一样", "不一样", "征求意见稿")
}


def _everything(record: Record) -> str:
    parts = [*printed(record), str(record.number)]
    if isinstance(record, Measure):
        parts += [f"第{record.number}项", f"第{record.item}条"]
    return "|".join(parts)


def leaks(dev: Iterable[Question], test: Iterable[Question]) -> list[str]:
    """Records that are gold in both splits, for questions with at most SMALL gold records."""

    def gold(questions: Iterable[Question]) -> set[str]:
        small = (q for q in questions if len(q.gold) <= SMALL and q.category not in (*EXACT, "summary"))
        return {record for question in small for record in question.gold}

    return sorted(gold(dev) & gold(test))
