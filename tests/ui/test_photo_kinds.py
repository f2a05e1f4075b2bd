"""What the window offers as photos, what can be read, and what the refusal names are the same kinds."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from assessor_app.errors import BadInput
from assessor_app.ui.widgets.photos import PHOTOS
from assessor_app.workflow.photo_reader import read

KINDS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "tif": "TIFF", "tiff": "TIFF", "bmp": "BMP", "gif": "GIF"}


def test_every_kind_that_is_offered_is_read_and_named() -> None:
    with pytest.raises(BadInput) as fault:
        read(b"no photo")
    offered = [one.removeprefix("*.") for one in PHOTOS.split()]
    assert sorted(offered) == sorted(KINDS)
    for one in offered:
        out = io.BytesIO()
        Image.new("RGB", (8, 8), "teal").save(out, KINDS[one].upper())
        assert read(out.getvalue())
        assert KINDS[one] in fault.value.hint
