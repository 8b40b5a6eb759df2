"""The benchmark of size as one picture of small figures: a page that asks no other host, or an image.

An image is drawn by Chromium from the same page.
"""

from __future__ import annotations

import base64
import html
import math
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTH, HEIGHT = 1640, 940
_OURS, _PEER, _GOAL = "#2a6fc9", "#d9622b", "#b42318"  # the colours of the report of eval/page.css
_INK, _SOFT, _LINE, _CARD = "#1d2327", "#5d666d", "#e4e7e8", "#ffffff"
_PARTS = {"store": ("条目库", "#2a6fc9"), "words": ("词索引", "#12936a"),
          "vectors": ("向量索引", "#b88400"), "rest": ("其他", "#9aa3a9")}  # fmt: skip
_FONTS = "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, Noto Sans SC, sans-serif"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
_PATIENCE_S = 120
_RATE = 20_000
_PANEL, _APART = 263, 15  # pixels: the height of a small figure, and between two names
_LEFT, _RIGHT = 1.7, 9  # times the ends of the axis beyond the sizes: names stand at the right
_TITLES = (
    ("检索用时（毫秒）", "p50 不超过 10 毫秒"),
    ("前 10 条里有应引措施的提问（%）", ""),
    ("近似检索与精确检索的符合程度", "不低于 0.98"),
    ("建索引的速度（条/秒，向量已备好）", "不低于 20,000"),
    ("每条占用的磁盘（字节）", ""),
    ("每条占用的内存（字节）", "不超过 2,048"),
    ("列举一个区县一年的措施（毫秒）", ""),
    ("打开索引（毫秒）", ""),
)
Value = Callable[[dict[str, Any]], float | None]


class FigureError(RuntimeError):
    """The picture cannot be made; the message says what is missing."""


def check(path: Path) -> None:
    """Refuse before a long measurement what could not be written after it.

    Raises:
        FigureError: the kind of file is unknown, there is no Chromium for an image, or no such folder.
    """
    if path.suffix not in (".html", ".svg", ".png"):
        raise FigureError(f"图的文件名应以 .html、.svg 或 .png 结尾，不是 {path.name}。")
    if not path.absolute().parent.is_dir():
        raise FigureError(f"找不到存图的目录 {path.absolute().parent}。")
    if path.suffix != ".html" and _browser() is None:
        raise FigureError(f"画 {path.suffix} 要有 Chromium；请安装，或把图存为 .html。")


def write(results: dict[str, Any], path: Path) -> None:
    """Draw what `eval.scale.measure` returned, as the kind of file that `path` ends with.

    Raises:
        FigureError: see `check`; or Chromium does not draw it.
    """
    check(path)
    drawn = figure(results)
    page = drawn.to_html(include_plotlyjs=True, full_html=True, config={"displayModeBar": False})
    page = page.replace("<html>", '<html lang="zh-CN">', 1)
    page = page.replace("<head>", f"<head><title>{html.escape(drawn.layout.meta['title'])}</title>", 1)
    if path.suffix == ".html":
        path.write_text(page, encoding="utf-8")
    else:
        path.write_bytes(_image(page, path.suffix[1:]))


def _image(page: str, kind: str) -> bytes:
    """What Chromium draws of the page: the page itself puts the image, as a data URL, into its own text."""
    script = _TO_IMAGE % {"kind": kind, "width": WIDTH, "height": HEIGHT}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "figure.html"
        source.write_text(page + script, encoding="utf-8")
        found = re.search(r'<pre id="image">data:[^,]*,(.+?)</pre>', _dumped(source), re.DOTALL)
    if found is None:
        raise FigureError("Chromium 没有画出图来。")
    data = html.unescape(found[1])
    return base64.b64decode(data) if kind == "png" else unquote(data).encode()


_TO_IMAGE = """<pre id="image"></pre><script>
Plotly.toImage(document.querySelector(".plotly-graph-div"),
  {format: "%(kind)s", width: %(width)d, height: %(height)d, scale: "%(kind)s" === "png" ? 2 : 1}
).then(url => document.getElementById("image").textContent = url);
</script>"""


def _browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _dumped(source: Path) -> str:
    """The page as it stands in headless Chromium when its scripts are done, in a profile of its own."""
    profile = f"--user-data-dir={source.parent / 'profile'}"
    patient = "--virtual-time-budget=10000"  # milliseconds of the page's own time
    command = [_browser() or "chromium", *_QUIET, profile, patient, "--dump-dom", source.as_uri()]
    try:
        ran = subprocess.run(  # noqa: S603  our own command
            command, capture_output=True, timeout=_PATIENCE_S, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise FigureError(f"Chromium 没有画出图来：{error}") from None
    return ran.stdout.decode("utf-8", "replace")


def figure(results: dict[str, Any]) -> Figure:
    """The picture: six small figures over the number of measures."""
    from plotly.subplots import make_subplots

    sizes = results["sizes"]
    titles = [f"<b>{title}</b><br>{_goal_words(goal)}" for title, goal in _TITLES]
    drawn = make_subplots(2, 4, subplot_titles=titles, horizontal_spacing=0.06, vertical_spacing=0.2)
    panels = _Panels(drawn, sizes)
    panels.line(1, 1, "问策 p50", _OURS, _wait("p50_ms"))
    panels.line(1, 1, "问策 p99", _OURS, _wait("p99_ms"), dash="dot")
    panels.line(1, 1, "LangChain p50", _PEER, _of_peer(_wait("p50_ms")))
    panels.line(1, 1, "LangChain p99", _PEER, _of_peer(_wait("p99_ms")), dash="dot")
    panels.goal(1, 1, 10)
    for colour, of in ((_OURS, lambda value: value), (_PEER, _of_peer)):
        name = "问策" if colour == _OURS else "LangChain"
        panels.line(1, 2, f"{name} 限定", colour, of(_found("scoped")))
        panels.line(1, 2, f"{name} 不限定", colour, of(_found("named")), dash="dot")
    panels.line(1, 3, "问策", _OURS, _recall)
    panels.goal(1, 3, 0.98)
    panels.line(1, 4, "问策", _OURS, lambda one: one["build"]["rate"])
    panels.line(1, 4, "LangChain", _PEER, _of_peer(lambda one: one["build"]["rate"]))
    panels.goal(1, 4, _RATE)
    panels.parts(2, 1)
    panels.line(2, 2, "问策", _OURS, _held)
    panels.line(2, 2, "LangChain", _PEER, _of_peer(_held))
    panels.goal(2, 2, 2048)
    panels.line(2, 3, "部门牵头", _OURS, _listed("lead"))
    panels.line(2, 3, "6 月底前", _PARTS["words"][1], _listed("due"))
    panels.line(2, 4, "问策", _OURS, lambda one: one["open_ms"])
    _lay_out(drawn, results)
    for row, column in ((1, 1), (1, 4), (2, 2), (2, 3), (2, 4)):
        panels.logarithmic(row, column)
    panels.linear(1, 2, -4, 106, ",d")
    panels.linear(1, 3, min(0.95, *(_recall(one) or 1 for one in sizes)) - 0.005, 1.006, ".2f")
    drawn.update_yaxes(type="linear", rangemode="tozero", tickformat=",d", row=2, col=1)
    drawn.update_xaxes(type="category", tickvals=None, ticktext=None, range=None, row=2, col=1)
    return drawn


def _goal_words(goal: str) -> str:
    """What is to be reached, below a small figure's title."""
    words = f"目标：{goal}（虚线）" if goal else "　"
    return f"<span style='font-size:11px;color:{_GOAL}'>{words}</span>"


def _wait(quantile: str) -> Value:
    return lambda one: one["queries"]["together"][quantile]


def _found(kind: str) -> Value:
    """Per cent of questions."""
    return lambda one: 100 * one["queries"][kind]["gold@10"] if kind in one["queries"] else None


def _recall(one: dict[str, Any]) -> float | None:
    recall: float = one["recall"]["vectors"]["together"]
    return recall


def _listed(kind: str) -> Value:
    return lambda one: one["lists"][kind]["p50_ms"] if kind in one["lists"] else None


def _held(one: dict[str, Any]) -> float | None:
    """Bytes resident a measure, where they are known and not below what can be told apart."""
    held = one.get("bytes_a_measure")
    return max(held["rss"], 1) if held else None


def _of_peer(value: Value) -> Value:
    return lambda one: None if "skipped" in one["peer"] else value(one["peer"])


class _Panels:
    """The small figures; each adds to one by its row and column."""

    def __init__(self, drawn: Figure, sizes: Sequence[dict[str, Any]]) -> None:
        self._drawn = drawn
        self._sizes = sizes
        self._seen: dict[tuple[int, int], list[float]] = defaultdict(list)
        self._ends: dict[tuple[int, int], list[tuple[float, float, str, str]]] = defaultdict(list)

    def line(
        self,
        row: int,
        column: int,
        name: str,
        colour: str,
        value: Value,
        dash: str = "solid",
    ) -> None:
        """A line over the sizes; its name and last figure are to stand at its end."""
        points = [(one["size"], y) for one in self._sizes if (y := value(one)) is not None]
        if not points:
            return
        x, values = [point[0] for point in points], [point[1] for point in points]
        self._seen[row, column] += values
        self._ends[row, column].append((x[-1], values[-1], f"{name} {_figure(values[-1])}", colour))
        self._drawn.add_scatter(
            x=x,
            y=values,
            mode="lines+markers",
            name=name,
            cliponaxis=False,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"color": colour, "size": 7, "line": {"color": _CARD, "width": 1}},
            hovertemplate=f"{name}：%{{x:,}} 条，%{{y:,.4~g}}<extra></extra>",
            row=row,
            col=column,
        )

    def goal(self, row: int, column: int, value: float) -> None:
        """A line across that is to be reached."""
        ends = [one["size"] for one in self._sizes]
        self._seen[row, column].append(value)
        self._drawn.add_scatter(
            x=[ends[0] / _LEFT, ends[-1] * _RIGHT],
            y=[value, value],
            mode="lines",
            line={"color": _GOAL, "width": 1.2, "dash": "dash"},
            hoverinfo="skip",
            row=row,
            col=column,
        )

    def logarithmic(self, row: int, column: int) -> None:
        """Give a small figure a logarithmic scale with round figures, wide enough for all that it shows."""
        seen = self._seen[row, column]
        if not seen:
            return
        low, high = math.log10(min(seen)), math.log10(max(seen))
        room = max(0.2 * (high - low), 0.35)
        low, high = low - room, high + room
        steps = (1,) if high - low > 2 else (1, 2, 5)
        ticks = [step * 10.0**power for power in range(math.floor(low), math.ceil(high)) for step in steps]
        said = [f"{tick:,.0f}" if tick >= 1 else f"{tick:g}" for tick in ticks]
        self._drawn.update_yaxes(
            type="log", range=[low, high], tickvals=ticks, ticktext=said, row=row, col=column
        )
        ends = [(x, math.log10(y), words, colour) for x, y, words, colour in self._ends[row, column]]
        self._name(ends, low, high, row, column)

    def linear(self, row: int, column: int, low: float, high: float, form: str) -> None:
        """Give a small figure a linear scale."""
        self._drawn.update_yaxes(type="linear", range=[low, high], tickformat=form, row=row, col=column)
        self._name(self._ends[row, column], low, high, row, column)

    def _name(
        self, ends: Sequence[tuple[float, float, str, str]], low: float, high: float, row: int, column: int
    ) -> None:
        """Write the name of each line beside its end, and none over another."""
        at = math.inf
        for x, y, words, colour in sorted(ends, key=lambda end: -end[1]):
            own = (y - low) / (high - low) * _PANEL
            at = min(own, at - _APART)
            self._drawn.add_annotation(
                x=math.log10(x), y=y, text=words, showarrow=False, xanchor="left", xshift=8,
                yshift=at - own, font={"size": 12, "color": colour}, row=row, col=column,
            )  # fmt: skip

    def parts(self, row: int, column: int) -> None:
        """Bars of what is on disk, part by part."""
        names = [size_in_words(one["size"]) for one in self._sizes]
        for part, (name, colour) in _PARTS.items():
            each = [one["build"]["disk"][part] / one["size"] for one in self._sizes]
            self._drawn.add_bar(
                x=names,
                y=each,
                name=name,
                text=[f"{name}<br>{value:,.0f}" if value >= 300 else "" for value in each],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": "#ffffff", "size": 11},
                marker={"color": colour},
                hovertemplate=f"{name}：%{{y:,.0f}} 字节/条<extra></extra>",
                row=row,
                col=column,
            )


def size_in_words(size: int) -> str:
    """1000 → 1千, 100000 → 10万."""
    for unit, word in ((10_000, "万"), (1_000, "千")):
        if size >= unit:
            return f"{size / unit:g}{word}"
    return str(size)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _lay_out(drawn: Figure, results: dict[str, Any]) -> None:
    sizes = [one["size"] for one in results["sizes"]]
    title = f"一台机器能到多大规模：{size_in_words(sizes[0])}至{size_in_words(sizes[-1])}条措施"
    head = f"<b>{title}</b><br><span style='font-size:13px;color:{_SOFT}'>{_summary(results)}</span>"
    drawn.update_layout(
        template="none",
        title={"text": head, "x": 0.03, "y": 0.965, "yanchor": "top", "font": {"size": 21, "color": _INK}},
        font={"family": _FONTS, "size": 12, "color": _SOFT},
        paper_bgcolor=_CARD,
        plot_bgcolor=_CARD,
        margin={"l": 60, "r": 28, "t": 146, "b": 136},
        width=WIDTH,
        height=HEIGHT,
        barmode="stack",
        showlegend=False,
        hoverlabel={"font": {"family": _FONTS, "size": 13}},
        dragmode=False,
        meta={"title": title},
    )
    for heading in drawn.layout.annotations:
        heading.update(font={"size": 14, "color": _INK}, yshift=8)
    drawn.update_xaxes(
        type="log",
        tickvals=sizes,
        ticktext=[size_in_words(size) for size in sizes],
        range=[math.log10(sizes[0] / _LEFT), math.log10(sizes[-1] * _RIGHT)],
        showgrid=False,
        zeroline=False,
        linecolor="#aab1b5",
        showline=True,
        fixedrange=True,
    )
    drawn.update_yaxes(type="log", gridcolor=_LINE, zeroline=False, fixedrange=True, nticks=5)
    drawn.add_annotation(
        text=_notes(results), xref="paper", yref="paper", x=-0.02, y=-0.08, xanchor="left", yanchor="top",
        align="left", showarrow=False, font={"size": 11.5, "color": _SOFT},
    )  # fmt: skip


def _summary(results: dict[str, Any]) -> str:
    """What an official reads first."""
    last = results["sizes"][-1]
    asked = last["queries"]["together"]
    parts = [
        f"{size_in_words(last['size'])}条时，一半的检索不超过 {_figure(asked['p50_ms'])} 毫秒，"
        f"99% 不超过 {_figure(asked['p99_ms'])} 毫秒",
        f"每秒建入 {last['build']['rate']:,} 条",
    ]
    listed = min(one["lists"]["together"]["exact"] for one in results["sizes"])
    parts.append("列举在各规模上一条不多、一条不少" if listed == 1 else f"列举完整的占 {listed:.1%}")
    return "；".join(parts) + "。"


def _notes(results: dict[str, Any]) -> str:
    notes = [
        "横轴：措施条数。措施由真实计划的条款按区县、年份重新组合而成，应引的条目由构造得知。"
        "检索在单核上量测：一半限定区县和年份，问措施里的词句；一半不限定，问只有一条措施提到的一处名称。",
        "内存：打开索引并答完提问的进程，比最小规模多占的常驻内存（含已读入的文件映射），按条平均。",
    ]
    skipped = [
        f"{size_in_words(one['size'])}条：{one['peer']['skipped']}"
        for one in results["sizes"]
        if "skipped" in one["peer"]
    ]
    if skipped:
        notes.append(f"LangChain 未量测 {'；'.join(skipped)}。")
    return "<br>".join([*notes, f"机器：{results['machine']}"])
