"""Differences told: as rows of a table, as a count in words, as one sentence on a final text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpus.types import STATUS_WORDS, Due, Record
from rag.changes import OPEN_END, SUBSTANCE, Change, Compared, Differences, Kind, place
from rag.reworded import Marked, whole

ADDED, DROPPED, CHANGED, MOVED, SAME = "新增", "删去", "修改", "移动", "未变"
COLUMNS = (
    "变化", "类型", "项目", "前编号", "后编号", "前标签", "后标签", "修改前", "修改后",
    "删去的词句", "加入的词句", "说明",
)  # fmt: skip
GROUPS = (*(kind.value for kind in Kind if kind is not Kind.NUMBER), ADDED, DROPPED, Kind.NUMBER.value, SAME)
"""The groups of a table in reading order: what changed in substance comes first."""
_LONG = 40  # characters of a figure's clause that a sentence quotes


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row: a thing that changed in a measure, or a measure added, dropped or unchanged."""

    way: str
    group: str
    item: str
    before_id: str
    after_id: str
    before_label: str
    after_label: str
    before: Marked
    after: Marked
    note: str = ""

    def as_dict(self) -> dict[str, str]:
        """The row by its columns, as text."""
        cells = (
            self.way, self.group, self.item,
            self.before_id, self.after_id, self.before_label, self.after_label,
            _text(self.before), _text(self.after), _words(self.before), _words(self.after), self.note,
        )  # fmt: skip
        return dict(zip(COLUMNS, cells, strict=True))


def as_rows(found: Differences, label: Callable[[str], str]) -> list[ChangeRow]:
    """All rows in the order of the later edition, what was dropped behind; `label` names a record's id."""
    rows = [row for pair in found.pairs for row in _of_pair(pair, label)]
    for record in found.added:
        origin = found.split.get(record.id)
        note = f"与{label(origin.id)}的部分文字相同，可能由其拆出" if origin else ""
        rows.append(_alone(ADDED, record, label, note))
    rows.sort(key=_order)
    for record in found.dropped:
        into = found.merged.get(record.id)
        note = f"主要文字见{label(into.id)}，可能已并入" if into else ""
        rows.append(_alone(DROPPED, record, label, note))
    return rows


def summary(found: Differences) -> str:
    """How many measures were added, dropped, changed, moved and are as they were."""
    counts = (
        (ADDED, len(found.added)), (DROPPED, len(found.dropped)), (CHANGED, len(found.changed)),
        (MOVED, len(found.moved)), (SAME, len(found.same)),
    )  # fmt: skip
    kinds = Counter(kind for pair in found.changed for kind in {change.kind for change in pair.changes})
    told = [f"{kind.value}{kinds[kind]}条" for kind in Kind if kinds[kind] and kind is not Kind.NUMBER]
    detail = f"修改中：{'、'.join(told)}（一条可有几处）。" if told else ""
    return "、".join(f"{way}{count}条" for way, count in counts) + "。" + detail


def changed_from_draft(record: Record, found: Differences) -> str:
    """What the final `record` has in substance otherwise than the draft, as one sentence; "" where nothing.

    `found` are the differences from the draft to the final text. A figure, a date, a department are told;
    words and numbers are not.
    """
    opening = f"较{STATUS_WORDS['draft']}："
    if record.id in found.added_ids:
        origin = found.split.get(record.id)
        told = f"本条为新列，部分内容原在{place(origin)}" if origin else "本条为新增"
        return f"{opening}{told}。"
    pair = found.by_after.get(record.id)
    if pair is None:
        return ""
    told_all = dict.fromkeys(_told(change) for change in pair.changes if change.kind in SUBSTANCE)
    return f"{opening}{'；'.join(told_all)}。" if told_all else ""


def _order(row: ChangeRow) -> list[list[int]]:
    """By the number of the later record (13/1, 3.1.1/2); of one measure the rows stay as they are."""
    return [[int(n) for n in part.split(".")] for part in row.after_id.split("/")[1:]]


def _of_pair(pair: Compared, label: Callable[[str], str]) -> Iterator[ChangeRow]:
    ids = pair.before.id, pair.after.id
    labels = label(ids[0]), label(ids[1])
    if not pair.changes:
        text = whole(pair.after.text, changed=False)
        yield ChangeRow(SAME, SAME, "", *ids, *labels, whole(pair.before.text, changed=False), text)
    moved_only = not pair.changed
    for change in pair.changes:
        if change.kind is Kind.NUMBER and not moved_only:
            continue  # both numbers stand in the other rows of the measure
        way = MOVED if moved_only else CHANGED
        note = f"移至{place(pair.after)}" if change.item == "编号" else _only_signs(change)
        yield ChangeRow(way, change.kind.value, change.item, *ids, *labels, change.before, change.after, note)


def _only_signs(change: Change) -> str:
    words = _words(change.before) + _words(change.after)
    return "仅标点不同" if not any(char.isalnum() for char in words) else ""


def _alone(way: str, record: Record, label: Callable[[str], str], note: str) -> ChangeRow:
    text = whole(record.text, changed=True)
    item = "整条"
    if way == ADDED:
        return ChangeRow(way, way, item, "", record.id, "", label(record.id), (), text, note)
    return ChangeRow(way, way, item, record.id, "", label(record.id), "", text, (), note)


def _text(marked: Marked) -> str:
    return "".join(text for text, _ in marked)


def _words(marked: Marked) -> str:
    return "；".join(text for text, changed in marked if changed)


def _told(change: Change) -> str:
    """A change of substance in words."""
    if change.kind is Kind.DUTY:
        return _told_duty(change)
    old, new = _text(change.before), _text(change.after)
    if change.kind is Kind.TARGET or change.item == "年终目标":
        return _from_to("年终目标", old, new)
    if change.kind is Kind.DEADLINE:
        if change.item != "完成时限":  # a date in the text
            return _from_to("文中时限", *map(_quoted, _dates(change)))
        return _from_to("完成时限", old, new)
    return _from_to("数字表述", _quoted(_near(change.before)), _quoted(_near(change.after)))


def _from_to(what: str, old: str, new: str) -> str:
    if not old:
        return f"增加{what}{new}"
    return f"{what}由{old}改为{new}" if new else f"删去{what}{old}"


def _dates(change: Change) -> tuple[str, str]:
    """The dates themselves; where none could be read as one, the words that changed."""
    shown = []
    for value, marked in ((change.old, change.before), (change.new, change.after)):
        due = value[0] if isinstance(value, tuple) and value and isinstance(value[0], Due) else None
        shown.append(due.printed if due else _words(marked))
    return shown[0], shown[1]


def _quoted(text: str) -> str:
    return f"“{text}”" if text else ""


def _near(marked: Marked) -> str:
    """The figure with as much of its clause as a sentence bears."""
    text = _text(marked)
    if len(text) <= _LONG:
        return text
    opening = "" if marked[0][1] else marked[0][0]
    return opening + _words(marked)


def _told_duty(change: Change) -> str:
    gone = [text for text, changed in change.before if changed]
    come = [text for text, changed in change.after if changed]
    told = []
    for names, verb in ((gone, "删去"), (come, "增写")):
        if OPEN_END in names:
            names.remove(OPEN_END)
            told.append(f"{change.item}{verb}“{OPEN_END}”")
    if gone or come:
        told.insert(0, _exchanged(change.item, "、".join(gone), "、".join(come)))
    return "，".join(told)


def _exchanged(item: str, gone: str, come: str) -> str:
    if gone and come:
        return f"{item}由{gone}改为{come}"
    return f"{item}增加{come}" if come else f"{item}不再列{gone}"
