"""What remains of a question when the words of asking are gone: its topic, which is searched."""

from __future__ import annotations

import re

from rag.asking import OFFERED
from rag.cues import cues
from rag.figures import UNIT
from rag.numbers import without_numbers

_UNITS_BEHIND = "个家处座项辆块亩人次轮台米平公吨千毫升万亿倍户株棵元根条"
_YEAR = re.compile(
    rf"(?:到|至|截至)?(?<!\d)(20[0-4]\d)(?:年度?|(?![\d.%{_UNITS_BEHIND}]))"
    r"|(?:到|至|截至)(?<!\d)([1-4]\d)年|(?<!\d)([12]\d)年(?=底|末|初|市|行动|计划|全市|的(?:目标|指标))"
)
_ISSUED = re.compile(
    r"20\d\d年?(?:就|才)?(?:发|印发|出台|公布|颁布|发布|下发|出)(?:布|的|过|了)?"
)  # of no matter
_DATES = re.compile(
    r"(?:\d{1,2}月|年)[底末](?:以?前|之前|完成)?|\d{1,2}月(?:以?前|之前)|长期(?:实施|的)?|持续推进|还是|定死"
)
_TO = re.compile(r"[要会得]?(?:[降升提增]|达)到")
_MORE = re.compile(r"[多高大长少低严](?=,?还是|\??$)|还是")
_DONE = re.compile(r"[\u4e00-\u9fff]完(?=$|[,，。?？ 谁哪归由])")
# 要修到, 得占: what an amount is said to do.
_DOES = r"(?:[要得需会能该修攒建弄搞干做降升涨提铺种压减增扩占加达]*(?:到|成|出|占))"
_ASKED_AMOUNT = re.compile(
    rf"[要得需应该会]+(?:(?:达到|到|占)(?=多少|百分之|几成)|(?=[建修种装改换铺栽治]多少))|{_DOES}?(?:多少|(?<![哪那])几(?!月))[百千万亿]*(?:{UNIT})(?:以上|以下|以内|左右)?"
)
_THIS_YEAR = re.compile(r"[今本当]年|[明来]年")
PAST = re.compile(
    r"[“\"']?(?:十三五|13五)[”\"']?(?:时期|期间)?(?:末)?|上一?个五年|回顾(?:成绩|成效|部分|那)|取得的?成[绩效]|[前过]去?[这那]?五年(?=里|间|来|,|全|北|一)"
)
# What the five-year plan aims at, where it also tells of the years before.
AHEAD = re.compile(
    r"十四五[^,。?]{0,8}(?:目标|要|打算|计划|准备|提出|定|到|再|又|呢|是|末|将)|到2025年|2025年[^,。?]{0,4}(?:目标|要)"
)
# 单位 of a ratio is no body that is asked for: 单位地区生产总值水耗.
_RATIO = re.compile(r"单位(?=地区|建筑|面积|产值|产品|gdp)")
# Words in which a word of asking stands by chance.
_WHOLE = ("喝的水", "吃的水", "首都", "都市", "申请", "参与", "目的地")
_KEPT, _BACK = "\ue000", "单位"
# Characters that open or close what is asked about without being part of it.
_EDGES = "的了是在对把被给让又也还就都这那哪吗呢吧啊要会由按和与及跟问着过"
_LISTED = ("list", "count")
_PRIVATE = 0xE001
_TRIMMED = (*_LISTED, "outline", "summary", "compare")
_STATED = re.compile(rf"(?<![a-z\d.])\d[\d.,]*(?:%|{UNIT})?(?:以上|以下|以内|左右)?")


def years(text: str) -> tuple[int, ...]:
    """The years that `text` names."""
    text = _ISSUED.sub(" ", text)
    return tuple(int(found[0] or "20" + (found[1] or found[2])) for found in _YEAR.findall(text))


def without_pointers(text: str) -> str:
    """`text` with blanks in place of years and of numbers that point into a plan."""
    return _THIS_YEAR.sub(" ", _YEAR.sub(" ", without_numbers(text)))


def remains(text: str, kind: str) -> str:
    """The topic of `text`, from which plans, places, years and numbers are gone already.

    Of a list the words of listing go too.
    """
    known = cues()
    whole = dict(enumerate(_WHOLE if kind not in _LISTED else _WHOLE[:-2], start=_PRIVATE))
    for code, word in whole.items():
        text = text.replace(word, chr(code))
    if OFFERED.search(text):
        text = _MORE.sub(" ", text)
    text = _DONE.sub(" ", _RATIO.sub(_KEPT, _ASKED_AMOUNT.sub(" ", text)))
    patterns = [PAST, known.duty, known.stop]
    if kind in ("list", "count"):
        patterns = [known.count, known.list, known.list_stop, *(words for _, words in known.roles), *patterns]
    if kind in ("deadline", "yesno"):
        patterns = [_DATES, *patterns]
    if kind == "yesno":  # what is claimed is no topic
        patterns = [_STATED, _TO, *patterns]
    if kind == "compare":
        patterns = [known.compare_stop, *patterns]
    if kind in ("outline", "summary"):
        patterns = [known.outline, known.summary, *patterns]
    for pattern in patterns:
        text = pattern.sub(" ", text)
    words = (
        re.sub(rf"[^\w%.\-{_KEPT}-{chr(_PRIVATE + len(_WHOLE))}]+", " ", text).replace(_KEPT, _BACK).split()
    )
    function = "".join(known.function) if kind in _LISTED else _EDGES
    words = [word.strip(function).removeprefix("里") if len(word) > 2 else word for word in words]
    if kind in _TRIMMED or any(len(word.translate(whole)) > 1 for word in words):
        words = [word for word in words if len(word.translate(whole)) > 1]
    return " ".join(dict.fromkeys(words)).translate(whole)
