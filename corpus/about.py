"""What a part of a document says of itself: title, level, district, years, status; and names for it.

What it does not say stays unsaid (`About.unsaid`): the operator is asked, nothing is guessed.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from corpus.document import Document
from corpus.layout import MARKER, Part
from corpus.normal import has_chinese, join_name, normal
from corpus.numerals import numeral
from corpus.places import LEXICON, places
from corpus.types import Level, Status

_DRAFT = re.compile(r"征求意见|公开征求|草案|送审稿|讨论稿|初稿")
_STATUS = re.compile(r"[（(](?:征求意见稿|草案|送审稿|讨论稿|初稿|试行)[）)]")
_FURNITURE = re.compile(
    r"(?:信息)?(?:来源|发布机构|发布单位|发文机关|主题分类|索引号|文号|发文字号|有效性|浏览次数|字号|标题|名称)[：:].{0,30}"
    r"|.{0,16}[〔\[［【（(]20\d\d[〕\]］】）)].{0,2}\d+号|.{2,24}文件|目录|目次"
    r"|[（(]?(?:发布日期|成文日期|日期)?[：:]?20\d\d[-年/]\d{1,2}[-月/]\d{1,2}日?[）)]?"
)
_NAMED = re.compile(
    r"(?:计划|规划|方案|意见|通知|清单|要点|分工|办法|措施|任务|目标|指标|安排|[务解工排览总细划施标单]表|台账|纲要|细则|举措|任务书|责任书)(?:\(.*\))?$"
)
_ISSUED = re.compile(r"(?:关于)?(?:印发|发布|下发)《(.+?)》的?(?:通知|公告)?")
_NO_CORE = re.compile(
    r"20\d\d年?(?:[-—~至到]+20\d\d年?)?|“?十[一二三四五六七八九]五”?(?:时期)?|[《》“”（）\s]"
)
_YEARS = re.compile(r"(20\d\d)年?(?:-+|~|至|到)(20\d\d)年")
_KIND = re.compile(
    r"(?:行动|工作|实施|重点|指导|若干|任务|分解|分工|目标|责任)*"
    r"(?:计划|规划|方案|意见|任务|清单|要点|表|台账|纲要|细则)$"
)
_SPAN = re.compile(r"\((?:20\d\d年?-+)?20\d\d年度?\)")
_YEAR = re.compile(r"(20\d\d)年")
_FIVE = re.compile(
    r"([十二]*[一二三四五六七八九十])五[”\"]?(?:时期|规划|期间|生态)|“([十二]*[一二三四五六七八九])五”"
)
_FIRST_FIVE = 1951  # the n-th five-year plan begins 5n years after it: 十四五 in 2021
_CITY = re.compile(r"北京市|京政|全市|本市|市级")
_ALIKE = 0.6  # of 1
_LETTERS = 4  # of a title that no theme names


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a plan; empty where the document is silent. `hints` say what may help."""

    title: str
    level: Level | None
    district: str
    year: int | None
    first_year: int | None
    last_year: int | None
    status: Status
    hints: tuple[str, ...] = ()

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The fields that the operator has to give."""
        silent = (("title", self.title), ("level", self.level), ("year", self.year))
        return tuple(name for name, value in silent if not value)


def about(part: Part, document: Document, whole: Sequence[Part] = ()) -> About:
    """What `part` says of itself; where it is silent, what the file's other parts and its name say."""
    stem = PurePath(document.name).stem
    own = title_of(part)
    beside = next((title for p in whole if p is not part and (title := title_of(p))), "")
    of_text = f"{beside}（正文）" if beside and not part.titles else ""
    title = own or of_text or (stem if _NAMED.search(normal(stem)) else "")
    said = [title, *filter(None, map(title_of, whole)), stem]
    years = next((years for text in said if (years := _years(text))), None)
    district = next((found[0] for text in said if (found := places().districts_in(text))), "")
    level: Level | None = "区" if district else None
    if level is None and any(_CITY.search(text) for text in said):
        level = "市"
    letters = (line for other in whole if other.empty for line in _lines(other))
    draft = any(map(_DRAFT.search, (title, stem, *_lines(part), *letters)))
    first, last = years or (None, None)
    hints = () if years or not (year := _issued(part, whole)) else (f"文号或日期中有{year}年",)
    return About(title, level, district, first, first, last, "draft" if draft else "final", hints)


def title_of(part: Part) -> str:
    """The title as it is cited, its lines joined; 附件n, document numbers and dates are no part of it."""
    taken: list[str] = []
    whole = ""
    for line in _lines(part):
        if _FURNITURE.fullmatch(normal(line)):
            if whole:
                break
            taken = []
            continue
        if _STATUS.fullmatch(line):
            whole += line if whole else ""
            continue
        if whole and normal(line)[:6] in normal(whole):  # the page prints its title again
            break
        if whole and _SPAN.fullmatch(normal(line)):
            whole += line
            continue
        taken.append(line)
        if _NAMED.search(normal(line)):
            whole = "".join(taken)
    named = _ISSUED.search(whole)
    return join_name(named[1] if named else whole)


def short_of(known: About) -> str:
    """The plan's short name in labels: 延庆绿色低碳, 市多元共治."""
    place = places().short(known.district) if known.district else ("市" if known.level == "市" else "")
    theme = _theme(known.title)
    return place + (theme["short"] if theme else _core(known.title)[:8])


def id_of(known: About) -> str:
    """The plan's id: yq-green-2026."""
    letters = places().letters.get(known.district) or _initials(places().short(known.district))
    place = letters if known.district else "bj" * (known.level == "市")
    theme = _theme(known.title)
    named = theme["id"] if theme else _initials(_core(known.title)[:_LETTERS])
    years = str(known.first_year or "")
    if known.last_year and known.last_year != known.first_year:
        years += f"-{known.last_year}"
    return "-".join(part for part in (place, named or "plan", years) if part)


def free(name: str, taken: Collection[str], *endings: str) -> str:
    """`name`, or with the first of `endings` that is free, or else numbered.

    >>> free("yq-green-2026", {"yq-green-2026"}, "-final")
    'yq-green-2026-final'
    """
    for ending in ("", *endings, *(f"-{n}" for n in range(2, 1000))):
        if name + ending not in taken:
            return name + ending
    raise ValueError(name)


def theme_key(title: str) -> str:
    """What a title is about, without its place, years and status: the same for editions of one plan."""
    theme = _theme(title)
    return theme["id"] if theme else _core(title)


def alike(title: str, other: str) -> bool:
    """Whether two titles of one theme, place and year are those of one plan: 噪声 is not all of 污染防治."""
    cores = _core(title), _core(other)
    return difflib.SequenceMatcher(None, *cores).ratio() >= _ALIKE


def _lines(part: Part) -> list[str]:
    lines = [line.strip() for paragraph in part.titles for line in paragraph.lines]
    return [line for line in lines if not MARKER.fullmatch(line)]


def _years(text: str) -> tuple[int, int] | None:
    plain = normal(text)
    if match := _YEARS.search(plain):
        return int(match[1]), int(match[2])
    if match := _YEAR.search(plain):
        return int(match[1]), int(match[1])
    if match := _FIVE.search(text):
        first = _FIRST_FIVE + 5 * numeral(match[1] or match[2])
        return first, first + 4
    return None


def _issued(part: Part, whole: Sequence[Part]) -> str:
    lines = [line for p in (part, *whole) for paragraph in p.titles for line in paragraph.lines]
    lines += [block.text for p in whole for kind, block in p.left if hasattr(block, "text")]
    found = (re.search(r"20\d\d", line) for line in lines)
    return next((match.group() for match in found if match), "")


def _core(title: str) -> str:
    """A title without place, years, status and the word for its kind."""
    plain = _STATUS.sub("", title.replace("(", "（").replace(")", "）"))
    plain = re.sub(r"^.{0,16}?关于(?=.{4})", "", _NO_CORE.sub("", plain))
    plain = places().without_districts(plain).replace("北京市", "").replace(" ", "").removeprefix("区")
    core = _KIND.sub("", plain)
    return core or plain


def _initials(words: str) -> str:
    from pypinyin import Style, lazy_pinyin  # only an addition needs it

    letters = "".join(lazy_pinyin(words, style=Style.FIRST_LETTER)) if has_chinese(words) else words
    return re.sub(r"[^a-z0-9]", "", letters.lower())


def _theme(title: str) -> dict[str, str] | None:
    found = [(word, theme) for theme in _themes() for word in theme["words"] if word in title]
    return max(found, key=lambda pair: len(pair[0]))[1] if found else None


@lru_cache(maxsize=1)
def _themes() -> list[dict[str, str]]:
    document = tomllib.loads((LEXICON / "plan_themes.toml").read_text(encoding="utf-8"))
    return list(document["theme"])
