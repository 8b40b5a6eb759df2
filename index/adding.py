"""A version that adds plans to a large one at their own cost: what stands is taken over as it is.

Files are linked, the store is added to in place, words, vectors and bank get a part that continues them.
Small parts are joined as they come, so that there are few: each is larger than all behind it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.bank import BankQuestion
from corpus.ingest import PlanRecords
from corpus.types import Plan
from index.bank import BankWriter, beside
from index.batch import Batch
from index.errors import IndexFolderError
from index.folder import BANK, REPORT, SPELLING, TEXTS, VECTORS, WORDS, parts_of
from index.manifest import FILE_NAME, Manifest
from index.reuse import digests
from index.spelling_writing import SpellingWriter
from index.statistics import Statistics
from index.store import Store
from index.store_places import Place
from index.store_writing import StoreWriter
from index.vectors import VectorIndex, VectorWriter
from index.version import STEPS, Making, batch_of, stored
from index.words import SIZE, WordWriter

LARGE = 20_000  # records from which on plans are added at their own cost; fewer are built anew in seconds
SHARE = 4  # what is added may be one part in so many of what was built: then all is built anew
AT_ONCE = 20_000  # records that are added in one go, at the most


def fits(before: Path, manifest: Manifest, records: int) -> bool:
    """Whether so many `records` are added at their own cost to the version in `before`."""
    first = int(json.loads((before / WORDS / SIZE).read_text(encoding="utf-8")))
    behind = manifest.records - first + records
    return manifest.records >= LARGE and records <= AT_ONCE and behind * SHARE <= first


class Added:
    """A version that continues the one in `before`.

    Args:
        before: its folder.
        manifest: its manifest.
        folder: that of the new version (made here).
    """

    def __init__(self, before: Path, manifest: Manifest, folder: Path) -> None:
        self._before = before
        self._manifest = manifest
        self._folder = folder

    def write(
        self,
        place: Place,
        entries: Sequence[PlanRecords],
        changed: Sequence[Plan],
        how: Making,
    ) -> Manifest:
        """Add `entries`, and let the plans `changed` be as given; the manifest, but for its inputs.

        Raises:
            IndexFolderError: it cannot be written.
        """
        how.progress(STEPS[0])
        _link(self._before, self._folder)
        names: dict[str, None] = {}
        with StoreWriter.append(place, how.lexicon, self._manifest.store_version, changed) as store:
            start = store.records
            texts = [text for _, own in stored(entries, store, names) for text in own]
            version, records = store.version, store.records
        kinds = self._manifest.kinds
        if texts:
            how.progress(STEPS[1])
            new = batch_of(start, entries, texts, how)
            self._add_texts(texts)
            if how.elsewhere is not None:
                taker = how.elsewhere(*self._count(new))
                how.progress(STEPS[2])
                taker.add(new)
                taker.finish()
            else:
                kinds = self._add_part(place, new, how)
            how.progress(STEPS[3])
            self._respell(new, names)
        return replace(
            self._manifest,
            records=records,
            store_version=version,
            kinds=kinds,
            files={},
        )

    def report(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """The ingest report of all, written: that of the version before, and `more`, of what is added."""
        document: dict[str, Any] = json.loads((self._before / REPORT).read_text(encoding="utf-8"))
        document["plans"] += more["plans"]
        document["characters"] |= more["characters"]
        unknown = {*document["unknown_departments"], *more["unknown_departments"]}
        document["unknown_departments"] = sorted(unknown)
        printed = document["printed_departments"]
        for name, counts in more["printed_departments"].items():
            own = printed.setdefault(name, {})
            for words, times in counts.items():
                own[words] = own.get(words, 0) + times
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (self._folder / REPORT).write_text(text, encoding="utf-8")
        return document

    def _add_texts(self, texts: Sequence[str]) -> None:
        known = np.load(self._before / TEXTS)
        (self._folder / TEXTS).unlink()
        np.save(self._folder / TEXTS, np.concatenate([known, digests(texts)]))

    def _part(self, name: str) -> Path:
        return self._folder / f"{name}.{len(parts_of(self._folder, name)) + 1}"

    def _statistics(self, name: str) -> Statistics:
        """The statistics of the last part of words or bank."""
        last = (parts_of(self._folder, name) or [self._folder / name])[-1]
        return Statistics.load(last if name == WORDS or not (last / WORDS).is_dir() else last / WORDS)

    def _count(self, new: Batch) -> tuple[Statistics, Statistics]:
        """Continue the statistics by which a server scores texts, alone and with their questions."""
        counted = []
        for name, texts in ((WORDS, new.texts), (BANK, list(map(beside, new.texts, new.asked)))):
            base = self._statistics(name)
            writer = WordWriter(self._part(name), base, postings=False)
            writer.add(texts)
            counted.append(writer.count())
        return counted[0], counted[1]

    def _add_part(self, place: Place, new: Batch, how: Making) -> tuple[str, ...]:
        """Write a part with what is new and the small ones before it; how vectors are searched now."""
        joined = self._joined(place, new, how)
        words = WordWriter(self._part(WORDS), self._statistics(WORDS))
        words.add(joined.texts)
        words.finish()
        how.progress(STEPS[2])
        vectors = VectorWriter(self._part(VECTORS), how.dimensions)
        vectors.add(joined.vectors)
        vectors.finish()
        if how.asked:
            bank = BankWriter(self._part(BANK), joined.start, self._statistics(BANK))
            bank.add(joined.texts, joined.asked)
            bank.finish(how.encode_queries, how.dimensions)
        folder = self._folder
        return tuple(VectorIndex.load(folder / VECTORS, *parts_of(folder, VECTORS)).kinds)

    def _joined(self, place: Place, new: Batch, how: Making) -> Batch:
        """What is new behind the records of the last parts that are no larger, which are removed."""
        parts, size = parts_of(self._folder, WORDS), len(new.records)
        while parts and (own := json.loads((parts[-1] / SIZE).read_text(encoding="utf-8"))) <= size:
            size += own
            last = parts.pop()
            for name in (WORDS, VECTORS, BANK):
                shutil.rmtree(self._folder / f"{name}{last.suffix}", ignore_errors=True)
        if size == len(new.records):
            return new
        store = Store(place)
        try:
            start = new.start + len(new.records) - size
            records = store.get(store.ids[start : new.start])
            plans = [store.every_plan[record.plan] for record in records]
            texts = [store.searched(record) for record in records]
        finally:
            store.close()
        before = VectorIndex.load(self._before / VECTORS, *parts_of(self._before, VECTORS))
        rows = before.rows(range(start, new.start))
        asked: list[Sequence[BankQuestion]] = [how.asked.get(record.id, ()) for record in records]
        return Batch(
            start,
            [*records, *new.records],
            [*plans, *new.plans],
            [*texts, *new.texts],
            np.concatenate([rows, new.vectors]),
            [*asked, *new.asked],
        )

    def _respell(self, new: Batch, names: Mapping[str, None]) -> None:
        """What spelling knows, with what is new."""
        spelling = SpellingWriter(self._before / SPELLING)
        spelling.add(new.texts)
        shutil.rmtree(self._folder / SPELLING)
        said = dict.fromkeys(question for questions in new.asked for question in questions)
        spelling.finish(self._folder / SPELLING, names, [question.question for question in said])


def _link(before: Path, folder: Path) -> None:
    """Let `folder` (made here) hold the files of `before`: linked, where the disk can do that."""
    folder.mkdir()
    for path in _kept(before):
        target = folder / path.relative_to(before)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except OSError:
            shutil.copy2(path, target)


def _kept(before: Path) -> Iterator[Path]:
    """The files of a version that the next one takes over."""
    for path in sorted(before.rglob("*")):
        if path.is_file() and path.suffix != ".sqlite" and path.name not in (FILE_NAME, REPORT):
            if path.name.endswith("-journal"):
                raise IndexFolderError(f"{path} 说明上一次加入没有做完；请再试一次。")
            yield path
