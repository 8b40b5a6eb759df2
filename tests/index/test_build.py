"""The build: atomic, exclusive, honest about what it cannot use."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.bank import BUNDLED_BANK
from corpus.errors import SourceError
from corpus.manifest import BUNDLED
from index.build import STEPS, build
from index.embedding import SHIPPED, Encoder, load_encoder
from index.errors import (
    BuildRunningError,
    ForeignFolderError,
    IndexFolderError,
    IndexMissingError,
    ModelError,
)
from index.filters import Filters
from index.folder import IndexFolder
from index.manifest import Inputs, Manifest

BUILD = (
    "import sys; from pathlib import Path; from corpus.manifest import BUNDLED;"
    "from corpus.bank import BUNDLED_BANK;"
    "from index.build import build; from index.embedding import SHIPPED;"
    "build(Path(sys.argv[1]), BUNDLED, BUNDLED_BANK, SHIPPED,"
    "progress=lambda s, n=0: n or print(s, flush=True))"
)


@pytest.fixture
def copy(index_dir: Path, tmp_path: Path) -> Path:
    """A copy of the index that a test may damage."""
    root = tmp_path / "index"
    shutil.copytree(index_dir, root)
    return root


def serving(root: Path, encoder: Encoder) -> str:
    opened = IndexFolder(root).open(encoder)
    assert opened.store.count() == opened.manifest.records == 624
    assert len(opened.store.scan(Filters())) == 624
    return opened.folder.name


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_build_killed_at_a_random_moment_leaves_the_old_index_serving(
    copy: Path, encoder: Encoder, step: int
) -> None:
    before = serving(copy, encoder)
    process = subprocess.Popen([sys.executable, "-c", BUILD, str(copy)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(step + 1):
        assert process.stdout.readline()
    with contextlib.suppress(subprocess.TimeoutExpired):  # some way into the step
        process.wait(timeout=random.uniform(0, 0.1))
    process.kill()
    process.wait()
    swapping = STEPS[-1] in process.stdout.read() or step == len(STEPS) - 1
    process.stdout.close()
    after = serving(copy, encoder)
    assert after == before or swapping
    build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)  # the lock of the dead is no hindrance
    assert serving(copy, encoder) not in (before, after)
    assert len(list(IndexFolder(copy).versions.iterdir())) == 2


def test_a_source_error_changes_nothing(copy: Path, encoder: Encoder, tmp_path: Path) -> None:
    before = serving(copy, encoder)
    shutil.copytree(BUNDLED.parent, tmp_path / "sources")
    broken = tmp_path / "sources" / "bj-green-2026.txt"
    broken.write_text(broken.read_text(encoding="utf-8").replace("\n2\t", "\n2\t\t", 1), encoding="utf-8")
    with pytest.raises(SourceError, match=r"bj-green-2026.txt 第10行：此行有 8 格"):
        build(copy, tmp_path / "sources" / "sources.toml", BUNDLED_BANK, SHIPPED)
    assert serving(copy, encoder) == before
    assert len(list(IndexFolder(copy).versions.iterdir())) == 1


def test_a_second_build_says_that_another_one_runs(copy: Path) -> None:
    with (
        IndexFolder(copy).lock(0),
        pytest.raises(BuildRunningError, match="另一个构建正在使用"),
    ):
        build(copy, BUNDLED, BUNDLED_BANK, SHIPPED, wait_s=0.05)


def test_the_manifest_says_what_has_changed(index_dir: Path, tmp_path: Path) -> None:

    inputs = IndexFolder(index_dir).manifest().inputs
    assert inputs.changes(Inputs.of(BUNDLED, BUNDLED_BANK, SHIPPED)) == []
    shutil.copytree(BUNDLED.parent, tmp_path / "sources")
    (tmp_path / "sources" / "hr-green-2026.txt").write_text("x", encoding="utf-8")
    now = Inputs.of(tmp_path / "sources" / "sources.toml", BUNDLED_BANK, SHIPPED)
    assert inputs.changes(now) == ["语料"]


def _truncate(path: Path) -> None:
    with path.open("r+b") as handle:
        handle.truncate(path.stat().st_size // 2)


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
@pytest.mark.parametrize("name", ["store.sqlite", "vectors/flat.faiss", "words/data.csc.index.npy"])
def test_a_damaged_file_is_named(
    copy: Path, encoder: Encoder, name: str, damage: Callable[[Path], None]
) -> None:
    folder = IndexFolder(copy)
    damage(folder.current() / name)
    with pytest.raises(IndexFolderError, match=f"{name} 缺失或已损坏。请运行 wence build"):
        folder.open(encoder)
    build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)
    serving(copy, encoder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "不存在"),
        ("../../etc", "不存在"),
        ("gone", "不存在"),
        ("\x00", "不存在"),
    ],
)
def test_a_bad_pointer_is_told(copy: Path, content: str, said: str) -> None:
    (copy / "current").write_text(content, encoding="utf-8")
    with pytest.raises(IndexFolderError, match=said):
        IndexFolder(copy).current()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"mark": "other"}',
        '{"mark": "wence-index", "format": 99}',
        "[]",
        '{"mark": "wence-index", "format": 1}',
    ],
)
def test_a_bad_manifest_is_told(copy: Path, text: str) -> None:
    (IndexFolder(copy).current() / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexFolderError, match="请运行 wence build"):
        Manifest.read(IndexFolder(copy).current())


def test_a_foreign_folder_is_not_taken_for_an_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        IndexFolder(tmp_path / "none").current()
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(IndexFolderError, match="里有别的文件") as caught:
        IndexFolder(tmp_path).current()
    assert not isinstance(caught.value, IndexMissingError)


@pytest.mark.parametrize("name", ["thesis.docx", "versions/3.11.4/python"])
def test_a_build_never_touches_a_folder_with_other_files(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    with pytest.raises(ForeignFolderError, match="里有别的文件"):
        build(tmp_path, BUNDLED, BUNDLED_BANK, SHIPPED)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "current").exists()


def test_an_open_index_goes_on_serving_through_two_rebuilds(copy: Path, encoder: Encoder) -> None:
    opened = IndexFolder(copy).open(encoder)
    build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)
    build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)
    assert not opened.folder.exists()
    with ThreadPoolExecutor(8) as pool:
        plans = list(opened.store.plans) * 8
        found = list(pool.map(lambda plan: len(opened.store.scan(Filters(plans=(plan,)))), plans))
    assert sum(found) == 8 * 624
    assert opened.retriever.search("餐饮油烟", 3)


@pytest.mark.parametrize("name", ["问策 索引", "a?b#c%41"])
def test_odd_names_of_folders_are_taken_as_they_are(tmp_path: Path, encoder: Encoder, name: str) -> None:
    build(tmp_path / name, BUNDLED, BUNDLED_BANK, SHIPPED)
    serving(tmp_path / name, encoder)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_broken_pointer_is_mended_by_a_build(copy: Path, encoder: Encoder) -> None:
    (copy / "current").write_bytes(b"\xff\xfe")
    with pytest.raises(IndexFolderError, match="请运行 wence build"):
        IndexFolder(copy).current()
    build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)
    serving(copy, encoder)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(IndexFolderError, match="不能写入"):
        build(blocked / "index", BUNDLED, BUNDLED_BANK, SHIPPED)


@pytest.mark.skipif(os.geteuid() != 0, reason="a read-only mount needs root")
def test_an_index_on_a_read_only_disk_serves_and_a_build_there_says_so(copy: Path, encoder: Encoder) -> None:
    if subprocess.run(["mount", "--bind", str(copy), str(copy)], check=False).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(copy)], check=True)
        serving(copy, encoder)
        with pytest.raises(IndexFolderError, match="不能写入"):
            build(copy, BUNDLED, BUNDLED_BANK, SHIPPED)
    finally:
        subprocess.run(["umount", "--lazy", str(copy)], check=True)


@pytest.mark.parametrize("content", [None, "", "[]"])
def test_a_model_that_is_not_there_is_told_at_once(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "model"
    if content is not None:
        folder.mkdir()
        (folder / "modules.json").write_text('[{"type": "StaticEmbedding"}]')
    with pytest.raises(ModelError):
        load_encoder(folder)


def test_an_index_of_another_model_is_told(index_dir: Path) -> None:
    class Short:
        name = "short"

        def encode(self, texts: list[str]) -> object:
            import numpy as np

            return np.zeros((len(texts), 3), dtype=np.float32)

    with pytest.raises(IndexFolderError, match="另一个向量模型"):
        IndexFolder(index_dir).open(Short())  # type: ignore[arg-type]


def test_the_report_is_written_whole_beside_the_index(index_dir: Path) -> None:
    report = json.loads((IndexFolder(index_dir).current() / "ingest-report.json").read_text(encoding="utf-8"))
    assert sum(plan["measures"] for plan in report["plans"]) == 454
    assert report["unknown_departments"] == []
    assert report["characters"]["hr-green-2026.txt"]["剔除：页脚"] > 0
