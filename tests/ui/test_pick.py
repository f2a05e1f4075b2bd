"""Choosing some out of many: nothing ticked is no answer, and nothing is said that was not done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.evidence import choose_questions
from assessor_app.ui.dialogs.pick import Option, PickDialog
from assessor_app.ui.theme import Theme
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import evaluating
from assessor_app.workflow.queries.books import marks_of
from assessor_app.workflow.queries.interviews import question_links
from tests.ui.conftest import settle

OPTIONS = [Option("a", "Jaringan puskesmas"), Option("b", "Loket satu pintu")]


def test_enter_with_nothing_ticked_keeps_the_dialog_and_says_so(qtbot: QtBot, theme: Theme) -> None:
    dialog = PickDialog(theme, "Bukti dukung untuk pertanyaan mana?", OPTIONS, ())
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.wrong.isVisible()
    assert dialog.wrong.text().startswith("Belum ada yang dicentang")
    dialog.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert not dialog.wrong.isVisible()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert dialog.chosen() == ["b"]


def test_what_was_chosen_before_can_be_unticked_altogether(qtbot: QtBot, theme: Theme) -> None:
    dialog = PickDialog(theme, "Program", OPTIONS, ("a",))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert dialog.chosen() == []


def test_evidence_is_said_only_where_something_was_linked_or_taken_away(
        qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with context.account.reading() as session:
        ref = f"{Kind.MARK}:{marks_of(session, view.visit.id)[0].id}"
        before = evaluating.evidenced_by(session, view.visit.id, context.account.profile, ref)

    def ask(*states: tuple[int, Qt.CheckState]) -> str:
        def tick(dialog: PickDialog) -> int:
            for at, state in states:
                dialog.list.item(at).setCheckState(state)
            return 1

        monkeypatch.setattr(PickDialog, "exec", tick)
        context.notify.history.clear()
        choose_questions(context, view, view.visit.id, ref)
        settle(qtbot, context)
        said = context.notify.last()
        return said.title if said is not None else ""

    assert ask() == ""
    with context.account.reading() as session:
        assert evaluating.evidenced_by(session, view.visit.id, context.account.profile, ref) == before
    everything = range(len(before) + 1)
    assert ask(*((at, Qt.CheckState.Checked) for at in everything)) == "Bagian itu menjadi bukti dukung."
    with context.account.reading() as session:
        linked = evaluating.evidenced_by(session, view.visit.id, context.account.profile, ref)
        order = [link.id for link in question_links(session, view.visit.id, context.account.profile)]
    assert ask(*((order.index(one), Qt.CheckState.Unchecked) for one in linked)) == "Bagian itu bukan lagi bukti dukung."
