"""The setting that names a writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelError
from rag.writing.load import Options, load_model, load_writer, located
from rag.writing.writer import Extractive


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("qwen", "不认识的撰写者 qwen"),
        ("transformers:", "不认识的撰写者"),
        ("transformers:Qwen/Qwen3-4B", "wence models pull Qwen/Qwen3-4B"),
        ("transformers:/no/such/folder", "找不到模型文件夹"),
        ("openai:qwen", "不认识的撰写者"),
        ("openai:@http://127.0.0.1/v1", "不认识的撰写者"),
        ("openai:qwen@ftp://127.0.0.1/v1", "不认识的撰写者"),
        ("openai:qwen@http://user:secret@127.0.0.1/v1", "不能带密钥"),
        ("openai:qwen@http://127.0.0.1/v1?key=secret", "不能带密钥"),
    ],
)
def test_what_names_no_writer_is_told(tmp_path: Path, spec: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as told:
        located(spec, tmp_path)
    assert "secret" not in str(told.value)


def test_what_names_one(tmp_path: Path) -> None:
    assert isinstance(load_writer("extractive", tmp_path, Options()), Extractive)
    (tmp_path / "Qwen" / "Qwen3-4B").mkdir(parents=True)
    assert located("transformers:Qwen/Qwen3-4B", tmp_path)[1] == str(tmp_path / "Qwen" / "Qwen3-4B")
    assert located("openai:qwen3@8b@https://models.example/v1", tmp_path) == (
        "openai",
        "qwen3@8b",
        "https://models.example/v1",
    )
    model = load_model("openai:qwen3:8b@http://127.0.0.1:1/v1", tmp_path, Options(key="secret"))
    assert model is not None and model.name == "openai:qwen3:8b"
    assert "secret" not in repr(Options(key="secret")) + repr(model) + str(vars(model))
