"""A conversation and what it cites, as markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from index.store import Store
from ui import official
from ui.html import render
from ui.rows import sheets
from ui.turns import Turn

EXAMPLES = (
    "延庆区今年PM2.5目标是多少？",
    "海绵城市达标面积比例，市里和怀柔各是多少？",
    "楼下饭馆天天冒油烟，归谁管？",
    "市水务局牵头的措施有哪些？",
    "今年6月底前要完成哪些措施？",
    "上海的无废城市谁负责？",
)
FEW = 20  # measures of a list that stand in the conversation and beside it; the rest unfolds
REASONS = ("引用有误", "数字或日期有误", "部门有误", "不完整", "答非所问")
_LABEL = re.compile(r"〔[^〕]*〕")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of an answer's text; a label has the place (from 1) of what it cites among the turn's rows."""

    text: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn as the conversation shows it.

    Of what cites more than `FEW` there are `counts` by plan, and of a list of them the first lines
    (`cut`).
    """

    n: int
    turn: Turn
    lines: tuple[tuple[Piece, ...], ...]
    counts: tuple[tuple[str, str, int], ...]
    cut: bool
    total: int
    copied: str
    copied_html: str
    data: dict[str, Any]


def conversation(turns: Sequence[Turn], store: Store | None) -> str:
    """The conversation; without a store its labels lead nowhere."""
    shown = [_shown(n, told, store) for n, told in enumerate(turns)]
    return render("conversation", shown=shown, reasons=REASONS, few=FEW, examples=EXAMPLES)


def _shown(n: int, told: Turn, store: Store | None) -> Shown:
    known = [one for one in told.cited if store and one.id in store]
    places = {store.label(one.id): place for place, one in enumerate(known, 1)} if store else {}
    lines = tuple(tuple(_pieces(line, places)) for line in told.lines)
    counts: tuple[tuple[str, str, int], ...] = ()
    cut = False
    if store and len(known) > FEW:
        number = Counter(store.get([one.id])[0].plan for one in known)
        counts = tuple((store.plans[plan].short, plan, count) for plan, count in number.items())
        lines, cut = _first(lines), len(_first(lines)) < len(lines)
    data = {
        "question": told.question,
        "answer": told.text,
        "ids": [one.id for one in told.cited],
        "route": told.route,
        "writer": told.writer,
        "request": told.request,
    }
    copied = markup = ""
    if store and not told.unfinished:
        copied, markup = official.copied(told, store)
    return Shown(n, told, lines, counts, cut, len(known), copied, markup, data)


def _pieces(line: str, places: dict[str, int]) -> list[Piece]:
    pieces, at = [], 0
    for match in _LABEL.finditer(line):
        if match.group() in places:
            pieces += [Piece(line[at : match.start()]), Piece(match.group(), places[match.group()])]
            at = match.end()
    return [piece for piece in (*pieces, Piece(line[at:])) if piece.text]


def _first(lines: tuple[tuple[Piece, ...], ...]) -> tuple[tuple[Piece, ...], ...]:
    """The lines of a long list up to its `FEW`-th measure."""
    kept, seen = [], 0
    for line in lines:
        labels = sum(piece.row > 0 for piece in line)
        if seen + labels > FEW:
            break
        kept.append(line)
        seen += labels
    return tuple(kept)


WAITING = render("evidence_none", sentence="提问后，答复所依据的措施按原表的样子列在这里。")


def evidence(told: Turn, store: Store, n: int) -> str:
    """What the `n`-th turn (from 0) cites, as rows of the plans' tables, with what is compared above them."""
    made = sheets(told.cited, store)
    if not made:
        return render("evidence_none", sentence="这次答复没有引用任何措施。")
    rows = [row for sheet in made for row in sheet.rows]
    opened, folded = sheets(told.cited[:FEW], store), sheets(told.cited[FEW:], store, FEW + 1)
    ids = [row.id for row in rows]
    return render("evidence", n=n, turn=told, opened=opened, folded=folded, total=len(rows), ids=ids, few=FEW)
