"""List all, how many: a scan of the store with the filters read from the question.

Complete by construction: nothing is ranked or cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from corpus.normal import normal
from corpus.types import ROLE_WORDS, Duty, Measure, Record, Role
from index.filters import Filters
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.reading import Reading
from rag.routes import summary
from rag.routes.duty import asked
from rag.routes.wording import indicator, joined_labels, subject
from rag.spans import best, sentences, trimmed

MOST_UNREAD = 3  # characters of a question's words that may narrow nothing where something else does
MOST_LABELS = 12  # labels that a sentence carries; more are in the citations alone
LONG = 3  # characters of a word that may be an aside; a longer one is what the list is about
WHOLE = 120  # characters of the sentence that holds the words asked for up to which it is shown whole
_KIND_OF_BODY = re.compile(r"^(?:北京市|[\u4e00-\u9fff]{2,3}区)|(?:局|委|委员会|办|中心|公司)$")
_GOVERNMENT = "区政府"
_APIECE = re.compile(
    r"分别|各[有自]|各牵头|谁.{0,8}[多少]|[多少]牵头|比.{2,20}[多少]|更[多少]|哪[个家].{0,8}[多少]"
)


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """A computed statement with the number, then (for a list) one a measure, by plan.

    None where the question names nothing to scan for or nothing meets it.
    """
    wanted = scannable(reading)
    found = desk.store.scan(wanted) if wanted else []
    if wanted and not found and (wider := _wider(wanted, reading, desk)):
        wanted, dropped = wider
        reading = replace(reading, unread=(*reading.unread, *dropped))
        found = desk.store.scan(wanted)
    opening = []
    if wanted and not found and wanted.either and (wanted.texts or wanted.own_texts):
        lack = f"写明{'、'.join(reading.outside)}" if reading.outside else "同时符合各项条件"
        wanted = replace(wanted, either=())
        found = desk.store.scan(wanted)
        opening = [Statement(f"没有{lack}的相应措施；不限于此的如下。", "absence")]
    if wanted and not found and len(wanted.texts) > 1 and not wanted.departments:
        wanted = replace(wanted, texts=(), either=(tuple(Filters(texts=(t,)) for t in wanted.texts),))
        found = desk.store.scan(wanted)
        opening = [Statement("没有同时含这些词的措施，含其中之一的如下。", "absence")]
    if wanted is None or not found:
        return _on_topic(reading, desk)
    if reading.kind == "count":
        statements = [*opening, *_each(reading, wanted, desk), counted(wanted, found, desk)]
    else:
        ids = tuple(record.id for record in found)
        total = _total(wanted, found, desk)
        statements = [*opening, Statement(f"{total}：", "computed", ids, scan=wanted)]
        who = "duty" in reading.aspects and not wanted.departments
        statements += [_line(record, wanted, desk, reading, who=who) for record in found]
    if reading.unread:
        said = "、".join(f"“{words}”" for words in reading.unread)
        statements.append(Statement(f"问题里的{said}没有作为条件。", "absence"))
    return Reply(reading.kind, statements, suggestions=_apart(wanted))


def counted(wanted: Filters, found: Sequence[Record], desk: Desk) -> Statement:
    """How many records meet `wanted`, by plan, with all of them cited; `found` are those."""
    ids = tuple(record.id for record in found)
    labels = joined_labels(ids, desk.store) if len(ids) <= MOST_LABELS else ""
    said = f"{_total(wanted, found, desk)}{labels}。"
    return Statement(said, "computed", ids, scan=wanted)


def _each(reading: Reading, wanted: Filters, desk: Desk) -> list[Statement]:
    """The number of each department, where several are counted beside each other (分别, 谁多)."""
    if len(reading.mentions) < 2 or wanted.both or not _APIECE.search(reading.text):
        return []
    each = (replace(wanted, departments=(name,)) for name in wanted.departments)
    return [counted(own, found, desk) for own in each if (found := desk.store.scan(own))]


def scannable(reading: Reading) -> Filters | None:
    """The scan that the question asks for, or None where it names nothing to scan for.

    Words that stand nowhere in the records are no reason to list the rest as if they had not
    been said: a list that nothing else narrows, or one that lacks a whole phrase, is none.
    """
    wanted = reading.scan
    if wanted is None:
        return None
    named = replace(wanted, plans=(), districts=(), kinds=())
    if named == Filters() and not (reading.kind == "count" and (reading.placed or not reading.topic)):
        return None
    if sum(map(len, reading.unread)) > MOST_UNREAD and not _by_column(wanted):
        return None
    return wanted


def _by_column(wanted: Filters) -> bool:
    """Whether a column narrows it: departments, deadline or category, and not words alone."""
    return bool(wanted.departments or wanted.due or wanted.categories)


def _wider(wanted: Filters, reading: Reading, desk: Desk) -> tuple[Filters, tuple[str, ...]] | None:
    """The conditions without a word that lets nothing through, where others narrow the list; and the word.

    Shorter words go first: they may be asides. What is quoted, or said to be in the text, stays.
    None where words are all that narrows it.
    """
    if not _by_column(wanted):
        return None
    dropped: list[str] = []
    for text in sorted((t for t in wanted.texts if t not in reading.quoted and len(t) <= LONG), key=len):
        dropped.append(text)
        wider = replace(wanted, texts=tuple(t for t in wanted.texts if t not in dropped))
        if desk.store.scan(wider):
            return wider, tuple(dropped)
    return None


def _on_topic(reading: Reading, desk: Desk) -> Reply | None:
    """What is nearest to a list by its topic, where it names no department, deadline or category."""
    wanted = reading.scan
    if wanted is None or _by_column(wanted) or wanted.excluding:
        return None
    if reading.kind == "count" or len(reading.topic) < 2:
        return None
    return summary.answer(replace(reading, kind="summary"), desk)


def _line(record: Record, wanted: Filters, desk: Desk, reading: Reading, *, who: bool) -> Statement:
    """What a record is about, by the sentence in point, with what is asked of each."""
    phrase = indicator(record)
    bodies = " ".join(_KIND_OF_BODY.sub("", name) for name in wanted.departments)
    words = normal(" ".join((reading.topic, *wanted.texts, *wanted.own_texts, bodies)))
    clause = best(record.text, words, most=1, figure=reading.wants_figure)[0] if words.strip() else None
    about = record.text if phrase else subject(record, clause or sentences(record.text)[0])
    if clause and (wanted.texts or wanted.own_texts) and len(clause.text) <= WHOLE:
        about = trimmed(clause.text)
    duties: list[Duty] = []
    if isinstance(record, Measure):
        duties = list(asked(record.duties, reading.roles)) if who else _duties(record, wanted)
    said = "，" + "、".join(f"{d.department}{ROLE_WORDS[d.role]}" for d in duties) if duties else ""
    due = dict.fromkeys(d.printed for d in record.due if any(window.holds(d) for window in wanted.due))
    when = f"，{'、'.join(due)}" if due and not any(words in about for words in due) else ""
    if "deadline" in reading.aspects and not when and (deadline := getattr(record, "deadline", None)):
        when = f"，{deadline}"
    category = getattr(record, "category", None) if "category" in reading.aspects else None
    kind = f"，属于{category}" if category else ""
    text = f"{phrase or about}{kind}{when}{said}{desk.store.label(record.id)}。"
    named = tuple((record.id, duty) for duty in duties)
    return Statement(text, "quoted", (record.id,), ((record.id, about),), named)


def _total(wanted: Filters, found: Sequence[Record], desk: Desk) -> str:
    plans = desk.store.plans
    unit = "段" if wanted.kinds == ("passage",) else "条"
    by_plan = [
        f"{plans[plan].short}{len(list(group))}{unit}" for plan, group in groupby(found, lambda r: r.plan)
    ]
    said = [*conditions(wanted)]
    what = "段落" if unit == "段" else "措施"
    of = f"{'，'.join(said)}的{what}" if said else what
    return f"{of}共{len(found)}{unit}（{'，'.join(by_plan)}）"


def conditions(wanted: Filters) -> list[str]:
    """The conditions in words, as the scan knows them."""
    said = []
    if wanted.departments:
        joint = [name for other in wanted.both for name in other.departments]
        together = f"与{'、'.join(joint)}同时" if joint else "单独" if wanted.sole else ""
        roles = "、".join(map(_role_words, wanted.roles)) or "参与"
        said.append(f"{'、'.join(wanted.departments)}{together}{roles}")
    if wanted.categories:
        said.append("类别为" + "、".join(wanted.categories))
    said += ["或".join(_holding(group)) for group in wanted.either]
    said += _holding((Filters(texts=wanted.texts, own_texts=wanted.own_texts),))
    if wanted.due:
        words = [window.printed for window in wanted.due if window.printed]
        said.append(f"时限为“{'”或“'.join(words)}”" if len(words) == len(wanted.due) else "所问时限内")
    said += ["同时在所问的另一时限内" for other in wanted.both if other.due]
    return [*said, *(_left_out(other, wanted) for other in wanted.excluding)]


def _holding(group: Sequence[Filters]) -> list[str]:
    """What records must hold: words in their texts, departments in their columns."""
    said = []
    for other in group:
        for texts, where in ((other.texts, "文字中含"), (other.own_texts, "原文含")):
            if texts:
                said.append(where + "、".join(f"“{text}”" for text in texts))
        said += [f"写明{name}" for name in other.departments]
    return said


def _left_out(other: Filters, wanted: Filters) -> str:
    if other.deadlines:
        return "完成时限不是" + "、".join(f"“{deadline}”" for deadline in other.deadlines)
    roles = "、".join(ROLE_WORDS[role] for role in other.roles)
    if other.districts:
        return f"不含{'、'.join(district or '市级' for district in other.districts)}计划"
    if not other.departments:
        return f"未列{roles}单位"
    whose = "其" if other.departments == wanted.departments else "、".join(other.departments)
    return f"不由{whose}{roles}" if roles else f"没有{whose}参与"


def _apart(wanted: Filters) -> tuple[str, ...]:
    """A government's own measures and those of 各区政府 are counted apart: the others can be asked for."""
    named = [name for name in wanted.departments if name.endswith(_GOVERNMENT) and name[:1] not in "各相"]
    if not named:
        return ()
    roles = "、".join(ROLE_WORDS[role] for role in wanted.roles) or "参与"
    return (f"各区政府{roles}的措施有哪些？", f"相关区政府{roles}的措施有哪些？")


def _role_words(role: Role) -> str:
    return {"lead": "牵头（含牵头/主责合并）", "responsible": "主责（含牵头/主责合并）"}.get(
        role.value, ROLE_WORDS[role]
    )


def _duties(record: Measure, wanted: Filters) -> list[Duty]:
    roles = wanted.wide_roles
    names = {*wanted.departments, *(name for f in wanted.both for name in f.departments)}
    return [d for d in record.duties if d.department in names and (not roles or d.role in roles)]
