"""Plans of prose: two documents of the State Council counted by hand, and layouts of districts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.departments import departments
from corpus.document import Paragraph
from corpus.formats.html import read
from corpus.layout import parts
from corpus.ledger import Ledger
from corpus.prose_plan import ProseRecords, read_prose
from corpus.rows import Cell, Piece
from corpus.transcript import Transcript
from corpus.types import Measure, Plan, Role

PUBLISHED = Path(__file__).parent / "formats" / "published"
SPORT = "34_国务院办公厅关于加快发展体育竞赛表演产业的指导意见.html"
BONDED = "5_国务院关于促进综合保税区高水平开放高质量发展的若干意见.html"


def made_plan(title: str, district: str = "", year: int = 2026) -> Plan:
    return Plan(
        "p",
        "短名",
        title,
        "区" if district else "市",
        district,
        year,
        "final",
        "t",
        1,
        year,
        year,
        prose=True,
    )


def read_lines(
    *lines: str, title: str = "测试行动计划", district: str = "延庆区"
) -> tuple[ProseRecords, dict[str, int]]:
    """A plan whose paragraphs are `lines`; a manual break is a line break. Nothing may be lost."""
    cells: list[Cell] = []
    at = 0
    for paragraph in lines:
        pieces = []
        for line in paragraph.split("\n"):
            pieces.append(Piece(line, at, at + len(line)))
            at += len(line) + 1
        cells.append(Cell(tuple(pieces)))
    ledger = Ledger("t", "\n".join(lines))
    records = read_prose(made_plan(title, district), cells, ledger, departments())
    ledger.close([(0, len(ledger.text))])
    return records, ledger.totals()


def read_published(name: str, year: int) -> tuple[ProseRecords, str]:
    """A published page through the html reader; its paragraphs are all accounted for."""
    document = read(PUBLISHED / name)
    transcript = Transcript(document)
    (part,) = parts(document)
    everything = [block for block in document.blocks if isinstance(block, Paragraph)]
    held = {id(block) for block in (*part.titles, *part.prose, *(b for _, b in part.left))}
    assert held == {id(block) for block in everything}
    ledger = Ledger(name, transcript.text)
    cells = [transcript.cell(paragraph) for paragraph in part.prose]
    records = read_prose(made_plan(name[:-5].split("_")[1], year=year), cells, ledger, departments())
    ledger.close((cell.pieces[0].start, cell.pieces[-1].end) for cell in cells)
    return records, "".join(cell.text for cell in cells)


@pytest.fixture(scope="module")
def sport() -> tuple[ProseRecords, str]:
    return read_published(SPORT, 2018)


@pytest.fixture(scope="module")
def bonded() -> tuple[ProseRecords, str]:
    return read_published(BONDED, 2019)


def names(measure: Measure) -> list[str]:
    return [duty.printed for duty in measure.duties]


def test_sport_every_clause_counted_by_hand(sport: tuple[ProseRecords, str]) -> None:
    records, text = sport
    assert [task.number for task in records.tasks] == list(range(4, 20))  # （一）to（三） have no clause
    clauses = [1, 1, 1, 1, 1, 1, 3, 1, 1, 3, 1, 1, 1, 1, 2, 1]
    assert [sum(m.number == task.number for m in records.measures) for task in records.tasks] == clauses
    assert len(records.measures) == text.count("负责）") == 21
    assert sum(len(measure.duties) for measure in records.measures) == 65
    assert {duty.role for m in records.measures for duty in m.duties} == {Role.LEAD_RESPONSIBLE}


def test_sport_departments_and_sentences_of_a_sample(sport: tuple[ProseRecords, str]) -> None:
    by_id = {measure.id: measure for measure in sport[0].measures}
    assert names(by_id["p/4/1"]) == ["体育总局", "民政部", "人力资源社会保障部"]
    assert names(by_id["p/5/1"]) == ["体育总局", "北京冬奥组委"]
    assert names(by_id["p/10/1"]) == ["市场监管总局"]
    assert names(by_id["p/10/2"]) == ["体育总局", "教育部"]
    assert names(by_id["p/10/3"]) == ["体育总局", "网信办", "科技部", "工业和信息化部"]
    assert names(by_id["p/13/1"]) == ["体育总局", "教育部", "住房城乡建设部"]
    assert names(by_id["p/13/2"]) == ["体育总局", "公安部", "应急部"]
    assert names(by_id["p/13/3"]) == ["银保监会", "人民银行", "体育总局"]
    assert names(by_id["p/16/1"]) == ["广电总局", "版权局", "司法部", "体育总局"]
    assert names(by_id["p/17/1"]) == ["体育总局", "外交部", "公安部", "海关总署", "交通运输部"]
    eighteen = ["公安部", "工业和信息化部", "交通运输部", "水利部", "海洋局", "空管委办公室"]
    assert names(by_id["p/18/1"]) == eighteen
    assert names(by_id["p/18/2"]) == ["体育总局", "发展改革委", "公安部", "市场监管总局"]
    first = by_id["p/10/1"]
    assert (first.task, first.path) == ("鼓励创新创业", ("三、壮大市场主体，优化市场环境",))
    assert first.text == "大力推进商事制度改革，营造良好的体育竞赛表演产业准入环境。"
    second = by_id["p/10/2"].text
    assert second.startswith("加强体育产业创新创业教育服务") and second.endswith("投身体育竞赛表演产业。")


def test_sport_text_without_a_clause_becomes_passages(sport: tuple[ProseRecords, str]) -> None:
    records, _ = sport
    sections = list(dict.fromkeys((p.section, p.path[-1]) for p in records.passages))
    assert sections == [
        ("0.1", "〔引言〕"),
        ("1.1", "（一）指导思想"),
        ("1.2", "（二）基本原则"),
        ("1.3", "（三）发展目标"),
        ("5.0", "五、强化协调配合，加强资金保障"),
    ]
    assert records.passages[-1].text.startswith("各地区、各有关部门要充分认识")
    assert any("最后一处部门之后的文字没有写明部门" in note for note in records.notes)
    goal = next(p for p in records.passages if p.section == "1.3")
    assert [due.end.year for due in goal.due if due.end] == [2025]
    ids = [measure.id for measure in records.measures] + [passage.id for passage in records.passages]
    assert len(ids) == len(set(ids))


def test_bonded_zones_every_clause_counted_by_hand(bonded: tuple[ProseRecords, str]) -> None:
    records, text = bonded
    assert [task.number for task in records.tasks] == list(range(1, 22))
    assert (
        len(records.measures) == text.count("（税务总局、财政部、海关总署负责") + text.count("负责）") == 21
    )
    counts = [3, 3, 2, 2, 1, 2, 3, 2, 2, 1, 1, 2, 3, 4, 4, 1, 3, 2, 3, 2, 2]
    assert [len(measure.duties) for measure in records.measures] == counts
    assert sum(counts) == 48


def test_bonded_zones_the_first_department_leads_from_the_first_clause_on(
    bonded: tuple[ProseRecords, str],
) -> None:
    records, _ = bonded
    leads = [measure.names(Role.LEAD) for measure in records.measures]
    expected = (
        "税务总局 海关总署 海关总署 商务部 海关总署 海关总署 发展改革委 市场监管总局 药监局 海关总署 海关总署"
    )
    expected += " 发展改革委 海关总署 商务部 商务部 海关总署 海关总署 商务部 海关总署 海关总署 海关总署"
    assert leads == [[name] for name in expected.split()]
    fourteen = records.measures[13]
    assert fourteen.names(Role.RESPONSIBLE) == ["工业和信息化部", "生态环境部", "海关总署"]
    assert fourteen.path == ("四、主要任务", "（四）延伸产业链条，打造检测维修中心")
    open_ended = [m.number for m in records.measures if any(duty.open_ended for duty in m.duties)]
    assert open_ended == [6, 18, 21]
    assert [m.number for m in records.measures if m.inferred] == list(range(2, 22))
    assert [p.section for p in records.passages] == [
        "0.1", "1.0", "2.1", "2.2", "2.3", "2.4", "3.0", "5.0", "5.0", "5.0",
    ]  # fmt: skip


def test_labels_on_lines_of_their_own_and_numbers_that_restart() -> None:
    records, kinds = read_lines(
        "测试行动计划",
        "京政办发〔2026〕3号",
        "各区人民政府，市政府各委、办、局：",
        "为做好工作，制定本计划。",
        "一、重点任务",
        "（一）加强治水",
        "1.强化排水管理。完善雨污分流，6月底前完成改造。",
        "牵头单位：区水务局",
        "配合单位：区财政局、各街乡镇",
        "完成时限：2026年6月底前",
        "2.推进再生水利用。扩大使用范围。（区水务局负责）",
        "（二）加强治气",
        "1.新增新能源车1万辆。（区交通局牵头，区财政局配合）",
        "二、保障措施",
        "各部门要加强领导。",
        "附件：1.任务清单",
        "2.指标表",
        "延庆区人民政府办公室\n2026年1月5日",
        "（此件公开发布）",
    )
    first, second, third = records.measures
    assert [m.id for m in records.measures] == ["p/1/1", "p/2/1", "p/3/1"]
    assert first.path == ("一、重点任务", "（一）加强治水", "1.强化排水管理")
    assert (first.task, first.text) == ("强化排水管理", "完善雨污分流，6月底前完成改造。")
    assert first.deadline == "2026年6月底前"
    assert [due.basis for due in first.due] == ["column", "text"]
    assert (first.names(Role.LEAD), first.names(Role.ASSISTING)) == (["区水务局"], ["区财政局", "各街乡镇"])
    assert [duty.department for duty in second.duties] == ["延庆区水务局"]
    assert third.text == "新增新能源车1万辆。"  # the item is only its title
    assert any("原文分节编号" in note for note in records.notes)
    assert [p.text for p in records.passages] == ["为做好工作，制定本计划。", "各部门要加强领导。"]
    assert kinds["剔除：附件清单"] and kinds["剔除：落款"] and kinds["剔除：主送机关"]


def test_a_clause_behind_the_title_speaks_of_what_follows() -> None:
    records, _ = read_lines(
        "一、重点工程",
        "（一）再生水工程（牵头单位：区水务局）",
        "建设管网。",
        "扩大规模。",
        "（二）河道工程（责任单位：区水务局）",
        "治理河道。",
    )
    assert [(m.task, m.text) for m in records.measures] == [
        ("再生水工程", "建设管网。扩大规模。"),
        ("河道工程", "治理河道。"),
    ]
    assert all("标题之后" in m.inferred[0] for m in records.measures)


def test_a_list_within_an_item_is_its_text() -> None:
    records, _ = read_lines(
        "一、任务",
        "（一）控水。主要包括：",
        "1.严格取水；",
        "2.推广节水。（区水务局负责）",
        "（二）控尘。落实以下要求：",
        "（1）工地；",
        "（2）道路。",
        "责任单位：",
        "区城市管理委",
    )
    assert [m.text for m in records.measures] == [
        "主要包括：1.严格取水；2.推广节水。",
        "落实以下要求：（1）工地；（2）道路。",
    ]
    assert names(records.measures[1]) == ["区城市管理委"]


def test_clauses_of_a_list_within_a_numbered_item_are_the_clauses_of_that_item() -> None:
    records, _ = read_lines(
        "一、任务",
        "（一）控水。",
        "1.严格取水。（区水务局负责）",
        "2.推广节水。（区财政局负责）",
        "二、其他",
        "（二）控尘。（1）工地。（区城管委负责）（2）道路。（区交通局负责）",
        "（三）宣传。开展宣传。（区委宣传部负责）",
    )
    assert [(m.id, m.task, m.text) for m in records.measures] == [
        ("p/1/1", "控水", "1.严格取水。"),
        ("p/1/2", "控水", "2.推广节水。"),
        ("p/2/1", "控尘", "（1）工地。"),
        ("p/2/2", "控尘", "（2）道路。"),
        ("p/3/1", "宣传", "开展宣传。"),
    ]


def test_clauses_within_a_sentence_part_it_and_prose_brackets_stay() -> None:
    records, _ = read_lines(
        "一、任务",
        "（一）水环境。提升水质（区水务局负责），加强监测（区生态环境局负责）。卫生（具体由村民自己负责）按约定办。",
    )
    assert [m.text for m in records.measures] == ["提升水质，", "加强监测。"]
    assert [p.text for p in records.passages] == ["卫生（具体由村民自己负责）按约定办。"]
    assert any("村民自己负责" in note for note in records.notes)


def test_a_plan_without_numbers_and_one_without_clauses() -> None:
    records, _ = read_lines(
        "总体要求", "坚持绿色发展。", "重点任务", "加强扬尘管控。（区城管委负责）", "保障措施", "加强领导。"
    )
    assert [(m.id, m.task, m.path) for m in records.measures] == [("p/1/1", "重点任务", ("重点任务",))]
    assert [(p.section, p.number) for p in records.passages] == [("0.1", "总体要求"), ("0.2", "保障措施")]
    records, _ = read_lines(
        "第一章　总则", "第一条　为加强管理，制定本办法。", "第二条　本办法自印发之日起施行。"
    )
    assert [(p.id, p.number) for p in records.passages] == [
        ("p/1.1/1", "第一章第一条"),
        ("p/1.2/1", "第一章第二条"),
    ]
    assert not records.measures


def test_contents_and_a_stray_clause_after_numbered_items() -> None:
    records, kinds = read_lines(
        "目录", "一、任务", "二、保障", "一、任务",
        "1.甲任务。做甲。（区水务局负责）", "2.乙任务。做乙。（区水务局负责）",
        "二、保障", "各单位加强保障。（区财政局负责）",
    )  # fmt: skip
    assert [(m.number, m.task) for m in records.measures] == [(1, "甲任务"), (2, "乙任务"), (3, "保障")]
    assert any("不在原文的连续编号之内" in note for note in records.notes)
    assert kinds["剔除：目录"] == 10


_NAMES = [
    "区水务局",
    "区生态环境局",
    "市规划自然资源委延庆分局",
    "各街乡镇",
    "区科信局（中关村延庆园管委会）",
]
_SENTENCE = st.text("加强扬尘管控落实责任提升治理水平年度完成，、", min_size=4, max_size=30).map(
    lambda t: f"措{t}施。"
)
_CLAUSE = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3, unique=True)
_ITEM = st.lists(st.tuples(st.lists(_SENTENCE, min_size=1, max_size=3), _CLAUSE), min_size=1, max_size=3)
_FORMS = st.sampled_from(
    ["（{}负责）", "［责任单位：{}］", "(由{}共同负责)", "（{}按职责分工负责）", "\n责任单位：{}\n"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(_ITEM, min_size=1, max_size=3), min_size=1, max_size=4), _FORMS, st.booleans())
def test_made_plans_give_back_every_clause(
    chapters: list[list[list[tuple[list[str], list[str]]]]], form: str, restarts: bool
) -> None:
    lines: list[str] = []
    expected: list[tuple[int, str, list[str]]] = []
    count = 0
    for chapter, items in enumerate(chapters):
        lines.append(f"{'一二三四'[chapter]}、测试章节")
        for at, item in enumerate(items, start=1):
            count += 1
            line = f"{at if restarts else count}.推进重点工作。"
            for sentences, held in item:
                line += "".join(sentences) + form.format("、".join(held))
                expected.append((count, "".join(sentences), held))
            lines.append(line.replace("\n\n", "\n").strip("\n"))
    records, _ = read_lines(*lines)
    assert [(m.number, m.text, names(m)) for m in records.measures] == expected
    assert not records.passages


_PRINTED = """
一、任务|二、|（一）|（二）控水|1.|2.甲任务|3、|（1）|①|第一章　总则|第三条　|甲任务。
做甲；|做乙。|。|，|　|下同|［|】|(|目录
（区水务局负责）|（区水务局|负责）|责任单位：|区水务局、|完成时限：|6月底前|责任人：张三|（2026年底前）|前言|总体要求
附件：1.清单|2026年1月5日|京政发〔2026〕3号|\\n
"""
_PIECES = st.sampled_from(_PRINTED.strip().replace("\n", "|").replace("\\n", "\n").split("|"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=6).map("".join), min_size=1, max_size=12))
def test_whatever_is_printed_every_character_is_accounted_for_once(lines: list[str]) -> None:
    printed = [
        line for line in ("\n".join(p.strip() for p in x.split("\n") if p.strip()) for x in lines) if line
    ]
    if printed:
        records, _ = read_lines(*printed)
        ids = [measure.id for measure in records.measures] + [passage.id for passage in records.passages]
        assert len(ids) == len(set(ids))
        assert all(measure.text and measure.duties for measure in records.measures)


def test_a_place_is_the_line_of_the_text() -> None:
    records, _ = read_lines("一、任务", "1.甲任务。做甲。", "仍做甲。（区水务局负责）")
    (measure,) = records.measures
    assert (measure.span.first, measure.span.last) == (2, 3)
    assert measure.text == "做甲。仍做甲。"
