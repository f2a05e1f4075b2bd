"""The region's dossier: plan, programmes, a programme's years, agreed actions."""

from sqlalchemy.orm import Mapped, mapped_column

from assessor_app.models.base import Record
from assessor_app.models.kinds import Kind


class Plan(Record):
    """A region's smart city master plan."""

    __tablename__ = "plan"
    kind = Kind.PLAN

    region: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]
    vision: Mapped[str]
    goals: Mapped[str]
    strengths: Mapped[str]
    weaknesses: Mapped[str]
    opportunities: Mapped[str]
    threats: Mapped[str]
    structure: Mapped[str]
    infrastructure: Mapped[str]
    suprastructure: Mapped[str]
    gap: Mapped[str]
    council: Mapped[str]
    team: Mapped[str]
    forum: Mapped[str]
    path: Mapped[list[str]]  # needs of the workshops that are expected elsewhere than by default: ``need=stage``


class Programme(Record):
    """A programme of the plan; ``budget`` in rupiah over all years."""

    __tablename__ = "programme"
    kind = Kind.PROGRAMME

    region: Mapped[str] = mapped_column(index=True)
    plan: Mapped[str] = mapped_column(index=True)
    number: Mapped[int | None]
    dimension: Mapped[str]
    sub_dimension: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    agency: Mapped[str]
    pic: Mapped[str]
    pic_phone: Mapped[str]
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]
    budget: Mapped[int | None]
    funding: Mapped[str]
    indicator: Mapped[str]
    unit: Mapped[str]
    target: Mapped[str]
    status: Mapped[str]
    quick_win: Mapped[bool]
    benefit: Mapped[str]
    benefit_months: Mapped[int | None]  # within how many months of its beginning people notice it
    is_infrastructure: Mapped[str]  # yes, no, or not said
    origin: Mapped[str]  # the published example that it was copied from, in words: region, title, year


class ProgrammeYear(Record):
    """One year of a programme: budget in rupiah, status, and the interview in which the status was said."""

    __tablename__ = "programme_year"
    kind = Kind.PROGRAMME_YEAR

    region: Mapped[str]
    programme: Mapped[str] = mapped_column(index=True)
    year: Mapped[int | None]
    budget: Mapped[int | None]
    status: Mapped[str]
    target: Mapped[str]
    remark: Mapped[str]
    interview: Mapped[str]


class Action(Record):
    """An agreed follow-up action."""

    __tablename__ = "action"
    kind = Kind.ACTION

    region: Mapped[str] = mapped_column(index=True)
    visit: Mapped[str]
    number: Mapped[int | None]
    body: Mapped[str]
    agency: Mapped[str]
    person: Mapped[str]
    due: Mapped[str]
    status: Mapped[str]
    remark: Mapped[str]
    answered: Mapped[str]  # the visit on which somebody last said what became of it
