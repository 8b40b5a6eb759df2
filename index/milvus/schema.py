"""The collection of a build: a row a record, and a row a question that a record answers.

Both kinds stand in one collection, so that one hybrid search finds both and one alias switches both.
A question's row belongs to one record: what narrows records then narrows the questions that they
answer. It has no words: no query's words find it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

from corpus.normal import normal
from corpus.types import Plan
from index.batch import Batch
from index.embedding import Vectors
from index.lru import Lru
from index.statistics import Statistics

Encode = Callable[[Sequence[str]], Vectors]

KEY, POSITION, PLAN, QUESTION = "key", "position", "plan", "question"
VECTOR, WORDS, ASKED = "vector", "words", "asked"
ID, QUESTIONS, WRITTEN = "id", "questions", "written"
RECORD = 0
"""The `question` of a record's own row."""
SHOWN = [POSITION, QUESTION, WORDS, ASKED, QUESTIONS, WRITTEN]
"""The fields that a search returns."""
_PER_RECORD = 1 << 16  # rows that a record may have
NO_WORDS = {2**32 - 2: 1.0}
"""The sparse vector of what has no words: milvus-lite takes no empty one. No token has this number."""
QUESTIONS_HELD = 50_000
"""Questions whose vectors a build keeps at a time."""
_VARCHAR = 65535  # bytes that a text may have in Milvus
GRAPH = "HNSW"
_AROUND = 512
_HNSW = {"M": 32, "efConstruction": 256}


def schema(dimensions: int) -> Any:
    """The fields of a collection whose vectors have `dimensions`."""
    from pymilvus import DataType, MilvusClient

    fields = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    fields.add_field(KEY, DataType.INT64, is_primary=True)
    for name in (POSITION, PLAN, QUESTION):
        fields.add_field(name, DataType.INT64)
    fields.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=dimensions)
    for name in (WORDS, ASKED):
        fields.add_field(name, DataType.SPARSE_FLOAT_VECTOR)
    for name in (ID, QUESTIONS):
        fields.add_field(name, DataType.VARCHAR, max_length=_VARCHAR)
    fields.add_field(WRITTEN, DataType.BOOL)
    return fields


def indexes(there: Container[str] = ()) -> Any:
    """How fields are indexed, but those `there`: vectors not at all, words and what narrows by lists."""
    from pymilvus import MilvusClient

    kinds: dict[str, dict[str, Any]] = {VECTOR: {"index_type": "FLAT", "metric_type": "IP"}}
    kinds |= {name: {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"} for name in (WORDS, ASKED)}
    kinds |= {name: {"index_type": "INVERTED"} for name in (POSITION, PLAN, QUESTION)}
    wanted = MilvusClient.prepare_index_params()
    for name, kind in kinds.items():
        if name not in there:
            wanted.add_index(name, index_name=name, **kind)
    return wanted


def graph() -> Any:
    """How vectors are indexed where there are too many to compare each."""
    from pymilvus import MilvusClient

    wanted = MilvusClient.prepare_index_params()
    wanted.add_index(VECTOR, index_name=VECTOR, index_type=GRAPH, metric_type="IP", params=_HNSW)
    return wanted


def around(graph: bool, limit: int) -> dict[str, int]:
    """How far a search for `limit` vectors looks around in a graph; nothing where each is compared."""
    return {"ef": max(_AROUND, limit)} if graph else {}


def key(position: int) -> int:
    """The key of the row of the record at `position`; its questions' follow it."""
    return position * _PER_RECORD


class Rows:
    """Makes the rows of batches that come in the order of their positions.

    Args:
        words: of the records' texts.
        asked: of the texts, each with the questions that it answers.
        encode: gives the vectors of questions.
    """

    def __init__(self, words: Statistics, asked: Statistics, encode: Encode) -> None:
        self._words = words
        self._asked = asked
        self._encode = encode
        self._vectors: Lru[str, Vectors] = Lru(QUESTIONS_HELD)
        self._plan: tuple[str, int] | None = None

    def of(self, batch: Batch) -> Iterator[dict[str, Any]]:
        """The rows of `batch`: of each record its own, and then those of its questions."""
        said = [[normal(question.question) for question in asked] for asked in batch.asked]
        vectors = self._encoded(dict.fromkeys(question for lines in said for question in lines))
        together = zip(batch.records, batch.plans, batch.texts, batch.vectors, batch.asked, said, strict=True)
        for position, (record, plan, text, vector, asked, lines) in enumerate(together, batch.start):
            common = {POSITION: position, PLAN: self._first(plan, position), ID: record.id}
            yield common | {
                KEY: key(position),
                QUESTION: RECORD,
                VECTOR: vector,
                WORDS: _sparse(self._words, text),
                ASKED: _sparse(self._asked, text + " " + "\n".join(lines)),
                QUESTIONS: _fitting(lines),
                WRITTEN: any(question.written for question in asked),
            }
            nothing = {WORDS: NO_WORDS, ASKED: NO_WORDS, QUESTIONS: "", WRITTEN: False}
            for n, line in enumerate(lines[: _PER_RECORD - 1], 1):
                own = {KEY: key(position) + n, QUESTION: number(line), VECTOR: vectors[line]}
                yield common | nothing | own

    def skip(self, batch: Batch) -> None:
        """Take note of `batch`, whose rows are not wanted."""
        for position, plan in enumerate(batch.plans, batch.start):
            self._first(plan, position)

    def _first(self, plan: Plan, position: int) -> int:
        """The position of the plan's first record."""
        if self._plan is None or self._plan[0] != plan.id:
            self._plan = (plan.id, position)
        return self._plan[1]

    def _encoded(self, questions: Iterable[str]) -> dict[str, Vectors]:
        """Each question's vector; most questions are answered by several records."""
        found = {question: self._vectors.get(question) for question in questions}
        fresh = [question for question, vector in found.items() if vector is None]
        made = dict(zip(fresh, self._encode(fresh), strict=True)) if fresh else {}
        self._vectors.update(made)
        return {question: made[question] if vector is None else vector for question, vector in found.items()}


def rows_of(batch: Batch) -> int:
    """How many rows `batch` has."""
    return len(batch.records) + sum(min(len(asked), _PER_RECORD - 1) for asked in batch.asked)


def number(question: str) -> int:
    """What tells one question from another, wherever it stands: above zero, below 2^63."""
    return 1 + int.from_bytes(hashlib.blake2b(question.encode(), digest_size=7).digest())


def _sparse(statistics: Statistics, text: str) -> dict[int, float]:
    numbers, values = statistics.document(text)
    return dict(zip(numbers.tolist(), values.tolist(), strict=True)) or NO_WORDS


def _fitting(lines: list[str]) -> str:
    """The lines as one text, as many whole ones as a field holds."""
    text = "\n".join(lines)
    if len(text.encode()) <= _VARCHAR:
        return text
    kept = text.encode()[:_VARCHAR].decode(errors="ignore")
    return kept[: kept.rindex("\n")]
