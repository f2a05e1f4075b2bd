"""The server's tables: records and journal as JSON, and what guards them. PostgreSQL and SQLite alike."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
_json = JSON().with_variant(JSONB(), "postgresql")

meta = Table("meta", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

account = Table(
    "account", metadata,
    Column("id", String, primary_key=True), Column("login", String, unique=True, nullable=False),
    Column("name", String, nullable=False), Column("role", String, nullable=False),
    Column("password", String, nullable=False), Column("active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False))

#: The ids under which an assessor began offline, before there was an account.
alias = Table(
    "alias", metadata, Column("profile", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False, index=True))

invitation = Table(
    "invitation", metadata, Column("token", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False), Column("used_at", BigInteger))

device = Table(
    "device", metadata, Column("id", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False, index=True),
    Column("credential", String, nullable=False), Column("enrolled_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False), Column("revoked_at", BigInteger))

token = Table(
    "token", metadata, Column("hash", String, primary_key=True), Column("device", String, nullable=False, index=True),
    Column("account", String, nullable=False), Column("expires_at", BigInteger, nullable=False))

certificate = Table(
    "certificate", metadata, Column("serial", String, primary_key=True), Column("account", String, nullable=False, index=True),
    Column("device", String, nullable=False), Column("pem", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False), Column("revoked_at", BigInteger))

assignment = Table(
    "assignment", metadata, Column("account", String, ForeignKey("account.id"), nullable=False),
    Column("region", String, nullable=False), Column("year", Integer, nullable=False),
    Column("since", BigInteger, nullable=False), PrimaryKeyConstraint("account", "region", "year"))

scope = Table("scope", metadata, Column("name", String, primary_key=True), Column("seq", BigInteger, nullable=False))

#: ``seqs`` says at which step of the scope each field came to its value; ``created`` at which the record was made.
record = Table(
    "record", metadata, Column("kind", String, nullable=False), Column("id", String, nullable=False),
    Column("scope", String, nullable=False), Column("seq", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False), Column("fields", _json, nullable=False),
    Column("versions", _json, nullable=False), Column("seqs", _json, nullable=False), Column("by", String, nullable=False),
    Column("at", BigInteger, nullable=False), PrimaryKeyConstraint("kind", "id"), Index("record_feed", "scope", "seq"))

intent = Table(
    "intent", metadata, Column("device", String, nullable=False), Column("counter", BigInteger, nullable=False),
    Column("account", String, nullable=False), Column("scope", String, nullable=False), Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False), Column("purpose", String, nullable=False),
    Column("hash", String, nullable=False), Column("outcome", String, nullable=False), Column("reason", String, nullable=False),
    Column("changes", _json, nullable=False), Column("merged", _json, nullable=False),
    PrimaryKeyConstraint("device", "counter"), Index("intent_scope", "scope"))

erasure = Table(
    "erasure", metadata, Column("kind", String, nullable=False), Column("id", String, nullable=False),
    Column("scope", String, nullable=False, index=True), Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "id"))

blob = Table(
    "blob", metadata, Column("sha256", String, primary_key=True), Column("size", BigInteger, nullable=False),
    Column("stored_at", BigInteger, nullable=False))

upload = Table(
    "upload", metadata, Column("id", String, primary_key=True), Column("sha256", String, nullable=False),
    Column("size", BigInteger, nullable=False), Column("account", String, nullable=False),
    Column("created_at", BigInteger, nullable=False))

secret = Table("secret", metadata, Column("name", String, primary_key=True), Column("value", LargeBinary, nullable=False))
