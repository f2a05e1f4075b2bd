"""A region's plan as the Excel sheet that its offices work with; imported again it changes nothing."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.kinds import DIMENSION_NAMES, ProgrammeStatus
from assessor_app.models.plans import Programme, ProgrammeYear

_HEAD = ("No", "Dimensi", "Sub-dimensi", "Nama program", "Deskripsi", "OPD pelaksana", "PIC", "Telepon PIC", "Tahun mulai", "Tahun selesai")
_TAIL = ("Total anggaran (Rp)", "Sumber dana", "Indikator", "Satuan", "Target", "Quick win", "Status", "Manfaat")
_STATUSES = {ProgrammeStatus.PLANNED: "Direncanakan", ProgrammeStatus.RUNNING: "Berjalan", ProgrammeStatus.DONE: "Selesai",
             ProgrammeStatus.DELAYED: "Tertunda", ProgrammeStatus.STOPPED: "Dihentikan"}


def table(session: Session, region: str) -> tuple[list[str], list[list[Any]]]:
    """Return the plan as a header, in the words that regions use, and a row a programme."""
    rows = session.scalars(select(Programme).where(Programme.region == region, Programme.deleted.is_(False)).order_by(
        Programme.number, Programme.id)).all()
    years: dict[str, dict[int, ProgrammeYear]] = {}
    for one in session.scalars(select(ProgrammeYear).where(ProgrammeYear.region == region, ProgrammeYear.deleted.is_(False))):
        if one.year is not None:
            years.setdefault(one.programme, {})[one.year] = one
    spoken = sorted({year for known in years.values() for year, one in known.items() if one.budget is not None})
    targets = sorted({year for known in years.values() for year, one in known.items() if one.target})
    header = [*_HEAD, *(f"Anggaran {year} (Rp)" for year in spoken), *(f"Target {year}" for year in targets), *_TAIL]
    out = []
    for row in rows:
        known = years.get(row.id, {})
        out.append([
            row.number, DIMENSION_NAMES.get(row.dimension, ""), DIMENSION_NAMES.get(row.sub_dimension, ""), row.name, row.description,
            row.agency, row.pic, row.pic_phone, row.first_year, row.last_year,
            *(known[year].budget if year in known else None for year in spoken),
            *(known[year].target if year in known else "" for year in targets),
            row.budget, row.funding, row.indicator, row.unit, row.target, "Ya" if row.quick_win else "Tidak",
            _STATUSES.get(ProgrammeStatus(row.status), "") if row.status else "", row.benefit])
    return header, out


def as_excel(session: Session, region: str) -> bytes:
    """Return the plan as a workbook (.xlsx); what begins like a formula stays text."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    header, rows = table(session, region)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    where = regions.region(region)
    sheet.title = t("Master plan")[:31]
    book.properties.title = where.full_title if where else region
    for number, line in enumerate([header, *rows], 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type = "s"  # never a formula
                cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
            else:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="17406D")
            elif "(Rp)" in header[column - 1]:
                cell.number_format = "#,##0"
    for column, name in enumerate(header, 1):
        wide = 42 if name in {"Nama program", "Deskripsi", "Indikator", "Manfaat"} else 18
        sheet.column_dimensions[get_column_letter(column)].width = wide
    sheet.freeze_panes = "E2"
    sheet.auto_filter.ref = sheet.dimensions
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
