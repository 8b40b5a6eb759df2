"""Official texts, cut into sentences; where each stands is kept, for neighbours teach."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LAWS, REPORTS = Path("text", "laws.jsonl.gz"), Path("text", "reports.jsonl.gz")
SHORTEST = 6  # characters; below that stand signatures, numbers and blanks of forms

_ARTICLE = re.compile(r"^第[一二三四五六七八九十百千零〇两]+条(?:之[一二三四五六七八九十]+)?\s*")
_SENTENCE = re.compile(r"[^。；;！？!?\n]+[。；;！？!?]?")


class TrainingDataError(ValueError):
    """A training or benchmark file is missing or not as described; the message says where."""


@dataclass(slots=True)
class Texts:
    """Distinct sentences in reading order.

    Attributes:
        sentences: n strings, each of `SHORTEST` characters or more, none twice.
        documents: n numbers, which document a sentence stands in, counted from 0.
        titles: a title for each document.
    """

    sentences: list[str] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)


def read_texts(data: Path) -> Texts:
    """Read `data`/text/laws.jsonl.gz (an article a line) and reports.jsonl.gz (a report a line).

    A sentence that occurs again, in the same law or another, is kept where it came first.

    Raises:
        TrainingDataError: a file is missing, damaged, or a line lacks `title` or `text`.
    """
    texts, seen = Texts(), set[str]()
    for file in (LAWS, REPORTS):
        last = None
        for title, text in _lines(data / file):
            if title != last:
                last = title
                texts.titles.append(title)
            for sentence in _sentences(text):
                if sentence not in seen:
                    seen.add(sentence)
                    texts.sentences.append(sentence)
                    texts.documents.append(len(texts.titles) - 1)
    if not texts.sentences:
        raise TrainingDataError(f"{data / LAWS.parent} 里没有一句话可以训练。")
    return texts


def _sentences(text: str) -> Iterator[str]:
    for found in _SENTENCE.findall(_ARTICLE.sub("", text)):
        sentence = found.strip()
        if len(sentence) >= SHORTEST:
            yield sentence


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Title and text of each line of a gzipped JSON-lines file."""
    if not file.is_file():
        raise TrainingDataError(f"找不到训练文本 {file}；--data 应指向含 text/{file.name} 的目录。")
    number = 0
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _entry(line, f"{file} 第{number}行")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        where = f"{file} 第{number + 1}行"
        raise TrainingDataError(f"{where}：不是完整的 UTF-8 gzip 文件（{error}）。") from error


def _entry(line: str, where: str) -> tuple[str, str]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise TrainingDataError(f"{where}：不是一行 JSON（{error.msg}，第 {error.colno} 列）。") from error
    if not isinstance(entry, dict):
        raise TrainingDataError(f'{where}：应为对象 {{"title": …, "text": …}}。')
    title, text = entry.get("title"), entry.get("text")
    if not isinstance(title, str) or not isinstance(text, str):
        raise TrainingDataError(f"{where}：title 和 text 都应有，且是字符串。")
    return title, text
