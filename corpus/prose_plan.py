"""Paragraphs of a plan written as prose to tasks, measures and passages.

What has a clause that names departments becomes measures, one a clause: it speaks of the sentences since
the clause before. All other text becomes passages. A task's 序号 is the number that its item prints,
where items are numbered through the whole text; else items are counted through it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.clauses import Clause, duties, says_first_leads
from corpus.deadlines import read_due
from corpus.departments import DepartmentLexicon
from corpus.ledger import Ledger
from corpus.passages import SENTENCE, Sentence, apart, cut_passages
from corpus.prose_items import Block, Item, read_item
from corpus.prose_levels import Levels, chapter, rises, values
from corpus.prose_lines import Line, joined, span
from corpus.prose_outline import Node, Outline
from corpus.rows import Cell
from corpus.types import Measure, Passage, Plan, Task

FRONT = "〔引言〕"
_TEXT, _DUTIES, _NUMBER, _TITLE = "字段：正文", "字段：部门", "字段：序号", "字段：重点任务"
_FIRST_LEADS = "按文中“排在第一位的部门为牵头部门”，以第一个部门为牵头"
_HEADING, _PERSONS = "标题：章节", "剔除：责任人"


@dataclass(frozen=True, slots=True)
class ProseRecords:
    """What a plan of prose gave; `notes` lists what was inferred or looked odd."""

    tasks: tuple[Task, ...]
    measures: tuple[Measure, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]


def read_prose(
    plan: Plan, paragraphs: Sequence[Cell], ledger: Ledger, lexicon: DepartmentLexicon
) -> ProseRecords:
    """Read the paragraphs of one plan, a piece a printed line; every character enters the ledger.

    Raises:
        SourceError: a paragraph was already read as something else.
    """
    outline = Outline(plan, paragraphs, ledger, lexicon)
    reading = _Reading(plan, outline, Levels(outline), ledger)
    reading.section(outline.root, ())
    tasks, measures = reading.measures()
    passages = cut_passages(plan, reading.sentences, ledger.file)
    if measures:
        passages = tuple(apart(passage) for passage in passages)
    return ProseRecords(tasks, measures, passages, tuple(dict.fromkeys(reading.notes)))


@dataclass
class _Reading:
    """The state while the outline is walked from top to bottom."""

    plan: Plan
    outline: Outline
    levels: Levels
    ledger: Ledger
    items: list[Item] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def section(self, node: Node, path: tuple[str, ...]) -> None:
        """Read `node`, which stands under `path`, and all under it."""
        if self.levels.is_item(node):
            self._item(node, path, list(node.descendants()))
            return
        own = self.outline.carries(node)
        if own:
            self._item(node, path, [])
        inner = path if own else self._text(node, path)
        if own and node.heading:
            inner = (*path, node.heading)
        for child in node.children:
            self.section(child, inner)

    def _text(self, node: Node, path: tuple[str, ...]) -> tuple[str, ...]:
        """Read a node without clauses; the path of what stands under it."""
        lines = node.body()
        inner = path
        if node.bare or not (node.is_section or node.numbering is None):
            lines = node.whole()  # a list within the text above, or a title alone
        elif node.heading:
            inner = (*path, node.heading)
            self._heading(node, _HEADING, _HEADING)
        if node.bare and not path:
            path = (node.heading,)
        self._passage(lines, inner if inner != path else path)
        return inner

    def _heading(self, node: Node, number: str, title: str) -> None:
        node.number.take(self.ledger, number)
        if node.titled:
            node.lines[0].cut(0, node.title_end).take(self.ledger, title)

    def _passage(self, lines: Iterable[Line], path: tuple[str, ...]) -> None:
        for line in lines:
            line.take(self.ledger, _TEXT)
            self._doubt((line, said) for _, said in self.outline.found(line).doubts)
            for match in SENTENCE.finditer(line.text):
                if sentence := line.cut(*match.span()):
                    where = span(sentence, self.ledger)
                    self.sentences.append(Sentence(sentence.text, path or (FRONT,), where))

    def _doubt(self, doubts: Iterable[tuple[Line, str]]) -> None:
        self.notes += [f"{self.plan.id}：{said}（第{line.number(self.ledger)}行）" for line, said in doubts]

    def _item(self, node: Node, path: tuple[str, ...], under: list[Node]) -> None:
        last = self.levels.last is node or self.levels.last in under
        item = read_item(self.outline, node, path, under, last=last)
        if not item.blocks:  # a clause that speaks of nothing
            self._doubt(item.doubts)
            self._passage([line for part in (node, *under) for line in part.whole()], path)
            return
        self.items.append(item)
        node.number.take(self.ledger, _NUMBER)
        if item.title:
            node.lines[0].cut(0, node.title_end).take(self.ledger, _TITLE)
        for block in item.blocks:
            for line in block.text:
                line.take(self.ledger, _TEXT)
            for line in block.printed:
                line.take(self.ledger, _DUTIES)
        for line in item.persons:
            line.take(self.ledger, _PERSONS)
            self._doubt([(line, f"“{line.text[:30]}”是责任人，不入库")])
        self._doubt(item.doubts)
        heading = (*path, node.heading) if node.heading else path
        for lines, where in ((item.rest, heading), (item.after, path or heading)):
            self._passage(lines, where)
            if lines:
                said = f"{node.heading or '正文'}：最后一处部门之后的文字没有写明部门，列为段落"
                self._doubt([(lines[0], said)])

    def measures(self) -> tuple[tuple[Task, ...], tuple[Measure, ...]]:
        """The tasks and measures of all items, numbered."""
        numbers, through = self._numbers()
        tasks: list[Task] = []
        measures: list[Measure] = []
        sentences = (sentence.text for sentence in self.sentences)
        always = any(says_first_leads(text) for text in sentences)
        from_here = False
        for item, number in zip(self.items, numbers, strict=True):
            node = item.node
            path = item.path if through or not node.heading else (*item.path, node.heading)
            title = node.title if node.parent is not None else self.plan.title
            whole = joined([*item.blocks[0].text, *item.blocks[-1].text, *item.blocks[-1].printed])
            tasks.append(Task(self.plan.id, number, title, path, span(whole, self.ledger)))
            for nth, block in enumerate(item.blocks, start=1):
                declares = any(clause.first_leads for clause in block.clauses)
                measure = self._measure(tasks[-1], nth, block, always or from_here, declares)
                from_here = from_here or any(clause.from_here for clause in block.clauses)
                measures.append(measure)
                line = measure.span.first
                own = [said for said in measure.inferred if said != _FIRST_LEADS]
                self.notes += [f"{measure.id}：{said}（第{line}行）" for said in own]
        if by_rule := sum(_FIRST_LEADS in measure.inferred for measure in measures):
            self.notes.append(f"{self.plan.id}：有{by_rule}条{_FIRST_LEADS}")
        return tuple(tasks), tuple(measures)

    def _measure(self, task: Task, nth: int, block: Block, leads: bool, declares: bool) -> Measure:
        text = joined(block.text)
        inferred = [block.aside] if block.aside else []
        who = duties(block.clauses, first_leads=leads or declares)
        if leads and not declares and who != duties(block.clauses, first_leads=False):
            inferred.append(_FIRST_LEADS)
        inferred += list(_remarks(block.clauses))
        deadline = "；".join(dict.fromkeys(c.deadline for c in block.clauses if c.deadline)) or None
        due = read_due(deadline, self.plan.year, "column") if deadline else ()
        if deadline and not due:
            inferred.append(f"完成时限“{deadline}”读不出日期")
        return Measure(
            id=f"{self.plan.id}/{task.number}/{nth}",
            plan=self.plan.id,
            number=task.number,
            item=nth,
            task=task.title,
            text=text.text,
            deadline=deadline,
            target=None,
            category=None,
            path=task.path,
            duties=who,
            due=due + read_due(text.text, self.plan.year, "text"),
            span=span(joined([*block.text, *block.printed]), self.ledger),
            inferred=tuple(inferred),
        )

    def _numbers(self) -> tuple[list[int], bool]:
        """The 序号 of each item, and whether they are the printed ones."""
        ranks = Counter(item.node.rank for item in self.items if item.node.numbering)
        main = ranks.most_common(1)[0][0] if ranks else None
        level = [node for node in self.outline.root.descendants() if node.rank == main]
        every = values(level, {chapter(item.node) for item in self.items})
        if main is None or not rises(every):
            if main is not None:
                self.notes.append(f"{self.plan.id}：原文分节编号，按全文顺序编号")
            return list(range(1, len(self.items) + 1)), False
        for before, after in pairwise(every):
            if after != before + 1:
                self.notes.append(f"{self.plan.id}：序号从{before}跳到{after}")
        numbers: list[int] = []
        beyond = max(every)
        for item in self.items:
            if item.node.numbering and item.node.rank == main:
                numbers.append(item.node.numbering.value)
                continue
            beyond += 1
            numbers.append(beyond)
            said = f"“{item.node.heading or '正文'}”不在原文的连续编号之内，序号接在后面，为{beyond}"
            self.notes.append(f"{self.plan.id}：{said}")
        return numbers, True


def _remarks(clauses: Sequence[Clause]) -> Iterable[str]:
    for clause in clauses:
        yield from (f"“{name}”不像部门名称，照原文保留" for name in clause.odd)
        yield from (remark for remark in clause.remarks if not says_first_leads(remark) and remark != "下同")
