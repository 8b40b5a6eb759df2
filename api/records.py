"""Records looked up: searched, listed, shown. What the endpoints and the tools of assistants give alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.exports import Entry, entry
from corpus.types import Record
from rag.engine import Engine
from rag.found import Found
from rag.listing import row
from rag.options import Options, listed_by, searched_by
from rag.ordering import ordered


class UnknownRecordError(LookupError):
    """There is no record of that id; the message says so."""


def found(engine: Engine, query: str, top: int, options: Options) -> dict[str, Any]:
    """The best `top` records for `query`, as `wence search` gives them: {"id", "hits"}.

    Raises:
        ConditionError: an option has a value that is not known.
        QuestionError: `query` cannot be searched.
    """
    filters = searched_by(options, engine.store, engine.bodies)
    return {"id": "", "hits": [hit.as_json() for hit in engine.search(query, top, filters)]}


def every(engine: Engine, options: Options, sort: str = "") -> Sequence[Record]:
    """All records that meet `options`, in print order or that of `sort`.

    Of a plan that comes out every year the newest edition, unless a year or a plan is asked for.

    Raises:
        ConditionError: an option or the order is not known.
    """
    store = engine.store
    filters = listed_by(options, store, engine.bodies)
    chosen = options.plan or options.id or options.year or "draft" in filters.statuses
    if not (chosen or engine.editions.plain):
        filters = replace(filters, plans=engine.editions.current)
    found = Found(store, store.positions(filters))
    return ordered(found, store, sort) if sort else found


def listed(engine: Engine, options: Options, limit: int, offset: int, sort: str = "") -> dict[str, Any]:
    """`limit` rows from the one at `offset` of `every` record.

    {"total", "limit", "offset", "items": rows as `wence list` gives them}.

    Raises:
        ConditionError: an option or the order is not known.
    """
    found = every(engine, options, sort)
    items = [_row(engine, record) for record in found[offset : offset + limit]]
    return {"total": len(found), "limit": limit, "offset": offset, "items": items}


def taken(engine: Engine, records: Sequence[Record]) -> list[Entry]:
    """`records` as the lines of a file that is taken away."""
    return [entry(_row(engine, record), record, engine.store.plans[record.plan]) for record in records]


def shown(engine: Engine, record_id: str) -> dict[str, Any]:
    """The row of one record.

    Raises:
        UnknownRecordError: there is none of that id.
    """
    if record_id not in engine.store:
        raise UnknownRecordError(f"没有编号为 {record_id[:60]} 的措施或段落。")
    (record,) = engine.store.get([record_id])
    return _row(engine, record)


def _row(engine: Engine, record: Record) -> dict[str, Any]:
    return row(record, engine.store.plans[record.plan], engine.store.label(record.id))
