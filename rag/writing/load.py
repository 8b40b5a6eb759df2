"""The setting that names a writer: `extractive`, `transformers:PATH`, `openai:MODEL@URL`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from index.errors import ModelError
from index.locate import locate
from index.served import OPENAI, served
from rag.answer import EXTRACTIVE
from rag.writing.local import Bits, TransformersModel
from rag.writing.model import ChatModel, Limits
from rag.writing.server import OpenAIModel
from rag.writing.writer import Extractive, ModelWriter, Writer

TRANSFORMERS = "transformers"
FORMS = "extractive、transformers:模型文件夹或模型名、openai:模型@http://地址/v1"


@dataclass(frozen=True, slots=True)
class Options:
    """What a model may use.

    `context` tokens for prompt and answer; `running` requests to a server at a time, `waiting`
    generations in line; `bits` of a local model's weights; `key` for a server.
    """

    limits: Limits = field(default_factory=Limits)
    context: int = 4096
    running: int = 8
    waiting: int = 32
    bits: Bits = "auto"
    key: str = ""

    def __repr__(self) -> str:
        """Without the key."""
        return f"Options({self.limits}, context={self.context}, bits={self.bits})"


def located(spec: str, models: Path) -> tuple[str, str, str]:
    """The kind of writer that `spec` names, its model (a folder or a name) and its URL ("" where none).

    Nothing is loaded and no host asked: a missing model is told within a second.

    Raises:
        ModelError: it has another form, or the model is not on this disk.
    """
    kind, _, rest = spec.partition(":")
    if spec == EXTRACTIVE:
        return EXTRACTIVE, "", ""
    if kind == TRANSFORMERS and rest:
        return kind, str(locate(rest, models)), ""
    if (there := served(spec)) is not None:
        return kind, there.model, there.url
    raise ModelError(f"不认识的撰写者 {spec.partition('@')[0][:80]}；可用的写法：{FORMS}。")


def load_model(spec: str, models: Path, options: Options) -> ChatModel | None:
    """The model that `spec` names, loaded; None for `extractive`.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    kind, model, url = located(spec, models)
    if kind == TRANSFORMERS:
        named = spec.partition(":")[2]
        own = named if not Path(named).expanduser().is_dir() else ""  # not the hash of a hub's cache
        return TransformersModel(Path(model), options.context, options.waiting, options.bits, own)
    if kind == OPENAI:
        silent = max(options.limits.first_s, 1.0)
        return OpenAIModel(
            model,
            url,
            options.key,
            context=options.context,
            running=options.running,
            waiting=options.waiting,
            read_s=silent,
        )
    return None


def load_writer(spec: str, models: Path, options: Options) -> Writer:
    """The writer that `spec` names, ready to write.

    Raises:
        ModelError: as `load_model`.
    """
    model = load_model(spec, models, options)
    return Extractive() if model is None else ModelWriter(model, options.limits)
