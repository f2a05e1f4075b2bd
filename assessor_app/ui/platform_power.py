"""Sleep, a low battery and a locked session as the system tells them; where it cannot, nothing is told."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)
_WM_POWERBROADCAST, _SUSPEND, _BATTERY_LOW, _WM_ENDSESSION = 0x0218, 0x0004, 0x0009, 0x0016
#: UPower's warning levels from which on everything typed is written at once: low, critical, action.
_LOW = 3


class Power(QObject):
    """Tells of the machine's power.

    Signals:
        sleeping(): the machine goes to sleep or the session is locked or ended.
        battery_low(): the power may go any minute.
    """

    sleeping = Signal()
    battery_low = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter: _WindowsPower | None = None

    def watch(self) -> None:
        """Begin to listen; called after the window shows, for none of this is needed before."""
        if sys.platform == "win32":
            self._filter = _WindowsPower(self)
            application = QApplication.instance()
            if application is not None:
                application.installNativeEventFilter(self._filter)
        elif sys.platform.startswith("linux"):
            self._watch_linux()

    def _watch_linux(self) -> None:
        from PySide6.QtDBus import QDBusConnection

        bus = QDBusConnection.systemBus()
        if not bus.isConnected():
            return
        login, upower = "org.freedesktop.login1", "org.freedesktop.UPower"
        bus.connect(login, "/org/freedesktop/login1", f"{login}.Manager", "PrepareForSleep", self,
                    _slot("_on_prepare_for_sleep(bool)"))
        bus.connect(login, "", f"{login}.Session", "Lock", self, _slot("_on_session_locked()"))
        bus.connect(upower, f"/{upower.replace('.', '/')}/devices/DisplayDevice", "org.freedesktop.DBus.Properties",
                    "PropertiesChanged", self, _slot("_on_battery_changed()"))

    @Slot(bool)
    def _on_prepare_for_sleep(self, begins: bool) -> None:
        if begins:
            self.sleeping.emit()

    @Slot()
    def _on_session_locked(self) -> None:
        self.sleeping.emit()

    @Slot()
    def _on_battery_changed(self) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusInterface

        upower = "org.freedesktop.UPower"
        device = QDBusInterface(upower, "/org/freedesktop/UPower/devices/DisplayDevice", f"{upower}.Device",
                                QDBusConnection.systemBus())
        level = device.property("WarningLevel")
        if isinstance(level, int) and level >= _LOW:
            self.battery_low.emit()


def battery() -> int | None:
    """Return how full the battery is, in percent; None where the machine has none or does not tell."""
    if sys.platform == "win32":
        import ctypes

        status = (ctypes.c_ubyte * 12)()  # SYSTEM_POWER_STATUS: the third byte is the percentage, 255 for unknown
        told = ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))
        return int(status[2]) if told and status[2] <= 100 else None
    if sys.platform.startswith("linux"):
        from PySide6.QtDBus import QDBusConnection, QDBusInterface

        bus = QDBusConnection.systemBus()
        if not bus.isConnected():
            return None
        upower = "org.freedesktop.UPower"
        device = QDBusInterface(upower, "/org/freedesktop/UPower/devices/DisplayDevice", f"{upower}.Device", bus)
        if device.isValid() and device.property("IsPresent"):
            level = device.property("Percentage")
            return int(level) if isinstance(level, (int, float)) else None
    return None


def _slot(name: str) -> bytes:
    """Return a slot's name as Qt's C macro SLOT writes it."""
    return f"1{name}".encode()


class _WindowsPower(QAbstractNativeEventFilter):
    """Reads WM_POWERBROADCAST and WM_ENDSESSION. Not run on the machines that build and test this program."""

    def __init__(self, power: Power) -> None:
        super().__init__()
        self._power = power

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        """Look at a message of Windows and pass it on (Qt)."""
        if sys.platform == "win32":
            from ctypes import wintypes

            said = wintypes.MSG.from_address(int(message))
            if said.message == _WM_POWERBROADCAST and said.wParam == _SUSPEND:
                self._power.sleeping.emit()
            elif said.message == _WM_POWERBROADCAST and said.wParam == _BATTERY_LOW:
                self._power.battery_low.emit()
            elif said.message == _WM_ENDSESSION:
                self._power.sleeping.emit()
        return False, 0
