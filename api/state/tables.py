"""The tables as queries see them today; the migrations make them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, MetaData, String, Table

from api.state.columns import Listed, Moment, Words

metadata = MetaData()

migrations = Table(
    "wence_migrations",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("at", Moment, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("standing", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment),
    Column("revoked", Moment),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("request", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("thumb", String, nullable=False),
    Column("reason", Words, nullable=False),
    Column("question", Words, nullable=False),
    Column("history", Listed, nullable=False),
    Column("answer", Words, nullable=False),
    Column("ids", Listed, nullable=False),
    Column("route", Words, nullable=False),
    Column("writer", Words, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("request", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("via", String, nullable=False),
    Column("question", Words, nullable=False),
    Column("route", String, nullable=False),
    Column("ids", Listed, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("writer", Words, nullable=False),
    Column("ms", Float, nullable=False),
)
