"""Siap berangkat: the full check before a trip, with one button for all that can be fetched."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.syncing import SyncControl
from assessor_app.ui.widgets import line_words as words
from assessor_app.ui.widgets.basics import button, clear, icon_button, label
from assessor_app.workflow import ready
from assessor_app.workflow.queries.visits import VisitRow
from assessor_app.workflow.ready import Check, Remedy, State


class ReadyDialog(Dialog):
    """Shows how everything stands, fetches what is missing, and shows again."""

    def __init__(self, context: AppContext, control: SyncControl, visit: VisitRow | None, parent: QWidget | None = None, *,
                 back_up: Callable[[], object], invite: Callable[[], object]) -> None:
        super().__init__(context.theme, t("Ready to leave?"), parent, width=40, height=34)
        self._context = context
        self._control = control
        self._visit = visit
        self._acts: dict[Remedy, Callable[[], object]] = {
            Remedy.SYNC: self.fetch, Remedy.BACKUP: back_up, Remedy.NUMBERS: self._numbers, Remedy.INVITATION: invite}
        self.checks: list[Check] = []
        self.heading = label("", "lead")
        self.body.addWidget(self.heading)
        self.body.addWidget(label(visit.title if visit is not None else t("No visit is open: only this computer is checked."), "muted"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(context.theme.em(0.15))
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self.progress = label("", "small")
        self.body.addWidget(self.progress)
        self.get = self.footer(button(context.theme, t("Fetch what is missing"), self.fetch, icon="sync", part="main"))
        self.footer(button(context.theme, t("Close"), self.accept))
        control.progressed.connect(self._on_progressed)
        control.ended.connect(self._on_ended)
        context.tasks.changed.connect(self._load)
        self._load()

    def fetch(self) -> None:
        """Fetch all that can be fetched: the day's copy here, the rest by a sync."""
        account = self._context.account
        self._context.tasks.call(lambda: ready.fetch_here(account), owner=self)
        if any(check.code == "line" and check.remedy is Remedy.INVITATION for check in self.checks):
            self.progress.setText(t("No server yet. The secretariat hands over an invitation file."))
        else:
            self.get.setEnabled(False)
            self.progress.setText(t("Synchronising…"))
            self._control.sync(quiet=True)

    def _load(self) -> None:
        from assessor_app.ui.platform_power import battery

        if not self._context.unlocked:
            return
        account, level, visit = self._context.account, battery(), self._visit.id if self._visit is not None else ""

        def read(session: Session) -> list[Check]:
            return ready.checks(session, account, visit, battery=level)

        self._context.tasks.read(read, done=self._show, key="ready", owner=self)

    def _show(self, checks: list[Check]) -> None:
        if checks == self.checks:
            return
        self.checks = checks
        wanting = sum(check.state in (State.WARN, State.MISSING) for check in checks)
        self.heading.setText(nt("{n} thing needs you before you leave.", "{n} things need you before you leave.", wanting) if wanting
                             else t("Ready to leave."))
        clear(self._rows)
        for check in checks:
            self._rows.addWidget(self._row(check))
        self.adjust()

    def _row(self, check: Check) -> QWidget:
        theme = self.theme
        icon, colour, word = {
            State.OK: ("check", theme.colours.good, t("Good")), State.WARN: ("warn", theme.colours.warn, t("Look at it")),
            State.MISSING: ("error", theme.colours.bad, t("Missing")), State.UNKNOWN: ("help", theme.colours.muted, t("Not known")),
        }[check.state]
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, theme.em(0.1), 0, theme.em(0.1))
        row.setSpacing(theme.em(0.5))
        mark = QLabel()
        mark.setPixmap(theme.pixmap(icon, theme.em(1.1), colour))
        mark.setAccessibleName(word)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        head = label(check.title if check.state is State.OK else f"{check.title} · {word}")
        head.setFont(theme.font(bold=True))
        texts.addWidget(head)
        texts.addWidget(label(check.said, "small"))
        row.addLayout(texts, 1)
        if check.remedy is not Remedy.NONE and check.state is not State.OK:
            row.addWidget(icon_button(theme, "right", t("Go to: {0}").format(check.title), self._acts[check.remedy]))
        line.setAccessibleName(f"{check.title}: {word}. {check.said}")
        return line

    def _numbers(self) -> None:
        from assessor_app.ui.dialogs.settings import SettingsDialog

        SettingsDialog(self._context, self, page="letterhead").exec()
        self._load()

    def _on_progressed(self, progress: object) -> None:
        self.progress.setText(words.phase(str(getattr(progress, "phase", ""))))

    def _on_ended(self, outcome: object) -> None:
        self.get.setEnabled(True)
        fault = outcome if isinstance(outcome, Exception) else getattr(outcome, "fault", None)
        self.progress.setText(str(fault) if fault is not None else t("Fetched. This is how it stands now."))
        self._load()
