"""A configuration to compare: a small TOML with fusion weights and an embedding model."""

from __future__ import annotations

import math
import tempfile
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.lines import QuestionFileError
from index.build import build
from index.embedding import load_encoder
from index.engines import Engines
from index.folder import IndexFolder
from index.reranker import Reranker
from index.retriever import Weights
from index.served import Served
from rag.engine import Engine
from rag.writing.writer import Writer

BUNDLED = Path(__file__).parent / "configs"
_KEYS = {"name", "weights", "embedding", "writer"}


@dataclass(frozen=True, slots=True)
class Config:
    """`embedding` is a model folder, or None for the one that the index was built with.

    `writer` names who words the answers (as WENCE_WRITER does), "" for the one that is set.
    """

    name: str
    weights: Weights
    embedding: Path | None = None
    writer: str = ""

    def as_json(self) -> dict[str, Any]:
        """The settings as a report shows them."""
        embedding = str(self.embedding) if self.embedding else None
        return {"weights": asdict(self.weights), "embedding": embedding, "writer": self.writer or None}


def read_config(name: str) -> Config:
    """The configuration `name`: one that ships, or the path of a TOML file.

    Raises:
        QuestionFileError: there is none, or it is wrong.
    """
    path = Path(name) if name.endswith(".toml") else BUNDLED / f"{name}.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = document.keys() - _KEYS
        if unknown:
            raise QuestionFileError(f"{path.name}：不认识的键 {'、'.join(sorted(unknown))}")
        embedding = document.get("embedding")
        title, weights = document.get("name"), Weights(**document.get("weights", {}))
        writer = document.get("writer", "")
        if not all(isinstance(value, str) for value in (title, embedding or "", writer)):
            raise QuestionFileError(f"{path.name}：name、embedding、writer 应是字符串，name 不能缺")
        _check(weights, path)
        if embedding is not None and not (path.parent / embedding).is_dir():
            raise QuestionFileError(f"{path.name}：embedding 指的模型文件夹 {embedding} 不存在")
        return Config(str(title), weights, path.parent / embedding if embedding else None, writer)
    except FileNotFoundError:
        known = "、".join(sorted(p.stem for p in BUNDLED.glob("*.toml")))
        raise QuestionFileError(f"没有配置 {name}；随附的有 {known}，或写一个 .toml 文件的路径") from None
    except QuestionFileError:
        raise
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise QuestionFileError(f"{path.name} 不是有效的配置（weights 只有 {_NAMES}）：{error}") from None


_NAMES = "、".join(Weights.__slots__)


def _check(weights: Weights, path: Path) -> None:
    for name, value in asdict(weights).items():
        if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise QuestionFileError(f"{path.name}：weights.{name} 应是不小于 0 的数，不是 {value!r}")
    if not any(weights.of_parts):
        raise QuestionFileError(f"{path.name}：words、vectors、asked_words、asked_vectors 不能都是 0")
    if weights.coverage > 1:
        raise QuestionFileError(f"{path.name}：weights.coverage 应在 0 和 1 之间")


def open_config(
    config: Config,
    index_dir: Path,
    sources: Path,
    bank: Path,
    model: Path | Served,
    cache: Path,
    reranker: Reranker | None = None,
    writer: Writer | None = None,
    engines: Engines | None = None,
) -> Engine:
    """An engine in that configuration; another model gets an index of its own under `cache`."""
    serving = None if isinstance(model, Served) else model.resolve()
    if config.embedding is not None and config.embedding.resolve() != serving:
        index_dir, model = Path(tempfile.mkdtemp(dir=cache)) / "index", config.embedding
        build(index_dir, sources, bank, model)
        engines = None
    opened = IndexFolder(index_dir, engines).open(load_encoder(model), config.weights)
    return Engine(opened, reranker=reranker, writer=writer)
