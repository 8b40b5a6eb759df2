"""A question after others: what it leaves out is taken from the turns before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.types import Measure
from index.filters import Filters
from index.store import searchable
from rag.asking import asks_openly
from rag.bodies import Mention
from rag.coverage import Topic
from rag.evidence import EvidenceFinder
from rag.kinds import Kind, asks_for_more
from rag.numbers import Numbers, lone_item
from rag.reader import Reader
from rag.reading import Reading

SHORT = 10  # characters of a question's own words that may go on about what was talked of
FEW = 3  # characters of a topic below which it is a word in passing
BESIDE = 0.25  # share of them that a measure must hold which answers them together with what was talked of
HELD = 0.6  # share of them that its measure must hold
_POINTS_BACK = re.compile(
    r"(?:这|那|该|此|上述|前述|刚才|刚刚)(?:一)?(?:事|项|条|个|件|块|类|些|里|边|指标|措施|任务|工作|数|比例|比率|目标)?(?!份|两|几)"
    r"|^其|它|其中|相应|同样|也是?这么|也一样|是不是也|还有别的|别的呢|再说|具体(?:呢|数字|是)|呢$|呢[?？]$"
)
_ANOTHER = re.compile(
    r"(?<!的)呢\??$"
)  # 污水处理率呢 asks for another thing; 机械的呢 for the same of another
_MOVES_ON = re.compile(
    r"^(?:行|好|嗯|那|对了|哦)?(?:的|吧)?[,，]?(?:换(?:一?个|个话题|个问题|个事)|另外(?:问|想)|再问(?:一?个|别的)|不说(?:这|那)个)"
)
_AMONG = re.compile(r"其中|这些|那些|这里面|里面|里头|当中|之中")
_STEP = re.compile(r"(?P<way>下|上)一?(?P<what>[条项])")
_ONLY_POINTS = re.compile(
    r"当时|提的|与之|对应的?|类似的?|原话|哪?[两几俩][个家]?(?:局|委|部门|单位)|去掉|只看|不对|我?问的?是?|我说的?是?|我要的是|落到|放到|换成|改成|看看|把|相关的?|有关的?|都?列出来?|全部|所有|那类|那种|一类"
    r"|说一下|说说|讲讲|不光|在抓|情况|这|那|该|此|上述|前述|其中?|它|他|事|项|条|个|件|相应|同样|全是|也|还|又|再|重点|别的|一样"
    r"|这么多|数字|具体|谢谢|麻烦|告诉|知道|作为|还有|参与|单为|辛苦|三家|两家|几家|我|是|的|了|来|去|呢|吧|给"
)


def carried(reader: Reader, finder: EvidenceFinder, reading: Reading, before: Reading) -> Reading:
    """`reading` with what it leaves out taken from `before`, the reading of the turn before.

    A question that cannot stand alone takes the subject. One with words of its own that the
    measure talked of before holds goes on about that; another takes the place alone, where
    something there answers it. What names its own place, or says that it moves on, stands alone.
    """
    if _MOVES_ON.search(reading.text):
        return reading
    reading = reader.of_talk(reading, before)
    if before.kind in ("list", "count") and reading.kind == "fact" and (reading.dates or reading.mentions):
        reading = reader.read(f"{reading.text.rstrip('?呢。')}的措施有哪些")  # 其中6月底前的呢
    own = own_words(reading)
    if _STEP.search(reading.text) and not reading.placed:
        before = _numbered(finder, before)
    if (pointed := _next(reading, before)) is not None:
        return replace(before, text=reading.text, meant=reading.meant, kind="outline", numbers=pointed)
    if asks_for_more(reading.text) and len(own) > 1:
        return _placed(replace(reading, topic=own), before)
    if leaves_out(reading):
        return _on_subject(reader, finder, reading, before, own)
    if reading.numbers != Numbers():
        return _placed(reading, before) if reading.by_number and not reading.placed else reading
    if reading.kind in ("list", "count"):
        if before.scan is not None and _AMONG.search(reading.text):
            return joined(reader, reading, before, with_topic=own)
        return reading if reading.placed else _placed(reading, before)
    return _with_own_words(reader, finder, reading, before, own)


def _on_subject(
    reader: Reader, finder: EvidenceFinder, reading: Reading, before: Reading, own: str
) -> Reading:
    """A question that cannot stand alone, on the subject of `before`; 呢 may name another one."""
    taken = joined(reader, reading, before, with_topic=own)
    if _ANOTHER.search(reading.text) is None or _talked_of(finder, before, own):
        return taken
    alone = replace(taken, topic=own)
    return alone if _answers(finder, alone, own) else taken


def _with_own_words(
    reader: Reader, finder: EvidenceFinder, reading: Reading, before: Reading, own: str
) -> Reading:
    """A question with words of its own: on what was talked of, in its place, or by itself."""
    if before.placed and not reading.placed and len(before.topic) < FEW:
        return _placed(reading, before)  # 我住怀柔
    if not reading.placed and len(own) <= SHORT and _talked_of(finder, before, own):
        return joined(reader, reading, before, with_topic=own)
    there = reading if reading.placed else _placed(reading, before)
    if _asks_the_same(reading, before):  # 谁管? 校园广播那种呢
        there = replace(there, kind=before.kind, aspects=before.aspects, roles=before.roles)
    if _answers(finder, there, own):
        return there
    if reading.placed or not _answers(finder, reading, own):
        together = joined(reader, reading, before, with_topic="" if len(own) < FEW else own)
        return together if _answers(finder, together, together.topic, own) else reading
    return reading


def _asks_the_same(reading: Reading, before: Reading) -> bool:
    """Whether it names another matter and asks nothing of it: what the turn before asked is meant."""
    asks = reading.kind != "fact" or reading.aspects or asks_openly(reading.text)
    return not asks and "呢" in reading.text and before.kind in ("duty", "deadline")


def _numbered(finder: EvidenceFinder, before: Reading) -> Reading:
    """`before` as a question for the very item that answers it, where it names none."""
    found = next(iter(finder.find(before)), None) if before.numbers.task is None and before.topic else None
    if found is None or not isinstance(found.record, Measure):
        return before
    at = Numbers(task=found.record.number, item=found.record.item)
    return replace(before, plans=(found.record.plan,), outside=(), numbers=at)


def _next(reading: Reading, before: Reading) -> Numbers | None:
    """Where 下一条 or 上一项 points after a numbered item."""
    step = _STEP.search(reading.text)
    at = before.numbers
    if step is None or at.task is None or reading.placed:
        return None
    by = 1 if step["way"] == "下" else -1
    if step["what"] == "条" and at.item is not None:
        return replace(at, item=at.item + by)
    return replace(at, task=at.task + by, item=None)


def _talked_of(finder: EvidenceFinder, before: Reading, own: str) -> bool:
    """Whether the measure that was talked of holds the words of the question."""
    found = next(iter(finder.find(before)), None) if before.topic else None
    if found is None or not own:
        return False
    asked = Topic(own)
    return asked.share(asked.held(searchable(found.record))) >= HELD


def _answers(finder: EvidenceFinder, reading: Reading, topic: str, own: str = "") -> bool:
    """Whether something answers a reading whose topic is more than a word in passing.

    It must hold the question's `own` words: what was talked of before does not answer for them.
    """
    found = finder.find(reading) if len(topic) >= FEW else []
    if not found or not found[0].supported:
        return False
    asked = Topic(own)
    return len(own) < FEW or asked.share(asked.held(searchable(found[0].record))) >= BESIDE


def _placed(reading: Reading, before: Reading) -> Reading:
    """`reading` in the place and plans of `before`."""
    scan = reading.scan
    if scan is not None:
        scan = replace(scan, plans=before.plans, districts=() if before.plans else before.districts)
    return replace(reading, districts=before.districts, outside=before.outside, plans=before.plans, scan=scan)


def leaves_out(reading: Reading) -> bool:
    """Whether the question cannot stand alone: it has no subject, or points back to one."""
    if reading.numbers.task is not None or reading.numbers.section or reading.numbers.chapter:
        return lone_item(reading.text) is not None and not reading.placed
    subject = len(own_words(reading)) > 1 or (reading.scan is not None and _narrows(reading))
    if not subject:
        return True
    return _POINTS_BACK.search(reading.text) is not None and len(own_words(reading)) < 6


def _narrows(reading: Reading) -> bool:
    scan = reading.scan
    return bool(scan and (scan.departments or scan.due or scan.texts or scan.own_texts or scan.categories))


def own_words(reading: Reading) -> str:
    """The topic without the words that only point back."""
    words = ((word, _ONLY_POINTS.sub("", word)) for word in reading.topic.split())
    return " ".join(word if len(left) > len(word) / 2 else left for word, left in words if len(left) > 1)


def joined(reader: Reader, reading: Reading, before: Reading, with_topic: str = "") -> Reading:
    """`reading` on the subject of `before`; `with_topic` is added to that.

    A new place moves the departments carried over to it (延庆区水务局 → 怀柔区水务局).
    """
    placed = reading.placed
    item = lone_item(reading.text)
    kind = _kind(reading, before)
    mentions = reading.mentions
    if not mentions and kind in ("list", "count"):
        mentions = reader.moved(before.mentions, reading.districts) if placed else before.mentions
    pointed = reading.numbers
    if item is not None:
        pointed = Numbers(task=before.numbers.task, item=item)
    elif pointed == Numbers() and not placed:
        pointed = before.numbers
    told = before.topic if not with_topic or with_topic in before.topic else f"{before.topic} {with_topic}"
    scan = _scan(reader, reading, before, mentions) if kind in ("list", "count") else reading.scan
    before = _of_year(reader, reading, before)
    return replace(
        reading,
        kind=kind,
        topic=told,
        focus=with_topic if told != with_topic else "",
        aspects=reading.aspects or before.aspects,
        districts=reading.districts if placed else before.districts,
        outside=reading.outside if placed else before.outside,
        plans=reading.plans if placed else before.plans,
        years=reading.years or (() if reading.plans and reading.plans != before.plans else before.years),
        numbers=pointed,
        roles=reading.roles or (before.roles if kind == before.kind else ()),
        mentions=mentions,
        past=reading.past or before.past,
        scan=scan,
    )


def _of_year(reader: Reader, reading: Reading, before: Reading) -> Reading:
    """`before` with the city's plans of this year where that is asked for after the five-year plan."""
    if reading.placed or reader.year not in reading.years or reader.year in before.years or not before.plans:
        return before
    return replace(before, plans=(), districts=("",)) if reader.prose(before.plans) else before


def _scan(reader: Reader, reading: Reading, before: Reading, mentions: Sequence[Mention]) -> Filters | None:
    """What a list after `before` is narrowed to: that of before, moved, or narrowed within (其中)."""
    now, old = reading.scan, before.scan
    place = before if not reading.placed else reading
    if old is None:
        return now and replace(now, plans=place.plans, districts=() if place.plans else place.districts)
    if now is None or not _narrows(reading):
        if reading.placed:
            old = replace(old, plans=reading.plans, districts=() if reading.plans else reading.districts)
        if reading.roles:
            old = replace(old, roles=reading.roles, excluding=())
        if mentions is not before.mentions:
            old = replace(old, departments=tuple(name for m in mentions for name in m.names))
        return replace(old, excluding=(*old.excluding, *reader.left_out(reading.text)))
    if not _AMONG.search(reading.text):
        return replace(now, plans=place.plans, districts=() if place.plans else place.districts)
    if now.departments and before.districts:
        moved = reader.moved(reading.mentions, before.districts)
        now = replace(now, departments=tuple(name for m in moved for name in m.names))
    return _within(old, now)


def _within(old: Filters, now: Filters) -> Filters:
    """The records of `old` that meet `now` as well."""
    both = old.both
    departments, roles = old.departments or now.departments, old.roles if old.departments else now.roles
    if old.departments and now.departments:
        both = (*both, Filters(departments=now.departments, roles=now.roles))
    return replace(
        old,
        plans=now.plans or old.plans,
        districts=now.districts or old.districts,
        departments=departments,
        roles=roles,
        both=both,
        due=now.due or old.due,
        categories=now.categories or old.categories,
        texts=(*old.texts, *now.texts),
        own_texts=(*old.own_texts, *now.own_texts),
        either=(*old.either, *now.either),
        excluding=(*old.excluding, *now.excluding),
    )


def _kind(reading: Reading, before: Reading) -> Kind:
    """What a follow-up wants: its own kind where it says one, else that of the turn before."""
    if reading.kind in ("list", "count") and before.kind not in ("list", "count") and not _narrows(reading):
        if reading.outside and not own_words(reading):
            return before.kind  # 那朝阳区呢
        return "duty" if reading.roles else "summary"
    if before.kind in ("list", "count") and reading.kind == "duty" and reading.roles:
        return before.kind
    if reading.kind == "summary" and len(reading.topic) < FEW:
        return before.kind if before.kind in ("fact", "duty", "deadline") else "summary"
    if reading.kind == "compare" and before.kind != "compare" and len(reading.districts) < 2:
        return before.kind if before.kind in ("fact", "duty", "deadline") else "fact"
    if reading.kind == "fact" and not reading.wants_figure:
        return before.kind if before.kind not in ("yesno", "compare", "outline") else "fact"
    return reading.kind
