"""The printed lines that a record was read from."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import SourceError
from corpus.manifest import read_manifest
from corpus.types import Passage, Record


def source_lines(sources: Path, record: Record) -> list[str]:
    """The lines of the source file that `record` rests on, each with its number.

    Where the source is no longer at hand, one line says so.
    """
    spans = record.spans if isinstance(record, Passage) else (record.span,)
    numbers = sorted({n for span in spans for n in range(span.first, span.last + 1)})
    name = record.span.file
    try:
        source = next(s for s in read_manifest(sources) if s.plan.file == name)
        printed = source.text().split("\n")
    except (SourceError, StopIteration):
        return [f"{name} 第{numbers[0]}–{numbers[-1]}行（原文件不在 {sources.parent}）"]
    return [f"{name}:{n}: {printed[n - 1]}" for n in numbers if n <= len(printed)]
