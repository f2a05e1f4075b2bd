"""Write the sample plan (an invented one) as the Excel sheet that a region might send.

Usage: python resources/make/sample_plan.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from books import fill, save, style
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
TARGET = HERE.parent / "sample"
YEARS = range(2023, 2028)
HEADER = ["No", "Dimensi", "Sub-dimensi", "Nama program", "Deskripsi", "OPD pelaksana", "PIC", "Tahun mulai",
          "Tahun selesai", *(f"Anggaran {year} (Rp)" for year in YEARS), "Sumber dana", "Indikator", "Satuan", "Target",
          "Quick win", "Status"]


def programmes() -> list[list[object]]:
    """Return one row a programme, in the order of the dimensions."""
    from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS

    found: dict[str, list[list[str]]] = {}
    for line in (HERE / "sample" / "plan.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            found.setdefault(cells[0], []).append(cells[1:])
    rows: list[list[object]] = []
    for dimension, subs in DIMENSIONS.items():
        for sub in subs:
            for name, about, agency, pic, millions, funding, indicator, unit, target, quick, status in found[sub]:
                budgets = [int(value) * 1_000_000 for value in millions.split(",")]
                used = [year for year, budget in zip(YEARS, budgets, strict=True) if budget]
                rows.append([len(rows) + 1, DIMENSION_NAMES[dimension], DIMENSION_NAMES[sub], name, about, agency, pic,
                             used[0], used[-1], *(budget or None for budget in budgets), funding, indicator, unit,
                             int(target), quick, status])
    return rows


def main() -> None:
    """Write the workbook: a title above the table, as such sheets have it, and a sheet of remarks."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Program"
    rows = programmes()
    fill(sheet, [["CONTOH: Rencana Induk Smart City Kabupaten Boven Digoel 2023–2027 (data rekaan untuk latihan)"], [],
                 HEADER, *rows])
    style(sheet, [5, 18, 24, 40, 60, 26, 30, 9, 9, 16, 16, 16, 16, 16, 12, 40, 16, 10, 9, 14], header=3)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(wrap_text=False, vertical="top")
    for line in sheet.iter_rows(min_row=4, min_col=10, max_col=14):
        for cell in line:
            cell.number_format = "#,##0"
    about = book.create_sheet("Keterangan")
    fill(about, [["Keterangan"], ["CONTOH. Seluruh program, angka, dan jabatan dalam berkas ini rekaan untuk latihan"
                                  " dan pengujian; bukan rencana Pemerintah Kabupaten Boven Digoel."],
                 ["Anggaran dalam rupiah penuh. Kolom kosong berarti tidak ada anggaran pada tahun itu."]])
    style(about, [110])
    TARGET.mkdir(parents=True, exist_ok=True)
    save(book, TARGET / "rencana-induk-boven-digoel.xlsx")


if __name__ == "__main__":
    main()
