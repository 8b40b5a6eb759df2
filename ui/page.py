"""The chat page: a question, its answer, and the measures that the answer cites.

Gradio is imported here and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from threading import Event
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from starlette.routing import Mount

from api.answering import Answering
from api.routes.common import FAVICON
from api.serving import NotReadyError
from index.errors import IndexFolderError
from rag.errors import QuestionError
from ui import evidence
from ui.front import ChinesePage
from ui.paths import OwnPaths
from ui.quick import quick_import

with quick_import():
    import gradio as gr

log = logging.getLogger("wence.ui")
TITLE = "问策"
ABOUT = "北京市、延庆区、怀柔区生态环境行动计划问答，每句话注明出自哪一项措施"
EXAMPLES = (
    "延庆区今年PM2.5目标是多少？",
    "海绵城市达标面积比例，市里和怀柔各是多少？",
    "楼下饭馆天天冒油烟，归谁管？",
    "上海的无废城市谁负责？",
)
REMEMBERED = 40_000  # characters of a conversation
SESSIONS = 50  # pages whose session is kept; nothing of ours is in it
AT_ONCE = 40  # answers that are streamed at a time
LONG = "对话较长，较早的问答不再保留。"
FAILED = "服务内部出错，没能回答；请稍后再试，或告知管理员。"
FONTS = ("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "sans-serif")
_HERE = Path(__file__).parent
_PAST = TypeAdapter(list[tuple[str, str]])
_FOCUS = "() => document.querySelector('#question textarea').focus()"

Messages = list[dict[str, Any]]
_Shown = tuple[str, Messages, str, str, str]


def mount(app: FastAPI, answering: Answering, *, streams: bool = False) -> FastAPI:
    """Put the page at "/" of `app`, behind the routes that it has; `answering` is asked its questions.

    Where there is no engine yet the page says so. With `streams` an answer is shown sentence by
    sentence, as a model writes it.
    """
    with ThreadPoolExecutor(1, "wence-mount") as pool:
        pool.submit(asyncio.run, _mounted(app, answering, streams)).result()
    app.add_middleware(ChinesePage)
    return app


async def _mounted(app: FastAPI, answering: Answering, streams: bool) -> None:
    """Mount inside a running loop: outside of one, Gradio makes loops and never closes them."""
    page = _page(answering, streams)
    page.state_session_capacity = SESSIONS
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        max_file_size="1kb",
        favicon_path=str(FAVICON),
        theme=_theme(),
        css_paths=_HERE / "page.css",
    )
    page.has_launched = True  # until then Gradio hands out any file that a request names
    mounted = app.routes[-1]
    assert isinstance(mounted, Mount)
    mounted.app = OwnPaths(mounted.app)


def _page(answering: Answering, streams: bool) -> gr.Blocks:
    def reply(*, afresh: bool) -> Callable[..., Any]:
        def whole(typed: str, past: str) -> _Shown:
            shown = list(_replies(answering, typed, past, afresh=afresh))
            left = [row[0] for row in shown if isinstance(row[0], str)]  # what the box holds at last
            return (left[-1], *shown[-1][1:])

        def stream(typed: str, past: str) -> Iterator[_Shown]:
            yield from _replies(answering, typed, past, afresh=afresh)

        return stream if streams else whole

    # Only a model takes so long that a queue and a stream are worth their time.
    how: dict[str, Any] = {"queue": True, "concurrency_limit": AT_ONCE} if streams else {"queue": False}

    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        gr.HTML(f"<header><h1>{TITLE}</h1><p>{ABOUT}</p></header>", elem_id="top", apply_default_css=False)
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=5, min_width=320, elem_id="talk"):
                chat = gr.Chatbot(
                    show_label=False,
                    label="对话",
                    render_markdown=False,
                    buttons=[],
                    feedback_options=None,
                    height="auto",
                    elem_id="chat",
                    placeholder="请输入问题，或点选下面的示例。",
                )
                notice = gr.HTML(elem_id="notice", apply_default_css=False)
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
                with gr.Row(elem_id="examples"):
                    examples = [gr.Button(text, size="sm", variant="secondary") for text in EXAMPLES]
            with gr.Column(scale=7, min_width=320, elem_id="evidence"):
                cited = gr.HTML(evidence.WAITING, apply_default_css=False)
        # The conversation comes back as plain text: parts of a Chatbot's messages may name files.
        past = gr.Textbox("[]", visible="hidden", elem_id="past")
        shown = [box, chat, cited, notice, past]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asked: list[Any] = [box.submit(reply(afresh=False), [box, past], shown, **quiet, **how)]
        # An example is a question of its own, whatever was asked before.
        asked += [
            button.click(reply(afresh=True), [button, past], shown, **quiet, **how) for button in examples
        ]
        for answered in asked:
            answered.then(None, js=_FOCUS, queue=False)
        forget = (evidence.WAITING, "", "[]")
        chat.clear(lambda: forget, None, [cited, notice, past], queue=False, api_visibility="private")
        if streams:  # an answer that is being written would bring the conversation back
            chat.clear(None, cancels=asked)
    return page


def _replies(answering: Answering, typed: str, past: str, *, afresh: bool = False) -> Iterator[_Shown]:
    """What the page shows after `typed`, as the answer grows: box, conversation, measures, notice, past.

    `past` is the conversation so far as JSON: pairs of what was asked and what was answered; a question
    that is asked `afresh` does not go on from it. Where there is no answer, the typed text stays in the
    box and the notice says why.
    """
    gone = Event()
    box: Any = ""  # emptied once: what is typed meanwhile stays
    try:
        said = _PAST.validate_json(past)
        earlier = [] if afresh else [asked for asked, _ in said]
        engine = answering.engine()
        for answer in answering.stream(typed, earlier, via="page", cancelled=gone, engine=engine):
            cited = evidence.table(answer, engine.store)
            whole = [*said, (answer.question, evidence.words(answer))]
            now = _recent(whole)
            told = evidence.notice(LONG) if len(now) < len(whole) else ""
            yield box, _messages(now), cited, told, _PAST.dump_json(now).decode()
            box = gr.skip()
    except (QuestionError, NotReadyError, IndexFolderError) as problem:
        yield typed, gr.skip(), gr.skip(), evidence.notice(str(problem)), past
    except ValidationError:  # nothing that the page sends; its words stay out of the log
        log.warning("no conversation came back")
        yield typed, gr.skip(), gr.skip(), evidence.notice(FAILED), past
    except Exception:
        log.exception("question failed")
        yield typed, gr.skip(), gr.skip(), evidence.notice(FAILED), past
    finally:
        gone.set()


def _recent(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The end of a long conversation, so that it can be sent back with the next question."""
    size, kept = 0, 0
    for asked, answered in reversed(said):
        size += len(asked) + len(answered)
        if kept and size > REMEMBERED:
            break
        kept += 1
    return said[-kept:]


def _messages(said: Sequence[tuple[str, str]]) -> Messages:
    """The conversation for Gradio, which takes contents for HTML."""
    return [
        {"role": role, "content": escape(text, quote=False)}
        for pair in said
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]


def _theme() -> gr.themes.Base:
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_sm,
        text_size=gr.themes.sizes.text_md,
        font=list(FONTS),
        font_mono=list(FONTS),
    )
    return theme.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        link_text_color="*primary_800",
        link_text_color_dark="*primary_300",
        button_primary_background_fill="*primary_800",
        button_primary_text_color="white",
    )
