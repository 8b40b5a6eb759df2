"""Importing Gradio without its side effects: no look-up of other hosts, no rewriting of stubs."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@contextmanager
def quick_import() -> Iterator[None]:
    """Import Gradio inside this block.

    Gradio 6 renders the type stub of each of its components anew at each import (1 of
    2.4 s) and skips a class whose source file is unknown; here it finds none of them.
    """
    os.environ.update(_ENVIRONMENT)
    found = inspect.getfile

    def getfile(thing: Any) -> str:
        if getattr(thing, "__module__", "").startswith("gradio."):
            raise OSError("no stub wanted")
        return found(thing)

    inspect.getfile = cast("Any", getfile)
    try:
        yield
    finally:
        inspect.getfile = found
