"""Paragraphs of a plan to a tree of its numbered headings and items.

What is no text of the plan (its title, the document number, the addressee, the signature, a table of
contents) is entered in the ledger here and does not come into the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.clause_words import clause_words
from corpus.clauses import Clause, Found, find_clauses, is_body
from corpus.deadlines import read_due
from corpus.departments import DepartmentLexicon
from corpus.ledger import Ledger
from corpus.normal import normal
from corpus.prose_lines import Line
from corpus.rows import Cell
from corpus.sections import ARTICLE, INNERMOST_SECTION, SECTION, UNNUMBERED, Numbering, numbering
from corpus.types import Plan

_STOP = re.compile(r"[。；！？]")
_ENDS = "。；：！？:;）)」”"
_SPACED_TITLE = re.compile(r"[^\s。；：:\d]{4,30}(?=　|\s{2,})")
_COLON_TITLE = re.compile(r"[^。；，：:\d]{4,25}(?<!包括)(?<!如下)(?<![是为有])[:：](?=.)")
_LONGEST_TITLE, _LONGEST_HEADING, _LONGEST_CUT = 30, 50, 40
_LONGEST_FURNITURE = 60
_WRAPPED = 25  # a line this long without a stop goes on in the next line of its paragraph
_ADDRESSEE = re.compile(r"[^。；]{2,150}[：:]")
_ADDRESSED = re.compile(r"各|政府|委员会|[局委部]、|单位|部门|机构")
_ATTACHMENTS = re.compile(r"附件\s*\d{0,2}\s*[:：.．].{0,100}")


@dataclass(eq=False)
class Node:
    """A heading or item with its text.

    `number` and `lines[0]` print it; `title_end` is where its title ends in `lines[0]` (0 where the
    first sentence is text, not a title). The root and headings without a number have no `numbering`.
    """

    numbering: Numbering | None
    number: Line
    lines: list[Line]
    title_end: int = 0
    unnumbered: bool = False
    holds: bool = True
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    @property
    def rank(self) -> int:
        """How far in it stands; the root is further out than any heading."""
        return self.numbering.rank if self.numbering else UNNUMBERED - (not self.unnumbered)

    @property
    def title(self) -> str:
        """Its title, or the beginning of its first sentence where it has none."""
        if not self.lines:
            return ""
        first = self.lines[0].text
        if self.title_end:
            return first[: self.title_end].strip().rstrip("。；：:")
        sentence = _STOP.split(first, maxsplit=1)[0]
        if len(sentence) > _LONGEST_CUT and "，" in sentence[:_LONGEST_CUT]:
            sentence = sentence[: sentence.rindex("，", 0, _LONGEST_CUT)]
        return sentence[: _LONGEST_CUT * 2]

    @property
    def heading(self) -> str:
        """As a path prints it: 三、壮大市场主体; "" for the root."""
        if self.numbering is None:
            return self.title if self.unnumbered else ""
        if self.rank == ARTICLE:
            return self.numbering.printed
        return self.numbering.printed + (" " if self.rank < ARTICLE and self.title else "") + self.title

    @property
    def titled(self) -> bool:
        """Whether its title stands apart from its text."""
        return self.title_end > 0

    @property
    def bare(self) -> bool:
        """Whether it is a title and nothing else."""
        return self.titled and not self.children and not any(self.body())

    @property
    def is_section(self) -> bool:
        """Whether what stands in it has a section of its own; else it is a list within the text above."""
        return self.unnumbered or (
            self.rank >= 0 and (self.rank <= SECTION or (self.titled and self.rank <= INNERMOST_SECTION))
        )

    def body(self) -> list[Line]:
        """Its lines without number and title."""
        first = [self.lines[0].cut(self.title_end)] if self.lines else []
        return [line for line in (*first, *self.lines[1:]) if line]

    def whole(self) -> list[Line]:
        """Its lines with number and title, as printed."""
        return [line for line in (self.number + self.lines[0], *self.lines[1:]) if line]

    def descendants(self) -> Iterator[Node]:
        """All nodes under it in reading order."""
        for child in self.children:
            yield child
            yield from child.descendants()


class Outline:
    """The tree of a plan's prose, and the clauses of its lines."""

    def __init__(
        self, plan: Plan, paragraphs: Sequence[Cell], ledger: Ledger, lexicon: DepartmentLexicon
    ) -> None:
        self.plan = plan
        self.ledger = ledger
        self._lexicon = lexicon
        self._found: dict[str, Found] = {}
        self.root = Node(None, Line("", ()), [])
        self._grow(self._text_of_the_plan(_lines(paragraphs)))

    def found(self, line: Line) -> Found:
        """The clauses of `line`."""
        if line.text not in self._found:
            self._found[line.text] = find_clauses(line.text, self._lexicon, self.plan.district)
        return self._found[line.text]

    def carries(self, node: Node) -> bool:
        """Whether a clause with departments stands in its own lines."""
        return any(clause.assigns for line in node.lines for clause in self.found(line).clauses)

    def _text_of_the_plan(self, lines: list[Line]) -> list[Line]:
        """The lines that are neither title nor signature nor the like, which are entered at once."""
        kinds: list[str | None] = [clause_words().furniture_kind(line.text) for line in lines]
        for at, kind in enumerate(kinds):
            for before in range(at - 1, -1, -1) if kind == "剔除：落款" else ():  # who signs, over the date
                if kinds[before] is not None or not self._signs(lines[before]):
                    break
                kinds[before] = kind
        self._mark_contents(lines, kinds)
        self._mark_attachments(lines, kinds)
        front = True
        for at, line in enumerate(lines):
            if kinds[at] is not None:
                front = front or kinds[at] == "剔除：落款"
            elif front and (kind := self._front_kind(line)):
                kinds[at] = kind
            else:
                front = False
        for line, kind in zip(lines, kinds, strict=True):
            if kind is not None:
                line.take(self.ledger, kind)
        return [line for line, kind in zip(lines, kinds, strict=True) if kind is None]

    def _signs(self, line: Line) -> bool:
        text = normal(line.text)
        if len(text) > _LONGEST_FURNITURE or re.search(r"[。，,；;：:]", text) or numbering(line.text):
            return False
        return is_body(line.text, self._lexicon, self.plan.district)

    def _front_kind(self, line: Line) -> str | None:
        text = line.text
        if _ADDRESSEE.fullmatch(text) and _ADDRESSED.search(text) and numbering(text) is None:
            return "剔除：主送机关"
        if normal(text) in normal(self.plan.title):
            return "标题：文件"
        plain = len(text) <= _LONGEST_FURNITURE and not re.search(r"[。；！？：:，,]", text)
        if plain and numbering(text) is None and not _is_heading_word(text) and not self.found(line).clauses:
            return "标题：文件"
        return None

    @staticmethod
    def _mark_contents(lines: list[Line], kinds: list[str | None]) -> None:
        """A table of contents without page numbers ends where its first line returns as a heading."""
        for at, line in enumerate(lines[:-1]):
            if kinds[at] == "剔除：目录" and normal(line.text) == "目录" and kinds[at + 1] is None:
                first = normal(lines[at + 1].text)
                again = [n for n in range(at + 2, len(lines)) if normal(lines[n].text) == first]
                if again:
                    kinds[at + 1 : again[0]] = ["剔除：目录"] * (again[0] - at - 1)

    @staticmethod
    def _mark_attachments(lines: list[Line], kinds: list[str | None]) -> None:
        """附件：1.…, with the numbered lines that go on with the list."""
        inside = False
        for at, line in enumerate(lines):
            short = len(line.text) <= _LONGEST_FURNITURE * 2 and not _STOP.search(line.text)
            goes_on = inside and (found := numbering(line.text)) is not None and found.rank > SECTION
            inside = kinds[at] is None and short and (bool(_ATTACHMENTS.fullmatch(line.text)) or goes_on)
            if inside:
                kinds[at] = "剔除：附件清单"

    def _grow(self, lines: list[Line]) -> None:
        found = [numbering(line.text) for line in lines]
        numbered_chapters = any(number is not None and number.rank < SECTION for number in found)
        stack = [self.root]
        for at, (line, number) in enumerate(zip(lines, found, strict=True)):
            after = lines[at + 1] if at + 1 < len(lines) else None
            if number is not None:
                node = self._node(line, number)
            elif _is_heading_word(line.text) or (not numbered_chapters and self._may_head(line, after)):
                following = next((n for n in found[at + 1 :] if n is not None), None)
                node = Node(None, Line("", ()), [line], len(line.text), unnumbered=True)
                node.holds = bool(following) and normal(line.text) not in clause_words().front
                if following is not None and following.rank < SECTION:
                    node.holds = node.holds and following.value == 1
            else:
                stack[-1].lines.append(line)
                continue
            while len(stack) > 1 and (stack[-1].rank >= node.rank or not stack[-1].holds):
                stack.pop()
            node.parent = stack[-1]
            stack[-1].children.append(node)
            stack.append(node)

    def _may_head(self, line: Line, after: Line | None) -> bool:
        """A short line without stops, in a plan that numbers no chapters, heads what follows."""
        plain = len(line.text) <= _LONGEST_TITLE and not re.search(r"[。；：:，,！？（(\d]", line.text)
        return plain and after is not None and len(after.text) > len(line.text)

    def _node(self, line: Line, number: Numbering) -> Node:
        rest = line.cut(len(number.printed))
        return Node(number, line.cut(0, len(number.printed)), [rest], self._title_end(rest, number.rank))

    def _title_end(self, line: Line, rank: int) -> int:
        """Where the title ends with which `line` begins, 0 where it begins with no title."""
        clauses: Sequence[Clause] = self.found(line).clauses
        text = line.text[: clauses[0].start] if clauses else line.text
        stop = _STOP.search(text)
        if rank == ARTICLE:
            return 0
        if spaced := _SPACED_TITLE.match(text):
            return spaced.end()
        if colon := _COLON_TITLE.match(text):
            return colon.end()
        if stop is None:
            whole = len(text) <= _LONGEST_HEADING and not text.endswith(("，", "、", ","))
            return len(text) if whole else 0
        sentence = text[: stop.start()]
        says_more = re.search(r"\d", sentence) or read_due(sentence, self.plan.year, "text")
        apart = stop[0] == "。" and len(sentence) <= _LONGEST_TITLE and not says_more
        return stop.end() if apart else 0


def _is_heading_word(text: str) -> bool:
    words = clause_words()
    return normal(text) in words.headings or normal(text) in words.front


def _lines(paragraphs: Sequence[Cell]) -> list[Line]:
    """The printed lines, those put together again that a paragraph merely wraps."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        waits = bool(lines) and _waits_for_names(lines[-1].text)
        before = lines[-1] if waits else None  # 责任单位： whose names stand in the next paragraph
        for piece in paragraph.pieces:
            line = Line.of(piece)
            if before is not None and _goes_on(before.text, line.text):
                lines[-1] = before = before + line
            else:
                lines.append(line)
                before = line
    return lines


def _goes_on(before: str, after: str) -> bool:
    if sum((char in "（(") - (char in "）)") for char in before) > 0:
        return True
    if _waits_for_names(before):
        return True
    if any(label.start() > before.rfind("。") for label in clause_words().label.finditer(before)):
        return before[-1] in "、，,"  # a row of names that the line wraps
    begins = numbering(after) is not None or clause_words().label.match(after) is not None
    return not begins and len(before) >= _WRAPPED and before[-1] not in _ENDS


def _waits_for_names(text: str) -> bool:
    """Whether a label (责任单位：) stands at the very end."""
    return any(label.end() == len(text) for label in clause_words().label.finditer(text))
