"""The printed lines that a record was read from."""

from __future__ import annotations

from corpus import transcript
from corpus.errors import SourceError
from corpus.manifest import PUBLISHED
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
        if source.reader == PUBLISHED:
            return _published(Transcript(transcript.load(source.path)), numbers)
        printed = source.text().split("\n")
    except (SourceError, StopIteration):
        return [f"{name} 第{numbers[0]}–{numbers[-1]}行（原文件不在 {plans.manifest.parent}）"]
    return [f"{name}:{n}: {printed[n - 1]}" for n in numbers if n <= len(printed)]


def _published(read: Transcript, numbers: list[int]) -> list[str]:
    """The printed lines of each place, told once: 计划.docx 表1第5行: 2 | 发展可再生能源 | …."""
    lines = [(read.place(n).words, read.lines[n - 1]) for n in numbers if n <= len(read.lines)]
    places = dict.fromkeys(place for place, _ in lines)
    return [
        f"{read.document.name} {place}: " + " | ".join(line for at, line in lines if at == place)
        for place in places
    ]
