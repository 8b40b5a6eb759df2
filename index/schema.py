"""The store's tables (SQLAlchemy Core): in an SQLite file, or in a PostgreSQL schema of their own.

A store grows and is never rewritten: each version adds records behind those of the version before, and
has plans of its own. Nothing refers to another table's key: what a writer puts in belongs together.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
_KEY = String().with_variant(String(collation="C"), "postgresql")  # compared as bytes, as SQLite does

# What there is of the store in each version: so many records from the first on, and so many departments.
versions = Table(
    "versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("records", Integer, nullable=False),
    Column("departments", Integer, nullable=False),
)

# The records of a plan stand together: at the positions from `start` up to `stop`; so many are measures.
plans = Table(
    "plans",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("id", _KEY, primary_key=True),
    Column("short", String, nullable=False),
    Column("title", String, nullable=False),
    Column("level", String, nullable=False),
    Column("district", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("file", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    Column("prose", Boolean, nullable=False),
    Column("superseded_by", String, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("measures", Integer, nullable=False),
    Index("plans_by_short", "version", "short", unique=True),
)

# One row a measure or passage; `position` is its place in print order and its number in
# the word and vector indexes.
records = Table(
    "records",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", _KEY, nullable=False),
    Column("kind", String, nullable=False),
    Column("plan", _KEY, nullable=False),
    Column("number", Integer),
    Column("item", Integer, nullable=False),
    Column("section", String),
    Column("spoken", String),
    Column("task", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("normal", Text, nullable=False),
    Column("own", Text, nullable=False),
    Column("deadline", String),
    Column("target", String),
    Column("category", _KEY),
    Column("path", JSON, nullable=False),
    Column("label", String, nullable=False),
    Column("file", String, nullable=False),
    Column("first_line", Integer, nullable=False),
    Column("last_line", Integer, nullable=False),
    Column("detail", JSON, nullable=False),
)
Index("records_by_id", records.c.id, unique=True)
Index("records_by_plan", records.c.plan)
_indicator = records.c.category.is_not(None)
Index(
    "records_by_category",
    records.c.category,
    records.c.position,
    sqlite_where=_indicator,
    postgresql_where=_indicator,
)

departments = Table(
    "departments",
    metadata,
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("name", _KEY, nullable=False),
    Column("stem", String, nullable=False),
    Column("district", String, nullable=False),
    Column("collective", Boolean, nullable=False),
    Column("known", Boolean, nullable=False),
    Index("departments_by_name", "name", unique=True),
)

# Of the record at `position`, in the order in which its row prints them.
duties = Table(
    "duties",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("printed", String, nullable=False),
    Column("department", _KEY, nullable=False),
    Column("role", String, nullable=False),
    Column("open_ended", Boolean, nullable=False),
    Column("inferred", Boolean, nullable=False),
    Index("duties_by_department", "department", "role", "position"),
    sqlite_with_rowid=False,
)

dues = Table(
    "dues",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("start", Date),
    Column("end", Date),
    Column("basis", String, nullable=False),
    Column("printed", String, nullable=False),
    Index("dues_by_end", "end", "position"),
    sqlite_with_rowid=False,
)
