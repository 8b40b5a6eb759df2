"""PDF files with a text layer.

What a PDF holds is ink at places: characters and strokes. Tables are read from the strokes that rule
them (`pdf_grid`), their parts on single pages are made whole (`pdf_tables`, `pdf_split`), lines become
paragraphs (`pdf_lines`, `pdf_prose`), and what stands on every page is set aside (`pdf_furniture`).
What cannot be read this way is refused by page, and nothing of the file is used then.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect

from corpus.document import Document, Left, Place
from corpus.errors import SourceError
from corpus.formats.pdf_layout import layout
from corpus.formats.pdf_page import Ink, ink_of

MAX_PAGES = 500
_BETTER = "请提供文字版 PDF 或 Word"
_OCR = f"{_BETTER}，或先做文字识别（OCR）"
_LEAST_LETTERS = 30  # a scan may still have a page number set as text
_UNREAD_SHARE = 0.01
_FEW_UNREAD = 5
_NAMED_PAGES = 8


def read(path: Path) -> Document:
    """Read the PDF at `path`.

    Raises:
        SourceError: it needs a password, is damaged, has no pages or more than `MAX_PAGES`; a page is a
            scan, is set sideways, in a font that does not say its characters, or has a table that is not
            ruled.
    """
    inks = _inks(path)
    _check(path.name, inks)
    found = layout(path.name, inks)
    left = [*found.left, *(item for ink in inks for item in _not_taken(ink))]
    left.sort(key=lambda item: item.place.page)
    return Document(path.name, "pdf", tuple(found.blocks), tuple(left), (*_said(inks), *found.notes))


def _inks(path: Path) -> list[Ink]:
    number: int | None = None
    try:
        with path.open("rb") as file, pdfplumber.open(file) as pdf:
            pages = pdf.pages
            if not pages:
                raise SourceError(path.name, None, "PDF 里没有页面，请检查文件是否完整")
            if len(pages) > MAX_PAGES:
                problem = f"共{len(pages)}页，最多读{MAX_PAGES}页；请只保留计划所在的页"
                raise SourceError(path.name, None, problem)
            inks = []
            for page in pages:
                number = page.page_number
                inks.append(ink_of(page))
                page.close()
            return inks
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(path.name, None, f"文件读不了（{error.strerror or error}）") from None
    except Exception as error:  # pdfminer raises whatever a broken object leads it to
        causes = (error, *(arg for arg in error.args if isinstance(arg, Exception)))
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            raise SourceError(path.name, None, "PDF 设有打开密码，请先去掉密码再添加") from None
        raise _damaged(path, number) from error


def _damaged(path: Path, number: int | None) -> SourceError:
    where = f"第{number}页" if number else None
    return SourceError(path.name, where, "PDF 已损坏或不完整，读不出来；请重新导出或下载")


def _check(name: str, inks: Sequence[Ink]) -> None:
    """Refuse a file with a page that has no text, or text that cannot be read."""
    letters = sum(ink.letters for ink in inks)
    unread = sum(ink.unread for ink in inks)
    garbled = unread > _FEW_UNREAD and unread > _UNREAD_SHARE * letters
    fonts = f"有{unread}个字符的字体没有对应的文字编码（复制出来是乱码），无法读取"
    for at_fault, problem in (
        ([ink.number for ink in inks if _is_scan(ink)], f"是扫描图像，没有文字层；{_OCR}"),
        ([i.number for i in inks if not i.letters and i.outlined], f"的文字已转成图形，没有文字层；{_OCR}"),
        ([ink.number for ink in inks if garbled and ink.unread], f"{fonts}；{_OCR}"),
        ([ink.number for ink in inks if ink.sideways], "的文字是横放的，请先把页面旋转到正向再添加"),
    ):
        if at_fault:
            raise SourceError(name, _pages(at_fault), problem)
    if not letters:
        raise SourceError(name, None, f"PDF 里没有文字；{_BETTER}")


def _is_scan(ink: Ink) -> bool:
    if ink.letters == 0:
        return bool(ink.pictures)
    return ink.scanned and ink.letters < _LEAST_LETTERS


def _pages(numbers: Sequence[int]) -> str:
    """第2页, 第2、3、7页, 第1、2、…页等12页."""
    named = "、".join(str(number) for number in numbers[:_NAMED_PAGES])
    more = f"等{len(numbers)}页" if len(numbers) > _NAMED_PAGES else ""
    return f"第{named}页{more}"


def _not_taken(ink: Ink) -> list[Left]:
    where = Place(f"第{ink.number}页", ink.number)
    left = [Left("图片", Place(where.words, ink.number, box)) for box in ink.pictures]
    return [*left, Left("水印", where, ink.watermark)] if ink.watermark else left


def _said(inks: Sequence[Ink]) -> list[str]:
    notes = []
    if layers := [ink.number for ink in inks if ink.scanned]:
        notes.append(f"{_pages(layers)}是扫描图像，文字来自识别层（OCR），可能有错字，请对照原件核对")
    if lost := [ink.number for ink in inks if ink.unread]:
        notes.append(f"{_pages(lost)}有{sum(ink.unread for ink in inks)}个字符认不出，读作〓")
    if blank := [ink.number for ink in inks if not ink.letters]:
        notes.append(f"{_pages(blank)}没有文字")
    if radicals := sum(ink.radicals for ink in inks):
        notes.append(f"{radicals}个部首字符已还原为汉字")
    return notes
