"""The question bank in the index: records found by the questions that they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.bank import BankQuestion
from corpus.normal import joined, normal
from index.embedding import Vectors
from index.expansion import Expansion
from index.statistics import Statistics
from index.vectors import Places, VectorIndex, VectorWriter
from index.words import Scope, WordIndex, WordWriter

WORDS, VECTORS, QUESTIONS, ANSWERS, WRITTEN = (
    "words",
    "vectors",
    "questions.json",
    "answers.npy",
    "written.npy",
)
NEIGHBOURS = 200  # questions nearest by vector that are looked at
Floats = NDArray[np.float32]


class BankWriter:
    """Writes the bank of records that come one after another.

    Args:
        folder: where it is written (made here).
        start: position of the first record.
        base: statistics of the words of a bank that this one continues.
        words: whether it writes the words of `beside` as well; they may be written elsewhere.
    """

    def __init__(
        self, folder: Path, start: int = 0, base: Statistics | None = None, *, words: bool = True
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self._start = start
        self._words = WordWriter(folder / WORDS, base) if words else None
        self._places: dict[BankQuestion, int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._written: list[int] = []
        self._records = 0

    def add(self, texts: Sequence[str], asked: Sequence[Sequence[BankQuestion]]) -> None:
        """Take further records: what search reads of each, normalised, and the questions that it answers."""
        if self._words is not None:
            self._words.add(list(map(beside, texts, asked)))
        for questions in asked:
            for question in questions:
                place = self._places.setdefault(question, len(self._places))
                self._pairs.append((self._start + self._records, place))
            if any(question.written for question in questions):
                self._written.append(self._start + self._records)
            self._records += 1

    def finish(self, encode: Callable[[Sequence[str]], Vectors], dimensions: int) -> None:
        """Write the index; `encode` gives the vectors of questions, of that length."""
        if self._words is not None:
            self._words.finish()
        questions = [normal(question.question) for question in self._places]
        vectors = VectorWriter(self._folder / VECTORS, dimensions)
        if questions:
            vectors.add(encode(questions))
        vectors.finish()
        pairs = np.asarray(self._pairs, dtype=np.int64).reshape(-1, 2)
        np.save(self._folder / ANSWERS, pairs)
        np.save(self._folder / WRITTEN, np.asarray(self._written, dtype=np.int64))
        text = json.dumps({"questions": questions, "records": self._records}, ensure_ascii=False)
        (self._folder / QUESTIONS).write_text(text, encoding="utf-8")


def beside(text: str, questions: Sequence[BankQuestion]) -> str:
    """What search reads of a record, normalised, together with the questions that it answers."""
    return joined([text, *(normal(question.question) for question in questions)])


class BankIndex:
    """Words over each record together with its questions, and vectors of the questions.

    Args:
        questions: all of them, normalised.
        answers: pairs of a record's position and a question's place, shape (n, 2), sorted.
        written: positions of the records that somebody wrote a question for.
        words: over the records, each with its questions.
        vectors: of the questions.
    """

    def __init__(
        self,
        questions: Sequence[str],
        answers: NDArray[np.int64],
        written: Places,
        words: WordIndex,
        vectors: VectorIndex,
    ) -> None:
        self._questions = questions
        self._answered, self._asked = answers.T
        by_question = np.argsort(self._asked, kind="stable")
        self._of_question = self._answered[by_question]
        self._ends = np.cumsum(np.bincount(self._asked, minlength=len(questions)))
        self.written: NDArray[np.bool_] = np.zeros(words.size, dtype=np.bool_)
        """Which records have questions that somebody wrote, shape (records,)."""
        self.written[written] = True
        self._words = words
        self._vectors = vectors

    @classmethod
    def load(cls, folder: Path, *more: Path) -> BankIndex | None:
        """Open what was written into `folder` and into `more` that continue it; None where the bank is empty.

        Raises:
            ValueError: its parts do not belong together.
        """
        questions: list[str] = []
        answers, written, records = [], [], 0
        for part in (folder, *more):
            document = json.loads((part / QUESTIONS).read_text(encoding="utf-8"))
            answers.append(np.load(part / ANSWERS) + np.array([0, len(questions)]))
            written.append(np.load(part / WRITTEN))
            questions += document["questions"]
            records += document["records"]
        if not questions:
            return None
        words = WordIndex.load(folder / WORDS, *(part / WORDS for part in more))
        vectors = VectorIndex.load(folder / VECTORS, *(part / VECTORS for part in more))
        if (words.size, vectors.size) != (records, len(questions)):
            raise ValueError("问题库的词、向量和问题数目不一致")
        return cls(questions, np.concatenate(answers), np.concatenate(written), words, vectors)

    @property
    def asked_of(self) -> tuple[Sequence[str], VectorIndex]:
        """All questions, normalised, and the vector of each."""
        return self._questions, self._vectors

    @property
    def records(self) -> int:
        """How many records it was built over."""
        return self._words.size

    @property
    def statistics(self) -> Statistics:
        """Of the words of records together with their questions."""
        return self._words.statistics

    def questions(self, record: int) -> str:
        """The questions, normalised, that the record at that position answers: a line each."""
        start, end = np.searchsorted(self._answered, [record, record + 1])
        return "\n".join(self._questions[place] for place in self._asked[start:end].tolist())

    def words(self, query: str, expansions: Sequence[Expansion] = (), among: Scope | None = None) -> Floats:
        """BM25 of every record read together with its questions, or of those `among`; see `WordIndex`."""
        return self._words.scores(query, expansions, among)

    def of_records(self, positions: Places) -> Places:
        """Places of the questions that the records at `positions` answer."""
        return np.unique(self._asked[np.isin(self._answered, positions)])

    def cosines(self, vector: Vectors, allowed: Places | None = None) -> tuple[Places, Floats]:
        """The records that answer the nearest questions, in order, and the best cosine of a question of each.

        With `allowed` (see `of_records`), only those questions are looked at.
        """
        near, cosines = self._vectors.search(vector, NEIGHBOURS, allowed)
        ends = self._ends[near]
        starts = np.where(near > 0, self._ends[near - 1], 0)
        pieces = [self._of_question[start:end] for start, end in zip(starts, ends, strict=True)]
        records = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
        found, which = np.unique(records, return_inverse=True)
        best = np.zeros(len(found), dtype=np.float32)
        np.maximum.at(best, which, np.repeat(np.maximum(cosines, 0), ends - starts))
        return found, best
