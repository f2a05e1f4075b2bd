"""Pictures for the page: upright, no larger than print needs, without place, camera or maker's data."""

from __future__ import annotations

import io
from typing import Final

_PRINTED: Final = 1240  # pixels of the longer side: 200 dpi on 157 mm
_LARGEST: Final = 64_000_000  # pixels that we are ready to open


def for_print(data: bytes, longest: int = _PRINTED) -> tuple[bytes, int, int] | None:
    """Return JPEG bytes, width and height in pixels; None for what is no picture (the page then says so).

    The bytes come from the notebook, where a process of its own has looked at them when they were added.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as raw:
            if raw.width * raw.height > _LARGEST or min(raw.size) < 1:
                return None
            if raw.format == "JPEG":
                raw.draft("RGB", (longest, longest))  # decodes at half or a quarter where that is enough
            upright = ImageOps.exif_transpose(raw)
            upright.thumbnail((longest, longest), Image.Resampling.BILINEAR)
            if upright.mode in {"RGBA", "LA", "P"}:
                layer = upright.convert("RGBA")
                page = Image.new("RGB", layer.size, "white")
                page.paste(layer, mask=layer.getchannel("A"))
                upright = page
            elif upright.mode != "RGB":
                upright = upright.convert("RGB")
            out = io.BytesIO()
            clean = Image.new("RGB", upright.size)
            clean.paste(upright)
            clean.save(out, "JPEG", quality=84)
            return out.getvalue(), clean.width, clean.height
    except (OSError, ValueError, SyntaxError, ZeroDivisionError, MemoryError, Image.DecompressionBombError):
        return None


def ink_for_print(data: bytes) -> tuple[bytes, int, int] | None:
    """Return a drawn or photographed signature as PNG on white, cropped to what is drawn; None for no picture."""
    from PIL import Image, ImageChops, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as raw:
            if raw.width * raw.height > _LARGEST or min(raw.size) < 1:
                return None
            upright = ImageOps.exif_transpose(raw)
            upright.thumbnail((1000, 1000))
            layer = upright.convert("RGBA")
            page = Image.new("RGB", layer.size, "white")
            page.paste(layer, mask=layer.getchannel("A"))
            box = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
            if box:
                page = page.crop(box)
            out = io.BytesIO()
            page.save(out, "PNG")
            return out.getvalue(), page.width, page.height
    except (OSError, ValueError, SyntaxError, ZeroDivisionError, MemoryError, Image.DecompressionBombError):
        return None
