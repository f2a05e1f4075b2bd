"""Write the workbook of an SPBE evaluation, 47 weighted indicators with levels 1 to 5, in this project's own words.

Weights and bands are those of the national guideline; questions and levels are an example and no official instrument.
Usage: python resources/make/spbe.py
"""

from __future__ import annotations

from pathlib import Path

from books import fill, save, style
from openpyxl import Workbook

TARGET = Path(__file__).resolve().parent.parent / "instruments" / "spbe-47.xlsx"
PUBLISHER = "Asesor (contoh, bukan instrumen resmi)"
LANGUAGES = ("Bahasa Indonesia (id)", "English (en)")
SETTINGS = ["form_title", "title_en", "form_id", "version", "default_language", "year", "cohort", "publisher", "official"]
SURVEY = ["type", "name", *(f"label::{x}" for x in LANGUAGES), *(f"hint::{x}" for x in LANGUAGES), "weight", "dimension", "sub_dimension",
          "evidence"]
CHOICES = ["list_name", "name", *(f"label::{x}" for x in LANGUAGES)]
BANDS = ["from", *(f"label::{x}" for x in LANGUAGES)]

#: From which index a band begins.
_BANDS = ((4.2, "Memuaskan", "Satisfying"), (3.5, "Sangat Baik", "Very good"), (2.6, "Baik", "Good"), (1.8, "Cukup", "Fair"),
          (0, "Kurang", "Poor"))
_LEVELS = {
    "kebijakan": (
        ("Belum ada, atau baru konsep yang belum ditetapkan.", "None yet, or a draft that nobody has adopted."),
        ("Ditetapkan, tetapi baru menyebut sebagian dari yang perlu diatur.", "Adopted, but it names only part of what needs rules."),
        ("Ditetapkan dan mengatur seluruhnya bagi semua perangkat daerah.", "Adopted, and it covers everything for every agency."),
        ("Mengatur pula keterpaduan dengan daerah atau instansi pusat lain.", "It also regulates how this joins with other governments."),
        ("Ditinjau berkala dan diperbarui menurut hasil peninjauannya.",
         "It is reviewed regularly and renewed by what the reviews found.")),
    "proses": (
        ("Dikerjakan sesekali, tanpa rencana.", "Done now and then, without a plan."),
        ("Dikerjakan menurut rencana di sebagian perangkat daerah.", "Done to a plan in some of the agencies."),
        ("Dikerjakan dengan cara baku di semua perangkat daerah.", "Done in one standard way in every agency."),
        ("Terpadu antarperangkat daerah dan hasilnya diukur.", "Joined up between agencies, and its results are measured."),
        ("Diperbaiki terus-menerus menurut hasil ukurnya dan perubahan lingkungan.",
         "Improved all the time by what was measured and what changes around it.")),
    "layanan": (
        ("Layanan hanya memberi informasi satu arah.", "The service only gives information, one way."),
        ("Pengguna dapat berinteraksi: mencari, mengunggah, mengunduh, bertanya.", "Users can interact: search, upload, download, ask."),
        ("Layanan tuntas secara daring, sampai keputusan atau bayarannya.",
         "The service is completed on line, to its decision or payment."),
        ("Layanan berbagi data dan bekerja bersama layanan lain.", "The service shares data and works together with other services."),
        ("Layanan menyesuaikan diri dengan kebutuhan dan diperbaiki dari umpan balik.",
         "The service adapts to needs and improves from feedback.")),
}
#: Domains: id, names; their aspects: id, names, list of levels, weight of each indicator, indicators as (id, Indonesian, English).
_POLICY_ID, _POLICY_EN = "Sejauh mana kebijakan internal daerah mengatur {}?", "How far does the region's own policy regulate {}?"
_SERVICE_ID, _SERVICE_EN = "Seberapa matang layanan elektronik untuk {}?", "How mature is the electronic service for {}?"
_DOMAINS = (
    ("kebijakan", "Kebijakan internal", "Internal policy", (
        ("kebijakan_tata_kelola", "Kebijakan tata kelola SPBE", "Policy on the governance of SPBE", "kebijakan", 1.3, tuple(
            (f"kb_{name}", _POLICY_ID.format(words), _POLICY_EN.format(english)) for name, words, english in (
                ("arsitektur", "arsitektur SPBE", "the architecture of its digital government"),
                ("peta_rencana", "peta rencana SPBE", "the road map of its digital government"),
                ("data", "pengelolaan data", "the management of data"),
                ("aplikasi", "pembangunan aplikasi", "how applications are built"),
                ("pusat_data", "layanan pusat data", "the service of a data centre"),
                ("jaringan", "jaringan intra pemerintah daerah", "the region's internal network"),
                ("penghubung", "pemakaian sistem penghubung layanan", "the use of the platform that connects services"),
                ("keamanan", "keamanan informasi", "information security"),
                ("audit", "audit teknologi informasi dan komunikasi", "the audit of information technology"),
                ("tim", "tim koordinasi SPBE", "the team that coordinates digital government")))),)),
    ("tata_kelola", "Tata kelola", "Governance", (
        ("perencanaan", "Perencanaan strategis", "Strategic planning", "proses", 2.5, (
            ("tk_arsitektur", "Bagaimana arsitektur SPBE disusun dan dipakai?",
             "How is the architecture of digital government drawn up and used?"),
            ("tk_peta_rencana", "Bagaimana peta rencana SPBE disusun dan dijalankan?",
             "How is the road map of digital government drawn up and carried out?"),
            ("tk_anggaran", "Bagaimana rencana dan anggaran SPBE dipadukan?", "How are plans and budgets of digital government joined?"),
            ("tk_proses_bisnis", "Bagaimana proses kerja diperbarui sebelum dibuat elektronik?",
             "How are ways of working renewed before they become electronic?"))),
        ("teknologi", "Teknologi informasi dan komunikasi", "Information and communication technology", "proses", 2.5, (
            ("tk_aplikasi", "Bagaimana aplikasi dibangun dan dipelihara?", "How are applications built and maintained?"),
            ("tk_pusat_data", "Bagaimana layanan pusat data dijalankan?", "How is the service of a data centre run?"),
            ("tk_jaringan", "Bagaimana jaringan intra dijalankan sampai ke distrik?",
             "How is the internal network run, out to the districts?"),
            ("tk_penghubung", "Bagaimana sistem penghubung layanan dipakai?", "How is the platform that connects services used?"))),
        ("penyelenggara", "Penyelenggara", "Who runs it", "proses", 2.5, (
            ("tk_tim", "Bagaimana tim koordinasi SPBE bekerja?", "How does the coordinating team work?"),
            ("tk_kolaborasi", "Bagaimana perangkat daerah dan mitra bekerja sama menerapkan SPBE?",
             "How do agencies and partners work together on digital government?"))))),
    ("manajemen", "Manajemen", "Management", (
        ("penerapan", "Penerapan manajemen", "Management in practice", "proses", 1.5, (
            ("mn_risiko", "Bagaimana risiko SPBE dikelola?", "How are risks managed?"),
            ("mn_keamanan", "Bagaimana keamanan informasi dikelola?", "How is information security managed?"),
            ("mn_data", "Bagaimana mutu dan pemakaian bersama data dikelola?", "How are the quality and the sharing of data managed?"),
            ("mn_aset", "Bagaimana aset teknologi informasi dikelola?", "How are technology assets managed?"),
            ("mn_sdm", "Bagaimana kemampuan petugas SPBE dikelola?", "How are the skills of its staff managed?"),
            ("mn_pengetahuan", "Bagaimana pengetahuan tentang SPBE disimpan dan dibagikan?", "How is knowledge kept and shared?"),
            ("mn_perubahan", "Bagaimana perubahan pada layanan dan sistem dikelola?", "How are changes of services and systems managed?"),
            ("mn_layanan", "Bagaimana mutu dan gangguan layanan dikelola?", "How are the quality and the failures of services managed?"))),
        ("audit", "Audit teknologi", "Audit of technology", "proses", 1.5, (
            ("au_infrastruktur", "Bagaimana infrastruktur diaudit dan hasilnya ditindaklanjuti?",
             "How is infrastructure audited, and followed up?"),
            ("au_aplikasi", "Bagaimana aplikasi diaudit dan hasilnya ditindaklanjuti?", "How are applications audited, and followed up?"),
            ("au_keamanan", "Bagaimana keamanan diaudit dan hasilnya ditindaklanjuti?", "How is security audited, and followed up?"))))),
    ("layanan", "Layanan", "Services", (
        ("administrasi", "Layanan administrasi pemerintahan", "Services of administration", "layanan", 2.75, tuple(
            (f"ad_{name}", _SERVICE_ID.format(words), _SERVICE_EN.format(english)) for name, words, english in (
                ("perencanaan", "perencanaan pembangunan", "development planning"), ("penganggaran", "penganggaran", "budgeting"),
                ("keuangan", "pengelolaan keuangan", "finance"), ("pengadaan", "pengadaan barang dan jasa", "procurement"),
                ("kepegawaian", "kepegawaian", "personnel"), ("kearsipan", "kearsipan yang masih berjalan", "current records"),
                ("aset", "pengelolaan barang milik daerah", "regional assets"), ("pengawasan", "pengawasan internal", "internal oversight"),
                ("akuntabilitas", "akuntabilitas kinerja lembaga", "the accountability of agencies"),
                ("kinerja", "penilaian kinerja pegawai", "the appraisal of staff")))),
        ("publik", "Layanan publik", "Public services", "layanan", 3, tuple(
            (f"pb_{name}", _SERVICE_ID.format(words), _SERVICE_EN.format(english)) for name, words, english in (
                ("pengaduan", "pengaduan warga", "citizens' complaints"), ("data_terbuka", "data terbuka", "open data"),
                ("hukum", "dokumentasi dan informasi hukum", "legal documents"),
                ("sektor_1", "sektor pertama yang dipilih daerah", "the first sector that the region chose"),
                ("sektor_2", "sektor kedua yang dipilih daerah", "the second sector that the region chose"),
                ("sektor_3", "sektor ketiga yang dipilih daerah", "the third sector that the region chose")))))),
)


def survey_rows() -> list[list[object]]:
    """Return the rows of the sheet ``survey``; a domain weighs what its indicators weigh together."""
    rows: list[list[object]] = []
    for domain, words, english, aspects in _DOMAINS:
        weight = sum(each * len(indicators) for _, _, _, _, each, indicators in aspects)
        rows.append(["begin_group", domain, words, english, None, None, round(weight, 4)])
        for aspect, aspect_words, aspect_english, levels, each, indicators in aspects:
            rows.append(["begin_group", aspect, aspect_words, aspect_english])
            rows += [[f"select_one {levels}", name, asked, in_english, None, None, each, None, None, "required"]
                     for name, asked, in_english in indicators]
            rows.append(["end_group"])
        rows.append(["end_group"])
    return rows


def main() -> None:
    """Write the workbook."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    settings = workbook.create_sheet("settings")
    fill(settings, [SETTINGS, ["Evaluasi SPBE, 47 indikator (contoh)", "SPBE evaluation, 47 indicators (example)", "spbe-47", "1",
                               LANGUAGES[0], 2024, "", PUBLISHER, "no"]])
    style(settings, [44, 44, 26, 10, 24, 8, 28, 40, 10])
    survey = workbook.create_sheet("survey")
    fill(survey, [SURVEY, *survey_rows()])
    style(survey, [22, 24, 60, 60, 30, 30, 10, 14, 16, 12])
    choices = workbook.create_sheet("choices")
    fill(choices, [CHOICES, *([name, level, words, english] for name, levels in _LEVELS.items()
                              for level, (words, english) in enumerate(levels, 1))])
    style(choices, [16, 10, 70, 70])
    bands = workbook.create_sheet("bands")
    fill(bands, [BANDS, *([start, words, english] for start, words, english in _BANDS)])
    style(bands, [10, 24, 24])
    save(workbook, TARGET)


if __name__ == "__main__":
    main()
