"""A page of a PDF as a picture with a place on it marked, to lay beside what was read from there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from corpus.document import Box
from corpus.errors import SourceError

_MARK = (255, 196, 0, 72)
_EDGE = (214, 120, 0, 255)
_MARGIN = 2.0
_WIDEST = 4000


def page_picture(path: Path, page: int, box: Box | None, width_px: int = 1000) -> bytes:
    """The PNG of a page, `width_px` wide, with `box` marked.

    Args:
        path: the PDF.
        page: from 1.
        box: left, top, right, bottom in points from the top left of the page as it is shown (`Place.box`);
            None marks nothing.
        width_px: the picture's width.

    Raises:
        SourceError: no such page, or the file cannot be opened.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError):
        raise SourceError(path.name, None, "PDF 打不开，画不出页面图片") from None
    try:
        if not 1 <= page <= len(document):
            raise SourceError(path.name, None, f"没有第{page}页，共{len(document)}页")
        shown = document[page - 1]
        scale = min(width_px, _WIDEST) / shown.get_width()
        picture = shown.render(scale=scale, may_draw_forms=False).to_pil().convert("RGBA")
    finally:
        document.close()
    if box is not None:
        left, top, right, bottom = (edge * scale for edge in box)
        layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        around = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
        ImageDraw.Draw(layer).rectangle(around, fill=_MARK, outline=_EDGE, width=2)
        picture = Image.alpha_composite(picture, layer)
    png = BytesIO()
    picture.convert("RGB").save(png, "PNG")
    return png.getvalue()
