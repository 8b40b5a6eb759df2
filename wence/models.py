"""`wence models`: models that suit, which are on this disk; fetching, trying and timing them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wence import terminal

if TYPE_CHECKING:
    from index.recommended import Purpose
    from wence.settings import Settings

app = typer.Typer(name="models", help="模型：列出、取来、试用、量速度。", no_args_is_help=True)
SAMPLE = "海绵城市达标面积比例，市里、延庆和怀柔的目标各是多少？"
BEST = 3  # records that a trial of an embedding model shows


class From(StrEnum):
    """Where `pull` fetches from."""

    HUB = "hub"
    MODELSCOPE = "modelscope"


@app.command("list")
def list_() -> None:
    """列出推荐的模型（按内存）和本机已有的模型。"""
    from index.embedding import SHIPPED
    from index.recommended import recommended
    from wence.settings import read_settings

    folder = read_settings().models
    paths = [*folder.glob("*/config.json"), *folder.glob("*/*/config.json")] if folder.is_dir() else []
    found = {str(path.parent.relative_to(folder)) for path in paths}
    here = sorted(name for name in found if not name.startswith("."))
    terminal.show_models(recommended(), {*here})
    terminal.say("内存按参数量推算，未实测。取来：wence models pull 名字 [--from modelscope]；本机已有：")
    sys.stdout.write(f"{SHIPPED.name}（随附）\n")
    for name in here:
        sys.stdout.write(f"{name}\n")


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="模型名，例如 Qwen/Qwen3-4B-Instruct-2507。")],
    source: Annotated[
        From, typer.Option("--from", help="从哪里取：hub（Hugging Face）或 modelscope。")
    ] = From.HUB,
    endpoint: Annotated[str | None, typer.Option("--endpoint", help="镜像站的地址。")] = None,
) -> None:
    """从模型站取一个模型到模型文件夹；别的命令从不上网。文件夹可整个拷到内网机器。"""
    from index.locate import pull as fetch
    from wence.settings import read_settings

    terminal.say(f"正在取 {name} ……")
    terminal.say(f"已在 {fetch(name, read_settings().models, endpoint, source.value)}")


@app.command()
def check(
    name: Annotated[
        str, typer.Argument(help="本机的模型名或文件夹；模型服务写作 openai:模型@http://地址/v1。")
    ],
    question: Annotated[str, typer.Option("--question", help="用来试的问题。")] = SAMPLE,
) -> None:
    """装入一个模型，答一个问题；用不了会说明原因，退出码 2；写不出可用的句子为 1。"""
    from index.locate import locate
    from wence.settings import read_settings

    settings = read_settings()
    if name.startswith("openai:"):
        _try_writer(name, question, settings)
        return
    folder = locate(name.removeprefix("transformers:"), settings.models)
    {"chat": _try_chat, "embedding": _try_embedding, "rerank": _try_reranker}[_purpose(folder)](
        folder, question, settings
    )


@app.command()
def speed(
    size: Annotated[list[str] | None, typer.Option("--size", help="0.6B、1.7B、4B、8B，可重复。")] = None,
) -> None:
    """量一量这台机器带不带得动：按各种大小造一个随机权重的模型，量它读和写的速度（不上网）。"""
    from eval.rehearsal import rehearse

    for one in size or ["0.6B"]:
        terminal.say(f"正在造 {one} 的随机模型 ……")
        found = rehearse(one)
        sys.stdout.write(
            f"{one}（{found.where}）：读千词元的提问 {found.prompt_s:.1f} 秒，"
            f"每秒写 {found.tokens_per_s:.1f} 个词元，首句约 {found.first_sentence_s:.1f} 秒\n"
        )


def _purpose(folder: Path) -> Purpose:
    """What the model in `folder` is for, by its own configuration.

    Raises:
        ModelError: it says nothing of the kind.
    """
    from index.errors import ModelError
    from index.locate import architectures

    try:
        kinds = "".join(architectures(folder))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} 不是模型文件夹（config.json 读不出来：{error}）") from None
    if "ForSequenceClassification" in kinds:
        return "rerank"
    return "chat" if kinds.endswith(("ForCausalLM", "ForConditionalGeneration")) else "embedding"


def _try_chat(folder: Path, question: str, settings: Settings) -> None:
    _try_writer(f"transformers:{folder}", question, settings)


def _try_writer(spec: str, question: str, settings: Settings) -> None:
    """Answer one question with a writer; what of it was its own is said."""
    from wence.wiring import open_engine

    engine = open_engine(settings.model_copy(update={"writer": spec}))
    terminal.say(f"已装入 {engine.writer.name}，问：{question}")
    answer = engine.ask(question).as_json()
    terminal.show_answer(answer)
    written = answer.get("writing")
    if written is None:
        terminal.say("这个问题由条目库直接作答，没有用到模型；请换一个问题试。")
        return
    first = written["first_sentence_ms"]
    terminal.say(
        f"首句 {'没有写出' if first is None else f'{first / 1000:.1f} 秒'}，"
        f"每秒 {written['tokens_per_s'] or 0} 个词元，共 {written['tokens']} 个。"
    )
    if written["fallback"]:
        sys.exit(1)


def _try_embedding(folder: Path, question: str, settings: Settings) -> None:
    """Find the records nearest to one question, by this model alone."""
    import numpy as np

    from index.embedding import load_encoder
    from index.store import searchable
    from wence.wiring import open_engine

    store = open_engine(settings).store
    encoder = load_encoder(folder)
    terminal.say(f"已装入 {folder.name}，查：{question}")
    records = store.get(store.ids)
    vectors = encoder.encode([searchable(record) for record in records])
    scores = vectors @ encoder.encode_queries([question])[0]
    for at in np.argsort(-scores)[:BEST]:
        sys.stdout.write(f"{scores[at]:.3f} {store.label(records[at].id)}{records[at].text[:60]}\n")


def _try_reranker(folder: Path, question: str, settings: Settings) -> None:
    """Answer one question with this model ordering what was found."""
    from wence.wiring import open_engine

    engine = open_engine(settings.model_copy(update={"reranker": str(folder)}))
    terminal.say(f"已装入 {folder.name}，问：{question}")
    terminal.show_answer(engine.ask(question).as_json())
