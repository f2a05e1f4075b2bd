"""The settings: loaded, checked, kept; language and look are applied at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QTabWidget, QVBoxLayout, QWidget

from assessor_app import clock
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.spelling import SpellingPart
from assessor_app.ui.pages.start import LANGUAGES
from assessor_app.ui.theme import SCALES
from assessor_app.ui.widgets.basics import Field, Scroller, button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit, NoteEdit, Number
from assessor_app.ui.widgets.secrets import NewPin, secret_line
from assessor_app.workflow.reducing import EDGES, QUALITIES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from assessor_app.models.journal import Unit
    from assessor_app.ui.tasks import Job

GENERAL, PROFILE, LETTERHEAD, SECURITY, SERVER = "general", "profile", "letterhead", "security", "server"
_PAGES = (GENERAL, PROFILE, LETTERHEAD, SECURITY, SERVER)
_PROFILE = ("name", "title_before", "title_after", "institution", "nip", "nidn", "rank")


class SettingsDialog(Dialog):
    """All settings on five pages."""

    def __init__(self, context: AppContext, parent: QWidget | None = None, *, page: str = GENERAL) -> None:
        super().__init__(context.theme, t("Settings"), parent, width=36, height=28)
        self._context = context
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(t("Settings"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.body.addWidget(self.tabs, 1)
        self.tabs.addTab(self._make_general(), t("General"))
        self.tabs.addTab(self._make_profile(), t("You"))
        self.tabs.addTab(self._make_letterhead(), t("Letterhead and numbers"))
        self.tabs.addTab(self._make_security(), t("PIN and lock"))
        self.tabs.addTab(self._make_server(), t("Server"))
        self.tabs.setCurrentIndex(_PAGES.index(page))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Keep"), self._keep, part="main"))
        context.tasks.read(_stored, context.account.profile, done=self._load, owner=self)

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        page = Scroller(self.theme, t("Settings"), margin=0.5)
        return page, page.column

    def _make_general(self) -> QWidget:
        page, column = self._page()
        settings = self._context.settings
        self.language = Choice(LANGUAGES, settings.language)
        self.scale = Choice([(str(scale), f"{scale} %") for scale in SCALES], str(settings.text_scale))
        self.look = Choice([("system", t("As the system")), ("light", t("Light")), ("dark", t("Dark"))], settings.theme)
        self.reminder = Number(self.theme, 0, 60, settings.backup_reminder_days)
        for text, control, hint in (("Bahasa / Language", self.language, ""), (t("Size of text"), self.scale, ""),
                                    (t("Look"), self.look, ""), (t("Remind of a backup after so many days"), self.reminder, t("0: never"))):
            column.addWidget(Field(self.theme, text, control, hint))
        self.spelling = SpellingPart(self._context)
        column.addWidget(self.spelling)
        column.addStretch(1)
        return page

    def _make_profile(self) -> QWidget:
        page, column = self._page()
        words = {"name": t("Full name, without titles"), "title_before": t("Titles before"), "title_after": t("Titles after"),
                 "institution": t("Institution"), "nip": t("NIP (optional)"), "nidn": t("NIDN (optional)"), "rank": t("Rank (optional)")}
        self.profile = {name: LineEdit() for name in _PROFILE}
        for name, line in self.profile.items():
            column.addWidget(Field(self.theme, words[name], line))
        column.addStretch(1)
        return page

    def _make_letterhead(self) -> QWidget:
        page, column = self._page()
        self.lines, self.address = NoteEdit(self.theme, 3), NoteEdit(self.theme, 2)
        self.place = LineEdit()
        column.addWidget(Field(self.theme, t("Lines of the letterhead"), self.lines, t("One a line, the institution last.")))
        column.addWidget(Field(self.theme, t("Address"), self.address))
        column.addWidget(Field(self.theme, t("Place of the institution"), self.place))
        column.addWidget(label(t("Numbers reserved before departure"), "lead"))
        self.numbers_left = label("", "muted")
        column.addWidget(self.numbers_left)
        grid = QGridLayout()
        self.pattern = LineEdit()
        self.pattern.setPlaceholderText("{0}/BA-SC/VII/{1}")
        self.first, self.last = Number(self.theme, 0, 99_999), Number(self.theme, 0, 99_999)
        grid.addWidget(Field(self.theme, t("Pattern: {0} number, {1} year"), self.pattern), 0, 0, 1, 2)
        grid.addWidget(Field(self.theme, t("First number"), self.first), 1, 0)
        grid.addWidget(Field(self.theme, t("Last number"), self.last), 1, 1)
        column.addLayout(grid)
        column.addStretch(1)
        return page

    def _make_security(self) -> QWidget:
        page, column = self._page()
        self.minutes = Number(self.theme, 0, 120, self._context.settings.lock_minutes)
        column.addWidget(Field(self.theme, t("Lock after so many minutes"), self.minutes, t("0: only when the computer sleeps")))
        column.addWidget(button(self.theme, t("Change the PIN…"), self._change_pin, icon="key"), 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(button(self.theme, t("Set a passphrase…"), self._set_passphrase, icon="lock"), 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def _make_server(self) -> QWidget:
        page, column = self._page()
        self.server = label("", "muted")
        column.addWidget(self.server)
        column.addWidget(button(self.theme, t("Import an invitation…"), self._invite, icon="mail"), 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label(t("Sync"), "lead"))
        settings = self._context.settings
        self.auto = QCheckBox(t("By itself, whenever there is a line"))
        self.auto.setChecked(settings.sync_auto)
        self.texts = QCheckBox(t("Texts only, photos later"))
        self.texts.setChecked(not settings.sync_photos)
        column.addWidget(self.auto)
        column.addWidget(self.texts)
        self.budget = Number(self.theme, 0, 9_999, settings.sync_budget_mb, " MB")
        self.budget.setSpecialValueText(t("as much as needed"))
        column.addWidget(Field(self.theme, t("One sync may cost at most"), self.budget))
        column.addWidget(label(t("Photos"), "lead"))
        self.edge = Number(self.theme, *EDGES, settings.photo_edge, " px")
        self.edge.setSingleStep(160)
        self.quality = Number(self.theme, *QUALITIES, settings.photo_quality, " %")
        self.quality.setSingleStep(5)
        grid = QGridLayout()
        grid.addWidget(Field(self.theme, t("Longer side of a photo as it is sent"), self.edge), 0, 0)
        grid.addWidget(Field(self.theme, t("Quality of a photo as it is sent"), self.quality), 0, 1)
        column.addLayout(grid)
        column.addWidget(label(t("Smaller photos need fewer minutes of line. The originals stay here until you let them go."), "small"))
        column.addStretch(1)
        return page

    # -- load, check, keep

    def _load(self, stored: dict[str, Any]) -> None:
        for name, line in self.profile.items():
            line.setText(str(stored[name]))
        self.lines.setPlainText(stored["lines"])
        self.address.setPlainText(stored["address"])
        self.place.setText(stored["place"])
        self.numbers_left.setText(nt("{n} number left", "{n} numbers left", stored["left"]))
        self._say_server(stored["server"])
        self._stored = stored

    def _say_server(self, url: str) -> None:
        self.server.setText(t("Joined: {0}").format(url) if url else t("No server yet. The secretariat hands over an invitation file."))

    def _keep(self) -> None:
        from assessor_app.errors import AppError
        from assessor_app.workflow.accounts import Profile, edit_profile

        settings, context = self._context.settings, self._context
        profile = Profile(**{name: line.text().strip() for name, line in self.profile.items()})
        first, last, pattern = self.first.value(), self.last.value(), self.pattern.text().strip()
        if last and (last < first or "{0}" not in pattern):
            context.notify.error(AppError(t("The block of numbers is not right."), t("The pattern needs {0} for the number, and the last "
                                          "number may not be smaller than the first."), kept=t("What you typed is still there.")))
            self.tabs.setCurrentIndex(_PAGES.index(LETTERHEAD))
            return
        changed = any(str(self._stored[name]) != getattr(profile, name) for name in _PROFILE)
        account = context.account
        lines, address, place = self.lines.toPlainText().strip(), self.address.toPlainText().strip(), self.place.text().strip()
        head = (lines, address, place) != (self._stored["lines"], self._stored["address"], self._stored["place"])
        look = (self.language.code(), int(self.scale.code() or 100), self.look.code())
        rebuilt = look != (settings.language, settings.text_scale, settings.theme)
        settings.language, settings.text_scale, settings.theme = look
        settings.lock_minutes, settings.backup_reminder_days = self.minutes.value(), self.reminder.value()
        settings.photo_edge, settings.photo_quality = self.edge.value(), self.quality.value()
        settings.sync_photos, settings.sync_budget_mb = not self.texts.isChecked(), self.budget.value()
        if settings.sync_auto != self.auto.isChecked():
            settings.sync_auto = self.auto.isChecked()
            context.sync_switched.emit(settings.sync_auto)
        self.spelling.keep()
        settings.save()
        if head or last:
            context.tasks.write(_keep_letterhead, account.profile, (lines, address, place) if head else None,
                                (pattern, first, last) if last else None, purpose="letterhead.edit")

        def finish(_: object = None) -> None:
            self.accept()
            if rebuilt:
                context.settings_changed.emit()

        if changed:
            context.tasks.call(lambda: edit_profile(account, profile), done=finish, owner=self)
        else:
            finish()

    def _change_pin(self) -> None:
        ChangePinDialog(self._context, self).exec()

    def _set_passphrase(self) -> None:
        PassphraseDialog(self._context, self).exec()

    def _invite(self) -> None:
        from assessor_app.ui.dialogs.invitation import import_invitation

        def joined() -> None:
            self._context.tasks.read(_server, done=self._say_server, owner=self)
            self._context.server_joined.emit()

        import_invitation(self._context, self, joined)


class ChangePinDialog(Dialog):
    """Changes the PIN of notebook and signing key."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Change the PIN"), parent, width=24)
        self._context = context
        self.old = secret_line(t("PIN until now"))
        self.new = NewPin(context.theme, optional=True)
        self.body.addWidget(Field(context.theme, t("PIN until now"), self.old))
        self.body.addWidget(self.new)
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Change"), self._change, part="main"))

    def _change(self) -> None:
        from assessor_app.workflow.accounts import change_pin

        account, old = self._context.account, self.old.text()
        if self.complain("" if old or not account.slots.asks_for_pin else t("Type the PIN until now.")):
            self.old.setFocus()
            return
        new = self.new.check()
        if new is None:
            return

        def done(_: object) -> None:
            self.accept()
            self._context.notify.good(t("The PIN is changed."))

        self._context.tasks.run(lambda job: change_pin(account, old, new), title=t("Changing the PIN…"), done=done, owner=self,
                                cancellable=False)


class NewPinDialog(Dialog):
    """After opening by passphrase or code: a PIN for this computer, and a signing key of its own."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("A PIN for this computer"), parent, width=26)
        self._context = context
        self.body.addWidget(label(t("The notebook was opened by passphrase or recovery code. Choose a PIN for this computer; it gets a "
                                    "signing key of its own.")))
        self.new = NewPin(context.theme)
        self.body.addWidget(self.new)
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Keep"), self._keep, part="main"))

    def _keep(self) -> None:
        pin = self.new.check()
        if not pin:
            return
        account = self._context.account

        def work(job: Job) -> None:
            from assessor_app.workflow.accounts import settle_here

            settle_here(account, pin)

        self._context.tasks.run(work, title=t("Making a signing key…"), done=lambda _: self.accept(), owner=self, cancellable=False)


class PassphraseDialog(Dialog):
    """Sets the passphrase that opens notebook and backups anywhere."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Passphrase"), parent, width=26)
        self._context = context
        self.body.addWidget(label(t("Several words. Opens the notebook and its backups on any computer.")))
        self.first, self.again = secret_line(t("Passphrase")), secret_line(t("Passphrase again"))
        self.field = Field(context.theme, t("Passphrase"), self.first)
        self.body.addWidget(self.field)
        self.body.addWidget(Field(context.theme, t("Passphrase again"), self.again))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Keep"), self._keep, part="main"))

    def _keep(self) -> None:
        if self.first.text() != self.again.text():
            self.field.say(t("The two are not the same."), wrong=True)
            return
        account, passphrase = self._context.account, self.first.text()

        def done(_: object) -> None:
            self.accept()
            self._context.notify.good(t("The passphrase is set."))

        self._context.tasks.run(lambda job: account.slots.add_passphrase(account.notebook.key, passphrase),
                                title=t("Setting the passphrase…"), done=done, owner=self, cancellable=False)


def _stored(session: Session, profile: str) -> dict[str, Any]:
    from assessor_app.models.catalogue import Assessor
    from assessor_app.workflow.numbers import numbers_left

    person = session.get(Assessor, profile)
    row = _letterhead(session, profile)
    out: dict[str, Any] = {name: getattr(person, name) if person is not None else "" for name in _PROFILE}
    return out | {"lines": row.lines if row else "", "address": row.address if row else "", "place": row.place if row else "",
                  "left": numbers_left(session, clock.today().year), "server": _server(session)}


def _server(session: Session) -> str:
    from assessor_app.workflow.accounts import setting

    return str(setting(session, "server_url") or "")


def _letterhead(session: Session, account: str) -> Any:
    from sqlalchemy import select

    from assessor_app.models.catalogue import Letterhead

    return session.scalar(select(Letterhead).where(Letterhead.account == account, Letterhead.deleted.is_(False)).order_by(
        Letterhead.valid_from.desc()))


def _keep_letterhead(unit: Unit, account: str, head: tuple[str, str, str] | None, block: tuple[str, int, int] | None) -> None:
    """Write a letterhead valid from today, and a block of numbers."""
    from assessor_app import ids
    from assessor_app.models.catalogue import Letterhead, Numbers
    from assessor_app.models.kinds import Kind

    today = clock.today()
    if head is not None:
        row = _letterhead(unit.session, account)
        if row is None or row.valid_from != today.isoformat():
            unit.add(Letterhead(account=account, lines=head[0], address=head[1], place=head[2], valid_from=today.isoformat()))
        else:
            row.lines, row.address, row.place = head
    if block is not None:
        pattern, first, last = block
        record = ids.natural_id(Kind.NUMBERS, account, pattern, str(first), str(last), str(today.year))
        if unit.session.get(Numbers, record) is None:
            unit.add(Numbers(id=record, account=account, pattern=pattern, first=first, last=last, year=today.year))
