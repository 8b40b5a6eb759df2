"""Putting the floors together: settings to an index, an index to an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.library import Library, Register
from index.embedding import load_encoder
from index.engines import Engines
from index.errors import IndexFolderError, IndexMissingError
from index.folder import IndexFolder
from index.locate import locate
from index.manifest import OTHER_MODEL, Inputs, Manifest
from index.progress import Progress, quiet
from index.reranker import Reranker, load_reranker
from index.served import Served, embedding_model
from index.store import Store
from rag.engine import Engine
from rag.writing.follow_up import FollowUps
from rag.writing.load import Options, load_writer
from rag.writing.model import Limits
from rag.writing.writer import ModelWriter, Writer
from wence import terminal
from wence.settings import Settings

if TYPE_CHECKING:
    from index.build import Built
    from index.plans import Plans


def embedding(settings: Settings) -> Path | Served:
    """The embedding model: its folder, or where it is served.

    Raises:
        ModelError: the setting names none.
    """
    return embedding_model(settings.embedding, settings.models, settings.api_key.get_secret_value())


def index_folder(settings: Settings) -> IndexFolder:
    """The index folder, with the servers that hold what it does not.

    Raises:
        IndexFolderError: a server's address is wrong.
    """
    root, token = settings.index_dir, settings.milvus_token.get_secret_value()
    return IndexFolder(root, Engines.read(settings.index, settings.store_url, token, root))


def build_index(settings: Settings, progress: Progress, register: Register | None = None) -> Built:
    """Build and swap in a new index, with `register` in place of the library's; see `index.build.build`."""
    from index.build import build  # readers and report: a question does not need them

    return build(
        settings.index_dir,
        settings.sources,
        settings.bank,
        embedding(settings),
        library=Library(settings.plans),
        register=register,
        engines=index_folder(settings).engines,
        workers=settings.embedding_workers,
        wait_s=settings.build_wait_s,
        progress=progress,
    )


def plans_of(settings: Settings) -> Plans:
    """The plans of these settings: the bundled and the added ones, and how a change of them is built in."""
    from index.plans import Plans

    def rebuild(register: Register, progress: Progress) -> Built:
        return build_index(settings, progress, register)

    return Plans(settings.sources, Library(settings.plans), rebuild, settings.build_wait_s)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The store of the serving index alone: no model is loaded.

    Raises:
        IndexFolderError: there is no index, or it cannot be used.
    """
    store = index_folder(settings).open_store()
    try:
        yield store
    finally:
        store.close()


PLACE = "存放位置"


def stale(settings: Settings, manifest: Manifest) -> list[str]:
    """What has changed since the index was built, in Chinese words; empty where nothing has.

    Raises:
        IndexFolderError: a server that should hold a part of it does not answer.
    """
    changed = manifest.inputs.changes(inputs(settings))
    return changed if index_folder(settings).engines.hold(manifest) else [*changed, PLACE]


def inputs(settings: Settings) -> Inputs:
    """What an index would be made from now."""
    model = embedding(settings)
    return Inputs.of(settings.sources, settings.bank, model, Library(settings.plans))


@dataclass(frozen=True, slots=True)
class Models:
    """What an engine uses beside its index; it does not change when the index is rebuilt."""

    reranker: Reranker | None
    writer: Writer
    follow_ups: FollowUps | None


def load_models(settings: Settings) -> Models:
    """The models that the settings name.

    Raises:
        ModelError: one is not there, or cannot be read.
    """
    reranker = load_reranker(locate(settings.reranker, settings.models)) if settings.reranker else None
    writer = open_writer(settings)
    follow_ups = None
    if settings.follow_ups and isinstance(writer, ModelWriter):
        follow_ups = FollowUps(writer.model, settings.writer_first_s)
    return Models(reranker, writer, follow_ups)


def open_engine(
    settings: Settings,
    models: Models | None = None,
    *,
    before_build: Callable[[], None] = lambda: None,
    on_stale: Callable[[list[str]], None] = lambda changed: None,
) -> Engine:
    """The engine over the serving index; the first use without an index builds one.

    Raises:
        IndexFolderError, ModelError: index or model cannot be used, or do not belong together.

    `before_build` is called before such a build, `on_stale` with what has changed since
    the index was built (it still serves: a rebuild is the operator's to start).
    """
    folder = index_folder(settings)
    model = embedding(settings)
    encoder = load_encoder(model)
    models = models or load_models(settings)
    try:
        opened = folder.open(encoder)
    except IndexMissingError:
        before_build()
        build_index(settings, quiet)
        opened = folder.open(encoder)
    now = inputs(settings)
    if not opened.manifest.inputs.same_vectors(now):
        raise IndexFolderError(f"{settings.index_dir} {OTHER_MODEL}")
    changed = opened.manifest.inputs.changes(now)
    if not folder.engines.alike(opened.manifest):
        changed.append(PLACE)
    if changed:
        on_stale(changed)
    return Engine(opened, reranker=models.reranker, writer=models.writer, follow_ups=models.follow_ups)


def open_telling(settings: Settings, models: Models | None = None) -> Engine:
    """`open_engine`, which says at the terminal that it builds, or that it should be built again.

    Raises:
        IndexFolderError, ModelError: as `open_engine`.
    """
    return open_engine(
        settings,
        models,
        before_build=lambda: terminal.say("还没有索引，正在建立……"),
        on_stale=lambda changed: terminal.say(f"提示：{'、'.join(changed)}已变，请运行 wence build。"),
    )


def open_writer(settings: Settings, spec: str | None = None) -> Writer:
    """The writer that `spec` (or else the setting) names, with its model loaded.

    Raises:
        ModelError: there is none, or its model cannot be read.
    """
    return load_writer(spec or settings.writer, settings.models, options(settings))


def options(settings: Settings) -> Options:
    """What a model may use, as it is set."""
    return Options(
        Limits(settings.writer_first_s, settings.writer_total_s, settings.writer_tokens),
        context=settings.writer_context,
        running=settings.writer_running,
        waiting=settings.writer_waiting,
        bits=settings.writer_bits,
        key=settings.api_key.get_secret_value(),
    )
