"""Write Buku 2 of the sample plan (an invented one) as the PDF that a region might hand over.

Usage: python resources/make/sample_book.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.fonts import addMapping
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
sys.path.insert(0, str(HERE))
TARGET = HERE.parent / "sample" / "buku-2-masterplan-boven-digoel.pdf"
TITLE = "Masterplan Smart City Kabupaten Boven Digoel 2023–2027 (contoh)"
VISION = ("Kampung-kampung di tepi Sungai Digoel memperoleh layanan yang sama baiknya dengan Tanah Merah, dengan teknologi yang "
          "tetap bekerja ketika jaringan putus.")
AIMS = ("Layanan dasar menjangkau setiap kampung sedikitnya dua kali setahun.",
        "Data daerah satu, terbuka, dan dimutakhirkan menurut jadwal.",
        "Usaha sagu, karet, dan ikan sungai memperoleh harga yang adil.",
        "Sekolah dan puskesmas dapat bekerja berminggu-minggu secara luring.",
        "Hutan dan sungai terjaga menurut kesepakatan adat.")


def book() -> None:
    """Write the book, the same bytes every time."""
    from sample_plan import HEADER, programmes

    from assessor_app.reports import fonts

    fonts.register()
    rl_config.invariant = 1
    rl_config.useA85 = 0
    face, bold = fonts.REGULAR, fonts.BOLD
    addMapping(bold, 0, 0, bold)
    body = ParagraphStyle("body", fontName=face, fontSize=10.5, leading=15, spaceAfter=6)
    head = ParagraphStyle("head", fontName=bold, fontSize=16, leading=20, spaceAfter=8, textColor=HexColor("#0f5b5f"))
    sub = ParagraphStyle("sub", fontName=bold, fontSize=12, leading=16, spaceBefore=8, spaceAfter=3)
    cover = ParagraphStyle("cover", fontName=bold, fontSize=24, leading=30, alignment=TA_CENTER, textColor=HexColor("#0f5b5f"))
    story = [Spacer(1, 70 * mm), Paragraph("Buku 2", cover), Paragraph(TITLE, cover), Spacer(1, 10 * mm),
             Paragraph("Dokumen contoh; isinya rekaan.", ParagraphStyle("small", parent=body, alignment=TA_CENTER)), PageBreak()]
    marks: list[tuple[str, int, str]] = []

    class Chapter(Paragraph):
        def __init__(self, text: str, style: ParagraphStyle, level: int) -> None:
            super().__init__(text, style)
            self.level, self.name = level, f"k{len(marks)}"
            marks.append((text, level, self.name))
            self.title = text

        def draw(self) -> None:
            self.canv.bookmarkPage(self.name)
            self.canv.addOutlineEntry(self.title, self.name, self.level, closed=False)
            super().draw()

    story += [Chapter("Visi", head, 0), Paragraph(VISION, body), Chapter("Sasaran", head, 0)]
    story += [Paragraph(f"{number}. {aim}", body) for number, aim in enumerate(AIMS, 1)]
    dimension = part = ""
    for row in programmes():
        said = dict(zip(HEADER, row, strict=True))
        if said["Dimensi"] != dimension:
            dimension = str(said["Dimensi"])
            story += [PageBreak(), Chapter(dimension, head, 0)]
        if said["Sub-dimensi"] != part:
            part = str(said["Sub-dimensi"])
            story.append(Chapter(part, sub, 1))
        story.append(Paragraph(f"<b>{said['No']}. {said['Nama program']}</b> — {said['Deskripsi']} Pelaksana: {said['OPD pelaksana']}. "
                               f"Indikator: {said['Indikator']}; target {said['Target']} {said['Satuan']}.", body))

    def foot(canvas: object, document: object) -> None:
        canvas.setFont(face, 8)  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 12 * mm, f"{TITLE} · {document.page}")  # type: ignore[attr-defined]

    SimpleDocTemplate(str(TARGET), pagesize=A4, title=TITLE, author="Contoh", leftMargin=25 * mm, rightMargin=22 * mm, topMargin=24 * mm,
                      bottomMargin=22 * mm).build(story, onFirstPage=lambda *_: None, onLaterPages=foot)


if __name__ == "__main__":
    book()
