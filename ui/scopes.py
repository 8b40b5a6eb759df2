"""What an answer is narrowed to: levels, districts, plans and departments chosen beside the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.directory import directory
from api.serving import NotReadyError
from index.errors import IndexFolderError
from index.filters import NO_FILTERS, Filters
from rag import scope
from rag.engine import Engine
from rag.options import ConditionError, Options
from ui.house import House
from ui.widgets import TRIVIAL, gr

LEVELS = ("市级", "区级")
EVERYTHING = "检索范围：全部"
Chosen = Sequence[Any]


def widgets() -> list[gr.Dropdown]:
    """Level, district, plan, department; what there is to choose comes when the page opens."""
    with gr.Row(elem_classes="filters"):
        return [
            _choice("级别", "level", LEVELS),
            _choice("区", "district"),
            _choice("计划", "plan"),
            _choice("部门", "department"),
        ]


def _choice(label: str, name: str, choices: Sequence[str] = ()) -> gr.Dropdown:
    # Gradio checks values against choices that its session holds, and forgets sessions: `filters` checks.
    return gr.Dropdown(
        list(choices),
        label=label,
        multiselect=True,
        allow_custom_value=True,
        min_width=140,
        elem_id=f"scope-{name}",
    )


def connect(site: gr.Blocks, house: House, chosen: list[gr.Dropdown], fold: gr.Accordion) -> None:
    """Fill the choices when the page opens, and say on the fold what is chosen."""

    def fill() -> list[Any]:
        try:
            known = directory(house.answering.engine())
        except (NotReadyError, IndexFolderError):
            return [gr.skip()] * 3
        bodies = [body["name"] for body in known.departments() if not body["collective"]]
        return [
            gr.update(choices=known.districts),
            gr.update(choices=known.choices()),
            gr.update(choices=bodies),
        ]

    def told(*values: list[str]) -> Any:
        try:
            engine = house.answering.engine()
            said = words(engine, filters(engine, *values))
        except (NotReadyError, IndexFolderError, ConditionError):
            return gr.skip()  # the answer will say it
        return gr.update(label=f"检索范围：{said}" if said else EVERYTHING)

    site.load(fill, None, chosen[1:], **TRIVIAL)
    gr.on([choice.change for choice in chosen], told, chosen, fold, **TRIVIAL)


def filters(
    engine: Engine, level: list[str], district: list[str], plan: list[str], department: list[str]
) -> Filters:
    """What was chosen, as the scope of an answer; none where nothing was.

    Raises:
        ConditionError: something is not known.
    """
    if not (level or district or plan or department):
        return NO_FILTERS
    wanted = Options(level=level or (), district=district or (), plan=plan or (), department=department or ())
    return scope.chosen(wanted, engine.store, engine.bodies)


def words(engine: Engine, chosen: Filters) -> str:
    """A scope in words; empty where there is none."""
    return "" if chosen == NO_FILTERS else scope.described(chosen, engine.store.plans)
