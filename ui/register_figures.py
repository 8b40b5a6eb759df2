"""The figures of the register: what the view lists, drawn and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api import records
from api.record_schemas import MOST_IDS
from corpus.types import Measure, Plan
from rag.counterparts import THRESHOLD, Pair, subject
from rag.engine import Engine
from rag.near import counterparts
from rag.options import Options, read_plan
from ui import figures
from ui.failures import sentence
from ui.figures import Drawn, own_id
from ui.house import House
from ui.html import notice, render
from ui.views import View, read
from ui.widgets import gr

KINDS = {"department": "部门和职责", "deadline": "完成时限", "together": "部门协作", "match": "市区对应"}
DIRECTIONS = {"up": "区对市：区级措施有没有市级对应", "down": "市对区：市级措施在区里有没有对应"}
_NOTHING = "当前条件下没有可以画的措施。"
_NO_DISTRICT = "当前条件下没有区级措施。要看哪些市级措施在某个区没有对应，请选“市对区”。"
_NO_CITY = "当前条件下没有市级措施。"
_NO_PLANS = "本库没有可以同市级计划比较的区级计划。"


@dataclass(frozen=True, slots=True)
class _Group:
    """Measures that have a counterpart, or those that have none: how many, and the address of their rows."""

    count: int
    query: str


def drawn_figure(
    house: House,
    query: str,
    kind: str,
    direction: str,
    district: str | None,
    threshold: float,
    opened: str,
    drawn: str,
) -> tuple[Any, ...]:
    """The figure of what the view lists, what it shows as words, what it can be asked, what it was drawn of.

    Nothing where the figures are not open, or show just that already.
    """
    matching = kind == "match"
    asked = f"{direction} {district or ''} {threshold}" if matching else ""
    wanted = f"{kind} {asked} {query}"
    if not opened or drawn == wanted:
        return (gr.skip(),) * 5
    beside = gr.update(visible=matching)
    try:
        engine = house.answering.engine()
        view = read(query, engine.store, engine.bodies).view
        if not matching:
            found = records.every(engine, view.options)
            made = _counted(engine, kind, [one for one in found if isinstance(one, Measure)], view)
            words = render("register_figure", note=made.note if made.data else _NOTHING, data=made.data)
            return _plot(made), words, beside, gr.skip(), wanted
        districts = counterparts(engine).districts
        towards = ""
        if direction == "down" and districts:
            named = [*([district] if district else ()), *view.options.district]
            towards = next((name for name in named if name in districts), districts[0])
        choices = gr.update(choices=list(districts), value=towards or None, visible=bool(towards))
        wanted = f"{kind} {direction} {towards} {threshold} {query}"
        if direction == "down" and not towards:
            return _plot(None), render("register_figure", note=_NO_PLANS, data=()), beside, choices, wanted
        made, words = _matched(engine, view, min(max(float(threshold), 0), 1), towards)
    except Exception as problem:
        return _plot(None), notice(sentence(problem, "画出")), beside, gr.skip(), ""
    return _plot(made), words, beside, choices, wanted


def _plot(made: Drawn | None) -> Any:
    """The figure, or no frame at all where there is none."""
    if made is None or not made.data:
        return gr.update(value=None, visible="hidden")
    return gr.update(value=made.figure, visible=True)


def _counted(engine: Engine, kind: str, measures: Sequence[Measure], view: View) -> Drawn:
    def count(options: Options) -> int:
        return len(records.every(engine, options))

    if kind == "deadline":
        return figures.by_deadline(measures, view, count)
    if kind == "together":
        return figures.together(measures, view, engine.store)
    return figures.by_department(measures, view, count)


def _matched(engine: Engine, view: View, threshold: float, district: str) -> tuple[Drawn, str]:
    """The measures of districts and the city's that are nearest; with a `district` the other way round."""
    known, store = counterparts(engine), engine.store
    nearest = known.nearest_in[district] if district else known.nearest
    options = _of_the_city(view, engine).options if district else view.options
    here = [one for one in records.every(engine, options) if one.id in nearest]
    there = {plan.id: known.compared(plan, district) for plan in known.plans}
    pairs = [nearest[one.id] for one in here if there[one.plan]]
    left_out = [store.plans[plan] for plan in dict.fromkeys(one.plan for one in here) if not there[plan]]
    near = [pair for pair in pairs if pair.similarity >= threshold]
    far = [pair for pair in pairs if pair.similarity < threshold]
    made = figures.matches(pairs, store, threshold, district)
    words = render(
        "register_match",
        nothing="" if here else (_NO_CITY if district else _NO_DISTRICT),
        left_out=_unmatched(left_out, district),
        note=made.note,
        data=made.data,
        total=len(pairs),
        near=_group(near, district),
        far=_group(far, district),
        most=MOST_IDS,
        pairs=[_told(engine, pair) for pair in near],
        district=district,
        threshold=threshold,
        standard=THRESHOLD,
    )
    return made, words


def _of_the_city(view: View, engine: Engine) -> View:
    """The view of the city's measures: what it says of level, district and districts' plans left aside."""
    plans = [read_plan(value, engine.store) for value in view.options.plan]
    own = [plan for plan in plans if engine.store.plans[plan].level == "市"]
    return view.narrowed(level=["市"], district=[], plan=own)


def _unmatched(plans: Sequence[Plan], district: str) -> list[str]:
    return [f"本库没有收{district or '市级'}{subject(plan)}计划，{plan.short}不参与比较。" for plan in plans]


def _group(pairs: Sequence[Pair], district: str) -> _Group:
    return _Group(len(pairs), View(Options(id=tuple(own_id(pair, district) for pair in pairs))).query())


def _told(engine: Engine, pair: Pair) -> dict[str, Any]:
    (own,), (other,) = engine.store.get([pair.district]), engine.store.get([pair.city])
    return {
        "district_label": engine.store.label(own.id),
        "district_text": own.text,
        "city_label": engine.store.label(other.id),
        "city_text": other.text,
        "similarity": pair.similarity,
        "query": View(Options(id=(own.id, other.id))).query(),
    }
