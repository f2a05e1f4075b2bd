"""The look: two calm palettes, a type scale over the system's font, spacing, and icons tinted to match."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from assessor_app import paths
from assessor_app.ui.stylesheet import stylesheet

log = logging.getLogger(__name__)

MODES = ("system", "light", "dark")
SCALES = (100, 115, 130, 150)
#: The smallest size, in points, that body text may have at 100 %.
SMALLEST = 10.0


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette as ``#rrggbb``; every pair of text and ground is at least 4.5:1 (``tests/ui/test_theme.py``)."""

    ground: str  # the window
    surface: str  # cards, lists, fields
    sunken: str  # headers, the side, disabled fields
    line: str  # hairlines that only divide
    edge: str  # outlines of controls, 3:1 on every ground
    text: str
    muted: str
    accent: str  # links, marks, the focus ring
    action: str  # the ground of the main button
    on_action: str
    action_over: str
    chosen: str  # the ground of a chosen row
    on_chosen: str
    good: str
    good_ground: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str


LIGHT = Colours(
    ground="#f4f4f0", surface="#ffffff", sunken="#e9eae4", line="#dcddd6", edge="#7d857f",
    text="#1c2422", muted="#535e59", accent="#0b5f63", action="#0b5f63", on_action="#ffffff", action_over="#084b4f",
    chosen="#d5e8e6", on_chosen="#10302f", good="#1c6336", good_ground="#e0f0e4", warn="#7a4a00", warn_ground="#fcefd3",
    bad="#9c231c", bad_ground="#fbe4e1",
)
DARK = Colours(
    ground="#141918", surface="#1c2322", sunken="#232b2a", line="#323c3a", edge="#7f8d89",
    text="#e8ecea", muted="#aab6b1", accent="#79cfc9", action="#79cfc9", on_action="#06211f", action_over="#9adfda",
    chosen="#244a48", on_chosen="#f0f7f6", good="#8ad6a1", good_ground="#1b3525", warn="#f0c26b", warn_ground="#3a2f17",
    bad="#ff9f95", bad_ground="#42211e",
)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Theme(QObject):
    """Dresses the application; widgets ask it for colours, sizes and icons.

    Signals:
        changed(): the palette or the size of text is another one now.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._family = ""
        self._mode = "system"
        self._scale = 100
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._base = max(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF(), SMALLEST)
        self.colours = LIGHT
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_scheme_changed)

    @property
    def dark(self) -> bool:
        """Whether the dark palette is worn."""
        return self.colours is DARK

    @property
    def scale(self) -> int:
        """The size of text in per cent of the system's."""
        return self._scale

    def apply(self, mode: str = "system", scale: int = 100) -> None:
        """Dress the application in ``mode`` with text at ``scale`` per cent of the system's size."""
        self._mode = mode if mode in MODES else "system"
        self._scale = min(max(scale, 80), 200)
        self.colours = self._choose()
        self._icons.clear()
        self._load_fonts()
        self._application.setStyle("Fusion")
        self._application.setFont(self.font())
        self._application.setPalette(self._palette())
        self._application.setStyleSheet(stylesheet(self.tokens()))
        self.changed.emit()

    def font(self, step: float = 1.0, *, bold: bool = False) -> QFont:
        """Return the interface's font at ``step`` times the body size."""
        font = QFont(self._family) if self._family else QFont(self._application.font())
        font.setPointSizeF(round(self._base * self._scale / 100 * step * 2) / 2)
        if bold:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def em(self, times: float = 1.0) -> int:
        """Return ``times`` the height of body text, in pixels: all spacing grows with the text."""
        return round(QFontMetricsF(self.font()).height() * times)

    def tokens(self) -> dict[str, str]:
        """Return what the style sheet is filled with: colours, and lengths in pixels."""
        unit = self.em() / 18
        values = {field.name: str(getattr(self.colours, field.name)) for field in fields(self.colours)}
        values |= {f"s{n}": f"{max(1, round(n * unit))}px" for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32)}
        for name, step in (("small", 0.9), ("body", 1.0), ("lead", 1.12), ("title", 1.35), ("display", 1.8)):
            values[f"f_{name}"] = f"{self.font(step).pointSizeF():g}pt"
        values["icons"] = (paths.resources() / "icons").as_posix()
        values["tone"] = "dark" if self.dark else "light"
        values["family"] = self._family or self._application.font().family()
        return values

    def icon(self, name: str, colour: str = "") -> QIcon:
        """Return the line icon ``name`` of ``resources/icons`` drawn in ``colour`` (default: the text's)."""
        colour = colour or self.colours.text
        size = self.em(1.15)
        key = (name, colour, size)
        if key not in self._icons:
            icon = QIcon()
            icon.addPixmap(self.pixmap(name, size, colour))
            icon.addPixmap(self.pixmap(name, size, self.colours.edge), QIcon.Mode.Disabled)
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, size: int, colour: str = "") -> QPixmap:
        """Return the icon as a picture ``size`` logical pixels wide and high."""
        from PySide6.QtSvg import QSvgRenderer  # not needed before something is drawn

        ratio = self._application.devicePixelRatio()
        picture = QPixmap(QSize(size, size) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        source = paths.resources() / "icons" / f"{name}.svg"
        try:
            drawing = source.read_text(encoding="utf-8").replace("currentColor", colour or self.colours.text)
        except OSError:
            log.warning("icon missing: %s", name)
            return picture
        painter = QPainter(picture)
        QSvgRenderer(drawing.encode()).render(painter)
        painter.end()
        return picture

    def _choose(self) -> Colours:
        if self._mode == "system":
            hints = QGuiApplication.styleHints()
            return DARK if hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _on_scheme_changed(self) -> None:
        if self._mode == "system" and self._choose() is not self.colours:
            self.apply(self._mode, self._scale)

    def _load_fonts(self) -> None:
        if self._family:
            return
        for file in ("Regular", "SemiBold", "Bold", "Italic"):
            for name in sorted((paths.resources() / "fonts").glob(f"SourceSans3*{file}.ttf")):
                if file != "Italic" and "Italic" in name.name:
                    continue
                families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(name)))
                if families and file == "Regular":
                    self._family = families[0]

    def _palette(self) -> QPalette:
        colours, palette = self.colours, QPalette()
        role = QPalette.ColorRole
        for target, value in (
            (role.Window, colours.ground), (role.WindowText, colours.text), (role.Base, colours.surface),
            (role.AlternateBase, colours.ground), (role.Text, colours.text), (role.Button, colours.surface),
            (role.ButtonText, colours.text), (role.BrightText, colours.bad), (role.Highlight, colours.chosen),
            (role.HighlightedText, colours.on_chosen), (role.Link, colours.accent), (role.LinkVisited, colours.accent),
            (role.ToolTipBase, colours.surface), (role.ToolTipText, colours.text), (role.PlaceholderText, colours.muted),
            (role.Light, colours.surface), (role.Midlight, colours.line), (role.Mid, colours.edge),
            (role.Dark, colours.edge), (role.Shadow, colours.edge),
        ):
            palette.setColor(target, QColor(value))
        for target in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colours.muted))
        return palette


def role(widget: QWidget, name: str) -> None:
    """Give a widget its part in the style sheet (``role`` property) and draw it anew."""
    widget.setProperty("role", name)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
