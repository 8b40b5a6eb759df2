"""The printed lines that a record was read from."""

from __future__ import annotations

from corpus import transcript
from corpus.errors import SourceError
from corpus.manifest import PUBLISHED, Source
from corpus.transcript import Transcript
from corpus.types import Passage, Record
from index.plans import Plans


def source_lines(plans: Plans, record: Record) -> list[str]:
    """The lines of the source file that `record` rests on, each with its number or its place.

    Where the source is no longer at hand, one line says so.
    """
    spans = record.spans if isinstance(record, Passage) else (record.span,)
    numbers = sorted({n for span in spans for n in range(span.first, span.last + 1)})
    name = record.span.file
    try:
        source = next(s for s in plans.sources() if s.plan.id == record.plan and s.plan.file == name)
        printed = _lines(source)
    except (SourceError, StopIteration):
        return [f"{name} 第{numbers[0]}–{numbers[-1]}行（原文件不在 {plans.manifest.parent}）"]
    return [f"{name}:{n}: {printed[n - 1]}" for n in numbers if n <= len(printed)]


def _lines(source: Source) -> list[str]:
    if source.reader == PUBLISHED:
        return Transcript(transcript.load(source.path)).lines
    return source.text().split("\n")
