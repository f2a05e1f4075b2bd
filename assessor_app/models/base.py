"""The base of all entities: what every journaled record carries besides its own fields."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from assessor_app.models.kinds import Kind, Value, default_of, fields_of, scope_of
from assessor_app.models.records import CREATED


class Base(DeclarativeBase):
    """All tables of the notebook."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {list[str]: JSON, dict[str, Any]: JSON, str: String}


class Record(Base):
    """A journaled record.

    ``versions`` maps a field to the id of the change that gave it its value; ``extra`` holds fields that only a newer
    version of the program knows; ``changed_by``/``changed_at`` tell the last author (assessor id, ms UTC).
    """

    __abstract__ = True
    kind: ClassVar[Kind]

    id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    versions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    deleted: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_by: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[int] = mapped_column(default=0)

    def __init__(self, **values: Any) -> None:
        for field in fields_of(self.kind):
            values.setdefault(field.name, default_of(field))
        values.setdefault("versions", {})
        values.setdefault("extra", {})
        values.setdefault("changed_by", "")
        values.setdefault("changed_at", 0)
        values.setdefault("scope", scope_of(self.kind, values.get("id", ""), values))
        super().__init__(**values)

    def version_of(self, field: str) -> str:
        """Return the id of the change that gave ``field`` its present value."""
        return str(self.versions.get(field) or self.versions.get(CREATED, ""))

    def values(self) -> dict[str, Value]:
        """Return the fields that differ from their default, by wire name."""
        out: dict[str, Value] = {}
        for field in fields_of(self.kind):
            value = getattr(self, field.name)
            if value != default_of(field):
                out[field.name] = value
        return out


def entities() -> dict[Kind, type[Record]]:
    """Return the entity class of each kind; importing the entity modules is the caller's concern."""
    return {mapper.class_.kind: mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Record)}
