"""Dates in a deadline column or in a text: 年底前, 6月底前, 6-9月, 长期实施, 到2025年.

The year is the plan's, never the machine's clock.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date

from corpus.normal import with_origin
from corpus.numerals import numeral
from corpus.types import Due, DueBasis

PERMANENT = re.compile(
    r"长期(?:实施|坚持|推进|开展)|持续(?:推进|实施|开展)|常态化(?:实施|推进)|全年|贯穿全年"
)
_YEAR = r"(?:(?P<year>20\d\d)年)?"
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
_PART = r"(?:(?P<day>[12]\d|3[01]|0?[1-9])日|(?P<part>底|末|上旬|中旬|下旬))?"
_NOT_THIS = r"(?<![\d去次])(?<!去年)(?<!次年)(?<!上年)"
# In a text a date binds only with a word that says so; in a column it stands alone.
_BEFORE = r"(?:以前|之前|前|(?<=底)|(?<=末))"
_DAY_IN_TEXT = re.compile(_NOT_THIS + _YEAR + _MONTH + _PART + _BEFORE)
_DAY_IN_COLUMN = re.compile(_NOT_THIS + _YEAR + _MONTH + _PART + r"(?:以前|之前|前)?")
_RANGE = re.compile(
    _YEAR + _MONTH.replace("month", "first").replace("月", "月?") + r"(?:\d{1,2}日)?[-~至到]" + _MONTH + _PART
)
_YEAR_END = re.compile(
    r"(?<![去次上])(?:(?P<year>20\d\d)年)?(?<!\d)年?(?P<end>年(?:底|末|内)(?:以前|之前|前)?)"
)
_BY_YEAR = re.compile(
    r"(?<!达)到(?P<year>20\d\d)年(?!水平)|(?P<plain>20\d\d)年(?:底|末|内)?(?:以前|之前|前)"
    r"|^(?P<whole>20\d\d)年(?:底|末|内)$"
)
_HALF = re.compile(_YEAR + r"(?P<half>上|下)半年")
_QUARTER = re.compile(_YEAR + r"第?(?P<quarter>[一二三四1-4])季度(?:末|底)?(?:前)?")
_FIGURES = re.compile(r"(20\d\d)[-./](\d{1,2})(?:[-./](\d{1,2}))?(?:前|之前|以前)?")
_LAST_DAY = {"上旬": 10, "中旬": 20}


def looks_like_deadline(printed: str) -> bool:
    """Whether a cell can be a deadline (guards against a row whose cells have shifted)."""
    if not printed or PERMANENT.search(printed) or read_due(printed, 2000, "column"):
        return len(printed) <= 30
    return len(printed) <= 8 and re.search(r"[年月日季期时]$|即时|随时|按期|按时|常态", printed) is not None


def read_due(printed: str, year: int, basis: DueBasis) -> tuple[Due, ...]:
    """Every due date that `printed` states, in text order, each once.

    From a text only what binds is read: 3月底前, 每年5月底前, 到2025年. A range of months
    and a permanence (持续推进) are manners of speech there and count in a column alone.
    """
    found = sorted(_dates(printed, year, in_column=basis != "text"), key=lambda item: item[0])
    dues = [Due(start, end, basis, words) for _, start, end, words in found]
    if basis == "column" and not dues:
        dues = _in_figures(printed)
    if basis == "column" and not dues and PERMANENT.search(printed):
        dues = [Due(date(year, 1, 1), None, basis, printed)]
    return tuple(dict.fromkeys(dues))


def _in_figures(printed: str) -> list[Due]:
    """A cell that is a date in figures and nothing else, as workbooks show them: 2026/12/31, 2026-6."""
    match = _FIGURES.fullmatch(with_origin(printed.strip()).text)
    if match is None or not 1 <= int(match[2]) <= 12:
        return []
    return [Due(None, _end(int(match[1]), int(match[2]), match[3], None), "column", printed)]


def date_words(text: str) -> list[str]:
    """The words of `text` that state a date, a range of months or permanence, as printed."""
    found = [(at, words) for at, _, _, words in _dates(text, 2000, in_column=True)]
    form = with_origin(text)
    for match in PERMANENT.finditer(form.text):
        start, end = form.printed_span(*match.span())
        found.append((match.start(), text[start:end]))
    return [words for _, words in sorted(found)]


_Found = tuple[int, date | None, date, str]


def _dates(printed: str, year: int, *, in_column: bool) -> Iterator[_Found]:
    form = with_origin(printed)
    text = form.text
    covered: set[int] = set()

    def say(match: re.Match[str], start: date | None, end: date) -> Iterator[_Found]:
        span = range(*match.span())
        if covered.isdisjoint(span):
            covered.update(span)
            first, last = form.printed_span(*match.span())
            yield match.start(), start, end, printed[first:last]

    def year_of(match: re.Match[str]) -> int:
        return int(match["year"] or year)

    if in_column:
        for match in _RANGE.finditer(text):
            first, last = numeral(match["first"]), numeral(match["month"])
            if first <= last:
                start = date(year_of(match), first, 1)
                yield from say(match, start, _end(year_of(match), last, match["day"], match["part"]))
    for match in (_DAY_IN_COLUMN if in_column else _DAY_IN_TEXT).finditer(text):
        month = numeral(match["month"])
        yield from say(match, None, _end(year_of(match), month, match["day"], match["part"]))
    for match in _YEAR_END.finditer(text):
        yield from say(match, None, date(year_of(match), 12, 31))
    for match in _BY_YEAR.finditer(text):
        yield from say(match, None, date(int(match["year"] or match["plain"] or match["whole"]), 12, 31))
    for match in _HALF.finditer(text):
        yield from say(match, None, _end(year_of(match), 6 if match["half"] == "上" else 12, None, None))
    for match in _QUARTER.finditer(text):
        yield from say(match, None, _end(year_of(match), 3 * numeral(match["quarter"]), None, None))


def _end(year: int, month: int, day: str | None, part: str | None) -> date:
    """The last day meant: of the month, of its first or second third, or the day named."""
    last = calendar.monthrange(year, month)[1]
    if day is not None:
        return date(year, month, min(int(day), last))
    return date(year, month, _LAST_DAY.get(part or "", last))
