"""台账: all measures as a table that is filtered, sorted, searched, taken away, drawn and sent as a link.

The table is markup of ours, made on the server: the searching and the menus of Gradio's Dataframe work in the
browser and speak English, and what they hide an export would hold all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from api import records
from api.directory import directory
from api.serving import NotReadyError
from corpus.types import ROLE_WORDS, STATUS_WORDS, Record
from index.errors import IndexFolderError
from rag.counterparts import THRESHOLD
from rag.engine import Engine
from rag.near import counterparts
from rag.options import NAMES, UNSAID
from rag.ordering import SORTS
from ui.failures import sentence
from ui.house import House
from ui.html import notice, render
from ui.register_figures import DIRECTIONS, KINDS, drawn_figure
from ui.register_rows import lines
from ui.views import Read, View, checked, read
from ui.widgets import HIDDEN, TRIVIAL, gr, html

ROWS = 50  # on a page
WAITING = "正在列出……"
FILTERS = ("level", "district", "plan", "status", "department", "role", "together", "deadline")
DEADLINES = ("3月底前", "6月底前", "9月底前", "年底前", "6-9月", "长期实施", "持续推进", UNSAID)
_CHOICES: dict[str, list[tuple[str, str]]] = {
    "level": [("市级", "市"), ("区级", "区")],
    "status": [(word, status) for status, word in STATUS_WORDS.items()],
    "role": [(word, role.value) for role, word in ROLE_WORDS.items()],
    "deadline": [(words, words) for words in DEADLINES],
}
_SHOWN = "(query) => { window.wence.register.shown(query); }"
_TOUCHED = "(view, ...rest) => [window.wence.register.touched ? view : null, ...rest]"
_DRAWN = "() => { window.wence.register.drawn(); }"
_GIVEN = "() => [window.wence.given['register-go'] ?? location.search]"


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    title: str
    sort: str = ""
    order: str = "none"
    query: str = ""
    next: str = ""


def build(site: gr.Blocks, house: House) -> None:
    """Build the page."""
    html(render("register_fold"), elem_id="register-fold")
    with gr.Row(elem_id="register-filters", elem_classes="filters"):
        text = gr.Textbox(
            label="全文查找",
            placeholder="词语，可用空格隔开几个，按回车",
            lines=1,
            max_lines=1,
            elem_id="register-text",
            min_width=200,
        )
        chosen = [_choice(name) for name in FILTERS]
    bar = html(elem_id="register-bar")
    with gr.Accordion("图表", open=False, elem_id="register-figures") as fold:
        kind = gr.Radio(
            [(words, name) for name, words in KINDS.items()],
            value="department",
            show_label=False,
            label="看哪一张图",
            elem_id="register-kind",
        )
        with gr.Row(elem_id="register-match", visible=False) as matching:
            direction = gr.Radio(
                [(words, name) for name, words in DIRECTIONS.items()],
                value="up",
                show_label=False,
                label="从哪一级看",
                elem_id="register-direction",
            )
            district = gr.Radio(
                [], show_label=False, label="看哪个区", visible=False, elem_id="register-opposite"
            )
            threshold = gr.Slider(
                0.3, 1, THRESHOLD, step=0.01, label="相似度阈值", elem_id="register-threshold"
            )
        html(render("register_wide"), elem_id="register-wide")
        plot = gr.Plot(show_label=False, label="图", elem_id="register-plot")
        words = html(elem_id="register-words")
    table = html(f'<p class="hint">{WAITING}</p>', elem_id="register-table")
    view = gr.Textbox(elem_id="register-view", **HIDDEN)
    opened = gr.Textbox(elem_id="register-opened", **HIDDEN)  # whether the figures are
    drawn = gr.Textbox(elem_id="register-drawn", **HIDDEN)  # what of
    go = gr.Button(elem_id="register-go", **HIDDEN)

    rows = [bar, table, view, text, *chosen]
    draw: dict[str, Any] = {
        "fn": partial(drawn_figure, house),
        "inputs": [view, kind, direction, district, threshold, opened, drawn],
        "outputs": [plot, words, matching, district, drawn],
        **TRIVIAL,
    }
    # Of a dropdown only `change` fires whatever way it is changed; it fires also where a link fills it,
    # and then while others are not filled yet: what no hand has touched is passed over.
    typed = [text.submit, text.blur, *(choice.change for choice in chosen)]
    filtered = gr.on(
        typed,
        partial(_filtered, house),
        [view, text, *chosen],
        rows,
        js=_TOUCHED,
        trigger_mode="always_last",
        **TRIVIAL,
    )
    # A heading, a chip, a page, a bar of a figure: each names the view that it leads to.
    led = go.click(partial(_shown, house), view, rows, js=_GIVEN, **TRIVIAL)
    loaded = site.load(partial(_opened, house), view, rows, js="() => [location.search]", **TRIVIAL)
    figure = [fold.expand(lambda: "1", None, opened, **TRIVIAL)]
    figure += [event.then(None, view, None, js=_SHOWN, queue=False) for event in (filtered, led, loaded)]
    asked = [kind.input, direction.input, district.input, threshold.input]
    # The kind and the threshold are not always the same at the end as when drawing began: each figure is
    # followed by a second look, which draws nothing where all is well.
    figure.append(gr.on(asked, **draw, trigger_mode="always_last"))
    for event in figure:
        event.then(**draw).then(**draw).then(None, None, None, js=_DRAWN, queue=False)
    fold.collapse(lambda: "", None, opened, **TRIVIAL)


def _choice(name: str) -> gr.Dropdown:
    """A filter; what there is to choose comes when the page opens; a department may be any name for it."""
    return gr.Dropdown(
        _CHOICES.get(name, []),
        label=NAMES[name],
        multiselect=True,
        allow_custom_value=True,
        num_choices_shown=400,
        min_width=130,
        elem_id=f"register-{name}",
    )


def _opened(house: House, query: str) -> list[Any]:
    """The view that the address stands for, and what each filter has to choose from."""
    shown = _shown(house, query)
    try:
        known = directory(house.answering.engine())
    except (NotReadyError, IndexFolderError):
        return shown
    bodies = [(body["name"], body["name"]) for body in known.departments()]
    choices = {
        "district": [(name, name) for name in known.districts],
        "plan": known.choices(),
        "department": bodies,
        "together": bodies,
    }
    first = len(shown) - len(FILTERS)
    for n, name in enumerate(FILTERS, first):
        if name in choices:
            shown[n] = gr.update(choices=choices[name], value=shown[n])
    return shown


def _shown(house: House, query: str) -> list[Any]:
    """Bar, table, view, and what the filters hold, for the query of an address."""
    return _listed(house, lambda engine: read(query, engine.store, engine.bodies))


def _filtered(house: House, query: str | None, text: str, *chosen: list[str]) -> list[Any]:
    """The same for what the filters hold; the order and the chosen ids stay.

    Nothing changes where they hold what is shown already, or where there is no `query`: no hand filled them.
    """

    def given(engine: Engine) -> Read | None:
        if query is None:
            return None
        before = read(query, engine.store, engine.bodies).view
        wanted: dict[str, Sequence[str]] = dict(
            zip(FILTERS, (values or () for values in chosen), strict=True)
        )
        wanted |= {"text": [text or ""], "id": before.options.id, "sort": [before.sort]}
        told = checked(wanted, engine.store, engine.bodies)
        # 6月 typed beside 6月底前 is the same: the filter must say so.
        as_held = all(list(wanted[name]) == list(getattr(before.options, name)) for name in FILTERS)
        same = told.view.options == before.options and not told.problem and as_held
        return None if same else told

    return _listed(house, given)


def _listed(house: House, given: Callable[[Engine], Read | None]) -> list[Any]:
    """Bar, table, the query of the view, and what the filters hold."""
    nothing = [gr.skip()] * (1 + len(FILTERS))
    try:
        engine = house.answering.engine()
        told = given(engine)
        if told is None:
            return [gr.skip(), gr.skip(), gr.skip(), *nothing]
        wanted = told.view
        found = records.every(engine, wanted.options, wanted.sort)
        pages = max(1, -(-len(found) // ROWS))
        view = View(wanted.options, wanted.sort, min(wanted.page, pages))
        bar, table = _bar(engine, view, len(found), told.problem), _table(engine, view, found)
    except Exception as problem:
        return [notice(sentence(problem, "列出")), "", gr.skip(), *nothing]
    held = [list(getattr(view.options, name)) for name in FILTERS]
    return [bar, table, view.query(), " ".join(view.options.text), *held]


def _bar(engine: Engine, view: View, total: int, problem: str) -> str:
    chips = view.chips(engine.store)
    cleared = View(sort=view.sort).query()
    export = view.export()
    return render("register_bar", total=total, chips=chips, cleared=cleared, export=export, problem=problem)


def _table(engine: Engine, view: View, found: Sequence[Record]) -> str:
    first = (view.page - 1) * ROWS
    here = found[first : first + ROWS]
    last, columns = first + len(here), _columns(view)
    turned = [View(view.options, view.sort, view.page + step) for step in (-1, 1)]
    return render(
        "register_table",
        lines=lines(here, engine.store, counterparts(engine), view.options.text),
        columns=columns,
        width=len(columns),
        searched=bool(view.options.text),
        chips=bool(view.chips(engine.store)),
        threshold=THRESHOLD,
        total=len(found),
        first=first + 1,
        last=last,
        page=view.page,
        pages=max(1, -(-len(found) // ROWS)),
        before=turned[0].query() or "?" if view.page > 1 else "",
        after=turned[1].query() if last < len(found) else "",
    )


_HEADINGS = (
    ("plan", "计划", "plan"),
    ("number", "序号", "number"),
    ("task", "重点任务", ""),
    ("text", "工作措施", ""),
    ("deadline", "完成时限", "deadline"),
    ("duty", "牵头部门", "department"),
    ("duty", "主责单位", ""),
    ("duty", "协办单位", ""),
    ("state", "状态", ""),
    ("label", "标签", ""),
)
_NEXT = {"none": "按{}升序排列", "ascending": "按{}倒序排列", "descending": "恢复原文顺序"}


def _columns(view: View) -> list[_Column]:
    made = []
    for name, title, sort in _HEADINGS:
        order = {sort: "ascending", f"-{sort}": "descending"}.get(view.sort, "none") if sort else "none"
        query = view.sorted_by(sort).query() if sort else ""
        following = _NEXT[order].format(SORTS[sort]) if sort else ""
        made.append(_Column(name, title, sort, order, query, following))
    return made
