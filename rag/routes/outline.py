"""What stands where in a plan: an item, a chapter, a section, or where something is dealt with."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.normal import normal
from corpus.types import Measure, Plan, Record
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.editions import long_term
from rag.evidence import Evidence
from rag.numbers import LAST
from rag.outline import title
from rag.reading import Reading
from rag.routes.outline_words import MOST, of_part, of_place, of_record, whole
from rag.selection import fit

_WHOLE = re.compile(
    r"(?:几|多少)(?:个|大)?(?:章|部分|板块|大块)|分几块|目录|结构|框架|分[哪几]|(?:几|多少)(?:项|个)(?:重点)?任务|总共"
)
_CONTENT = re.compile(r"(?:说|讲|写)了?(?:些|点)?(?:什么|啥)|内容|怎么(?:说|写)|大意|要点")
_WHERE = re.compile(r"第几[项条章节]|哪一?[章节项]|[那哪]个?(?:章节|部分)|位于|写在|放在")
NAMED = 0.5  # share of its name that a question must say to mean one task of several


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """The part of the plan that is asked for; of several plans, what each has there."""
    plans = plans_meant(reading, desk)
    at = reading.numbers
    if at.section:
        return _sections(reading, desk, plans)
    if at.task is not None:
        return _tasks(reading, desk, plans)
    if at.chapter is not None:
        return _chapters(reading, desk, plans)
    words = reading.topic
    text = re.sub(r"[“”\"〔〕]", "", reading.text)
    for plan in plans:
        part = desk.outline.named(plan.id, text, words)
        if part is not None:
            return Reply("outline", of_part(part, plan, desk, content=_CONTENT.search(text) is not None))
    if _WHERE.search(reading.text) and words:
        return _where(reading, desk)
    if _WHOLE.search(reading.text) and len(plans) < 3:
        return Reply("outline", [s for plan in plans for s in whole(plan, desk)])
    return _where(reading, desk) if words else None


def plans_meant(reading: Reading, desk: Desk) -> list[Plan]:
    """The plans that the question is about: those it names, those of its places, or all."""
    plans = list(desk.plans.values())
    if reading.plans:
        return [plan for plan in plans if plan.id in reading.plans]
    if reading.districts:
        return [plan for plan in plans if plan.district in reading.districts and not long_term(plan)]
    return plans


def _tasks(reading: Reading, desk: Desk, plans: Sequence[Plan]) -> Reply | None:
    """The measures of 第n项 in each of `plans`; of several plans a line each."""
    at = reading.numbers
    assert at.task is not None
    found: list[tuple[Plan, list[Record]]] = []
    for plan in plans:
        records = desk.outline.task(plan.id, at.task) if not plan.prose else []
        records = [r for r in records if at.item is None or r.item == at.item]
        if records:
            found.append((plan, records))
    if not found:
        return None
    headed = [entry for entry in found if _named_in(reading, entry[1][0], desk)]
    found = headed or found  # 多元共治第9项协作新模式: of the two the one that is so called
    several = len(found) > 1
    statements: list[Statement] = []
    for plan, records in found:
        for record in records[:1] if several and at.item is None else records:
            statements += of_record(record, plan, desk, whole=not several)
    return Reply("clarify" if several else "outline", statements, clarify=several)


def _named_in(reading: Reading, record: Record, desk: Desk) -> bool:
    """Whether the question says the name of the record's task besides its number."""
    task = record.task if isinstance(record, Measure) else ""
    return bool(reading.topic and task) and max(desk.headings.about(reading.topic, task)) >= NAMED


def _chapters(reading: Reading, desk: Desk, plans: Sequence[Plan]) -> Reply | None:
    at = reading.numbers
    if at.chapter == LAST:
        found = [(plan, chapters[-1]) for plan in plans if (chapters := desk.outline.chapters(plan.id))]
    else:
        found = [(plan, part) for plan in plans if (part := desk.outline.part(plan.id, (at.chapter or 0,)))]
    if not found:
        return None
    several = len(found) > 1
    statements = [s for plan, part in found for s in of_part(part, plan, desk, sections=not several)]
    return Reply("clarify" if several else "outline", statements, clarify=several)


def _sections(reading: Reading, desk: Desk, plans: Sequence[Plan]) -> Reply | None:
    """What a section such as 三(一)2 says: its passages, or the headings inside it."""
    key = tuple(int(number) for number in reading.numbers.section.split("."))
    if not reading.plans:
        plans = [plan for plan in plans if plan.prose] if len(key) > 2 else plans
    for plan in plans:
        part = desk.outline.part(plan.id, key)
        if part is None:
            continue
        if plan.prose and len(part.records) <= MOST:
            return Reply("outline", [s for r in part.records for s in of_record(r, plan, desk, whole=True)])
        return Reply("outline", of_part(part, plan, desk))
    return None


def _where(reading: Reading, desk: Desk) -> Reply | None:
    """Which 项, chapter or section deals with the topic: that of the best evidence."""
    found = [e for e in fit(reading, desk.finder.find(reading)) if e.supported or e.coverage >= 0.6]
    if not found:
        return None
    best = max(found, key=lambda e: (_headed(e, reading), e.strength))
    levels = [e for e in found if e.level != best.level and e.strength >= 0.9 * found[0].strength]
    several = [best, *(levels[:2] if not reading.placed else [])]
    return Reply("outline", [of_place(e, desk) for e in several])


def _headed(evidence: Evidence, reading: Reading) -> bool:
    """Whether the topic stands in the record's task or headings."""
    words = normal(reading.topic.replace(" ", ""))
    heads = [title(heading) for heading in evidence.record.path]
    if isinstance(evidence.record, Measure):
        heads.append(normal(evidence.record.task))
    return any(words in head for head in heads)
