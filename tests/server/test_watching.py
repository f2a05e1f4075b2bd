"""A row that somebody edits in the server's database changes no index, and the secretariat is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType
from assessor_app.models.visits import Visit
from assessor_app.workflow import documents, evaluating, panel
from assessor_app.workflow.accounts import Account
from assessor_server import cli, watching
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.store import Store
from tests.factories import PIN, ServerProcess, make_visit, sync, write
from tests.server.scenes import Desk, add

pytestmark = pytest.mark.xdist_group("postgres")


def sign(account: Account, visit: str, number: str, score: str) -> str:
    """Score every question alike, sign the sheet; return its document."""
    instrument = evaluating.shipped(evaluating.shipped_files()[0])

    def fill(unit: Unit) -> None:
        sheet = evaluating.open_sheet(unit, visit, instrument)
        for question in instrument.questions():
            evaluating.answer(unit, sheet, question.id, score=score)

    account.writer.run(fill, purpose="sheet.edit")
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, documents.wish(number=number))
    return documents.sign(account, prepared, PIN)


@dataclass
class Scene:
    """A closed panel of two at a real server, and the secretariat at its pages."""

    store: Store
    desk: Desk
    visit: str
    sheet: str  # a signed document
    folder: Path
    url: str

    def by_hand(self, statement: Any) -> None:
        with self.store.transaction() as connection:
            assert connection.execute(statement).rowcount == 1

    def command(self, *words: str) -> int:
        return cli.main(["--data", str(self.folder), "--database", self.url, *words])

    def alarms(self) -> set[tuple[str, str]]:
        with self.store.transaction() as connection:
            return {(row.what, row.key) for row in watching.alarms(connection)}


def panel_index(connection: Connection) -> float:
    return float(connection.execute(select(tb.panel_result.c["index"])).scalar_one())


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_a_hand_changes_in_the_database_changes_no_index(
        tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], database: str) -> None:
    url = request.getfixturevalue("postgres")() if database == "postgresql" else ""
    server = ServerProcess(tmp_path / "server", database=url).prepare("maria", "yosep").start()
    store = server.store()
    devices: list[Account] = []
    try:
        maria, yosep = server.join(tmp_path / "a", "maria"), server.join(tmp_path / "b", "yosep")
        devices += [maria, yosep]
        visit = make_visit(maria)
        write(maria, Visit, visit, lead=maria.profile, team=[maria.profile, yosep.profile])
        sync(maria)
        sync(yosep)
        sign(maria, visit, "1", "3")
        document = sign(yosep, visit, "2", "2")
        sync(yosep)
        panel.close(maria, visit, by_line=True)
        sync(maria)
        add(store, "sri", "secretariat")
        desk = Desk(store)
        desk.sign_in("sri")
        scene = Scene(store, desk, visit, document, server.folder, url)

        with store.transaction() as connection:
            assert panel_index(connection) == 2.5
        assert watching.look(store, Blobs(store), mend=False) == []
        assert scene.command("results", "check") == 0
        assert "2,50" in desk.get("/web/hasil")
        assert "Alarm" not in desk.get("/web/")

        # Index, mean and state of results: the page shows what the files say, and an alarm is raised.
        scene.by_hand(update(tb.panel_result).values(index=4.0))
        scene.by_hand(update(tb.result).where(tb.result.c.document == document).values(index=3.75))
        scene.by_hand(update(tb.panel_aspect).where(tb.panel_aspect.c.number == 1).values(mean=3.99))
        shown = desk.get("/web/hasil")
        assert "2,50" in shown
        for false in ("4,00", "3,75", "3,99"):
            assert false not in shown
        assert scene.alarms() == {("panel_result", visit), ("result", document)}
        home = desk.get("/web/")
        assert "diubah langsung di basis data" in home
        assert visit in home
        assert document in home
        desk.post("/web/alarm", what="result", key=document)
        assert document not in desk.get("/web/")
        assert scene.alarms() == {("panel_result", visit)}
        assert scene.command("results", "check") == 0  # mended before it was shown

        # A result that is taken out, or one that nobody signed.
        scene.by_hand(delete(tb.result).where(tb.result.c.document == document))
        with store.transaction() as connection:
            other = dict(connection.execute(select(tb.panel_result)).mappings().one())
            connection.execute(tb.panel_result.insert().values(**{**other, "visit": "rekaan", "index": 4.0}))
        capsys.readouterr()
        assert scene.command("results", "check") == 1
        said = capsys.readouterr().out
        assert f"differs from its signed files: result {document} (row)" in said
        assert "panel_result rekaan (row)" in said
        assert scene.command("results", "rebuild") == 0
        assert scene.command("results", "check") == 0

        # Records: who belongs to the panel, and a field that nobody ever set.
        with store.transaction() as connection:
            panels = connection.execute(select(tb.record).where(tb.record.c.kind == "panel")).one()
            sheet = connection.execute(select(tb.record).where(tb.record.c.kind == "answer")).first()
        assert sheet is not None
        here = (tb.record.c.kind == "panel") & (tb.record.c.id == panels.id)
        scene.by_hand(update(tb.record).where(here).values(fields={**panels.fields, "members": [maria.profile], "conclusion": "palsu"}))
        scene.by_hand(update(tb.record).where((tb.record.c.kind == "answer") & (tb.record.c.id == sheet.id)).values(
            fields={**sheet.fields, "score": "4"}))
        assert "2,50" in desk.get("/web/hasil")
        with store.transaction() as connection:
            assert panel_index(connection) == 2.5
        capsys.readouterr()
        assert scene.command("results", "check") == 1
        said = capsys.readouterr().out
        assert f"differs from the journal: record panel {panels.id} (conclusion members)" in said
        assert f"differs from the journal: record answer {sheet.id} (score)" in said
        assert f"panel {panels.id}" in desk.get("/web/")

        # A record that is taken out is missed by the sum of its place.
        scene.by_hand(delete(tb.record).where((tb.record.c.kind == "answer") & (tb.record.c.id == sheet.id)))
        capsys.readouterr()
        assert scene.command("results", "check") == 1
        assert f"scope {sheet.scope} (versions)" in capsys.readouterr().out
        with store.transaction() as connection:
            connection.execute(tb.record.insert().values(**{**sheet._mapping, "fields": {**sheet.fields, "score": "4"}}))
        assert scene.command("results", "rebuild") == 0
        assert "2 records put back" in capsys.readouterr().out
        assert scene.command("results", "check") == 0
        with store.transaction() as connection:
            now = connection.execute(select(tb.record.c.fields).where(here)).scalar_one()
        assert now == panels.fields
    finally:
        for device in devices:
            device.close()
        store.close()
        server.stop()


def test_a_life_of_edits_erasures_and_differences_raises_no_alarm(tmp_path: Path) -> None:
    from tests.sync.loopback import Loopback, make_joined

    server = Loopback(tmp_path / "server")
    first, second = make_joined(server, tmp_path / "a", "maria"), make_joined(server, tmp_path / "b", "yosep")
    try:
        play(server, first, second)
        assert watching.look(server.store, Blobs(server.store), mend=False) == []
        with server.store.transaction() as connection:
            deleted = {row.id for row in connection.execute(select(tb.record)) if row.fields.get("deleted")}
            assert len(deleted) == 2, "a note that was deleted, and a plan that was undone"
            connection.execute(update(tb.record).where(tb.record.c.id.in_(deleted)).values(fields={}))
        assert {one.key.split()[1] for one in watching.look(server.store, Blobs(server.store), mend=False)} == deleted
        assert watching.restore(server.store) == 2
        with server.store.transaction() as connection:
            assert {row.fields["deleted"] for row in connection.execute(select(tb.record).where(tb.record.c.id.in_(deleted)))} == {True}
        assert watching.look(server.store, Blobs(server.store), mend=False) == []
    finally:
        first.close()
        second.close()
        server.close()


def play(server: Any, first: Account, second: Account) -> None:
    """Edit, merge, differ, delete, undo, revive and erase."""
    from assessor_app.models.interviews import Interview
    from assessor_app.models.kinds import Kind, Role
    from assessor_app.models.visits import Person
    from assessor_app.workflow import editing, planning, visiting
    from tests.factories import make_note

    visit = make_visit(first)
    note = make_note(first, visit, "Baris pertama.\nBaris kedua.\n")
    gone = make_note(first, visit, "Dihapus.")
    person = first.writer.run(lambda unit: unit.add(Person(role=Role.RESPONDENT, region="93.02", visit=visit, name="Yuliana")).id,
                              purpose="person.add")
    server.sync(first)
    server.sync(second)
    first.writer.run(lambda unit: editing.delete(unit, Kind.INTERVIEW, gone), purpose="interview.delete")
    first.writer.run(lambda unit: planning.ensure_plan(unit, "93.02"), purpose="plan.create")
    server.sync(first)
    with first.reading() as session:
        made = editing.last_undoable(session)
    assert made is not None
    first.writer.run(lambda unit: editing.undo(unit, made.unit), purpose="undo")
    write(first, Interview, note, body="Baris pertama, satu.\nBaris kedua.\n", place="Kouh")
    write(second, Interview, note, body="Baris pertama.\nBaris kedua, dua.\n", place="Tanah Merah")
    for device in (first, second, first):
        server.sync(device)
    first.writer.run(lambda unit: editing.delete(unit, Kind.VISIT, visit), purpose="visit.delete")
    write(second, Interview, note, title="Dihidupkan lagi")
    for device in (first, second, first):
        server.sync(device)
    write(first, Interview, note, persons=[person])
    server.sync(first)
    first.writer.run(lambda unit: visiting.erase_person(unit, person), purpose="erase")
    write(first, Visit, visit, place="")
    for device in (first, second, first):
        server.sync(device)
