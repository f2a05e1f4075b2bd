"""The plan as a picture: rupiah a dimension and a year as a table with bars, and the road map of its programmes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QToolTip, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.kinds import ProgrammeStatus
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, Scroller, label, quiet_table
from assessor_app.workflow.queries.plan_figures import PlanFigures, Stretch


class RoadMap(QWidget):
    """Programmes as bars over the years, by dimension; Up and Down move, Enter opens.

    Signals:
        programme_opened(str): a programme's record.
    """

    programme_opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._figures: PlanFigures | None = None
        self._lines: list[Stretch | str] = []  # a programme, or the dimension above its programmes
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(t("Road map"))
        self.setMouseTracking(True)

    def show_figures(self, figures: PlanFigures) -> None:
        """Show other programmes."""
        self._figures = figures
        self._lines = []
        above: set[str] = set()
        for one in figures.stretches:
            if one.dimension not in above:
                above.add(one.dimension)
                self._lines.append(one.dimension)
            self._lines.append(one)
        self._at = min(self._at, max(len(self._lines) - 1, 0))
        self.setFixedHeight(self._row * (len(self._lines) + 1) + self._theme.em(0.5))
        self._tell()
        self.update()

    @property
    def _row(self) -> int:
        return self._theme.em(1.45)

    def _names(self) -> int:
        return min(self._theme.em(20), self.width() * 2 // 5)

    def sizeHint(self) -> QSize:
        """Return a comfortable width (Qt)."""
        return QSize(self._theme.em(50), self._row * (len(self._lines) + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the years, the names and the bars (Qt)."""
        if self._figures is None or not self._figures.years:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, years = self._theme.colours, self._figures.years
        left, row = self._names(), self._row
        wide = (self.width() - left - self._theme.em(0.5)) / len(years)
        painter.setPen(QColor(colours.muted))
        for n, year in enumerate(years):
            box = QRect(round(left + n * wide), 0, round(wide), row)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(year))
            painter.setPen(QColor(colours.line))
            painter.drawLine(QPoint(box.left(), row), QPoint(box.left(), self.height()))
            painter.setPen(QColor(colours.muted))
        metrics = QFontMetrics(self.font())
        bold = self._theme.font(bold=True)
        seen = event.rect()  # of a plan of thousands only what is seen is drawn
        for n in range(max(seen.top() // row, 1), min(seen.bottom() // row, len(self._lines)) + 1):
            line = self._lines[n - 1]
            place = QRect(0, n * row, left - self._theme.em(0.4), row)
            if n - 1 == self._at and self.hasFocus():
                painter.fillRect(QRect(0, n * row, self.width(), row), QColor(colours.chosen))
            painter.setPen(QColor(colours.text))
            if isinstance(line, str):
                painter.setFont(bold)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, labels.dimension(line))
                painter.setFont(self.font())
                continue
            name = metrics.elidedText(f"{line.number}. {line.name}", Qt.TextElideMode.ElideRight, place.width() - self._theme.em(0.6))
            painter.drawText(place.adjusted(self._theme.em(0.6), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
            start, end = years.index(line.first), years.index(line.last) + 1
            bar = QRect(round(left + start * wide) + 2, n * row + row // 5, round((end - start) * wide) - 4, row * 3 // 5)
            tint = QColor(self._tint(line.status))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            painter.drawRoundedRect(bar, 4, 4)
            word = labels.programme_status(line.status) + (" · " + t("Quick win") if line.quick_win else "")
            painter.setPen(QColor(colours.on_action))
            painter.drawText(bar.adjusted(6, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(
                word, Qt.TextElideMode.ElideRight, max(bar.width() - 10, 0)))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between programmes, open one by Enter (Qt)."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._lines:
            self._at = min(max(self._at + step, 0), len(self._lines) - 1)
            self._tell()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._lines:
            self._open(self._at)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a programme (Qt)."""
        self._open(event.position().toPoint().y() // self._row - 1)

    def event(self, event: QEvent) -> bool:
        """Say a programme's whole name and rupiah where the mouse rests (Qt)."""
        if isinstance(event, QHelpEvent):
            at = event.pos().y() // self._row - 1
            line = self._lines[at] if 0 <= at < len(self._lines) else None
            if isinstance(line, Stretch):
                QToolTip.showText(event.globalPos(), self._said(line), self)
                return True
        return super().event(event)

    def _open(self, at: int) -> None:
        line = self._lines[at] if 0 <= at < len(self._lines) else None
        if isinstance(line, Stretch):
            self.programme_opened.emit(line.id)

    def _tell(self) -> None:
        line = self._lines[self._at] if self._lines else None
        self.setAccessibleDescription(self._said(line) if isinstance(line, Stretch) else labels.dimension(line) if line else "")

    @staticmethod
    def _said(line: Stretch) -> str:
        years = "\n".join(f"{year}: {formats.rupiah(value)}" for year, value in line.budgets)
        return f"{line.number}. {line.name}\n{line.first}–{line.last} · {labels.programme_status(line.status)}\n{years}".strip()

    def _tint(self, status: str) -> str:
        colours = self._theme.colours
        return {ProgrammeStatus.DONE: colours.good, ProgrammeStatus.DELAYED: colours.warn, ProgrammeStatus.STOPPED: colours.bad,
                ProgrammeStatus.PLANNED: colours.muted}.get(ProgrammeStatus(status or "planned"), colours.action)


class PlanPicture(Scroller):
    """The table of rupiah over the road map.

    Signals:
        programme_opened(str): a programme's record.
    """

    programme_opened = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, t("Road map and budget"), margin=0.6)
        theme = self._theme = context.theme
        money = self.add(Card(theme, t("Budget by dimension and year")))
        self.narrowed = money.add(label("", "warn"))
        self.narrowed.hide()
        self.table = QTableWidget()
        self.table.setAccessibleName(t("Budget by dimension and year"))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        quiet_table(self.table)
        money.add(self.table)
        self.note = money.add(label("", "muted"))
        road = self.add(Card(theme, t("Road map")))
        self.map = road.add(RoadMap(theme))
        self.map.programme_opened.connect(self.programme_opened)
        self.column.addStretch(1)

    def show_figures(self, figures: PlanFigures, narrowed: str = "") -> None:
        """Show other figures; ``narrowed`` says of which programmes, where a filter leaves some out."""
        self.narrowed.setText(t("Only what the filter of the table shows: {0}").format(narrowed) if narrowed else "")
        self.narrowed.setVisible(bool(narrowed))
        years, table = figures.years, self.table
        table.setColumnCount(len(years) + 1)
        table.setRowCount(len(figures.dimensions) + 1)
        table.setHorizontalHeaderLabels([*map(str, years), t("Together")])
        table.setVerticalHeaderLabels([*(labels.dimension(one) for one in figures.dimensions), t("Together")])
        for row, dimension in enumerate((*figures.dimensions, "")):
            for column, year in enumerate((*years, None)):
                item = QTableWidgetItem(formats.rupiah(figures.total(dimension, year)))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if not dimension or year is None:
                    item.setFont(self._theme.font(bold=True))
                table.setItem(row, column, item)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setFixedHeight(table.horizontalHeader().sizeHint().height() + sum(table.rowHeight(row) for row in range(table.rowCount()))
                             + self._theme.em(0.3))
        said = [t("{0} programmes without years").format(figures.undated) if figures.undated else "",
                t("{0} programmes without a budget").format(figures.unfunded) if figures.unfunded else ""]
        self.note.setText(" · ".join(filter(None, said)))
        self.note.setVisible(bool(self.note.text()))
        self.map.show_figures(figures)
