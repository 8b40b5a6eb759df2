"""The register in figures. Each bar, cell and point carries the address of the rows that it stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from corpus.types import ROLE_WORDS, Measure, Role
from index.store import Store
from rag.counterparts import Pair
from rag.options import UNSAID, Options
from ui.views import View

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DEPARTMENTS, TOGETHER = 20, 15  # bars, and rows of the map
_COLOURS = {
    Role.LEAD: "#3b82f6",
    Role.LEAD_RESPONSIBLE: "#8b5cf6",
    Role.RESPONSIBLE: "#0d9488",
    Role.ASSISTING: "#8492a6",
}
_PLANS = ("#3b82f6", "#d97706", "#0d9488", "#a855f7", "#ef4444", "#65a30d", "#0891b2", "#8492a6")
_SCALE = ((0.0, "#e0edff"), (1.0, "#60a5fa"))
_ON_SCALE = "#0f172a"  # the numbers in the cells, in light and dark alike
_FONTS = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif"
_NAME, _TEXT = 16, 34  # characters of a name beside an axis, of a text in a line of what is pointed at

_LAST_MONTH = 12

Count = Callable[[Options], int]


@dataclass(frozen=True, slots=True)
class Datum:
    """One figure as words: what it is of, how many, and the address of its rows."""

    words: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, the same as a list for those who do not see or point, and what to know about it."""

    figure: Figure
    data: tuple[Datum, ...]
    note: str = ""


def by_department(measures: Sequence[Measure], view: View, count: Count) -> Drawn:
    """How many measures each department has, by its role; `count` tells how many rows a click lists."""
    held: dict[str, dict[Role, set[str]]] = defaultdict(lambda: {role: set() for role in ROLE_WORDS})
    for measure in measures:
        for duty in measure.duties:
            held[duty.department][duty.role].add(measure.id)
    whole = {name: len(set().union(*roles.values())) for name, roles in held.items()}
    names = sorted(whole, key=lambda name: -whole[name])[:DEPARTMENTS]
    data: list[Datum] = []
    bars = []
    for role, word in ROLE_WORDS.items():
        shown = [name for name in names if held[name][role]]
        given = []
        for name in shown:
            own = [measure.id for measure in measures if measure.id in held[name][role]]
            query = _leading(view, _of_department(view, name, role), own, count).query()
            given.append(query)
            data.append(Datum(f"{name} {word}", len(own), query))
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": word,
                "x": [len(held[name][role]) for name in shown],
                "y": [_axis_name(name, whole[name]) for name in shown],
                "customdata": given,
                "marker": {"color": _COLOURS[role]},
                "hovertemplate": f"%{{y}}<br>{word} %{{x}} 项；点击列出<extra></extra>",
            }
        )
    order = [_axis_name(name, whole[name]) for name in reversed(names)]
    layout = {
        "barmode": "stack",
        "height": 90 + 23 * len(names),
        "xaxis": {"title": {"text": "措施数"}, "rangemode": "tozero"},
        "yaxis": {"categoryorder": "array", "categoryarray": order, "automargin": True},
    }
    note = f"共 {len(whole)} 个部门，列出措施最多的 {len(names)} 个" if len(whole) > len(names) else ""
    data.sort(key=lambda datum: next(n for n, name in enumerate(names) if datum.words.startswith(f"{name} ")))
    merged = "名称后为措施总数；原表合并为一格的“牵头/主责”单独计。"
    return Drawn(_figure(bars, layout), tuple(data), "。".join(filter(None, (note, merged))))


def by_deadline(measures: Sequence[Measure], view: View, count: Count) -> Drawn:
    """How many measures are due in each month, for good, or without a date; two dates count in two months."""
    months: dict[tuple[int, int], set[str]] = defaultdict(set)
    lasting: set[str] = set()
    printed: dict[str, None] = {}
    silent: set[str] = set()
    for measure in measures:
        if not measure.due:
            silent.add(measure.id)
        for due in measure.due:
            if due.end:
                months[due.end.year, due.end.month].add(measure.id)
            else:
                lasting.add(measure.id)
                printed[due.printed.replace(" ", "")] = None
    several = len({year for year, _ in months}) > 1
    groups: list[tuple[str, set[str], tuple[str, ...]]] = [
        (_month(year, n, several), months[year, n], (f"{year}-{n:02}",)) for year, n in sorted(months)
    ]
    groups += [("长期", lasting, tuple(printed))] if lasting else []
    groups += [(UNSAID, silent, (UNSAID,))] if silent else []
    held = [[measure.id for measure in measures if measure.id in ids] for _, ids, _ in groups]
    queries = [
        _leading(view, view.narrowed(deadline=values), ids, count).query()
        for (_, _, values), ids in zip(groups, held, strict=True)
    ]
    listed = [len(ids) for ids in held]
    names = [name for name, *_ in groups]
    bar = {
        "type": "bar",
        "x": names,
        "y": listed,
        "text": [str(number) for number in listed],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": queries,
        "marker": {"color": _COLOURS[Role.LEAD]},
        "hovertemplate": "%{x} %{y} 项；点击列出<extra></extra>",
    }
    layout = {
        "height": 320,
        "showlegend": False,
        "yaxis": {"title": {"text": "措施数"}, "rangemode": "tozero"},
        "xaxis": {"type": "category", "showgrid": False},
    }
    data = [Datum(name, n, query) for name, n, query in zip(names, listed, queries, strict=True)]
    return Drawn(_figure([bar], layout), tuple(data), "有几个时间要求的措施，每个月份都计入。")


def _leading(view: View, query: View, ids: Sequence[str], count: Count) -> View:
    """`query` where it lists as many as there are `ids`; else these ids alone, within the view."""
    if not view.options.id and count(query.options) == len(ids):
        return query
    return view.narrowed(id=ids)


def together(measures: Sequence[Measure], view: View, store: Store) -> Drawn:
    """Which departments share measures: a cell for each two of those that have the most, level by level."""
    held: dict[str, set[str]] = defaultdict(set)
    for measure in measures:
        for duty in measure.duties:
            held[duty.department].add(measure.id)
    names = sorted(held, key=lambda name: -len(held[name]))[:TOGETHER]
    names.sort(key=lambda name: store.departments[name].district)
    shared = {(one, other): len(held[one] & held[other]) for one, other in combinations(names, 2)}
    rows, columns = names[1:], names[:-1]
    numbers: list[list[int | None]] = []
    queries: list[list[str]] = []
    for other in rows:
        line = [shared.get((one, other), 0) or None for one in columns]
        numbers.append(line)
        queries.append(
            [_both(view, one, other).query() if n else "" for one, n in zip(columns, line, strict=True)]
        )
    cells = {
        "type": "heatmap",
        "x": [_short(name) for name in columns],
        "y": [_short(name) for name in rows],
        "z": numbers,
        "text": [["" if n is None else str(n) for n in line] for line in numbers],
        "texttemplate": "%{text}",
        "textfont": {"color": _ON_SCALE},
        "customdata": queries,
        "colorscale": [list(step) for step in _SCALE],
        "showscale": False,
        "hoverongaps": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{x}<br>%{y}<br>共同承担 %{z} 项；点击列出<extra></extra>",
    }
    layout = {
        "height": 150 + 26 * len(rows),
        "xaxis": {"tickangle": -45, "automargin": True, "showgrid": False},
        "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False},
    }
    most = sorted(shared.items(), key=lambda item: -item[1])[:30]
    data = [Datum(f"{one}、{other}", n, _both(view, one, other).query()) for (one, other), n in most if n]
    note = f"措施最多的 {len(names)} 个部门，格内为两个部门共同承担（不论职责）的措施数。"
    return Drawn(_figure([cells], layout), tuple(data), note)


def matches(pairs: Sequence[Pair], store: Store, threshold: float, district: str = "") -> Drawn:
    """How like each measure the nearest one at the other level is, a row for each plan.

    The measures are those of districts, compared with the city's; with a `district` the city's, with its.
    """
    other = district or "市级"
    by_plan: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_plan[own_id(pair, district).partition("/")[0]].append(pair)
    plans = [plan for plan in store.plans.values() if plan.id in by_plan]
    dots, data = [], []
    for row, plan in enumerate(plans):
        own = by_plan[plan.id]
        dots.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": plan.short,
                "x": [round(pair.similarity, 4) for pair in own],
                "y": [row + _spread(n) for n in range(len(own))],
                "customdata": [_pointed(pair, store, district) for pair in own],
                "marker": {"color": _PLANS[row % len(_PLANS)], "size": 8, "opacity": 0.75},
                "hovertemplate": "相似度 %{x:.2f}<br>%{customdata[1]}<br>%{customdata[2]}"
                "<br>点击列出这 2 项<extra></extra>",
            }
        )
        near = [own_id(pair, district) for pair in own if pair.similarity >= threshold]
        far = [own_id(pair, district) for pair in own if pair.similarity < threshold]
        for words, ids in ((f"有{other}对应", near), (f"没有{other}对应", far)):
            if ids:
                query = View(Options(id=tuple(ids))).query()
                data.append(Datum(f"{plan.short} {words}", len(ids), query))
    line = {"type": "line", "x0": threshold, "x1": threshold, "y0": 0, "y1": 1, "yref": "paper"}
    layout = {
        "height": 110 + 84 * max(len(plans), 1),
        "showlegend": False,
        "xaxis": {"title": {"text": f"与最接近的{other}措施的相似度"}, "range": [-0.02, 1.03]},
        "yaxis": {
            "tickvals": list(range(len(plans))),
            "ticktext": [plan.short for plan in plans],
            "range": [len(plans) - 0.5, -0.5],
            "automargin": True,
            "showgrid": False,
        },
        "shapes": [line | {"line": {"color": "#dc2626", "width": 1.5, "dash": "dash"}}],
        "annotations": [
            {
                "x": threshold, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                "text": f"阈值 {threshold:.2f}",
            }
        ],
    }  # fmt: skip
    return Drawn(_figure(dots, layout), tuple(data))


def _month(year: int, number: int, with_year: bool) -> str:
    """6月; the last month as the plans call it."""
    said = f"{number}月" + ("（年底前）" if number == _LAST_MONTH else "")
    return f"{year}年{said}" if with_year else said


def _of_department(view: View, name: str, role: Role) -> View:
    """The rows of one department's bar: beside a department that is filtered, those that they share."""
    chosen = view.options.department
    if chosen and name not in chosen:
        return _both(view, name)
    return view.narrowed(department=[name], role=[role.value])


def _both(view: View, *names: str) -> View:
    return view.narrowed(together=[*view.options.together, *names])


def own_id(pair: Pair, district: str) -> str:
    """The measure of a pair that is looked at: a district's, or with a `district` the city's."""
    return pair.city if district else pair.district


def _pointed(pair: Pair, store: Store, district: str) -> list[str]:
    """What a point stands for: the address of both rows, and their texts, shortened."""
    both = [pair.city, pair.district] if district else [pair.district, pair.city]
    told = []
    for record_id in both:
        (record,) = store.get([record_id])
        told.append(f"{store.label(record.id)} {_cut(record.text, _TEXT)}")
    return [View(Options(id=(pair.district, pair.city))).query(), *told]


def _spread(n: int) -> float:
    """Where in its row the `n`-th point stands: the same each time, neighbours apart."""
    return (n * 37 % 61) / 61 * 0.64 - 0.32


def _short(name: str) -> str:
    return _cut(name, _NAME)


def _axis_name(name: str, number: int) -> str:
    return f"{_short(name)}　{number}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _figure(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> Figure:
    """A figure on no ground of its own; the page's style gives its words the colour of the text."""
    import plotly.graph_objects as go  # 0.05 s that only a figure needs

    common = {
        "template": "none",
        "autosize": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": _FONTS, "size": 12, "color": "#64748b"},
        "margin": {"l": 8, "r": 16, "t": 32, "b": 8},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "hoverlabel": {"font": {"family": _FONTS, "size": 13}, "align": "left"},
        "dragmode": False,
    }
    figure = go.Figure(data=list(traces), layout={**common, **layout})
    figure.update_xaxes(automargin=True, gridcolor="rgba(128,140,160,.25)", zeroline=False, fixedrange=True)
    figure.update_yaxes(automargin=True, gridcolor="rgba(128,140,160,.25)", zeroline=False, fixedrange=True)
    return figure
