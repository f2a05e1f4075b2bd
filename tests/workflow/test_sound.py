"""Streams of sound: what is recorded plays, also where it was cut off anywhere; what comes from others is kept or refused in words."""

from __future__ import annotations

import pytest

from assessor_app.errors import BadInput
from assessor_app.workflow import ogg, recording, sound_child
from assessor_app.workflow.sound_codec import RATE, Decoder
from tests.sound import opus, pitch, samples_of, tone

TEN = opus(10)


def test_what_is_recorded_is_small_and_plays() -> None:
    assert ogg.seconds(TEN) == pytest.approx(10, abs=0.1)
    assert len(TEN) < 10 * 1.3 * recording.RATE
    assert Decoder(TEN).seconds() == pytest.approx(10, abs=0.1)
    assert pitch(samples_of(TEN)[RATE:], RATE) == pytest.approx(440, rel=0.02)


@pytest.mark.parametrize("left", [0.999, 0.9, 0.5, 0.2])
def test_a_stream_cut_anywhere_plays_to_its_last_page(left: float) -> None:
    cut = ogg.mended(TEN[:int(len(TEN) * left)])
    whole = ogg.seconds(cut)
    assert whole is not None
    assert whole == pytest.approx(10 * left, abs=1.1)  # a page is half a second
    assert len(samples_of(cut)) / RATE == pytest.approx(whole, abs=0.1)
    assert list(ogg.pages(cut))[-1][1] == len(cut)
    again = bytearray(cut)
    begin = list(ogg.pages(cut))[-1][0]
    assert again[begin + 5] & 4  # says that it is the last
    assert ogg.mended(cut) == cut


@pytest.mark.parametrize("data", [b"", b"OggS", TEN[:100], b"RIFF" + bytes(100), bytes(5000)],
                         ids=["nothing", "magic", "cut", "wave", "zeros"])
def test_of_less_than_a_page_nothing_is_kept(data: bytes) -> None:
    assert ogg.mended(data) == b""


def test_how_loud_it_is() -> None:
    assert sound_child.loudness(b"") == 0
    assert sound_child.loudness(bytes(4800)) == 0
    quiet, loud = sound_child.loudness((33).to_bytes(2, "little") * 100), sound_child.loudness(b"\x00\x80" * 100)
    assert (quiet, loud) == (0, 100)
    assert 80 < sound_child.loudness(tone(0.1)) < 95


@pytest.mark.parametrize(("name", "data", "media"), [
    ("a.opus", TEN, "audio/ogg"), ("memo.m4a", b"\0\0\0\x20ftypisom" + bytes(40), "audio/mp4"), ("x", b"#!AMR\n" + bytes(9), "audio/amr"),
    ("foto.jpg", b"\xff\xd8\xff" + bytes(60), ""), ("catatan", b"teks", ""), ("a.b.mp3", b"\xff\xfb" + bytes(60), "audio/mpeg"),
], ids=["opus", "m4a", "amr", "jpeg", "text", "mp3"])
def test_what_a_sound_file_is(name: str, data: bytes, media: str) -> None:
    assert recording.media_type_of(name, data) == media


def test_somebodys_file_is_read_in_a_process_of_its_own() -> None:
    assert recording.read_sound("a.opus", TEN) == ("audio/ogg", 10)
    assert recording.read_sound("memo.m4a", b"\0\0\0\x20ftypM4A " + bytes(400)) == ("audio/mp4", None)  # kept, not played here
    assert recording.read_sound("rusak.mp3", bytes(1000)) == ("audio/mpeg", None)
    with pytest.raises(BadInput, match="0 bytes"):
        recording.read_sound("kosong.mp3", b"")
    with pytest.raises(BadInput, match="played"):
        Decoder(bytes(1000))
