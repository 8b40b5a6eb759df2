"""The build: sources to a new version of the index, swapped in at the end."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from corpus.bank import read_bank
from corpus.departments import departments
from corpus.ingest import Corpus, read_corpus
from corpus.library import Library, Register
from corpus.manifest import read_manifest
from corpus.report import report
from corpus.types import Measure
from index.bank import BankIndex
from index.embedding import load_encoder
from index.folder import BANK, REPORT, SPELLING, STORE, VECTORS, WORDS, IndexFolder, cannot_write
from index.inherited import inherited
from index.manifest import Inputs, Manifest
from index.reuse import Held, encoded
from index.spelling import Spelling, other_words, typed_words
from index.store import searchable, write_store
from index.vectors import VectorIndex
from index.words import WordIndex

Progress = Callable[[str], None]
STEPS = ("语料", "条目库", "词索引", "向量索引", "正字", "问题库", "换入")


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: the version's folder, its ingest report, and seconds it took."""

    folder: Path
    report: dict[str, Any]
    seconds: float


def build(
    root: Path,
    sources_manifest: Path,
    bank: Path,
    model: Path,
    *,
    library: Library | None = None,
    register: Register | None = None,
    wait_s: float = 60.0,
    progress: Progress = lambda step: None,
) -> Built:
    """Build the index of `sources_manifest`, of `library` and of the question bank in the folder `bank`.

    It stands in `root`; `progress` is told each step begun. With `register` the library's register
    becomes that one, when its index has been made and just before it serves (the caller holds the
    library). Vectors of texts that the serving version holds are taken from it.

    A kill at any moment leaves the old version serving: the pointer is replaced last.

    Raises:
        SourceError, BankError: a source or a bank file cannot be read (nothing is changed).
        IndexFolderError, ModelError: the folder or the model cannot be used.
    """
    started = time.perf_counter()
    folder = IndexFolder(root)
    with folder.lock(wait_s):
        making = _Making(sources_manifest, bank, model, library, register, progress)
        inputs = making.inputs()
        version = folder.new_version()
        held = Held.of_serving(folder, inputs)
        before: Register | None = None
        try:
            version.mkdir()
            made, manifest = making.write(version, inputs, held)
            if library is not None and register is not None:
                before = library.register()
                library.write(register)
                manifest = replace(manifest, inputs=replace(inputs, sources=making.inputs().sources))
            manifest.write(version)
            progress(STEPS[6])
            folder.swap(version)
        except BaseException as error:
            shutil.rmtree(version, ignore_errors=True)
            if library is not None and before is not None:
                library.write(before)
            if isinstance(error, OSError | SQLAlchemyError):
                raise cannot_write(root, error) from error
            raise
    return Built(version, made, time.perf_counter() - started)


def _names(corpus: Corpus) -> list[str]:
    """Titles of plans and tasks, categories of indicators, departments in full and as printed."""
    measures = [record for record in corpus.records if isinstance(record, Measure)]
    found = [entry.plan.title for entry in corpus.plans] + [measure.task for measure in measures]
    found += [measure.category or "" for measure in measures]
    found += [name for m in measures for duty in m.duties for name in (duty.printed, duty.department)]
    return list(dict.fromkeys(name for name in found if name))


@dataclass(frozen=True, slots=True)
class _Making:
    """What a version is made from."""

    sources: Path
    bank: Path
    model: Path
    library: Library | None
    register: Register | None
    progress: Progress

    def inputs(self) -> Inputs:
        """Their hashes as they are now."""
        return Inputs.of(self.sources, self.bank, self.model, self.library)

    def write(self, version: Path, inputs: Inputs, held: Held) -> tuple[dict[str, Any], Manifest]:
        """Write all files but the manifest; the ingest report, and the manifest to be written last."""
        self.progress(STEPS[0])
        encoder = load_encoder(self.model)
        lexicon = departments()
        corpus = read_corpus(self.sources, lexicon, library=self.library, register=self.register)
        ids = [record.id for record in corpus.records]
        plans = [entry.plan.id for entry in corpus.plans]
        asked = inherited(read_bank(self.bank, plans, set(ids), self._changed()), corpus)
        ingested = report(corpus, asked)
        text = json.dumps(ingested, ensure_ascii=False, indent=1)
        (version / REPORT).write_text(text, encoding="utf-8")
        self.progress(STEPS[1])
        write_store(version / STORE, corpus, lexicon)
        texts = [searchable(record) for record in corpus.records]
        self.progress(STEPS[2])
        WordIndex.build(texts).save(version / WORDS)
        self.progress(STEPS[3])
        vectors = encoded(texts, held.records, encoder.encode)
        VectorIndex.build(vectors).save(version / VECTORS)
        self.progress(STEPS[4])
        names = [*lexicon.names(), *typed_words(), *_names(corpus)]
        said = [question.question for question in asked]
        Spelling.write(version / SPELLING, [*texts, *other_words()], names, said)
        self.progress(STEPS[5])
        questions = partial(encoded, held=held.questions, encode=encoder.encode_queries)
        BankIndex.write(version / BANK, asked, ids, texts, questions)
        built_at = datetime.now(UTC).isoformat(timespec="seconds")
        return ingested, Manifest(inputs, len(texts), vectors.shape[1], built_at)

    def _changed(self) -> set[str]:
        """Bundled plans whose text the library replaces."""
        if self.library is None:
            return set()
        return (self.register or self.library.register()).replaced(read_manifest(self.sources))
