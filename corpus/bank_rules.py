"""The validator of the question bank: what a written question must not be, and how many there must be."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from corpus.bank import RULE, BankQuestion
from corpus.departments import departments
from corpus.normal import any_of, normal
from corpus.terms import fixed_terms
from corpus.types import Measure, Plan, Record, printed

COPIED = 10  # characters in a row, names and fixed terms left out
LONGEST, MOST_IDS = 80, 10
FRAME_SHARE, FRAME_LEAST = 0.01, 3  # a frame's share of the bank; in a small file so many are no fault
OF_MEASURE, OF_PASSAGE, CITIZEN, KINDS = 8, 4, 2, 5
NEAR = 0.65  # Dice coefficient of character bigrams with a question of the benchmark

_MASK = "〇"
_SIGNS = re.compile(r"[^\w%〇]+")
_FIGURES = re.compile(r"\d+(?:\.\d+)?%?|[零一二两三四五六七八九十百千万亿]{2,}")
_LAW = re.compile(r"《[^》]*》|“[^”]*”|\"[^\"]*\"")


def problems(
    questions: Sequence[BankQuestion],
    records: Mapping[str, Record],
    plans: Iterable[Plan],
    complete: bool = True,
) -> list[str]:
    """Everything wrong with `questions`, a Chinese line each, named by file and line.

    With `complete`, every record of the plans that have questions must have enough of them.
    """
    names = _names(tuple(plan.short for plan in plans))
    found = [f"{q.where}：{said}" for q in questions for said in _alone(q, records, names)]
    found += _duplicates(questions)
    found += _frames(questions, records, names)
    if complete:
        found += _too_few(questions, records)
    return found


def _alone(question: BankQuestion, records: Mapping[str, Record], names: re.Pattern[str]) -> Iterable[str]:
    if strange := [i for i in question.ids if i not in records]:
        yield f"语料里没有 {'、'.join(strange)}"
        return
    if len(question.question) > LONGEST:
        yield f"长 {len(question.question)} 字，最多 {LONGEST} 字"
    if len(question.ids) > MOST_IDS:
        yield f"挂了 {len(question.ids)} 条记录，最多 {MOST_IDS} 条；这个问题太宽"
    if question.made == RULE:
        return
    masked = names.sub(_MASK, _LAW.sub(_MASK, normal(question.question)))
    for record in (records[i] for i in question.ids):
        if run := _copied(masked, normal(record.text)):
            yield f"照抄了 {record.id} 的“{run}”（连续 {COPIED} 字以上）"
            return


def _copied(masked: str, text: str) -> str:
    """The first run of `COPIED` characters that both hold; empty where there is none."""
    for at in range(len(masked) - COPIED + 1):
        run = masked[at : at + COPIED]
        if _MASK not in run and run in text:
            return run
    return ""


def key(question: str) -> str:
    """What makes two questions one: the text without blanks and punctuation."""
    return re.sub(r"[^\w%.]+", "", normal(question))


def _duplicates(questions: Sequence[BankQuestion]) -> list[str]:
    first: dict[str, BankQuestion] = {}
    found = []
    for question in questions:
        before = first.setdefault(key(question.question), question)
        if before is not question:
            found.append(f"{question.where}：与 {before.where} 是同一个问题；应合为一条，写全编号")
    return found


def frame(question: str, texts: Iterable[str], names: re.Pattern[str]) -> str:
    """The question with names, figures and the words of its records masked: how it is put.

    >>> frame("餐饮油烟归谁管", ["加强餐饮油烟治理"], re.compile("(?!)"))
    '〇归谁管'
    """
    masked = _FIGURES.sub(_MASK, names.sub(_MASK, normal(question)))
    joined = "\n".join(texts)
    out, at = [], 0
    while at < len(masked):
        end = at
        while end < len(masked) and masked[end] != _MASK and masked[at : end + 1] in joined:
            end += 1
        if end - at >= 2:
            out.append(_MASK)
            at = end
        else:
            out.append(masked[at])
            at += 1
    return re.sub(f"{_MASK}+", _MASK, _SIGNS.sub("", "".join(out)))


def _frames(
    questions: Sequence[BankQuestion], records: Mapping[str, Record], names: re.Pattern[str]
) -> list[str]:
    counted: Counter[str] = Counter()
    for question in questions:
        texts = [normal(" ".join(printed(records[i]))) for i in question.ids if i in records]
        said = frame(question.question, texts, names)
        if len(said.replace(_MASK, "")) > 1:  # keywords alone have no frame
            counted[said] += 1
    most = max(FRAME_LEAST, FRAME_SHARE * len(questions))
    return [f"句式“{said}”用了 {n} 次，最多 {most:.0f} 次" for said, n in counted.most_common() if n > most]


def _too_few(questions: Sequence[BankQuestion], records: Mapping[str, Record]) -> list[str]:
    registers: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        for record_id in question.ids:
            registers[record_id].append(question.register)
    plans = {question.plan for question in questions}
    found = []
    for record in (r for r in records.values() if r.plan in plans):
        own = registers[record.id]
        measure = isinstance(record, Measure)
        least = OF_MEASURE if measure else OF_PASSAGE
        if len(own) < least:
            found.append(f"{record.id}：只有 {len(own)} 个问题，至少 {least} 个")
        elif measure and (len(set(own)) < KINDS or own.count("citizen") < CITIZEN):
            found.append(
                f"{record.id}：语体太少（{'、'.join(sorted(set(own)))}），至少 {KINDS} 种，市民 {CITIZEN} 个"
            )
    return found


def near(question: str, others: Mapping[str, str]) -> str:
    """The id of the first of `others` (id to text) that `question` says nearly alike; else empty."""
    own = _bigrams(key(question))
    for name, other in others.items():
        theirs = _bigrams(key(other))
        if own and theirs and 2 * len(own & theirs) >= NEAR * (len(own) + len(theirs)):
            return name
    return ""


@lru_cache(maxsize=8192)
def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


@lru_cache(maxsize=2)
def _names(shorts: tuple[str, ...]) -> re.Pattern[str]:
    """Names of places, departments and plans, and the fixed terms, longest first."""
    lexicon = departments()
    geography = lexicon.geography
    names = {*geography.districts, *geography.towns, *geography.elsewhere, *lexicon.stems, *lexicon.bodies}
    names |= {*lexicon.people, *shorts, *fixed_terms()}
    names |= {"北京市", "北京", "全市", "市里", "全区", "区里"}
    return any_of(map(normal, names))
