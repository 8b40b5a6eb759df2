"""What the corpus does not answer: said plainly, with what is there instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.normal import has_chinese
from corpus.types import Passage, Record
from index.filters import Filters
from index.store import Store
from rag.answer import Reply, Statement
from rag.desk import Desk
from rag.editions import Editions
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes import fact
from rag.routes.listing import scannable
from rag.scan_words import conditions
from rag.selection import holds_figure, nearest

FALLBACK = Statement("在本库中没有找到能回答这个问题的内容，可换个说法再问。", "absence")
_POINTED = re.compile(
    r"第[\d一二三四五六七八九十百]+(?:大?章|部分|大?块|篇|[项号](?:任务)?(?:的?第[\d一二三四五六七八九十]+条)?|条)"
)
NEAREST = 3  # measures that are offered instead
MOST_NAMES = 20  # places or plans that a sentence names


def answer(reading: Reading, desk: Desk) -> Reply:
    """An absence statement on why the question has no answer here.

    Where its figure is a wrong one, what the plans do say is quoted behind it.
    """
    evidence = desk.finder.find(reading) if not (reading.lacking or out_of_force(reading)) else []
    instead = nearest(reading, evidence)
    wrong = [f for f in reading.figures if not any(holds_figure(e, f) for e in instead)]
    if instead and wrong:
        said = "、".join(f"“{figure}”" for figure in wrong)
        statements = [Statement(f"在相应的措施中没有找到问题所说的{said}，原文如下。", "absence")]
        return Reply("refuse", statements + fact.answer(reading, instead, desk.store))
    statements = [Statement(f"{reason(reading, desk)}。", "absence")]
    if _gap(reading, evidence):
        statements.append(
            Statement("本库所收十四五规划文本在相应位置有缺失，不能据此认为规划没有提到。", "absence")
        )
    return Reply("refuse", statements, suggestions=_offers(reading, evidence))


def with_unwritten(reply: Reply, reading: Reading) -> Reply:
    """`reply` with what has to be said first: that the plans do not write of the river that it is about."""
    names = "、".join(f"“{name}”" for name in reading.landmarks.unwritten)
    whole = reply.route in ("list", "count", "outline", "chat") or reading.absent or reading.elsewhere
    if not names or whole:
        return reply
    near = "" if reply.route == "refuse" else "，以下是内容相近的措施"
    opening = Statement(f"计划没有写到{names}{near}。", "absence")
    return replace(reply, statements=[opening, *reply.statements])


def out_of_force(reading: Reading) -> bool:
    """Whether what a question names is retired, and nothing in force."""
    return bool(reading.retired) and (not reading.plans or bool(reading.lacking))


def holds(editions: Editions) -> str:
    """What the corpus is made of, in a sentence."""
    (places, of), (prose, more) = map(_some, editions.covered)
    return f"本库收有{places}{of}的年度生态环境行动计划" + (f"和{prose}{more}" if prose else "")


def _some(names: Sequence[str]) -> tuple[str, str]:
    """`names` in a row, and 等 where there are more than a sentence bears."""
    return "、".join(names[:MOST_NAMES]), "等" if len(names) > MOST_NAMES else ""


def reason(reading: Reading, desk: Desk) -> str:
    """Why, in the words of the question and the filters that were checked."""
    here = holds(desk.finder.editions)
    if out_of_force(reading):
        titles = "".join(f"《{desk.store.every_plan[plan].title}》" for plan in reading.retired)
        return f"{titles}已停用，不再作为答复的依据；{here}"
    if said := _not_of_here(reading, here):
        return said
    if not desk.plans:
        return f"{desk.within}没有任何措施或规划段落"
    if desk.lacks(reading):
        return f"{'、'.join(desk.left_out(reading))}不在{desk.within}，没有查找"
    if reading.kind in ("list", "count"):
        return _nothing_listed(reading, desk)
    at = reading.numbers
    if at.section or at.task is not None or at.chapter is not None:
        return desk.within + _no_such_part(reading, desk)
    if reading.outside:
        names = "、".join(reading.outside)
        return f"本库没有{names}自己的计划，{desk.within}市级计划中也没有找到与所问相符、涉及{names}的措施"
    if old := _of_other_years(reading, desk):
        return old
    said = "、".join(f"{year}年" for year in reading.years if str(year) in reading.text)
    if said:
        return f"在{desk.within or '本库中'}没有找到与所问内容相符的{said}的措施；{here}"
    if _offers(reading, desk.finder.find(reading)):
        return f"{desk.within}没有找到能确切回答这个问题的措施；可改问内容相近的几项"
    if desk.scope:
        return f"{desk.within}没有找到能回答这个问题的内容"
    return f"在本库中没有找到能回答这个问题的措施；{here}，可换个说法再问"


def _of_other_years(reading: Reading, desk: Desk) -> str:
    """That a district has no plan for the years that are asked for, where plans of several years are held."""
    if desk.finder.editions.plain or not reading.years or reading.plans:
        return ""
    held = [plan for plan in desk.store.every_plan.values() if plan.in_force and plan.district]
    missing = {
        district: [y for y in reading.years if not any(p.district == district and y in p.years for p in held)]
        for district in filter(None, reading.districts)
    }
    lacking = [district for district, years in missing.items() if years]
    if not lacking:
        return ""
    without = (year for year in reading.years if any(year in missing[district] for district in lacking))
    years = [f"{year}年" if str(year) in reading.text else "所问年份" for year in without]
    titles = "".join(f"《{plan.title}》" for plan in held if plan.district in lacking)
    return f"本库没有{'、'.join(lacking)}{'、'.join(dict.fromkeys(years))}的计划，现有的是{titles}"


def _not_of_here(reading: Reading, here: str) -> str:
    """Why nothing that is here could answer it; `here` says what there is."""
    if not has_chinese(reading.text):
        return f"请用中文提问；{here}"
    if reading.absent:
        missing = "、".join(absent.missing for absent in reading.absent)
        return f"本库所收计划和规划没有写明{missing}，无法回答"
    if reading.elsewhere:
        return f"本库没有{'、'.join(reading.elsewhere)}的计划；{here}"
    if reading.lacking:
        return f"本库没有{'、'.join(reading.lacking)}；{here}"
    if reading.unknown:
        return f"本库所收计划没有给{'、'.join(reading.unknown)}分派措施；{here}"
    if reading.strangers and not reading.mentions:
        return f"本库所收计划里没有“{reading.strangers[0]}”这个部门；{here}"
    return ""


def _nothing_listed(reading: Reading, desk: Desk) -> str:
    """Why a list is empty: which condition nothing meets."""
    wanted = scannable(reading)
    if wanted is None:
        if reading.unread:
            said = "、".join(f"“{words}”" for words in reading.unread)
            return f"问题里的{said}在所收文本中没有出现，无法据此列出；请写明部门、时限或措施里的用词"
        return "没有看出要按什么条件列出；请写明部门、时限或措施里的用词"
    said = "，".join(conditions(wanted))
    where = desk.within + (
        "" if desk.scope and not (wanted.plans or wanted.districts) else _where(wanted, desk.store)
    )
    return f"{where}没有{said}的措施" if said else f"{where}没有所问的措施"


def _where(wanted: Filters, store: Store) -> str:
    if wanted.plans:
        return "、".join(store.plans[plan].short for plan in wanted.plans)
    if wanted.districts:
        return "、".join(f"{district or '北京市'}的计划" for district in wanted.districts) + "里"
    return "本库所收的计划里"


def _no_such_part(reading: Reading, desk: Desk) -> str:
    """That a number points at nothing, and how far the numbers go."""
    at = reading.numbers
    plans = [p for p in desk.plans.values() if p.id in reading.plans] or [
        p
        for p in desk.plans.values()
        if not p.prose and (not reading.districts or p.district in reading.districts)
    ]
    names = "、".join(plan.short for plan in plans)
    if at.section:
        return f"{names}里没有所问的章节；{holds(desk.finder.editions)}"
    said = _POINTED.search(reading.text)
    pointed = said.group() if said else "所问的序号"
    if at.task is None:
        return f"{names}里没有{pointed}"
    if any(_has(r, at.item) for plan in plans for r in desk.outline.task(plan.id, at.task)):
        return f"{names}{pointed}里没有找到与所问相符的内容"
    return f"{names}里没有{pointed}，请核对序号"


def _has(record: Record, item: int | None) -> bool:
    return item is None or record.item == item


def _gap(reading: Reading, evidence: list[Evidence]) -> bool:
    """Whether the five-year plan was asked for and its text is broken where the answer would stand."""
    passages = any(isinstance(e.record, Passage) for e in evidence[:3])
    if not passages or not reading.plans or "十五五" in reading.text:
        return False
    near = [e.record for e in evidence[:3] if isinstance(e.record, Passage)]
    return any(record.gap_before or any("标题缺" in heading for heading in record.path) for record in near)


def _offers(reading: Reading, evidence: list[Evidence]) -> tuple[str, ...]:
    """What can be asked instead: the nearest measures by their tasks."""
    if reading.elsewhere or not evidence:
        return ()
    near = [e for e in evidence[:NEAREST] if e.coverage >= 0.3]
    tasks = dict.fromkeys(
        f"{e.plan.short}第{e.record.number}项讲什么？" for e in near if not isinstance(e.record, Passage)
    )
    return tuple(tasks)
