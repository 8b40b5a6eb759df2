"""A view of the register: what is filtered, how it is sorted, which page; and the address that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from api.record_schemas import MOST_IDS
from index.store import Store
from rag.bodies import Bodies
from rag.options import (
    CITY,
    FEW,
    NAMES,
    ConditionError,
    Options,
    listed_by,
    read_deadline,
    read_district,
    read_level,
    read_plan,
    read_role,
    read_status,
    value_in_words,
)
from rag.ordering import SORTS, read_sort

CONDITIONS = tuple(one.name for one in fields(Options))
_MOST, _CHARS = 20, 200  # as the API has it: values of one condition, characters of a value
_SORT, _PAGE = "sort", "page"
_LAST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition, as a reader calls it, and the address of the view without it."""

    called: str
    words: str
    without: str


@dataclass(frozen=True, slots=True)
class View:
    """What the register shows. `page` counts from 1."""

    options: Options = field(default_factory=Options)
    sort: str = ""
    page: int = 1

    def query(self) -> str:
        """The view as the query of an address; the names are those of /v1/measures."""
        pages = [(_PAGE, str(self.page))] if self.page > 1 else []
        return urlencode([*self._parts(), *pages])

    def export(self) -> str:
        """The same for /v1/measures.xlsx: all pages."""
        return urlencode(self._parts())

    def narrowed(self, **conditions: Sequence[str]) -> View:
        """The first page with these values in place of the view's own for each of these conditions."""
        changed = {name: tuple(dict.fromkeys(values)) for name, values in conditions.items()}
        return replace(self, options=replace(self.options, **changed), page=1)

    def sorted_by(self, column: str) -> View:
        """The first page in the order of `column`: first rising, then falling, then as printed."""
        following = {"": column, column: f"-{column}"}
        return replace(
            self, sort=following.get(self.sort, "" if self.sort == f"-{column}" else column), page=1
        )

    def chips(self, store: Store) -> list[Chip]:
        """Every condition that is set, in the order in which they are told."""
        made = []
        for name, called in NAMES.items():
            values = getattr(self.options, name)
            if name == "id" and len(values) > FEW:
                made.append(Chip(called, f"选定的 {len(values)} 条", self.narrowed(id=()).query()))
                continue
            for value in values:
                without = self.narrowed(**{name: [other for other in values if other != value]})
                made.append(Chip(called, value_in_words(name, value, store), without.query()))
        return made

    def _parts(self) -> list[tuple[str, str]]:
        parts = [(name, value) for name in CONDITIONS for value in getattr(self.options, name)]
        return [*parts, (_SORT, self.sort)] if self.sort else parts


@dataclass(frozen=True, slots=True)
class Read:
    """A view as far as it could be read, and one sentence on what was left out, or none."""

    view: View
    problem: str = ""


def read(query: str, store: Store, bodies: Bodies) -> Read:
    """The view that the query of an address stands for; what is not known is left out and named."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), max_num_fields=None):
        given.setdefault(name, []).append(value)
    return checked(given, store, bodies)


def checked(given: Mapping[str, Sequence[str]], store: Store, bodies: Bodies) -> Read:
    """The view that the values of each condition, a sort and a page make; what is not known is left out."""
    known: dict[str, tuple[str, ...]] = {}
    bad: list[str] = []
    reasons: list[str] = []
    for name, values in given.items():
        if name in CONDITIONS:
            most = MOST_IDS if name == "id" else _MOST
            words = [
                word for value in values for word in (value.split() if name == "text" else [value.strip()])
            ]
            told = list(dict.fromkeys(word[:_CHARS] for word in words if word))
            said, beyond = told[: 2 * most], told[2 * most :]  # each is looked up, and there must be an end
            wrong = {value: reason for value in said if (reason := _wrong(name, value, store, bodies))}
            good = [value for value in said if value not in wrong][:most]
            known[name] = tuple(dict.fromkeys(_canonical(name, value, store) for value in good))
            bad += [_told(NAMES[name], value) for value in (*said, *beyond) if value not in good]
            reasons += wrong.values()
        elif name not in (_SORT, _PAGE):
            bad.append(_told(name, values[0]))
    sort, page = _first(given, _SORT), _first(given, _PAGE)
    if sort and not _sorts(sort):
        bad.append(_told("排序", sort))
        sort = ""
    if page and not (page.isascii() and page.isdigit() and 1 <= int(page[:9]) <= _LAST_PAGE):
        bad.append(_told("页", page))
        page = ""
    view = View(Options(**known), sort, int(page or 1))
    if len(bad) == len(reasons) == 1:
        return Read(view, reasons[0] + "这个条件已略去。")
    return Read(view, f"有的条件认不出，已略去：{'、'.join(bad[:FEW])}{_more(bad)}。" if bad else "")


def _more(bad: Sequence[Any]) -> str:
    return f"等 {len(bad)} 个" if len(bad) > FEW else ""


def _told(called: str, value: str) -> str:
    return f"{called[:20]}“{value[:30]}”"


def _first(given: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(given.get(name, ())), "")


def _sorts(value: str) -> bool:
    try:
        return read_sort(value)[0] in SORTS
    except ConditionError:
        return False


def _wrong(name: str, value: str, store: Store, bodies: Bodies) -> str:
    """Why a value is none of this condition's; nothing where it is one."""
    try:
        listed_by(Options(**{name: [value]}), store, bodies)
    except ConditionError as problem:
        return str(problem)
    return ""


def _canonical(name: str, value: str, store: Store) -> str:
    """A value as the filters of the page know it: 延庆 is 延庆区, 6月 is 6月底前."""
    match name:
        case "level":
            return read_level(value)
        case "district":
            return read_district(value) or CITY[0]
        case "plan":
            return read_plan(value, store)
        case "status":
            return read_status(value)
        case "role":
            return read_role(value).value
        case "deadline":
            return read_deadline(value, store)
        case _:
            return value
