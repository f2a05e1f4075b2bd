"""The style sheet, filled from the theme's tokens: one place for every outline, ground and focus ring."""

from __future__ import annotations

from string import Template

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog, QWidget#page { background: $ground; }
QToolTip { background: $surface; color: $text; border: 1px solid $edge; padding: $s4; }
QLabel { background: transparent; }
QLabel[role="display"] { font-size: $f_display; font-weight: 600; }
QLabel[role="title"] { font-size: $f_title; font-weight: 600; }
QLabel[role="lead"] { font-size: $f_lead; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: $f_small; }
QLabel[role="field"] { color: $muted; font-weight: 600; font-size: $f_small; }
QLabel[role="good"] { color: $good; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="code"] { font-family: monospace; font-size: $f_title; letter-spacing: 1px; }
QLabel[role="chip"], QLabel[role="chip-good"], QLabel[role="chip-warn"], QLabel[role="chip-bad"] {
    border-radius: $s4; padding: $s2 $s8; font-size: $f_small; font-weight: 600; }
QLabel[role="chip"] { background: $sunken; color: $text; }
QLabel[role="chip-good"] { background: $good_ground; color: $good; }
QLabel[role="chip-warn"] { background: $warn_ground; color: $warn; }
QLabel[role="chip-bad"] { background: $bad_ground; color: $bad; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: $s8; }
QFrame[role="side"] { background: $sunken; border: none; border-right: 1px solid $line; }
QFrame[role="bar"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="banner"], QFrame[role="banner-good"], QFrame[role="banner-warn"], QFrame[role="banner-bad"] { margin: $s2 $s8 $s6 $s8; }
QFrame[role="banner"] { background: $sunken; border: 1px solid $edge; border-radius: $s6; }
QFrame[role="banner-good"] { background: $good_ground; border: 1px solid $good; border-radius: $s6; }
QFrame[role="banner-warn"] { background: $warn_ground; border: 1px solid $warn; border-radius: $s6; }
QFrame[role="banner-bad"] { background: $bad_ground; border: 1px solid $bad; border-radius: $s6; }
QFrame[role="recording"] { background: $bad_ground; border: 1px solid $bad; border-radius: $s6; }
QFrame[role="drop"] { border: 2px dashed $edge; border-radius: $s8; background: $surface; }

QPushButton, QToolButton { background: $surface; border: 1px solid $edge; border-radius: $s6;
    padding: $s5 $s12; min-height: $s20; outline: none; }
QPushButton:hover, QToolButton:hover { background: $sunken; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: $s4 $s12; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $ground; border-color: $line; }
QPushButton[role="main"] { background: $action; color: $on_action; border-color: $action; font-weight: 600; }
QPushButton[role="main"]:hover { background: $action_over; }
QPushButton[role="main"]:focus { border: 2px solid $text; }
QPushButton[role="main"]:disabled { background: $sunken; color: $muted; border-color: $line; }
QPushButton[role="danger"] { color: $bad; border-color: $bad; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: $sunken; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border: 2px solid $accent; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: $accent; text-align: left;
    padding: $s2 $s4; text-decoration: underline; }
QPushButton[role="link"]:focus { border: 2px solid $accent; }
QToolButton::menu-indicator { image: none; }
QFileDialog QToolButton { padding: $s3; min-height: $s16; }
QPushButton[role="anchor"] { text-align: left; padding: $s6 $s10; }
QPushButton[role="anchor"]:checked { background: $chosen; color: $on_chosen; border: 2px solid $accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateEdit, QTimeEdit, QDateTimeEdit, QAbstractSpinBox {
    background: $surface; color: $text; border: 1px solid $edge; border-radius: $s6; padding: $s4 $s6;
    selection-background-color: $accent; selection-color: $surface; min-height: $s20; }
QPlainTextEdit, QTextEdit { padding: $s4; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {
    border: 2px solid $accent; padding: $s3 $s5; }
QPlainTextEdit:focus, QTextEdit:focus { padding: $s3; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled,
QLineEdit:read-only, QPlainTextEdit:read-only { background: $sunken; border-color: $line; }
QLineEdit[wrong="true"] { border: 2px solid $bad; }
QLineEdit[cell="true"], QComboBox[cell="true"], QPlainTextEdit[cell="true"] { border-radius: 0; padding: 0 $s3; min-height: 0; }
QLineEdit[cell="true"]:focus, QComboBox[cell="true"]:focus { padding: 0 $s2; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down, QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: $s20; }
QComboBox::down-arrow, QDateEdit::down-arrow, QAbstractSpinBox::down-arrow {
    image: url("$icons/arrow-$tone.svg"); width: $s12; height: $s12; }
QAbstractSpinBox::up-arrow { image: url("$icons/arrow-up-$tone.svg"); width: $s12; height: $s12; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $edge; padding: $s2;
    selection-background-color: $chosen; selection-color: $on_chosen; outline: none; }
QCheckBox, QRadioButton { spacing: $s8; background: transparent; padding: $s3; border: 2px solid transparent;
    border-radius: $s4; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: $s14; height: $s14;
    border: 2px solid $edge; border-radius: $s4; background: $surface; }
QCheckBox:disabled { color: $muted; }
QCheckBox::indicator:disabled, QCheckBox::indicator:checked:disabled { background: $sunken; border-color: $line; }
QRadioButton::indicator { border-radius: $s8; width: $s12; height: $s12; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $action; border-color: $action;
    image: url("$icons/tick-$tone.svg"); }
QRadioButton::indicator:checked { background: $action; border-color: $action; image: url("$icons/dot-$tone.svg"); }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:open { image: url("$icons/branch-open-$tone.svg"); }
QTreeView::branch:has-children:closed { image: url("$icons/branch-closed-$tone.svg"); }

QTabWidget::pane { border: none; background: $ground; }
QTabWidget > QTabBar { background: $surface; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: $s8 $s14; border: none;
    border-bottom: 3px solid transparent; font-weight: 600; }
QTabBar[role="narrow"]::tab { padding: $s8 $s6; }
QTabBar::tab:hover { color: $text; background: $sunken; }
QTabBar::tab:selected { color: $accent; border-bottom: 3px solid $accent; }
QTabBar:focus { outline: none; }
QTabBar::tab:focus { background: $sunken; }
QTabBar QToolButton { padding: 0; min-height: 0; border-radius: 0; }

QAbstractItemView { background: $surface; border: 1px solid $line; border-radius: $s6; outline: none;
    selection-background-color: $chosen; selection-color: $on_chosen; alternate-background-color: $ground; }
QAbstractItemView:focus { border: 2px solid $accent; }
QAbstractItemView::item { padding: $s4; }
QAbstractItemView::item:selected { background: $chosen; color: $on_chosen; }
QComboBox QAbstractItemView:focus { border: 1px solid $edge; }
QListView[role="choices"] { border: 1px solid $edge; }
QListView[role="side"] { background: transparent; border: 2px solid transparent; }
QListView[role="side"]:focus { border: 2px solid $accent; }
QHeaderView { background: $sunken; border: none; }
QHeaderView::section { background: $sunken; color: $muted; font-weight: 600; padding: $s5 $s6; border: none;
    border-right: 1px solid $line; border-bottom: 1px solid $line; }
QHeaderView::down-arrow, QHeaderView::up-arrow { subcontrol-origin: padding; subcontrol-position: center right;
    width: $s10; height: $s10; right: $s2; }
QHeaderView::down-arrow { image: url("$icons/arrow-$tone.svg"); }
QHeaderView::up-arrow { image: url("$icons/arrow-up-$tone.svg"); }
QTableView { gridline-color: $line; }
QTableCornerButton::section { background: $sunken; border: none; }

QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget#body { background: transparent; }
QScrollBar:vertical { background: transparent; width: $s12; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $s12; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: $s4; margin: $s2; min-height: $s24; min-width: $s24; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QStatusBar { background: $surface; border-top: 1px solid $line; color: $muted; }
QStatusBar::item { border: none; }
QMenuBar { background: $surface; border-bottom: 1px solid $line; padding: $s2; }
QMenuBar::item { padding: $s4 $s10; border-radius: $s4; background: transparent; }
QMenuBar::item:selected { background: $chosen; color: $on_chosen; }
QMenu { background: $surface; border: 1px solid $edge; padding: $s4; }
QMenu::item { padding: $s5 $s24; border-radius: $s4; }
QMenu::item:selected { background: $chosen; color: $on_chosen; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: $s4; }
QProgressBar { background: $sunken; border: 1px solid $line; border-radius: $s4; text-align: center; height: $s14; }
QProgressBar::chunk { background: $accent; border-radius: $s3; }
QSlider { min-height: $s20; border: 2px solid transparent; border-radius: $s4; }
QSlider:focus { border: 2px solid $accent; }
QSlider::groove:horizontal { background: $line; height: $s4; border-radius: $s2; }
QSlider::sub-page:horizontal { background: $accent; border-radius: $s2; }
QSlider::handle:horizontal { background: $accent; width: $s12; margin: -$s4 0; border-radius: $s6; }
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $edge; }
QSplitter::handle { background: $ground; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QGroupBox { border: 1px solid $line; border-radius: $s6; margin-top: $s14; padding: $s10; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: $s10; padding: 0 $s4; }
""")


def stylesheet(tokens: dict[str, str]) -> str:
    """Return the style sheet; raises KeyError where a token is missing."""
    return _SHEET.substitute(tokens)
