"""The panel of a visit, its words on what assessors saw differently, and the surveys that are its evidence."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Panel(Record):
    """The panel of one visit; ``members`` are assessors."""

    __tablename__ = "panel"
    kind = Kind.PANEL

    visit: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    closed_by: Mapped[str]
    closed_at: Mapped[int | None]
    members: Mapped[list[str]]
    introduction: Mapped[str]
    method: Mapped[str]
    conclusion: Mapped[str]
    previous_index: Mapped[float | None]


class PanelRemark(Record):
    """The panel's word on one question."""

    __tablename__ = "panel_remark"
    kind = Kind.PANEL_REMARK

    visit: Mapped[str] = mapped_column(index=True)
    question: Mapped[str]
    body: Mapped[str]


class Survey(Record):
    """An impact survey as it was taken in: figures and warnings as JSON, nobody's name."""

    __tablename__ = "survey"
    kind = Kind.SURVEY

    visit: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    sha256: Mapped[str]
    sub_dimension: Mapped[str]
    service: Mapped[str]
    users: Mapped[int | None]
    content: Mapped[str]
