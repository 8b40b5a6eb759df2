"""How a part of a plan is told: a chapter or section, an item, and where a record stands."""

from __future__ import annotations

from corpus.types import Measure, Passage, Plan, Record
from rag.answer import Statement
from rag.desk import Desk
from rag.evidence import Evidence
from rag.outline import Part
from rag.routes.wording import joined_labels, quoted, who
from rag.spans import sentences

MOST = 12


def of_part(
    part: Part, plan: Plan, desk: Desk, *, sections: bool = True, content: bool = False
) -> list[Statement]:
    """A chapter or section: its heading, from which 项 to which it runs, and what is inside."""
    first = part.records[0]
    last = next(r for r in part.records if r.number == part.records[-1].number)
    chapter = _above(part, plan, desk)
    numbers = part.numbers
    run = ""
    if numbers:
        run = f"，为第{numbers[0]}项" if len(numbers) == 1 else f"，从第{numbers[0]}项至第{numbers[-1]}项"
    cited = list(dict.fromkeys((first.id, last.id)))
    where = f"（在“{chapter.heading}”中）" if chapter else ""
    text = f"{plan.short}“{part.heading}”{where}{run}{joined_labels(cited, desk.store)}。"
    statements = [Statement(text, "quoted", tuple(cited))]
    inside = (
        [p for p in desk.outline.parts(plan.id) if p.key[:-1] == part.key and not p.lost] if sections else []
    )
    if content and not inside and len(part.records) <= MOST:
        statements += [s for r in part.records for s in of_record(r, plan, desk, whole=True)]
    if not inside and sections and len(numbers) > 1:
        statements += _tasks_in(part, plan, desk)
    for inner in inside[:MOST]:
        of_task = f"（第{inner.numbers[0]}项起）" if inner.numbers else ""
        label = desk.store.label(inner.records[0].id)
        statements.append(
            Statement(f"其中“{inner.heading}”{of_task}{label}。", "quoted", (inner.records[0].id,))
        )
    return statements


def _tasks_in(part: Part, plan: Plan, desk: Desk) -> list[Statement]:
    """The tasks of a section, a line each, with all their measures."""
    statements = []
    for number in part.numbers[:MOST]:
        records = [r for r in part.records if isinstance(r, Measure) and r.number == number]
        cited = tuple(r.id for r in records)
        text = f"{plan.short}第{number}项“{records[0].task}”{joined_labels(cited, desk.store)}。"
        statements.append(Statement(text, "quoted", cited))
    return statements


def _above(part: Part, plan: Plan, desk: Desk) -> Part | None:
    return desk.outline.part(plan.id, part.key[:1]) if len(part.key) > 1 else None


def of_record(record: Record, plan: Plan, desk: Desk, *, whole: bool) -> list[Statement]:
    """A record's sentences; its first alone where not the whole of it is wanted."""
    clauses = sentences(record.text)
    lead = f"{who(record, plan, desk.store)}："
    if isinstance(record, Measure) and record.task and record.item == 1:
        lead = f"{plan.short}第{record.number}项“{record.task}”："
    if isinstance(record, Measure) and record.target is not None:
        text = f"{lead}{record.text}的年终目标为{record.target}{desk.store.label(record.id)}。"
        return [Statement(text, "quoted", (record.id,), ((record.id, record.text),))]
    evidence = Evidence(record, plan, 1.0, 1.0)
    return quoted(evidence, clauses if whole else clauses[:1], desk.store, lead)


def whole(plan: Plan, desk: Desk) -> list[Statement]:
    """All chapters of a plan, a line each."""
    return [s for part in desk.outline.chapters(plan.id) for s in of_part(part, plan, desk, sections=False)]


def of_place(evidence: Evidence, desk: Desk) -> Statement:
    """Where the task or section of a record stands; all that belongs to it is cited."""
    record, plan = evidence.record, evidence.plan
    headings = "之".join(f"“{heading}”" for heading in record.path)
    if isinstance(record, Passage):
        beside = desk.outline.part(plan.id, [int(n) for n in record.section.split(".")][:2])
        records = list(beside.records) if beside else [record]
        text = f"在{plan.short}{record.number}，即{headings}"
    else:
        records = desk.outline.task(plan.id, record.number)
        task = f"“{record.task}”" if record.task else ""
        text = f"在{plan.short}第{record.number}项{task}{f'（{headings}）' if headings else ''}"
    cited = [record.id, *(r.id for r in records if r.id != record.id)][:MOST]
    return Statement(f"{text}{joined_labels(cited, desk.store)}。", "quoted", tuple(cited))
