"""All entity modules, imported together so that every table is known."""

from __future__ import annotations

from assessor_app.models import (  # noqa: F401
    attachments,
    books,
    catalogue,
    documents,
    evaluations,
    innovations,
    interviews,
    panels,
    plans,
    tables,
    visits,
)
from assessor_app.models.base import Base, Record, entities
from assessor_app.models.kinds import Kind

ENTITIES: dict[Kind, type[Record]] = entities()
METADATA = Base.metadata
