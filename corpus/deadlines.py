"""Dates in a deadline column or in a text: 年底前, 6月底前, 6-9月, 长期实施, 到2025年.

The year is the plan's, never the machine's clock.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date

from corpus.normal import with_origin
from corpus.types import Due, DueBasis

PERMANENT = re.compile(r"长期(实施|坚持|推进|开展)|持续(推进|实施|开展)|常态化(实施|推进)|全年|贯穿全年")
_LOOKS_LIKE = re.compile(r"年|月|日|季度|长期|持续|常态|按时|按期|即|随时|汛期|采暖季")
_YEAR_END = re.compile(r"(20\d\d)年(年)?底前?|(?<!\d)年(底|末)(前|以前|之前)?(?!度)|到(20\d\d)年")
_YEAR_MONTH = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(?:(\d{1,2})日|底|末|中旬)?(前|底|末)")
_MONTH_RANGE = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月?[-至到](\d{1,2})月")
_HALF_YEAR = re.compile(r"(?:(20\d\d)年)?上半年")
_QUARTER = re.compile(r"(?:(20\d\d)年)?第?([一二三四1-4])季度(?:末|底)?前?")


def looks_like_deadline(printed: str) -> bool:
    """Whether a cell can be a deadline (guards against a row whose cells have shifted)."""
    return not printed or (len(printed) <= 30 and _LOOKS_LIKE.search(printed) is not None)


def read_due(printed: str, year: int, basis: DueBasis) -> tuple[Due, ...]:
    """Every due date that `printed` states, in text order, each once.

    From a text only what binds is read: 3月底前, 每年5月底前, 6-9月, 到2025年; a bare
    permanence (持续推进…) is a manner of speech there and counts in the column alone.
    """
    found = sorted(_dates(printed, year), key=lambda item: item[0])
    dues = [Due(start, end, basis, words) for _, start, end, words in found]
    if basis == "column" and not dues and PERMANENT.search(printed):
        dues = [Due(date(year, 1, 1), None, basis, printed)]
    return tuple(dict.fromkeys(dues))


def _dates(printed: str, year: int) -> Iterator[tuple[int, date | None, date, str]]:
    form = with_origin(printed)
    text = form.text
    covered: list[range] = []

    def words(match: re.Match[str]) -> str:
        start, end = form.printed_span(*match.span())
        covered.append(range(*match.span()))
        return printed[start:end]

    for match in _MONTH_RANGE.finditer(text):
        first, last = int(match[2]), int(match[3])
        if 1 <= first <= last <= 12:
            in_year = int(match[1] or year)
            yield match.start(), date(in_year, first, 1), _month_end(in_year, last), words(match)
    for match in _YEAR_MONTH.finditer(text):
        month = int(match[2])
        if not 1 <= month <= 12 or any(match.start() in span for span in covered):
            continue
        in_year = int(match[1] or year)
        end = _month_end(in_year, month)
        if match[3] and 1 <= int(match[3]) <= end.day:
            end = date(in_year, month, int(match[3]))
        yield match.start(), None, end, words(match)
    for match in _YEAR_END.finditer(text):
        in_year = int(match[1] or match[5] or year)
        yield match.start(), None, date(in_year, 12, 31), words(match)
    for match in _HALF_YEAR.finditer(text):
        yield match.start(), None, date(int(match[1] or year), 6, 30), words(match)
    for match in _QUARTER.finditer(text):
        quarter = "一二三四".find(match[2]) + 1 or int(match[2])
        in_year = int(match[1] or year)
        yield match.start(), None, _month_end(in_year, 3 * quarter), words(match)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
