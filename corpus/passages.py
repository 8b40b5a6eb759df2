"""Sentences to passages: pieces of about PASSAGE_CHARS, whole sentences of one section each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from corpus.deadlines import read_due
from corpus.errors import SourceError
from corpus.sections import SectionIds
from corpus.types import Passage, Plan, Span

PASSAGE_CHARS = 240
SENTENCE = re.compile(r"[^。；\n]*[。；\n]?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in reading order, its heading cut off; `path` are the headings that it stands under."""

    text: str
    path: tuple[str, ...]
    span: Span
    gap_before: bool = False


def cut_passages(
    plan: Plan, sentences: Sequence[Sentence], file: str, periods: Sequence[tuple[str, str]] = ()
) -> tuple[Passage, ...]:
    """Cut sentences in reading order into passages; none reaches over a section's end or lost text.

    `periods` pairs a section with the period that it looks back on (“十三五”时期).

    Raises:
        SourceError: a heading has no number by which its section could be named.
    """
    sections = SectionIds(file)
    passages: list[Passage] = []
    items: dict[str, int] = {}
    for (path, _), run in groupby(_with_runs(sentences), key=lambda pair: (pair[0].path, pair[1])):
        section, number = sections.of(path)
        period = next((name for prefix, name in periods if _inside(section, prefix)), "")
        for chunk in _chunks([sentence for sentence, _ in run]):
            items[section] = item = items.get(section, 0) + 1
            text = "".join(sentence.text for sentence in chunk)
            passages.append(
                Passage(
                    id=f"{plan.id}/{section}/{item}",
                    plan=plan.id,
                    section=section,
                    number=number,
                    item=item,
                    ordinal=len(passages),
                    path=path,
                    sentences=tuple(sentence.text for sentence in chunk),
                    spans=tuple(sentence.span for sentence in chunk),
                    due=read_due(text, plan.year, "text"),
                    gap_before=chunk[0].gap_before,
                    period=period,
                )
            )
    return tuple(passages)


def apart(passage: Passage) -> Passage:
    """A passage beside measures of its plan: its id must not be that of a measure (plan/3/1)."""
    section = passage.section if "." in passage.section else f"{passage.section}.0"
    return replace(passage, section=section, id=f"{passage.plan}/{section}/{passage.item}")


def _with_runs(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, int]]:
    """Number the runs between gaps, so that no passage reaches over lost text."""
    run = 0
    for sentence in sentences:
        run += sentence.gap_before
        yield sentence, run


def _chunks(run: list[Sentence]) -> Iterator[list[Sentence]]:
    """Cut one section's run into pieces of whole sentences of about PASSAGE_CHARS."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # only a build needs it

    splitter = RecursiveCharacterTextSplitter(
        separators=["[。；]"],
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=PASSAGE_CHARS,
        chunk_overlap=0,
        strip_whitespace=False,
    )
    at = 0
    for chunk in splitter.split_text("".join(sentence.text for sentence in run)):
        taken: list[Sentence] = []
        while sum(len(sentence.text) for sentence in taken) < len(chunk):
            taken.append(run[at])
            at += 1
        if "".join(sentence.text for sentence in taken) != chunk:
            first = taken[0]
            raise SourceError(first.span.file, first.span.first, "切分没有落在句子边界上")
        yield taken
    if at != len(run):
        raise SourceError(run[at].span.file, run[at].span.first, "切分丢了句子")


def _inside(section: str, prefix: str) -> bool:
    return section == prefix or section.startswith(prefix + ".")
