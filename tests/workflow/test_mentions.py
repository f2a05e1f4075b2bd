"""Tags and people that a note's text names: what counts as one, what they do to the note, and what an erasure leaves of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor_app.models.interviews import Interview
from assessor_app.models.visits import Person
from assessor_app.workflow import interviewing, mentions, rights, visiting
from assessor_app.workflow.queries.people import person_of
from tests.factories import make_account, make_note, make_visit, read


@pytest.mark.parametrize(("text", "tags"), [
    ("", set()),
    ("Air bersih #air dan #air-bersih.", {"air", "air-bersih"}),
    ("# Judul\n## Bagian\n#SMS di awal baris", {"SMS"}),
    ("Program #3, nomor #12a, C# dan a#b", {"12a"}),
    ("(#jalan), #jembatan; https://contoh.id/#bagian", {"jalan", "jembatan"}),
    ("##dua &#39; @#x #", set()),
    ("#éclair #e\u0301clair", {"éclair"}),
])
def test_what_a_tag_is(text: str, tags: set[str]) -> None:
    assert mentions.tags_in(text) == tags


def test_tags_follow_the_text_and_those_set_otherwise_stay(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    note = make_note(account, visit, "#air", tags=["Dewan"])
    account.writer.run(lambda u: mentions.retag(u, note, ["air"], []), purpose="interview.tags")
    assert read(account, Interview, note, "tags") == ["Dewan", "air"]
    account.writer.run(lambda u: mentions.retag(u, note, ["jalan"], ["air"]), purpose="interview.tags")
    assert read(account, Interview, note, "tags") == ["Dewan", "jalan"]
    make_note(account, visit, "#jalan", tags=["jalan"])
    with account.reading() as session:
        assert mentions.known_tags(session) == ("jalan", "Dewan")
        plan = " ".join(str(row) for row in session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT tags FROM interview WHERE tags <> '[]' AND NOT deleted").all())
        assert "interview_tagged" in plan  # 100,000 notes without a tag are not read
    account.close()


def test_a_mention_never_holds_a_name_so_that_an_erasure_leaves_none(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    heard = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus Sajalah", occupation="kader"), purpose="x")
    other = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Yang Lain"), purpose="x")
    official = account.writer.run(lambda u: visiting.add_official(u, visit, name="Pejabat Bernama", office="Kepala  Dinas"), purpose="x")
    with account.reading() as session:
        rows = [person_of(session, one) for one in (heard, official)]
    said = [mentions.mention(row) for row in rows if row is not None]
    assert said == ["N-01", "Kepala Dinas"]
    note = make_note(account, visit, f"Kata @{said[0]} kepada @{said[1]}.", observation=False, persons=[heard, other, official])
    receipt = rights.erase(account, heard)
    assert "N-01" in receipt
    rights.erase(account, official)
    assert read(account, Person, heard, "name") == ""
    assert read(account, Interview, note, "body") == "Kata @N-01 kepada @Kepala Dinas."  # the note lives, the names do not
    with account.reading() as session:
        for (table,) in session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").all():
            everything = str(session.connection().exec_driver_sql(f'SELECT * FROM "{table}"').all())
            assert "Sajalah" not in everything, table
            assert "Bernama" not in everything, table
    account.close()


def test_the_text_of_an_erased_note_tags_nothing_any_more(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Sendiri"), purpose="x")
    note = make_note(account, visit, "#rahasia-keluarga", observation=False, persons=[person])
    rights.erase(account, person)
    account.writer.run(lambda u: mentions.retag(u, note, ["rahasia-keluarga"], []), purpose="interview.tags")
    assert read(account, Interview, note, "tags") == []
    account.close()
