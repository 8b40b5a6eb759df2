"""Yes or no: the answer first, then the clause that decides it.

A yes or no is said only of an amount, a date or a department, and only where the record that is
in point decides it; otherwise the text is put before the reader.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.normal import normal
from corpus.types import Measure
from index.filters import ROLE_INCLUDES
from rag.answer import Reply, Statement
from rag.claims import Verdict, judged
from rag.desk import Desk
from rag.evidence import Evidence
from rag.reading import Reading
from rag.rhetoric import ALONE, takes_for_granted
from rag.routes import deadline, duty, fact
from rag.selection import fit, stating_the_same
from rag.spans import with_target

STORY_FROM = 14  # characters of a question that tells what is the matter
CLOSE = 0.8  # share of the best strength from which a record that says the very thing decides
# Part of what a record speaks of, or a claim that an amount is not reached.
_QUALIFIED = re.compile(
    r"非(?!道路)|不含|不包括|除|以外|之外|不到(?=\d)|[没未](?:有)?(?:达到|到)(?=\d)|达不到"
)
_IN_CHARGE = re.compile(r"[归由].{2,16}(?:管|负责|处理)|负责|有份|参与|参加")
_THIS_YEAR = re.compile(r"^(?:今年|本年|20\d\d年?)")
_IS_THERE = re.compile(r"有没有|有无|是否有")


def answer(reading: Reading, desk: Desk) -> Reply | None:
    """是 or 不是 where a figure, date or department decides it; else what the plans do say."""
    asked = replace(reading, figures=(), kind="duty" if _claims_body(reading) else "fact")
    chosen = desk.choose(asked)
    if not chosen.evidence:
        return None
    evidence = chosen.evidence
    verdict: Verdict | None = None
    if _decidable(reading):
        verdict, evidence = _decided(reading, asked, evidence, desk)
    statements = list(chosen.opening)
    for n, found in enumerate(evidence):
        told = _told(reading, found, desk)
        if n == 0:
            told[0] = replace(told[0], text=_opening(reading, verdict) + told[0].text)
            if _from_caller(reading) and isinstance(found.record, Measure):
                told.append(duty.of_record(reading, found, desk.store, basis=True, told=True))
        statements += told
    return Reply("yesno", statements)


def _decided(
    reading: Reading, asked: Reading, evidence: list[Evidence], desk: Desk
) -> tuple[Verdict | None, list[Evidence]]:
    """The verdict, and the evidence that it rests on.

    A record beside the chosen ones may bear the claim out where it holds as much of the topic.
    """
    found = fit(asked, desk.finder.find(asked))
    least = CLOSE * evidence[0].strength
    held = max(e.coverage for e in evidence)
    bearing = [e for e in found if e.strength >= least and _verdict(reading, e) == "true"]
    kept = [e for e in evidence if any(e.record.id == b.record.id for b in bearing)]
    kept = kept or [e for e in bearing if e.supported and e.coverage >= held][:1]
    if kept and _claims_body(reading) and _verdict(reading, evidence[0]) == "false":
        return None, [evidence[0], kept[0]]  # two measures on the matter, led by different departments
    if kept:
        again = [e for e in stating_the_same(kept[0], found) if all(e.record.id != k.record.id for k in kept)]
        return "true", [*kept, *again]
    against = [e for e in evidence if _verdict(reading, e) == "false"]
    if against and against[0] is evidence[0]:
        return "false", evidence
    return None, evidence


def _from_caller(reading: Reading) -> bool:
    """Whether a caller asks if something is seen to (楼下太吵，能治治吗): who sees to it is told, too."""
    claims = reading.figures or reading.dates or reading.mentions
    return not (claims or reading.placed or reading.years) and len(reading.text) > STORY_FROM


def _decidable(reading: Reading) -> bool:
    """Whether something is claimed that code can compare, of a subject that is said."""
    claims = bool(reading.figures or reading.dates or _claims_body(reading))
    about = len(reading.topic) > 1 or reading.by_number
    return claims and about and _QUALIFIED.search(reading.text) is None


def _claims_body(reading: Reading) -> bool:
    """Whether what is to be confirmed is a department's part in it."""
    said = "duty" in reading.aspects or bool(reading.roles) or _IN_CHARGE.search(reading.text) is not None
    return bool(reading.mentions) and said


def _opening(reading: Reading, verdict: Verdict | None) -> str:
    """Where code cannot decide, the text is put before the reader and no yes is said."""
    if verdict is not None:
        if ALONE.search(reading.text) and _claims_body(reading) and verdict == "false":
            return "不是，计划写的部门与此不同，原文如下。"
        if takes_for_granted(normal(reading.meant)):
            what = _compared(reading)
            return (
                f"是，与问题里的{what}相符，原文如下。"
                if verdict == "true"
                else f"不是，与问题里的{what}不符，原文如下。"
            )
        return "是。" if verdict == "true" else "不是，原文如下。"
    return "有相关规定。" if _IS_THERE.search(reading.text) else "相关原文如下。"


def _compared(reading: Reading) -> str:
    """What of the question is set beside the record."""
    claims = (
        ("数", bool(reading.figures)),
        ("时间", bool(reading.dates)),
        ("部门", _claims_body(reading)),
    )
    return "和".join(name for name, claimed in claims if claimed)


def _verdict(reading: Reading, found: Evidence) -> Verdict | None:
    """Whether the record says all that the question claims; None where that cannot be told."""
    verdicts = [judged(with_target(found.record), reading.topic, f) for f in reading.figures]
    verdicts += [_of_date(found, date) for date in reading.dates]
    if _claims_body(reading):
        verdicts.append(_of_body(reading, found))
    if "false" in verdicts:
        return "false"
    return "true" if verdicts and None not in verdicts else None


def _of_date(found: Evidence, date: str) -> Verdict | None:
    record = found.record
    printed = normal("|".join((record.text, getattr(record, "deadline", None) or "")))
    if _THIS_YEAR.sub("", normal(date)) in printed:
        return "true"
    return "false" if record.due else None


def _of_body(reading: Reading, found: Evidence) -> Verdict | None:
    """Whether each department named has one of the roles in it; a name that nobody has has none."""
    if not isinstance(found.record, Measure):
        return None
    wide = {w for role in reading.roles for w in ROLE_INCLUDES[role]}
    duties = [d for d in found.record.duties if not wide or d.role in wide]
    has = all(any(d.department in m.names for d in duties) for m in reading.mentions)
    if has and ALONE.search(reading.text):
        has = all(any(d.department in m.names for m in reading.mentions) for d in duties)
    return "true" if has else "false"


def _told(reading: Reading, found: Evidence, desk: Desk) -> list[Statement]:
    if _claims_body(reading) and isinstance(found.record, Measure):
        return [duty.of_record(replace(reading, roles=()), found, desk.store, basis=True)]
    if reading.dates and not reading.figures and isinstance(found.record, Measure):
        return deadline.of_record(reading, found, desk.store)
    return fact.of_record(replace(reading, aspects=reading.aspects | {"figure"}), found, desk.store)
