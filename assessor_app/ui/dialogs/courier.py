"""Berkas titipan: write one to a stick, take one in, and pair with a colleague by code; numbers afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QPlainTextEdit, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import WorkDialog
from assessor_app.ui.dialogs.files import open_file, save_file
from assessor_app.ui.widgets.basics import Card, Field, button, label
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.workflow import courier
from assessor_app.workflow.queries.visits import VisitRow

if TYPE_CHECKING:
    from assessor_app.workflow.courier import Packed, Unpacked

T = TypeVar("T")


class CourierDialog(WorkDialog):
    """Carries work on a stick where there is no line."""

    def __init__(self, context: AppContext, visit: VisitRow | None, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Courier file"), parent, width=40)
        self._context = context
        self._visit = visit
        theme = context.theme
        self.body.addWidget(label(t("What is not yet at the centre, on a stick: sealed for the centre, receiving offices and the visit's "
                                    "members. Any colleague who synchronises can bring it there, also unread."), "muted"))
        out = Card(theme, t("Write one"))
        self.photos = QCheckBox(t("With photos"))
        self.photos.setChecked(True)
        self.all = QCheckBox(t("All of this visit, not only what waits: for a colleague"))
        self.all.setVisible(visit is not None)
        out.add(self.photos)
        out.add(self.all)
        self.write = button(theme, t("Write to a stick…"), self._write, icon="out", part="main")
        out.body.addWidget(self.write, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(out)
        in_ = Card(theme, t("Take one in"))
        in_.add(label(t("A colleague's file, or the reply that the centre gave back. The stick is not changed."), "muted"))
        self.take = button(theme, t("Take in a file…"), self._take, icon="import")
        in_.body.addWidget(self.take, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(in_)
        pair = Card(theme, t("Pair without a line"))
        pair.add(label(t("Where a colleague's device is not known yet: each gives the other the code, then files can be opened."), "muted"))
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        self.code.setTabChangesFocus(True)
        self.code.setFixedHeight(theme.em(5))
        pair.add(Field(theme, t("Your code"), self.code))
        self.copy = button(theme, t("Copy the code"), self._copy, icon="copy")
        pair.body.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.theirs = LineEdit()
        pair.add(Field(theme, t("The colleague's code"), self.theirs))
        self.pair = button(theme, t("Pair"), self._pair, icon="link")
        pair.body.addWidget(self.pair, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(pair)
        self.told = label("", "lead")
        self.told.hide()
        self.body.insertWidget(0, self.told)
        self.footer(button(theme, t("Close"), self.accept))
        account = context.account
        context.tasks.call(lambda: courier.pairing_code(account), done=self.code.setPlainText, owner=self)

    def _write(self) -> None:
        target = save_file(self, t("Courier file"), f"asesor-{clock.today():%Y-%m-%d}{courier.SUFFIX}",
                           f"{t('Courier files')} (*{courier.SUFFIX})")
        if target is None:
            return
        if not target.suffix:
            target = target.with_name(target.name + courier.SUFFIX)
        account, photos = self._context.account, self.photos.isChecked()
        visit = self._visit.id if self._visit is not None and self.all.isChecked() else ""
        self._work(lambda: courier.pack(account, target, visit=visit, photos=photos), t("Writing the courier file…"),
                   lambda packed: self._say(written(packed, target)))

    def _take(self) -> None:
        source = open_file(self, t("Courier file"), f"{t('Courier files')} (*{courier.SUFFIX});;{t('All files')} (*)")
        if source is None:
            return
        account = self._context.account
        self._work(lambda: courier.take_in(account, source), t("Taking in the courier file…"), lambda brought: self._say(taken(brought)))

    def _pair(self) -> None:
        account, code = self._context.account, self.theirs.text()

        def done(device: str) -> None:
            self.theirs.clear()
            self._say(t("Paired. Files that you write from now on can be opened there."))

        self._work(lambda: courier.pair(account, code), t("Pairing…"), done)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.code.toPlainText())
        self._say(t("The code is copied."))

    def _work(self, work: Callable[[], T], title: str, done: Callable[[T], object]) -> None:
        self.set_busy(True)

        def ended(result: T) -> None:
            self.set_busy(False)
            done(result)

        def failed(error: Exception) -> None:
            self.set_busy(False)
            self._context.notify.error(error)

        self._context.tasks.run(lambda job: work(), title=title, done=ended, failed=failed, owner=self, cancellable=False)

    def _say(self, text: str) -> None:
        """Say what was done, at the top, where it is seen at once."""
        self.told.setText(text)
        self.told.show()
        self.scroller.ensureWidgetVisible(self.told)
        self._context.notify.good(text)


def written(packed: Packed, target: Path) -> str:
    """Return what was put on the stick, in words."""
    parts = [nt("{n} change", "{n} changes", packed.intents)]
    if packed.photos:
        parts.append(nt("{n} photo", "{n} photos", packed.photos))
    parts.append(formats.size(packed.size))
    left = nt("{n} change waits for a line: it was written by another copy of this notebook.",
              "{n} changes wait for a line: they were written by another copy of this notebook.", packed.left) if packed.left else ""
    return " ".join(part for part in (t("{0} written: {1}.").format(target.name, ", ".join(parts)),
                                      t("It can be opened by: {0}.").format(packed.readers()), left) if part)


def taken(brought: Unpacked) -> str:
    """Return what a stick brought, in words."""
    if brought.sealed:
        return t("The file is for others. It is kept unread, and goes to the centre with your next sync.")
    parts = [text for count, text in (
        (brought.merged, nt("{n} change taken in", "{n} changes taken in", brought.merged)),
        (brought.photos, nt("{n} photo", "{n} photos", brought.photos)),
        (brought.receipts, nt("{n} receipt of the centre", "{n} receipts of the centre", brought.receipts)),
        (brought.carried, nt("{n} parcel carried on to the centre", "{n} parcels carried on to the centre", brought.carried)),
        (brought.waiting, nt("{n} waits for what came before it", "{n} wait for what came before them", brought.waiting)),
        (brought.forged, nt("{n} change refused: its author did not sign it", "{n} changes refused: their author did not sign them",
                            brought.forged)),
        (brought.known, nt("{n} was here already", "{n} were here already", brought.known))) if count]
    said = t("Taken in: {0}.").format(", ".join(parts)) if parts else t("The file brought nothing new.")
    return f"{said} {brought.stays()}" if brought.left else said
