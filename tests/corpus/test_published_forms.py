"""The seven table plans as they are published: every form gives the measures of the transcription."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from as_written import as_written

from corpus.addition import Preview
from corpus.ingest import Corpus
from corpus.manifest import BUNDLED
from corpus.proposing import preview
from corpus.types import Measure
from tests.haidian import HAIDIAN, HAIDIAN_2025, HAIDIAN_DRAFT
from tests.published import PUBLICATIONS, SOFFICE, as_pdf, gold, transcribed, write, write_plan
from tests.published_grid import Plan

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


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_454_measures(form: str, read: Read) -> None:
    found = {measure.id: as_written(measure) for measure in measures_of(read(form))}
    expected = {record["id"]: transcribed(record) for record in gold()}
    if form == "pdf":  # a line that wraps at a blank loses it
        found, expected = (
            {name: replace(measure, text=_together(measure.text)) for name, measure in side.items()}
            for side in (found, expected)
        )
    wrong = {name: (found.get(name), said) for name, said in expected.items() if found.get(name) != said}
    assert wrong == {}
    assert list(found) == list(expected)


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


@pytest.mark.parametrize("form", FORMS)
def test_what_becomes_no_record_is_shown(form: str, read: Read) -> None:
    """The letter, the running head, the footnote: each is in the report, or a title of a plan."""
    for publication, found in zip(PUBLICATIONS, read(form), strict=True):
        named = _together("".join(text for _, _, text in found.left))
        titles = {proposal.known.title for proposal in found.proposals}
        assert titles == {plan.title for plan in publication.plans}
        if form != "xlsx":
            lines = [line for said in publication.letter for line in said.lines]
            assert [line for line in lines if _together(line) not in named] == []
        if form in ("docx", "pdf"):
            assert publication.running in named
        notes = [plan.style.footnote for plan in publication.plans]
        said = named + "".join(note for p in found.proposals if p.read for note in p.read.notes)
        assert all(_together(note) in _together(said) for note in notes)


def _together(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
@pytest.mark.parametrize("plan", [HAIDIAN, HAIDIAN_DRAFT, HAIDIAN_2025], ids=lambda plan: plan.id)
def test_a_new_districts_plan_is_read_as_it_was_written(form: str, plan: Plan, tmp_path: Path) -> None:
    (proposal,) = preview(write_plan(tmp_path / f"海淀.{form}", plan), []).proposals
    assert proposal.read is not None
    assert (proposal.known.title, proposal.known.district) == (plan.title, "海淀区")
    assert tuple(map(as_written, proposal.read.measures)) == plan.measures
