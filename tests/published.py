"""The seven table plans as they would be published, written from the transcription of their measures.

`PUBLICATIONS` are the files as the offices send them out (the four drafts of 延庆区 are one file);
`write` prints one as docx, xlsx or html, `as_pdf` turns docx files into pdf with one call of LibreOffice.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.manifest import BUNDLED
from tests.published_docx import write_docx
from tests.published_grid import Measure, Plan, Publication, Style
from tests.published_html import write_html
from tests.published_letters import call, order
from tests.published_xlsx import write_xlsx

GOLD = Path(__file__).parent / "corpus" / "gold" / "measures.jsonl"
SOFFICE = shutil.which("soffice")
_NOTE = "较峰值保持下降，指较2012年峰值保持下降。"
_STYLES = {
    "bj-green-2026": Style(footnote=_NOTE),
    "bj-governance-2026": Style(rows_a_page=9),
    "yq-pollution-2026": Style(none="——"),
    "yq-green-2026": Style(numbered=True),
    "yq-governance-2026": Style(headings="paragraphs", merged=("完成时限",)),
    "yq-indicators-2026": Style(),
    "hr-green-2026": Style(
        headings="paragraphs", merged=("完成时限", "牵头部门", "主责单位", "协办单位"), none="—"
    ),
}


def gold() -> list[dict[str, Any]]:
    """The transcription, measure by measure."""
    return [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]


def write(path: Path, publication: Publication, encoding: str = "utf-8") -> Path:
    """Print `publication` at `path` in the format of its suffix."""
    if path.suffix == ".docx":
        write_docx(path, publication)
    elif path.suffix == ".xlsx":
        write_xlsx(path, publication)
    else:
        write_html(path, publication, encoding)
    return path


def write_plan(path: Path, plan: Plan) -> Path:
    """Print one plan without a cover at `path` (docx, xlsx or html)."""
    return write(path, Publication(path.stem, (plan,)))


def as_pdf(files: Sequence[Path], folder: Path) -> list[Path]:
    """The docx `files` as pdf in `folder`, in one call of LibreOffice with a profile of its own."""
    assert SOFFICE is not None
    profile = folder / "profile"
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    shutil.rmtree(profile)
    return [folder / f"{file.stem}.pdf" for file in files]


def transcribed(record: dict[str, Any]) -> Measure:
    """A measure of the transcription as a plan states it."""
    return Measure(
        int(record["id"].split("/")[1]),
        record["task"],
        record["text"],
        record["deadline"],
        {role: tuple(names) for role, names in record["roles"].items()},
        tuple(record["path"]),
        tuple(record["open_ended"]),
        record["target"],
        record["category"],
    )


def _publications() -> tuple[Publication, ...]:
    entries = tomllib.loads(BUNDLED.read_text(encoding="utf-8"))["plan"]
    titles = {entry["id"]: entry["title"] for entry in entries}
    groups = groupby(gold(), key=lambda record: record["id"].split("/")[0])
    plans = {
        plan: Plan(plan, titles[plan], tuple(map(transcribed, records)), _STYLES[plan])
        for plan, records in groups
    }
    drafts = tuple(plan for name, plan in plans.items() if name.startswith("yq-"))
    city = "北京市生态文明建设委员会办公室"
    return (
        Publication(
            "市绿色低碳",
            (plans["bj-green-2026"],),
            order(plans["bj-green-2026"], city, "各区政府，市政府各委、办、局："),
            city,
        ),
        Publication("市多元共治", (plans["bj-governance-2026"],)),
        Publication("延庆征求意见", drafts, call(drafts), "延庆区生态文明建设委员会办公室"),
        Publication(
            "怀柔绿色低碳",
            (plans["hr-green-2026"],),
            order(plans["hr-green-2026"], "怀柔区生态文明建设委员会办公室", "各有关单位："),
        ),
    )


PUBLICATIONS = _publications()
