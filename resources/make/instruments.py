"""Write the two instruments in resources/instruments/ from the words in resources/make/instrument/.

Usage: python resources/make/instruments.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from books import fill, save, style
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

HERE = Path(__file__).resolve().parent
WORDS = HERE / "instrument"
TARGET = HERE.parent / "instruments"
PUBLISHER = "Asesor (contoh, bukan instrumen resmi)"
LANGUAGES = ("Bahasa Indonesia (id)", "English (en)")
TEXTS = ("id", "en", "hint-id", "hint-en")

SURVEY = ["type", "name", *(f"label::{x}" for x in LANGUAGES), *(f"hint::{x}" for x in LANGUAGES), "weight",
          "dimension", "sub_dimension", "evidence"]
CHOICES = ["list_name", "name", *(f"label::{x}" for x in LANGUAGES)]
SETTINGS = ["form_title", "title_en", "form_id", "version", "default_language", "year", "cohort", "publisher",
            "official"]


@dataclass
class Item:
    """One thing that stands in a file of words: an aspect, a group's begin or end, a question, a note."""

    mark: str
    cells: list[str]
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """One instrument: its settings, and its aspects as (file, weight)."""

    form_id: str
    title: str
    title_en: str
    year: int
    cohort: str
    aspects: tuple[tuple[str, int], ...]


BOOKS = (
    Book("smart-city-2022-baru", "Evaluasi smart city 2022, angkatan baru (contoh)",
         "Smart city evaluation 2022, new cohort (example)", 2022, "angkatan baru",
         (("baseline", 10), ("output", 20), ("outcome", 30), ("impact2022", 10), ("quickwin", 30))),
    Book("smart-city-2023-wisata", "Evaluasi smart city 2023, kawasan wisata dan ibu kota baru (contoh)",
         "Smart city evaluation 2023, tourism and capital regions (example)", 2023, "kawasan wisata dan ibu kota",
         (("baseline", 10), ("output", 20), ("outcome", 20), ("impact2023", 20), ("quickwin", 20),
          ("collaboration", 10))),
)


def read_words(name: str, folder: Path = WORDS) -> list[Item]:
    """Return the items of one file in their order."""
    items: list[Item] = []
    for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        label, _, text = line.partition(": ")
        if label in TEXTS:
            items[-1].texts[label] = text.strip()
        elif line.strip():
            items.append(Item(line[0], [cell.strip() for cell in line[1:].split("|")]))
    return items


def read_anchors() -> dict[str, list[tuple[int, str, str]]]:
    """Return the lists of scores: each score with its anchor in both languages."""
    lists: dict[str, list[tuple[int, str, str]]] = {}
    lines = [line for line in (WORDS / "anchors.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if line.startswith("@"):
            anchors = lists.setdefault(line[1:].strip(), [])
        elif found := re.match(r"(\d) (.*)", line):
            anchors.append((int(found[1]), found[2], lines[number + 1].strip()))
    return lists


def survey_rows(book: Book) -> list[list[object]]:
    """Return the rows of the sheet ``survey``."""
    rows: list[list[object]] = []
    for name, weight in book.aspects:
        for item in read_words(name):
            cells = [*item.cells, "", "", "", ""]
            texts: list[object] = [item.texts.get(key) for key in TEXTS]
            match item.mark:
                case "=":
                    rows.append(["begin_group", cells[0], *texts, weight])
                case "[":
                    rows.append(["begin_group", cells[0], *texts, None, cells[1] or None, cells[2] or None])
                case "]":
                    rows.append(["end_group"])
                case "!":
                    rows.append(["note", cells[0], *texts])
                case "?" if cells[4] in ("", str(book.year)):
                    home = cells[3] if cells[3] in ("governance", "branding", "economy", "living", "society",
                                                    "environment") else ""
                    sub = cells[3] if not home else ""
                    rows.append([f"select_one {cells[1]}", cells[0], *texts, None, home or None, sub or None, cells[2]])
        rows.append(["end_group"])
    return rows


def write(book: Book) -> None:
    """Write one workbook."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    rows = survey_rows(book)
    used = {str(row[0]).partition(" ")[2] for row in rows if str(row[0]).startswith("select_one")}
    settings = workbook.create_sheet("settings")
    fill(settings, [SETTINGS, [book.title, book.title_en, book.form_id, "1", LANGUAGES[0], book.year, book.cohort,
                               PUBLISHER, "no"]])
    style(settings, [44, 44, 26, 10, 24, 8, 28, 40, 10])
    survey = workbook.create_sheet("survey")
    fill(survey, [SURVEY, *rows])
    style(survey, [24, 24, 62, 62, 46, 46, 9, 15, 18, 11])
    for row in survey.iter_rows(min_row=2):
        if str(row[0].value).startswith("begin"):
            for cell in row:
                cell.font = Font(bold=True)
                cell.fill = PatternFill("solid", fgColor="D9E8EC" if row[6].value is not None else "EEF4F6")
    choices = workbook.create_sheet("choices")
    fill(choices, [CHOICES, *([name, score, id_text, en_text] for name, anchors in read_anchors().items()
                              if name in used for score, id_text, en_text in anchors)])
    style(choices, [18, 8, 80, 80])
    workbook.active = 1
    TARGET.mkdir(parents=True, exist_ok=True)
    save(workbook, TARGET / f"{book.form_id}.xlsx")


if __name__ == "__main__":
    for each in BOOKS:
        write(each)
