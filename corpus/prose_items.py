"""The text of one item, cut at its clauses: which sentences each clause speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.clauses import Clause
from corpus.prose_lines import Line
from corpus.prose_outline import Node, Outline

_PUNCTUATION = re.compile(r"[。；;，,、.\s]+")
_STOPPED = "。；！？，、：;,"


@dataclass(slots=True)
class Block:
    """Sentences and the clauses, side by side, that speak of them; `aside` says how that was inferred."""

    text: list[Line] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    printed: list[Line] = field(default_factory=list)
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An item that has clauses.

    `title` says whether its title stands apart from the text of its blocks. `rest` are its sentences
    of which no clause speaks, `after` whole paragraphs behind its last clause; `persons` are lines that
    name people only.
    """

    node: Node
    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    title: bool
    rest: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    persons: tuple[Line, ...] = ()
    doubts: tuple[tuple[Line, str], ...] = ()


@dataclass(slots=True)
class _Unit:
    """Text, or a clause; `own` marks a whole paragraph of the item itself behind its first one."""

    line: Line
    clause: Clause | None = None
    own: bool = False


def read_item(
    outline: Outline, node: Node, path: tuple[str, ...], under: Sequence[Node], *, last: bool
) -> Item:
    """The blocks of `node` with the texts of the nodes `under` it; `last` says that no item follows it."""
    units, doubts = _units(outline, node, under)
    persons = _settle(units, doubts)
    blocks, tail = _blocks(units)
    title = node.titled
    head = not blocks[0].text  # the clause comes right behind the title
    texts = [*[block.text for block in blocks[1:]], [unit.line for unit in tail]]
    certain = not last or not node.lines[0].text[: node.title_end].endswith("。")
    if head and title and all(texts) and certain:
        for block, text in zip(blocks, texts, strict=True):
            block.text = text
            block.aside = "部门印在标题之后，按其后的文字由这些部门承担理解"
        tail = []
    elif head and title:
        blocks[0].text = [node.lines[0].cut(0, node.title_end)]
        title = False
    carrying = [child for child in under if outline.carries(child)]
    if len(under) > 1 and carrying == [under[-1]] and not outline.carries(node):
        blocks[-1].aside = "部门印在最后一目，按各目共同的部门理解"
    for block in [block for block in blocks if not any(block.text)]:
        blocks.remove(block)
        doubts.append((block.printed[0], f"“{block.printed[0].text[:30]}”前后没有它所说的文字，留在正文里"))
        tail[:0] = [_Unit(line) for line in block.printed]
    cut = next((n for n in range(len(tail)) if all(unit.own for unit in tail[n:])), len(tail))
    rest, after = [unit.line for unit in tail[:cut]], [unit.line for unit in tail[cut:]]
    return Item(node, path, tuple(blocks), title, tuple(rest), tuple(after), tuple(persons), tuple(doubts))


def _units(outline: Outline, node: Node, under: Sequence[Node]) -> tuple[list[_Unit], list[tuple[Line, str]]]:
    units: list[_Unit] = []
    doubts: list[tuple[Line, str]] = []
    own = [(line, n > 0) for n, line in enumerate(node.lines)]
    if own and node.title_end:  # clauses are found in what follows the title
        own[0] = (own[0][0].cut(node.title_end), False)
    below = [(line, False) for child in under for line in child.whole()]
    for line, apart in (*own, *below):
        found = outline.found(line)
        doubts += [(line, said) for _, said in found.doubts]
        at = 0
        for clause in found.clauses:
            units += _text(line.cut(at, clause.start), apart and at == 0)
            units.append(_Unit(line.cut(clause.start, clause.end), clause))
            at = clause.end
        units += _text(line.cut(at), apart and at == 0)
    return units, doubts


def _text(line: Line, own: bool) -> list[_Unit]:
    return [_Unit(line, None, own)] if line else []


def _settle(units: list[_Unit], doubts: list[tuple[Line, str]]) -> list[Line]:
    """Make text of dates that stand beside no clause; take out lines that only name people."""
    persons: list[Line] = []
    for at, unit in enumerate(units):
        if unit.clause is None or unit.clause.assigns or _beside_duties(units, at):
            continue
        if unit.clause.persons:
            persons.append(unit.line)
        elif unit.clause.labelled:
            doubts.append((unit.line, f"“{unit.line.text[:30]}”旁边没有写明部门，留在正文里"))
        unit.clause = None
    units[:] = [unit for unit in units if unit.line not in persons]
    return persons


def _beside_duties(units: Sequence[_Unit], at: int) -> bool:
    """Whether a clause that names departments stands beside the unit, but for other clauses."""
    for step in (1, -1):
        n = at + step
        while 0 <= n < len(units):
            clause = units[n].clause
            if clause is not None and clause.assigns:
                return True
            if clause is None and not _PUNCTUATION.fullmatch(units[n].line.text):
                break
            n += step
    return False


def _blocks(units: Sequence[_Unit]) -> tuple[list[Block], list[_Unit]]:
    """The blocks in print order, and the text behind the last clause."""
    blocks: list[Block] = []
    text: list[_Unit] = []
    for at, unit in enumerate(units):
        if unit.clause is not None:
            if text or not blocks:
                blocks.append(Block([waiting.line for waiting in text]))
                text = []
            blocks[-1].clauses.append(unit.clause)
            blocks[-1].printed.append(unit.line)
            continue
        line = unit.line
        if at and units[at - 1].clause is not None and (stop := _PUNCTUATION.match(line.text)):
            held = blocks[-1]  # 推进甲（某局负责）。: the stop ends the sentence in front of the clause
            unstopped = held.text and held.text[-1].text[-1] not in _STOPPED
            (held.text if unstopped else held.printed).append(line.cut(0, stop.end()))
            line = line.cut(stop.end())
        if line:
            text.append(_Unit(line, None, unit.own))
    return blocks, text
