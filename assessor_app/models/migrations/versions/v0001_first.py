"""The first schema: records, journal, search, signed files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the first schema."""
    op.create_table(
        "action",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_action_region"), "action", ["region"], unique=False)
    op.create_index(op.f("ix_action_scope"), "action", ["scope"], unique=False)
    op.create_table(
        "answer",
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("score", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_answer_scope"), "answer", ["scope"], unique=False)
    op.create_index(op.f("ix_answer_sheet"), "answer", ["sheet"], unique=False)
    op.create_table(
        "assessor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title_before", sa.String(), nullable=False),
        sa.Column("title_after", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("nip", sa.String(), nullable=False),
        sa.Column("nidn", sa.String(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_assessor_scope"), "assessor", ["scope"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("interview", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("caption", sa.String(), nullable=False),
        sa.Column("taken_at", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_attachment_interview"), "attachment", ["interview"], unique=False)
    op.create_index(op.f("ix_attachment_scope"), "attachment", ["scope"], unique=False)
    op.create_index(op.f("ix_attachment_visit"), "attachment", ["visit"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "difference",
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("version_a", sa.String(), nullable=False),
        sa.Column("version_b", sa.String(), nullable=False),
        sa.Column("value_a", sa.String(), nullable=False),
        sa.Column("value_b", sa.String(), nullable=False),
        sa.Column("by_a", sa.String(), nullable=False),
        sa.Column("by_b", sa.String(), nullable=False),
        sa.Column("at_a", sa.Integer(), nullable=True),
        sa.Column("at_b", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("settled", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_difference_scope"), "difference", ["scope"], unique=False)
    op.create_table(
        "document",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("data_sha256", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("supersedes", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_document_scope"), "document", ["scope"], unique=False)
    op.create_index(op.f("ix_document_visit"), "document", ["visit"], unique=False)
    op.create_table(
        "erasure",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record"),
    )
    op.create_table(
        "finding",
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_finding_scope"), "finding", ["scope"], unique=False)
    op.create_index(op.f("ix_finding_sheet"), "finding", ["sheet"], unique=False)
    op.create_table(
        "held",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record"),
    )
    op.create_index(op.f("ix_held_scope"), "held", ["scope"], unique=False)
    op.create_table(
        "instrument",
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("cohort", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_instrument_scope"), "instrument", ["scope"], unique=False)
    op.create_table(
        "intent",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("hold", sa.String(), nullable=False),
        sa.Column("editing", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device", "counter"),
    )
    op.create_index(op.f("ix_intent_state"), "intent", ["state"], unique=False)
    op.create_index(op.f("ix_intent_unit"), "intent", ["unit"], unique=False)
    op.create_table(
        "interview",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("held_at", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("programmes", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("interview_of_visit", "interview", ["visit", "deleted", "basis"], unique=False)
    op.create_index(op.f("ix_interview_scope"), "interview", ["scope"], unique=False)
    op.create_table(
        "letterhead",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("lines", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("number_pattern", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_letterhead_scope"), "letterhead", ["scope"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=True),
        sa.Column("last", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_numbers_scope"), "numbers", ["scope"], unique=False)
    op.create_table(
        "person",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title_before", sa.String(), nullable=False),
        sa.Column("title_after", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("nip", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("consent_form", sa.String(), nullable=False),
        sa.Column("consent_on", sa.String(), nullable=False),
        sa.Column("consent_purpose", sa.String(), nullable=False),
        sa.Column("consent_data", sa.JSON(), nullable=False),
        sa.Column("consent_until", sa.String(), nullable=False),
        sa.Column("consent_publication", sa.Boolean(), nullable=False),
        sa.Column("consent_proof", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_person_region"), "person", ["region"], unique=False)
    op.create_index(op.f("ix_person_scope"), "person", ["scope"], unique=False)
    op.create_index(op.f("ix_person_visit"), "person", ["visit"], unique=False)
    op.create_table(
        "plan",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("vision", sa.String(), nullable=False),
        sa.Column("goals", sa.String(), nullable=False),
        sa.Column("strengths", sa.String(), nullable=False),
        sa.Column("weaknesses", sa.String(), nullable=False),
        sa.Column("opportunities", sa.String(), nullable=False),
        sa.Column("threats", sa.String(), nullable=False),
        sa.Column("structure", sa.String(), nullable=False),
        sa.Column("infrastructure", sa.String(), nullable=False),
        sa.Column("suprastructure", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_plan_region"), "plan", ["region"], unique=False)
    op.create_index(op.f("ix_plan_scope"), "plan", ["scope"], unique=False)
    op.create_table(
        "pristine",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record", "field"),
    )
    op.create_table(
        "programme",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("sub_dimension", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("pic", sa.String(), nullable=False),
        sa.Column("pic_phone", sa.String(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("budget", sa.Integer(), nullable=True),
        sa.Column("funding", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("quick_win", sa.Boolean(), nullable=False),
        sa.Column("benefit", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_programme_plan"), "programme", ["plan"], unique=False)
    op.create_index(op.f("ix_programme_region"), "programme", ["region"], unique=False)
    op.create_index(op.f("ix_programme_scope"), "programme", ["scope"], unique=False)
    op.create_table(
        "programme_year",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("budget", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_programme_year_programme"), "programme_year", ["programme"], unique=False)
    op.create_index(op.f("ix_programme_year_scope"), "programme_year", ["scope"], unique=False)
    op.create_table(
        "revision",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_revision_document"), "revision", ["document"], unique=False)
    op.create_index(op.f("ix_revision_scope"), "revision", ["scope"], unique=False)
    op.create_table(
        "scope",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "search_dirty",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record"),
    )
    op.create_table(
        "search_entry",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("record"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sheet",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("assessor", sa.String(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("previous_index", sa.Double(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sheet_scope"), "sheet", ["scope"], unique=False)
    op.create_index(op.f("ix_sheet_visit"), "sheet", ["visit"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "transfer",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "visit",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.String(), nullable=False),
        sa.Column("ends_on", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("team", sa.JSON(), nullable=False),
        sa.Column("objective", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("officials", sa.JSON(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_visit_region"), "visit", ["region"], unique=False)
    op.create_index(op.f("ix_visit_scope"), "visit", ["scope"], unique=False)
    op.create_table(
        "intent_before",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["device", "counter"], ["intent.device", "intent.counter"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device", "counter"),
    )
    op.execute(
        "CREATE VIRTUAL TABLE search_text USING fts5(body, content='', contentless_delete=1, prefix='1 2 3', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
