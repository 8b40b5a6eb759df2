"""The store's tables (SQLAlchemy Core: SQLite in the index folder, other engines by URL)."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData()

plans = Table(
    "plans",
    metadata,
    Column("id", String, primary_key=True),
    Column("short", String, nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("level", String, nullable=False),
    Column("district", String, nullable=False, index=True),
    Column("year", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("file", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("first_year", Integer, nullable=False),
    Column("last_year", Integer, nullable=False),
    Column("prose", Boolean, nullable=False),
    Column("superseded_by", String, nullable=False),
    Column("retired", Boolean, nullable=False),
)

# One row a measure or passage; `position` is its place in print order and its number in
# the word and vector indexes.
records = Table(
    "records",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("plan", ForeignKey("plans.id"), nullable=False, index=True),
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
    Column("category", String),
    Column("path", JSON, nullable=False),
    Column("label", String, nullable=False),
    Column("file", String, nullable=False),
    Column("first_line", Integer, nullable=False),
    Column("last_line", Integer, nullable=False),
    Column("detail", JSON, nullable=False),
)

departments = Table(
    "departments",
    metadata,
    Column("name", String, primary_key=True),
    Column("stem", String, nullable=False),
    Column("district", String, nullable=False),
    Column("collective", Boolean, nullable=False),
    Column("known", Boolean, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("printed", String, nullable=False),
    Column("department", ForeignKey("departments.name"), nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("open_ended", Boolean, nullable=False),
    Column("inferred", Boolean, nullable=False),
)

dues = Table(
    "dues",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("start", Date),
    Column("end", Date, index=True),
    Column("basis", String, nullable=False),
    Column("printed", String, nullable=False),
)
