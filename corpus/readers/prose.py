"""Prose with sections, as sentences in a committed reading order.

The order file is a JSON list, one object a sentence of the plan in reading order:
`sentence` (index among the file's sentences), `repeated_at` (where a second copy stands,
or null), `path` (section headings; 〔标题缺〕 marks a lost one), `heading_chars` (characters
of heading glued in front of the text) and `gap_before` (text was lost before it).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import SourceError
from corpus.ledger import Ledger
from corpus.passages import SENTENCE, Sentence, cut_passages
from corpus.rows import Piece, piece
from corpus.types import Passage, Plan, Span

_KEYS = {"sentence", "repeated_at", "path", "heading_chars", "gap_before"}


def read_passages(
    plan: Plan, ledger: Ledger, order_path: Path, periods: Sequence[tuple[str, str]] = ()
) -> tuple[Passage, ...]:
    """Cut the whole file into passages along its sections and sentences.

    Raises:
        SourceError: the order file is missing, broken, or does not fit the text.
    """
    return cut_passages(plan, list(_in_order(ledger, order_path)), ledger.file, periods)


def _in_order(ledger: Ledger, order_path: Path) -> Iterator[Sentence]:
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
        yield Sentence(body, path, span, entry["gap_before"])


def _sentences(text: str) -> Iterator[Piece]:
    for match in SENTENCE.finditer(text):
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
