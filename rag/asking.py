"""How questions are put: signs that the kinds of question share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.numbers import Numbers

LONG, STORY, TOLD = 40, 28, 20  # characters from which a question tells a story, or a sentence a complaint
_WHO = re.compile(
    r"谁|[哪那](个|些|几个|几家|家)?(部门|单位|委办局|局|委)|[什啥]么?(部门|单位)"
    r"|(部门|单位)(是|有|都有|又有|又是|分别是|各是)?(哪|谁|什么|啥)"
)
_WH = re.compile(
    r"谁|哪(?!怕)|什么(?!的)|啥|多少|几[个家处项条月年天次成轮座台辆吨公块类]|怎么|如何|怎样|何时|多[大高久长]"
)
_AMOUNT = re.compile(
    r"多少|百分之几|几[十百千万]|(?<![哪那好前这头没过])几(?=[个家处项条月年天次成轮座台辆吨公块类张])(?!个?方面)|多[大高远长久]"
)


_TELLS = re.compile(r"[了着没太]|老是|好像|我|总是|天天|一直|往[上下外里河路]")
# What callers report, however short: 举报:, 没人管, 脏得不行.
_REPORTS = re.compile(
    r"^(?:我?要?举报|投诉|反映)|有(?:人|辆|家|伙人)(?!大|民|才)[^,。?]{3,}|没人[管治理修收查问清]|[脏臭吵呛乱熏]得|反映(?:了?好?[几多]|过)[回次]"
)
# Which of two is more: 施工噪声点位多, 还是公共场所的多?
OFFERED = re.compile(r"[多高大长少低严],?还是[^,。?]{2,}[多高大长少低严]")
# 写一段…的简报材料, 把…整理成材料: a text to be written.
_WRITTEN = re.compile(
    r"(?:写|起草|草拟|拟|整理|准备|形成|编)(?:一?下|出|成)?(?:一?[段份篇个则])?[^,。?!;]{0,24}"
    r"(?:材料|简报|通报|汇报|报告|信息|专报|发言|讲话稿|稿子?)(?:吧|呗|给我)?[。!,]?$"
)
_APIECE = re.compile(r"、[^?]*(?:各|分别)[^,。?、]{0,8}(?:多少|几)")


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names, as far as its kind depends on it.

    `matter`: more than departments, roles, places and plans; `bare`: nothing but a department with
    its role, a place and a plan (园林局 主责 延庆污染防治);
    `dated`: nothing but a deadline and a plan; `sides`: how many places, plans or years it sets
    beside each other; `condition`: a deadline, a category, or words that must occur;
    `prose`: only a plan of prose.
    """

    departments: bool = False
    matter: bool = False
    bare: bool = False
    dated: bool = False
    plan: bool = False
    roles: bool = False
    sides: int = 0
    condition: bool = False
    figures: bool = False
    prose: bool = False
    numbers: Numbers = field(default_factory=Numbers)


def asks_who(text: str) -> bool:
    """Whether it asks for departments as such (谁, 哪个部门), though 哪些部门 looks like a list."""
    return _WHO.search(text) is not None


def tells_complaint(text: str) -> bool:
    """Whether it tells a story and asks nothing (楼下一直放音乐，没法睡)."""
    if asks_openly(text) or OFFERED.search(text):
        return False
    if _REPORTS.search(text) and not text.endswith("?"):
        return True
    return len(text) > STORY or (len(text) > TOLD and _TELLS.search(text) is not None and text[-1] != "?")


def asks_to_write(text: str) -> bool:
    """Whether it asks for a text to be written, and for nothing of its own (写一段…的简报材料)."""
    return _WRITTEN.search(text) is not None and not asks_openly(text)


def asks_openly(text: str) -> bool:
    """Whether it asks for something by a question word."""
    return _WH.search(text) is not None


def amounts_asked(text: str) -> int:
    """How many amounts a normalised question asks for; one told in a story (说了多少回) is none."""
    sentences = re.findall(r"[^。?!;]+[。?!;]?", text)
    asking = [s for s in sentences if s.endswith("?") or (len(text) <= LONG and not s.endswith("。"))]
    asked = sum(len(_AMOUNT.findall(sentence)) for sentence in asking)
    apiece = asked == 1 and _APIECE.search(text) is not None
    return 1 + text.count("、") if apiece else asked


def names_amount(text: str) -> bool:
    """Whether the words of asking for an amount occur at all."""
    return _AMOUNT.search(text) is not None
