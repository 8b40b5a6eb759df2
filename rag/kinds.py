"""What kind of answer a question wants, and what it asks for of each record."""

from __future__ import annotations

import re
from typing import Literal

from rag import whole_sets
from rag.asking import (
    OFFERED,
    Named,
    amounts_asked,
    asks_openly,
    asks_to_write,
    asks_who,
    names_amount,
    tells_complaint,
)
from rag.cues import cues

Kind = Literal["fact", "duty", "deadline", "list", "count", "compare", "outline", "summary", "yesno"]
Aspect = Literal["duty", "deadline", "figure", "category"]

_SOMEBODY = re.compile(
    r"有没有人|有人(?:来?管|来|查|处理)|没人(?:来?管|来|查|处理)|管不管|给不给|能不能(?:来|给|让|派)"
)
_GIST = re.compile(
    r"情况.{0,4}汇总|提纲|大纲|概要|发言稿|讲话稿|汇报材料|(?:搭|出|列|写|拟)(?:一?个|一份|一下)?[^,。?]{0,16}框架|框架$|小结|提炼|综述|要点|概述|概括|总结|归纳|梳理|简要介绍|讲个大概|说个大概"
    r"|主要(?:内容|举措|做法|任务)(?!.{0,6}[几多])|哪[些几]个?方面"
)
# 为区水务局拟一份提纲: a department that something is written for.
_DRAFTED = re.compile(r"(?:拟|写|起草|出|准备|搭)[^,。?]{0,24}(?:提纲|大纲|发言稿|讲话稿|汇报|材料|框架)")
_ANYTHING_MORE = re.compile(
    r"还有(?:没有)?(?:别的|其他|其它|什么|哪些|啥)[^,。?]{0,4}(?:措施|办法|安排|要求|任务|规定|内容)(?:吗|没有|么)?\??$"
)
_CONFIRMS = re.compile(r"[吗吧][?。!]*$")
_OF_PLAN = re.compile(
    r"第几[项章条节部号]|小节|标题|[”\"]一[节章]|[这那]一?[节章]|一[节章]的(?:内容|重点|任务)|[哪那几]一?[章节]|几(大)?(章|部分|个部分|个章节)|几大块|分几块|多少章|章节|起止|目录|(计划|规划|方案|文件)的?(结构|框架)"
    r"|哪(一)?项(里|讲|说|写|是讲|是关于)|(哪|那)(一)?(部分|章节)(讲|写|说)"
    r"|章.{0,6}(占|涵盖|包括|包含|有)(哪|第|几|多少)|(几|多少)(项|个)(重点)?任务"
)


def aspects_of(text: str, has_role: bool) -> frozenset[Aspect]:
    """What a normalised question asks for of each record."""
    known = cues()
    found: set[Aspect] = set()
    if known.duty.search(text) or (has_role and known.roles_asked.search(text)):
        found.add("duty")  # 配合市级部门 is what is done; 谁配合 asks for a role
    if known.deadline.search(text):
        found.add("deadline")
    if known.figure.search(text) or OFFERED.search(text):
        found.add("figure")
    if known.category.search(text):
        found.add("category")
    return frozenset(found)


def kind_of(text: str, named: Named, aspects: frozenset[Aspect]) -> Kind:
    """The kind of a normalised question: the first of the rules below that knows it."""
    if _is_of_outline(text, named, aspects):
        return "outline"
    if (_GIST.search(text) or asks_to_write(text)) and not (
        (named.departments and not _DRAFTED.search(text)) or named.roles or asks_who(text)
    ):
        return "summary"
    if asks_for_more(text):
        return "summary"
    if _is_confirmed(text, named, aspects):
        return "yesno"
    if whole := whole_sets.wanted(text, named):
        return whole
    several = cues().compare.search(text) or amounts_asked(text) > 1
    if (named.sides > 1 and several) or cues().levels.search(text):
        return "compare"
    return _kind_of_records(text, named, aspects)


def asks_for_more(text: str) -> bool:
    """Whether it asks what else there is on a matter (噪声上还有别的措施吗)."""
    return _ANYTHING_MORE.search(text) is not None


def _is_of_outline(text: str, named: Named, aspects: frozenset[Aspect]) -> bool:
    """Whether it asks what stands where in a plan."""
    if named.departments:
        return False
    if _OF_PLAN.search(text) and not asks_who(text):
        return True
    if aspects & {"duty", "deadline"}:
        return False
    pointed = named.numbers.chapter is not None or named.numbers.section
    return bool(pointed or (named.numbers.task is not None and not _is_yesno(text)))


def _is_confirmed(text: str, named: Named, aspects: frozenset[Aspect]) -> bool:
    """Whether it ends in asking for a yes, before it can be taken for a list (都要…吗)."""
    if not _CONFIRMS.search(text) or whole_sets.handed(text) or named.sides > 1:
        return False
    if named.dated or (named.bare and not named.roles):
        return False  # 延庆有6月底前完成的措施吗, 市司法局有任务吗: the list is the answer
    return _is_yesno(text) and "deadline" not in aspects


def _kind_of_records(text: str, named: Named, aspects: frozenset[Aspect]) -> Kind:
    """What is asked of the records that fit best."""
    if _SOMEBODY.search(text):
        return "duty"
    if _is_yesno(text, named.figures) and ("deadline" not in aspects or named.figures):
        return "yesno"
    if "duty" in aspects:
        return "duty"
    if "deadline" in aspects:
        return "deadline"
    if cues().summary.search(text) and not names_amount(text):
        return "summary"
    return "duty" if tells_complaint(text) else "fact"


def _is_yesno(text: str, figures: bool = False) -> bool:
    """Whether it is to be answered by yes or no: so asked, and nothing else asked for."""
    known = cues()
    if not (known.yesno.search(text) or (figures and text.endswith("?"))):
        return False
    rest = known.yesno.sub(" ", text)
    return not (asks_openly(rest) or asks_who(rest))
