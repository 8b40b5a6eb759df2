"""What processes only read they share: mapped files, which outlive the removal of their version."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.embedding import SHIPPED, load_encoder
from index.folder import BANK, VECTORS, WORDS, IndexFolder
from index.vectors import FLAT_FILE
from rag.engine import Engine

MAPS = Path("/proc/self/maps")
QUESTIONS = ("延庆区餐饮油烟由谁负责？", "海绵城市达标面积比例是多少？", "延庆区水务局牵头的措施有哪些？")
# Opens the index, asks, and prints device, inode and name of each file that is mapped for all to share.
OTHER = """
import json, sys
from pathlib import Path
from index.embedding import SHIPPED, load_encoder
from index.folder import IndexFolder
from rag.engine import Engine
from tests.index.test_sharing import shared
engine = Engine(IndexFolder(Path(sys.argv[1])).open(load_encoder(SHIPPED)))
engine.ask("延庆区餐饮油烟由谁负责？")
print(json.dumps(sorted(shared())))
"""


def shared() -> set[tuple[str, str, str]]:
    """Device, inode and path of the files that this process has mapped shared and read-only."""
    lines = [line.split(maxsplit=5) for line in MAPS.read_text().splitlines()]
    return {(line[3], line[4], line[5]) for line in lines if line[1] == "r--s" and len(line) > 5}


def answers(engine: Engine) -> list[dict[str, object]]:
    """What the contract says of each of `QUESTIONS`, but for the time."""
    return [engine.ask(question).as_json() | {"timings_ms": {}} for question in QUESTIONS]


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux tells what a process has mapped")
def test_two_processes_map_the_same_vectors_words_and_table(index_dir: Path) -> None:
    engine = Engine(IndexFolder(index_dir).open(load_encoder(SHIPPED)))
    answers(engine)
    version = engine.index.folder
    flat = [folder / VECTORS / FLAT_FILE for folder in (version, version / BANK)]
    files = [*flat, SHIPPED / "model.safetensors"]
    files += [*(version / WORDS).glob("*.index.npy"), *(version / BANK / WORDS).glob("*.index.npy")]
    assert len(files) == 9
    here = shared()
    ours = {entry for entry in here if Path(entry[2]) in files}
    assert {Path(path) for _, _, path in ours} == set(files)
    ran = subprocess.run(
        [sys.executable, "-c", OTHER, str(index_dir)], capture_output=True, check=True, text=True
    )
    assert ours <= {tuple(entry) for entry in json.loads(ran.stdout)}


def test_an_index_whose_version_is_deleted_goes_on_answering(index_dir: Path, tmp_path: Path) -> None:
    """Nothing of it was read before the files were gone, but what opening it reads."""
    copy = tmp_path / "index"
    shutil.copytree(index_dir, copy)
    encoder = load_encoder(SHIPPED)
    engine = Engine(IndexFolder(copy).open(encoder))
    shutil.rmtree(copy)
    assert answers(engine) == answers(Engine(IndexFolder(index_dir).open(encoder)))


@pytest.mark.parametrize("kind", ["float64", "float32", "float16", "int8"])
def test_the_table_of_a_model_is_read_as_safetensors_reads_it(tmp_path: Path, kind: str) -> None:
    from index.embedding import _mapped

    numbers = np.random.default_rng(7).normal(scale=40, size=(5, 4)).astype(kind)
    save_file({"embeddings": numbers}, tmp_path / "m.safetensors", metadata={"made by": "a test"})
    table = _mapped(tmp_path / "m.safetensors")
    assert table is not None and table.dtype == numbers.dtype
    np.testing.assert_array_equal(table, load_file(tmp_path / "m.safetensors")["embeddings"])
    save_file({"embeddings": numbers, "weights": numbers[0]}, tmp_path / "more.safetensors")
    assert _mapped(tmp_path / "more.safetensors") is None
