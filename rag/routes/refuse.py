"""What the corpus does not answer: said plainly, with what is there instead."""

from __future__ import annotations

from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.question import has_chinese
from rag.reading import Reading
from rag.routes import fact

HOLDS = "本库收有北京市、延庆区、怀柔区的年度生态环境行动计划和北京市“十四五”时期生态环境保护规划"


def answer(reading: Reading, nearest: list[Evidence], store: Store) -> list[Statement]:
    """An absence statement on why the question has no answer here.

    Where its figure is a wrong one, `nearest` holds what the plans do say, quoted behind it.
    """
    if not nearest:
        return [Statement(reason(reading) + "。", "absence")]
    said = "、".join(f"“{figure}”" for figure in reading.figures)
    statements = [Statement(f"在相应的措施中没有找到问题所说的{said}，原文如下。", "absence")]
    return statements + fact.answer(reading, nearest, store)


def reason(reading: Reading) -> str:
    """Why, in the words of the question and the filters that were checked."""
    if not has_chinese(reading.text):
        return f"请用中文提问；{HOLDS}"
    if reading.absent:
        missing = "、".join(absent.missing for absent in reading.absent)
        return f"本库所收计划和规划没有写明{missing}，无法回答"
    if reading.elsewhere:
        return f"本库没有{'、'.join(reading.elsewhere)}的计划；{HOLDS}"
    if reading.number is not None:
        item = f"第{reading.item}条" if reading.item is not None else ""
        return f"没有找到第{reading.number}项{item}；{HOLDS}"
    if reading.outside:
        names = "、".join(reading.outside)
        return f"本库没有{names}自己的计划，市级计划中也没有找到涉及{names}的相应措施"
    if reading.years:
        years = "、".join(f"{year}年" for year in reading.years)
        return f"在本库中没有找到与所问内容相符的{years}的措施；{HOLDS}"
    return f"在本库中没有找到能回答这个问题的措施；{HOLDS}，可换用计划里的说法再问"
