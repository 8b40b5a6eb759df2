"""Plans added, replaced, retired: the library and the index change together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.addition import Preview
from corpus.errors import SourceError
from corpus.library import HeldFile, HeldPlan, Library, Register, key_of, unique_name, with_library
from corpus.manifest import Source, read_manifest
from corpus.types import Plan
from index.build import Built
from index.progress import Progress, quiet

Rebuild = Callable[[Register, Progress], Built]


class UnknownPlanError(SourceError):
    """No plan has that id or name."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did: the plans that are new, the drafts that they took the place of, the index."""

    plans: tuple[Plan, ...]
    superseded: tuple[str, ...]
    built: Built


class Plans:
    """The plans of an office: bundled and added.

    Args:
        manifest: the bundled sources.
        library: the added ones.
        rebuild: builds the index with a register that takes the library's place when it is done.
        wait_s: seconds to wait for another change to end.
    """

    def __init__(self, manifest: Path, library: Library, rebuild: Rebuild, wait_s: float = 60.0) -> None:
        self.manifest = manifest
        self.library = library
        self._rebuild = rebuild
        self._wait_s = wait_s

    def sources(self, register: Register | None = None) -> tuple[Source, ...]:
        """Every plan with where it is read from, in order."""
        return with_library(read_manifest(self.manifest), self.library, register or self.library.register())

    def held(self) -> tuple[Plan, ...]:
        """Every plan, in order."""
        return tuple(source.plan for source in self.sources())

    def named(self, name: str) -> Plan:
        """The plan with that id, short name or title.

        Raises:
            UnknownPlanError: there is none.
        """
        held = self.held()
        found = [plan for plan in held if name in (plan.id, plan.short, plan.title)]
        if not found:
            known = "、".join(plan.id for plan in held)
            raise UnknownPlanError(name, None, f"没有这个计划；现有 {known}")
        return found[0]

    def add(self, previews: Sequence[Preview], progress: Progress = quiet) -> Change:
        """Add what was previewed, all in one step; a preview that `replaces` a plan takes its place.

        Raises:
            SourceError: a question is open, or the library has changed since the preview.
            BankError, IndexFolderError, ModelError: as `index.build.build`. Nothing is changed then.
        """
        with self.library.lock(self._wait_s):
            before = self.library.register()
            register, superseded = before, dict(before.superseded)
            new: list[Plan] = []
            try:
                for preview in previews:
                    register = self._with(preview, register)
                    for proposal in preview.proposals:
                        new.append(proposal.plan)
                        superseded |= dict.fromkeys(proposal.supersedes, proposal.plan.id)
                        if proposal.superseded_by:
                            superseded[proposal.plan.id] = proposal.superseded_by
                register = replace(register, superseded=superseded)
                built = self._rebuild(register, progress)
            except BaseException:
                self.library.sweep(self.library.register())
                raise
            self.library.sweep(register)
        gone = tuple(plan for plan in superseded if superseded.get(plan) != before.superseded.get(plan))
        return Change(tuple(new), gone, built)

    def retire(self, plan: str, progress: Progress = quiet) -> Built:
        """Take a plan out of force: it is kept and can be looked up, but no answer rests on it."""
        return self._mark(plan, datetime.now(UTC).date().isoformat(), progress)

    def restore(self, plan: str, progress: Progress = quiet) -> Built:
        """Put a retired plan in force again."""
        return self._mark(plan, None, progress)

    def _mark(self, plan: str, retired: str | None, progress: Progress) -> Built:
        with self.library.lock(self._wait_s):
            register = self.library.register()
            rest = {name: day for name, day in register.retired.items() if name != plan}
            marked = rest | ({plan: retired} if retired else {})
            return self._rebuild(replace(register, retired=marked), progress)

    def _with(self, preview: Preview, register: Register) -> Register:
        """`register` with a previewed file and its plans; the file is kept already."""
        name = preview.document.name
        if not preview.complete:
            raise SourceError(
                name, None, "还有没回答的问题：" + "；".join(q.words for q in preview.questions)
            )
        held = self.sources(register)
        self._check_free(preview, held)
        gone = {preview.replaces} if preview.replaces else set()
        kept = tuple(plan for plan in register.plans if plan.plan.id not in gone)
        used = {plan.key for plan in kept}
        names = {file.name for file in register.files if file.key in used} | {s.plan.file for s in held}
        unique = unique_name(name, names)
        if key_of(preview.path) in used:
            raise SourceError(name, None, "这份文件已经加入过（内容完全相同），没有重复加入")
        key = self.library.keep(preview.path, preview.document, unique)
        added = datetime.now(UTC).isoformat(timespec="seconds")
        file = HeldFile(key, unique, added, preview.mapping)
        files = (*(file for file in register.files if file.key in used), file)
        plans = (HeldPlan(proposal.plan, key, proposal.part) for proposal in preview.proposals)
        return replace(register, files=files, plans=(*kept, *plans))

    @staticmethod
    def _check_free(preview: Preview, held: Iterable[Source]) -> None:
        others = [source.plan for source in held if source.plan.id != preview.replaces]
        for proposal in preview.proposals:
            for plan in others:
                if proposal.plan.id == plan.id or proposal.plan.short == plan.short:
                    problem = f"编号 {plan.id} 或简称“{plan.short}”刚被另一个计划用了，请重新预览"
                    raise SourceError(preview.document.name, None, problem)
