"""Models by name: a folder, or a name whose files are on this disk. The network is never asked."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from index.errors import ModelError

_NAME = re.compile(r"(?:\w[\w.-]{0,95}/)?\w[\w.-]{0,95}")
# Weights for other programs, which the loaders here do not read.
_OTHERS = (
    "*.onnx",
    "*.onnx_data",
    "*.msgpack",
    "*.h5",
    "*.ot",
    "*.tflite",
    "onnx/*",
    "openvino/*",
    "*.gguf",
    "original/*",
)


def locate(name: str, models: Path) -> Path:
    """The folder of the model `name`: a path, a folder under `models`, or the hub client's cache.

    Raises:
        ModelError: it is none of them; the message says what can be done. Within a second:
            no host is asked.
    """
    with contextlib.suppress(OSError, RuntimeError, ValueError):  # no such user, a name too long
        for folder in (Path(name).expanduser(), models / name):
            if folder.is_dir():
                return folder
    if not _NAME.fullmatch(name):
        raise ModelError(f"找不到模型文件夹：{name[:200]}。请给出文件夹的路径，或本机已有的模型名。")
    if (cached := _cached(name)) is not None:
        return cached
    advice = f"请在能上网的机器上运行 wence models pull {name}，或给出模型文件夹的路径"
    raise ModelError(f"本机没有模型 {name}（找过 {models}）；{advice}。")


def architectures(folder: Path) -> list[str]:
    """What the model in `folder` is, by its config.json; empty where that does not say.

    Raises:
        OSError, ValueError: there is no config.json, or none that can be read.
    """
    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kinds = described.get("architectures") if isinstance(described, dict) else None
    if not isinstance(described, dict) or not isinstance(kinds, list | None):
        raise ValueError("不是模型的说明")
    return [str(kind) for kind in kinds or []]


def _cached(name: str) -> Path | None:
    """The snapshot of `name` in the hub client's own cache, if one is there.

    The client takes half a second to import: it is asked only where there is such a folder.
    """
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    if not (cache / f"models--{name.replace('/', '--')}").is_dir():
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, cache_dir=cache, local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None


def pull(name: str, models: Path, endpoint: str | None = None, source: Source = "hub") -> Path:
    """Fetch the model `name` from `source` (or a mirror of it at `endpoint`) into `models`/`name`.

    A cut download leaves no half model there: files arrive in a hidden folder, and a
    second call goes on with what has come.

    Raises:
        ModelError: the name is none, or the source does not give it.
    """
    if not _NAME.fullmatch(name):
        raise ModelError(f"{name} 不是模型名；应像 BAAI/bge-small-zh-v1.5。")
    target, arriving = models / name, models / ".arriving" / name
    try:
        arriving.mkdir(parents=True, exist_ok=True)
        _SOURCES[source](name, arriving, endpoint)
        if not (arriving / "config.json").is_file():
            raise ModelError("取来的文件里没有 config.json，不是可用的模型")
        for left in arriving.glob(".*"):  # what the clients keep for themselves
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        elif target.exists():
            shutil.rmtree(target)
        arriving.replace(target)
    except Exception as error:  # whatever the client makes of a network that is closed
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"模型 {name} 没有取来：{why}") from error
    return target


def _from_hub(name: str, folder: Path, endpoint: str | None) -> None:
    from huggingface_hub import snapshot_download

    snapshot_download(name, local_dir=folder, endpoint=endpoint, ignore_patterns=list(_OTHERS))


def _from_modelscope(name: str, folder: Path, endpoint: str | None) -> None:
    from modelscope_hub import HubApi

    api = HubApi(endpoint=endpoint)
    api.download_repo(name, "model", local_dir=folder, ignore_patterns=list(_OTHERS))


Source = Literal["hub", "modelscope"]
_SOURCES: dict[Source, Callable[[str, Path, str | None], None]] = {
    "hub": _from_hub,
    "modelscope": _from_modelscope,
}
