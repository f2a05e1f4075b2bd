"""Differences: two values of one field side by side, what differs marked; take one, the other, or write a third."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, Field, button, label, quiet_table
from assessor_app.ui.widgets.editors import NoteEdit


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference with its people in words; the values as they are stored."""

    id: str
    what: str
    kind: str
    field: str
    value_a: Any
    value_b: Any
    by_a: str
    by_b: str
    at_a: int
    at_b: int
    now: Any


def difference_rows(session: Session) -> tuple[DifferenceRow, ...]:
    """Return the open differences in words."""
    from assessor_app.models.catalogue import Assessor
    from assessor_app.models.entities import ENTITIES
    from assessor_app.workflow.syncing import open_differences

    def name(person: str) -> str:
        row = session.get(Assessor, person)
        return row.name if row is not None else t("another device")

    out = []
    for one in open_differences(session):
        record = session.get(ENTITIES[one.kind], one.record)
        out.append(DifferenceRow(one.id, _title(record)[:60], one.kind.value, one.field, one.value_a, one.value_b, name(one.by_a),
                                 name(one.by_b), one.at_a, one.at_b, getattr(record, one.field, None)))
    return tuple(out)


def _title(record: Any) -> str:
    """Return by which name a person knows a record: never the field that two people changed for a visit."""
    from assessor_app.models import regions
    from assessor_app.models.visits import Visit

    if isinstance(record, Visit):
        where = regions.region(record.region)
        return f"{where.name if where is not None else record.region}, {formats.date_range(record.starts_on, record.ends_on)}"
    words = [str(getattr(record, each, "") or "") for each in ("title", "name", "body", "place")]
    return next((word for word in words if word), "")


def shown(field: str, value: Any) -> str:
    """Return a value in words."""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if field == "budget" and isinstance(value, int):
        return formats.rupiah(value)
    if field in ("starts_on", "ends_on", "due"):
        return formats.date(str(value))
    if value is None or value == "":
        return t("(empty)")
    words = {"stage": labels.stage, "method": labels.method, "status": labels.programme_status, "dimension": labels.dimension,
             "sub_dimension": labels.dimension}.get(field)
    return words(str(value)) if words is not None else str(value)


class _Side(Card):
    """One of the two values, with who wrote it and when; its own words are underlined and bold."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title)
        self._theme = theme
        self.who = self.add(label("", "small"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(title)
        self.text.setMinimumHeight(theme.em(4))
        self.add(self.text, 1)

    def show_value(self, value: str, other: str, who: str) -> None:
        """Show a value and mark what the other one does not have."""
        self.who.setText(who)
        self.text.setPlainText(value)
        form = QTextCharFormat()
        form.setFontUnderline(True)
        form.setFontWeight(700)
        form.setBackground(QColor(self._theme.colours.chosen))
        form.setForeground(QColor(self._theme.colours.on_chosen))
        for start, end in own_words(value, other):
            cursor = QTextCursor(self.text.document())
            cursor.setPosition(_units(value[:start]))
            cursor.setPosition(_units(value[:end]), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(form)


def own_words(value: str, other: str) -> list[tuple[int, int]]:
    """Return from where to where a value has words that the other one lacks there, in code points."""
    words = list(re.finditer(r"\S+", value))
    matched = SequenceMatcher(None, [word.group() for word in words], re.findall(r"\S+", other), autojunk=False)
    return [(words[a].start(), words[b - 1].end()) for tag, a, b, _, _ in matched.get_opcodes() if tag != "equal" and b > a]


def _units(text: str) -> int:
    """Return how many places a text takes in Qt's documents."""
    return len(text.encode("utf-16-le")) // 2


class DifferencesDialog(Dialog):
    """Lists the differences and settles them one by one."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Differences"), parent, width=56, height=34)
        self.setModal(False)  # nothing waits for a difference: notes are typed on beside it
        self._context = context
        self._rows: tuple[DifferenceRow, ...] = ()
        theme = context.theme
        self.heading = label("", "lead")
        self.body.addWidget(self.heading)
        self.body.addWidget(label(t("Two people changed the same field. Both values are kept until somebody decides."), "muted"))
        self.body.addWidget(label(t("Underlined: words that the other value does not have."), "small"))
        self.list = QListWidget()
        self.list.setAccessibleName(t("Differences"))
        quiet_table(self.list)
        self.list.setFixedHeight(theme.em(4.5))
        self.list.currentRowChanged.connect(self._choose)
        self.body.addWidget(self.list)
        self.stack = QStackedWidget()
        self.stack.addWidget(QWidget())  # nothing to settle: the heading says it
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        sides = QHBoxLayout()
        self.a, self.b = _Side(theme, t("One value")), _Side(theme, t("The other value"))
        self.take_a = button(theme, t("Take this one"), lambda: self._settle("a"), icon="check")
        self.take_b = button(theme, t("Take this one"), lambda: self._settle("b"), icon="check")
        self.take_a.setAccessibleName(t("Take the one value"))
        self.take_b.setAccessibleName(t("Take the other value"))
        for side, take in ((self.a, self.take_a), (self.b, self.take_b)):
            side.body.addWidget(take, 0, Qt.AlignmentFlag.AlignLeft)
            sides.addWidget(side, 1)
        column.addLayout(sides, 1)
        self.third = NoteEdit(theme, 2, 6)
        self.third.check_spelling(context)
        self._third_field = Field(theme, t("Or write a third"), self.third)
        column.addWidget(self._third_field)
        self.take_third = button(theme, t("Take the third"), lambda: self._settle("third"))
        column.addWidget(self.take_third, 0, Qt.AlignmentFlag.AlignLeft)
        self.stack.addWidget(panel)
        self.body.addWidget(self.stack, 1)
        self.footer(button(theme, t("Close"), self.accept, part="main"))
        context.tasks.changed.connect(self._on_changed)
        self._load()

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(Kind.DIFFERENCE):
            self._load()

    def _load(self) -> None:
        self._context.tasks.read(difference_rows, done=self._show, owner=self)

    def _show(self, rows: tuple[DifferenceRow, ...]) -> None:
        if rows == self._rows and rows:
            return  # a third value that is being typed stays
        at = self.list.currentRow()
        before = self._rows[at].id if 0 <= at < len(self._rows) else ""
        typed = self.third.toPlainText() if self.third.document().isModified() else None
        self._rows = rows
        self.heading.setText(nt("{n} difference", "{n} differences", len(rows)) if rows else t("Nothing to settle."))
        self.list.clear()
        for row in rows:
            words = (labels.kind(row.kind), labels.field(row.field), row.what)
            self.list.addItem(QListWidgetItem(" · ".join(part for part in words if part)))
        self.list.setVisible(bool(rows))
        self.stack.setCurrentIndex(1 if rows else 0)
        if rows:
            same = next((number for number, row in enumerate(rows) if row.id == before), None)
            self.list.setCurrentRow(same if same is not None else min(max(at, 0), len(rows) - 1))
            if same is not None and typed is not None:
                self.third.setPlainText(typed)
                self.third.document().setModified(True)
            elif same is None:
                self.list.setFocus()  # not on a button that would settle the next one unread

    def _choose(self, at: int) -> None:
        if not 0 <= at < len(self._rows):
            return
        row = self._rows[at]
        one, two = shown(row.field, row.value_a), shown(row.field, row.value_b)
        for side, value, mine, other, who, at_ms in (
                (self.a, row.value_a, one, two, row.by_a, row.at_a), (self.b, row.value_b, two, one, row.by_b, row.at_b)):
            holds = t("stands now") if value == row.now else ""
            side.show_value(mine, other, " · ".join(part for part in (f"{who}, {_when(at_ms)}", holds) if part))
        text = isinstance(row.value_a, str) and isinstance(row.value_b, str) and row.field not in (
            "stage", "method", "status", "dimension", "sub_dimension", "starts_on", "ends_on", "due", "held_at")
        self._third_field.setVisible(text)
        self.take_third.setVisible(text)
        self.third.setPlainText(row.value_b if text else "")
        self.third.document().setModified(False)

    def _settle(self, which: str) -> None:
        from assessor_app.workflow.syncing import settle

        at = self.list.currentRow()
        if not 0 <= at < len(self._rows):
            return
        row = self._rows[at]
        value = {"a": row.value_a, "b": row.value_b}.get(which, self.third.toPlainText())
        self._context.tasks.write(settle, row.id, value, purpose="difference.settle", owner=self, done=lambda _: self._load())


def _when(ms: int) -> str:
    return formats.date_time(datetime.fromtimestamp(ms / 1000, UTC).astimezone()) if ms else ""


