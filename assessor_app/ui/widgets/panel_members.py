"""Who belongs to a panel and where each sheet is; files that were handed over; closing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, Flow, button, clear, icon_button, label, set_chip
from assessor_app.workflow.panel import Offer, fault_text
from assessor_app.workflow.queries.panel import AWAITED, COUNTED, ELSEWHERE, SIGNED, UNSIGNED, MemberRow, PanelView


class PanelMembers(Card):
    """Shows the members with their sheets, and takes what is handed over.

    Signals:
        files_wanted(): choose signed sheets on a stick or from the mail.
        files_dropped(list): paths that were dropped here.
        file_left_out(str): forget one that was handed over, by its name.
        close_wanted(bool): close the panel, by line or with the files at hand.
        take_wanted(): take in what came after the panel was closed.
    """

    files_wanted = Signal()
    files_dropped = Signal(list)
    file_left_out = Signal(str)
    close_wanted = Signal(bool)
    take_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, t("The panel"))
        self._theme = theme
        self.setAcceptDrops(True)
        self.chip = label("", "chip")
        self.head.addWidget(self.chip)
        self.words = self.add(label("", "muted"))
        self._members = QVBoxLayout()
        self._members.setSpacing(theme.em(0.35))
        self.body.addLayout(self._members)
        self._offers = QVBoxLayout()
        self._offers.setSpacing(theme.em(0.25))
        self.body.addLayout(self._offers)
        buttons = QWidget()
        flow = Flow(theme.em(0.4))
        buttons.setLayout(flow)
        self.add_files = button(theme, t("Add signed sheets…"), self.files_wanted.emit, icon="import")
        self.take = button(theme, t("Take these in"), self.take_wanted.emit, icon="plus", part="main")
        self.close_here = button(theme, t("Close the panel…"), lambda: self.close_wanted.emit(False), icon="lock", part="main")
        self.close_by_line = button(theme, t("Close it by the line…"), lambda: self.close_wanted.emit(True), icon="sync")
        for made in (self.add_files, self.take, self.close_here, self.close_by_line):
            flow.addWidget(made)
        self.add(buttons)
        self.boxes: dict[str, QCheckBox] = {}
        self._view: PanelView | None = None
        self._handed: tuple[Offer, ...] = ()

    def without(self) -> frozenset[str]:
        """Return the members who are to be left out of the panel."""
        return frozenset(one for one, box in self.boxes.items() if not box.isChecked())

    def show_view(self, view: PanelView, offers: Sequence[Offer]) -> None:
        """Show the members and what was handed over."""
        left_out = self.without() if self._view is not None else frozenset()
        self._view, self._handed = view, tuple(offers)
        set_chip(self.chip, t("Closed") if view.closed else t("Not closed yet"), "good" if view.closed else "")
        self.words.setText(self._words(view))
        self.words.setVisible(bool(self.words.text()))
        clear(self._members)
        self.boxes.clear()
        there = {offer.assessor: offer for offer in offers if not offer.codes}
        for member in view.members:
            self._members.addWidget(self._member(view, member, there.get(member.assessor), member.assessor not in left_out))
        clear(self._offers)
        if offers:
            self._offers.addWidget(label(nt("{n} file was handed over", "{n} files were handed over", len(offers)), "field"))
        for offer in offers:
            self._offers.addWidget(self._offer(offer))
        self.add_files.setVisible(view.may_close and view.own_signed)
        good = bool(there) and not any(offer.codes for offer in offers)
        self.take.setVisible(view.closed and bool(offers))
        self.take.setEnabled(good)
        closable = view.may_close and view.own_signed and not view.closed
        self.close_here.setVisible(closable)
        self.close_here.setEnabled(self._can_close(view))
        self.close_by_line.setVisible(closable and view.joined and not offers)

    def _can_close(self, view: PanelView) -> bool:
        there = {offer.assessor for offer in self._handed}
        missing = [one for one in view.members if not one.own and one.assessor not in there and one.assessor not in self.without()]
        return not missing and not any(offer.codes for offer in self._handed)

    def _words(self, view: PanelView) -> str:
        if view.closed:
            return t("{0} closed it. What follows comes from the signed sheets alone.").format(view.closed_by)
        alone = t("Each assessor scores alone: nobody sees another's scores before the panel is closed.")
        if not view.own_signed:
            return alone + " " + t("Sign your own evaluation sheet first.")
        if not view.may_close:
            return alone + " " + t("The lead of the visit closes the panel.")
        return alone + " " + t("Add the signed sheets of the others as you get them, from a stick or by mail, then close the panel.")

    def _member(self, view: PanelView, member: MemberRow, offer: Offer | None, belongs: bool) -> QWidget:
        line = QWidget()
        known = offer.name if offer is not None and member.state in (ELSEWHERE, AWAITED) else member.name  # the verified sheet says it
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        if view.may_close and view.own_signed and not view.closed and not member.own:
            box = QCheckBox()
            box.setChecked(belongs)
            box.setAccessibleName(t("{0} belongs to the panel").format(known))
            box.setToolTip(box.accessibleName())
            box.toggled.connect(lambda _: self._on_belongs())
            self.boxes[member.assessor] = box
            row.addWidget(box, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        name = label(known + (f" ({t('you')})" if member.own else ""))
        words.addWidget(name)
        facts = [t("Lead of the panel") if member.lead else "", member.institution, member.number]
        if member.index is not None:
            facts.append(t("index {0}").format(formats.number(member.index, 2)))
        if any(facts):
            words.addWidget(label(" · ".join(filter(None, facts)), "small"))
        row.addLayout(words, 1)
        chip = label("", "chip")
        text, tone = {
            SIGNED: (t("Signed"), "good"), UNSIGNED: (t("Not signed yet"), "warn"), COUNTED: (t("Counted"), "good"),
            AWAITED: (t("Sheet awaited"), "warn"), ELSEWHERE: (t("On their own device"), ""),
        }[member.state]
        if offer is not None and member.state in (ELSEWHERE, AWAITED):
            text, tone = t("Handed over"), "good"
        set_chip(chip, text, tone)
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
        line.setAccessibleName(f"{known}: {text}")
        return line

    def _on_belongs(self) -> None:
        if self._view is not None:
            self.close_here.setEnabled(self._can_close(self._view))

    def _offer(self, offer: Offer) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        why = " ".join(fault_text(code) for code in offer.codes)
        text = f"{offer.source}: " + (why or t("signed sheet of {0}").format(offer.name))
        row.addWidget(label(text, "bad" if why else "good"), 1)
        row.addWidget(icon_button(self._theme, "close", t("Leave out {0}").format(offer.source),
                                  lambda: self.file_left_out.emit(offer.source)), 0, Qt.AlignmentFlag.AlignTop)
        return line

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take PDF files where they are of use (Qt)."""
        if self.add_files.isVisible() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped (Qt)."""
        self.files_dropped.emit([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()
