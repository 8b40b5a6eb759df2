"""Models behind an OpenAI-compatible server: `openai:MODEL@URL`, its client, and what goes wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.errors import ModelError
from index.locate import locate

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI = "openai"
CONNECT_S = 5.0
_SERVED = re.compile(r"(.+?)@(https?://.+)")


@dataclass(frozen=True, slots=True)
class Served:
    """`model` at `url` (ends in /v1). The key is sent and never written anywhere."""

    model: str
    url: str
    key: str = field(default="", repr=False, compare=False)

    def client(self, read_s: float, retries: int) -> OpenAI:
        """A client that waits `read_s` seconds for a silent server and asks up to `retries` times more.

        It asks again after a lost connection, a 429 or a 5xx. Proxies of the environment are not used.
        """
        import openai

        return openai.OpenAI(
            base_url=self.url,
            api_key=self.key or "none",
            max_retries=retries,
            timeout=openai.Timeout(read_s, connect=CONNECT_S),
            http_client=openai.DefaultHttpxClient(trust_env=False, follow_redirects=False),
        )

    def wrong(self, error: Exception) -> str:
        """What went wrong, in Chinese, without address or key: readers of answers see it."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            return "模型服务超时"
        if isinstance(error, openai.APIConnectionError):
            return "连不上模型服务"
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return "模型服务不接受密钥；请检查环境变量 WENCE_API_KEY"
        if isinstance(error, openai.NotFoundError):
            return f"模型服务没有 {self.model}，或地址不对（404）"
        if isinstance(error, openai.RateLimitError):
            return "模型服务限流（429）"
        if isinstance(error, openai.APIStatusError):
            return f"模型服务出错（{error.status_code}）"
        return f"模型服务出错（{type(error).__name__}）"


def served(spec: str, key: str = "") -> Served | None:
    """The model that `openai:MODEL@URL` names; None where `spec` has another form.

    Raises:
        ModelError: the address carries a key.
    """
    kind, _, rest = spec.partition(":")
    named = _SERVED.fullmatch(rest) if kind == OPENAI else None
    if named is None:
        return None
    model, url = named.groups()
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query:
        raise ModelError("模型服务的地址里不能带密钥；密钥请放在环境变量 WENCE_API_KEY 里。")
    return Served(model, url, key) if parts.hostname else None


def embedding_model(spec: str, models: Path, key: str = "") -> Path | Served:
    """What the setting of an embedding model names: a folder on this disk, or a model behind a server.

    Raises:
        ModelError: it names none. No host is asked.
    """
    if (found := served(spec, key)) is not None:
        return found
    if spec.startswith(f"{OPENAI}:"):
        named = spec.partition("@")[0][:80]
        raise ModelError(f"不认识的向量模型 {named}；模型服务应写成 openai:模型@http://地址/v1。")
    return locate(spec, models)
