"""What the parts of a visit's open folder are called, in the language of the export, and what each holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from assessor_app import i18n
from assessor_app.i18n import mark, t

#: Names of files are a format that other programs may rely on: they stand here and not in the catalogue. Indonesian, English.
_NAMES: Final = {
    "visit": ("kunjungan", "visit"), "plan": ("rencana", "plan"), "programmes": ("program", "programmes"),
    "programme_years": ("program_tahun", "programme_years"), "actions": ("tindak_lanjut", "follow_up"),
    "officials": ("pejabat", "officials"), "respondents": ("narasumber", "respondents"), "interviews": ("wawancara", "interviews"),
    "marks": ("tanda", "marks"), "sheet": ("lembar", "sheet"), "scores": ("penilaian", "scores"),
    "findings": ("catatan_penilaian", "findings"), "files": ("berkas", "files"), "workbook": ("rencana-induk", "master-plan"),
    "notes": ("catatan", "notes"), "photos": ("foto", "photos"), "recordings": ("rekaman", "recordings"),
    "documents": ("dokumen", "documents"), "books": ("buku", "books"), "readme": ("BACA", "README"),
    "untitled": ("tanpa-judul", "untitled"),
}
#: What each holds; the ending, or a stroke for a folder.
_HOLDS: Final = (
    ("visit", ".csv", mark("the visit itself")), ("plan", ".csv", mark("the region's plan: vision, goals, readiness")),
    ("programmes", ".csv", mark("the plan's programmes")), ("programme_years", ".csv", mark("budget, target and status of each year")),
    ("workbook", ".xlsx", mark("the programmes as a workbook, with the column names that regions use")),
    ("actions", ".csv", mark("agreed follow-up")), ("officials", ".csv", mark("officials of the region")),
    ("respondents", ".csv", mark("respondents by their label")), ("interviews", ".csv", mark("notes as a table")),
    ("notes", "/", mark("notes as texts, one a file")), ("photos", "/", mark("photos of the notes, by the number of the note")),
    ("recordings", "/", mark("recordings whose consent covers them")), ("marks", ".csv", mark("marks in the books")),
    ("sheet", ".csv", mark("your score sheet")), ("scores", ".csv", mark("your scores with their reasons")),
    ("findings", ".csv", mark("your notes on the evaluation")), ("files", ".csv", mark("files of the visit, by name")),
    ("documents", "/", mark("signed documents")), ("books", "/", mark("the books of the plan")),
)


def named(code: str) -> str:
    """Return the name of a part without its ending, in the language in use."""
    return _NAMES[code][i18n.LANGUAGES.index(i18n.language())]


def contents_of(files: list[str]) -> Iterator[tuple[str, str]]:
    """Return each file or folder that is there, with what it holds."""
    for code, ending, said in _HOLDS:
        name = f"{named(code)}{ending}"
        if any(file.startswith(name) for file in files):
            yield name, t(said)
    yield "data.json", t("all tables as JSON")
