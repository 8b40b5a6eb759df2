"""What can be asked next: questions that the plans do answer, worked out from an answer's own records.

A record is named by the numbers of its label (延庆绿色低碳第31项第1条由谁负责？), so that the question
is for that very row; a list is narrowed (其中6月底前完成的有哪些？) where some of it, but not all, is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice, zip_longest

from corpus.types import Duty, Measure, Passage, Record, Role
from index.filters import ROLE_INCLUDES, DueWindow, Filters
from rag.answer import Reply
from rag.counterparts import Counterparts
from rag.desk import Desk
from rag.reading import Reading

_Narrowing = tuple[str, Callable[[Record], bool]]  # in words, and whether a record meets it
MOST = 3
ABOUT = 2  # records of an answer that are asked about; of a comparison one for each suggestion
WHOLE = 0.9  # share of a record's text that an answer must quote to have said all of it
_DATES = ("6月底前", "9月底前", "3月底前")  # what a list is narrowed to: the first that parts it
_LEADING = ROLE_INCLUDES[Role.LEAD]
_WHO, _WHAT = "由谁负责？", "的具体要求是什么？"


def further(
    answered: Sequence[tuple[Reading, Reply]], desk: Desk, counterparts: Counterparts
) -> tuple[str, ...]:
    """The suggestions of replies and, up to `MOST` of them, what else can be asked of their records.

    A refusal, and a clarification that asks back, keep their own.
    """
    own = [suggestion for _, reply in answered for suggestion in reply.suggestions]
    more = [
        _asked(reading, reply, desk, counterparts)
        for reading, reply in answered
        if reply.route not in ("refuse", "chat") and not (reply.clarify and reply.suggestions)
    ]
    return tuple(islice(_distinct(chain(own, _in_turn(more))), max(MOST, len(set(own)))))


def _in_turn(groups: Iterable[Iterator[str]]) -> Iterator[str]:
    """The first of each group, then the second of each."""
    return (one for ones in zip_longest(*groups) for one in ones if one)


def _distinct(questions: Iterable[str]) -> Iterator[str]:
    """Each once, as they come: what is not taken is not worked out."""
    seen: set[str] = set()
    for question in questions:
        if question not in seen:
            seen.add(question)
            yield question


def _asked(reading: Reading, reply: Reply, desk: Desk, counterparts: Counterparts) -> Iterator[str]:
    cited = list(dict.fromkeys(i for statement in reply.statements for i in statement.citations))
    if reply.route in ("list", "count") and len(cited) > 1:
        yield from _of_list(reading, reply, desk)
    several = MOST if reply.route == "compare" else ABOUT
    records = desk.store.get(cited[:several])
    yield from _in_turn(_of_record(record, reading, reply, desk, counterparts) for record in records)


def _of_record(
    record: Record, reading: Reading, reply: Reply, desk: Desk, counterparts: Counterparts
) -> Iterator[str]:
    """What the answer leaves to be asked of a record: who, by when, at another level, what exactly."""
    if isinstance(record, Passage):
        if not _quotes_all(record, reply):
            yield from _section(record, desk)
        yield from _next(record, desk)
        return
    name = _name(record, desk)
    requires = [] if _quotes_all(record, reply) else [f"{name}{_WHAT}"]
    told = any(i == record.id for statement in reply.statements for i, _ in statement.departments)
    if record.duties and not told:
        yield f"{name}{_WHO}"
    if reply.route in ("duty", "deadline"):
        yield from requires
    asked = "deadline" in reading.aspects or reading.kind == "deadline"
    when = [f"{name}什么时候完成？"] if record.deadline and not asked else []
    dated = any(due.end for due in record.due)
    yield from when if dated else ()
    if reply.route == "outline":
        yield from _next(record, desk)
    yield from _elsewhere(record, reply, desk, counterparts)
    yield from requires
    if reply.route == "duty":
        yield from _led(record, reading, desk)
    yield from when


def _quotes_all(record: Record, reply: Reply) -> bool:
    """Whether the answer says all that a record requires."""
    own = [s for s in reply.statements if record.id in s.citations]
    target = getattr(record, "target", None)
    if target is not None:
        return any(target in statement.text for statement in own)
    quoted = {quote for s in own for record_id, quote in s.quotes if record_id == record.id}
    return sum(map(len, quoted)) >= WHOLE * len(record.text)


def _elsewhere(record: Measure, reply: Reply, desk: Desk, counterparts: Counterparts) -> Iterator[str]:
    """The same matter at the other level, where the answer does not cite it."""
    cited = {i for statement in reply.statements for i in statement.citations}
    for pair in counterparts.of(record.id):
        other_id = pair.city if record.id == pair.district else pair.district
        if other_id in cited or desk.outside([other_id]):
            continue
        (other,) = desk.store.get([other_id])
        place = desk.store.plans[other.plan].district or "全市"
        name = _name(other, desk)
        yield f"{place}（{name}）{_WHO}" if reply.route == "duty" else f"{place}同类要求（{name}）讲什么？"


def _led(record: Measure, reading: Reading, desk: Desk) -> Iterator[str]:
    """What else the department leads that leads it, where it leads more.

    A question after one on a place is asked of that place, where a department of the city leads nothing.
    """
    if reading.placed and not desk.store.plans[record.plan].district:
        return
    for duty in _leading(record):
        led = Filters(departments=(duty.department,), roles=(Role.LEAD,), kinds=("measure",))
        if len(desk.store.positions(led)) > 1:
            yield f"{duty.department}牵头的措施有哪些？"


def _section(record: Record, desk: Desk) -> Iterator[str]:
    """The whole section of a passage; what stands before the first chapter has no number."""
    if isinstance(record, Passage) and not record.section.startswith("0"):
        where = record.number if "." in record.section else f"第{record.number}章"
        yield f"{desk.store.plans[record.plan].short}{where}讲什么？"


def _next(record: Record, desk: Desk) -> Iterator[str]:
    """The task or section that follows in the plan."""
    at = desk.store.places[record.id]
    for other_id in desk.store.ids[at + 1 :]:
        (other,) = desk.store.get([other_id])
        if other.plan != record.plan:
            return
        if other.number != record.number and not desk.outside([other_id]):
            if isinstance(other, Measure):
                yield f"{desk.store.plans[other.plan].short}第{other.number}项讲什么？"
            yield from _section(other, desk)
            return


def _name(record: Record, desk: Desk) -> str:
    """A record as a question points to it: 延庆绿色低碳第31项第1条."""
    return desk.store.label(record.id)[1:-1].replace("·", "")


def _of_list(reading: Reading, reply: Reply, desk: Desk) -> Iterator[str]:
    """A list narrowed, where it was read as it stands: by role, by deadline, by place, by who leads."""
    scan = reading.scan
    counts = [s.scan for s in reply.statements if s.scan is not None]
    if scan is None or not counts or counts[-1] != desk.scanned(scan):
        return
    if reply.route == "count":
        yield "分别是哪些？"
    found = desk.store.scan(scan)
    for alternatives in _narrower(scan, found, desk):
        parting = (words for words, meets in alternatives if 0 < sum(map(meets, found)) < len(found))
        yield from (f"其中{words}的有哪些？" for words in islice(parting, 1))


def _narrower(scan: Filters, found: Sequence[Record], desk: Desk) -> Iterator[list[_Narrowing]]:
    """What may narrow `scan`, which found these records: alternatives, each with what meets it."""
    if scan.departments and not scan.roles:
        yield [("牵头", partial(_leads, scan.departments))]
    if not scan.due:
        windows = ((words, DueWindow.read(words, max(desk.years, default=0))) for words in _DATES)
        yield [(f"{words}完成", partial(_is_due, window)) for words, window in windows if window]
    if not scan.plans and not scan.districts:
        plans = {record.plan: desk.store.plans[record.plan].district for record in found}
        yield [(d, partial(_is_of, plans, d)) for d in dict.fromkeys(plans.values()) if d]
    if not scan.departments:
        leading = Counter(duty.department for record in found for duty in _leading(record))
        yield [(f"{name}牵头", partial(_leads, (name,))) for name, _ in leading.most_common(MOST)]


def _leading(record: Record) -> Iterator[Duty]:
    """The duties of a record that lead and are one department's."""
    if isinstance(record, Measure):
        yield from (duty for duty in record.duties if duty.role in _LEADING and not duty.collective)


def _leads(names: Sequence[str], record: Record) -> bool:
    return any(duty.department in names for duty in _leading(record))


def _is_due(window: DueWindow, record: Record) -> bool:
    return any(map(window.holds, record.due))


def _is_of(districts: Mapping[str, str], district: str, record: Record) -> bool:
    return districts[record.plan] == district
