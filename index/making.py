"""What a version is made from: sources, library, question bank and model, read as they are now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.bank import BankQuestion, bank_files, check_ids, plan_of, read_bank
from corpus.departments import departments
from corpus.ingest import Corpus, PlanRecords, read_plans
from corpus.library import Library, Register, with_library
from corpus.manifest import PUBLISHED, Source, read_manifest
from corpus.report import Report
from corpus.types import Plan
from index import adding
from index.bank import BankIndex
from index.embedding import Encoder, bulk_encoder
from index.errors import IndexFolderError
from index.folder import BANK, REPORT, TEXTS, VECTORS, IndexFolder, parts_of
from index.inherited import inherited
from index.manifest import Inputs, Manifest
from index.progress import Progress
from index.reuse import Held, digests
from index.served import Served
from index.statistics import Statistics
from index.store import Store
from index.vectors import VectorIndex
from index.vectors_kept import Kept
from index.version import Elsewhere, Making, asked_of, write_version

if TYPE_CHECKING:
    from index.milvus.writing import MilvusWriter

Made = tuple[dict[str, Any], Manifest]


@dataclass(frozen=True, slots=True)
class _Addition:
    """What is added to a version.

    Args:
        plans: new ones, with their records.
        changed: plans of the version that are retired, restored or superseded since.
        characters: of each file of the new plans, by what they became.
    """

    plans: Sequence[PlanRecords]
    changed: Sequence[Plan]
    characters: dict[str, dict[str, int]]


ENCODING = "编码"
_FLAGS = ("superseded_by", "retired")  # of plans: they change without a record being read again


class Maker:
    """Makes the files of versions of one index folder; see `index.build.build`."""

    def __init__(
        self,
        folder: IndexFolder,
        sources: Path,
        bank: Path,
        model: Path | Served,
        library: Library | None,
        register: Register | None,
        progress: Progress,
        workers: int,
    ) -> None:
        self._folder = folder
        self._manifest = sources
        self._bank = bank
        self._model = model
        self._library = library
        self._register = register
        self._progress = progress
        self._workers = workers
        self._lexicon = departments()
        self._writer: MilvusWriter | None = None
        self._encoded = 0
        self.kept: Kept
        """The vectors of builds of this folder that did not come to an end; from `make` on."""

    def inputs(self) -> Inputs:
        """The hashes of all that a version is made from, as they are now."""
        return Inputs.of(self._manifest, self._bank, self._model, self._library)

    def _encoding(self, done: int, of: int) -> None:
        """`done` of so many texts are encoded, behind those of before."""
        self._progress(ENCODING, self._encoded + done)
        if done == of:
            self._encoded += of

    def make(self, version: Path, inputs: Inputs) -> Made:
        """Write all files but the manifest; the ingest report, and the manifest to be written last.

        Plans are added to the serving version where it is large and nothing else has changed.
        """
        self.kept = Kept(self._folder.root, inputs, self._encoding)
        serving = self._serving(inputs)
        with bulk_encoder(self._model, self._workers) as encoder:
            how = self._how(encoder, serving)
            if serving is not None and (addition := self._addition(*serving, inputs)) is not None:
                return self._add(version, inputs, *serving, addition, how)
            return self._write(version, inputs, how)

    def serve(self) -> None:
        """Let a server serve what was sent to it; the version's manifest stands, its pointer comes next."""
        if self._writer is not None:
            self._writer.serve()

    def _write(self, version: Path, inputs: Inputs, how: Making) -> Made:
        """Write a version from all sources."""
        version.mkdir()
        made, characters = Report(self._asked), dict[str, dict[str, int]]()
        wanted, found = set(how.asked), set[str]()

        def read() -> Iterator[PlanRecords]:
            for entry in read_plans(self._sources, self._lexicon, characters):
                made.add(entry)
                found.update(record.id for record in entry.records if record.id in wanted)
                yield entry
            check_ids(self._asked, found)

        if self._folder.engines.milvus is not None:
            how = replace(how, elsewhere=self._sent(inputs.digest, how))
        where = self._folder.engines.new_store(version)
        place = self._folder.engines.store_at(where, self._folder.versions)
        written = write_version(version, place, read(), how)
        report = made.document(characters)
        text = json.dumps(report, ensure_ascii=False, indent=1)
        (version / REPORT).write_text(text, encoding="utf-8")
        manifest = Manifest(
            inputs,
            written.records,
            how.dimensions,
            datetime.now(UTC).isoformat(timespec="seconds"),
            store=where,
            collection=self._writer.collection if self._writer else "",
            kinds=written.kinds,
            asked=len(self._asked),
            plans=self._made_from(inputs),
        )
        return report, manifest

    def _add(
        self,
        version: Path,
        inputs: Inputs,
        before: Path,
        manifest: Manifest,
        addition: _Addition,
        how: Making,
    ) -> Made:
        """Write a version that makes `addition` to the one in `before`."""
        made = Report(self._asked)
        for entry in addition.plans:
            made.add(entry)
        place = self._folder.engines.store_at(manifest.store, self._folder.versions)
        if manifest.collection:
            how = replace(how, elsewhere=self._appended(manifest, how))
        added = adding.Added(before, manifest, version)
        later = added.write(place, addition.plans, addition.changed, how)
        report = added.report(made.document(addition.characters))
        built_at = datetime.now(UTC).isoformat(timespec="seconds")
        plans, asked = self._made_from(inputs), len(self._asked)
        return report, replace(later, inputs=inputs, built_at=built_at, plans=plans, asked=asked)

    def _addition(self, before: Path, manifest: Manifest, inputs: Inputs) -> _Addition | None:
        """What is to be added to a version; None where all has to be built anew."""
        if not self._folder.engines.alike(manifest):
            return None
        made_from, old = self._made_from(inputs), len(manifest.plans)
        same = list(made_from.items())[:old] == list(manifest.plans.items())
        same = same and manifest.inputs.lexicon == inputs.lexicon
        same = same and (manifest.asked > 0) == bool(self._asked)
        if not same or not adding.fits(before, manifest, 0):
            return None
        if not self._folder.engines.own(manifest):  # another folder's index stands there as well
            return None
        sources, added = self._sources[:old], self._sources[old:]
        finals = {source.plan.id for source in added}
        changed = self._flagged(manifest)
        if any(plan.superseded_by and plan.superseded_by not in finals for plan in changed):
            return None  # the final text would take over questions, and its records stand already
        if len({source.path for source in added} & {source.path for source in sources}):
            return None
        found, characters = list[PlanRecords](), dict[str, dict[str, int]]()
        for entry in read_plans(added, self._lexicon, characters):
            found.append(entry)
            if not adding.fits(before, manifest, sum(len(one.records) for one in found)):
                return None
        self._check_asked(found)
        return _Addition(found, changed, characters)

    def _check_asked(self, new: Sequence[PlanRecords]) -> None:
        """Make sure that every record of the plans `new` that the bank asks for is there.

        Raises:
            BankError: one is not.
        """
        plans = {entry.plan.id for entry in new}
        own = (replace(q, ids=tuple(i for i in q.ids if plan_of(i) in plans)) for q in self._asked)
        check_ids(own, {record.id for entry in new for record in entry.records})

    def _flagged(self, manifest: Manifest) -> list[Plan]:
        """The plans of a version that are retired, restored or superseded since."""
        place = self._folder.engines.store_at(manifest.store, self._folder.versions)
        store = Store(place, manifest.store_version)
        try:
            held = store.every_plan
        finally:
            store.close()
        now = [source.plan for source in self._sources if source.plan.id in held]
        return [p for p in now if any(getattr(p, flag) != getattr(held[p.id], flag) for flag in _FLAGS)]

    def _how(self, encoder: Encoder, serving: tuple[Path, Manifest] | None) -> Making:
        records, questions = self._held(encoder, serving)
        encode = partial(self.kept.encoded, encode=encoder.encode, kind="records")
        ask = partial(self.kept.encoded, encode=encoder.encode_queries, kind="questions")
        return Making(
            self._lexicon,
            partial(records.encoded, encode=encode) if records else encode,
            partial(questions.encoded, encode=ask) if questions else ask,
            encoder.encode([""]).shape[1],
            asked_of(self._asked),
            progress=self._progress,
        )

    def _held(
        self, encoder: Encoder, serving: tuple[Path, Manifest] | None
    ) -> tuple[Held | None, Held | None]:
        """The vectors of a version, of its records and of its questions; a server gives those of records."""
        if serving is None or not serving[1].records:
            return None, None
        version, manifest = serving
        known = np.load(version / TEXTS, mmap_mode="r")
        if manifest.collection:
            try:
                return Held(known, self._folder.open(encoder).vectors), None
            except IndexFolderError:
                return None, None  # it is gone, or another place is set now: they are made again
        records = Held(known, VectorIndex.load(version / VECTORS, *parts_of(version, VECTORS)))
        bank = BankIndex.load(version / BANK, *parts_of(version, BANK)) if manifest.asked else None
        if bank is None:
            return records, None
        questions, asked = bank.asked_of
        return records, Held(digests(questions), asked)

    def _sent(self, build: str, how: Making) -> Elsewhere:
        """Sends a build, whose inputs have the hash `build`, to Milvus."""

        def writer(words: Statistics, asked: Statistics) -> MilvusWriter:
            from index.milvus.schema import Rows
            from index.milvus.writing import MilvusWriter

            rows = Rows(words, asked, how.encode_queries)
            engines = self._folder.engines
            self._writer = MilvusWriter.new(engines.server(), engines.owner, build, how.dimensions, rows)
            return self._writer

        return writer

    def _appended(self, manifest: Manifest, how: Making) -> Elsewhere:
        """Adds to the collection that serves."""

        def writer(words: Statistics, asked: Statistics) -> MilvusWriter:
            from index.milvus.schema import Rows
            from index.milvus.writing import MilvusWriter

            rows, server = Rows(words, asked, how.encode_queries), self._folder.engines.server()
            return MilvusWriter.appending(server, manifest.collection, manifest.records, rows)

        return writer

    @cached_property
    def _sources(self) -> tuple[Source, ...]:
        sources = read_manifest(self._manifest)
        if self._library is None:
            return sources
        return with_library(sources, self._library, self._register or self._library.register())

    @cached_property
    def _asked(self) -> tuple[BankQuestion, ...]:
        """The question bank; what was asked of a draft is asked of its final text as well."""
        sources = self._sources
        bank = read_bank(self._bank, [source.plan.id for source in sources], None, self._changed())
        finals = {source.plan.superseded_by for source in sources} - {""}
        both = [s for s in sources if s.plan.superseded_by or s.plan.id in finals]
        files = {source.path for source in both}
        together = [source for source in sources if source.path in files]
        return inherited(bank, Corpus(tuple(read_plans(together, self._lexicon, {})), {}))

    def _changed(self) -> set[str]:
        """Bundled plans whose text the library replaces."""
        if self._library is None:
            return set()
        return (self._register or self._library.register()).replaced(read_manifest(self._manifest))

    def _made_from(self, inputs: Inputs) -> dict[str, str]:
        """By each plan's id a hash of what its records are made from, and its questions."""
        found: dict[str, str] = {}
        for source in self._sources:
            added = source.reader == PUBLISHED
            key = source.path.parent.name if added else os.path.relpath(source.path, self._manifest.parent)
            asked = [path.name for path in bank_files(self._bank, [source.plan.id])]
            described = asdict(source) | {"path": key, "order": str(source.order)}
            described["plan"] = {k: v for k, v in described["plan"].items() if k not in _FLAGS}
            # The name of an added file is its hash already; the register may not hold it yet.
            own = str(source.path.stat().st_size) if added else inputs.sources.get(key)
            described["hashes"] = [own, *(inputs.bank.get(name) for name in asked)]
            text = json.dumps(described, sort_keys=True, ensure_ascii=False)
            found[source.plan.id] = hashlib.sha256(text.encode()).hexdigest()[:32]
        return found

    def _serving(self, inputs: Inputs) -> tuple[Path, Manifest] | None:
        """The serving version; None where there is none, or where another model or program made it."""
        try:
            version = self._folder.current()
            manifest = Manifest.read(version)
        except IndexFolderError:
            return None
        if manifest.inputs.code != inputs.code or not manifest.inputs.same_vectors(inputs):
            return None
        return version, manifest
