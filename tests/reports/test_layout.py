"""The printed page holds everything that was written, in both languages, and nothing becomes markup."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from assessor_app.reports import content as contents
from assessor_app.reports import fonts, pictures, text
from assessor_app.reports.charts import chart
from assessor_app.reports.content import AspectBlock, AxisValue, FindingLine, Party, Photo, QuestionRow
from assessor_app.reports.layout import LaidOut, lay_out
from tests.reports import samples


def words(laid: LaidOut, page: int | None = None) -> str:
    """Return the page's text on one line."""
    pdf = pypdfium2.PdfDocument(laid.pdf)
    try:
        pages = range(len(pdf)) if page is None else [page]
        found = []
        for n in pages:
            one = pdf[n]
            textpage = one.get_textpage()
            found.append(textpage.get_text_bounded())
            textpage.close()
            one.close()
        return " ".join(" ".join(found).split())
    finally:
        pdf.close()


def test_minutes_say_who_where_what_and_by_when() -> None:
    laid = lay_out(samples.minutes())
    said = words(laid)
    assert laid.pages <= 2
    for expected in ("BA-014/GMSC.5/07/2025", "Kabupaten Boven Digoel", "93.02", "Papua Selatan", "14.30 WIT", "3 Juli 2025",
                     "Dr. Ir. Maria Tefa, M.Kom.", "19790412 200501 2 003", "N-03, guru SMP", "31 Juli 2025", "Pembina / IV-a",
                     "Agustinus Mahuze", "Suharto"):
        assert expected in said.replace("\xa0", " "), expected
    assert [one.name for one in laid.fields] == ["official", "assessor"]
    for place in laid.fields:  # at least 40 × 25 mm free
        assert place.box[2] - place.box[0] >= 40 / 25.4 * 72
        assert place.box[3] - place.box[1] >= 25 / 25.4 * 72


def test_sheet_shows_scores_index_radars_and_is_marked_secret() -> None:
    content = samples.sheet(1)
    laid = lay_out(content)
    said = words(laid)
    for expected in ("LE-031/GMSC.5/07/2025", "2,10", "39", "0,31 persen", "Smart Environment", "B-06", "2024"):
        assert expected in said, expected
    with_mark = [n for n in range(laid.pages) if re.search(r"RAHASIA|SECRET", words(laid, n))]
    assert with_mark == list(range(laid.pages))
    assert not re.search(r"RAHASIA|SECRET", words(lay_out(samples.sheet(0, secret=False))))


def test_both_languages_and_papers() -> None:
    said = words(lay_out(samples.sheet(1, language="en", paper="F4", sample=True)))
    assert "EVALUATION SHEET" in said
    assert "SAMPLE" in said
    assert "2.10" in said
    assert "3 July 2025" in said
    page = pypdfium2.PdfDocument(lay_out(samples.minutes(paper="F4")).pdf)
    try:
        assert [round(side * 25.4 / 72) for side in page.get_page_size(0)] == [215, 330]
    finally:
        page.close()


def test_provisional_and_unscored_show_as_such() -> None:
    content = samples.sheet(0, language="en", provisional=True, index=None, aspects=(
        AspectBlock("Only", 100.0, None, (QuestionRow("1", "A question", None),)),), dimensions=(), previous_index=None,
        strengths=(), evidence=())
    said = words(lay_out(content))
    assert "provisional" in said
    assert "Not yet scored." in said
    assert "None noted." in said


@pytest.mark.parametrize("nasty", [
    "<b>not bold", "<script>alert(1)</script>", '<img src="/etc/passwd">', "a & b &amp; c < d > e", "</para>", "%s {0} \\n",
])
def test_peoples_words_are_never_markup(nasty: str) -> None:
    said = words(lay_out(samples.minutes(
        seen=nasty, official=replace(samples.YOHANES, name=nasty), respondents=(nasty,), number=nasty, title=nasty)))
    assert said.count(" ".join(nasty.split())) >= 4


def test_what_the_face_lacks_is_printed_as_its_code() -> None:
    assert fonts.printable("≥ 95 ✓ 😀") == "≥ 95 ✓ [U+1F600]"
    assert fonts.printable("cafe\u0301\x00\x07\u200d") == "café"
    assert fonts.printable("a\tb\r\nc\u2028d") == "a    b\nc\nd"
    assert fonts.printable("مسجد") == "[U+0645 U+0633 U+062C U+062F]"
    assert fonts.printable("\ud800") == "[U+FFFD]"
    said = words(lay_out(samples.minutes(seen="≥ 95 persen 😀", letterhead=replace(samples.HEAD, lines=("\ud800 X",)))))
    assert "≥ 95 persen [U+1F600]" in said


def test_long_texts_and_words_flow_over_pages() -> None:
    long = "Kalimat yang wajar panjangnya untuk sebuah catatan. " * 1160
    assert len(long) > 60_000
    laid = lay_out(samples.minutes(seen=long + "AKHIR"))
    assert laid.pages > 10
    assert "AKHIR" in words(laid)
    row = QuestionRow("1.1", "W" * 5000, "3", long + "AKHIRALASAN", ())
    laid = lay_out(samples.sheet(0, aspects=(AspectBlock("Satu", 100.0, 3.0, (row,)),), strengths=(FindingLine("x" * 5000),),
                                 assessor=Party("N" * 400, "T" * 90, "U" * 90), photos=(Photo(samples.picture(), "c" * 3000),)))
    said = words(laid)
    assert "AKHIRALASAN" in said
    assert said.replace(" ", "").count("W") >= 5000


def test_photos_lose_their_metadata_and_stand_upright() -> None:
    image = Image.new("RGB", (400, 200), "green")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "CANARY-MAKER"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    made = pictures.for_print(out.getvalue())
    assert made is not None
    data, width, height = made
    assert (width, height) == (200, 400)
    assert b"CANARY" not in data
    assert b"Exif" not in data
    laid = lay_out(samples.sheet(0, photos=(Photo(out.getvalue(), "potret"),)))
    assert b"CANARY" not in laid.pdf


@pytest.mark.parametrize("broken", [b"", b"no picture", b"\xff\xd8\xff\xe0" + b"\0" * 50, samples.picture(size=(64, 64))[:400]],
                         ids=["empty", "text", "header", "cut"])
def test_a_broken_photo_is_named_not_left_out(broken: bytes) -> None:
    said = words(lay_out(samples.sheet(0, language="en", photos=(Photo(broken, "loket"), Photo(samples.picture(), "b")))))
    assert "This photo cannot be read." in said
    assert "loket" in said
    lay_out(samples.minutes(official_signs="ink", official_ink=contents.Ink(broken)))


@pytest.mark.parametrize("axes", [
    (), (("A", 1.0),), (("A", 1.0), ("B", None)), (("A", None), ("B", None), ("C", None)),
    tuple((f"Sebuah nama dimensi yang sangat panjang {n}", n % 5) for n in range(18)),
])
def test_charts_hold_any_number_of_axes(axes: tuple[tuple[str, float | None], ...]) -> None:
    values = tuple(AxisValue(name, value, 1.0) for name, value in axes)
    assert chart(values, 4.0, 300, year=2025, previous_year=None) is not None
    assert lay_out(samples.sheet(0, dimensions=values)).pages > 1


def test_only_embedded_fonts(tmp_path: Path) -> None:
    if not shutil.which("pdffonts"):
        pytest.skip("needs pdffonts (Debian: poppler-utils)")
    for content in (samples.drawn_minutes(), samples.sheet(1, sample=True)):
        path = tmp_path / "page.pdf"
        path.write_bytes(lay_out(content).pdf)
        listed = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
        assert listed
        assert all(re.search(r"SourceSans3.*\byes\s+yes\s+yes\b", line) for line in listed)


def test_the_data_is_canonical_and_holds_no_pictures() -> None:
    content = samples.sheet(2)
    data = contents.to_json(content)
    raw = json.loads(data)
    assert data == json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert raw["format"] == contents.FORMAT
    assert raw["index"] == content.index
    assert len(data) < 60_000
    assert set(raw["photos"][0]["data"]) == {"sha256", "size"}
    assert contents.to_json(samples.minutes(seen="cafe\u0301")) == contents.to_json(samples.minutes(seen="café"))
    assert contents.data_sha256(content) != contents.data_sha256(replace(content, number="X"))
    assert "Maria" not in contents.code(content, contents.data_sha256(content))
    assert contents.code(content, contents.data_sha256(content)).startswith(samples.ADDRESS)
    assert samples.minutes().expected == ("assessor",)
    assert samples.minutes(official_signs="certificate").expected == ("assessor", "official")


def test_numbers_of_copies_and_scores_in_words() -> None:
    assert text.counted(2).startswith("2 (")
    assert [text.score(value) for value in ("0", "-", None, "")] == ["0", "–", "…", "…"]
    assert text.mean(None) == "–"
