"""Records looked up: searched, listed, shown. What the endpoints and the tools of assistants give alike."""

from __future__ import annotations

from typing import Any

from corpus.types import Record
from rag.engine import Engine
from rag.listing import row
from rag.options import Options, listed_by, searched_by


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


def listed(engine: Engine, options: Options, limit: int, offset: int) -> dict[str, Any]:
    """`limit` rows from the one at `offset` of all that meet `options`, in print order.

    {"total", "limit", "offset", "items": rows as `wence list` gives them}.

    Raises:
        ConditionError: an option has a value that is not known.
    """
    store = engine.store
    positions = store.positions(listed_by(options, store, engine.bodies))
    here = store.get(store.ids[position] for position in positions[offset : offset + limit])
    items = [_row(engine, record) for record in here]
    return {"total": len(positions), "limit": limit, "offset": offset, "items": items}


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
