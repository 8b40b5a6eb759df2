"""List all, how many: a scan of the store with the filters read from the question.

Complete by construction: nothing is ranked or cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.normal import normal
from corpus.types import ROLE_WORDS, Duty, Measure, Record
from index.filters import Filters
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.reading import Reading
from rag.routes import summary
from rag.routes.duty import asked
from rag.routes.wording import indicator, joined_labels, subject
from rag.scan_words import total
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
    for attempt in _attempts(wanted, reading) if wanted else ():
        wanted = attempt.wanted
        if found := desk.store.scan(wanted):
            break
    else:
        return _on_topic(reading, desk)
    statements = [Statement(desk.within + attempt.opening, "absence")] if attempt.opening else []
    if reading.kind == "count":
        statements += _each(reading, wanted, desk)
        statements += _of_years(reading, wanted, desk) or [counted(wanted, found, desk)]
        named = [r for r in found if indicator(r) and normal(r.text) in map(normal, wanted.texts)]
        statements += [_line(record, wanted, desk, reading, who=False) for record in named]  # its own target
    else:
        statements.append(_totalled(wanted, found, desk, "："))
        who = "duty" in reading.aspects and not wanted.departments
        statements += [_line(record, wanted, desk, reading, who=who) for record in found]
    if unread := (*reading.unread, *attempt.dropped):
        said = "、".join(f"“{words}”" for words in unread)
        statements.append(Statement(f"问题里的{said}没有作为条件。", "absence"))
    return Reply(reading.kind, statements, suggestions=_apart(wanted))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A scan, what has to be said before its result, and words that it leaves out."""

    wanted: Filters
    opening: str = ""
    dropped: tuple[str, ...] = ()


def _attempts(wanted: Filters, reading: Reading) -> Iterator[_Attempt]:
    """The scan that the question asks for, then wider ones for where nothing meets it."""
    yield _Attempt(wanted)
    yield from _without_asides(wanted, reading)
    if wanted.either and (wanted.texts or wanted.own_texts):
        lack = f"写明{'、'.join(reading.outside)}" if reading.outside else "同时符合各项条件"
        wanted = replace(wanted, either=())
        yield _Attempt(wanted, f"没有{lack}的相应措施；不限于此的如下。")
    if len(wanted.texts) > 1 and not wanted.departments:
        any_of = tuple(Filters(texts=(text,)) for text in wanted.texts)
        yield _Attempt(
            replace(wanted, texts=(), either=(any_of,)), "没有同时含这些词的措施，含其中之一的如下。"
        )


def counted(wanted: Filters, found: Sequence[Record], desk: Desk) -> Statement:
    """How many records meet `wanted`, by plan, with all of them cited; `found` are those."""
    labels = joined_labels([r.id for r in found], desk.store) if len(found) <= MOST_LABELS else ""
    return _totalled(wanted, found, desk, f"{labels}。")


def _totalled(wanted: Filters, found: Sequence[Record], desk: Desk, ending: str) -> Statement:
    """The number of records, by plan and with all of them cited; of a scope that is said."""
    where = f"{desk.within}，" if desk.within else ""
    said = f"{where}{total(wanted, found, desk.store.plans)}{ending}"
    return Statement(said, "computed", tuple(r.id for r in found), scan=desk.scanned(wanted))


def _each(reading: Reading, wanted: Filters, desk: Desk) -> list[Statement]:
    """The number of each department, where several are counted beside each other (分别, 谁多)."""
    if len(reading.mentions) < 2 or wanted.both or not _APIECE.search(reading.text):
        return []
    each = (replace(wanted, departments=(name,)) for name in wanted.departments)
    return [counted(own, found, desk) for own in each if (found := desk.store.scan(own))]


def _of_years(reading: Reading, wanted: Filters, desk: Desk) -> list[Statement]:
    """The number of each year, where plans of several are counted: they are no sum."""
    of_year = [replace(wanted, years=(year,)) for year in sorted(reading.years)]
    every = [(own, found) for own in of_year if (found := desk.store.scan(own))]
    several = len(every) > 1 and not desk.finder.editions.plain
    return [counted(own, found, desk) for own, found in every] if several else []


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


def _without_asides(wanted: Filters, reading: Reading) -> Iterator[_Attempt]:
    """The scan without words that may be asides, the shortest first, where a column narrows it as well.

    What is quoted, or said to be in the text, stays.
    """
    if not _by_column(wanted):
        return
    asides = sorted((t for t in wanted.texts if t not in reading.quoted and len(t) <= LONG), key=len)
    for n in range(1, len(asides) + 1):
        kept = tuple(text for text in wanted.texts if text not in asides[:n])
        yield _Attempt(replace(wanted, texts=kept), dropped=tuple(asides[:n]))


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


def _apart(wanted: Filters) -> tuple[str, ...]:
    """A government's own measures and those of 各区政府 are counted apart: the others can be asked for."""
    named = [name for name in wanted.departments if name.endswith(_GOVERNMENT) and name[:1] not in "各相"]
    if not named:
        return ()
    roles = "、".join(ROLE_WORDS[role] for role in wanted.roles) or "参与"
    return (f"各区政府{roles}的措施有哪些？", f"相关区政府{roles}的措施有哪些？")


def _duties(record: Measure, wanted: Filters) -> list[Duty]:
    roles = wanted.wide_roles
    names = {*wanted.departments, *(name for f in wanted.both for name in f.departments)}
    return [d for d in record.duties if d.department in names and (not roles or d.role in roles)]
