"""The files of a version of the index, written as plans come: memory holds two batches of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from corpus.bank import BankQuestion
from corpus.departments import DepartmentLexicon
from corpus.ingest import PlanRecords
from index import bank
from index.bank import BankWriter, beside
from index.batch import Batch
from index.embedding import Vectors
from index.folder import BANK, SPELLING, TEXTS, VECTORS, WORDS
from index.progress import Progress, quiet
from index.spelling_writing import other_words, typed_words
from index.statistics import Statistics
from index.store import Store
from index.store_places import Place
from index.store_writing import StoreWriter
from index.texts import Doing, Parts, TextWriter, writing
from index.vectors import VectorWriter

RECORDS = 8192  # that are worked on at a time
STEPS = ("条目", "词索引", "向量索引", "正字", "问题库", "换入")
Encode = Callable[[Sequence[str]], Vectors]
Asked = Mapping[str, Sequence[BankQuestion]]


class Taker(Protocol):
    """Takes the records of a build in place of files: an engine on a server."""

    def add(self, batch: Batch) -> None:
        """Take further records."""
        ...

    def finish(self) -> None:
        """Have all of them."""
        ...


Elsewhere = Callable[[Statistics, Statistics], Taker]
"""Makes a taker, which scores by the statistics of texts, and of texts together with their questions."""


@dataclass(frozen=True, slots=True)
class Making:
    """How the texts of a version become vectors, and what is asked of its records.

    Args:
        lexicon: the departments.
        encode: gives the vectors of texts.
        encode_queries: those of questions.
        dimensions: length of a vector.
        asked: the bank's questions by the id of the record that answers them.
        elsewhere: makes what takes words and vectors; files hold them where there is none.
        progress: hears how it goes on.
    """

    lexicon: DepartmentLexicon
    encode: Encode
    encode_queries: Encode
    dimensions: int
    asked: Asked = field(default_factory=dict)
    elsewhere: Elsewhere | None = None
    progress: Progress = quiet


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many records the version has, and how its vectors are searched, a part each."""

    records: int
    kinds: tuple[str, ...]


def asked_of(bank: Iterable[BankQuestion]) -> dict[str, list[BankQuestion]]:
    """The questions of `bank` by the id of each record that answers them."""
    found: dict[str, list[BankQuestion]] = {}
    for question in bank:
        for record_id in question.ids:
            found.setdefault(record_id, []).append(question)
    return found


def write_version(folder: Path, place: Place, entries: Iterable[PlanRecords], how: Making) -> Written:
    """Write the store at `place` and all else of a version into `folder`.

    Where there are many texts, what is written of them alone is written beside, in a process of its own.
    """
    how.progress(STEPS[0])
    names: dict[str, None] = dict.fromkeys([*how.lexicon.names(), *typed_words()])
    said = dict.fromkeys(question for questions in how.asked.values() for question in questions)
    files = Files(folder, how)
    with ExitStack() as open_until_all_stands:
        with StoreWriter.new(place, how.lexicon) as store:
            batches = _batches(stored(entries, store, names), how)
            first = list(islice(batches, 2))
            texts = open_until_all_stands.enter_context(writing(files.of_texts, beside=len(first) > 1))
            for batch in chain((first.pop(0) for _ in range(len(first))), batches):
                texts.do(TextWriter.add, batch.texts, files.asked(batch))
                files.add(batch)
                how.progress(STEPS[0], batch.start + len(batch.records))
            how.progress(STEPS[1])
            texts.do(TextWriter.finish_words)
            texts.do(TextWriter.finish_spelling, other_words(), list(names), [one.question for one in said])
            records = store.records
        kinds = files.finish(place, texts)
        how.progress(STEPS[3])
        texts.wait()
    files.finish_bank()
    return Written(records, kinds)


class Files:
    """Vectors and the bank of a version, in files or, where that is asked for, on a server."""

    def __init__(self, folder: Path, how: Making) -> None:
        own = how.elsewhere is None
        self._how = how
        self._vectors = VectorWriter(folder / VECTORS, how.dimensions)
        self._bank = BankWriter(folder / BANK, words=False) if own and how.asked else None
        together = folder / BANK / bank.WORDS if self._bank else None if own else folder / BANK
        self.of_texts = Parts(folder / WORDS, together, folder / SPELLING, folder / TEXTS, postings=own)
        """Where goes what is written of texts alone."""

    def asked(self, batch: Batch) -> dict[int, str]:
        """Of a batch, by their place in it, the texts that have questions, with those."""
        both = enumerate(zip(batch.texts, batch.asked, strict=True))
        return {n: beside(text, questions) for n, (text, questions) in both if questions}

    def add(self, batch: Batch) -> None:
        """Take further records."""
        self._vectors.add(batch.vectors)
        if self._bank is not None:
            self._bank.add(batch.texts, batch.asked)

    def finish(self, place: Place, texts: Doing) -> tuple[str, ...]:
        """Write vectors, or send what the store at `place` holds; how vectors are searched."""
        how, of_texts = self._how, self.of_texts
        if how.elsewhere is None or of_texts.asked is None:
            how.progress(STEPS[2])
            return tuple(self._vectors.finish().kinds)
        texts.wait()
        taker = how.elsewhere(Statistics.load(of_texts.words), Statistics.load(of_texts.asked))
        how.progress(STEPS[2])
        rows = self._vectors.rows()
        for batch in _again(place, rows, how.asked):
            taker.add(batch)
            how.progress(STEPS[2], batch.start + len(batch.records))
        taker.finish()
        self._vectors.discard()
        return ()

    def finish_bank(self) -> None:
        """Write the bank; its words and the vectors stand."""
        self._how.progress(STEPS[4])
        if self._bank is not None:
            self._bank.finish(self._how.encode_queries, self._how.dimensions)


def _batches(stored: Iterable[tuple[PlanRecords, list[str]]], how: Making) -> Iterator[Batch]:
    """The records of plans in batches, with their vectors."""
    start, waiting, texts = 0, list[PlanRecords](), list[str]()
    for entry, own in stored:
        waiting.append(entry)
        texts += own
        if len(texts) >= RECORDS:
            yield batch_of(start, waiting, texts, how)
            start, waiting, texts = start + len(texts), [], []
    if texts:
        yield batch_of(start, waiting, texts, how)


def batch_of(start: int, entries: Sequence[PlanRecords], texts: Sequence[str], how: Making) -> Batch:
    """The records of `entries` as a batch, its `texts` encoded."""
    records = [record for entry in entries for record in entry.records]
    plans = [entry.plan for entry in entries for _ in entry.records]
    asked = [how.asked.get(record.id, ()) for record in records]
    return Batch(start, records, plans, texts, how.encode(texts), asked)


def _again(place: Place, rows: Vectors, asked: Asked) -> Iterator[Batch]:
    """What the store holds, in batches, with the vectors `rows`."""
    store = Store(place)
    try:
        for start in range(0, store.count(), RECORDS):
            records = store.get(store.ids[start : start + RECORDS])
            plans = [store.every_plan[record.plan] for record in records]
            texts = [store.searched(record) for record in records]
            questions = [asked.get(record.id, ()) for record in records]
            yield Batch(start, records, plans, texts, rows[start : start + len(records)], questions)
    finally:
        store.close()


def stored(
    entries: Iterable[PlanRecords], store: StoreWriter, names: dict[str, None]
) -> Iterator[tuple[PlanRecords, list[str]]]:
    """Each plan once the store has it, with what search reads of its records; `names` grows."""
    for entry in entries:
        names |= dict.fromkeys(_names(entry))
        yield entry, store.add(entry)


def _names(entry: PlanRecords) -> set[str]:
    """The title of a plan, its tasks, categories of indicators, departments in full and as printed."""
    found = {entry.plan.title}
    for measure in entry.measures:
        found.add(measure.task)
        found.add(measure.category or "")
        for duty in measure.duties:
            found.add(duty.printed)
            found.add(duty.department)
    return found - {""}
