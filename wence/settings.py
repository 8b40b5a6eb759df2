"""Settings: read here, once, and passed down as arguments. Environment over defaults."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.bank import BUNDLED_BANK
from corpus.manifest import BUNDLED
from index.embedding import SHIPPED


def _data_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "wence"


class Settings(BaseSettings):
    """Every setting and its environment variable (`WENCE_` in front of the name)."""

    model_config = SettingsConfigDict(env_prefix="WENCE_", env_ignore_empty=True, frozen=True, extra="ignore")

    index_dir: Path = Field(default_factory=lambda: _data_home() / "index")
    """Folder of the index."""
    sources: Path = BUNDLED
    """Manifest of the source documents."""
    bank: Path = BUNDLED_BANK
    """Folder of the question bank."""
    embedding: str = str(SHIPPED)
    """The embedding model: a folder, or the name of one on this disk."""
    reranker: str = ""
    """A cross-encoder that looks at the first records again, named likewise; none by default."""
    models: Path = Field(default_factory=lambda: _data_home() / "models")
    """Folder that `wence models pull` fills."""
    host: str = "127.0.0.1"
    """Address that `wence serve` listens on."""
    port: int = Field(default=8737, ge=1, le=65535)
    """Port that `wence serve` listens on."""
    build_wait_s: float = Field(default=60.0, ge=0)
    """Seconds that a build waits for another one to end."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it."""


def read_settings(**chosen: str | None) -> Settings:
    """The settings of this process; what is `chosen` on the command line goes before the environment.

    Raises:
        SettingsError: one has a value of the wrong kind.
    """
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "；".join(
            f"WENCE_{str(item['loc'][0]).upper()}={item['input']!r}：{item['msg']}" for item in error.errors()
        )
        raise SettingsError(f"设置有误：{wrong}") from None
