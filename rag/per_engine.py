"""What is counted once over an engine's store, kept, and gone with the engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from rag.engine import Engine

Made = TypeVar("Made")


def per_engine(make: Callable[[Engine], Made]) -> Callable[[Engine], Made]:
    """`make`, called once for each engine; what it makes must not hold the engine."""
    kept: WeakKeyDictionary[Engine, Made] = WeakKeyDictionary()
    lock = Lock()

    @wraps(make)
    def made(engine: Engine) -> Made:
        with lock:
            if engine not in kept:
                kept[engine] = make(engine)
            return kept[engine]

    return made
