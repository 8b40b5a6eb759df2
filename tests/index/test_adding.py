"""Plans added to a large index at their own cost: what is found is what an index built anew finds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corpus.bank import BUNDLED_BANK, BankError
from corpus.library import Library, Register
from corpus.manifest import BUNDLED
from corpus.proposing import preview
from corpus.types import Role
from index import adding
from index.build import Built, build
from index.embedding import SHIPPED, Encoder
from index.filters import Filters
from index.folder import BANK, VECTORS, WORDS, IndexFolder, OpenIndex, parts_of
from index.plans import Plans
from index.progress import Progress
from index.vectors_kept import Kept
from index.version import STEPS
from index.words import SIZE
from rag.engine import Engine
from tests.haidian import HAIDIAN, HAIDIAN_2025, HAIDIAN_DRAFT
from tests.held import plans_in
from tests.published import write_plan

FINAL, BEFORE = "hd-green-2026", "hd-green-2025"
QUESTIONS = [
    "海淀区碳排放强度要降多少？",
    "海淀区的行动计划有几条措施？",
    "海淀区生态环境局牵头哪些措施？",
    "延庆区2026年PM2.5目标是多少？",
    "楼下饭馆天天冒油烟归谁管",
    "生活垃圾资源化利用率各区目标",
    "海淀区屋顶光伏怎么推进",
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts as large is small here."""
    monkeypatch.setattr(adding, "LARGE", 100)


@pytest.fixture
def plans(tmp_path: Path, index_dir: Path) -> Plans:
    """The bundled plans, an empty library, and an index in `tmp_path / "index"`."""
    return plans_in(tmp_path, index_dir)


def added(plans: Plans, folder: Path, *given: Any) -> None:
    """Add published plans, one after the other."""
    for plan in given:
        path = write_plan(folder / f"{plan.title}.docx", plan)
        plans.add([preview(path, plans.held())])


def opened(folder: Path, encoder: Encoder) -> OpenIndex:
    return IndexFolder(folder).open(encoder)


def sizes(index: OpenIndex) -> list[int]:
    """Records of each part of the words, the first and those that continue it."""
    parts = [index.folder / WORDS, *parts_of(index.folder, WORDS)]
    assert all(len(parts_of(index.folder, name)) == len(parts) - 1 for name in (VECTORS, BANK))
    return [json.loads((part / SIZE).read_text(encoding="utf-8")) for part in parts]


def test_what_is_added_part_by_part_is_found_as_if_all_were_built_anew(
    plans: Plans, tmp_path: Path, index_dir: Path, encoder: Encoder
) -> None:
    first = opened(index_dir, encoder)
    added(plans, tmp_path, HAIDIAN_2025, HAIDIAN_DRAFT, HAIDIAN)
    plans.retire("hr-green-2026")
    grown = opened(tmp_path / "index", encoder)
    build(tmp_path / "anew", BUNDLED, BUNDLED_BANK, SHIPPED, library=plans.library)
    anew = opened(tmp_path / "anew", encoder)
    held = sizes(grown)
    assert held[0] == first.store.count() and sum(held) == grown.store.count()
    assert held == sorted(held, reverse=True) and len(set(held)) == len(held), "small parts are joined"
    assert sizes(anew) == [grown.store.count()]
    assert grown.store.every_plan == anew.store.every_plan
    assert list(grown.store.ids) == list(anew.store.ids)
    assert grown.store.get(grown.store.ids) == anew.store.get(anew.store.ids)
    for filters in (
        Filters(districts=("海淀区",)),
        Filters(departments=("海淀区生态环境局",), roles=(Role.LEAD,)),
        Filters(in_force=True),
        Filters(texts=("光伏",)),
    ):
        assert grown.store.positions(filters).tolist() == anew.store.positions(filters).tolist()
    for question in QUESTIONS:
        one = [hit.id for hit in grown.retriever.search(question, 10)]
        other = [hit.id for hit in anew.retriever.search(question, 10)]
        assert len(set(one) & set(other)) >= 9 and one[0] == other[0], question
    engines = [Engine(grown), Engine(anew)]
    for question in QUESTIONS:
        grew, built = (engine.ask(question).as_json() for engine in engines)
        assert (grew["answer"], grew["refused"]) == (built["answer"], built["refused"]), question
    new = HAIDIAN.measures[0].text[:6]
    assert grown.spelling.may_print(new) and grown.spelling.corrected(new) == (new, ())


def test_adding_encodes_what_is_new_and_copies_nothing(
    plans: Plans, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {"records": 0, "questions": 0}
    encoded = Kept.encoded

    def counting(self: Kept, texts: Sequence[str], encode: Any, kind: Any) -> Any:
        counted[kind] += len(texts)
        return encoded(self, texts, encode, kind)

    monkeypatch.setattr(Kept, "encoded", counting)
    before = opened(tmp_path / "index", encoder)
    questions = before.retriever.search(QUESTIONS[3], 5)
    added(plans, tmp_path, HAIDIAN)
    assert counted == {"records": len(HAIDIAN.measures), "questions": 0}
    after = opened(tmp_path / "index", encoder)
    for name in ("words/data.csc.index.npy", "vectors/flat.faiss", "bank/words/indices.csc.index.npy"):
        assert (after.folder / name).samefile(before.folder / name)
    assert after.manifest.store == before.manifest.store
    assert before.retriever.search(QUESTIONS[3], 5) == questions, "who reads the old version goes on"
    assert before.store.count() + len(HAIDIAN.measures) == after.store.count()
    assert f"{FINAL}/1/1" in after.store and f"{FINAL}/1/1" not in before.store


def test_what_is_added_is_accounted_for_and_its_questions_are_checked(
    plans: Plans, tmp_path: Path, encoder: Encoder
) -> None:
    """As a build from all sources does: each character of the file, and each record that is asked for."""
    folder = IndexFolder(tmp_path / "index")
    bank = shutil.copytree(BUNDLED_BANK, tmp_path / "bank")
    plans = Plans(BUNDLED, plans.library, partial(rebuilt, folder.root, bank, plans.library))
    (bank / f"{FINAL}.jsonl").write_text(
        json.dumps({"question": "屋顶能装太阳能板吗", "register": "citizen", "ids": [f"{FINAL}/99/1"]})
        + "\n",
        encoding="utf-8",
    )
    file, before = write_plan(tmp_path / "final.docx", HAIDIAN), folder.current()
    with pytest.raises(BankError, match=f"语料里没有 {FINAL}/99/1"):
        plans.add([preview(file, plans.held())])
    assert folder.current() == before
    (bank / f"{FINAL}.jsonl").unlink()
    grown = plans.add([preview(file, plans.held())]).built
    assert sizes(opened(folder.root, encoder))[1:] == [len(HAIDIAN.measures)]
    anew = build(tmp_path / "anew", BUNDLED, bank, SHIPPED, library=plans.library)
    assert grown.report == anew.report


def rebuilt(root: Path, bank: Path, library: Library, register: Register, progress: Progress) -> Built:
    return build(root, BUNDLED, bank, SHIPPED, library=library, register=register, progress=progress)


@pytest.mark.parametrize("step", [STEPS[1], STEPS[3], STEPS[-1]])
def test_an_addition_that_fails_leaves_what_served_and_can_be_made_again(
    plans: Plans, tmp_path: Path, encoder: Encoder, step: str
) -> None:
    before = opened(tmp_path / "index", encoder)
    file = write_plan(tmp_path / "final.docx", HAIDIAN)

    def fail(begun: str, records: int = 0) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plans.add([preview(file, plans.held())], fail)
    again = opened(tmp_path / "index", encoder)
    assert (again.folder, list(again.store.ids)) == (before.folder, list(before.store.ids))
    plans.add([preview(file, plans.held())])
    assert opened(tmp_path / "index", encoder).store.count() == before.store.count() + len(HAIDIAN.measures)


def test_what_grows_too_large_is_built_anew(
    plans: Plans, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "SHARE", 70)  # 624 records: no room for ten
    added(plans, tmp_path, HAIDIAN)
    index = opened(tmp_path / "index", encoder)
    assert sizes(index) == [index.store.count()]
    assert index.manifest.store.startswith(index.folder.name)
