"""Every document can be heard as well as seen, and kept for decades: its tags, and what two validators say of it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pytest

from assessor_app.identity import certificates
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import LocalKey
from assessor_app.reports import signing
from assessor_app.reports.content import AspectBlock, Content, Photo, QuestionRow
from assessor_app.reports.finishing import finish
from assessor_app.reports.layout import lay_out
from assessor_app.reports.stamps import Stamp
from tests.reports import conforming, samples, tagtree

DOCUMENTS: dict[str, Content] = {
    "minutes": samples.minutes(official_signs="certificate"), "drawn": samples.drawn_minutes(language="en"),
    "sheet": samples.sheet(3, copies_to=("Bupati Boven Digoel", "Arsip")),
    "sheet_en": samples.sheet(1, language="en", paper="F4", sample=True, photos=(Photo(b"broken", "loket"),)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_everything_drawn_is_in_the_tree_or_decoration(name: str) -> None:
    content = DOCUMENTS[name]
    pdf = signing.make(content)
    root = tagtree.read(pdf)
    assert len(root.find("H1")) == 1
    assert root.find("Table")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == content.language
    report = conforming.archivable(finish(lay_out(content), content, bare=True))
    assert report.passed, report.summary()


def test_figures_are_told_in_the_documents_language() -> None:
    root = tagtree.read(signing.make(DOCUMENTS["sheet"]))
    told = [one.alt for one in root.find("Figure")]
    assert any(re.match(r"Rata-rata menurut aspek, skala 0 sampai 4: Baseline \d,\d\d \(2024: \d,\d\d\); ", alt) for alt in told)
    assert any(alt.startswith("Foto 1. Pelayanan terpadu") for alt in told)
    assert any(alt.startswith("Kode yang mengarah ke https://asesor.example.go.id/d/") and "#" not in alt for alt in told)
    told = [one.alt for one in tagtree.read(signing.make(DOCUMENTS["drawn"])).find("Figure")]
    assert any(alt == "Signature by hand: Yohanes Wambrauw, S.Sos., M.Si." for alt in told)


def test_a_row_that_breaks_over_pages_stays_one_row_and_heads_are_read_once() -> None:
    rows = tuple(QuestionRow(f"1.{n}", "Pertanyaan", "3", "Alasan yang panjang sekali. " * (700 if n == 2 else 5)) for n in range(1, 5))
    content = samples.sheet(0, aspects=(AspectBlock("Satu", 100.0, 3.0, rows),), dimensions=())
    pdf = signing.make(content)
    root = tagtree.read(pdf)
    table = next(one for one in root.find("Table") if len(one.kids[0].kids) == 4)
    assert [len(table.kids), [cell.tag for cell in table.kids[0].kids]] == [5, ["TH"] * 4]
    broken = [mark for part in table.kids[2].kids[3].walk() for mark in part.marks]
    assert len({page for page, _ in broken}) > 2


def test_columns_of_a_signature_block_are_read_one_after_the_other() -> None:
    root = tagtree.read(signing.make(DOCUMENTS["minutes"]))
    tags = [one.tag for one in root.kids]
    forms = [n for n, tag in enumerate(tags) if tag == "Form"]
    assert len(forms) == 2
    assert tags[forms[0] + 1 : forms[1]].count("P") >= 4


def _signer(name: str) -> LocalKey:
    key = new_key()
    return LocalKey(key, certificates.self_signed(key, Subject(name, "Uncen", "a1")))


def test_others_find_nothing_wrong_also_after_signatures(tmp_path: Path) -> None:
    made = {name: signing.make(content) for name, content in DOCUMENTS.items()}
    stamp = Stamp("Dr. Ir. Maria Tefa, M.Kom.", "3 Juli 2025, 14.32 WIT", strokes=(((0.0, 30.0), (10.0, 5.0), (20.0, 40.0)),))
    once = signing.sign(made["minutes"], _signer(samples.MARIA.full_name), "assessor", stamp, reason="Saya membuatnya", place="Tanah Merah")
    ink = Stamp(samples.YOHANES.full_name, "3 Juli 2025", picture=samples.ink())
    twice = signing.sign(once, _signer(samples.YOHANES.full_name), "official", ink)
    assert len(once) - len(made["minutes"]) < 40_000
    assert len(twice) - len(once) < 40_000
    tagtree.read(twice)
    conforming.vera(tmp_path, **made, once=once, twice=twice)
