"""Plans added, replaced, retired: library and index change together, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.addition import Given, Preview, TwicePlanError
from corpus.bank import BUNDLED_BANK, BankQuestion
from corpus.errors import SourceError
from corpus.ingest import Corpus
from corpus.library import Library, Register
from corpus.manifest import BUNDLED
from corpus.proposing import preview
from index import build as building
from index.build import Built, build
from index.embedding import SHIPPED, Encoder
from index.folder import IndexFolder
from index.inherited import inherited
from index.plans import Plans, UnknownPlanError
from index.progress import Progress
from index.store import Store
from index.vectors_kept import Kept
from tests.haidian import HAIDIAN, HAIDIAN_2025, HAIDIAN_DRAFT
from tests.published import write_plan

FINAL, DRAFT, BEFORE = "hd-green-2026", "hd-green-2026", "hd-green-2025"


@pytest.fixture
def root(index_dir: Path, tmp_path: Path) -> Path:
    """A copy of the bundled index that a change may replace."""
    return shutil.copytree(index_dir, tmp_path / "index")


@pytest.fixture
def plans(root: Path, tmp_path: Path) -> Plans:
    """The bundled plans and an empty library."""
    library = Library(tmp_path / "plans")

    def rebuild(register: Register, progress: Progress) -> Built:
        return build(
            root, BUNDLED, BUNDLED_BANK, SHIPPED, library=library, register=register, progress=progress
        )

    return Plans(BUNDLED, library, rebuild)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Haidian's plan of 2026, its draft and that of 2025, as Word files."""
    made = {"final": HAIDIAN, "draft": HAIDIAN_DRAFT, "before": HAIDIAN_2025}
    return {name: write_plan(tmp_path / f"{name}.docx", plan) for name, plan in made.items()}


def stored(root: Path) -> Store:
    return Store.open(IndexFolder(root).current() / "store.sqlite")


def look(path: Path, plans: Plans, **more: Any) -> Preview:
    return preview(path, plans.held(), **more)


def test_an_added_plan_is_in_the_index_and_the_ids_of_the_others_stay(
    plans: Plans, root: Path, files: dict[str, Path], index_dir: Path
) -> None:
    change = plans.add([look(files["final"], plans)])
    assert [plan.id for plan in change.plans] == [FINAL]
    before, after = stored(index_dir), stored(root)
    assert after.ids[: len(before.ids)] == before.ids
    assert [i.split("/")[0] for i in after.ids[len(before.ids) :]] == [FINAL] * len(HAIDIAN.measures)
    for record in before.ids:
        assert after.label(record) == before.label(record)
    assert after.get([after.ids[-1]])[0].span.place.startswith("表")


def test_two_forms_of_one_plan_cannot_both_be_held(
    plans: Plans, files: dict[str, Path], tmp_path: Path
) -> None:
    plans.add([look(files["final"], plans)])
    with pytest.raises(TwicePlanError, match=rf"again\.html：《{HAIDIAN.title}》已在库中"):
        look(write_plan(tmp_path / "again.html", HAIDIAN), plans)


def test_a_final_text_takes_the_place_of_its_draft_and_older_years_stay(
    plans: Plans, root: Path, files: dict[str, Path]
) -> None:
    plans.add([look(files["draft"], plans)])
    final = look(files["final"], plans)
    assert final.proposals[0].supersedes == (DRAFT,)
    assert plans.add([final]).superseded == (DRAFT,)
    older = plans.add([look(files["before"], plans)])
    assert older.superseded == () and older.plans[0].id == BEFORE
    held = {plan.id: plan for plan in stored(root).plans.values()}
    final_id = final.proposals[0].plan.id
    assert held[DRAFT].superseded_by == final_id != DRAFT
    assert held[final_id].in_force and held[BEFORE].in_force and not held[DRAFT].in_force
    assert len({plan.short for plan in held.values()}) == len(held)


def test_a_draft_that_comes_after_its_final_text_is_not_in_force(
    plans: Plans, files: dict[str, Path]
) -> None:
    plans.add([look(files["final"], plans)])
    seen = look(files["draft"], plans)
    assert seen.proposals[0].superseded_by == FINAL
    added = plans.add([seen]).plans[0]
    assert not plans.named(added.id).in_force


def test_a_corrected_text_keeps_the_id(
    plans: Plans, root: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    plans.add([look(files["final"], plans)])
    first = HAIDIAN.measures[0]
    corrected = replace(
        HAIDIAN, measures=(replace(first, text="全区碳排放强度同比下降4%。"), *HAIDIAN.measures[1:])
    )
    path = write_plan(tmp_path / "corrected.docx", corrected)
    plans.add([look(path, plans, replacing=plans.named(FINAL))])
    store = stored(root)
    assert store.get([f"{FINAL}/1/1"])[0].text == "全区碳排放强度同比下降4%。"
    assert [plan for plan in store.plans if plan.startswith("hd-")] == [FINAL]
    assert len(list((plans.library.folder / "files").iterdir())) == 1


def test_a_bundled_plan_can_be_replaced_too(plans: Plans, root: Path, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "怀柔.docx", replace(HAIDIAN, title="怀柔区加快绿色低碳转型2026年行动计划"))
    plans.add([look(path, plans, replacing=plans.named("怀柔绿色低碳"))])
    records = [i for i in stored(root).ids if i.startswith("hr-green-2026/")]
    assert len(records) == len(HAIDIAN.measures)


def test_a_retired_plan_is_kept_out_of_force_until_it_is_restored(plans: Plans, root: Path) -> None:
    plans.retire("hr-green-2026")
    assert stored(root).plans["hr-green-2026"].retired
    plans.restore("hr-green-2026")
    assert stored(root).plans["hr-green-2026"].in_force


@pytest.mark.parametrize("step", building.STEPS[::3])
def test_a_change_that_fails_at_any_step_leaves_library_and_index_as_they_were(
    plans: Plans, root: Path, files: dict[str, Path], step: str
) -> None:
    before, serving = plans.library.register(), IndexFolder(root).current()

    def fail(begun: str, records: int = 0) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plans.add([look(files["final"], plans)], fail)
    assert IndexFolder(root).current() == serving
    assert plans.library.register() == before
    assert not list((plans.library.folder / "files").iterdir())


def test_the_questions_of_a_draft_find_its_final_text(corpus: Corpus) -> None:
    draft = next(entry for entry in corpus.plans if entry.plan.id == "yq-green-2026")
    moved = [
        replace(m, id=m.id.replace("yq-green-2026", "yq-final"), plan="yq-final") for m in draft.measures
    ]
    final = replace(draft, plan=replace(draft.plan, id="yq-final", status="final"), measures=tuple(moved[3:]))
    old = replace(draft, plan=replace(draft.plan, superseded_by="yq-final"))
    over = Corpus((old, final), {})
    dropped, kept = draft.measures[0].id, draft.measures[5].id
    asked = [BankQuestion("问", "口语", (record,), "written", "") for record in (dropped, kept)]
    alone, both = inherited(asked, over)
    assert alone.ids == (dropped,)
    assert both.ids == (kept, kept.replace("yq-green-2026", "yq-final"))
    assert inherited(asked, Corpus((draft,), {})) == tuple(asked)


def test_only_what_is_new_is_encoded(
    plans: Plans, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {"records": 0, "questions": 0}
    encoded = Kept.encoded

    def counting(self: Kept, texts: Sequence[str], encode: Any, kind: Any) -> Any:
        counted[kind] += len(texts)
        return encoded(self, texts, encode, kind)

    monkeypatch.setattr(Kept, "encoded", counting)
    plans.add([look(files["final"], plans)])
    assert counted == {"records": len(HAIDIAN.measures), "questions": 0}


def test_what_the_document_does_not_say_is_asked_and_not_guessed(plans: Plans, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "x.docx", replace(HAIDIAN, title="加快绿色低碳转型行动计划"))
    seen = look(path, plans)
    assert [question.name for question in seen.questions] == ["level", "year"]
    with pytest.raises(SourceError, match="还有没回答的问题"):
        plans.add([seen])
    answered = look(path, plans, given={0: Given(level="区", district="平谷区", first_year=2026)})
    assert [plan.id for plan in plans.add([answered]).plans] == ["pg-green-2026"]


def test_a_name_of_no_plan_says_which_there_are(plans: Plans) -> None:
    with pytest.raises(UnknownPlanError, match="朝阳计划：没有这个计划；现有 bj-green-2026"):
        plans.named("朝阳计划")


def test_a_damaged_register_is_told_and_nothing_is_overwritten(plans: Plans) -> None:
    plans.library.folder.mkdir()
    plans.library.register_path.write_text('{"format": 1, "plans": [', encoding="utf-8")
    with pytest.raises(SourceError, match=r"register\.json：计划登记簿读不了"):
        plans.retire("hr-green-2026")


def test_vectors_taken_over_are_those_that_would_be_made(
    plans: Plans, root: Path, files: dict[str, Path], encoder: Encoder
) -> None:
    plans.add([look(files["final"], plans)])
    opened = IndexFolder(root).open(encoder)
    texts = [opened.store.searched(record) for record in opened.store.get(opened.store.ids)]
    assert abs(opened.vectors.rows(range(len(texts))) - encoder.encode(texts)).max() < 1e-6
