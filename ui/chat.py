"""问答: a question, its answer as it comes, and beside it the rows of the plans that it cites."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.answering import Answering
from api.context import caller
from ui import answers, exports, scopes
from ui.failures import KNOWN, failed, sentence
from ui.house import House
from ui.html import notice, render
from ui.turns import CONVERSATION, Turn, recent, turn
from ui.widgets import HIDDEN, QUIET, TRIVIAL, gr, html

log = logging.getLogger("wence.ui")
AT_ONCE = 40  # answers that are streamed at a time
LONG = "对话较长，较早的问答不再保留。"
UNREADABLE = "这个浏览器里保存的对话读不出来，已经清空。"
STOPPED = "已按要求停止，没有写完"
_KEY, _SECRET = "wence-conversation", "wence"  # fixed, so that a conversation outlives a restart
_GIVEN = "(given, past) => [window.wence.given.{}, past]"

_Shown = tuple[Any, Any, Any, str, str]


class Rated(BaseModel):
    """What a reader thought of the `n`-th answer of the conversation; no thumb where it was taken back."""

    model_config = ConfigDict(extra="forbid")

    n: int = Field(ge=0)
    thumb: Literal["", "up", "down"]
    reason: str = Field(default="", max_length=2000)
    rating: int = Field(default=0, ge=0)


def add_routes(app: FastAPI, house: House) -> None:
    """Add what the page takes away."""
    exports.add(app, house.answering)


def build(site: gr.Blocks, house: House) -> None:
    """Build the page."""
    answering = house.answering
    with gr.Row(elem_id="chat"):
        with gr.Column(scale=5, min_width=320, elem_id="talk"):
            talk = html(answers.conversation([], None), elem_id="log")
            told = html(elem_id="notice")
            with gr.Accordion(scopes.EVERYTHING, open=False, elem_id="scope") as fold:
                chosen = scopes.widgets()
            box = gr.Textbox(
                show_label=False,
                label="问题",
                placeholder="请输入问题，按回车键发送",
                lines=1,
                max_lines=6,
                autofocus=True,
                submit_btn="发送",
                elem_id="question",
            )
            html(render("chat_tools"), elem_id="tools")
        with gr.Column(scale=7, min_width=320, elem_id="evidence"):
            cited = html(answers.WAITING)
    # The conversation stays in the browser, as text: parts of other values may name files.
    past = gr.BrowserState("[]", storage_key=_KEY, secret=_SECRET)
    given = gr.Textbox(elem_id="given", **HIDDEN)
    ask, stop, look, rate, clear, export = (
        gr.Button(elem_id=name, **HIDDEN) for name in ("ask", "stop", "look", "rate", "clear", "export")
    )
    shown = [box, talk, cited, told, past]
    # Only a model takes so long that a queue and a stream are worth their time.
    how: dict[str, Any] = {"queue": True, "concurrency_limit": AT_ONCE} if house.streams else {"queue": False}
    take = "(given, ...rest) => [window.wence.given.ask, ...rest]"
    asked: list[Any] = [
        box.submit(_reply(house), [box, past, *chosen], shown, **QUIET, **how),
        ask.click(_reply(house), [given, past, *chosen], shown, js=take, **QUIET, **how),
    ]
    for event in asked:
        event.then(None, js="() => window.wence.answered()", queue=False)
    look.click(_look(answering), [given, past], cited, js=_GIVEN.format("look"), **TRIVIAL)
    rate.click(_rate(answering), [given, past], [talk, past], js=_GIVEN.format("rate"), **TRIVIAL)
    empty = (answers.conversation([], None), answers.WAITING, "", "[]")
    clear.click(lambda: empty, None, [talk, cited, told, past], **TRIVIAL)
    export.click(None, past, None, js="(past) => { window.wence.exported(past); }")
    if house.streams:  # an answer that is being written would bring the conversation back
        clear.click(None, cancels=asked)
        stop.click(None, cancels=asked)
        stop.click(_stopped(answering), past, [talk, past], **TRIVIAL)
    scopes.connect(site, house, chosen, fold)
    restored = site.load(_restore(answering), past, [talk, cited, told, past], **TRIVIAL)
    restored.then(None, js="() => window.wence.restored()", queue=False)


def _reply(house: House) -> Callable[..., Any]:
    def whole(typed: str, past: str, *chosen: list[str]) -> _Shown:
        shown = list(replies(house, typed, past, *chosen))
        left = [row[0] for row in shown if isinstance(row[0], str)]  # what the box holds at last
        return (left[-1], *shown[-1][1:])

    def stream(typed: str, past: str, *chosen: list[str]) -> Iterator[_Shown]:
        yield from replies(house, typed, past, *chosen)

    return stream if house.streams else whole


def replies(house: House, typed: str, past: str, *chosen: list[str]) -> Iterator[_Shown]:
    """What the page shows after `typed`, as the answer grows: box, conversation, rows, notice, past.

    `past` is the conversation so far; `chosen` what it is narrowed to (see `scopes`). Where there is no
    answer, the typed text stays in the box and the notice says why.
    """
    gone = Event()
    box: Any = ""  # emptied once: what is typed meanwhile stays
    try:
        before = CONVERSATION.validate_json(past)
        engine = house.answering.engine()
        within = scopes.filters(engine, *chosen)
        where = scopes.words(engine, within)
        earlier = [told.question for told in before]
        stream = house.answering.stream(
            typed, earlier, via="page", cancelled=gone, engine=engine, scope=within
        )
        for answer in stream:
            now = [*before, turn(answer, request=caller().request, scope=where)]
            kept = recent(now)
            told = notice(LONG) if len(kept) < len(now) else ""
            rows = answers.evidence(kept[-1], engine.store, len(kept) - 1)
            yield box, answers.conversation(kept, engine.store), rows, told, _json(kept)
            box = gr.skip()
    except ValidationError:  # nothing that the page sends; its words stay out of the log
        log.warning("no conversation came back")
        yield typed, gr.skip(), gr.skip(), notice(failed("回答")), past
    except Exception as problem:
        yield typed, gr.skip(), gr.skip(), notice(sentence(problem, "回答")), past
    finally:
        gone.set()


def _look(answering: Answering) -> Callable[[str, str], Any]:
    def look(n: str, past: str) -> Any:
        """The rows of an earlier answer."""
        try:
            turns = CONVERSATION.validate_json(past)
            return answers.evidence(turns[int(n)], answering.engine().store, int(n))
        except (ValidationError, IndexError, ValueError, *KNOWN):
            return gr.skip()

    return look


def _stopped(answering: Answering) -> Callable[[str], Any]:
    def stopped(past: str) -> Any:
        """The answer that was being written, as far as it had come."""
        try:
            turns = CONVERSATION.validate_json(past)
            turns[-1] = turns[-1].model_copy(update={"unfinished": False, "note": STOPPED})
            return answers.conversation(turns, answering.engine().store), _json(turns)
        except (ValidationError, IndexError, *KNOWN):
            return gr.skip(), gr.skip()

    return stopped


def _rate(answering: Answering) -> Callable[[str, str], Any]:
    def rate(given: str, past: str) -> Any:
        """Show that an answer was rated; the rating itself has gone to /v1/feedback."""
        try:
            rated = Rated.model_validate_json(given)
            turns = CONVERSATION.validate_json(past)
            turns[rated.n] = turns[rated.n].model_copy(update=rated.model_dump(exclude={"n"}))
            return answers.conversation(turns, answering.engine().store), _json(turns)
        except (ValidationError, IndexError, *KNOWN):
            return gr.skip(), gr.skip()

    return rate


def _restore(answering: Answering) -> Callable[[str], Any]:
    def restore(past: str) -> Any:
        """The conversation that this browser kept."""
        try:
            turns = CONVERSATION.validate_json(past)
        except ValidationError:
            return answers.conversation([], None), answers.WAITING, notice(UNREADABLE), "[]"
        try:
            store = answering.engine().store
        except KNOWN as problem:
            return (
                answers.conversation(turns, None),
                answers.WAITING,
                notice(sentence(problem, "打开对话")),
                past,
            )
        rows = answers.evidence(turns[-1], store, len(turns) - 1) if turns else answers.WAITING
        return answers.conversation(turns, store), rows, "", past

    return restore


def _json(turns: Sequence[Turn]) -> str:
    return CONVERSATION.dump_json(list(turns), exclude_defaults=True).decode()
