"""Pages: what a reader of the page sees is what comes out, cell by cell."""

from __future__ import annotations

import re
import tempfile
from html import escape
from pathlib import Path

import pytest
from grids import Made, made, texts_of
from hypothesis import assume, given, settings

from corpus.document import Document, Paragraph
from corpus.errors import SourceError
from corpus.formats.html import read

PUBLISHED = Path(__file__).parent / "published"


def page(body: str, encoding: str = "utf-8") -> Document:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.html"
        path.write_bytes(body.encode(encoding))
        return read(path)


def paragraphs(document: Document) -> list[str]:
    return ["／".join(block.lines) for block in document.blocks if isinstance(block, Paragraph)]


def rows(document: Document) -> list[list[str]]:
    (table,) = document.tables
    return texts_of(table)


def left(document: Document, kind: str) -> list[str]:
    return [one.text for one in document.left if one.kind == kind]


def published(number: int) -> Document:
    (path,) = PUBLISHED.glob(f"{number}_*.html")
    return read(path)


# ---------------------------------------------------------------------- the three published pages


def test_the_list_of_reforms_has_every_published_row() -> None:
    """Counted by hand: 23 reforms in the text, of which the page (本文有删减) prints 17."""
    document = published(10)
    header, *body = rows(document)
    assert header == ["序号", "改革举措", "主 要 内 容", "指导部门", "推广范围"]
    headings = [row[0] for row in body if len(set(row)) == 1]
    assert headings == [
        "一、知识产权保护方面（共5项）",
        "二、科技成果转化激励方面（共4项）",
        "三、科技金融创新方面（共5项）",
        "四、军民深度融合方面（共6项）",
        "五、管理体制创新方面（共3项）",
    ]
    numbered = [row for row in body if len(set(row)) > 1]
    assert [int(row[0]) for row in numbered] == [*range(1, 15), 21, 22, 23]
    assert all(all(row) for row in numbered)
    assert numbered[0][1] == "知识产权民事、刑事、行政案件“三合一”审判"
    assert numbered[5][3].startswith("科技部、国家发展改革委、财政部、国家知识产权局、")
    assert numbered[16][3:] == ["国家发展改革委、国务院国资委、审计署", "全国"]
    (table,) = document.tables
    assert table.places[22].words == "表1第23行"
    assert table.cells[5].columns == 5
    assert "（本文有删减）" in paragraphs(document)
    assert len(paragraphs(document)) == 21
    assert paragraphs(document)[0] == "国务院办公厅关于推广第二批"
    assert paragraphs(document)[-1] == "第二批支持创新相关改革举措推广清单"
    assert document.blocks[-2:] == (document.blocks[20], table)
    assert left(document, "页面其余部分") == [
        "国务院办公厅关于推广第二批支持创新相关改革举措的通知 国办发〔2018〕126号"
    ]


@pytest.mark.parametrize(
    ("number", "count", "first", "clauses"),
    [(34, 37, "国务院办公厅关于加快发展", 21), (5, 49, "国务院关于促进综合保税区", 21)],
)
def test_published_prose_keeps_every_paragraph(number: int, count: int, first: str, clauses: int) -> None:
    document = published(number)
    texts = paragraphs(document)
    assert (len(texts), texts[0], texts[-1]) == (count, first, "（此件公开发布）")
    assert not list(document.tables)
    assert [block.place.words for block in document.blocks][-1] == f"第{count}段"
    assert len(re.findall("负责(?=）|，排在第一位的部门为牵头部门)", "".join(texts))) == clauses
    assert [block.centred for block in document.blocks[:4] if isinstance(block, Paragraph)] == [True] * 3 + [
        False
    ]


# ---------------------------------------------------------------------- the document on its page


def test_menus_around_the_text_are_left_and_said() -> None:
    document = page(
        "<div class=head><a>首页</a></div><h1>延庆区2026年计划</h1>"
        "<div class='view TRS_UEDITOR'><p>一、加强扬尘管控。</p><div class=share>分享到微信</div></div>"
        "<div>主办：延庆区</div>"
    )
    assert paragraphs(document) == ["延庆区2026年计划", "一、加强扬尘管控。"]
    assert left(document, "页面其余部分") == ["分享到微信", "首页 延庆区2026年计划 主办：延庆区"]
    assert document.notes == ("正文没有标题，取页面标题“延庆区2026年计划”",)


def test_a_doubtful_element_counts_only_where_it_holds_most_of_the_text() -> None:
    small = page("<p>全文在这里，远比摘要要长得多。</p><div class=content>摘要</div>")
    assert paragraphs(small) == ["全文在这里，远比摘要要长得多。", "摘要"]
    large = page("<p>摘要</p><div class=content>全文在这里，远比摘要要长得多。</div>")
    assert paragraphs(large) == ["全文在这里，远比摘要要长得多。"]


def test_a_whole_page_leaves_its_header_and_footer() -> None:
    document = page("<header>政府网</header><main><p>正文。</p></main><footer>备案号</footer>")
    assert paragraphs(document) == ["正文。"]
    assert left(document, "页面其余部分") == ["政府网", "备案号"]


def test_a_layout_table_is_no_table() -> None:
    document = page(
        "<table><tr><td>栏目<p>一</p><p>二</p><p>三</p><td><p>甲。</p>"
        "<p>乙。</p><p>丙。</p><p>丁。</p></table><table><tr><td>戊<br>　　己</table>"
    )
    assert paragraphs(document) == ["栏目", "一", "二", "三", "甲。", "乙。", "丙。", "丁。", "戊", "己"]
    assert not list(document.tables)


def test_what_is_not_shown_or_not_text_is_left_and_said() -> None:
    document = page(
        "<p>甲<span style='DISPLAY: none'>暗</span>乙<del>丙</del></p><p hidden>藏</p><img alt=流程图>"
        "<p>附件：<a href='/a/清单.DOCX?x=1'>清单</a></p><script>var a</script>"
    )
    assert paragraphs(document) == ["甲乙", "附件：清单"]
    assert left(document, "隐藏文字") == ["暗", "藏"]
    assert left(document, "删除的文字") == ["丙"]
    assert left(document, "图片") == ["流程图"]
    assert left(document, "附件链接") == ["清单（/a/清单.DOCX?x=1）"]


# ---------------------------------------------------------------------- paragraphs


def test_breaks_part_lines_and_indents_part_paragraphs() -> None:
    document = page("<div>　　一、总体<br>要求<br>　　加强治理。<br><br>二、任务<br>&nbsp;&nbsp;完</div>")
    assert paragraphs(document) == ["一、总体／要求", "加强治理。", "二、任务", "完"]


def test_a_line_of_the_source_that_breaks_in_chinese_leaves_no_blank() -> None:
    assert paragraphs(page("<p>加强\n   治理 PM<sub>2.5</sub>\n and 10<sup>4</sup>吨\u200b&nbsp;</p>")) == [
        "加强治理 PM2.5 and 10⁴吨"
    ]


def test_lists_are_printed_with_their_numbers() -> None:
    document = page(
        "<ol start=3><li>甲<ol type=a><li><p>乙</p><li value=5>丙</ol><li>4. 丁</ol>"
        "<ul><li>戊</ul><ol style='list-style-type:cjk-ideographic'><li>己</ol>"
    )
    assert paragraphs(document) == ["3.甲", "a.乙", "e.丙", "4. 丁", "戊", "一、己"]


def test_titles_are_centred() -> None:
    document = page(
        "<h2>题</h2><p align=center>一</p><div style='text-align: center'><p>二</p>"
        "<p style='text-align:left'>三</p></div><center><table><tr><td>四</table></center>"
    )
    assert [(block.text, block.centred) for block in document.blocks if isinstance(block, Paragraph)] == [
        ("题", True),
        ("一", True),
        ("二", True),
        ("三", False),
        ("四", False),
    ]


def test_linked_footnotes_leave_the_text() -> None:
    document = page(
        "<p>甲<sup><a href=#n1 name=r1>[1]</a></sup>乙<sup>[9]</sup></p>"
        "<table border=1><tr><td>丙<a href=#_ftn2>[2]</a><td>丁</table>"
        "<p id=n1><a href=#r1>[1]</a> 注一。</p><div id=_ftn2><p>[2]注二。</p></div>"
    )
    assert [(block.text, block.kind) for block in document.blocks if isinstance(block, Paragraph)] == [
        ("甲乙[9]", "text"),
        ("[1]注一。", "footnote"),
    ]
    (table,) = document.tables
    assert [(cell.lines, cell.notes) for cell in table.cells] == [(("丙",), ("[2]注二。",)), (("丁",), ())]


# ---------------------------------------------------------------------- tables


def as_html(table: Made) -> str:
    cells = {row: [merge for merge in table.merges if merge.row == row] for row in range(table.height)}
    body = "".join(
        "<tr>"
        + "".join(f"<td rowspan={c.rows} colspan={c.columns}>{escape(c.text)}</td>" for c in cells[row])
        + "</tr>"
        for row in range(table.height)
    )
    return f"<table border=1>{body}</table>"


@given(made())
@settings(max_examples=80, deadline=None)
def test_any_merges_survive_the_round_trip(table: Made) -> None:
    assume(any(len(set(row)) > 1 for row in table.texts()))  # one column lays the page out
    document = page(as_html(table))
    assert rows(document) == table.texts()
    assert not document.notes


def test_lines_of_a_cell_are_its_paragraphs_and_breaks() -> None:
    document = page("<table border=1><tr><td><p>甲</p><p>&nbsp;</p><div>乙<br>丙</div><td>丁</table>")
    (table,) = document.tables
    assert [cell.lines for cell in table.cells] == [("甲", "乙", "丙"), ("丁",)]


def test_a_repeated_header_row_cuts_the_merged_cells_that_it_crosses() -> None:
    document = page(
        "<table><tr><th>序号<th>措施<th>部门<tr><td rowspan=4>1<td>甲<td>水务局<tr><td>乙<td>水务局"
        "<tr><td>序号<td>措施<td>部门<tr><td>丙<td>园林局</table>"
    )
    assert rows(document) == [
        ["序号", "措施", "部门"],
        ["1", "甲", "水务局"],
        ["1", "乙", "水务局"],
        ["序号", "措施", "部门"],
        ["1", "丙", "园林局"],
    ]
    assert document.notes == ("表1第4行占满整行，穿过它的合并格从这一行断开，下方重复其内容",)


def test_broken_spans_are_put_right_and_said() -> None:
    document = page(
        "<table><tr><td colspan=9>一、标题<tr><td rowspan=0>1<td>甲<td>乙<tr><td>丙"
        "<tr><td rowspan=3>丁<td>戊</table>"
    )
    assert rows(document) == [["一、标题"] * 3, ["1", "甲", "乙"], ["1", "丙", ""], ["1", "丁", "戊"]]
    assert document.notes == (
        "表1第4行的合并格向下超出表格，已截短",
        "表1第1行的合并格向右超出表格，已截短",
        "表1第3行少1格，按空格补齐",
    )


def test_the_groups_of_a_table_come_as_they_are_shown() -> None:
    document = page(
        "<table><caption>表一</caption><tfoot><tr><td>合计<td>2</tfoot>"
        "<tbody><tr><td>甲<td>1</tbody><thead><tr><th>项<th>数</thead></table>"
    )
    assert paragraphs(document) == ["表一"]
    assert rows(document) == [["项", "数"], ["甲", "1"], ["合计", "2"]]


def test_a_table_in_a_cell_becomes_lines_of_the_cell() -> None:
    document = page(
        "<table border=1><tr><td>序号<td>措施一栏很长很长很长<tr><td>1<td>见下表："
        "<table><tr><td>甲<td>1<tr><td>乙<td>2</table><tr><td>2<td>其余措施也很长很长</table>"
    )
    (table,) = document.tables
    assert table.cells[3].lines == ("见下表：", "甲 1", "乙 2")
    assert document.notes == ("表1第2行的单元格里还有一个表格，已逐行并入这一格",)


def test_text_between_cells_is_kept() -> None:
    document = page("<table>注：试行<tr><td>甲<td>乙</table>")
    assert paragraphs(document) == ["注：试行"]
    assert rows(document) == [["甲", "乙"]]


# ---------------------------------------------------------------------- encodings and bad input


@pytest.mark.parametrize(
    ("head", "encoding"),
    [("<meta charset=gb2312>", "gb18030"), ("", "gb18030"), ("", "utf-8-sig"), ("", "utf-16")],
)
def test_encodings_are_told(head: str, encoding: str) -> None:
    assert paragraphs(page(f"{head}<p>延庆区生态环境局，㛃</p>", encoding)) == ["延庆区生态环境局，㛃"]


def test_a_page_that_was_recoded_without_its_head_is_read_and_said() -> None:
    document = page("<meta charset=gb2312><p>延庆区</p>")
    assert paragraphs(document) == ["延庆区"]
    assert document.notes == ("网页声明的编码是gb18030，实际按utf-8读出",)


def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "计划.html"
    path.write_bytes(data)
    with pytest.raises(SourceError) as error:
        read(path)
    return str(error.value)


def test_a_page_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    damaged = "<p>延庆区生态环境局\n".encode() + "<p>区水务局与园林局".encode()[:-1]
    assert refused(tmp_path, damaged) == (
        "计划.html 第2行：这里的文字不能按utf-8解码，文件可能损坏；请在浏览器里按UTF-8重新另存后再添加"
    )
    assert refused(tmp_path, b"<div id=app></div><script>run()</script>") == (
        "计划.html：没有读到正文：网页可能靠脚本显示；请在浏览器里打开后另存为“网页，全部”，或改用docx、pdf"
    )
    assert refused(tmp_path, b"<div>" * 5000 + b"x") == (
        "计划.html 第1行：网页的标签嵌套过深，后面的内容读不到；请转成docx后再添加"
    )
    assert refused(tmp_path, b"") == "计划.html：网页是空的；请在浏览器里重新另存后再添加"


def test_entities_of_its_own_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "密.txt"
    secret.write_text("秘密", "utf-8")
    path = tmp_path / "计划.html"
    path.write_text(f'<!DOCTYPE p [<!ENTITY x SYSTEM "{secret.as_uri()}">]><p>甲&x;</p>', "utf-8")
    assert "秘密" not in str(read(path))


def test_a_table_reaches_the_reader_whole(tmp_path: Path) -> None:
    path = tmp_path / "大表.html"
    path.write_text("<table>" + "<tr><td>1<td colspan=1000>二" * 1200 + "<tr>" + "<td>x" * 1000, "utf-8")
    with pytest.raises(
        SourceError, match=r"大表\.html 表1：表格超过100万格，读不进来；请拆成几个文件后再添加"
    ):
        read(path)
