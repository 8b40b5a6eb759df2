"""What kind of answer a question wants, and what it asks for of each record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.cues import cues
from rag.numbers import Numbers

Kind = Literal["fact", "duty", "deadline", "list", "count", "compare", "outline", "summary", "yesno"]
Aspect = Literal["duty", "deadline", "figure", "category"]

_ITEMS = re.compile(r"措施|任务|条目|指标|事项|段落?(?!时)|条(?!例|件)")
_LISTED = re.compile(r"[哪那](些|几[条项个段样件桩回种类])")
_ENUMERATION = re.compile(
    rf"({_LISTED.pattern}|列|所有|全部|找出来|找给我|都给我找).{{0,12}}({_ITEMS.pattern})"
    rf"|({_ITEMS.pattern}).{{0,14}}({_LISTED.pattern}|列|全|清单|都有|找出来|找给我|都给我找|找找|都要)"
)
_AMOUNT = re.compile(
    r"多少|百分之几|(?<![哪那])几(?=[个家处项条月年天次成轮座台辆吨公块类张])(?!个?方面)|多[大高远长久]"
)
_SOMEBODY = re.compile(
    r"有没有人|有人(?:来?管|来|查|处理)|没人(?:来?管|来|查|处理)|管不管|给不给|能不能(?:来|给|让|派)"
)
LONG, STORY = 40, 28  # characters from which a question tells a story
_GIST = re.compile(r"情况.{0,4}汇总|小结|提炼|综述|要点|概述|概括|总结|归纳|梳理|简要介绍|讲个大概|说个大概")
_TABLED = re.compile(r"列(?:个|成|一张)?(?:表|清单|单子)|做(?:个|成)表")
_HANDED = re.compile(r"给我|列|摘|挑|找出|找给|汇总|来一份|要一份|拉出|拉个|拉一|捋")
_EACH = re.compile(r"[哪那]几[条段]|都?(?:拉|列|摘|找|挑|捋)出来")
_ENDS_IN_ITEMS = re.compile(r"(?:措施|任务|条目|指标)$")
_WHOLE_SET = re.compile(
    r"(?:全部|所有|各条|每条|列|清单|汇总|一览|台账).{0,8}(?:措施|任务|指标|条目|表)|(?:措施|任务|指标|条目).{0,10}(?:清单|汇总|一览|台账|列)"
)
_CONFIRMS = re.compile(r"[吗吧][?。!]*$")
_BESIDE = re.compile(r"相比|对比|比较|哪个|差别|区别|不同|异同")
_COUNTED = re.compile(
    r"(?:措施|任务|指标|条目)(?:的)?(?:数量|总数|个数|条数)|(?:措施|任务|指标)(?:一共|总共|共)?有?多少(?:个|条|项)?(?:$|[?。,])"
    r"|(?:一共|总共|共有?|有|底下|拆成)几[个条项]|几[个条项]\??$"
)
_HAVING = re.compile(
    r"(?:提到|写到|说到|点到|讲到|谈到|涉及|含有?|包含|标了?|写着?)[^,。?]{1,14}的?(?:措施|任务|条目|指标|段落)(?!.{0,8}(?:多少|谁|何时|什么时候))"
)
_TAKES_PART = re.compile(r"参[与于加]|涉及|承担|掺和|有份")
_WHO = re.compile(
    r"谁|[哪那](个|些|几个|几家|家)?(部门|单位|局|委)|[什啥]么?(部门|单位)"
    r"|(部门|单位)(是|有|都有|又有|又是|分别是|各是)?(哪|谁|什么|啥)"
)
_WH = re.compile(
    r"谁|哪(?!怕)|什么(?!的)|啥|多少|几[个家处项条月年天次成轮座台辆吨公块类]|怎么|如何|怎样|何时|多[大高久长]"
)
_OF_PLAN = re.compile(
    r"第几[项章条节部号]|小节|标题|[”\"]一[节章]|[这那]一?[节章]|一[节章]的(?:内容|重点|任务)|[哪那几]一?[章节]|几(大)?(章|部分|块|个部分|个章节)|多少章|章节|起止|目录|(计划|规划|方案|文件)的?(结构|框架)"
    r"|哪(一)?项(里|讲|说|写|是讲|是关于)|(哪|那)(一)?(部分|章节)(讲|写|说)"
    r"|章.{0,6}(占|涵盖|包括|包含|有)(哪|第|几|多少)|(几|多少)(项|个)(重点)?任务"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names, as far as its kind depends on it.

    `bare`: nothing but a department with its role, a place and a plan (园林局 主责 延庆污染防治); `dated`: nothing but
    a deadline and a plan; `plan`: a plan.
    """

    departments: bool = False
    bare: bool = False
    dated: bool = False
    plan: bool = False
    roles: bool = False
    sides: int = 0
    condition: bool = False
    figures: bool = False
    numbers: Numbers = Numbers()


def asks_who(text: str) -> bool:
    """Whether it asks for departments as such (谁, 哪个部门), though 哪些部门 looks like a list."""
    return _WHO.search(text) is not None


def aspects_of(text: str, has_role: bool) -> frozenset[Aspect]:
    """What a normalised question asks for of each record."""
    known = cues()
    found: set[Aspect] = set()
    if known.duty.search(text) or (has_role and not _only_named(text)):
        found.add("duty")
    if known.deadline.search(text):
        found.add("deadline")
    if known.figure.search(text):
        found.add("figure")
    if known.category.search(text):
        found.add("category")
    return frozenset(found)


def _only_named(text: str) -> bool:
    """Whether 配合 and the like are what is done, not a role that is asked for (配合市级部门)."""
    return cues().roles_asked.search(text) is None


def amounts_asked(text: str) -> int:
    """How many amounts a normalised question asks for; one told in a story (说了多少回) is none."""
    sentences = re.findall(r"[^。?!;]+[。?!;]?", text)
    asking = [s for s in sentences if s.endswith("?") or (len(text) <= LONG and not s.endswith("。"))]
    return sum(len(_AMOUNT.findall(sentence)) for sentence in asking)


def kind_of(text: str, named: Named, aspects: frozenset[Aspect]) -> Kind:
    """The kind of a normalised question."""
    known = cues()
    who = asks_who(text)
    pointed = named.numbers.chapter is not None or bool(named.numbers.section)
    if _OF_PLAN.search(text) and not who and not named.departments:
        return "outline"
    if pointed and not (aspects & {"duty", "deadline"}) and not named.departments:
        return "outline"
    if _GIST.search(text) and not (named.departments or named.roles) and not who:
        return "summary"
    numbered = named.numbers.task is not None and not named.departments
    if numbered and not (aspects & {"duty", "deadline"}) and not _is_yesno(text):
        return "outline"
    if (
        _CONFIRMS.search(text)
        and not _HANDED.search(text)
        and named.sides < 2
        and _is_yesno(text)
        and "deadline" not in aspects
    ):
        return "yesno"
    if (
        (not who or _WHOLE_SET.search(text) or _TABLED.search(text))
        and not (named.sides > 1 and _BESIDE.search(text))
        and (listed := _listing(text, named))
    ):
        return listed
    if (named.sides > 1 and known.compare.search(text)) or known.levels.search(text):
        return "compare"
    if _SOMEBODY.search(text) and len(text) > STORY:
        return "duty"
    if _is_yesno(text, named.figures) and ("deadline" not in aspects or named.figures):
        return "yesno"
    if "duty" in aspects:
        return "duty"
    if "deadline" in aspects:
        return "deadline"
    if known.summary.search(text) and not _AMOUNT.search(text):
        return "summary"
    return "duty" if len(text) > STORY and not _WH.search(text) else "fact"


def _listing(text: str, named: Named) -> Kind | None:
    """`list` or `count` where it wants a whole set, else None."""
    known = cues()
    lists = known.list.search(text) is not None
    counts = known.count.search(text) is not None and not _LISTED.search(text)
    counts = counts and not _TABLED.search(text)
    if _HANDED.search(text) and _ITEMS.search(text) and lists:
        return "list"
    if counts and (named.departments or named.roles or named.condition or _ITEMS.search(text)):
        return "count"
    if (
        _COUNTED.search(text)
        and (named.condition or named.departments or named.plan)
        and not _LISTED.search(text)
    ):
        return "count"
    if _EACH.search(text) or (_HANDED.search(text) and _ENDS_IN_ITEMS.search(text)):
        return "list"
    if _HAVING.search(text) and named.condition:
        return "list"
    if not (lists or counts or _LISTED.search(text)):
        taking_part = named.departments and _TAKES_PART.search(text) and _ITEMS.search(text)
        terse = len(text) <= STORY and _ENDS_IN_ITEMS.search(text) and not _WH.search(text)
        return "list" if named.bare or named.dated or taking_part or terse else None
    if named.departments or named.condition or _ENUMERATION.search(text):
        return "list"
    return None


def _is_yesno(text: str, figures: bool = False) -> bool:
    """Whether it is to be answered by yes or no: so asked, and nothing else asked for."""
    known = cues()
    stated = figures and text.endswith("?")
    if not (known.yesno.search(text) or stated):
        return False
    rest = known.yesno.sub(" ", text)
    return not (_WH.search(rest) or asks_who(rest))
