"""The question bank in the index: records found by the questions that they answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.bank import WRITTEN, BankQuestion
from corpus.normal import normal
from index.embedding import Encoder, Vectors
from index.expansion import Expansion
from index.vectors import VectorIndex
from index.words import WordIndex

WORDS, VECTORS, QUESTIONS = "words", "vectors.faiss", "questions.json"
NEIGHBOURS = 200  # questions nearest by vector that are looked at
Floats = NDArray[np.float32]


class BankIndex:
    """Words over each record together with its questions, and vectors of the questions."""

    def __init__(self, document: Mapping[str, list[Any]], words: WordIndex, vectors: VectorIndex) -> None:
        self._words = words
        self._vectors = vectors
        self._of: list[list[str]] = [[] for _ in range(words.size)]
        self.written = np.zeros(words.size, dtype=np.bool_)
        """Which records have questions that somebody wrote, shape (records,)."""
        pairs = []
        entries = zip(document["questions"], document["answers"], document["made"], strict=True)
        for asked, (question, records, made) in enumerate(entries):
            for record in records:
                self._of[record].append(question)
                pairs.append((record, asked))
                self.written[record] |= made == WRITTEN
        pairs.sort()
        self._asked = np.asarray([asked for _, asked in pairs], dtype=np.int64)
        self._held, self._starts = np.unique([record for record, _ in pairs], return_index=True)

    @classmethod
    def write(
        cls,
        folder: Path,
        bank: Sequence[BankQuestion],
        ids: Sequence[str],
        texts: Sequence[str],
        encoder: Encoder,
    ) -> None:
        """Write the index of `bank` into `folder` (made here); `texts` are what the records of `ids` say."""
        folder.mkdir()
        place = {record: n for n, record in enumerate(ids)}
        questions = [normal(question.question) for question in bank]
        answers = [[place[i] for i in question.ids] for question in bank]
        document = {"questions": questions, "answers": answers, "made": [q.made for q in bank]}
        (folder / QUESTIONS).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if not questions:
            return
        together = [[text] for text in texts]
        for question, records in zip(questions, answers, strict=True):
            for record in records:
                together[record].append(question)
        WordIndex.build([" ".join(parts) for parts in together]).save(folder / WORDS)
        VectorIndex.build(encoder.encode_queries(questions)).save(folder / VECTORS)

    @classmethod
    def load(cls, folder: Path) -> BankIndex | None:
        """Open what `write` wrote; None where the bank is empty."""
        document = json.loads((folder / QUESTIONS).read_text(encoding="utf-8"))
        if not document["questions"]:
            return None
        words, vectors = WordIndex.load(folder / WORDS), VectorIndex.load(folder / VECTORS)
        if vectors.size != len(document["questions"]):
            raise ValueError("问题库的向量和问题数目不一致")
        return cls(document, words, vectors)

    @property
    def records(self) -> int:
        """How many records it was built over."""
        return self._words.size

    def questions(self, record: int) -> list[str]:
        """The questions, normalised, that the record at that position answers."""
        return self._of[record]

    def words(self, query: str, expansions: Sequence[Expansion] = ()) -> Floats:
        """BM25 of every record read together with its questions, shape (records,)."""
        return self._words.scores(query, expansions)

    def cosines(self, vector: Vectors) -> Floats:
        """The best cosine of a question of each record, shape (records,); 0 where none is near."""
        near, cosines = self._vectors.search(vector, NEIGHBOURS)
        of_question = np.zeros(self._vectors.size, dtype=np.float32)
        of_question[near] = np.maximum(cosines, 0)
        found = np.zeros(self._words.size, dtype=np.float32)
        found[self._held] = np.maximum.reduceat(of_question[self._asked], self._starts)
        return found
