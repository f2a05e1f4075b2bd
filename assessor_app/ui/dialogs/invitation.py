"""Joining a server by the file that the secretariat hands over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.secrets import secret_line

if TYPE_CHECKING:
    from assessor_app.workflow.syncing import Invitation


class InvitationDialog(Dialog):
    """Shows where an invitation leads, before anything is sent there."""

    def __init__(self, context: AppContext, invitation: Invitation, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Invitation"), parent, width=30)
        self.body.addWidget(label(invitation.name or invitation.login, "lead"))
        self.body.addWidget(label(t("Server: {0}").format(invitation.url)))
        if invitation.fingerprint:
            self.body.addWidget(label(t("Known by its fingerprint {0}…").format(invitation.fingerprint[:24]), "small"))
        self.password = secret_line(t("Password"))
        if not invitation.secret:
            self.body.addWidget(Field(context.theme, t("Password for {0}").format(invitation.login), self.password))
        self.body.addWidget(label(t("The server certifies this device's signing key. A line is needed once."), "muted"))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Join"), self.accept, part="main"))


def import_invitation(context: AppContext, parent: QWidget, then: Callable[[], object]) -> None:
    """Ask for an invitation file and join its server."""
    from assessor_app.workflow.syncing import join, read_invitation

    file = open_file(parent, t("Import an invitation"), f"{t('Invitations')} (*.asesor-invite *.json);;{t('All files')} (*)")
    if file is None:
        return
    try:
        invitation = read_invitation(file)
    except AppError as fault:
        context.notify.error(fault)
        return
    dialog = InvitationDialog(context, invitation, parent)
    if not dialog.exec():
        return
    account, password = context.account, dialog.password.text()

    def done(_: object) -> None:
        context.notify.good(t("This device has joined the server."))
        then()

    context.tasks.run(lambda job: join(account, invitation, password=password), title=t("Joining the server…"), done=done, owner=parent)
