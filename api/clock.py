"""What day and time it is, read here by what stamps a file that is taken away."""

from __future__ import annotations

from datetime import datetime


def now() -> datetime:
    """This moment in the machine's own time zone."""
    return datetime.now().astimezone()
