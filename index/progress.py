"""Who hears how a build goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears how a build goes on."""

    def __call__(self, step: str, records: int = 0) -> None:
        """`step` begins, or so many `records` of it are done."""
        ...


def quiet(step: str, records: int = 0) -> None:
    """A `Progress` that nobody hears."""
