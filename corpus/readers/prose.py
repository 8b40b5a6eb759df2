"""Prose with sections, as sentences in a committed reading order.

The order file is a JSON list, one object a sentence of the plan in reading order:
`sentence` (index among the file's sentences), `repeated_at` (where a second copy stands,
or null), `path` (section headings; 〔标题缺〕 marks a lost one), `heading_chars` (characters
of heading glued in front of the text) and `gap_before` (text was lost before it).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.deadlines import read_due
from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.numerals import numeral
from corpus.rows import Piece, piece
from corpus.types import Passage, Plan, Span

PASSAGE_CHARS = 240
_SENTENCE = re.compile(r"[^。；\n]*[。；\n]?")
_NUMERALS = "一二三四五六七八九十"
_LEVELS = (
    re.compile(rf"([{_NUMERALS}]+)、"),
    re.compile(rf"[（(]([{_NUMERALS}]+)[）)]"),
    re.compile(r"(\d+)[.．]"),
)
_KEYS = {"sentence", "repeated_at", "path", "heading_chars", "gap_before"}


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence in reading order, its heading cut off."""

    text: str
    path: tuple[str, ...]
    gap_before: bool
    span: Span


def read_passages(
    plan: Plan, ledger: Ledger, order_path: Path, periods: Sequence[tuple[str, str]] = ()
) -> tuple[Passage, ...]:
    """Cut the whole file into passages along its sections and sentences.

    Raises:
        SourceError: the order file is missing, broken, or does not fit the text.
    """
    sentences = list(_in_order(ledger, order_path))
    sections = _SectionIds(ledger.file)
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


def _in_order(ledger: Ledger, order_path: Path) -> Iterator[_Sentence]:
    """The sentences in reading order, each entered in the ledger with its copies."""
    printed = list(_sentences(ledger.text))
    for at, entry in enumerate(_read_order(order_path)):
        where = f"第{at + 1}条"
        index, copy = entry["sentence"], entry["repeated_at"]
        if not 0 <= index < len(printed) or (copy is not None and not 0 <= copy < len(printed)):
            problem = f"{where}：没有第 {index} 句（全文共 {len(printed)} 句）"
            raise SourceError(order_path.name, None, problem)
        whole = printed[index]
        heading, body = whole.text[: entry["heading_chars"]], whole.text[entry["heading_chars"] :]
        path = tuple(entry["path"])
        if not body or (heading and not heading.endswith(path[-1])):
            problem = f"{where}：标题“{heading}”与路径“{'/'.join(path)}”对不上"
            raise SourceError(order_path.name, None, problem)
        ledger.take(whole.start, whole.start + len(heading), "标题：章节")
        ledger.take(whole.start + len(heading), whole.end, "字段：正文")
        if copy is not None:
            if printed[copy].text != whole.text:
                raise SourceError(order_path.name, None, f"{where}：第 {copy} 句与第 {index} 句并不相同")
            ledger.take(printed[copy].start, printed[copy].end, "剔除：重复句")
        span = Span(ledger.file, ledger.line(whole.start), ledger.line(whole.end - 1))
        yield _Sentence(body, path, entry["gap_before"], span)


def _sentences(text: str) -> Iterator[Piece]:
    for match in _SENTENCE.finditer(text):
        if found := piece(text, *match.span()):
            yield found


def _read_order(path: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(str(path), None, "找不到阅读顺序表") from None
    except ValueError as error:
        raise SourceError(path.name, None, f"阅读顺序表不是有效的 JSON：{error}") from None
    if not isinstance(entries, list) or not entries:
        raise SourceError(path.name, None, "阅读顺序表应是非空的列表")
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict) or not entry.keys() >= _KEYS or not entry["path"]:
            raise SourceError(path.name, None, f"第{at + 1}条缺少字段，应有 {'、'.join(sorted(_KEYS))}")
    return entries


def _with_runs(sentences: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, int]]:
    """Number the runs between gaps, so that no passage reaches over lost text."""
    run = 0
    for sentence in sentences:
        run += sentence.gap_before
        yield sentence, run


def _chunks(run: list[_Sentence]) -> Iterator[list[_Sentence]]:
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
        taken: list[_Sentence] = []
        while sum(len(sentence.text) for sentence in taken) < len(chunk):
            taken.append(run[at])
            at += 1
        if "".join(sentence.text for sentence in taken) != chunk:
            first = taken[0]
            raise SourceError(first.span.file, first.span.first, "切分没有落在句子边界上")
        yield taken
    if at != len(run):
        raise SourceError(run[at].span.file, run[at].span.first, "切分丢了句子")


class _SectionIds:
    """Section ids (3.1.1) and spoken numbers (三(一)1) from heading paths."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._front: dict[str, int] = {}

    def of(self, path: tuple[str, ...]) -> tuple[str, str]:
        """(id, number) of the section under `path`; what stands before chapter 一 is 0.n."""
        if not _LEVELS[0].match(path[0]):
            name = path[0].strip("〔〕")
            return f"0.{self._front.setdefault(name, len(self._front) + 1)}", name
        ids, spoken = [], []
        for depth, heading in enumerate(path):
            match = _LEVELS[depth].match(heading) if depth < len(_LEVELS) else None
            if match is None:
                raise SourceError(self.file, None, f"标题“{heading}”没有可识别的序号")
            ids.append(match[1] if match[1].isdigit() else str(numeral(match[1])))
            spoken.append((match[1], f"({match[1]})", match[1])[depth])
        return ".".join(ids), "".join(spoken)


def _inside(section: str, prefix: str) -> bool:
    return section == prefix or section.startswith(prefix + ".")
