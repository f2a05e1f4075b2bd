"""Photos as they come: bad, huge, hostile, sideways; and the process of their own in which they are read."""

from __future__ import annotations

import io
import struct
import time
import zlib
from typing import Any

import pytest
from PIL import Image

from assessor_app import isolate
from assessor_app.errors import BadInput
from assessor_app.workflow import interviewing


def jpeg(size: tuple[int, int] = (400, 300), exif: Any = None, **more: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", size, "#3a6b4f")
    picture.paste("#c8102e", (0, 0, size[0] // 4, size[1] // 4))  # a red corner: top left
    picture.save(out, "JPEG", quality=85, **({"exif": exif} if exif is not None else {}), **more)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is ``width`` × ``height``."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(1 + width // 8)) for _ in range(min(height, 4000))) + rows.flush()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + chunk(b"IDAT", data)
            + chunk(b"IEND", b""))


@pytest.mark.parametrize(("data", "said"), [
    (b"", "0 bytes"),
    (b"PK\x03\x04 this is a document", "not a photo"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run", "not a photo"),
    (jpeg()[:-2000], "damaged"),
    (jpeg()[:50], "damaged|not a photo"),
    (bomb(60_000, 60_000), "megapixels"),
    (bomb(7000, 7000)[:500], "damaged"),
], ids=["empty", "document", "svg", "postscript", "cut off", "head only", "bomb", "cut-off png"])
def test_what_is_no_photo_is_said_and_the_note_lives(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        interviewing.read_photo(data)
    assert "untouched" in caught.value.kept


def test_forty_megapixels_are_read_in_seconds() -> None:
    data = jpeg((7300, 5480))
    begin = time.monotonic()
    photo = interviewing.read_photo(data)
    assert time.monotonic() - begin < 15
    assert (photo.width, photo.height) == (1600, 1201)
    assert photo.original == data


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_stands_upright_and_says_nothing_of_the_camera(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "RAHASIA-KAMERA"
    exif.get_ifd(0x8769)[0x9003] = "2023:07:03 09:30:15"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0RAHASIA-KOMENTAR"
    exif.get_ifd(0x8825).update({1: "S", 2: (5.0, 43.0, 12.0), 3: "E", 4: (140.0, 18.0, 36.0)})
    photo = interviewing.read_photo(jpeg((400, 300), exif=exif, comment=b"RAHASIA-CATATAN"))
    assert photo.taken_at == "2023-07-03T09:30"
    assert photo.latitude == pytest.approx(-5.72, abs=1e-4)
    assert photo.longitude == pytest.approx(140.31, abs=1e-4)
    assert b"RAHASIA" not in photo.data
    kept = Image.open(io.BytesIO(photo.data))
    assert not kept.getexif()
    assert "exif" not in kept.info
    assert (kept.width, kept.height) == (photo.width, photo.height) == ((300, 400) if orientation in (6, 8) else (400, 300))
    corner = {1: (5, 5), 3: (394, 294), 6: (294, 5), 8: (5, 394)}[orientation]
    red = kept.convert("RGB").getpixel(corner)
    assert isinstance(red, tuple)
    assert red[0] > 150


def test_png_with_text_and_transparency_is_kept_as_a_plain_jpeg() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "RAHASIA")
    out = io.BytesIO()
    Image.new("RGBA", (50, 40), (200, 0, 0, 120)).save(out, "PNG", pnginfo=info)
    photo = interviewing.read_photo(out.getvalue())
    assert photo.data.startswith(b"\xff\xd8")
    assert b"RAHASIA" not in photo.data


def test_strange_exif_is_no_obstacle() -> None:
    exif = Image.Exif()
    exif[0x0132] = "0000:00:00 00:00:00"
    exif.get_ifd(0x8825).update({1: "S", 2: (5.0, 0.0, 0.0)})
    photo = interviewing.read_photo(jpeg(exif=exif))
    assert photo.taken_at == ""
    assert photo.longitude is None
    garbage = bytearray(jpeg(exif=exif))
    garbage[30:60] = b"\xff" * 30
    try:
        interviewing.read_photo(bytes(garbage))
    except BadInput as error:
        said = error.title
        assert said


# The process of its own


@pytest.mark.parametrize("what", ["eats_memory", "dies"])
def test_a_reader_that_dies_is_bad_input(what: str) -> None:
    with pytest.raises(BadInput, match="damaged or needs more memory") as caught:
        isolate.call(f"tests.faults.hostile:{what}", memory_mb=400, timeout_s=30)
    assert caught.value.kept


def test_a_reader_that_never_ends_is_stopped() -> None:
    begin = time.monotonic()
    with pytest.raises(BadInput, match="too long"):
        isolate.call("tests.faults.hostile:sleeps", timeout_s=1)
    assert time.monotonic() - begin < 10


def test_what_a_library_prints_does_not_spoil_the_answer() -> None:
    assert isolate.call("tests.faults.hostile:talks") == "answer"
    assert isolate.call("tests.faults.hostile:sees", bytes(range(256)) * 10) == 2560


def test_a_readers_own_fault_is_bad_input_without_its_words() -> None:
    with pytest.raises(BadInput) as caught:
        isolate.call("tests.faults.hostile:raises", "KENARI-NAMA")
    assert "KENARI" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_only_our_own_readers_are_called() -> None:
    with pytest.raises(BadInput):
        isolate.call("os:getcwd")
