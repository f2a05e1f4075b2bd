"""Documents as a real visit makes them, for the tests of this folder."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

from PIL import Image, ImageDraw

from assessor_app.reports.content import (
    ActionLine,
    AspectBlock,
    AxisValue,
    EvidenceLine,
    FindingLine,
    Ink,
    InstrumentFacts,
    Letterhead,
    MinutesContent,
    Party,
    Photo,
    QuestionRow,
    Region,
    SheetContent,
    VisitFacts,
)

HEAD = Letterhead(
    ("Kementerian Komunikasi dan Digital Republik Indonesia", "Direktorat Jenderal Teknologi Pemerintah Digital"),
    ("Jl. Medan Merdeka Barat No. 9, Jakarta 10110 · Telp. (021) 3452841",), "Tanah Merah")
REGION = Region("93.02", "Kabupaten Boven Digoel", "Papua Selatan")
VISIT = VisitFacts("evaluation", "2025-07-01", "2025-07-03", "Aula Kantor Bupati, Tanah Merah", "on_site", "WIT")
MARIA = Party("Maria Tefa", "Dr. Ir.", "M.Kom.", "Asesor", "Universitas Cenderawasih", "Pembina / IV-a",
              "197904122005012003", "")
YOHANES = Party("Yohanes Wambrauw", "", "S.Sos., M.Si.", "Kepala Dinas Komunikasi dan Informatika",
                "Pemerintah Kabupaten Boven Digoel", "Pembina Utama Muda / IV-c", "196808171994031007")
ADDRESS = "https://asesor.example.go.id/d/kq7m2x9vtb4hc3wj"


@cache
def picture(colour: str = "#3a6b4f", size: tuple[int, int] = (1600, 1200), words: str = "") -> bytes:
    """Return a JPEG with some detail."""
    image = Image.effect_noise(size, 40).convert("RGB")
    layer = Image.new("RGB", size, colour)
    image = Image.blend(image, layer, 0.75)
    ImageDraw.Draw(image).rectangle((size[0] // 5, size[1] // 4, size[0] // 2, size[1] * 3 // 4), fill="#c9b27a")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def ink() -> bytes:
    """Return a drawn signature, PNG with a transparent ground."""
    image = Image.new("RGBA", (600, 220), (0, 0, 0, 0))
    ImageDraw.Draw(image).line(
        [(20, 160), (90, 40), (120, 180), (180, 60), (230, 170), (300, 90), (340, 150), (470, 60), (580, 120)],
        fill=(20, 40, 120, 255), width=7, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def minutes(**changes: object) -> MinutesContent:
    """Return the minutes of a visit to Boven Digoel."""
    content = MinutesContent(
        document="0197c1de-0000-7000-8000-00000000aa01", address=ADDRESS, number="BA-014/GMSC.5/07/2025", date="2025-07-03",
        time="14:30", place="Tanah Merah", letterhead=HEAD, region=REGION, visit=VISIT,
        assessors=(MARIA, Party("Suharto", office="Asesor", institution="Asosiasi Pemerintah Kota")),
        officials=(YOHANES, Party("Fransiska Kaize", "", "S.KM.", "Sekretaris Dinas Kesehatan",
                                  "Pemerintah Kabupaten Boven Digoel", "Penata Tingkat I / III-d", "198505102010042001")),
        respondents=("N-01, kader kesehatan", "N-03, guru SMP", "N-04, pedagang pasar"),
        objective="Menilai pelaksanaan rencana induk kota cerdas tahun kedua dan mendengar kendala perangkat daerah.",
        seen="Ruang pelayanan terpadu di Tanah Merah melayani 14 jenis izin; antrean dicatat di buku karena sambungan "
             "terputus sejak 28 Juni. Di Puskesmas Tanah Merah, telekonsultasi berjalan dua hari seminggu lewat VSAT. "
             "Papan informasi harga di pasar menyala dengan tenaga surya dan diperbarui petugas setiap pagi.",
        summary="Dinas Kominfo memaparkan capaian 21 dari 34 program. Bappeda menyampaikan bahwa anggaran program "
                "Smart Living digeser ke triwulan keempat. Forum Smart City belum bersidang pada tahun ini.",
        actions=(
            ActionLine("Menetapkan jadwal sidang Forum Smart City dan mengirim undangannya.", "Yohanes Wambrauw, Diskominfo",
                       "2025-07-31"),
            ActionLine("Menyerahkan data antrean pelayanan Januari–Juni 2025 dalam bentuk lembar kerja.", "DPMPTSP",
                       "2025-07-18"),
            ActionLine("Memasang cadangan daya untuk VSAT puskesmas, paling sedikit 8 jam.", "Fransiska Kaize, Dinkes",
                       "2025-09-30"),
        ),
        assessor=MARIA, official=YOHANES, witness=Party("Agustinus Mahuze", office="Camat Mandobo", institution=""), copies=2)
    return replace(content, **changes)  # type: ignore[arg-type]


def drawn_minutes(**changes: object) -> MinutesContent:
    """Return minutes that the official signed on the screen."""
    return minutes(official_signs="ink", official_ink=Ink(ink(), "drawn"), **changes)


_ASPECTS = (("Baseline", 10.0, 5), ("Output", 20.0, 7), ("Outcome", 30.0, 12), ("Impact", 10.0, 4), ("Quick Win", 30.0, 12))
_LABELS = (
    "Dasar hukum rencana induk kota cerdas sudah ditetapkan dan masih berlaku.",
    "Dewan Smart City bersidang pada tahun berjalan.",
    "Bagian anggaran daerah untuk program kota cerdas.",
    "Seberapa jauh program pada dimensi ini berjalan sesuai rencana aksi, dibandingkan dengan tahun lalu?",
)
_REASONS = (
    "Perbup No. 12/2024 diperlihatkan; lampiran memuat 34 program.",
    "Tidak ada notulen sidang; undangan Maret dibatalkan karena jaringan terputus.",
    "DPA 2025 memuat Rp 4.850.000.000, kira-kira 0,31 persen dari belanja daerah, di empat perangkat daerah.",
    "",
)


def sheet(shots: int = 2, **changes: object) -> SheetContent:
    """Return one assessor's evaluation sheet."""
    aspects, index, code = [], 0.0, 0
    for n, (name, weight, count) in enumerate(_ASPECTS, 1):
        rows = []
        for i in range(count):
            code += 1
            score = "-" if code == 9 else str((code * 7 + n) % 5)
            reason = "Datanya milik instansi vertikal dan tidak dapat diperlihatkan." if score == "-" else _REASONS[code % 4]
            rows.append(QuestionRow(f"{n}.{i // 4 + 1}.{i % 4 + 1}", _LABELS[code % 4], score, reason,
                                    (f"B-{code % 6 + 1:02d}",) if code % 3 == 0 else ()))
        given = [int(row.score) for row in rows if row.score and row.score != "-"]
        mean = sum(given) / len(given)
        index += weight * mean / 100
        aspects.append(AspectBlock(name, weight, mean, tuple(rows), previous=mean * 0.85))
    dimensions = tuple(AxisValue(name, value, last) for name, value, last in (
        ("Smart Governance", 2.8, 2.4), ("Smart Branding", 1.9, 2.0), ("Smart Economy", 2.25, 1.5),
        ("Smart Living", 3.1, 2.2), ("Smart Society", 2.6, 2.5), ("Smart Environment", 1.4, 1.1)))
    content = SheetContent(
        document="0197c1de-0000-7000-8000-00000000aa02", address=ADDRESS, number="LE-031/GMSC.5/07/2025", date="2025-07-03",
        place="Tanah Merah", letterhead=HEAD, region=REGION, visit=VISIT, assessor=MARIA,
        instrument=InstrumentFacts("Instrumen contoh kohort baru", "2022.1", 2025, "baru", "Asesor (contoh)"),
        introduction="Kunjungan dilakukan pada tahun kedua pelaksanaan rencana induk.",
        method="Wawancara dengan sembilan pejabat dan delapan narasumber, pemeriksaan dokumen, dan kunjungan ke tiga "
               "tempat pelayanan. Penilaian dilakukan sendiri oleh asesor, tanpa melihat nilai asesor lain.",
        aspects=tuple(aspects), index=index, previous_index=index * 0.85, previous_year=2024, dimensions=dimensions,
        strengths=(FindingLine("Telekonsultasi tetap berjalan walau sambungan terbatas.", "Smart Living"),
                   FindingLine("Papan harga pasar dikelola sendiri oleh pedagang.", "Smart Economy")),
        weaknesses=(FindingLine("Dewan Smart City belum bersidang tahun ini.", "Smart Governance"),),
        recommendations=(FindingLine("Jadwalkan sidang Dewan sebelum perubahan APBD.", "Smart Governance"),
                         FindingLine("Catat antrean pelayanan secara luring lalu unggah saat daring.", "Smart Governance")),
        evidence=tuple(EvidenceLine(f"B-{n:02d}", f"Dokumen pendukung nomor {n}", f"{n:02d}ab" * 16) for n in range(1, 7)),
        photos=tuple(Photo(picture(), f"Pelayanan terpadu di Tanah Merah, loket {n}", f"2025-07-0{n % 3 + 1}T09:{n % 6}5")
                     for n in range(1, shots + 1)))
    return replace(content, **changes)  # type: ignore[arg-type]
