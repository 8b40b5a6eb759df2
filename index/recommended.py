"""Models that suit wence (`recommended.toml`), and what each needs in memory."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Purpose = Literal["chat", "embedding", "rerank"]
PURPOSES: dict[Purpose, str] = {"chat": "撰写", "embedding": "向量", "rerank": "重排"}
_FILE = Path(__file__).with_name("recommended.toml")
_BESIDE = 1.2  # of the weights: what prompt, cache and libraries take beside them


@dataclass(frozen=True, slots=True)
class Recommended:
    """A model by its name on the hub and on ModelScope; `parameters` in thousand millions."""

    name: str
    purpose: Purpose
    parameters: float
    licence: str

    @property
    def memory_gb(self) -> tuple[float, float]:
        """GB that it needs with 16 and with 4 bits a weight, worked out from the parameters."""
        return self.parameters * 2 * _BESIDE, self.parameters * 0.6 * _BESIDE


@lru_cache(maxsize=1)
def recommended() -> tuple[Recommended, ...]:
    """The models of the file, in its order."""
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Recommended(
            entry["name"],
            purpose,
            float(entry["parameters"]),
            entry["licence"],
        )
        for purpose in PURPOSES
        for entry in document[purpose]
    )
