"""From a published file to a `Preview`: read as plans beside those that are held, nothing changed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.about import About, about, alike, free, id_of, short_of, theme_key
from corpus.addition import Given, Preview, Proposal, Question, TwicePlanError
from corpus.columns import FIELDS, plain
from corpus.departments import DepartmentLexicon, departments
from corpus.document import Document, Paragraph, Table
from corpus.errors import SourceError
from corpus.formats.any import MAX_MB, read_document
from corpus.ingest import PlanRecords
from corpus.layout import OpenError, Part, UnknownTableError
from corpus.ledger import Ledger
from corpus.normal import normal
from corpus.places import places
from corpus.published import Published
from corpus.types import STATUS_WORDS, Plan

_NEAREST = 3
_ALIKE = 0.5  # of 1: how alike a name must be to be shown as near
_ASKED = {
    "title": "计划的标题是什么？",
    "level": "这是市级还是区级计划？",
    "year": "这是哪一年的计划？（如 2026，几年的写 2026-2028）",
    "district": "是哪个区的计划？",
}


def preview(
    path: Path,
    held: Sequence[Plan],
    given: Mapping[int, Given] | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    replacing: Plan | None = None,
    max_mb: int = MAX_MB,
    lexicon: DepartmentLexicon | None = None,
) -> Preview:
    """Read the file at `path` beside the plans that are `held`; `given` holds answers by part.

    With `replacing` it is a new text of that plan, and keeps its id and name.

    Raises:
        SourceError: it cannot be read, with the place.
        TwicePlanError: a plan with its title is held already.
    """
    document = read_document(path, max_mb)
    return look(path, document, held, given, mapping, replacing=replacing, lexicon=lexicon)


def look(
    path: Path,
    document: Document,
    held: Sequence[Plan],
    given: Mapping[int, Given] | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    replacing: Plan | None = None,
    lexicon: DepartmentLexicon | None = None,
    only: Collection[int] = (),
) -> Preview:
    """`preview` of a document that has been read: another answer need not read it again.

    With `only` the parts with other numbers (from 0) are left out, unread.
    """
    names = {plain(heading): what for heading, what in (mapping or {}).items()}
    try:
        published = Published(document, names)
    except OpenError as error:
        return Preview(path, document, names, (), tuple(_of_tables(error)))
    answers = dict(given or {})
    if only:
        answers |= {n: Given(leave=True) for n in range(len(published.parts)) if n not in only}
    looking = _Looking(published, list(held), answers, replacing, lexicon or departments())
    proposals, ledger = looking.proposals()
    return Preview(
        path,
        document,
        names,
        tuple(proposals),
        tuple(looking.questions),
        tuple(_left(document, published.parts)),
        ledger.totals(),
        looking.unknown(proposals),
        replacing.id if replacing else "",
    )


def _of_tables(error: OpenError) -> Iterator[Question]:
    """What has to be asked of the tables; a heading that several have is asked once."""
    asked: set[str] = set()
    for question in error.questions:
        if isinstance(question, UnknownTableError):
            may_hold = "确是措施表的，答“工作措施”" if question.headed else "确是措施表的，请给它补上表头"
            words = f"{question.line}的表不像措施表（第一行是“{question.first}”），不入库吗？{may_hold}"
            choices = [(name, FIELDS[name]) for name in ("skip", *["text"] * question.headed)]
            yield Question(None, question.table, words, tuple(choices))
            continue
        for heading in question.headings:
            if plain(heading) not in asked:
                words = f"{question.line}的列“{heading or '（空）'}”是什么？"
                yield Question(None, heading, words, tuple(FIELDS.items()))
            asked.add(plain(heading))


@dataclass
class _Looking:
    """One look at a document; each plan proposed is held for those after it."""

    published: Published
    held: list[Plan]
    given: dict[int, Given]
    replacing: Plan | None
    lexicon: DepartmentLexicon
    questions: list[Question] = field(default_factory=list)
    before: int = field(init=False)
    """How many plans were held before this document."""

    def __post_init__(self) -> None:
        self.before = len(self.held)

    def proposals(self) -> tuple[list[Proposal], Ledger]:
        """A proposal for each part that can be a plan, and the account of every character."""
        parts, ledger = self.published.parts, self.published.ledger()
        wanted = [n for n, part in enumerate(parts) if not part.empty and not self._given(n).leave]
        if self.replacing is not None and len(wanted) != 1:
            said = f"这份文件里有 {len(wanted)} 个计划，替换 {self.replacing.id} 时只能有一个，请略去其余部分"
            raise SourceError(self.published.document.name, None, said)
        found: list[Proposal] = []
        for number, part in enumerate(parts):
            if number not in wanted:
                self.published.leave(part, ledger)
                continue
            known = self._known(part, self._given(number))
            proposal = Proposal(number, part.marker, known)
            if asked := [*self._asked(number, known), *self._twice_here(proposal)]:
                self.questions += asked
                self.published.leave(part, ledger)
                found.append(proposal)
                continue
            proposal = self._beside(proposal, part)
            plan = self._plan(proposal, self._given(number), tabular=part.tabular)
            read = self.published.read(part, plan, ledger, self.lexicon)
            plan = replace(plan, prose=not read.measures)
            records = PlanRecords(plan, read.tasks, read.measures, read.passages, read.notes)
            found.append(replace(proposal, read=records, rows=read.rows))
            self.held.append(plan)
        ledger.close([(0, len(ledger.text))])
        return found, ledger

    def _given(self, part: int) -> Given:
        return self.given.get(part, Given())

    def _known(self, part: Part, given: Given) -> About:
        known = about(part, self.published.document, self.published.parts)
        if (was := self.replacing) is not None:
            return replace(
                known,
                title=given.title or known.title or was.title,
                level=was.level,
                district=was.district,
                year=was.year,
                first_year=was.first_year,
                last_year=was.last_year,
                status=given.status or known.status,
            )
        first = given.first_year or known.first_year
        last = given.last_year or (given.first_year and first) or known.last_year
        district = given.district if given.district is not None else known.district
        return replace(
            known,
            title=given.title or known.title,
            level=given.level or ("区" if district else known.level),
            district="" if given.level == "市" else district,
            year=first,
            first_year=first,
            last_year=last,
            status=given.status or known.status,
        )

    @staticmethod
    def _asked(part: int, known: About) -> Iterator[Question]:
        called = known.title or "这份计划"
        choices: dict[str, tuple[tuple[str, str], ...]] = {
            "level": (("市", "市级"), ("区", "区级")),
            "district": tuple((name, name) for name in places().district_names),
        }
        silent = [*known.unsaid, *(["district"] if known.level == "区" and not known.district else [])]
        for name in silent:
            hint = f"（{'；'.join(known.hints)}）" if known.hints and name == "year" else ""
            yield Question(part, name, f"{called}：{_ASKED[name]}{hint}", choices.get(name, ()))

    def _beside(self, proposal: Proposal, part: Part) -> Proposal:
        """The proposal with the held plans that it takes the place of, or that take its place.

        Raises:
            TwicePlanError: one has its title and status.
        """
        known = proposal.known
        if self.replacing is not None:
            return proposal
        same = [plan for plan in self.held if _same_edition(plan, known) and part.tabular != plan.prose]
        for plan in same:
            if plan.status == known.status and _bare(plan.title) == _bare(known.title):
                raise TwicePlanError(self.published.document.name, known.title, plan)
        same = [plan for plan in same if alike(plan.title, known.title)]
        if known.status == "final":
            drafts = (plan.id for plan in same if plan.status == "draft" and not plan.superseded_by)
            return replace(proposal, supersedes=tuple(drafts))
        final = next((plan.id for plan in same if plan.status == "final" and plan.in_force), "")
        return replace(proposal, superseded_by=final)

    def _twice_here(self, proposal: Proposal) -> Iterator[Question]:
        """What to ask where another plan of this very file has the title and status."""
        known, here = proposal.known, self.held[self.before :]
        if any(_same_edition(p, known) and _bare(p.title) == _bare(known.title) for p in here):
            which = f"（{proposal.marker}）" if proposal.marker else ""
            asked = f"文件里有两个《{known.title}》，后一个{which}的标题是什么？不要它就用 --part 只取前一个"
            yield Question(proposal.part, "title", asked)

    def _plan(self, proposal: Proposal, given: Given, *, tabular: bool) -> Plan:
        known = proposal.known
        assert known.level is not None and known.first_year is not None  # else it had been asked
        ids, shorts = {plan.id for plan in self.held}, {plan.short for plan in self.held}
        name = self.published.document.name
        if (was := self.replacing) is not None:
            named, short = was.id, was.short
        else:
            for field_name, value, taken in (("编号", given.id, ids), ("简称", given.short, shorts)):
                if value in taken:
                    raise SourceError(name, None, f"{field_name}“{value}”已有计划使用，请换一个")
            newest = max((plan.year for plan in self.held if not plan.prose), default=0)
            year = f"{known.first_year}年" if known.first_year < newest else ""
            of_form = ("-list", "清单") if tabular else ("-text", "正文")
            of_final = ("-final", "正式") if proposal.supersedes else of_form
            of_status = ("-draft", "征求意见稿") if known.status == "draft" else of_final
            named = given.id or free(id_of(known), ids, of_status[0])
            short = given.short or free(short_of(known) + year, shorts, of_status[1], f"{known.first_year}年")
        return Plan(
            id=named,
            short=short,
            title=known.title,
            level=known.level,
            district=known.district,
            year=known.first_year,
            status=known.status,
            file=name,
            ordinal=len(self.held),
            first_year=known.first_year,
            last_year=known.last_year or known.first_year,
            superseded_by=proposal.superseded_by,
        )

    def unknown(self, proposals: Sequence[Proposal]) -> dict[str, tuple[str, ...]]:
        """Departments of the proposals that the lexicon lacks, each with the nearest known names."""
        measures = [measure for proposal in proposals if proposal.read for measure in proposal.read.measures]
        names = {duty.printed: None for m in measures for duty in m.duties if not duty.known}
        known = list(dict.fromkeys(self.lexicon.names())) if names else []
        return {name: tuple(difflib.get_close_matches(name, known, _NEAREST, _ALIKE)) for name in names}


def _same_edition(plan: Plan, known: About) -> bool:
    where = (plan.level, plan.district, plan.first_year, plan.last_year)
    return where == (known.level, known.district, known.first_year, known.last_year) and (
        theme_key(plan.title) == theme_key(known.title)
    )


def _bare(title: str) -> str:
    return normal(title).removesuffix(f"({STATUS_WORDS['draft']})")


def _left(document: Document, parts: Sequence[Part]) -> Iterator[tuple[str, str, str]]:
    for item in document.left:
        yield item.kind, item.place.words, item.text
    for part in parts:
        if part.empty:  # its title is no plan's: that of a covering letter, or of a table left out
            kind = next((kind for kind, _ in part.left if kind != "落款和版头"), "印发通知")
            yield from ((kind, title.place.words, title.text) for title in part.titles)
        for kind, block in part.left:
            place = block.place if isinstance(block, Paragraph) else block.places[0]
            yield kind, place.words, block.text if isinstance(block, Paragraph) else _table_text(block)


def _table_text(table: Table) -> str:
    return " ".join("".join(cell.lines) for cell in table.cells)
