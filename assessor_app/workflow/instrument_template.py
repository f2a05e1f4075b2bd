"""An empty instrument to begin with: the sheets and columns of ``instrument.md``, with one example of each kind of row."""

from __future__ import annotations

import io
from typing import Any

from assessor_app.i18n import t

_LANGUAGES = ("Bahasa Indonesia (id)", "English (en)")
_SETTINGS = ["form_title", "title_en", "form_id", "version", "default_language", "year", "cohort", "publisher", "official"]
_SURVEY = ["type", "name", *(f"label::{x}" for x in _LANGUAGES), *(f"hint::{x}" for x in _LANGUAGES), "weight", "dimension",
           "sub_dimension", "evidence"]
_CHOICES = ["list_name", "name", *(f"label::{x}" for x in _LANGUAGES)]
_BANDS = ["from", *(f"label::{x}" for x in _LANGUAGES)]
_ROWS = (
    ["begin_group", "dasar", "Dasar", "Foundations", None, None, 60],
    ["note", "dasar_petunjuk", "Nilai tahun sebelum tahun penilaian.", "Score the year before the year of evaluation."],
    ["select_one skala", "dasar_hukum", "Apakah rencana ditetapkan dengan peraturan?", "Is the plan adopted by a regulation?",
     "Minta naskah yang bernomor.", "Ask for the numbered text.", None, None, None, "required"],
    ["end_group"],
    ["begin_group", "hasil", "Hasil", "Results", None, None, 40],
    ["begin_group", "hasil_tata_kelola", "Tata kelola", "Governance", None, None, None, "governance"],
    ["select_one skala", "hasil_layanan", "Seberapa jauh layanan publik membaik?", "How far have public services improved?", None, None,
     None, None, "layanan_publik", "optional"],
    ["end_group"],
    ["end_group"],
)
_SCORES = (("Tidak ada bukti.", "No evidence."), ("Baru dimulai.", "Just begun."), ("Sebagian berjalan.", "Running in part."),
           ("Berjalan penuh.", "Running in full."), ("Berjalan penuh dan terbukti bermanfaat.", "Running in full, with proven benefit."))


def template() -> bytes:
    """Return the workbook; ``asesor instrument check`` finds no fault in it."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    about = ["Instrumen baru", "New instrument", "instrumen-baru", "1", _LANGUAGES[0], 2025, "", "", "no"]
    sheets: tuple[tuple[str, list[Any]], ...] = (
        ("settings", [_SETTINGS, about]), ("survey", [_SURVEY, *_ROWS]),
        ("choices", [_CHOICES, *(["skala", score, *words] for score, words in enumerate(_SCORES))]), ("bands", [_BANDS]),
        (t("guide"), [[t("Write your own words over the examples. What each column means:")], *([words] for words in _guide())]),
    )
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for at in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(at)].width = 90 if name == t("guide") else 28
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _guide() -> list[str]:
    return [
        t("settings: form_id and version name the instrument for ever; a published version never changes."),
        t("survey: begin_group … end_group at the top level is an aspect with its weight; the weights add up to 100."),
        t("survey: nested groups are indicators; select_one LIST is a question, its name is unique; note is guidance."),
        t("survey: weight at a question makes its aspect a weighted mean; evidence is required or optional."),
        t("choices: name is the score, a number; its label says what earns it. Every text stands in both languages."),
        t("bands (may stay empty): from which index on a word holds, such as 4.2 and Satisfying."),
    ]
