"""What the check before a trip says, and which instruments a new sheet may use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from assessor_app import ids
from assessor_app.models import instrument as instruments_
from assessor_app.models.catalogue import Instrument as InstrumentRecord
from assessor_app.models.catalogue import Numbers
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.instrument import Instrument
from assessor_app.models.journal import Unit, raw_writes
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Action
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow import evaluating, planning, ready
from assessor_app.workflow.accounts import Account, put_settings
from assessor_app.workflow.ready import Check, Remedy, State
from tests.factories import make_account, make_visit
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with cheap_secrets():
        made = make_account(tmp_path / "account")
    yield made
    made.close()


def look(account: Account, visit: str = "", battery: int | None = None) -> dict[str, Check]:
    with account.reading() as session:
        return {check.code: check for check in ready.checks(session, account, visit, battery=battery)}


def test_a_fresh_notebook_lacks_nearly_everything(account: Account) -> None:
    found = look(account, make_visit(account))
    assert {code: check.state for code, check in found.items()} == {
        "line": State.MISSING, "plan": State.MISSING, "instrument": State.OK, "report": State.UNKNOWN, "actions": State.OK,
        "contacts": State.MISSING, "recipients": State.MISSING, "numbers": State.MISSING, "key": State.WARN, "revoked": State.UNKNOWN,
        "clock": State.UNKNOWN, "disk": found["disk"].state, "battery": State.UNKNOWN, "backup": State.MISSING}
    assert found["line"].remedy is Remedy.INVITATION
    assert set(look(account)) == {"line", "numbers", "key", "revoked", "clock", "disk", "battery", "backup"}


def test_what_is_there_is_told_with_its_figures(account: Account) -> None:
    visit = make_visit(account)

    def fill(unit: Unit) -> None:
        this = unit.get(Visit, visit)
        this.year = 2026
        before = unit.add(Visit(region=this.region, year=2025, stage="evaluation"))
        unit.add(Document(visit=before.id, type="minutes", state="approved", title="Berita acara"))
        unit.add(Action(region=this.region, visit=before.id, number=1, body="Pasang papan", status="open"))
        unit.add(Action(region=this.region, visit=before.id, number=2, body="Selesai", status="done"))
        unit.add(Person(role="official", region=this.region, name="Yosep", phone="0812"))
        planning.add_programme(unit, planning.ensure_plan(unit, this.region))
        unit.add(Numbers(id=ids.natural_id(Kind.NUMBERS, "x"), account=unit.author, pattern="{0}/{1}", first=1, last=9, year=2026))

    account.writer.run(fill, purpose="x", origin="sync")
    put_settings(account, clock_skew_ms=600_000)
    found = look(account, visit, battery=40)
    assert {code: found[code].state for code in ("plan", "report", "actions", "contacts", "numbers", "clock", "battery")} == {
        "plan": State.OK, "report": State.OK, "actions": State.OK, "contacts": State.OK, "numbers": State.OK, "clock": State.WARN,
        "battery": State.WARN}
    assert "2025" in found["report"].said
    assert found["actions"].said.startswith("1 ")
    assert "10" in found["clock"].said


def test_a_full_disk_is_said(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100_000_000))
    assert look(account)["disk"].state is State.MISSING


def published(version: str) -> Instrument:
    shipped = evaluating.shipped(evaluating.shipped_files()[0])
    made = replace(shipped, form_id="pusat", version=version, publisher="Kementerian", official=True)
    return replace(made, sha256=instruments_.digest(made))


def arrive(account: Account, instrument: Instrument, *, deleted: bool = False) -> None:
    """Let the centre's record of an instrument arrive, as a sync lands it."""
    record = ids.natural_id(Kind.INSTRUMENT, instrument.form_id, instrument.version)

    def land(unit: Unit) -> None:
        row = unit.session.get(InstrumentRecord, record)
        with raw_writes(unit.session):
            _land(unit, row)
            unit.session.flush()

    def _land(unit: Unit, row: InstrumentRecord | None) -> None:
        if row is None:
            row = InstrumentRecord(
                id=record, scope="catalogue", form_id=instrument.form_id, version=instrument.version, sha256=instrument.sha256,
                title="Pusat",
                year=instrument.year, cohort=instrument.cohort, publisher=instrument.publisher, official=True,
                content=instrument.to_json())
            unit.session.add(row)
        row.deleted = deleted

    account.writer.run(land, purpose="sync.news", origin="sync")


def offered(account: Account) -> set[str]:
    with account.reading() as session:
        return {card.ref for card in evaluating.instruments(session)}


def test_what_the_centre_publishes_is_offered_and_a_draft_stays_on_its_version(account: Account) -> None:
    shipped = offered(account)
    first, second = published("1"), published("2")
    arrive(account, first)
    assert offered(account) == shipped | {"pusat@1"}
    visit = make_visit(account)
    with account.reading() as session:
        chosen = evaluating.instrument_of(session, "pusat@1")
    sheet = account.writer.run(lambda u: evaluating.open_sheet(u, visit, chosen), purpose="x")
    arrive(account, second)
    arrive(account, first, deleted=True)
    assert offered(account) == shipped | {"pusat@2"}
    with account.reading() as session:
        row = session.get(Sheet, sheet)
        assert row is not None
        assert row.instrument == "pusat@1"
        assert evaluating.instrument_of(session, row.instrument).publisher == "Kementerian"


def test_content_that_is_not_what_was_hashed_is_not_offered(account: Account) -> None:
    good = published("3")
    arrive(account, replace(good, sha256="0" * 64))
    assert "pusat@3" not in offered(account)
