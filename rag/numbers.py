"""Numbers by which a question points into a plan: 第37项, 第7项第2条, 序号5, 第二章, 三(一)2."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.numerals import numeral

_ARABIC = r"[0-9]{1,3}"
_CHINESE = "[一二三四五六七八九十百]{1,5}"
_N = rf"(?:{_ARABIC}|{_CHINESE})"
_TASK = re.compile(
    rf"(?:第({_N})(?:项|号)(?:任务)?|序号(?:为|是)?({_ARABIC}))"
    rf"(?:任务)?(?:里|中|下)?(?:的?(?:第({_N})(?:条|小项|个小项)))?"
)
_SHORT = re.compile(rf"(?<![\d.])({_ARABIC})项第?({_N})条")
_ITEM = re.compile(rf"第({_N})条")
_CHAPTER = re.compile(rf"第({_N})(?:大?章|部分|大部分|大块|块|大项|板块|篇)(?:的?第({_N})节)?")
_SECTION = re.compile(
    rf"(?:第({_CHINESE})章的?|(?<![第\d])({_CHINESE})[、.]?)\(({_CHINESE})\)(?:[、.]?(\d{{1,2}}))?"
)
_LAST_CHAPTER = re.compile(r"最后(?:一个?)?(?:章|部分|大块)")
_TYPED = re.compile(rf"[\s的里]*({_ARABIC})(?:项|[-/]({_ARABIC})条?)[^\d]{{0,8}}")
LAST = -1  # the chapter that stands last


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a question points: a task (序号) and its item, a chapter, or a section such as 3.1.2."""

    task: int | None = None
    item: int | None = None
    chapter: int | None = None
    section: str = ""


def numbers(text: str) -> Numbers:
    """The numbers in `text` (normalised); a lone 第n条 is taken for a task's number."""
    section = _SECTION.search(text)
    if section:
        parts = [str(numeral(part)) for part in section.groups() if part]
        return Numbers(section=".".join(parts), chapter=int(parts[0]))
    task, chapter = _TASK.search(text), _CHAPTER.search(text)
    of_chapter = numeral(chapter[1]) if chapter else None
    if chapter and chapter[2]:
        return Numbers(section=f"{of_chapter}.{numeral(chapter[2])}", chapter=of_chapter)
    if task:
        return Numbers(numeral(task[1] or task[2]), numeral(task[3]) if task[3] else None, of_chapter)
    if short := _SHORT.search(text):
        return Numbers(numeral(short[1]), numeral(short[2]), of_chapter)
    if _LAST_CHAPTER.search(text):
        return Numbers(chapter=LAST)
    lone = _ITEM.search(text)
    return Numbers(task=numeral(lone[1]) if lone else None, chapter=of_chapter)


def typed(rest: str) -> Numbers:
    """The item in `rest`, what a question says besides a plan's name: 37项, 11-6."""
    match = _TYPED.fullmatch(rest)
    return Numbers(int(match[1]), int(match[2]) if match[2] else None) if match else Numbers()


def lone_item(text: str) -> int | None:
    """The item that 第n条 alone means where an earlier question has said of which task."""
    match = None if _TASK.search(text) else _ITEM.search(text)
    return numeral(match[1]) if match else None


def without_numbers(text: str) -> str:
    """`text` with blanks in place of its numbers."""
    for pattern in (_SECTION, _TASK, _SHORT, _CHAPTER, _LAST_CHAPTER, _ITEM):
        text = pattern.sub(" ", text)
    return text
