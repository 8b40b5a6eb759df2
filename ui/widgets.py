"""Gradio, imported here and nowhere else, and what all pages have of it alike."""

from __future__ import annotations

from typing import Any

from ui.quick import quick_import

with quick_import():
    import gradio as gr
    from gradio.components.navbar import Navbar

__all__ = ["HIDDEN", "QUIET", "TRIVIAL", "Navbar", "gr", "html", "theme"]

FONTS = ("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "sans-serif")
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Of every event: no spinner over what is being read, no entry in a documented API."""
TRIVIAL: dict[str, Any] = {**QUIET, "queue": False}
"""Of an event that takes milliseconds: one plain request, which any worker may serve."""
HIDDEN: dict[str, Any] = {"visible": "hidden"}
"""Of what is there for scripts alone."""


def html(value: str = "", **more: Any) -> gr.HTML:
    """Markup of a template of ours, with our own style alone."""
    return gr.HTML(value, apply_default_css=False, **more)


def theme() -> gr.themes.Base:
    """The pages' own: dense, grey and one blue."""
    made = gr.themes.Base(
        primary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_sm,
        text_size=gr.themes.sizes.text_md,
        font=list(FONTS),
        font_mono=list(FONTS),
    )
    return made.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        link_text_color="*primary_800",
        link_text_color_dark="*primary_300",
        button_primary_background_fill="*primary_800",
        button_primary_background_fill_hover="*primary_900",
        button_primary_background_fill_dark="*primary_800",
        button_primary_text_color="white",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
    )
