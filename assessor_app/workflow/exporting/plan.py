"""A region's plan as the Excel sheet that its offices work with; imported again it changes nothing."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DIMENSION_NAMES, ProgrammeStatus
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.workflow.interviewing import ground_of
from assessor_app.workflow.queries.master_plan import Source, plan_view
from assessor_app.workflow.queries.plan_progress import Turn, progress

_HEAD = ("No", "Dimensi", "Sub-dimensi", "Nama program", "Deskripsi", "OPD pelaksana", "PIC", "Telepon PIC", "Tahun mulai", "Tahun selesai")
_TAIL = ("Total anggaran (Rp)", "Sumber dana", "Indikator", "Satuan", "Target", "Quick win", "Status", "Manfaat")
_STATUSES = {ProgrammeStatus.PLANNED: "Direncanakan", ProgrammeStatus.RUNNING: "Berjalan", ProgrammeStatus.DONE: "Selesai",
             ProgrammeStatus.DELAYED: "Terlambat", ProgrammeStatus.STOPPED: "Dihentikan"}

_TURNS = {Turn.DELAYED: "Terlambat", Turn.STOPPED: "Dihentikan", Turn.GONE: "Tidak lagi direncanakan", Turn.NEW: "Baru",
          Turn.CHANGED: "Berubah", Turn.DONE: "Selesai", Turn.SAME: "Tetap"}


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
    states = sorted({year for known in years.values() for year, one in known.items() if one.status})
    header = [*_HEAD, *(f"Anggaran {year} (Rp)" for year in spoken), *(f"Target {year}" for year in targets),
              *(f"Status {year}" for year in states), *_TAIL]
    out = []
    for row in rows:
        known = years.get(row.id, {})
        out.append([
            row.number, DIMENSION_NAMES.get(row.dimension, ""), DIMENSION_NAMES.get(row.sub_dimension, ""), row.name, row.description,
            row.agency, row.pic, row.pic_phone, row.first_year, row.last_year,
            *(known[year].budget if year in known else None for year in spoken),
            *(known[year].target if year in known else "" for year in targets),
            *(_state(known[year].status) if year in known else "" for year in states),
            row.budget, row.funding, row.indicator, row.unit, row.target, "Ya" if row.quick_win else "Tidak",
            _state(row.status), row.benefit])
    return header, out


def _state(code: str) -> str:
    return _STATUSES.get(ProgrammeStatus(code), "") if code else ""


def compared(session: Session, region: str, year: int) -> tuple[list[str], list[list[Any]]]:
    """Return a year's plan beside the year before, as a header and a row a programme; who said a status, where the note may leave.

    No heading is one by which an import knows a table of programmes: the sheet is passed over when the workbook comes back.
    """
    view = plan_view(session, region)
    found = progress(view.programmes, year)
    told = {one.id: _told(session, one) for one in view.sources.values()}
    header = ["Urutan", "Judul", "Lembaga", "Perkembangan", f"Dana {year - 1} (Rp)", f"Dana {year} (Rp)", "Selisih (Rp)",
              f"Sasaran {year - 1}", f"Sasaran {year}", f"Keadaan {year - 1}", f"Keadaan {year}", "Sumber keterangan"]
    order = {turn: at for at, turn in enumerate(Turn)}
    return header, [[
        row.programme.number, row.programme.name, row.programme.agency, _TURNS[row.turn], row.before.budget, row.now.budget,
        row.difference, row.before.target, row.now.target, _state(row.before.status), _state(row.status), told.get(row.now.interview, "")]
        for row in sorted(found.rows, key=lambda row: (order[row.turn], row.programme.number))]


def _told(session: Session, source: Source) -> str:
    note = session.get(Interview, source.id)
    if note is None or not ground_of(session, note).may_leave:
        return ""
    return ", ".join(filter(None, (source.who, source.held_at[:10])))


def as_excel(session: Session, region: str, year: int | None = None) -> bytes:
    """Return the plan as a workbook (.xlsx), with the comparison of ``year`` as its second sheet; nothing in it is a formula."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    where = regions.region(region)
    sheet.title = t("Master plan")[:31]
    book.properties.title = where.full_title if where else region
    _fill(sheet, *table(session, region), frozen="E2")
    if year:
        header, rows = compared(session, region, year)
        if rows:
            _fill(book.create_sheet(t("{0} against {1}").format(year, year - 1)[:31]), header, rows, frozen="C2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, header: list[str], rows: list[list[Any]], frozen: str) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

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
        wide = 42 if name in {"Nama program", "Deskripsi", "Indikator", "Manfaat", "Judul", "Sumber keterangan"} else 18
        sheet.column_dimensions[get_column_letter(column)].width = wide
    sheet.freeze_panes = frozen
    sheet.auto_filter.ref = sheet.dimensions
