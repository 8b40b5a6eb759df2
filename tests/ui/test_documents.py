"""The conversation as a Word document, opened again with python-docx."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import httpx
import pytest
from docx import Document
from docx.document import Document as Docx
from docx.oxml.ns import qn

from rag.engine import Engine
from ui.documents import FOOTER, conversation
from ui.official import numbered
from ui.turns import Cited, Turn, turn

WHEN = datetime(2026, 3, 5, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
BESIDE = "海绵城市达标面积比例，市里和怀柔各是多少？"
DUTY = "楼下饭馆天天冒油烟，归谁管？"
LIST = "列出怀柔区生态环境局牵头的措施"


def opened(engine: Engine, *turns: Turn) -> Docx:
    return Document(io.BytesIO(conversation(turns, engine.store, WHEN)))


def asked(engine: Engine, question: str) -> Turn:
    return turn(engine.ask(question))


def lines(document: Docx) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def cells(document: Docx, n: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[n].rows]


def test_it_holds_each_question_its_answer_and_exactly_its_sources(engine: Engine) -> None:
    turns = [asked(engine, question) for question in (BESIDE, DUTY)]
    document = opened(engine, *turns)
    said = lines(document)
    assert said[0] == "问策 问答记录"
    assert said[1] == "2026年3月5日 09:30 导出，共 2 问"
    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert headings == [f"1．{BESIDE}", f"2．{DUTY}"]
    assert "怀柔区：持续开展海绵城市建设，建成区海绵城市达标面积比例达到44%［2］。" in said
    assert [line for line in said if line.startswith("［")] == [
        f"{source.mark}{source.reference}：“{source.quote}”"
        for told in turns
        for source in numbered(told, engine.store).sources
    ]
    assert (
        "　　计划分工：牵头：延庆区生态环境局、延庆区商务局，主责：延庆区各街乡镇，协办：延庆区市场监管局"
        in said
    )


def test_a_comparison_is_a_table_whose_head_is_repeated(engine: Engine) -> None:
    document = opened(engine, asked(engine, BESIDE))
    head, city, district = cells(document)
    assert head == ["层级", "数字", "原文", "时限", "部门", "依据"]
    assert (city[0], city[1], city[5]) == ("全市", "44%", "［1］")
    assert (district[0], district[3], district[5]) == ("怀柔区", "年底前", "［2］")
    assert document.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_a_list_is_a_table_of_all_its_measures(engine: Engine) -> None:
    told = asked(engine, LIST)
    document = opened(engine, told)
    rows = cells(document)[1:]
    assert len(rows) == len(told.cited) > 30
    assert [row[2] for row in rows] == [r.text for r in engine.store.get(c.id for c in told.cited)]
    assert rows[0][:2] == ["［1］", "第2项第2条"]
    assert sum("怀柔绿色低碳38条" in line for line in lines(document)) == 1
    assert not any(told.lines[1][:12] in line for line in lines(document))  # the table says it


def test_word_finds_chinese_fonts_a4_page_numbers_and_where_it_is_from(engine: Engine) -> None:
    document = opened(engine, asked(engine, DUTY))
    fonts = {
        style.name: style.element.rPr.rFonts.get(qn("w:eastAsia"))
        for style in document.styles
        if style.name in ("Normal", "Title", "Heading 1", "List", "List 2", "Footer")
    }
    assert set(fonts.values()) == {"仿宋", "宋体", "黑体"}
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    footer = section.footer.paragraphs[0]._p
    assert FOOTER in "".join(footer.itertext())
    assert [f.get(qn("w:instr")) for f in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert document.core_properties.title == "问策 问答记录"


def test_what_a_browser_made_up_is_text_and_never_a_plan_s_words(engine: Engine) -> None:
    real = "bj-green-2026/13/1"
    told = Turn(
        question="控\x00制\x08字\ufffe符<b>&" + "长" * 80,
        text="编的",
        cited=[Cited(id=real, quote="原文里没有这一句"), Cited(id="没有/1/1", quote="x")],
    )
    said = lines(opened(engine, told))
    assert "控制字符<b>&" + "长" * 80 in said
    assert not any("原文里没有这一句" in line for line in said)
    (record,) = engine.store.get([real])
    assert f"［1］《北京市加快绿色低碳转型2026年行动计划》第13项：“{record.text}”" in said
    assert "现用的库里已没有编号为 没有/1/1 的条目，未能列出其原文。" in said


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def test_the_browser_gets_a_dated_file_for_its_conversation(engine: Engine, client: httpx.Client) -> None:
    told = asked(engine, BESIDE).model_dump(mode="json")
    response = client.post("/export/conversation.docx", json={"turns": [told]})
    assert response.status_code == 200
    name = unquote(response.headers["content-disposition"].partition("''")[2])
    assert name.startswith("问策问答记录_2")
    assert name.endswith(".docx")
    assert any(BESIDE in line for line in lines(Document(io.BytesIO(response.content))))


@pytest.mark.parametrize("body", ["[]", "{", '{"turns": []}', '{"turns": [{"text": 1}]}', '{"turns": "x"}'])
def test_nonsense_is_told_in_chinese(client: httpx.Client, body: str) -> None:
    headers = {"content-type": "application/json"}
    response = client.post("/export/conversation.docx", content=body, headers=headers)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    detail = response.json()["detail"]
    assert detail.endswith("。")
    assert not any(word in detail for word in ("should", "Input", "valid"))
