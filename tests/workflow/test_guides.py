"""Guides in the notebook: which one a visit uses, its order and marks, and how a published one travels and is withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor_app import ids
from assessor_app.errors import AppError, BadInput
from assessor_app.models.guide import Guide
from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Role
from assessor_app.workflow import evaluating, guides
from assessor_server import accounts, centre
from tests.factories import make_account, make_visit
from tests.models.test_guide_workbook import book
from tests.sync.loopback import Loopback, make_joined


def own(version: str = "1", text: str = "Satu?", stage: str = "evaluation") -> Guide:
    return guides.read_guide(book([["text", "q1", text, "One?"], ["text", "q2", "Dua?", "Two?"]], {"version": version, "stage": stage}))


def test_a_visit_uses_the_guide_of_its_stage_in_its_own_order(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit, other = make_visit(account), make_visit(account)

    def view(of: str = visit, stage: str = "bimtek_3") -> guides.GuideView:
        with account.reading() as session:
            return guides.view(session, of, stage)

    first = view()
    assert first.ref == "panduan-bimtek-3@1"
    assert first.offered[0].stage == "bimtek_3"
    assert len(first.offered) == 5
    order = [one.id for one in first.questions]
    turned = [order[2], order[0], order[1], *order[3:]]
    account.writer.run(lambda u: guides.reorder(u, visit, first.ref, turned), purpose="setting")
    account.writer.run(lambda u: guides.mark_asked(u, visit, first.ref, order[2], True), purpose="setting")
    assert [one.id for one in view().questions] == turned
    assert view().asked == {order[2]}
    assert view().reordered
    assert [one.id for one in view(other).questions] == order  # each visit its own
    account.writer.run(lambda u: guides.choose(u, visit, "panduan-evaluasi@1"), purpose="setting")
    assert view().ref == "panduan-evaluasi@1"
    account.writer.run(lambda u: guides.choose(u, visit, first.ref), purpose="setting")
    assert [one.id for one in view().questions] == turned
    account.writer.run(lambda u: guides.mark_asked(u, visit, first.ref, order[2], False), purpose="setting")
    account.writer.run(lambda u: guides.reorder(u, visit, first.ref, []), purpose="setting")
    assert not view().asked
    assert [one.id for one in view().questions] == order
    account.close()


def test_an_imported_guide_is_kept_and_a_version_never_changes(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    guide = own()
    assert account.writer.run(lambda u: guides.keep_guide(u, guide), purpose="guide.keep") == "panduan-saya@1"
    account.writer.run(lambda u: guides.keep_guide(u, guide), purpose="guide.keep")
    with pytest.raises(BadInput, match="other content"):
        account.writer.run(lambda u: guides.keep_guide(u, own(text="Lain?")), purpose="guide.keep")
    account.writer.run(lambda u: guides.keep_guide(u, own("2", "Lain?")), purpose="guide.keep")
    with account.reading() as session:
        assert {"panduan-saya@1", "panduan-saya@2"} <= {one.ref for one in guides.guides(session)}
        assert "panduan-saya@1" not in {card.ref for card in evaluating.instruments(session)}  # no sheet begins on a guide
    account.close()


def test_a_published_guide_reaches_devices_like_an_instrument_and_is_withdrawn_like_one(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a = make_joined(server, tmp_path / "a", "a")
    guide = own(stage="bimtek_1")
    with server.store.transaction() as connection:
        secretary = accounts.add_account(connection, "sekretaris", "Sekretaris", Role.SECRETARIAT, "rahasia sekali")
        centre.publish(connection, secretary, guide)
        with pytest.raises(AppError, match="other content"):
            centre.publish(connection, secretary, own(text="Lain?", stage="bimtek_1"))
    server.sync(a)
    with a.reading() as session:
        view = guides.view(session, "", "bimtek_1")
        assert guide in view.offered
        assert [one.stage for one in view.offered[:2]] == ["bimtek_1", "bimtek_1"]
        instruments = {card.ref for card in evaluating.instruments(session)}
    assert guide.ref not in instruments
    with server.store.transaction() as connection:
        centre.withdraw(connection, secretary, ids.natural_id(Kind.INSTRUMENT, guide.form_id, guide.version))
    server.sync(a)
    with a.reading() as session:
        assert guide not in guides.view(session, "", "bimtek_1").offered
    a.close()
    server.close()
