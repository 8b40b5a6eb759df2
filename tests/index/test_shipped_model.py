"""The shipped model: small, whole, offline, and the same vectors from both libraries."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model2vec import StaticModel

from index.embedding import SHIPPED, Encoder, load_encoder
from index.training.folder import CARD, HASHED, sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FOLDER = SHIPPED
SAID = (
    "北京市延庆区生态环境局负责推进PM2.5治理，2026年底前完成新能源汽车更新5万辆；",
    "ＰＭ２．５　浓度",
    "臺灣環境保護條例",
    "Who leads the water measures?",
    "。，、",
    "1 2 3 4 5 6 7 8 9 10",
)
UNSEEN = ("", "   ", "\n\t", "😀🎉", "龘", "……")
LONG = ("老旧小区改造，" * 2000, "水" * 20_000, "a" * 5000, "2026年" * 3000)


@pytest.fixture(scope="module")
def numpy_model() -> StaticModel:
    """The model as the program loads it."""
    return StaticModel.from_pretrained(FOLDER)


@pytest.fixture(scope="module")
def torch_model() -> SentenceTransformer:
    """The model as sentence-transformers loads it."""
    from sentence_transformers import SentenceTransformer  # torch: only where it is compared

    return SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)


def test_both_libraries_agree(numpy_model: StaticModel, torch_model: SentenceTransformer) -> None:
    """Numpy and torch give the same unit vectors, alone, in a batch and for long texts."""
    texts = [*SAID, *UNSEEN, *LONG]
    ours, theirs = numpy_model.encode(texts), torch_model.encode(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    alone = np.stack([numpy_model.encode(text) for text in texts])
    np.testing.assert_allclose(ours, alone, atol=1e-6, rtol=0)


def test_what_the_index_uses_is_what_both_libraries_give(
    numpy_model: StaticModel, torch_model: SentenceTransformer
) -> None:
    """The index's own loader changes nothing."""
    texts = [*SAID, *UNSEEN, *LONG]
    mine = load_encoder(FOLDER).encode(texts)
    assert np.abs(mine - numpy_model.encode(texts)).max() < 1e-5
    assert np.abs(mine - torch_model.encode(texts)).max() < 1e-5


def test_one_text_alone_has_the_very_bits_that_it_has_among_others(encoder: Encoder) -> None:
    """A question takes a shorter way than a batch, to the same vector."""
    texts = [*SAID, *UNSEEN, *LONG]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_array_equal(alone, encoder.encode(texts))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(texts=st.lists(st.text(max_size=200), min_size=1, max_size=8))
def test_both_libraries_agree_on_anything(
    numpy_model: StaticModel, torch_model: SentenceTransformer, texts: list[str]
) -> None:
    """Whatever the characters, the two agree, and a vector is of length one or zero."""
    ours, theirs = numpy_model.encode(texts), torch_model.encode(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    lengths = np.linalg.norm(ours, axis=1)
    assert np.all(np.isclose(lengths, 1, atol=1e-5) | (lengths == 0))


@pytest.mark.parametrize("text", UNSEEN)
def test_a_text_without_known_tokens_is_zero(
    numpy_model: StaticModel, torch_model: SentenceTransformer, text: str
) -> None:
    """Nothing known gives the zero vector, never NaN."""
    assert not numpy_model.encode([text]).any()
    assert not torch_model.encode([text]).any()


def test_the_end_of_a_long_text_is_read(numpy_model: StaticModel) -> None:
    """No library cuts a text off: what stands last still moves the vector."""
    start = "垃圾分类" * 1000
    plain, longer = numpy_model.encode([start, start + "河道水质监测" * 1000])
    assert float(plain @ longer) < 0.95


def test_width_and_case_do_not_matter(numpy_model: StaticModel) -> None:
    """Full and half width, upper and lower case read the same."""
    wide, narrow = numpy_model.encode(["ＰＭ２．５浓度（年均）", "pm2.5浓度(年均)"])
    np.testing.assert_array_equal(wide, narrow)


def test_meaning_shows(numpy_model: StaticModel) -> None:
    """Texts on one matter are nearer than texts on two."""
    asked, near, far = numpy_model.encode(["空气污染怎么治理", "大气污染防治工作", "人民法院开庭审理案件"])
    assert float(asked @ near) > float(asked @ far) + 0.1


def test_files_are_the_ones_the_card_names() -> None:
    """The card's SHA-256 lines are those of the files beside it."""
    card = (FOLDER / CARD).read_text(encoding="utf-8")
    named = dict(reversed(line) for line in re.findall(r"^([0-9a-f]{64})  (\S+)$", card, re.MULTILINE))
    assert named == {name: sha256(FOLDER / name) for name in HASHED}


def test_the_card_is_read_and_complete(numpy_model: StaticModel) -> None:
    """Front matter parses, figures were measured, no blank is left."""
    card = (FOLDER / CARD).read_text(encoding="utf-8")
    assert numpy_model.language == ["zh"]
    assert "CMRC" in card and "not measured" not in card and "$" not in card


def test_every_file_is_readable_by_others() -> None:
    """A service that runs as another user than the one who installed it can load the model."""
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in FOLDER.rglob("*") if path.is_file())


def test_the_folder_is_small() -> None:
    """All files together take at most five million bytes."""
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 5_000_000


def test_loading_needs_neither_torch_nor_network() -> None:
    """A fresh process loads and encodes with sockets forbidden and without torch."""
    script = (
        "import socket, sys\n"
        "def refuse(*_args, **_kwargs): raise OSError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from model2vec import StaticModel\n"
        "vector = StaticModel.from_pretrained(sys.argv[1]).encode('老旧小区改造')\n"
        "assert vector.any()\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)\n"
    )
    online = {k: v for k, v in os.environ.items() if k not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    command = [sys.executable, "-c", script, str(FOLDER)]
    done = subprocess.run(command, env=online, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
