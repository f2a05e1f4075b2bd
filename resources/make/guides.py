"""Write the interview guides in resources/guides/ from the words in resources/make/guide/, with the compiled form beside each workbook.

Usage: python resources/make/guides.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from books import fill, save, style
from instruments import LANGUAGES, TEXTS, read_words
from openpyxl import Workbook

from assessor_app.models.guide_workbook import read_guide

WORDS = Path(__file__).resolve().parent / "guide"
TARGET = WORDS.parent.parent / "guides"
PUBLISHER = "Asesor (contoh, bukan panduan resmi)"
SURVEY = ["type", "name", *(f"label::{x}" for x in LANGUAGES), *(f"hint::{x}" for x in LANGUAGES), "dimension", "sub_dimension"]
CHOICES = ["list_name", "name", *(f"label::{x}" for x in LANGUAGES)]
SETTINGS = ["form_title", "title_en", "form_id", "version", "default_language", "stage", "publisher", "official"]


@dataclass(frozen=True)
class Book:
    """One guide: its file of words, titles, and stage."""

    name: str
    title: str
    title_en: str
    stage: str


BOOKS = (
    Book("bimtek-1", "Panduan bimtek I: kesiapan, masalah, visi (contoh)",
         "Guide to workshop I: readiness, problems, vision (example)", "bimtek_1"),
    Book("bimtek-2", "Panduan bimtek II: program dan rencana aksi (contoh)",
         "Guide to workshop II: programmes and action plan (example)", "bimtek_2"),
    Book("bimtek-3", "Panduan bimtek III: peta jalan dan quick win (contoh)",
         "Guide to workshop III: road map and quick win (example)", "bimtek_3"),
    Book("bimtek-4", "Panduan bimtek IV: buku yang selesai (contoh)",
         "Guide to workshop IV: the finished books (example)", "bimtek_4"),
    Book("evaluasi", "Panduan wawancara evaluasi (contoh)",
         "Guide to evaluation interviews (example)", "evaluation"),
)


def lists() -> dict[str, list[list[str]]]:
    """Return the lists of choices: name and both labels of each."""
    found: dict[str, list[list[str]]] = {}
    for line in (WORDS / "choices.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            rows = found.setdefault(line[1:].strip(), [])
        elif line.strip():
            rows.append([cell.strip() for cell in line.split("|")])
    return found


def survey_rows(book: Book) -> list[list[str | None]]:
    """Return the rows of the sheet ``survey``."""
    rows: list[list[str | None]] = []
    for item in read_words(book.name, WORDS):
        cells = [*item.cells, "", "", ""]
        texts = [item.texts.get(key) for key in TEXTS]
        match item.mark:
            case "[":
                rows.append(["begin_group", cells[0], *texts, cells[1] or None])
            case "]":
                rows.append(["end_group"])
            case "!":
                rows.append(["note", cells[0], *texts])
            case _:
                rows.append([cells[1], cells[0], *texts, None, cells[2] or None])
    return rows


def write(book: Book) -> None:
    """Write one workbook and its compiled form."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    rows = survey_rows(book)
    used = {str(row[0]).partition(" ")[2] for row in rows if str(row[0]).startswith("select")}
    settings = workbook.create_sheet("settings")
    fill(settings, [SETTINGS, [book.title, book.title_en, f"panduan-{book.name}", "1", LANGUAGES[0], book.stage, PUBLISHER, "no"]])
    style(settings, [52, 52, 26, 10, 24, 14, 40, 10])
    survey = workbook.create_sheet("survey")
    fill(survey, [SURVEY, *rows])
    style(survey, [24, 24, 62, 62, 46, 46, 15, 18])
    choices = workbook.create_sheet("choices")
    fill(choices, [CHOICES, *([name, *row] for name, found in lists().items() if name in used for row in found)])
    style(choices, [18, 18, 60, 60])
    workbook.active = 1
    TARGET.mkdir(parents=True, exist_ok=True)
    file = TARGET / f"{book.name}.xlsx"
    save(workbook, file)
    file.with_suffix(".json").write_text(read_guide(file).to_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in BOOKS:
        write(each)
