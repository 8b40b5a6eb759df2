"""Several sides beside each other: a line and a row of a table each, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.types import Measure
from rag import amended
from rag.amended import FIGURES
from rag.answer import Reply, Statement, Table
from rag.changes import SUBSTANCE, Kind
from rag.desk import Desk
from rag.differences import difference
from rag.evidence import Evidence
from rag.figures import Figure, figures, states_amount
from rag.likeness import alike
from rag.reading import Reading
from rag.routes import deadline, duty, editions, fact
from rag.routes.wording import joined_labels, who
from rag.selection import FIGURE, aimed, fit, stating_the_same
from rag.sides import Side, sides
from rag.spans import best as sentence
from rag.spans import with_target

COLUMNS = ("层级", "数字", "原文", "时限", "部门", "依据")
LIKE = 0.35  # likeness to another side's measure from which one counts as the same matter
HELD = 0.5  # share of the topic from which one does
HEAD = 0.6  # share of the topic that the best record must hold
SHORT = 2  # characters of a topic below which the plans as wholes are compared
WORTH = 0.4  # what the likeness to another side's measure adds to the strength


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """One line a side, what differs, and the table; None where no side says anything."""
    beside = [side for side in sides(reading, desk.store.plans) if not desk.lacks(side.reading)]
    if beside and beside[0].edition and len(reading.topic) < SHORT and not reading.mentions:
        return editions.answer(beside, desk, placed=reading.placed)
    found = [aimed(fit(side.reading, desk.finder.find(side.reading))) for side in beside]
    heads = [e[0] for e in found if e and (e[0].supported or e[0].together >= HEAD)]
    if not heads:
        return None
    anchor = max(heads, key=_absolute)
    statements: list[Statement] = []
    kept: list[tuple[str, Evidence]] = []
    silent: list[str] = []
    for side, evidence in zip(beside, found, strict=True):
        best = _best(evidence, anchor, reading)
        if best is None:
            silent.append(side.name)
            continue
        kept.append((getattr(best.record, "period", "") or side.name, best))
        statements += _of_side(side, best, _told(side.reading, best, desk, basis=not statements), desk)
        for other in stating_the_same(best, evidence):
            statements += _of_side(side, other, _told(side.reading, other, desk, basis=False), desk)
    edition = beside[0].edition
    statements += (
        _changes(reading, kept, statements, desk) if edition else _difference(kept, statements, desk)
    )
    if silent and (reading.placed or len(kept) > 1):
        where = f"{desk.within}，" if desk.within else ""
        statements.append(Statement(f"{where}{'、'.join(silent)}的文本中没有找到相应内容。", "absence"))
    table = _table(kept, statements, desk, named=edition) if len(kept) > 1 else None
    return Reply("compare", statements, table=table)


def _changes(
    reading: Reading, kept: Sequence[tuple[str, Evidence]], statements: Sequence[Statement], desk: Desk
) -> list[Statement]:
    """What changed from one edition to the next in what is asked: one figure as a difference, else each."""
    kinds = amended.concerned(reading) or SUBSTANCE
    figures = _amended(kept, desk, kinds & FIGURES)
    others = _amended(kept, desk, kinds - FIGURES)
    if len(figures) == 1:
        figures = _difference(kept, statements, desk, same=False) or figures
    if figures or others or not kinds & FIGURES:
        return [*figures, *others]
    return _difference(kept, statements, desk)


def _amended(kept: Sequence[tuple[str, Evidence]], desk: Desk, kinds: frozenset[Kind]) -> list[Statement]:
    """The changes of `kinds` from each edition to the next of its place."""
    return [
        statement
        for (_, one), (_, other) in pairwise(kept)
        if one.plan.district == other.plan.district
        for statement in amended.beside(one.record, other.record, desk.store, kinds)
    ]


def _of_side(side: Side, found: Evidence, told: list[Statement], desk: Desk) -> list[Statement]:
    """`told` with the name of the side, where that is an edition, in place of whose plan it is."""
    opening = who(found.record, found.plan, desk.store)
    of_edition = (s.text.startswith(opening) and side.edition for s in told)
    named = (replace(s, text=side.name + s.text.removeprefix(opening)) for s in told)
    return [new if own else old for old, new, own in zip(told, named, of_edition, strict=True)]


def _absolute(evidence: Evidence) -> float:
    """How well a record answers, comparable over searches in different plans."""
    return evidence.together + (
        evidence.match.hit.cosine + evidence.match.hit.asked_cosine if evidence.match else 0.0
    )


def _best(evidence: Sequence[Evidence], anchor: Evidence, reading: Reading) -> Evidence | None:
    """The record of one side that is about the same matter, or None."""
    said = _in_point(reading, anchor)

    def worth(e: Evidence) -> float:
        point = _in_point(reading, e)
        near = max(alike(e.record.text, anchor.record.text), alike(point, said))
        says = reading.wants_figure and states_amount(point)
        return e.strength + WORTH * near + (FIGURE / 2) * says

    best = max(evidence[:10], key=worth, default=None)
    if best is None:
        return None
    same = alike(best.record.text, anchor.record.text) >= LIKE
    return best if best.supported or same or best.together >= HELD else None


def _in_point(reading: Reading, evidence: Evidence) -> str:
    """The sentence of a record that is about the topic."""
    clauses = sentence(with_target(evidence.record), reading.topic, figure=reading.wants_figure, most=1)
    return clauses[0].text if clauses else evidence.record.text


def _told(reading: Reading, found: Evidence, desk: Desk, *, basis: bool) -> list[Statement]:
    if "duty" in reading.aspects and isinstance(found.record, Measure):
        told = (
            _facts(reading, found, desk)
            if reading.wants_figure
            else duty.told_first(reading, found, desk.store)
        )
        said = duty.of_record(reading, found, desk.store, basis=basis, told=bool(told))
        return [*told, said]
    if "deadline" in reading.aspects and isinstance(found.record, Measure):
        return deadline.of_record(reading, found, desk.store)
    return _facts(reading, found, desk)


def _facts(reading: Reading, found: Evidence, desk: Desk) -> list[Statement]:
    return fact.of_record(replace(reading, aspects=reading.aspects | {"figure"}), found, desk.store)


def _stated(evidence: Evidence, statements: Sequence[Statement]) -> list[Figure]:
    """The figures of the sentences that are shown of a record."""
    target = getattr(evidence.record, "target", None)
    shown = [quote for s in statements for record_id, quote in s.quotes if record_id == evidence.record.id]
    return [
        f
        for text in ([target] if target else shown)
        for f in figures(text)
        if not f.spelled and f.unit != "年"
    ]


def _difference(
    kept: Sequence[tuple[str, Evidence]],
    statements: Sequence[Statement],
    desk: Desk,
    *,
    same: bool = True,
) -> list[Statement]:
    """How the figures differ, where each side states exactly one of the same unit; also that they do not."""
    stated = [(name, e, _stated(e, statements)) for name, e in kept]
    stated = [entry for entry in stated if entry[2]]
    units = [{f.unit for f in found} for _, _, found in stated]
    for unit in sorted(set.intersection(*units)) if len(units) > 1 else []:
        of_unit = [(name, e, [f for f in found if f.unit == unit]) for name, e, found in stated]
        if all(len(found) == 1 for _, _, found in of_unit):
            said = difference([(name, found[0]) for name, _, found in of_unit])
            if said and (same or len({found[0].value for _, _, found in of_unit}) > 1):
                ids = tuple(e.record.id for _, e, _ in of_unit)
                return [Statement(f"{said}{joined_labels(ids, desk.store)}。", "computed", ids)]
    return []


def _table(
    kept: Sequence[tuple[str, Evidence]], statements: Sequence[Statement], desk: Desk, *, named: bool
) -> Table:
    """A row a side; `named` by the sides' names, which tell editions of one plan apart."""
    rows = []
    for name, e in kept:
        record = e.record
        shown = [quote for s in statements for record_id, quote in s.quotes if record_id == record.id]
        target = getattr(record, "target", None)
        content = f"{record.text}：{target}" if target else "；".join(dict.fromkeys(shown))
        stated = "、".join(dict.fromkeys(map(str, _stated(e, statements)))) or target or "未写数字"
        cells = (
            (getattr(record, "deadline", None) or "", duty.say(record.duties))
            if isinstance(record, Measure)
            else ("", "")
        )
        place = name if named else who(record, e.plan, desk.store)
        rows.append((place, stated, content, *cells, desk.store.label(record.id)))
    return Table(COLUMNS, tuple(rows), tuple(e.record.id for _, e in kept))
