"""The seven table plans as they are published: every form gives the measures of the transcription."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from corpus.addition import Preview
from corpus.document import GridCell
from corpus.formats.any import read_document
from corpus.ingest import Corpus
from corpus.manifest import BUNDLED
from corpus.proposing import preview
from corpus.types import Measure, Role
from tests.haidian import HAIDIAN, HAIDIAN_2025, HAIDIAN_DRAFT
from tests.published import PUBLICATIONS, SOFFICE, as_pdf, gold, write, write_plan
from tests.published_grid import Cell, Grid, Plan, blocks

_PDF = pytest.param("pdf", marks=pytest.mark.skipif(SOFFICE is None, reason="没有 LibreOffice"))
FORMS = ["docx", "html", "xlsx", _PDF]
_GB18030 = PUBLICATIONS[-1]  # as the older pages of districts still are

Written = Callable[[str], list[Path]]
Read = Callable[[str], list[Preview]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The files of a form, written when a test first asks for them."""

    @cache
    def files(form: str) -> list[Path]:
        folder = tmp_path_factory.mktemp(form)
        if form == "pdf":
            return as_pdf(files("docx"), folder)
        return [
            write(folder / f"{one.name}.{form}", one, "gb18030" if one is _GB18030 else "utf-8")
            for one in PUBLICATIONS
        ]

    return files


@pytest.fixture(scope="module")
def read(written: Written) -> Read:
    """What an operator is shown of each file of a form."""

    @cache
    def previews(form: str) -> list[Preview]:
        return [preview(path, []) for path in written(form)]

    return previews


def measures_of(previews: list[Preview]) -> Iterator[Measure]:
    for found in previews:
        for proposal in found.proposals:
            assert proposal.read is not None
            yield from proposal.read.measures


def as_gold(measure: Measure) -> dict[str, Any]:
    """A measure in the fields of the transcription."""
    return {
        "id": measure.id,
        "task": measure.task or None,
        "path": list(measure.path),
        "text": measure.text,
        "deadline": measure.deadline,
        "target": measure.target,
        "category": measure.category,
        "roles": {role.value: measure.names(role) for role in Role if measure.names(role)},
        "open_ended": list(dict.fromkeys(d.role.value for d in measure.duties if d.open_ended)),
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_454_measures(form: str, read: Read) -> None:
    found = {measure.id: as_gold(measure) for measure in measures_of(read(form))}
    expected = {record["id"]: {key: record[key] for key in record if key != "lines"} for record in gold()}
    assert list(found) == list(expected)
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}


@pytest.mark.parametrize("form", FORMS)
def test_duties_and_dates_are_those_of_the_text_sources(form: str, read: Read, corpus: Corpus) -> None:
    bundled = {measure.id: measure for entry in corpus.plans for measure in entry.measures}
    for measure in measures_of(read(form)):
        same = bundled[measure.id]
        bodies = {(duty.department, duty.role, duty.collective, duty.known) for duty in same.duties}
        assert {(d.department, d.role, d.collective, d.known) for d in measure.duties} == bodies
        assert {(due.start, due.end, due.basis) for due in measure.due} == {
            (due.start, due.end, due.basis) for due in same.due
        }


@pytest.mark.parametrize("form", FORMS)
def test_title_district_year_and_status_are_read_from_the_document(form: str, read: Read) -> None:
    entries = tomllib.loads(BUNDLED.read_text(encoding="utf-8"))["plan"]
    fields = ("id", "short", "title", "level", "district", "year", "status")
    expected = {entry["id"]: tuple(entry[field] for field in fields) for entry in entries}
    plans = [proposal.plan for found in read(form) for proposal in found.proposals]
    assert {p.id: tuple(getattr(p, field) for field in fields) for p in plans} == {
        name: said for name, said in expected.items() if name != "bj-eco-145"
    }


@pytest.mark.parametrize("form", ["docx", "html"])
def test_the_tables_come_out_cell_by_cell(form: str, written: Written) -> None:
    for publication, path in zip(PUBLICATIONS, written(form), strict=True):
        grids = [block for block in blocks(publication) if isinstance(block, Grid)]
        tables = list(read_document(path).tables)
        for grid, table in zip(grids, tables, strict=True):
            assert [where(cell) for cell in table.cells] == [where(cell) for cell in grid.cells]


def where(cell: GridCell | Cell) -> tuple[int, int, int, int, tuple[str, ...]]:
    return cell.row, cell.column, cell.rows, cell.columns, cell.lines


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
@pytest.mark.parametrize("plan", [HAIDIAN, HAIDIAN_DRAFT, HAIDIAN_2025], ids=lambda plan: plan.id)
def test_a_new_districts_plan_is_read_as_it_was_written(form: str, plan: Plan, tmp_path: Path) -> None:
    (proposal,) = preview(write_plan(tmp_path / f"海淀.{form}", plan), []).proposals
    assert proposal.read is not None
    assert (proposal.known.title, proposal.known.district) == (plan.title, "海淀区")
    found = proposal.read.measures
    assert [(m.number, m.text, m.deadline) for m in found] == [
        (m.number, m.text, m.deadline) for m in plan.measures
    ]
    assert [{role.value: tuple(m.names(role)) for role in Role if m.names(role)} for m in found] == [
        m.roles for m in plan.measures
    ]
