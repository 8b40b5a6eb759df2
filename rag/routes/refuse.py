"""What the corpus does not answer: said plainly, with what is there instead."""

from __future__ import annotations

from corpus.normal import has_chinese
from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes import fact
from rag.selection import holds_figure

FALLBACK = Statement("在本库中没有找到能回答这个问题的内容，可换个说法再问。", "absence")


def answer(reading: Reading, nearest: list[Evidence], store: Store) -> list[Statement]:
    """An absence statement on why the question has no answer here.

    Where its figure is a wrong one, `nearest` holds what the plans do say, quoted behind it.
    """
    wrong = [f for f in reading.figures if not any(holds_figure(e, f) for e in nearest)]
    if not nearest or not wrong:
        return [Statement(f"{reason(reading, store)}。", "absence")]
    said = "、".join(f"“{figure}”" for figure in wrong)
    statements = [Statement(f"在相应的措施中没有找到问题所说的{said}，原文如下。", "absence")]
    return statements + fact.answer(reading, nearest, store)


def holds(store: Store) -> str:
    """What the corpus is made of, in a sentence."""
    places = dict.fromkeys(plan.district or "北京市" for plan in store.plans.values() if not plan.prose)
    prose = [plan.short for plan in store.plans.values() if plan.prose]
    more = f"和{'、'.join(prose)}" if prose else ""
    return f"本库收有{'、'.join(places)}的年度生态环境行动计划{more}"


def reason(reading: Reading, store: Store) -> str:
    """Why, in the words of the question and the filters that were checked."""
    here = holds(store)
    if not has_chinese(reading.text):
        return f"请用中文提问；{here}"
    if reading.absent:
        missing = "、".join(absent.missing for absent in reading.absent)
        return f"本库所收计划和规划没有写明{missing}，无法回答"
    if reading.elsewhere:
        return f"本库没有{'、'.join(reading.elsewhere)}的计划；{here}"
    if reading.unknown:
        return f"本库所收计划没有给{'、'.join(reading.unknown)}分派措施；{here}"
    if reading.excludes:
        return "带有“不”“除外”“共同”等条件的清单不能保证查全，请分开来问，或用台账命令逐项筛选"
    if reading.number is not None:
        item = f"第{reading.item}条" if reading.item is not None else ""
        return f"没有找到第{reading.number}项{item}；{here}"
    if reading.outside:
        names = "、".join(reading.outside)
        return f"本库没有{names}自己的计划，市级计划中也没有找到涉及{names}的相应措施"
    said = [str(year) for year in reading.years if str(year) in reading.text]
    if said:
        years = "、".join(f"{year}年" for year in said)
        return f"在本库中没有找到与所问内容相符的{years}的措施；{here}"
    return f"在本库中没有找到能回答这个问题的措施；{here}，可换个说法再问"
