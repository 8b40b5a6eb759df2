"""`wence eval check`: how often the check of a model's sentences errs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wence import terminal


def check(
    sentences: Annotated[
        Path | None, typer.Option("--sentences", help="自带的句子文件；默认用随附的。")
    ] = None,
    misses: Annotated[bool, typer.Option("--misses", help="列出判错的句子。")] = False,
) -> None:
    """量测对模型句子的核对：有据的误拒多少，有误的放过多少（不需要模型）。"""
    from eval.faults import BUNDLED, judged, passes, read_sentences
    from eval.lines import QuestionFileError
    from wence.settings import read_settings
    from wence.wiring import open_engine

    path = sentences or BUNDLED
    written, checker = read_sentences(path), open_engine(read_settings(writer="extractive")).checker
    try:
        found = [(w, passes(w, checker)) for w in written]
    except KeyError as error:
        raise QuestionFileError(f"{path.name} 里有语料没有的编号：{error.args[0]}") from None
    terminal.show_judged(judged(found))
    for w, passed in found if misses else ():
        if passed == bool(w.fault):
            sys.stdout.write(f"{w.split} {w.fault or '误拒'}：{w.sentence}\n")
