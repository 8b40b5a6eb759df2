"""The question bank in the index: records found by the questions that they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.bank import BankQuestion
from corpus.normal import normal
from index.embedding import Vectors
from index.expansion import Expansion
from index.vectors import Mask, VectorIndex
from index.words import WordIndex

WORDS, VECTORS, QUESTIONS, ANSWERS = "words", "vectors.faiss", "questions.json", "answers.npy"
NEIGHBOURS = 200  # questions nearest by vector that are looked at
Floats = NDArray[np.float32]
Pairs = NDArray[np.int64]


class BankIndex:
    """Words over each record together with its questions, and vectors of the questions.

    Args:
        asked: for each record its questions, normalised, a line each.
        written: for each record whether somebody wrote one of them.
        answers: pairs of a record's position and a question's place, shape (n, 2), sorted.
        words: over the records, each with its questions.
        vectors: of the questions.
    """

    def __init__(
        self,
        asked: Sequence[str],
        written: Sequence[bool],
        answers: Pairs,
        words: WordIndex,
        vectors: VectorIndex,
    ) -> None:
        self._of = asked
        self.written = np.asarray(written, dtype=np.bool_)
        """Which records have questions that somebody wrote, shape (records,)."""
        self._answered, self._asked = answers.T
        self._held, self._starts = np.unique(self._answered, return_index=True)
        self._words = words
        self._vectors = vectors

    @classmethod
    def write(
        cls,
        folder: Path,
        bank: Sequence[BankQuestion],
        ids: Sequence[str],
        texts: Sequence[str],
        encode: Callable[[Sequence[str]], Vectors],
    ) -> None:
        """Write the index of `bank` into `folder` (made here); `texts` are what the records of `ids` say.

        `encode` gives the vectors of questions.
        """
        folder.mkdir()
        place = {record: n for n, record in enumerate(ids)}
        questions = [normal(question.question) for question in bank]
        pairs = sorted((place[i], asked) for asked, question in enumerate(bank) for i in question.ids)
        of: list[list[str]] = [[] for _ in ids]
        written = [False] * len(ids)
        for record, asked in pairs:
            of[record].append(questions[asked])
            written[record] |= bank[asked].written
        asked_of = ["\n".join(lines) for lines in of]
        document = {"asked": asked_of, "written": written, "questions": questions}
        (folder / QUESTIONS).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if not questions:
            return
        np.save(folder / ANSWERS, np.asarray(pairs, dtype=np.int64))
        together = [f"{text} {asked}" for text, asked in zip(texts, asked_of, strict=True)]
        WordIndex.build(together).save(folder / WORDS)
        VectorIndex.build(encode(questions)).save(folder / VECTORS)

    @classmethod
    def load(cls, folder: Path) -> BankIndex | None:
        """Open what `write` wrote; None where the bank is empty."""
        document = json.loads((folder / QUESTIONS).read_text(encoding="utf-8"))
        if not any(document["asked"]):
            return None
        words, vectors = WordIndex.load(folder / WORDS), VectorIndex.load(folder / VECTORS)
        answers = np.load(folder / ANSWERS)
        if not (words.size == len(document["asked"]) and vectors.size == answers[:, 1].max() + 1):
            raise ValueError("问题库的词、向量和问题数目不一致")
        return cls(document["asked"], document["written"], answers, words, vectors)

    @classmethod
    def vectors_of(cls, folder: Path) -> dict[str, Vectors]:
        """The vector of each question of a bank that `write` wrote."""
        document = json.loads((folder / QUESTIONS).read_text(encoding="utf-8"))
        if not document["questions"]:
            return {}
        rows = VectorIndex.load(folder / VECTORS).rows()
        return dict(zip(document["questions"], rows, strict=True))

    @property
    def records(self) -> int:
        """How many records it was built over."""
        return self._words.size

    def questions(self, record: int) -> str:
        """The questions, normalised, that the record at that position answers: a line each."""
        return self._of[record]

    def words(self, query: str, expansions: Sequence[Expansion] = ()) -> Floats:
        """BM25 of every record read together with its questions, shape (records,)."""
        return self._words.scores(query, expansions)

    def of_records(self, positions: NDArray[np.int64]) -> Mask:
        """Which questions the records at `positions` answer, shape (questions,)."""
        records = np.zeros(self._words.size, dtype=np.bool_)
        records[positions] = True
        asked = np.zeros(self._vectors.size, dtype=np.bool_)
        asked[self._asked[records[self._answered]]] = True
        return asked

    def cosines(self, vector: Vectors, allowed: Mask | None = None) -> Floats:
        """The best cosine of a question of each record, shape (records,); 0 where none is near.

        With `allowed` (see `of_records`), only those questions are looked at.
        """
        near, cosines = self._vectors.search(vector, NEIGHBOURS, allowed)
        of_question = np.zeros(self._vectors.size, dtype=np.float32)
        of_question[near] = np.maximum(cosines, 0)
        found = np.zeros(self._words.size, dtype=np.float32)
        found[self._held] = np.maximum.reduceat(of_question[self._asked], self._starts)
        return found
