"""The build: sources to a new version of the index, swapped in at the end."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from corpus.bank import read_bank
from corpus.departments import departments
from corpus.ingest import Corpus, read_corpus
from corpus.report import report
from corpus.types import Measure
from index.bank import BankIndex
from index.embedding import load_encoder
from index.folder import BANK, REPORT, SPELLING, STORE, VECTORS, WORDS, IndexFolder, cannot_write
from index.manifest import Inputs, Manifest
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
    wait_s: float = 60.0,
    progress: Progress = lambda step: None,
) -> Built:
    """Build the index of `sources_manifest` and of the question bank in the folder `bank`.

    It stands in `root`; `progress` is told each step begun.

    A kill at any moment leaves the old version serving: the pointer is replaced last.

    Raises:
        SourceError, BankError: a source or a bank file cannot be read (nothing is changed).
        IndexFolderError, ModelError: the folder or the model cannot be used.
    """
    started = time.perf_counter()
    folder = IndexFolder(root)
    with folder.lock(wait_s):
        inputs = Inputs.of(sources_manifest, bank, model)
        version = folder.new_version()
        try:
            version.mkdir()
            made = _write(version, inputs, sources_manifest, bank, model, progress)
            progress(STEPS[6])
            folder.swap(version)
        except (OSError, SQLAlchemyError) as error:
            shutil.rmtree(version, ignore_errors=True)
            raise cannot_write(root, error) from error
        except BaseException:
            shutil.rmtree(version, ignore_errors=True)
            raise
    return Built(version, made, time.perf_counter() - started)


def _names(corpus: Corpus) -> list[str]:
    """Titles of plans and tasks, categories of indicators, departments in full and as printed."""
    measures = [record for record in corpus.records if isinstance(record, Measure)]
    found = [entry.plan.title for entry in corpus.plans] + [measure.task for measure in measures]
    found += [measure.category or "" for measure in measures]
    found += [name for m in measures for duty in m.duties for name in (duty.printed, duty.department)]
    return list(dict.fromkeys(name for name in found if name))


def _write(
    version: Path, inputs: Inputs, sources: Path, bank: Path, model: Path, progress: Progress
) -> dict[str, Any]:
    progress(STEPS[0])
    encoder = load_encoder(model)
    lexicon = departments()
    corpus = read_corpus(sources, lexicon)
    ids = [record.id for record in corpus.records]
    asked = read_bank(bank, [entry.plan.id for entry in corpus.plans], set(ids))
    ingested = report(corpus, asked)
    text = json.dumps(ingested, ensure_ascii=False, indent=1)
    (version / REPORT).write_text(text, encoding="utf-8")
    progress(STEPS[1])
    write_store(version / STORE, corpus, lexicon)
    texts = [searchable(record) for record in corpus.records]
    progress(STEPS[2])
    WordIndex.build(texts).save(version / WORDS)
    progress(STEPS[3])
    vectors = encoder.encode(texts)
    VectorIndex.build(vectors).save(version / VECTORS)
    progress(STEPS[4])
    names = [*lexicon.names(), *typed_words(), *_names(corpus)]
    said = [question.question for question in asked]
    Spelling.write(version / SPELLING, [*texts, *other_words()], names, said)
    progress(STEPS[5])
    BankIndex.write(version / BANK, asked, ids, texts, encoder)
    built_at = datetime.now(UTC).isoformat(timespec="seconds")
    Manifest(inputs, len(texts), vectors.shape[1], built_at).write(version)
    return ingested
