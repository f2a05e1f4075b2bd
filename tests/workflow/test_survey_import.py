"""Impact surveys from sheets of any order of columns: warnings by sheet and row, figures as evidence, nobody's name kept."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from assessor_app.errors import BadInput
from assessor_app.models.evaluations import Answer
from assessor_app.models.panels import Survey
from assessor_app.models.survey import read_kept
from assessor_app.models.tables import Intent
from assessor_app.workflow import editing, evaluating, survey_import
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.evidence import evidence_options, evidence_view
from assessor_app.workflow.queries.surveys import link_choices, surveys_view
from assessor_app.workflow.survey_import import SurveyProposal, notice_text, propose
from tests.factories import make_account, make_visit

Rows = Sequence[Sequence[Any]]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = make_account(tmp_path / "a")
    yield made
    made.close()


def book(**sheets: Rows) -> bytes:
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def people(count: int, *, first: int = 1, service: str = "Posyandu", marks: Sequence[int] = (3, 4, 2)) -> list[list[Any]]:
    return [[n, f"Warga {n}", service, *marks] for n in range(first, first + count)]


HEAD = ["No", "Nama Responden", "Layanan", "P1", "P2", "P3"]


def told(proposal: SurveyProposal, sub: str) -> list[tuple[str, int]]:
    result = next(one for one in proposal.results if one.sub_dimension == sub)
    return [(notice.code, notice.row) for notice in result.notices]


def test_a_clean_survey_of_fifty_users_has_a_mean_and_no_warning() -> None:
    made = propose([("kesehatan.xlsx", book(Prasarana_Kesehatan=[["Survei dampak 2024"], [], HEAD, *people(50)]))])
    assert made.faults == ()
    (result,) = made.results
    assert (result.sub_dimension, result.service, result.respondents, result.mean) == ("kesehatan", "Posyandu", 50, Fraction(3))
    assert [float(one) for one in result.statements if one is not None] == [3.0, 4.0, 2.0]
    assert result.notices == ()


@pytest.mark.parametrize(("header", "row"), [
    ("Skor 2;Layanan yang digunakan;Nama;Skor 1;Umur;Skor 3", "4;Posyandu;Warga {n};3;41;2"),
    ("respondent,service,age,statement 1,statement 2,statement 3", "Warga {n},Posyandu,41,3,4,2"),
    ("Nama lengkap\tApakah petugas ramah?\tApakah buka sesuai jadwal?\tApakah Anda puas?\tLayanan", "Warga {n}\t3\t4\t2\tPosyandu"),
])
def test_any_order_of_columns_is_understood(header: str, row: str) -> None:
    text = "\n".join([header, *(row.format(n=n) for n in range(50))])
    made = propose([("Prasarana Kesehatan.csv", ("﻿" + text).encode())]).with_sheet(0, sub_dimension="kesehatan")
    assert made.faults == ()
    (result,) = made.results
    assert (result.respondents, result.mean, result.service, result.notices) == (50, Fraction(3), "Posyandu", ())


def test_what_assessors_complained_of_is_warned_of_by_sheet_and_row() -> None:
    health = [HEAD, *people(45), [46, "Warga 46", "", 3, 2, 4], [47, "Warga 47", "Posyandu", 4, 4, 4],
              [48, "Warga 48", "Posyandu", 0, 3, 2], [49, "warga  1", "Posyandu", 2, 3, 4], [50, None, "Posyandu", 1, 2, 3]]
    waste = [HEAD, *people(3, first=2, service="Bank sampah")]
    made = propose([("survei.xlsx", book(Prasarana_Kesehatan=health, Sampah_dan_Limbah=waste))])
    assert made.faults == ()
    told_health = told(made, "kesehatan")
    assert ("service_empty", 47) in told_health
    assert ("straight", 48) in told_health
    assert ("zero", 49) in told_health
    assert ("twice", 50) in told_health
    assert ("unnamed", 51) in told_health
    assert [row for code, row in told_health if code == "reused"] == [3, 4, 5]
    assert [code for code, row in told_health if row == 0] == []
    assert told(made, "sampah") == [("fewer", 0), ("reused", 2), ("reused", 3), ("reused", 4)]
    assert [code for code, row in told(made.with_users(40), "kesehatan") if row == 0] == ["more_than_users"]
    said = notice_text(next(one for one in made.results[0].notices if one.code == "zero"))
    assert said == "Sheet “survei.xlsx, Prasarana Kesehatan”, row 49: a 0: from somebody who never used it?"


def test_one_row_for_all_sub_dimensions_and_files_that_come_together() -> None:
    wide = [["Nama", "Layanan Publik 1", "Layanan Publik 2", "Energi 1", "Energi 2"], *([f"Warga {n}", 3, 4, 2, 1] for n in range(50))]
    made = propose([("formulir.xlsx", book(Jawaban=wide))])
    assert {(r.sub_dimension, r.respondents, r.mean) for r in made.results} == {
        ("layanan_publik", 50, Fraction(7, 2)), ("energi", 50, Fraction(3, 2))}
    assert sum(code == "reused" for code, _ in told(made, "energi")) == 50
    apart = [("Energi.csv", b"nama,layanan,p1,p2\nWarga 1,PLTS,3,2\n"), ("Komunitas.csv", b"nama,layanan,p1,p2\nwarga 1,Forum,4,2\n")]
    assert [told(propose([one]), sub) for one, sub in zip(apart, ("energi", "komunitas"), strict=True)] == [[("fewer", 0)]] * 2
    assert ("reused", 2) in told(propose(apart), "energi")


def test_a_mapping_can_be_changed_and_users_and_non_users_are_read() -> None:
    rows = [["Kode", "Aplikasi", "Pengguna", "Jumlah pengguna", "A", "B", "Sub dimensi"],
            *([f"R{n}", "e-Kampung", "ya" if n else "tidak", 30, 3, 2, "Layanan Publik"] for n in range(50))]
    made = propose([("x.xlsx", book(Sheet1=rows))])
    assert [column.field for column in made.sheets[0].columns] == [
        "", "service", "user", "users", "statement", "statement", "sub_dimension"]
    made = made.with_field(0, 0, "respondent")
    (result,) = made.results
    assert (result.users, result.sub_dimension) == (30, "layanan_publik")
    assert told(made, "layanan_publik") == [("more_than_users", 0), ("not_user", 2)]
    assert "no column is taken for a statement" in made.with_field(0, 4, "").with_field(0, 5, "").faults[0]


def test_a_bad_file_is_refused_in_full_with_every_reason(account: Account) -> None:
    visit = make_visit(account)
    rows = [["Nama", "Layanan", "P1", "P2", "Sub dimensi"], *(["Warga", "Posyandu", 3, 2, "Komunitas"] for _ in range(20)),
            ["A", "Posyandu", 7, 2, "Komunitas"], ["B", "Posyandu", "sering", 2.5, "Komunitas"], ["C", "Posyandu", 3, -1, "Kebudayaan"],
            ["D", "Posyandu", 3, 1, None]]
    made = propose([("x.xlsx", book(Data=rows))])
    assert made.faults == (
        "Sheet “x.xlsx, Data”, cell C22: “7” is no answer from 0 to 4", "Sheet “x.xlsx, Data”, cell C23: “sering” is no answer from 0 to 4",
        "Sheet “x.xlsx, Data”, cell D23: “2.5” is no answer from 0 to 4",
        "Sheet “x.xlsx, Data”, cell E24: “Kebudayaan” is no sub-dimension",
        "Sheet “x.xlsx, Data”, cell E25: the sub-dimension is missing")
    with pytest.raises(BadInput) as refused:
        account.writer.run(lambda unit: survey_import.take_in(unit, visit, made), purpose="survey.import")
    assert refused.value.faults == made.faults
    assert refused.value.kept
    with account.reading() as session:
        assert session.scalars(select(Survey)).all() == []


@pytest.mark.parametrize(("name", "data"), [
    ("kosong.csv", b""), ("foto.jpg", b"\xff\xd8\xff\xe0" + bytes(200)), ("rusak.xlsx", b"PK\x03\x04" + bytes(50)),
    ("tanpa.csv", b"nama,alamat\nWarga,Kouh\n"), ("kutip.csv", b'nama,p1\n"Warga,3\n'), ("utf16.csv", "nama,p1\nA,3\n".encode("utf-16")),
    ("panjang.csv", b"nama,p1\n" + b"A,3\n" * 6000),
])
def test_a_file_that_is_no_survey_says_so_by_its_name(name: str, data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        propose([(name, data)])
    assert refused.value.title.startswith(f"{name}: ")
    assert refused.value.kept


def test_figures_are_kept_as_evidence_and_no_name_anywhere(account: Account) -> None:
    visit = make_visit(account)
    rows = [["Nama", "No HP", "Layanan", "P1", "P2"], *([f"Kenari Rahasia {n}", f"0812000{n:04}", "Bank sampah", 3, 2] for n in range(12))]
    data = book(Sampah_dan_Limbah=rows)
    made = propose([("sampah.xlsx", data)])
    (record,) = account.writer.run(lambda unit: survey_import.take_in(unit, visit, made), purpose="survey.import")
    with account.reading() as session:
        row = session.get(Survey, record)
        assert row is not None
        assert (row.sub_dimension, row.service, row.users, row.name) == ("sampah", "Bank sampah", None, "sampah.xlsx")
        kept = read_kept(row.content)
        assert (kept.respondents, kept.mean) == (12, 2.5)
        everything = json.dumps([row.values(), [intent.changes for intent in session.scalars(select(Intent))]])
        view = evidence_view(session, f"survey:{record}")
        options = {one.ref: one.text for one in evidence_options(session, visit)}
    assert "kenari" not in everything.lower()
    assert "0812000" not in everything
    assert options[f"survey:{record}"] == "Survey · Sampah dan Limbah · Bank sampah · mean 2.50"
    assert view is not None
    assert "Fewer than 50 respondents answered." in view.body

    # The same file again replaces what it gave before; one undo takes it back.
    account.writer.run(lambda unit: survey_import.take_in(unit, visit, made.with_users(9)), purpose="survey.import")
    with account.reading() as session:
        rows_now = surveys_view(session, visit, account.profile).rows
        step = editing.last_undoable(session)
    assert [(one.users, [n.code for n in one.notices][:2]) for one in rows_now] == [(9, ["fewer", "more_than_users"])]
    assert step is not None
    account.writer.run(lambda unit: editing.undo(unit, step.unit), purpose="undo")
    with account.reading() as session:
        assert [one.id for one in surveys_view(session, visit, account.profile).rows] == [record]


def test_a_mean_is_linked_as_evidence_and_sets_no_score(account: Account) -> None:
    visit = make_visit(account)
    file = next(one for one in evaluating.shipped_files() if one.stem == "smart-city-2023-wisata")
    sheet = account.writer.run(lambda unit: evaluating.open_sheet(unit, visit, evaluating.shipped(file)), purpose="sheet.open")
    made = propose([("Energi.csv", b"nama,layanan,p1,p2,p3\nA,PLTS,3,2,4\nB,PLTS,4,3,2\n")])
    (record,) = account.writer.run(lambda unit: survey_import.take_in(unit, visit, made), purpose="survey.import")
    with account.reading() as session:
        fitting = [one.id for one in link_choices(session, sheet, record) if one.fits]
    assert fitting == ["imp_energi_1", "imp_energi_2", "imp_energi_3"]
    assert account.writer.run(lambda unit: survey_import.link(unit, sheet, record, fitting), purpose="answer.evidence") == (3, 0)
    assert account.writer.run(lambda unit: survey_import.link(unit, sheet, record, fitting), purpose="answer.evidence") == (0, 0)
    with account.reading() as session:
        answers = session.scalars(select(Answer).where(Answer.sheet == sheet)).all()
        assert {a.question: (a.score, a.evidence) for a in answers} == {one: ("", [f"survey:{record}"]) for one in fitting}
    fewer = fitting[:1]  # the boxes show what it is evidence of: one that is emptied takes it back
    assert account.writer.run(lambda unit: survey_import.link(unit, sheet, record, fewer), purpose="answer.evidence") == (0, 2)
    with account.reading() as session:
        answers = session.scalars(select(Answer).where(Answer.sheet == sheet)).all()
        assert {a.question: a.evidence for a in answers} == {fitting[0]: [f"survey:{record}"], fitting[1]: [], fitting[2]: []}
