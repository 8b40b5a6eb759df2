"""Batches of the question bank: questions, what answers them, and what only looks as if it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.bank import BankQuestion
from corpus.types import Record
from index.sisters import sisters
from index.store import searchable
from index.training.pairs import Bags, bags
from index.words import WordIndex

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """n questions; n answers in their order, then hard negatives; `related` (n, answers) says what is none.

    `related[i, j]` is true where answer j must not be held against question i.
    """

    questions: Bags
    answers: Bags
    related: NDArray[np.bool_]


class QuestionSampler:
    """Draws batches from the bank.

    A question's partner is the text of a record that answers it or another question of that
    record. Hard negatives are the records that BM25 finds for the question and that neither
    answer it nor say the same as one that does.

    Args:
        bank: the questions.
        records: the records that they may name, each id once.
        question_ids, record_ids: the token ids of both, in their order.
        hard: hard negatives a question.
        between: share of the pairs that are two questions.
        rng: where the draws come from.
    """

    def __init__(
        self,
        bank: Sequence[BankQuestion],
        records: Sequence[Record],
        question_ids: Sequence[Sequence[int]],
        record_ids: Sequence[Sequence[int]],
        hard: int,
        between: float,
        rng: np.random.Generator,
    ) -> None:
        place = {record.id: n for n, record in enumerate(records)}
        words = WordIndex.build([searchable(record) for record in records])
        same = sisters(records)
        known = [n for n, ids in enumerate(question_ids) if ids]
        self._questions = [np.asarray(question_ids[n], dtype=np.int64) for n in known]
        self._records = [np.asarray(ids, dtype=np.int64) for ids in record_ids]
        self._answers = [np.asarray([place[i] for i in bank[n].ids]) for n in known]
        self._excused = np.zeros((len(known), len(records)), dtype=np.bool_)
        self._of_record: list[list[int]] = [[] for _ in records]
        for at, answers in enumerate(self._answers):
            self._excused[at] = same[answers].any(axis=0)
            for record in answers:
                self._of_record[record].append(at)
        self._hard = [
            _hardest(words.scores(bank[n].question), self._excused[at], 4 * hard)
            for at, n in enumerate(known)
        ]
        self._take, self._between, self._rng = hard, between, rng

    def draw(self, size: int) -> Asked:
        """`size` questions, drawn without replacement where there are so many."""
        rng = self._rng
        chosen = rng.choice(len(self._questions), size, replace=size > len(self._questions))
        texts: list[Ids] = []
        records: list[int] = []  # which record a text on the right speaks for
        for at in chosen:
            record = int(rng.choice(self._answers[at]))
            others = [other for other in self._of_record[record] if other != at]
            if others and rng.random() < self._between:
                texts.append(self._questions[int(rng.choice(others))])
            else:
                texts.append(self._records[record])
            records.append(record)
        for at in chosen:
            few = min(self._take, len(self._hard[at]))
            for record in rng.choice(self._hard[at], few, replace=False) if few else ():
                texts.append(self._records[record])
                records.append(int(record))
        related = self._excused[np.ix_(chosen, np.asarray(records))]
        related[np.arange(size), np.arange(size)] = False
        return Asked(bags([self._questions[at] for at in chosen]), bags(texts), related)


def _hardest(scores: NDArray[np.float32], excused: NDArray[np.bool_], most: int) -> Ids:
    scores = np.where(excused, 0, scores)
    order = np.argsort(-scores, kind="stable")[:most]
    return np.asarray([n for n in order if scores[n] > 0], dtype=np.int64)
