"""The visible part of a signature: ink, name, time and what the law calls it, as one vector page."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.reports import fonts
from assessor_app.reports.blocks import draw_code
from assessor_app.reports.fonts import REGULAR, SEMIBOLD, fitted
from assessor_app.reports.pictures import ink_for_print
from assessor_app.reports.style import INK, MUTED, PRIMARY

#: Strokes of a pen: points from left and top, in any unit.
Strokes = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is shown in a signature's field.

    ``time`` is already worded (``3 Juli 2025, 14.32 WIT``). ``certified`` is true only for a certificate of an
    Indonesian provider; the device's own key is never called so. ``qr`` is optional: the page has a code already.
    """

    name: str
    time: str
    strokes: Strokes = ()
    picture: bytes = b""  # PNG or JPEG instead of strokes
    certified: bool = False
    issuer: str = ""  # who certified a key that is not the device's own
    qr: str = ""
    language: str = "id"


_MARGIN: Final = 1.2 * mm


def draw(stamp: Stamp, width: float, height: float) -> bytes:
    """Return a one-page PDF of the stamp, of the field's size in points."""
    fonts.register()
    with i18n.speaking(stamp.language):
        out = io.BytesIO()
        face: Any = REGULAR  # the stubs of ReportLab ask for a number here
        canvas = Canvas(out, pagesize=(width, height), initialFontName=face, pageCompression=1)
        canvas.setStrokeColor(PRIMARY)
        canvas.setLineWidth(1.4)
        canvas.line(0.7, 0, 0.7, height)
        left, right = 2.4 * mm, width - _MARGIN
        if stamp.qr:
            side = min(height - 2 * _MARGIN, 22 * mm)
            draw_code(canvas, stamp.qr, width - side, (height - side) / 2, side)
            right = width - side - _MARGIN
        lines = _lines(stamp)
        spoken = sum(leading for *_, leading in lines)
        inked = bool(stamp.strokes or stamp.picture)
        room = height - spoken - 2 * _MARGIN
        if inked and room > 5 * mm:
            _ink(canvas, stamp, left, spoken + 2 * _MARGIN, min(right - left, 58 * mm), room - _MARGIN)
        y = spoken + _MARGIN if inked else (height + spoken) / 2
        for words, font, size, colour, leading in lines:
            y -= leading
            canvas.setFont(font, size)
            canvas.setFillColor(colour)
            canvas.drawString(left, y + 0.25 * leading, fitted(words, font, size, right - left))
        canvas.showPage()
        canvas.save()
        return out.getvalue()


def _lines(stamp: Stamp) -> list[tuple[str, str, float, Any, float]]:
    kind = t("Certified electronic signature") if stamp.certified else t("Electronic signature, not certified")
    if stamp.issuer:
        kind = t("Electronic signature, certificate of {0}").format(stamp.issuer)
    return [
        (t("Signed electronically by"), REGULAR, 7, MUTED, 9),
        (stamp.name, SEMIBOLD, 9, INK, 11.5),
        (t("{0} (this device's clock)").format(stamp.time), REGULAR, 7.5, INK, 9.5),
        (kind, SEMIBOLD, 7.5, PRIMARY, 9.5),
    ]


def _ink(canvas: Canvas, stamp: Stamp, x: float, y: float, width: float, height: float) -> None:
    if stamp.strokes:
        points = [point for stroke in stamp.strokes for point in stroke]
        if not points:
            return
        x0, y0 = min(p[0] for p in points), min(p[1] for p in points)
        wide = max(p[0] for p in points) - x0 or 1.0
        tall = max(p[1] for p in points) - y0 or 1.0
        scale = min(width / wide, height / tall)
        path = canvas.beginPath()
        for stroke in stamp.strokes:
            for n, (px, py) in enumerate(stroke):
                place = (x + (px - x0) * scale, y + height - (py - y0) * scale)
                (path.lineTo if n else path.moveTo)(*place)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(1.1)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        canvas.drawPath(path, stroke=1, fill=0)
        return
    made = ink_for_print(stamp.picture)
    if made:
        data, w, h = made
        scale = min(width / w, height / h)
        canvas.drawImage(ImageReader(io.BytesIO(data)), x, y, w * scale, h * scale)
