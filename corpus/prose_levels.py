"""Which headings of a plan's outline are items, with all that stands under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

from corpus.prose_outline import Node, Outline
from corpus.sections import INNERMOST_SECTION, SECTION


def chapter(node: Node) -> Node:
    """The outermost heading over `node`, or the node itself."""
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return node


def values(nodes: Sequence[Node], chapters: set[Node]) -> list[int]:
    """The numbers of `nodes` in `chapters`, as printed one after another."""
    return [node.numbering.value for node in nodes if node.numbering and chapter(node) in chapters]


def rises(numbers: Sequence[int]) -> bool:
    """Whether each number is greater than the one before."""
    return all(before < after for before, after in pairwise(numbers))


class Levels:
    """Tells items from the sections over them and from the lists within them."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        nodes = [outline.root, *outline.root.descendants()]
        self._carrying = {node for node in nodes if outline.carries(node)}
        self.last = next((node for node in reversed(nodes) if node in self._carrying), None)
        self._lists = self._list_ranks(nodes)
        self._through = self._numbered_through(nodes)

    def below(self, node: Node) -> list[Node]:
        """The nodes under `node` in whose own lines clauses stand."""
        return [child for child in node.descendants() if child in self._carrying]

    def is_item(self, node: Node) -> bool:
        """Whether `node` is an item, and all under it is its text: clauses there are the item's."""
        below = self.below(node)
        if not below:
            return node in self._carrying
        if node.rank == self._through:
            return True
        holding = [child for child in node.children if self._holds(child)]
        if not node.is_section or not holding:
            return False
        if all(child.rank > INNERMOST_SECTION for child in holding):
            return True
        return node.children[-1].rank in self._lists and self._only_last(node.children)

    def _holds(self, node: Node) -> bool:
        return node in self._carrying or bool(self.below(node))

    def _only_last(self, children: Sequence[Node]) -> bool:
        holding = [self._holds(child) for child in children]
        return len(holding) > 1 and holding[-1] and not any(holding[:-1])

    def _list_ranks(self, nodes: Sequence[Node]) -> frozenset[int]:
        """The ranks that are lists within a text: mostly the last of several bears the clause of all."""
        groups: Counter[int] = Counter()
        at_end: Counter[int] = Counter()
        for node in nodes:
            for rank, siblings in groupby(node.children, key=lambda child: child.rank):
                children = list(siblings)
                if rank > SECTION and any(map(self._holds, children)):
                    groups[rank] += 1
                    at_end[rank] += self._only_last(children)
        return frozenset(rank for rank, count in groups.items() if at_end[rank] * 2 > count)

    def _numbered_through(self, nodes: Sequence[Node]) -> int | None:
        """The innermost rank whose numbers go on from section to section: its headings are the items."""
        for rank in range(INNERMOST_SECTION, SECTION - 1, -1):
            level = [node for node in nodes if node.numbering and node.rank == rank]
            holding = [node for node in level if self._holds(node)]
            chapters = {chapter(node) for node in holding}
            if len({node.parent for node in holding}) > 1 and rises(values(level, chapters)):
                return rank
        return None
