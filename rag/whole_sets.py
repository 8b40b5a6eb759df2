"""Whether a question wants a whole set: all of something, or how many."""

from __future__ import annotations

import re
from typing import Literal

from rag.asking import STORY, Named, asks_openly, asks_who
from rag.cues import cues

KINDS = ("list", "count")
_ITEMS = re.compile(r"措施|任务|条目|指标|事项|段落?(?!时)|条(?!例|件)")
_LISTED = re.compile(r"[哪那](些|几[条项个段样件桩回种类])")
_ENUMERATION = re.compile(
    rf"({_LISTED.pattern}|列|所有|全部|找出来|找给我|都给我找).{{0,12}}({_ITEMS.pattern})"
    rf"|({_ITEMS.pattern}).{{0,14}}({_LISTED.pattern}|列|全|清单|都有|找出来|找给我|都给我找|找找|都要)"
)
_TABLED = re.compile(r"列(?:个|成|一张)?(?:表|清单|单子)|做(?:个|成)表")
_HANDED = re.compile(
    r"给我|给个?清单|来个清单|[,，]全都?要$|整理|要全(?=[,，。]|$)|一条条|报给我|列青单|拎出|列|摘|挑|找出|找给|汇总|来一份|要一份|拉出|拉个|拉一|捋"
)
_EACH = re.compile(r"[哪那]几[条段]|都?(?:拉|列|摘|找|挑|捋|拎|筛|理)出来")
_ONE_BY_ONE = re.compile(r"一条条|逐条|挨个")
_ENDS_IN_ITEMS = re.compile(r"(?:措施|任务|条目|指标|事项)$")
_WHOLE_SET = re.compile(
    r"(?:全部|所有|各条|每条|列|清单|汇总|一览|台账).{0,8}(?:措施|任务|指标|条目|表)|(?:措施|任务|指标|条目).{0,10}(?:清单|汇总|一览|台账|列)"
)
_COUNTED = re.compile(
    r"(?:措施|任务|指标|条目)(?:的)?(?:数量|总数|个数|条数)|(?:措施|任务|指标)(?:一共|总共|共)?有?多少(?:个|条|项)?(?:$|[?。,])"
    r"|(?:一共|总共|共有?|有|底下|拆成)几[个条项]"
)
_HOW_MANY = re.compile(r"几[个条项]\??$")
_HAVING = re.compile(
    r"(?:提到|写到|说到|点到|点名|讲到|谈到|涉及|含有?|包含|标了?|写着?)[^,。?]{1,14}的?(?:措施|任务|条目|指标|段落)(?!.{0,8}(?:多少|谁|何时|什么时候))"
)
# What is required of a matter (对数据中心的绿电有什么要求), or an amount, is no list.
_OF_MATTER = re.compile(
    r"对[^,。?]{2,16}(?:有|是)(?:啥|什么|何)(?:具体|新)?的?要求|百分之(?:几|多少)|几成(?!效)|管的[^,。?]{2,12}是哪一?[条项]\??$"
)
_OF_PASSAGES = re.compile(r"段落|[几多少]段|提到|写到|说到|出现|指标|任务|措施")
_MORE = re.compile(r"(?:谁|哪个|哪家)[^,。?]{0,8}(?:措施|任务)[^,。?]{0,2}(?:更?[多少])")
_THEIRS = re.compile(r"(?:牵头|主责|协办|配合|负责|参与)的(?:全部|所有|各项)?(?:措施|任务|条目)")
_TAKES_PART = re.compile(r"参[与于加]|涉及|承担|掺和|有份")
_BESIDE = re.compile(r"相比|对比|比较|哪个|差别|区别|不同|异同")


def handed(text: str) -> bool:
    """Whether it wants something handed over (给我一份, 列出来)."""
    return _HANDED.search(text) is not None


def wanted(text: str, named: Named) -> Literal["list", "count"] | None:
    """`list` or `count` where a whole set is wanted, else None."""
    if named.departments and _MORE.search(text):
        return "count"
    if _OF_MATTER.search(text) and not handed(text):
        return None
    if asks_who(text) and not (_WHOLE_SET.search(text) or _TABLED.search(text) or _ONE_BY_ONE.search(text)):
        return None
    if named.sides > 1 and _BESIDE.search(text):
        return None
    lists = cues().list.search(text) is not None
    if handed(text) and _ITEMS.search(text) and lists:
        return "list"
    if _counts(text, named):
        return "count"
    return "list" if _lists(text, named, lists=lists) else None


def _counts(text: str, named: Named) -> bool:
    if named.prose and not _OF_PASSAGES.search(text):
        return False  # 消除了多少条黑臭水体 asks for a figure
    if _LISTED.search(text):
        return False
    condition = named.departments or named.condition
    if cues().count.search(text) and not _TABLED.search(text):
        return bool(condition or named.roles or _ITEMS.search(text))
    if _HOW_MANY.search(text) and (named.roles or named.condition or _ITEMS.search(text)):
        return True
    return bool(_COUNTED.search(text) and (condition or named.plan))


def _lists(text: str, named: Named, *, lists: bool) -> bool:
    if _EACH.search(text) or (handed(text) and _ENDS_IN_ITEMS.search(text)):
        return True
    if named.bare or named.dated or (_HAVING.search(text) and (named.condition or handed(text))):
        return True
    if lists or cues().count.search(text) or _LISTED.search(text):
        said = _ITEMS.search(text) or handed(text) or _LISTED.search(text)
        theirs = named.departments and bool(said or not named.matter)
        return bool(theirs or (named.condition and said) or _ENUMERATION.search(text))
    if named.departments and _THEIRS.search(text) and not asks_openly(text):
        return True
    taking_part = named.departments and _TAKES_PART.search(text) and _ITEMS.search(text)
    terse = len(text) <= STORY and _ENDS_IN_ITEMS.search(text) and not asks_openly(text)
    return bool(taking_part or terse)
