"""派单: what a caller says, and on Enter whose work it is by the plans, with the text for the work order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.answering import Answering
from api.context import caller
from index.store import Store
from rag.dispatch import MOST, Dispatch
from rag.dispatch_basis import Candidate
from rag.dispatch_text import dispatch_text
from ui.failures import sentence
from ui.house import House
from ui.html import notice, render
from ui.rows import Sheet, sheets
from ui.turns import Cited
from ui.widgets import TRIVIAL, gr, html

PLACEHOLDER = "把来电人说的写进来，按回车键派单。例：我家楼下烧烤店天天冒油烟，昨晚十一点还在烤"


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate as the page shows it, the `n`-th (from 1), with the rows of the plans behind it."""

    n: int
    candidate: Candidate
    text: str
    ids: str
    sheets: list[Sheet]


def build(site: gr.Blocks, house: House) -> None:
    """Build the page."""
    with gr.Column(elem_id="desk"):
        box = gr.Textbox(
            label="来电诉求",
            placeholder=PLACEHOLDER,
            lines=1,
            max_lines=8,
            autofocus=True,
            submit_btn="派单",
            elem_id="complaint",
        )
        html(render("desk_keys", most=MOST), elem_id="desk-keys")
        said = html(elem_id="desk-notice")
        card = html(render("desk_none"), elem_id="desk-card")
    box.submit(dispatching(house.answering), box, [card, said], **TRIVIAL)


def dispatching(answering: Answering) -> Callable[[str], tuple[str, str]]:
    """What Enter does."""

    def dispatch(typed: str) -> tuple[str, str]:
        """The card, and why there is none; what was typed stays in its box."""
        try:
            engine = answering.engine()
            return card(answering.dispatch(typed, engine=engine), engine.store), ""
        except Exception as problem:
            return render("desk_none"), notice(sentence(problem, "派单"))

    return dispatch


def card(found: Dispatch, store: Store) -> str:
    """What is found as markup: the candidates with the text of each, or that there are none."""
    candidates = found.candidates or found.near
    shown, rows = [], 1
    for n, candidate in enumerate(candidates):
        cited = [Cited(id=basis.record.id, quote=basis.quote) for basis in candidate.bases]
        text = dispatch_text(found, n) if found.covered else ""
        ids = " ".join(one.id for one in cited)
        shown.append(Shown(n + 1, candidate, text, ids, sheets(cited, store, rows)))
        rows += len(cited)
    return render(
        "desk_card",
        found=found,
        shown=shown,
        text="" if found.covered else dispatch_text(found, 0),
        request=caller().request,
    )
