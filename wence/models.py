"""`wence models`: which models are on this disk, and fetching one when asked to."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from wence import terminal

app = typer.Typer(name="models", help="模型：列出、取来。", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """列出模型文件夹里有的模型。"""
    from index.embedding import SHIPPED
    from wence.settings import read_settings

    folder = read_settings().models
    sys.stdout.write(f"{SHIPPED.name}（随附）\n")
    found = [*folder.glob("*/config.json"), *folder.glob("*/*/config.json")] if folder.is_dir() else []
    for path in sorted(path.parent.relative_to(folder) for path in found):
        if not path.parts[0].startswith("."):
            sys.stdout.write(f"{path}\n")


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="模型名，例如 BAAI/bge-small-zh-v1.5。")],
    endpoint: Annotated[str | None, typer.Option("--endpoint", help="镜像站的地址。")] = None,
) -> None:
    """从模型站取一个模型到模型文件夹；别的命令从不上网。文件夹可整个拷到内网机器。"""
    from index.locate import pull as fetch
    from wence.settings import read_settings

    terminal.say(f"正在取 {name} ……")
    terminal.say(f"已在 {fetch(name, read_settings().models, endpoint)}")
