"""Settings: read here, once, and passed down as arguments. Environment over defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.bank import BUNDLED_BANK
from corpus.manifest import BUNDLED
from index.embedding import SHIPPED
from rag.answer import EXTRACTIVE


def _data_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "wence"


def _reports() -> Path:
    """Beside the sources in a checkout, where the benchmark has written its record there."""
    beside = Path(__file__).parents[1] / "eval-results"
    return beside if beside.is_dir() else _data_home() / "eval-results"


class Settings(BaseSettings):
    """Every setting and its environment variable (`WENCE_` in front of the name)."""

    model_config = SettingsConfigDict(env_prefix="WENCE_", env_ignore_empty=True, frozen=True, extra="ignore")

    index_dir: Path = Field(default_factory=lambda: _data_home() / "index")
    """Folder of the index."""
    index: str = "files"
    """Where words and vectors are: `files` of that folder, or `milvus:http://HOST:19530`."""
    milvus_token: SecretStr = SecretStr("")
    """USER:PASSWORD or key of the Milvus server, where its address does not hold it."""
    store_url: str = Field(default="", repr=False)
    """Database of the measures, postgresql://USER:PASSWORD@HOST/NAME; a file of that folder where empty."""
    sources: Path = BUNDLED
    """Manifest of the source documents."""
    plans: Path = Field(default_factory=lambda: _data_home() / "plans")
    """Folder of the plans that were added with `wence plan add`."""
    plan_mb: int = Field(default=50, ge=1, le=500)
    """Megabytes that a file with plans may have."""
    bank: Path = BUNDLED_BANK
    """Folder of the question bank."""
    embedding: str = str(SHIPPED)
    """The embedding model: a folder, the name of one on this disk, or `openai:MODEL@URL`."""
    embedding_workers: int = Field(default=0, ge=0, le=64)
    """Processes in which a build encodes texts with a transformer model; none beside its own where 0."""
    reranker: str = ""
    """A cross-encoder that looks at the first records again, named likewise; none by default."""
    writer: str = EXTRACTIVE
    """Who words answers: `extractive`, `transformers:PATH`, `openai:MODEL@URL`."""
    writer_first_s: float = Field(default=30.0, gt=0)
    """Seconds until the first sentence of a model must stand; then the plans' own are given."""
    writer_total_s: float = Field(default=120.0, gt=0)
    """Seconds that a model may take for one question."""
    writer_tokens: int = Field(default=600, ge=16)
    """Tokens that a model may write for one question."""
    writer_context: int = Field(default=4096, ge=256)
    """Tokens that a model is given, its answer included."""
    writer_running: int = Field(default=8, ge=1)
    """Requests that a model server gets at a time; a local model does one."""
    writer_waiting: int = Field(default=32, ge=0)
    """Generations that stand in line; further questions are answered without the model."""
    writer_bits: Literal["auto", "16", "4"] = "auto"
    """Bits of a local model's weights."""
    follow_ups: bool = False
    """Whether the model rewrites follow-up questions; what the rules read of place and department holds."""
    api_key: SecretStr = SecretStr("")
    """Key of a model server, of the writer's and of the embedding model's."""
    models: Path = Field(default_factory=lambda: _data_home() / "models")
    """Folder that `wence models pull` fills."""
    host: str = "127.0.0.1"
    """Address that `wence serve` listens on."""
    port: int = Field(default=8737, ge=1, le=65535)
    """Port that `wence serve` listens on."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that answer; they share the index on the disk."""
    auth: Literal["auto", "always", "never"] = "auto"
    """Who needs a key: `auto` all but this machine itself where only it can reach the address, `always`
    everyone, `never` nobody (said outright)."""
    proxies: str = ""
    """Addresses or networks of trusted reverse proxies, parted by commas."""
    user_header: str = ""
    """The header in which a trusted proxy names the user; believed from no one else."""
    admins: str = ""
    """The users named so who are admins, parted by commas."""
    rate: str = "600/minute"
    """Requests that one key, user or address may make, to each worker; no limit where `off`."""
    session_hours: float = Field(default=12.0, gt=0)
    """Hours that a browser which has given its key stays logged in."""
    cors: str = ""
    """Other sites whose pages may call the API, parted by commas: https://portal.example."""
    body_kb: int = Field(default=256, ge=8)
    """Kilobytes that the body of a request may have."""
    body_s: float = Field(default=15.0, gt=0)
    """Seconds in which a request's head, and again its body, must have come."""
    request_s: float = Field(default=300.0, gt=0)
    """Seconds after which a request is given up."""
    leave_s: int = Field(default=30, ge=1)
    """Seconds that running answers get when the service is stopped."""
    log: Literal["auto", "json", "text"] = "auto"
    """Form of the log on standard error: `auto` is text at a terminal, JSON elsewhere."""
    state_url: str = Field(default_factory=lambda: f"sqlite:///{_data_home() / 'state.sqlite'}", repr=False)
    """Database of keys, feedback and audit: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."""
    audit_days: int = Field(default=180, ge=0, le=36500)
    """Days that the audit of questions is kept; none is kept where 0."""
    reports: Path = Field(default_factory=_reports)
    """Folder of the benchmark's record and report, which the page 评测 shows."""
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
