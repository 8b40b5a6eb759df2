"""Vectors kept while a build runs: one that was stopped goes on, and encodes nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import vectors_kept
from index.embedding import Vectors
from index.manifest import Inputs
from index.vectors_kept import Kept

SIZE = 4  # texts of a batch, here
INPUTS = Inputs({}, {}, {}, {"model.safetensors": "a"}, "code")
SERVED = replace(INPUTS, model={"served": "bge", "dimensions": "2", "probe": "0.6000 0.8000"})
TEXTS = [f"措施{n}" for n in range(3 * SIZE)]


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_kept, "BATCH", SIZE)
        yield


class Encoding:
    """Vectors of texts by their characters; it notes what it encodes, and fails after `batches`."""

    def __init__(self, batches: int = 10**6) -> None:
        self.left = batches
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if not self.left:
            raise MemoryError
        self.left -= 1
        self.texts += texts
        made = [[len(text), sum(map(ord, text)) % 97, 1] for text in texts]
        return np.array(made, dtype=np.float32)


@given(st.lists(st.text(max_size=3), min_size=1, max_size=5 * SIZE), st.integers(0, 5))
def test_a_build_that_was_stopped_encodes_only_the_rest(texts: list[str], batches: int) -> None:
    with TemporaryDirectory() as folder:
        first, second, told = Encoding(batches), Encoding(), list[tuple[int, int]]()
        if batches * SIZE < len(texts):
            with pytest.raises(MemoryError):
                Kept(Path(folder), INPUTS).encoded(texts, first, "records")
        else:
            Kept(Path(folder), INPUTS).encoded(texts, first, "records")
        again = Kept(Path(folder), INPUTS, lambda done, of: told.append((done, of)))
        vectors = again.encoded(texts, second, "records")
        np.testing.assert_array_equal(vectors, Encoding()(texts))
        assert vectors.dtype == np.float32
        batches_made = {tuple(texts[at : at + SIZE]) for at in range(0, len(texts), SIZE)}
        assert len(first.texts + second.texts) == sum(map(len, batches_made))
        assert [done for done, _ in told] == [*range(SIZE, len(texts), SIZE), len(texts)]
        assert {of for _, of in told} == {len(texts)}
        again.clear()
        assert not any(Path(folder).iterdir())


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "half written"])
def test_a_damaged_file_is_made_again(tmp_path: Path, harm: str) -> None:
    whole = Kept(tmp_path, INPUTS).encoded(TEXTS, Encoding(), "records")
    file = sorted(tmp_path.rglob("*.vectors"))[1]
    content = file.read_bytes()
    if harm == "half written":  # killed before it had its name
        file.rename(file.with_suffix(".new"))
        file.with_suffix(".new").write_bytes(content[:50])
    else:
        harms = {"cut": content[:-1], "changed": content[:-1] + bytes([content[-1] ^ 1]), "empty": b""}
        file.write_bytes(harms[harm])
    encode = Encoding()
    np.testing.assert_array_equal(Kept(tmp_path, INPUTS).encoded(TEXTS, encode, "records"), whole)
    assert len(encode.texts) == SIZE
    assert file.read_bytes() == content and not file.with_suffix(".new").exists()


def test_what_makes_other_vectors_is_kept_apart(tmp_path: Path) -> None:
    Kept(tmp_path, INPUTS).encoded(TEXTS, Encoding(), "records")
    Kept(tmp_path, SERVED).encoded(TEXTS, Encoding(), "records")

    def encodes(inputs: Inputs, kind: vectors_kept.Kind = "records") -> bool:
        encode = Encoding()
        Kept(tmp_path, inputs).encoded(TEXTS, encode, kind)
        return bool(encode.texts)

    assert encodes(INPUTS, "questions")
    assert encodes(replace(INPUTS, code="other"))
    assert encodes(replace(INPUTS, model={"model.safetensors": "b"}))
    assert not encodes(INPUTS) and not encodes(replace(INPUTS, sources={"new": "plan"}))
    assert not encodes(replace(SERVED, model=SERVED.model | {"probe": "0.6001 0.7999"}))  # other hardware
    assert encodes(replace(SERVED, model=SERVED.model | {"probe": "0.8000 0.6000"}))  # another model
