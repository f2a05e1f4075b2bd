"""Respondents whose agreed time is over: agree anew, or erase with a receipt. Until that is decided nothing of them leaves."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.dialogs.person import edit_respondent
from assessor_app.ui.dialogs.rights import erase_with_receipt
from assessor_app.ui.widgets.basics import Card, FlowRow, button, clear, label
from assessor_app.workflow import rights


class RetentionDialog(Dialog):
    """Names each respondent whose agreed time is over, with the two ways on."""

    def __init__(self, context: AppContext, over: tuple[rights.Over, ...], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("The agreed time is over"), parent, width=36)
        self._context = context
        self.over: tuple[rights.Over, ...] = ()
        self.body.addWidget(label(t("These people agreed that what is known of them is kept until the day below their name.")))
        self.body.addWidget(label(t("Until you decide, nothing about them leaves this device."), "warn"))
        self._rows = QVBoxLayout()
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self.later = self.footer(button(context.theme, t("Ask again tomorrow"), self.reject))
        self._show(over)

    def _show(self, over: tuple[rights.Over, ...]) -> None:
        self.over = over
        if not over:
            self.accept()
            return
        clear(self._rows)
        for one in over:
            self._rows.addWidget(self._card(one))
        self.adjust()

    def _card(self, one: rights.Over) -> Card:
        theme, person = self.theme, one.person
        card = Card(theme)
        card.add(label(" · ".join(filter(None, (person.label, person.full_name, person.occupation))), "lead"))
        card.add(label(" · ".join((t("agreed until {0}").format(formats.date(person.consent_until)),
                                   nt("{n} note", "{n} notes", one.notes), nt("{n} file", "{n} files", one.files))), "muted"))
        anew = button(theme, t("Agree anew…"), partial(self._anew, one), icon="check")
        erase = button(theme, t("Erase, with a receipt…"), partial(self._erase, one), icon="trash", part="danger")
        for made, words in ((anew, t("Agree anew with {0}")), (erase, t("Erase everything about {0}"))):
            made.setAccessibleName(words.format(person.label))
        card.add(FlowRow(theme, anew, erase))
        return card

    def _load(self) -> None:
        self._context.tasks.read(rights.expired, done=self._show, owner=self)

    def _anew(self, one: rights.Over) -> None:
        edit_respondent(self._context, self, one.visit, one.person.id, lambda _: self._load(), renew=True)

    def _erase(self, one: rights.Over) -> None:
        erase_with_receipt(self._context, self, one.person.id, one.person.full_name or one.person.label, self._load)
