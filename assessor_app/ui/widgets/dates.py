"""A date and a time as people here write them: typed in any usual form, or picked from a calendar."""

from __future__ import annotations

import re
from datetime import date as Date

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import QCalendarWidget, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from assessor_app import clock, formats, i18n
from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import button, icon_button
from assessor_app.ui.widgets.editors import LineEdit

_MONTHS = {
    name[:3]: number for number, names in enumerate((
        ("jan",), ("feb",), ("mar",), ("apr",), ("mei", "may"), ("jun",), ("jul",), ("agu", "aug"), ("sep",), ("okt", "oct"),
        ("nov",), ("des", "dec")), 1) for name in names
}


def read_date(text: str) -> Date | None:
    """Return the date that ``3 Juli 2023``, ``3/7/2023``, ``3.7.23`` or ``2023-07-03`` means, or None."""
    words = [word for word in re.split(r"[\s./-]+", text.strip().casefold()) if word]
    if len(words) == 2:
        words.append(str(clock.today().year))
    if len(words) != 3:
        return None
    if len(words[0]) == 4:
        words.reverse()
    month = _MONTHS.get(words[1][:3]) or (int(words[1]) if words[1].isdigit() else 0)
    if not (words[0].isdigit() and words[2].isdigit()):
        return None
    year = int(words[2])
    try:
        return Date(year + 2000 if year < 100 else year, month, int(words[0]))
    except ValueError:
        return None


def read_time(text: str) -> str | None:
    """Return ``HH:MM`` for ``9.30``, ``09:30`` or ``930``, or None."""
    match = re.fullmatch(r"\s*(\d{1,2})[.:]?(\d{2})\s*", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return f"{int(match[1]):02d}:{match[2]}"


class DateField(QWidget):
    """A date: a line to type it in and a calendar to pick it from.

    Signals:
        changed(str): the date is this ISO text now, empty for none.
    """

    changed = Signal(str)

    def __init__(self, theme: Theme, name: str, value: str = "") -> None:
        super().__init__()
        self._theme, self._name = theme, name
        self._value = value
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.em(0.15))
        self.line = LineEdit()
        self.line.setAccessibleName(name)
        self.line.ensurePolished()
        longest = max(self.line.fontMetrics().horizontalAdvance(formats.date(f"2026-{month:02d}-28")) for month in range(1, 13))
        self.line.setMinimumWidth(longest + theme.em(1.2))
        self.line.editingFinished.connect(self._on_edited)
        row.addWidget(self.line, 1)
        self.pick = icon_button(theme, "calendar", t("Choose {0} in a calendar").format(name), self._open)
        row.addWidget(self.pick)
        self.setFocusProxy(self.line)
        self.set(value)

    def setAccessibleName(self, name: str) -> None:
        """Name the line, which is what takes the focus (Qt)."""
        super().setAccessibleName(name)
        self.line.setAccessibleName(name)

    def set(self, value: str) -> None:
        """Show an ISO date."""
        self._value = value
        if not self.line.hasFocus() or not self.line.isModified():
            self.line.setText(formats.date(value))
            self.line.setCursorPosition(0)  # where it is cut, the year is, never the day

    def value(self) -> str:
        """Return the ISO date, empty for none."""
        self._on_edited()
        return self._value

    def _on_edited(self) -> None:
        text = self.line.text().strip()
        day = read_date(text) if text else None
        wrong = bool(text) and day is None
        self.line.setProperty("wrong", wrong)
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.line.setToolTip(t("Not a date. Write for example {0}.").format(formats.date("2026-07-03")) if wrong else "")
        if not wrong:
            self._take(day.isoformat() if day else "")

    def _take(self, value: str) -> None:
        self.line.setText(formats.date(value))
        self.line.setCursorPosition(0)
        if value != self._value:
            self._value = value
            self.changed.emit(value)

    def _open(self) -> None:
        dialog = QDialog(self)
        dialog.setWindowTitle(self._name)
        column = QVBoxLayout(dialog)
        calendar = QCalendarWidget()
        calendar.setAccessibleName(self._name)
        calendar.setLocale(QLocale(QLocale.Language.Indonesian if i18n.language() == "id" else QLocale.Language.English))
        calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        day = formats.parse_date(self._value) or clock.today()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        calendar.activated.connect(lambda _: dialog.accept())
        column.addWidget(calendar)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(self._theme, t("Cancel"), dialog.reject))
        row.addWidget(button(self._theme, t("Choose"), dialog.accept, part="main"))
        column.addLayout(row)
        if dialog.exec():
            chosen = calendar.selectedDate()
            self._take(f"{chosen.year():04d}-{chosen.month():02d}-{chosen.day():02d}")


class TimeField(LineEdit):
    """A time of day, shown as ``09.30``.

    Signals:
        changed(str): the time is ``HH:MM`` now, empty for none.
    """

    changed = Signal(str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMaximumWidth(theme.em(5))
        self._value = ""
        self.editingFinished.connect(self._on_edited)

    def set(self, value: str) -> None:
        """Show a time ``HH:MM``."""
        self._value = value
        self.setText(value.replace(":", "." if i18n.language() == "id" else ":"))

    def value(self) -> str:
        """Return ``HH:MM``, empty for none."""
        return self._value

    def _on_edited(self) -> None:
        text = self.text().strip()
        time = read_time(text) if text else ""
        self.setProperty("wrong", time is None)
        self.style().unpolish(self)
        self.style().polish(self)
        if time is not None and time != self._value:
            self.set(time)
            self.changed.emit(time)
