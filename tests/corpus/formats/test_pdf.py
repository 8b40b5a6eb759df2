"""PDF files: every page here is drawn by the test, stroke by stroke, so that what it shows is known."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus.document import Document, Paragraph, Table
from corpus.errors import SourceError
from corpus.formats.pdf import read
from corpus.formats.pdf_picture import page_picture

pdfmetrics = pytest.importorskip("reportlab.pdfbase.pdfmetrics")
from reportlab.lib import pdfencrypt  # noqa: E402
from reportlab.lib.pagesizes import A4, landscape  # noqa: E402
from reportlab.lib.utils import ImageReader  # noqa: E402
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: E402
from reportlab.pdfgen.canvas import Canvas  # noqa: E402

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
COLUMNS = [50, 80, 160, 360, 430, 545]
HEADINGS = ["序号", "重点任务", "工作措施", "完成时限", "牵头部门"]
PAD = 5


class Sheet:
    """Pages to draw on, with heights counted from the top as readers count them."""

    def __init__(self, path: Path, size: tuple[float, float] = A4, **options: Any) -> None:
        self.canvas = Canvas(str(path), pagesize=size, **options)
        self.path = path
        self.width, self.height = size

    def text(self, x: float, top: float, said: str, size: float = 10) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, self.height - top - size, said)

    def cell(
        self, x0: float, y0: float, x1: float, y1: float, lines: Sequence[str] = (), thin: bool = False
    ) -> None:
        """A ruled cell: its sides stroked, or drawn as thin filled boxes as Word does."""
        wide, tall = x1 - x0, y1 - y0
        if thin:
            for x, y, w, h in (
                (x0, y0, wide, 0.5),
                (x0, y1, wide, 0.5),
                (x0, y0, 0.5, tall),
                (x1, y0, 0.5, tall),
            ):
                self.canvas.rect(x, self.height - y - h, w, h, stroke=0, fill=1)
        else:
            self.canvas.rect(x0, self.height - y1, wide, tall)
        for number, line in enumerate(lines):
            self.text(x0 + PAD, y0 + 3 + 12 * number, line)

    def row(
        self, y0: float, y1: float, *cells: Sequence[str] | None, down: dict[int, float] | None = None
    ) -> None:
        """A row of the columns; None is a place that a cell above covers, `down` the end of a taller cell."""
        for column, lines in enumerate(cells):
            if lines is not None:
                end = (down or {}).get(column, y1)
                self.cell(COLUMNS[column], y0, COLUMNS[column + 1], end, lines)

    def head(self, y0: float = 60) -> None:
        self.row(y0, y0 + 20, *([heading] for heading in HEADINGS))

    def page(self) -> None:
        self.canvas.showPage()

    def read(self) -> Document:
        self.canvas.save()
        return read(self.path)


def words(table: Table) -> list[list[tuple[str, ...]]]:
    """The lines of the cell that covers each place."""
    return [[cell.lines for cell in row] for row in table.grid()]


def only_table(document: Document) -> Table:
    (table,) = document.tables
    return table


@st.composite
def tilings(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    """(rows, columns, cells as row, column, rows, columns) of a grid with random merges."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    free = {(r, c) for r in range(height) for c in range(width)}
    cells = []
    for r in range(height):
        for c in range(width):
            if (r, c) not in free:
                continue
            across, down = draw(st.integers(1, 3)), draw(st.integers(1, 3))
            while not {(r + i, c + j) for i in range(down) for j in range(across)} <= free:
                across, down = (across - 1, down) if across > 1 else (across, down - 1)
            free -= {(r + i, c + j) for i in range(down) for j in range(across)}
            cells.append((r, c, down, across))
    return height, width, cells


@given(
    tilings(),
    st.lists(st.integers(25, 70), min_size=10, max_size=10),
    st.booleans(),
    st.floats(-0.8, 0.8),
)
@settings(max_examples=25, deadline=None)
def test_random_merges_are_read_cell_by_cell(
    tiling: tuple[int, int, list[tuple[int, int, int, int]]], sizes: list[int], thin: bool, slip: float
) -> None:
    """Whatever is merged, every cell covers the places that its rules enclose, though edges are askew."""
    height, width, cells = tiling
    xs = [60 + sum(sizes[:i]) for i in range(width + 1)]
    ys = [80 + sum(sizes[5 : 5 + i]) for i in range(height + 1)]
    with tempfile.TemporaryDirectory() as folder:
        sheet = Sheet(Path(folder) / "表.pdf")
        for number, (r, c, down, across) in enumerate(cells):
            nudge = slip if number % 2 else 0
            sheet.cell(xs[c] + nudge, ys[r], xs[c + across], ys[r + down] + nudge, [f"甲{number}"], thin)
        found = [block for block in sheet.read().blocks if isinstance(block, Table)]
    if len(cells) == 1:
        assert not found  # a frame around text is no table
        return
    used_rows = sorted({r for r, *_ in cells})
    used_columns = sorted({c for _, c, *_ in cells})
    grid = found[0].grid()
    assert (len(grid), found[0].width) == (len(used_rows), len(used_columns))
    for number, (r, c, down, across) in enumerate(cells):
        covered = {(used_rows.index(i), used_columns.index(j)) for i in used_rows for j in used_columns
                   if r <= i < r + down and c <= j < c + across}  # fmt: skip
        said = {
            (i, j)
            for i, row in enumerate(grid)
            for j, cell in enumerate(row)
            if cell.lines == (f"甲{number}",)
        }
        assert said == covered


def test_a_wrapped_line_is_one_line_and_a_short_one_ends(tmp_path: Path) -> None:
    """What fills its line goes on; what ends early was ended; small figures set lower belong to the line."""
    sheet = Sheet(tmp_path / "换行.pdf")
    sheet.head()
    measure = ["推进扬尘精细化管控各项措施全部落到实处", "降尘量控制在目标以内。", "PM      浓度下降。"]
    sheet.row(
        80, 140, ["1"], ["目标"], measure, ["年底前"], ["区城市管理委", "区科信局（中关村延庆", "园管委会）"]
    )
    sheet.text(COLUMNS[2] + PAD + 15, 80 + 3 + 24 + 6, "2.5", size=6)
    row = words(only_table(sheet.read()))[1]
    assert row[2][0] == measure[0] + measure[1]
    assert row[2][1].replace(" ", "") == "PM2.5浓度下降。"
    assert row[4] == ("区城市管理委", "区科信局（中关村延庆园管委会）")


def test_full_lines_of_a_list_are_told_apart_by_the_lexicon(tmp_path: Path) -> None:
    """Two names that fill their lines exactly are two names."""
    sheet = Sheet(tmp_path / "名单.pdf")
    for y, lines in ((60, ["牵头部门"]), (80, ["区城市管理委", "延庆公安分局", "区住房城乡建", "设委"])):
        sheet.cell(50, y, 120, y + (20 if y == 60 else 60), ["单位"] if y == 60 else ["甲"])
        sheet.cell(120, y, 120 + 60 + 2 * PAD, y + (20 if y == 60 else 60), lines)
    names = words(only_table(sheet.read()))[1][1]
    assert names == ("区城市管理委", "延庆公安分局", "区住房城乡建设委")


def test_a_row_that_a_page_splits_is_one_row(tmp_path: Path) -> None:
    """The text breaks off in a full line; the number's merged cell goes on; the header returns."""
    sheet = Sheet(tmp_path / "跨页.pdf")
    sheet.head(60)
    sheet.row(80, 120, ["1"], ["目标"], ["第一条措施。"], ["年底前"], ["区水务局"])
    sheet.row(120, 700, ["2"], ["治理"], ["第二条措施。"], ["年底前"], ["区交通局"], down={0: 780, 1: 780})
    sheet.row(
        700,
        780,
        None,
        None,
        ["第三条措施说得很长很长说到一半这一页就", "没有地方了因此余下的这些话只好写到下面"],
        ["长期"],
        ["区水务局"],
    )
    sheet.page()
    sheet.head(60)
    sheet.row(80, 110, [], [], ["一页去。"], [], [], down={0: 140, 1: 140})
    sheet.row(110, 140, None, None, ["第四条措施。"], ["年底前"], ["区财政局"])
    document = sheet.read()
    table = only_table(document)
    rows = words(table)
    assert [row[2] for row in rows[1:]] == [
        ("第一条措施。",),
        ("第二条措施。",),
        ("第三条措施说得很长很长说到一半这一页就没有地方了因此余下的这些话只好写到下面一页去。",),
        ("第四条措施。",),
    ]
    assert [row[0] for row in rows[2:]] == [("2",)] * 3
    assert table.grid()[2][0] is table.grid()[4][0]
    assert [left.kind for left in document.left] == ["换页重复的表头"]
    assert table.places[3].words == "第1页 表1第4行"
    assert table.places[4].page == 2
    assert document.notes == ()


def test_two_measures_at_a_page_break_stay_two(tmp_path: Path) -> None:
    """Each has its deadline and its department, though the first one's text has no full stop."""
    sheet = Sheet(tmp_path / "两行.pdf")
    sheet.head(60)
    sheet.row(80, 780, ["1"], ["治理"], ["第一条措施"], ["年底前"], ["区水务局"])
    sheet.page()
    sheet.row(60, 110, [], [], ["第二条措施。"], ["年底前"], ["区交通局"])
    rows = words(only_table(sheet.read()))
    assert [row[2] for row in rows[1:]] == [("第一条措施",), ("第二条措施。",)]
    assert [row[0] for row in rows[1:]] == [("1",), ("1",)]


def test_a_row_that_may_go_on_is_kept_apart_and_said(tmp_path: Path) -> None:
    """Where the table merges deadlines and departments, empty cells behind a break prove nothing."""
    sheet = Sheet(tmp_path / "存疑.pdf")
    sheet.head(60)
    tall = {3: 160.0, 4: 160.0}
    sheet.row(80, 120, ["1"], ["治理"], ["第一条措施。"], ["年底前"], ["区水务局"], down=tall)
    sheet.row(120, 160, ["2"], ["治污"], ["第二条措施。"], None, None)
    sheet.row(160, 780, ["3"], ["治水"], ["第三条措施"], ["年底前"], ["区水务局"])
    sheet.page()
    sheet.row(60, 110, [], [], ["第四条措施。"], [], [])
    document = sheet.read()
    assert words(only_table(document))[4][2] == ("第四条措施。",)
    assert any("第2页 表1第5行" in note for note in document.notes)


def test_page_furniture_is_left_and_text_becomes_paragraphs(tmp_path: Path) -> None:
    """Page numbers and running headers are set aside; wrapped lines, titles and footnotes are told apart."""
    sheet = Sheet(tmp_path / "正文.pdf")
    full = "全面推进美丽城市建设各项任务落地见效，" * 3
    line = full[:47]  # 50 to 520
    for number in (1, 2, 3):
        sheet.text(230, 20, "某区行动计划")
        sheet.text(280, 810, f"— {number} —")
        if number == 1:
            sheet.text(197.5, 70, "污染防治行动计划", size=22)
        sheet.text(70, 120, line[:45])
        sheet.text(50, 140, line)
        sheet.text(50, 160, "到此为止。")
        sheet.text(70, 180, f"（一）第{number}部分。")
        if number == 3:
            sheet.text(70, 240, "治理挥发性有机物")
            sheet.text(150, 236, "①", size=6)
            sheet.canvas.line(50, sheet.height - 700, 150, sheet.height - 700)
            sheet.text(50, 705, "① 指常温下易挥发的有机物。", size=8)
        sheet.page()
    document = sheet.read()
    said = [block for block in document.blocks if isinstance(block, Paragraph)]
    assert [p.text for p in said[:3]] == [
        "污染防治行动计划",
        line[:45] + line + "到此为止。",
        "（一）第1部分。",
    ]
    assert [p.centred for p in said[:3]] == [True, False, False]
    assert [p.text for p in said[-2:]] == ["治理挥发性有机物", "①指常温下易挥发的有机物。"]
    assert said[-1].kind == "footnote"
    assert sorted({(left.kind, left.text) for left in document.left if left.kind == "页码"}) == [
        ("页码", f"— {n} —") for n in (1, 2, 3)
    ]
    assert [left.text for left in document.left if left.kind == "页眉"] == ["某区行动计划"] * 3


def test_a_scanned_page_is_refused_by_number(tmp_path: Path) -> None:
    """Pages without text are named; nothing of the file is read."""
    picture = ImageReader(Image.new("L", (200, 280), 200))
    sheet = Sheet(tmp_path / "扫描.pdf")
    for number in range(3):
        if number:
            sheet.canvas.drawImage(picture, 0, 0, sheet.width, sheet.height)
        else:
            sheet.text(50, 60, "只有这一页是文字，别的都是扫描的图像。")
        sheet.page()
    with pytest.raises(
        SourceError, match=r"第2、3页：是扫描图像，没有文字层；请提供文字版 PDF 或 Word，或先做"
    ):
        sheet.read()


def test_a_password_to_open_is_asked_for_and_one_to_change_is_not(tmp_path: Path) -> None:
    """A file that anybody may open is read, whatever its owner forbids."""
    for user, name in (("secret", "加密.pdf"), ("", "限制.pdf")):
        lock = pdfencrypt.StandardEncryption(user, ownerPassword="owner", canPrint=0)
        sheet = Sheet(tmp_path / name, encrypt=lock)
        sheet.canvas.drawString(50, 700, "PM2.5 down by 5%.")
        if user:
            with pytest.raises(SourceError, match=r"加密\.pdf：PDF 设有打开密码"):
                sheet.read()
        else:
            assert [b.text for b in sheet.read().blocks if isinstance(b, Paragraph)] == ["PM2.5 down by 5%."]


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    """Cut short, or no PDF behind its first line."""
    whole = tmp_path / "完整.pdf"
    sheet = Sheet(whole)
    sheet.text(50, 60, "本计划自印发之日起施行。")
    sheet.read()
    for name, content in (
        ("半截.pdf", whole.read_bytes()[:400]),
        ("空壳.pdf", b"%PDF-1.7\n" + b"\0\xff" * 500),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=name):
            read(tmp_path / name)


def test_a_table_without_rules_is_refused(tmp_path: Path) -> None:
    """Columns that only blanks part cannot be told for certain."""
    sheet = Sheet(tmp_path / "无框.pdf")
    for y, row in ((60, HEADINGS), (80, ["1", "目标", "第一条措施。", "年底前", "区水务局"])):
        for x, said in zip(COLUMNS, row, strict=False):
            sheet.text(x, y, said)
    with pytest.raises(SourceError, match=r"第1页.*没有框线的表格.*Word 或 Excel"):
        sheet.read()


def test_a_place_marks_the_page_as_it_is_shown(tmp_path: Path) -> None:
    """On a page that is turned and cropped the row's box lies where its rules are drawn."""
    sheet = Sheet(tmp_path / "横排.pdf", landscape(A4))  # a page that is turned is kept upright in the file
    sheet.canvas.setCropBox((20, 30, 560, 700), name="crop")
    sheet.canvas.setPageRotation(90)
    sheet.canvas.transform(0, 1, -1, 0, sheet.height, 0)
    sheet.head(100)
    sheet.row(120, 160, ["1"], ["目标"], ["第一条措施。"], ["年底前"], ["区水务局"])
    document = sheet.read()
    place = only_table(document).places[1]
    assert place.box is not None
    left, top, right, bottom = place.box
    assert place.box == pytest.approx((COLUMNS[0] - 30, 120 - 20, COLUMNS[-1] - 30, 160 - 20), abs=1)
    plain = Image.open(io.BytesIO(page_picture(sheet.path, 1, None, 670)))
    marked = Image.open(io.BytesIO(page_picture(sheet.path, 1, place.box, 670)))
    assert plain.size == marked.size == (670, 540)
    rule = min(plain.convert("L").getpixel((int((left + right) / 2), int(top) + d)) for d in range(-2, 3))
    assert rule < 200  # the row's upper rule
    inside, outside = ((int(left) + 200, int(bottom) - 3), (int(left) + 200, int(bottom) + 30))
    assert plain.getpixel(inside) != marked.getpixel(inside)
    assert plain.getpixel(outside) == marked.getpixel(outside)
    with pytest.raises(SourceError, match="没有第9页"):
        page_picture(sheet.path, 9, None)


def test_a_merged_deadline_that_a_page_cuts_goes_on(tmp_path: Path) -> None:
    """A table that leaves no deadline empty does not begin to at the top of a page; it is said."""
    sheet = Sheet(tmp_path / "时限.pdf")
    sheet.head(60)
    for number, y in ((1, 80), (2, 120), (3, 160)):
        sheet.row(y, y + 40, [str(number)], ["治理"], [f"第{number}条。"], ["年底前"], ["区水务局"])
    sheet.row(200, 780, ["4"], ["治污"], ["第4条。"], ["6月底前"], ["区交通局"])
    sheet.page()
    sheet.row(60, 110, [], [], ["第5条。"], [], ["区财政局"])
    document = sheet.read()
    rows = only_table(document).grid()
    assert rows[5][3] is rows[4][3]
    assert rows[5][2].lines == ("第5条。",)
    assert any("6月底前" in note for note in document.notes)


def test_a_font_that_hides_its_characters_is_said(tmp_path: Path) -> None:
    """Text that copies as rubbish is refused, a watermark and a mark or two are not."""
    sheet = Sheet(tmp_path / "乱码.pdf")
    sheet.text(50, 60, "本计划自印发之日起施行。")
    sheet.canvas.save()
    content = sheet.path.read_bytes().replace(b"/UniGB-UCS2-H", b"/Identity-H  ").replace(b"(GB1)", b"(ZZ1)")
    sheet.path.write_bytes(content)
    with pytest.raises(SourceError, match=r"第1页：有\d+个字符的字体没有对应的文字编码"):
        read(sheet.path)
    sheet = Sheet(tmp_path / "水印.pdf")
    sheet.text(50, 60, "本计划自印发之日起施行。")
    sheet.canvas.rotate(45)
    sheet.text(500, 600, "内部资料", 40)
    document = sheet.read()
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == ["本计划自印发之日起施行。"]
    assert [(left.kind, left.text) for left in document.left] == [("水印", "内部资料")]
