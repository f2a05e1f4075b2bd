#!/usr/bin/env bash
# Look whether Qt finds its system libraries, the tests of the server's pages a browser, those of its
# blobs an S3 store, those of printing a queue, those of recordings a sound server, and those of spelling dictionaries; install them where that is allowed,
# otherwise name the packages in one line.
set -u
[ "$(uname -s)" = Linux ] || exit 0
browser() { command -v chromedriver >/dev/null && { command -v chromium || command -v google-chrome; } >/dev/null; }
if ! browser; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null
  fi
  browser || echo "Without a browser the tests of the server's pages are passed over: sudo apt-get install chromium chromium-driver" >&2
fi
tools="qpdf mupdf-tools ghostscript poppler-utils openssl softhsm2"
signing() { for tool in qpdf mutool gs pdfsig openssl softhsm2-util; do command -v "$tool" >/dev/null || return 1; done; }
if ! signing; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $tools >/dev/null
  fi
  signing || echo "Without these some tests of signatures are passed over: sudo apt-get install $tools" >&2
fi
store() { [ -x /usr/bin/swift-proxy-server ] && [ -x /usr/bin/swift-object-server ]; }
if ! store; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends swift-proxy swift-account swift-container swift-object >/dev/null 2>&1
  fi
  store || echo "Without an S3 store one file of tests is passed over: sudo apt-get install swift-proxy swift-account swift-container swift-object" >&2
fi
ring() { command -v gnome-keyring-daemon >/dev/null && command -v dbus-run-session >/dev/null; }
if ! ring; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gnome-keyring dbus >/dev/null 2>&1
  fi
  ring || echo "Without a keyring one test is passed over: sudo apt-get install gnome-keyring dbus" >&2
fi
queue() { [ -x /usr/sbin/cupsd ] && [ -x /usr/lib/cups/backend/cups-pdf ] && command -v lp >/dev/null; }
if ! queue; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends cups cups-client cups-filters printer-driver-cups-pdf >/dev/null 2>&1
  fi
  queue || echo "Without a print queue the tests of printing are passed over: sudo apt-get install cups cups-filters printer-driver-cups-pdf" >&2
fi
sound() { command -v pulseaudio >/dev/null && command -v pactl >/dev/null && command -v paplay >/dev/null; }
if ! sound; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pulseaudio pulseaudio-utils >/dev/null 2>&1
  fi
  sound || echo "Without a sound server the tests of recordings are passed over: sudo apt-get install pulseaudio pulseaudio-utils" >&2
fi
words() { [ -e /usr/share/hunspell/id_ID.dic ] && [ -e /usr/share/hunspell/en_US.dic ] && /sbin/ldconfig -p | grep -q libenchant-2; }
if ! words; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libenchant-2-2 hunspell-id hunspell-en-us >/dev/null 2>&1
  fi
  words || echo "Without dictionaries some tests of spelling are passed over: sudo apt-get install libenchant-2-2 hunspell-id hunspell-en-us" >&2
fi
packages="libegl1 libgl1 libopengl0 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1"
python="$(dirname "$0")/../../.venv/bin/python"
draws() { QT_QPA_PLATFORM=offscreen "$python" -c 'from PySide6 import QtWidgets, QtSvg, QtPrintSupport; QtWidgets.QApplication([])' >/dev/null 2>&1; }
works() {
  draws || return 1
  screen="$("$python" -c 'import PySide6, pathlib; print(pathlib.Path(PySide6.__file__).parent / "Qt/plugins/platforms/libqxcb.so")')"
  ! ldd "$screen" 2>/dev/null | grep -q 'not found'  # the plug-in for a screen, also where there is none just now
}
works && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >/dev/null
  works && exit 0
fi
echo "Qt needs system libraries. Install them, then run the command again: sudo apt-get install $packages" >&2
draws && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && exit 0  # without a screen the tests and the demo do well as it is
exit 1
