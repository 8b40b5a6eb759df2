"""What is drawn on a page of a PDF: glyphs and ruling lines, from the top left of what the page shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pdfplumber.page import Page

from corpus.document import Box

GAP = "〓"
"""The printers' sign for a character that could not be read."""
_NO_UNICODE = re.compile(r"\(cid:\d+\)|\ufffd|[\ue000-\uf8ff]")
_THIN = 3.0
_PICTURE_OF_PAGE = 0.5
_MANY_CURVES = 200
# Some programs write the radical instead of the character that looks the same. NFKC mends the Kangxi
# radicals; these are the ones of the CJK Radicals Supplement that it does not know.
_RADICALS = str.maketrans(
    "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as drawn; `base` is the height of its baseline, downwards from the page's top."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight stroke, level or upright: `at` across, from `start` to `end` along it."""

    level: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Ink:
    """A page: its size, glyphs, rules and pictures.

    `watermark` is text set askew or large and pale; `unread` counts the glyphs whose font does not say
    which character they are, `radicals` those that were written as radicals; `scanned` says that a picture
    covers the page; `outlined` that it is full of curves, as where text was turned into shapes; `sideways`
    that most text runs up or down the page.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[Box, ...]
    watermark: str = ""
    unread: int = 0
    radicals: int = 0
    scanned: bool = False
    outlined: bool = False
    sideways: bool = False

    @property
    def letters(self) -> int:
        """How many characters it has that are not blank."""
        return sum(not glyph.text.isspace() for glyph in self.glyphs)


def ink_of(page: Page) -> Ink:
    """What `page` shows; what lies outside its crop box is not shown."""
    crop_left, crop_top, width, height = _shown(page)
    left, top = float(page.mediabox[0]) + crop_left, float(page.mediabox[1]) + crop_top
    glyphs: list[Glyph] = []
    watermark: list[str] = []
    unread = radicals = sideways = 0
    for char in page.dedupe_chars(tolerance=0.5).chars:
        glyph = _glyph(char, float(page.height) - crop_top, left, top)
        if not (0 <= (glyph.x0 + glyph.x1) / 2 <= width and 0 <= (glyph.top + glyph.bottom) / 2 <= height):
            continue
        slant = _slant(char)
        if slant == "askew" or (glyph.size > 30 and _pale(char.get("non_stroking_color"))):
            watermark.append(glyph.text)
            continue
        sideways += slant == "sideways"
        lost = _NO_UNICODE.search(char["text"]) is not None
        unread += lost
        radicals += glyph.text != char["text"] and not lost
        glyphs.append(glyph)
    pictures = [_shifted(image, left, top) for image in page.images]
    covered = sum((b[2] - b[0]) * (b[3] - b[1]) for b in pictures) / max(width * height, 1)
    return Ink(
        page.page_number,
        width,
        height,
        tuple(glyphs),
        tuple(_rules(page, left, top)),
        tuple(pictures),
        "".join(watermark).strip(),
        unread,
        radicals,
        scanned=covered > _PICTURE_OF_PAGE,
        outlined=len(page.curves) > _MANY_CURVES,
        sideways=sideways > 20 and sideways > 0.5 * len(glyphs),
    )


def _shown(page: Page) -> tuple[float, float, float, float]:
    """Left, top, width and height of what the page shows, from the top left of the page as it is turned.

    pdfplumber's `cropbox` is mirrored on pages that are turned by a quarter.
    """
    media, crop = page.page_obj.mediabox, page.page_obj.cropbox
    m0, m1, m2, m3 = (
        float(edge) for edge in (*map(min, media[:2], media[2:]), *map(max, media[:2], media[2:]))
    )
    x0, y0 = max(min(crop[0], crop[2]), m0), max(min(crop[1], crop[3]), m1)
    x1, y1 = min(max(crop[0], crop[2]), m2), min(max(crop[1], crop[3]), m3)
    if x1 <= x0 or y1 <= y0:
        x0, y0, x1, y1 = m0, m1, m2, m3
    if page.rotation == 90:
        return y0 - m1, x0 - m0, y1 - y0, x1 - x0
    if page.rotation == 180:
        return m2 - x1, y0 - m1, x1 - x0, y1 - y0
    if page.rotation == 270:
        return m3 - y1, m2 - x1, y1 - y0, x1 - x0
    return x0 - m0, m3 - y1, x1 - x0, y1 - y0


def _glyph(char: dict[str, Any], height: float, left: float, top: float) -> Glyph:
    base = height - float(char["matrix"][5])
    return Glyph(
        _repaired(char["text"]),
        char["x0"] - left,
        char["x1"] - left,
        char["top"] - top,
        char["bottom"] - top,
        base,
        float(char["size"]),
    )


def _repaired(text: str) -> str:
    if _NO_UNICODE.search(text):
        return GAP
    if len(text) == 1 and ("\u2e80" <= text <= "\u2fdf" or "\uf900" <= text <= "\ufaff"):
        return unicodedata.normalize("NFKC", text.translate(_RADICALS))
    return text


def _slant(char: dict[str, Any]) -> str:
    a, b, c, d = (abs(float(part)) for part in char["matrix"][:4])
    if b > 0.1 * a and a > 0.1 * b:
        return "askew"
    return "sideways" if b > a and c > d else ""


def _shades(colour: object) -> tuple[float, ...]:
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    return tuple(float(part) for part in parts if isinstance(part, int | float))


def _pale(colour: object, least: float = 0.6) -> bool:
    shades = _shades(colour)
    if len(shades) == 4:  # CMYK: ink, not light
        return max(shades) <= 1 - least
    return bool(shades) and min(shades) >= least


def _shifted(found: dict[str, Any], left: float, top: float) -> Box:
    return (found["x0"] - left, found["top"] - top, found["x1"] - left, found["bottom"] - top)


def _rules(page: Page, left: float, top: float) -> Iterable[Rule]:
    """The strokes that may part cells: lines, thin filled boxes, the sides of stroked boxes."""
    for line in page.lines:
        if not _pale(line.get("stroking_color"), 0.99):
            x0, y0, x1, y1 = _shifted(line, left, top)
            yield from _stroke(x0, y0, x1, y1)
    for box in page.rects:
        yield from _box(box, _shifted(box, left, top))
    for curve in page.curves:
        if curve.get("stroke") and not _pale(curve.get("stroking_color"), 0.99):
            yield from _path([(x - left, y - top) for x, y in curve["pts"]])


def _box(box: dict[str, Any], place: Box) -> Iterable[Rule]:
    x0, y0, x1, y1 = place
    thin = x1 - x0 <= _THIN or y1 - y0 <= _THIN
    colour = box.get("stroking_color" if box.get("stroke") else "non_stroking_color")
    if not (box.get("stroke") or box.get("fill")) or _pale(colour, 0.99):
        return
    if thin:
        yield from _stroke(x0, y0, x1, y1)
    elif box.get("stroke"):
        yield from _path([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])


def _path(points: Sequence[tuple[float, float]]) -> Iterable[Rule]:
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) <= 1 or abs(y0 - y1) <= 1:
            yield from _stroke(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _stroke(x0: float, y0: float, x1: float, y1: float) -> Iterable[Rule]:
    if y1 - y0 <= _THIN and x1 - x0 > y1 - y0:
        yield Rule(True, (y0 + y1) / 2, x0, x1)
    elif x1 - x0 <= _THIN and y1 - y0 > 0:
        yield Rule(False, (x0 + x1) / 2, y0, y1)
