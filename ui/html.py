"""Markup from templates; every value is escaped by Jinja."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: Any) -> str:
    """The markup of `templates/{template}.html.j2` with `values` in it."""
    return _TEMPLATES.get_template(f"{template}.html.j2").render(**values)


def notice(sentence: str) -> str:
    """`sentence` as a line that screen readers announce."""
    return render("notice", sentence=sentence)
