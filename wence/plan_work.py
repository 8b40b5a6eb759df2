"""Adding plans from the terminal: each file previewed, shown and asked about, then all added in one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from corpus.addition import Given, Preview
from corpus.columns import read_mapping
from corpus.errors import SourceError
from corpus.formats.any import read_document
from corpus.proposing import look
from corpus.types import Plan
from index.build import STEPS
from index.plans import Change, Plans
from rag.options import ConditionError
from wence import plan_view, terminal
from wence.plan_given import LEAVE, answered, field_of, missing
from wence.settings import Settings
from wence.wiring import plans_of

SUFFIXES = (".docx", ".docm", ".doc", ".pdf", ".xlsx", ".xlsm", ".html", ".htm", ".rtf", ".odt", ".wps")


@dataclass
class Done:
    """What came of a batch: the plans added, files that were passed over, and why others failed."""

    added: list[Plan] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "added": [
                {"id": p.id, "short": p.short, "title": p.title, "status": p.status} for p in self.added
            ],
            "superseded": self.superseded,
            "declined": self.declined,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
        }


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths`, and those of a form that can be read in the folders among them."""
    found: list[Path] = []
    for path in paths:
        found += readable(path) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def readable(folder: Path) -> list[Path]:
    """The files of `folder`, by name, that a reader may know; what an office program has open is left."""
    inside = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith(("~$", ".")))
    return sorted(path for path in inside if path.suffix.lower() in SUFFIXES)


def mapping(columns: Path | None) -> dict[str, str]:
    """The mapping file that was named, or none.

    Raises:
        SourceError: it is wrong.
    """
    return read_mapping(columns) if columns is not None else {}


class Work:
    """Adds plans; with `ask` questions are put to the person at the terminal, else they are errors."""

    def __init__(self, settings: Settings, *, ask: bool, quiet: bool) -> None:
        self.plans: Plans = plans_of(settings)
        self._max_mb = settings.plan_mb
        self._ask = ask
        self._quiet = quiet

    def add(
        self, paths: Sequence[Path], given: Given | None, columns: Mapping[str, str], parts: Sequence[int]
    ) -> Done:
        """Preview every file, ask, and add what is agreed; a bad file does not stop the others."""
        done, agreed = Done(), list[Preview]()
        held = list(self.plans.held())
        many = len(paths) > 1 and not self._ask
        with terminal.counted(len(paths), "读取文件") if many else nullcontext(lambda: None) as step:
            for path in paths:
                try:
                    seen = self._settled(path, held, given, columns, parts)
                except (SourceError, ConditionError) as error:
                    self._fail(done, path, str(error))
                else:
                    if seen is None:
                        done.declined.append(str(path))
                    else:
                        agreed.append(seen)
                        held += [proposal.plan for proposal in seen.proposals]
                step()
        self._store(agreed, done)
        return done

    def replace(
        self, plan: str, path: Path, given: Given | None, columns: Mapping[str, str], parts: Sequence[int]
    ) -> Done:
        """Put a new text in the place of a plan's.

        Raises:
            SourceError: there is no such plan, or the file cannot be read.
        """
        done = Done()
        replaced = self.plans.named(plan)
        seen = self._settled(path, list(self.plans.held()), given, columns, parts, replaced)
        self._store([seen] if seen else [], done)
        return done

    def _store(self, agreed: list[Preview], done: Done) -> None:
        if not agreed:
            return
        with terminal.progress(len(STEPS), "加入") as step:
            change = self.plans.add(agreed, step)
        done.added += change.plans
        done.superseded += change.superseded
        done.seconds = change.built.seconds
        if not self._quiet:
            self._tell(change)

    @staticmethod
    def _tell(change: Change) -> None:
        for plan in change.plans:
            terminal.say(f"已加入 {plan.id}（简称 {plan.short}）：《{plan.title}》")
        for plan_id in change.superseded:
            terminal.say(f"{plan_id} 已被正式文本取代，答复不再依据它。")

    def _fail(self, done: Done, path: Path, why: str) -> None:
        done.failed[str(path)] = why
        terminal.say(f"没有加入：{why}" if why.startswith(path.name) else f"没有加入 {path.name}：{why}")

    def _settled(
        self,
        path: Path,
        held: list[Plan],
        given: Given | None,
        columns: Mapping[str, str],
        parts: Sequence[int],
        replacing: Plan | None = None,
    ) -> Preview | None:
        """The file's preview with every question answered; None where the operator said no."""
        answers: dict[int, Given] = {}
        names, wanted = dict(columns), {part - 1 for part in parts}
        document = read_document(path, self._max_mb)
        while True:
            seen = look(path, document, held, answers, names, replacing=replacing, only=wanted)
            missed = wanted - {proposal.part for proposal in seen.proposals}
            if missed and seen.proposals:
                raise ConditionError(f"文件里没有第 {max(missed) + 1} 部分，或者它不是计划")
            if given is not None and seen.proposals:
                if len(seen.proposals) > 1:
                    count = len(seen.proposals)
                    raise ConditionError(f"文件里有 {count} 个计划，不能统一指定标题等；请用 --part 选一个")
                answers[seen.proposals[0].part], given = given, None
                continue
            if not seen.questions:
                break
            if not self._ask:
                raise ConditionError(missing(seen.questions))
            self._put(seen, answers, names)
        if not seen.proposals:
            raise ConditionError("文件里没有要加入的部分")
        if not self._quiet:
            plan_view.show_preview(seen)
        if self._ask and not typer.confirm("加入？", default=True):
            return None
        return seen

    @staticmethod
    def _put(seen: Preview, answers: dict[int, Given], names: dict[str, str]) -> None:
        """Put the open questions to the person at the terminal."""
        for question in seen.questions:
            while True:
                if question.choices:
                    listed = "、".join(words for _, words in question.choices)
                    terminal.say(f"可选：{listed}")
                if question.part:
                    terminal.say(f"不要这一部分的，答“{LEAVE}”。")
                value = typer.prompt(question.words)
                try:
                    if question.part is None:
                        names[question.name] = field_of(value)
                    else:
                        before = answers.get(question.part, Given())
                        answers[question.part] = answered(before, question.name, value)
                except ConditionError as error:
                    terminal.say(str(error))
                    continue
                break
