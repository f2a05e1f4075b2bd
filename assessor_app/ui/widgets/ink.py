"""A pad to sign on with a finger, a pen or the mouse; the strokes are kept as lines, not as a picture."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme


class InkPad(QWidget):
    """Takes a drawn signature.

    Signals:
        changed(): a stroke was added or all were cleared.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._strokes: list[list[QPointF]] = []
        self.setAccessibleName(t("Signature pad"))
        self.setAccessibleDescription(t("Draw with a finger, a pen or the mouse. By keyboard: use a photo of the signed paper."))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumHeight(theme.em(8))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def empty(self) -> bool:
        """Whether too little was drawn to be a signature: all strokes together shorter than the pad is high."""
        return sum((b - a).manhattanLength() for stroke in self._strokes for a, b in pairwise(stroke)) < self._theme.em(8)

    def strokes(self) -> list[list[tuple[float, float]]]:
        """Return the strokes as points of a box 1 wide, y downwards."""
        width = max(self.width(), 1)
        return [[(round(p.x() / width, 4), round(p.y() / width, 4)) for p in stroke] for stroke in self._strokes if len(stroke) > 1]

    def picture(self, width: int = 900) -> bytes:
        """Return the drawing as a PNG on transparent ground, cut to its strokes."""
        from PySide6.QtCore import QBuffer, QIODevice
        from PySide6.QtGui import QImage

        box = self._path().boundingRect().adjusted(-6, -6, 6, 6)
        scale = width / max(box.width(), 1)
        image = QImage(QSize(width, max(1, round(box.height() * scale))), QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        painter.translate(-box.topLeft())
        painter.setPen(self._pen("#12224f"))
        painter.drawPath(self._path())
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(buffer.data().data())

    def clear(self) -> None:
        """Begin anew."""
        self._strokes.clear()
        self.update()
        self.changed.emit()

    def sizeHint(self) -> QSize:
        """Return a comfortable size (Qt)."""
        return QSize(self._theme.em(26), self._theme.em(9))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke (Qt)."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._strokes.append([event.position()])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke (Qt)."""
        if self._strokes and event.buttons() & Qt.MouseButton.LeftButton:
            self._strokes[-1].append(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke (Qt)."""
        self.changed.emit()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen as with the mouse (Qt)."""
        if event.type() == QEvent.Type.TabletPress:
            self._strokes.append([event.position()])
        elif event.type() == QEvent.Type.TabletMove and self._strokes:
            self._strokes[-1].append(event.position())
        elif event.type() == QEvent.Type.TabletRelease:
            self.changed.emit()
        event.accept()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the paper, the line to sign on and the ink (Qt)."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        painter.setPen(QPen(Qt.GlobalColor.gray, 1, Qt.PenStyle.DashLine))
        base = int(self.height() * 0.78)
        painter.drawLine(self._theme.em(1), base, self.width() - self._theme.em(1), base)
        painter.setPen(Qt.GlobalColor.gray)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(self._pen("#12224f"))
        painter.drawPath(self._path())

    def _pen(self, colour: str) -> QPen:
        return QPen(QColor(colour), max(2.0, self._theme.em(0.12)), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                    Qt.PenJoinStyle.RoundJoin)

    def _path(self) -> QPainterPath:
        path = QPainterPath()
        for stroke in self._strokes:
            path.moveTo(stroke[0])
            for before, point in pairwise(stroke):
                path.quadTo(before, (before + point) / 2)
        return path
