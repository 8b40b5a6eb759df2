"""Official paper: python-docx with the styles of GB/T 9704 and Chinese fonts named outright."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TITLE_FONT, HEADING_FONT, BODY_FONT, FOOTER_FONT = "宋体", "黑体", "仿宋", "宋体"
LATIN = "Times New Roman"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """`text` without the control characters and halves of surrogate pairs that XML forbids."""
    return _FORBIDDEN.sub("", text)


def new(title: str, footer: str, when: datetime) -> Paper:
    """An empty one with its footer."""
    return Paper(title, footer, when)


class Paper:
    """A document that grows downwards."""

    def __init__(self, title: str, footer: str, when: datetime) -> None:
        self.document: Docx = Document()
        about = self.document.core_properties
        about.title, about.author, about.last_modified_by, about.comments = title, "问策", "问策", ""
        about.created = about.modified = when
        about.language = "zh-CN"
        self._page()
        self._styles()
        self._footer(footer)

    def title(self, text: str) -> None:
        """The document's title, in the middle."""
        self._add(text, "Title")

    def heading(self, text: str) -> None:
        """A heading; a table of contents and the navigation pane find it."""
        self._add(text, "Heading 1")

    def body(self, text: str) -> None:
        """A paragraph of the text, its first line set in by two characters."""
        self._add(text, "Normal")

    def centred(self, text: str) -> None:
        """A small line in the middle."""
        self._add(text, "List").alignment = WD_ALIGN_PARAGRAPH.CENTER

    def small(self, text: str, *, leads: bool = False) -> None:
        """A small line of what stands under the text; one that `leads` stays with what follows."""
        self._add(text, "List", bold=leads).paragraph_format.keep_with_next = leads or None

    def table(self, columns: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[str]]) -> None:
        """A ruled table; its head is repeated on each page, and no row is broken by one."""
        made = self.document.add_table(0, len(columns), "Table Grid")
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Cm(width)
        style = self.document.styles["List 2"].style_id
        for number, row in enumerate([columns, *rows]):
            added = made.add_row()
            properties = added._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, text in zip(added._tr.tc_lst, row, strict=True):  # `cells` counts merged ones first
                paragraph = Paragraph(cell.p_lst[0], made)
                paragraph._p.style = style
                if number == 0:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                _say(paragraph, text, bold=number == 0)
        self._add("", "List 2")

    def _add(self, text: str, style: str, *, bold: bool = False) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        _say(paragraph, text, bold=bold)
        return paragraph

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(20)

    def _styles(self) -> None:
        """Body 仿宋 三号 at 28 points, as the standard has it; what stands under it is smaller."""
        self._style("Normal", BODY_FONT, 16, line=28, indent=32)
        self._style(
            "Title", TITLE_FONT, 22, line=36, bold=True, after=6
        ).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._style("Heading 1", HEADING_FONT, 16, line=28, before=14, after=4)
        self._style("List", BODY_FONT, 12, line=20)
        self._style("List 2", BODY_FONT, 10.5, line=15)
        self._style("Footer", FOOTER_FONT, 10.5)

    def _style(
        self,
        name: str,
        font: str,
        size: float,
        *,
        line: float = 0,
        indent: float = 0,
        before: float = 0,
        after: float = 0,
        bold: bool = False,
    ) -> ParagraphStyle:
        style = self.document.styles[name]
        assert isinstance(style, ParagraphStyle)
        properties = style.element.get_or_add_rPr()
        for old in properties.findall(qn("w:rFonts")):  # the template's theme fonts go before names
            properties.remove(old)
        style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
        style.font.color.rgb = RGBColor(0, 0, 0)
        properties.rFonts.set(qn("w:eastAsia"), font)
        layout = style.paragraph_format
        layout.left_indent, layout.first_line_indent = Pt(0), Pt(indent)
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        if line:
            layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        for border in style.element.findall(f"{qn('w:pPr')}/{qn('w:pBdr')}"):  # the template rules its title
            border.getparent().remove(border)
        return style

    def _footer(self, text: str) -> None:
        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _say(paragraph, f"{text}　　第 ")
        _field(paragraph, "PAGE")
        _say(paragraph, " 页，共 ")
        _field(paragraph, "NUMPAGES")
        _say(paragraph, " 页")


def _say(paragraph: Paragraph, text: str, *, bold: bool = False) -> Run:
    """Add `text`; quotation marks and dots, which both scripts have, are set in the Chinese font."""
    run = paragraph.add_run(writable(text))
    run.bold = bold or None
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def _field(paragraph: Paragraph, name: str) -> None:
    """A field that the word processor fills, such as the page's number."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    field.append(run._r)
    paragraph._p.append(field)
