"""Any table plan, however its cells are merged, is read as it was written."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from as_written import as_cell, as_written
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.formats.any import read_document
from corpus.proposing import preview
from tests.published import write_plan
from tests.published_grid import COLUMNS, Grid, Measure, Plan, Style, plan_blocks

NAMES = [
    "区水务局",
    "区生态环境局",
    "区城市管理委",
    "市规划自然资源委海淀分局",
    "各街镇",
    "海淀公安分局",
    "北京经济技术开发区管委会",
]
TITLE = "海淀区加快绿色低碳转型2026年行动计划"
PATHS = [
    ("一、气候",),
    ("一、气候", "（一）能源"),
    ("一、气候", "（二）交通"),
    ("二、固废",),
    ("二、固废", "(一)目标"),
]

_sentence = st.text("加强扬尘管控落实责任提升水平0123456789%，、（）", min_size=4, max_size=40)
_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple)
_roles = st.builds(
    lambda lead, responsible, assisting: (
        ({"lead": lead, "responsible": responsible} if responsible else {"lead_responsible": lead})
        | ({"assisting": assisting} if assisting else {})
    ),
    _names,
    st.none() | _names,
    st.none() | _names,
)
_row = st.builds(
    Measure,
    number=st.just(0),
    task=st.just(""),
    text=st.lists(_sentence, min_size=1, max_size=3).map(
        lambda said: "".join(f"措{sentence}施。" for sentence in said)
    ),
    deadline=st.sampled_from(["年底前", "6月底前", "长期实施", "6-9月"]),
    roles=_roles,
)
_tasks = st.lists(st.lists(_row, min_size=1, max_size=4), min_size=1, max_size=6)
_styles = st.builds(
    Style,
    headings=st.sampled_from(["rows", "paragraphs"]),
    merged=st.sets(st.sampled_from(COLUMNS[3:])).map(tuple),
    none=st.sampled_from(["—", "——", "无", "/"]),
    rows_a_page=st.sampled_from([0, 0, 3]),
    numbered=st.booleans(),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan whose tasks are numbered through, under headings that follow one another."""
    tasks = draw(_tasks)
    starts = sorted(draw(st.lists(st.integers(0, len(PATHS) - 1), min_size=len(tasks), max_size=len(tasks))))
    measures = tuple(
        replace(row, number=number, task=f"加强第{number}类污染源治理", path=PATHS[start])
        for number, (rows, start) in enumerate(zip(tasks, starts, strict=True), start=1)
        for row in rows
    )
    style = draw(_styles)
    if style.headings == "paragraphs" or style.rows_a_page:  # a task goes on in another table: printed again
        style = replace(style, numbered=False)
    return Plan("random", TITLE, measures, style)


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
@settings(max_examples=25, deadline=None)
@given(plan=plans())
def test_a_plan_with_any_merges_is_read_as_written(form: str, plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (proposal,) = preview(write_plan(Path(folder) / f"计划.{form}", plan), []).proposals
    assert proposal.read is not None
    found = proposal.read.measures
    assert tuple(map(as_written, found)) == plan.measures
    assert len({measure.id for measure in found}) == len(found)


@pytest.mark.parametrize("form", ["docx", "html"])
@settings(max_examples=15, deadline=None)
@given(plan=plans())
def test_every_merged_cell_comes_out_as_one(form: str, plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        document = read_document(write_plan(Path(folder) / f"计划.{form}", plan))
    grids = [block for block in plan_blocks(plan) if isinstance(block, Grid)]
    for grid, table in zip(grids, document.tables, strict=True):
        assert list(map(as_cell, table.cells)) == [replace(cell, number=False) for cell in grid.cells]
