"""From the manifest to all records, with an account of every character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus import transcript
from corpus.departments import DepartmentLexicon, departments
from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.library import Library, Register, with_library
from corpus.manifest import BUNDLED, PROSE, PUBLISHED, Source, read_manifest
from corpus.published import Published
from corpus.readers import prose, tab_table, word_table
from corpus.rows import Row
from corpus.table import TableRecords, read_table
from corpus.types import Measure, Passage, Plan, Record, Task

TABLES: dict[str, Callable[[Ledger, int, int], Iterable[Row]]] = {
    "tab-table": tab_table.read_rows,
    "word-table": word_table.read_rows,
}


@dataclass(frozen=True, slots=True)
class PlanRecords:
    """One plan and what was read of it: measures, passages, or both."""

    plan: Plan
    tasks: tuple[Task, ...] = ()
    measures: tuple[Measure, ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Its measures and passages, in print order."""
        if not (self.measures and self.passages):
            return self.measures or self.passages
        return tuple(sorted((*self.measures, *self.passages), key=lambda record: record.span.first))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything read. `characters` counts each file's characters by what they became."""

    plans: tuple[PlanRecords, ...]
    characters: dict[str, dict[str, int]]

    @property
    def records(self) -> tuple[Record, ...]:
        """All measures and passages, in manifest and print order."""
        return tuple(record for entry in self.plans for record in entry.records)


def read_corpus(
    manifest: Path = BUNDLED,
    lexicon: DepartmentLexicon | None = None,
    progress: Callable[[str], None] = lambda plan: None,
    library: Library | None = None,
    register: Register | None = None,
) -> Corpus:
    """Read every source of `manifest` and the plans of `library`.

    `progress` is told each plan's id when it is done; `register` stands in for the library's own, to
    see what a change of it would give.

    Raises:
        SourceError: with file and line, whatever the first problem is.
    """
    sources = read_manifest(manifest)
    if library is not None:
        sources = with_library(sources, library, register or library.register())
    characters: dict[str, dict[str, int]] = {}
    plans = []
    for entry in read_plans(sources, lexicon or departments(), characters):
        progress(entry.plan.id)
        plans.append(entry)
    return Corpus(tuple(plans), characters)


def read_plans(
    sources: Sequence[Source], lexicon: DepartmentLexicon, characters: dict[str, dict[str, int]]
) -> Iterator[PlanRecords]:
    """Read plan after plan, in the order of `sources`; what is given is not kept.

    `characters` comes to hold each file's characters by what they became. A file with several plans is
    read once.

    Raises:
        SourceError: with file and line, whatever the first problem is.
    """
    of_file: dict[Path, list[Source]] = {}
    for source in sources:
        of_file.setdefault(source.path, []).append(source)
    waiting: dict[str, PlanRecords] = {}
    for source in sources:
        if source.plan.id not in waiting:
            ledger = _read_file(of_file.pop(source.path), lexicon, waiting)
            characters[ledger.file] = ledger.totals()
        yield waiting.pop(source.plan.id)


def _read_file(
    together: Sequence[Source], lexicon: DepartmentLexicon, done: dict[str, PlanRecords]
) -> Ledger:
    """Read the plans of one file into `done`; every character is accounted for."""
    if together[0].reader == PUBLISHED:
        return _read_published(together, lexicon, done)
    ledger = Ledger(together[0].plan.file, together[0].text())
    for source, (start, end) in zip(together, _regions(together, ledger), strict=True):
        done[source.plan.id] = _read_plan(source, ledger, start, end, lexicon)
    ledger.close([(0, len(ledger.text))])
    return ledger


def _read_published(
    sources: Sequence[Source], lexicon: DepartmentLexicon, done: dict[str, PlanRecords]
) -> Ledger:
    """Read the plans of one added file; parts that are no plan of the library are left, and said so."""
    published = Published(transcript.load(sources[0].path), sources[0].mapping)
    ledger = published.ledger()
    of_part = {source.part: source for source in sources}
    for number, part in enumerate(published.parts):
        source = of_part.get(number)
        if source is None:
            published.leave(part, ledger)
            continue
        read = published.read(part, source.plan, ledger, lexicon)
        plan = replace(source.plan, prose=not read.measures)
        done[plan.id] = PlanRecords(plan, read.tasks, read.measures, read.passages, read.notes)
    ledger.close([(0, len(ledger.text))])
    return ledger


def _regions(sources: Sequence[Source], ledger: Ledger) -> list[tuple[int, int]]:
    """The offsets of each plan in the file that they share, in manifest order."""
    if len(sources) == 1 and sources[0].starts_at is None:
        return [(0, len(ledger.text))]
    starts: list[int] = []
    for source in sources:
        if source.starts_at is None:
            problem = f"多个计划共用此文件，{source.plan.id} 要在清单中写明 starts_at"
            raise SourceError(ledger.file, None, problem)
        offset = 0
        for line in ledger.text.split("\n"):
            if line.strip() == source.starts_at:
                break
            offset += len(line) + 1
        else:
            problem = f"找不到 {source.plan.id} 的起始行“{source.starts_at}”"
            raise SourceError(ledger.file, None, problem)
        starts.append(offset)
    if starts != sorted(starts):
        raise SourceError(ledger.file, None, "清单中各计划的次序与文件中不一致")
    return list(zip(starts, [*starts[1:], len(ledger.text)], strict=True))


def _read_plan(
    source: Source, ledger: Ledger, start: int, end: int, lexicon: DepartmentLexicon
) -> PlanRecords:
    if source.reader == PROSE:
        if source.order is None:
            raise SourceError(ledger.file, None, f"{source.plan.id} 是散文体，要在清单中写明 order")
        passages = prose.read_passages(source.plan, ledger, source.order, source.periods)
        return PlanRecords(source.plan, passages=passages)
    if source.reader not in TABLES:
        known = "、".join([*TABLES, PROSE])
        problem = f"{source.plan.id} 的 reader = {source.reader}，可用的有 {known}"
        raise SourceError(ledger.file, None, problem)
    rows = TABLES[source.reader](ledger, start, end)
    table = read_table(source.plan, rows, ledger, lexicon)
    return PlanRecords(source.plan, table.tasks, _with_misprints(source, table), (), table.notes)


def _with_misprints(source: Source, table: TableRecords) -> tuple[Measure, ...]:
    """Give search the meant form of each declared misprint; the text stays as printed."""
    measures = {measure.id: measure for measure in table.measures}
    for misprint in source.misprints:
        measure = measures.get(misprint.measure)
        if measure is None or misprint.printed not in measure.text:
            problem = f"清单登记的错字“{misprint.printed}”不在 {misprint.measure} 中"
            raise SourceError(source.path.name, None, problem)
        measures[measure.id] = replace(measure, search_extra=misprint.meant)
    return tuple(measures.values())
