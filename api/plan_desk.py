"""The desk where plans are added, replaced and retired: what the endpoints and the page 计划 both do."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.answering import Log
from api.context import caller
from api.plan_around import Around, around, box_on, places_of
from api.plan_looked import Looked, UnknownPartError
from api.plan_staging import STAGING, Staging, Upload, file_name, now
from api.serving import Serving
from api.state.entries import Asked
from corpus import transcript
from corpus.addition import Given, Preview, TwicePlanError
from corpus.columns import checked_mapping
from corpus.document import Document
from corpus.errors import SourceError
from corpus.formats.any import read_document
from corpus.places import places
from corpus.proposing import look
from corpus.types import Plan
from index.build import Built
from index.plans import Plans

SERVES_S = 20.0  # how long an answer waits for the new index to serve
_KEPT = 6  # documents that are kept read
_DRAWING = threading.Lock()  # PDFium draws one page at a time
_NO_PAGE = "这份文件没有第 {n} 页的页面图。"
_OPEN = "还有问题没有回答，或没有要加入的部分；请先看它的预览"
_BUNDLED = "{id} 是随程序附带的计划，没有原件可下载。"


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: the plans, what they took the place of, seconds, whether it serves here."""

    plans: tuple[Plan, ...]
    superseded: tuple[str, ...]
    seconds: float
    serves: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A plan that is held: when it was added (an ISO time; empty for a bundled one) and retired (a date)."""

    plan: Plan
    added: str
    retired: str


class PlanDesk:
    """Uploads, previews and changes of `plans`; each change is entered in `log`.

    Args:
        plans: the library and how it is built into the index.
        max_mb: megabytes that a file may have.
        serving: hands out the engine of this process.
        log: the audit, where one is kept.
    """

    def __init__(self, plans: Plans, max_mb: int, serving: Serving, log: Log | None = None) -> None:
        self.plans = plans
        self.max_mb = max_mb
        self.staging = Staging(plans.library.folder / STAGING)
        self._serving = serving
        self._log = log
        self._seen: OrderedDict[str, Looked] = OrderedDict()
        self._lock = threading.Lock()

    # Uploads

    def take(self, token: str, arrived: Path, name: str, replaces: str = "") -> Looked:
        """Read the file that has `arrived` for `token`, and look at it; the upload stands then.

        Raises:
            SourceError: it cannot be read, or there is no plan that it `replaces`.
        """
        named = self.plans.named(replaces).id if replaces else ""
        upload = Upload(token, file_name(name), now(), named)
        arrived.rename(self.staging.original(upload))
        looked = self._look(upload, self._read(upload))
        self.staging.save(upload)
        return looked

    def looked(self, token: str) -> Looked:
        """How that upload would be added now.

        Raises:
            UnknownUploadError: there is none.
        """
        return self._look(self.staging.load(token))

    def answer(
        self,
        token: str,
        given: Mapping[int, Mapping[str, Any]],
        mapping: Mapping[str, str],
        replaces: str | None = None,
    ) -> Looked:
        """Look again with more answers.

        `given` are fields of `Given` by part (None: as the document has it), `mapping` columns (empty: not
        said), `replaces` a plan (empty: none; None: as before).

        Raises:
            UnknownUploadError: there is no such upload.
            SourceError: an answer cannot be one.
        """
        upload = self.staging.load(token)
        answers = dict(upload.given)
        for part, fields in given.items():
            answers[part] = replace(answers.get(part, Given()), **_district(fields, upload.name))
        said = checked_mapping({name: field for name, field in mapping.items() if field}, upload.name)
        unsaid = {name for name, field in mapping.items() if not field}
        names = {name: field for name, field in upload.mapping.items() if name not in unsaid} | said
        if replaces is not None:
            upload = replace(upload, replaces=self.plans.named(replaces).id if replaces else "")
        upload = replace(upload, given=answers, mapping=names)
        looked = self._look(upload)
        self.staging.save(upload)
        return looked

    def drop(self, token: str) -> Upload:
        """Give an upload up; it is gone then.

        Raises:
            UnknownUploadError: there is none.
        """
        upload = self.staging.load(token)
        self.staging.drop(token)
        return upload

    def around(self, token: str, record_id: str) -> tuple[Looked, Around]:
        """The upload, and what stands around one of its records.

        Raises:
            UnknownUploadError, UnknownPartError: there is no such upload or record.
        """
        looked = self.looked(token)
        return looked, around(looked.record(record_id), looked.published)

    def page(self, token: str, number: int, record_id: str, width_px: int) -> bytes:
        """A page of a PDF as a PNG, with what a record was read from marked.

        Raises:
            UnknownUploadError, UnknownPartError: there is no such upload, page or record.
            SourceError: the page cannot be drawn.
        """
        looked = self.looked(token)
        stood = places_of(looked.record(record_id), looked.published) if record_id else []
        pages = {place.page for block in looked.document.blocks for place in _places(block)}
        if looked.document.format != "pdf" or not 1 <= number <= max(pages, default=0):
            raise UnknownPartError(_NO_PAGE.format(n=number))
        from corpus.formats.pdf_picture import page_picture  # only this needs to draw

        with _DRAWING:
            return page_picture(looked.path, number, box_on(stood, number), width_px)

    # Changes

    def confirm(self, tokens: Sequence[str]) -> Done:
        """Add uploads as they were previewed, all in one step; nothing is changed where one cannot be.

        Raises:
            UnknownUploadError: one is not there.
            SourceError: a question is open, or something has changed since.
            IndexFolderError, ModelError, BankError: the index cannot be built.
        """
        started = time.perf_counter()
        uploads = [self.staging.load(token) for token in dict.fromkeys(tokens)]
        held, previews = self.plans.held(), list[Preview]()
        for upload in uploads:  # each beside those before it, as it will stand
            looked = self._look(upload, beside=held)
            if looked.preview is None or not looked.complete:
                raise SourceError(upload.name, None, looked.problem.rstrip("。") or _OPEN)
            previews.append(looked.preview)
            held += tuple(proposal.plan for proposal in looked.preview.proposals)
        try:
            change = self.plans.add(previews)
        except FileNotFoundError:  # confirmed twice at once: the other was first
            for upload in uploads:
                self.staging.load(upload.token)
            raise
        done = self._done(change.plans, change.superseded, change.built, started)
        for upload, preview in zip(uploads, previews, strict=True):
            self.staging.drop(upload.token)
            plans = [proposal.plan for proposal in preview.proposals]
            what = f"替换 {upload.replaces}" if upload.replaces else "加入"
            said = f"{what}：{'、'.join(f'《{plan.title}》' for plan in plans)}（{upload.name}）"
            ids = (*(plan.id for plan in plans), *(old for p in preview.proposals for old in p.supersedes))
            self._enter("replace" if upload.replaces else "add", said, ids, done)
        return done

    def retire(self, plan_id: str) -> Done:
        """Take a plan out of force.

        Raises:
            UnknownPlanError: there is none. IndexFolderError, ModelError: the index cannot be built.
        """
        return self._marked(plan_id, "retire", self.plans.retire)

    def restore(self, plan_id: str) -> Done:
        """Put a retired plan in force again. Raises as `retire`."""
        return self._marked(plan_id, "restore", self.plans.restore)

    def _marked(self, plan_id: str, what: str, mark: Callable[[str], Built]) -> Done:
        plan, started = self.plans.named(plan_id), time.perf_counter()
        if plan.retired == (what == "retire"):  # it is so already
            return Done((plan,), (), 0.0, serves=True)
        built = mark(plan.id)
        done = self._done((self.plans.named(plan.id),), (), built, started)
        self._enter(what, f"{'停用' if what == 'retire' else '恢复'}：《{plan.title}》", (plan.id,), done)
        return done

    def _done(
        self, plans: tuple[Plan, ...], superseded: tuple[str, ...], built: Built, started: float
    ) -> Done:
        serves = self._serving.wait_for(built.folder.name, SERVES_S)
        return Done(plans, superseded, round(time.perf_counter() - started, 3), serves)

    def _enter(self, what: str, said: str, ids: tuple[str, ...], done: Done) -> None:
        if self._log is None:
            return
        someone = caller()
        entry = Asked(
            at=datetime.now(UTC),
            request=someone.request,
            who=someone.who,
            via="plans",
            question=said,
            route=what,
            ids=ids,
            refused=False,
            writer="",
            ms=round(done.seconds * 1000, 3),
        )
        self._log.record(entry)

    # What is held

    def held(self) -> list[Held]:
        """Every plan, in order."""
        register = self.plans.library.register()
        added = {held.plan.id: register.file(held.key).added for held in register.plans}
        sources = self.plans.sources(register)
        return [Held(s.plan, added.get(s.plan.id, ""), register.retired.get(s.plan.id, "")) for s in sources]

    def original(self, plan_id: str) -> Path:
        """The file that an added plan was read from, as it came.

        Raises:
            UnknownPlanError: there is no such plan. UnknownPartError: it came with the program.
        """
        plan, library = self.plans.named(plan_id), self.plans.library
        register = library.register()
        key = next((held.key for held in register.plans if held.plan.id == plan.id), None)
        if key is None:
            raise UnknownPartError(_BUNDLED.format(id=plan.id))
        return library.path(key, register.file(key).name)

    def _look(
        self, upload: Upload, document: Document | None = None, beside: tuple[Plan, ...] = ()
    ) -> Looked:
        """`upload` `beside` these plans, or what is held now; looking again at the same costs nothing."""
        held = beside or self.plans.held()
        key = repr((upload, held))
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
            same = (seen.document for seen in self._seen.values() if seen.upload.token == upload.token)
            document = document or next(same, None)
        looked = self._fresh(upload, document or self._document(upload), held)
        with self._lock:
            self._seen[key] = looked
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        return looked

    def _document(self, upload: Upload) -> Document:
        """What was read of the file; it is read again where another version of the program did that."""
        try:
            return transcript.load(self.staging.extract(upload))
        except SourceError:
            return self._read(upload)

    def _read(self, upload: Upload) -> Document:
        document = read_document(self.staging.original(upload), self.max_mb)
        transcript.save(document, self.staging.extract(upload))
        return document

    def _fresh(self, upload: Upload, document: Document, held: tuple[Plan, ...]) -> Looked:
        path = self.staging.original(upload)
        try:
            replacing = self.plans.named(upload.replaces) if upload.replaces else None
            seen = look(path, document, held, upload.given, upload.mapping, replacing=replacing)
        except TwicePlanError as error:
            said = error.problem.partition("；")[0] + "。"  # what follows is for the command line
            return Looked(upload, path, document, None, said, error.plan)
        except SourceError as error:
            return Looked(upload, path, document, None, str(error))
        return Looked(upload, path, document, seen)


def _district(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """`fields` with the district's full name.

    Raises:
        SourceError: there is no such district.
    """
    if not (said := fields.get("district")):
        return dict(fields)
    full = places().districts.get(said)
    if full is None:
        raise SourceError(name, None, f"没有“{said}”这个区；可用的有 {'、'.join(places().district_names)}")
    return {**fields, "district": full}


def _places(block: Any) -> tuple[Any, ...]:
    return block.places if hasattr(block, "places") else (block.place,)
