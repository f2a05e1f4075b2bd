"""The server's tables: records and journal as JSON, and what guards them. PostgreSQL and SQLite alike."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
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
    Column("seen_at", BigInteger, nullable=False), Column("revoked_at", BigInteger),
    # What the device said, at its last sync, that it had not sent yet.
    Column("waiting_count", Integer), Column("waiting_since", BigInteger), Column("waiting_photos", Integer),
    Column("waiting_at", BigInteger),
    Column("marks", _json))  # where the last two replies left this device: [name, {scope: step}]

token = Table(
    "token", metadata, Column("hash", String, primary_key=True), Column("device", String, nullable=False, index=True),
    Column("account", String, nullable=False), Column("expires_at", BigInteger, nullable=False))

certificate = Table(
    "certificate", metadata, Column("serial", String, primary_key=True), Column("account", String, nullable=False, index=True),
    Column("device", String, nullable=False), Column("pem", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False), Column("revoked_at", BigInteger))

#: Further authorities that the secretariat accepts: ``purpose`` is ``signers`` or ``timestamps``.
anchor = Table(
    "anchor", metadata, Column("fingerprint", String, nullable=False), Column("purpose", String, nullable=False),
    Column("pem", Text, nullable=False), Column("added_at", BigInteger, nullable=False), PrimaryKeyConstraint("fingerprint", "purpose"))

#: The secretariat's word on a revision that was signed with a revoked key and arrived after the revocation.
word = Table(
    "word", metadata, Column("sha256", String, primary_key=True), Column("document", String, nullable=False),
    Column("accepted", Boolean, nullable=False), Column("account", String, nullable=False), Column("at", BigInteger, nullable=False),
    Column("remark", Text, nullable=False))

assignment = Table(
    "assignment", metadata, Column("account", String, ForeignKey("account.id"), nullable=False),
    Column("region", String, nullable=False), Column("year", Integer, nullable=False),
    Column("since", BigInteger, nullable=False), PrimaryKeyConstraint("account", "region", "year"))

#: ``digest`` is of ids and versions, kept with each write: see ``sync/protocol.py``.
scope = Table("scope", metadata, Column("name", String, primary_key=True), Column("seq", BigInteger, nullable=False),
              Column("digest", String))

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
    Column("step", BigInteger),  # of its scope, at which it was applied
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

#: Who is signed in at the web pages; ``notice`` is what the next page tells once.
web_session = Table(
    "web_session", metadata, Column("hash", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False, index=True), Column("csrf", String, nullable=False),
    Column("created_at", BigInteger, nullable=False), Column("seen_at", BigInteger, nullable=False),
    Column("notice", Text, nullable=False))

#: Who looked at whose data: a note, a respondent, a signed document.
access = Table(
    "access", metadata, Column("id", String, primary_key=True), Column("at", BigInteger, nullable=False, index=True),
    Column("account", String, nullable=False), Column("kind", String, nullable=False), Column("record", String, nullable=False),
    Column("scope", String, nullable=False), Column("address", String, nullable=False))

#: Projected from signed score sheets, see ``results.py``. ``state``: awaiting the file, verified, or faulty.
result = Table(
    "result", metadata, Column("document", String, primary_key=True), Column("sheet", String, nullable=False),
    Column("visit", String, nullable=False), Column("sha256", String, nullable=False), Column("data_sha256", String, nullable=False),
    Column("state", String, nullable=False, index=True), Column("faults", String, nullable=False),
    Column("region", String, nullable=False, index=True), Column("year", Integer), Column("signer", String, nullable=False),
    Column("instrument", String, nullable=False), Column("instrument_version", String, nullable=False),
    Column("instrument_sha256", String, nullable=False), Column("index", Float), Column("provisional", Boolean, nullable=False))

result_aspect = Table(
    "result_aspect", metadata, Column("document", String, nullable=False), Column("number", Integer, nullable=False),
    Column("code", String, nullable=False), Column("name", String, nullable=False), Column("weight", Float, nullable=False),
    Column("mean", Float), PrimaryKeyConstraint("document", "number"))

#: Projected from the signed sheets of closed panels, see ``panel_results.py``; ``sources`` are the files' digests.
panel_result = Table(
    "panel_result", metadata, Column("visit", String, primary_key=True), Column("state", String, nullable=False, index=True),
    Column("faults", Text, nullable=False), Column("region", String, nullable=False, index=True), Column("year", Integer),
    Column("instrument", String, nullable=False), Column("instrument_version", String, nullable=False),
    Column("instrument_sha256", String, nullable=False), Column("index", Float), Column("provisional", Boolean, nullable=False),
    Column("members", Integer, nullable=False), Column("sheets", Integer, nullable=False), Column("sources", Text, nullable=False))

panel_aspect = Table(
    "panel_aspect", metadata, Column("visit", String, nullable=False), Column("number", Integer, nullable=False),
    Column("code", String, nullable=False), Column("name", String, nullable=False), Column("weight", Float, nullable=False),
    Column("mean", Float), PrimaryKeyConstraint("visit", "number"))

panel_dimension = Table(
    "panel_dimension", metadata, Column("visit", String, nullable=False), Column("code", String, nullable=False), Column("mean", Float),
    PrimaryKeyConstraint("visit", "code"))

#: Projected from published examples, see ``innovations.py``; ``contact`` is office, telephone and e-mail in one, and ``state`` is always
#: verified, for there is no file to wait for.
innovation = Table(
    "innovation", metadata, Column("id", String, primary_key=True), Column("state", String, nullable=False),
    Column("region", String, nullable=False, index=True), Column("year", Integer), Column("name", String, nullable=False),
    Column("dimension", String, nullable=False, index=True), Column("sub_dimension", String, nullable=False),
    Column("agency", String, nullable=False), Column("contact", String, nullable=False), Column("withdrawn", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False))

#: What differs from the signed files or the journal, and since when it was noticed; see ``watching.py``.
alarm = Table(
    "alarm", metadata, Column("what", String, nullable=False), Column("key", String, nullable=False),
    Column("since", BigInteger, nullable=False), Column("detail", Text, nullable=False), PrimaryKeyConstraint("what", "key"))
