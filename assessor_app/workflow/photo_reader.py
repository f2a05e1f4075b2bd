"""Read a photo from a camera or telephone, in a child process: upright, reduced, without EXIF, its time and place apart."""

from __future__ import annotations

import io
import struct
from typing import Any

from assessor_app.errors import BadInput
from assessor_app.i18n import t

#: The most pixels that are decoded: a 40-megapixel photo is welcome, a decompression bomb is not.
MOST_PIXELS = 64_000_000
_GPS, _EXIF, _TAKEN = 0x8825, 0x8769, 0x9003


def read(data: bytes, edge: int = 0, quality: int = 90) -> dict[str, Any]:
    """Return the fields of ``interviewing.Photo``, at most ``edge`` pixels long (0: as it is); raise BadInput for what cannot be shown."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    kept = t("The note is untouched.")
    Image.MAX_IMAGE_PIXELS = None
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"))
        if image.width * image.height > MOST_PIXELS:
            raise BadInput(t("The picture has {0} megapixels; {1} is the most.").format(
                image.width * image.height // 1_000_000, MOST_PIXELS // 1_000_000),
                hint=t("Save it smaller, then add it again."), kept=kept)
        exif = image.getexif()
        if edge:
            image.draft("RGB", (2 * edge, 2 * edge))  # a large JPEG is decoded smaller: seconds and memory saved
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError:
        raise BadInput(t("This file is not a photo."), hint=t("Photos are JPEG, PNG, WebP, TIFF, BMP or GIF files."), kept=kept) from None
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
        raise BadInput(t("The photo is damaged or incomplete."), hint=t("Copy it again from the camera."), kept=kept) from None
    if edge:
        upright.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    upright.info.clear()  # a comment would be written again, whatever stands in it
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=quality, optimize=bool(edge), exif=b"")
    try:
        latitude, longitude = _place(exif.get_ifd(_GPS))
        taken = _time(exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(0x0132))
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error):
        latitude, longitude, taken = None, None, ""  # a camera's nonsense costs time and place, not the photo
    return {"data": out.getvalue(), "width": upright.width, "height": upright.height, "taken_at": taken, "latitude": latitude,
            "longitude": longitude}


def _time(text: Any) -> str:
    """Return EXIF's ``YYYY:MM:DD HH:MM:SS`` as a local time, or nothing where it is none."""
    value = str(text or "")
    if len(value) < 16 or not value[:4].isdigit() or value.startswith("0000"):
        return ""
    return f"{value[:4]}-{value[5:7]}-{value[8:10]}T{value[11:16]}"


def _place(gps: dict[int, Any]) -> tuple[float | None, float | None]:
    def degrees(value: Any, negative: bool) -> float | None:
        try:
            d, m, s = (float(part) for part in value)
        except (TypeError, ValueError, ZeroDivisionError):
            return None
        total = d + m / 60 + s / 3600
        return round(-total if negative else total, 6)

    if not gps:
        return None, None
    return degrees(gps.get(2), gps.get(1) == "S"), degrees(gps.get(4), gps.get(3) == "W")
