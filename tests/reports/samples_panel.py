"""A panel's report, its summary and a blank sheet, as a real instrument makes them."""

from __future__ import annotations

from dataclasses import replace

from assessor_app import paths
from assessor_app.models.instrument import Instrument
from assessor_app.reports.content import ActionLine, AxisValue, FindingLine, InstrumentFacts, Party
from assessor_app.reports.content_blank import BlankContent
from assessor_app.reports.content_panel import (
    AssessorFindings,
    PanelAspect,
    PanelContent,
    PanelRow,
    SheetLine,
    SummaryContent,
)
from assessor_app.workflow import contents_panel
from assessor_app.workflow.contents import Wish
from tests.reports import samples

PANEL = (
    samples.MARIA,
    Party("Suharto", "", "", "Asesor", "Asosiasi Pemerintah Kota Seluruh Indonesia", "", "", "0012047803"),
    Party("Ni Luh Ayu Pratiwi", "Prof. Dr.", "M.T.", "Asesor", "Institut Teknologi Sepuluh Nopember", "Pembina Utama / IV-e",
          "197001011995122001"),
)


def instrument(name: str = "smart-city-2022-baru") -> Instrument:
    """Return an instrument that comes with the program."""
    return Instrument.from_json((paths.resources() / "instruments" / f"{name}.json").read_text(encoding="utf-8"))


def _facts(used: Instrument) -> InstrumentFacts:
    return InstrumentFacts(used.title.get("id"), used.version, 2025, used.cohort, used.publisher, used.official, used.sha256, used.form_id)


def report(panel: tuple[Party, ...] = PANEL, **changes: object) -> PanelContent:
    """Return the report of a panel on Boven Digoel."""
    used = instrument()
    aspects, index, total, seed = [], 0.0, 0.0, 0
    for group in used.aspects:
        rows, sums = [], [[0.0, 0] for _ in panel]
        for q in group.questions():
            seed += 1
            scores = tuple("-" if seed == 11 and n == 1 else str(max(0, min(4, 1 + (seed * 7 + n * seed) % 4 - (n == 2 and seed % 5 == 0))))
                           for n in range(len(panel)))
            given = [int(s) for s in scores if s != "-"]
            for n, s in enumerate(scores):
                if s != "-":
                    sums[n][0] += int(s)
                    sums[n][1] += 1
            spread = float(max(given) - min(given))
            said = "Dua asesor melihat naskah yang bertanggal; satu menilai sebelum naskah itu ada." if spread >= 2 and seed % 2 else ""
            rows.append(PanelRow(q.id, q.code, q.label.get("id"), scores, sum(given) / len(given), spread, spread >= 2, said))
        mean = sum(row.mean or 0 for row in rows) / len(rows)
        weight = float(group.weight or 0)
        aspects.append(PanelAspect(group.id, group.code, group.label.get("id"), weight, mean, tuple(a / b for a, b in sums), tuple(rows),
                                   mean * 0.88))
        index, total = index + weight * mean, total + weight
    index /= total
    dimensions = tuple(AxisValue(name, value, last) for name, value, last in (
        ("Smart Governance", 2.8, 2.4), ("Smart Branding", 1.9, 2.0), ("Smart Economy", 2.25, 1.5),
        ("Smart Living", 3.1, 2.2), ("Smart Society", 2.6, 2.5), ("Smart Environment", 1.4, 1.1)))
    findings = tuple(AssessorFindings(
        party.full_name, party.institution,
        (FindingLine(f"Dewan Smart City belum bersidang tahun ini; undangan {n} kali dibatalkan.", "Smart Governance"),
         FindingLine("Pengelolaan sampah belum tercatat per distrik.", "Smart Environment")),
        (FindingLine("Telekonsultasi tetap berjalan walau sambungan terbatas.", "Smart Living"),
         FindingLine(f"Papan harga pasar dikelola sendiri oleh pedagang, diperbarui {n} kali sehari.", "Smart Economy")),
        (FindingLine("Jadwalkan sidang Dewan sebelum perubahan APBD.", "Smart Governance"),)) for n, party in enumerate(panel, 2))
    content = PanelContent(
        document="0197c1de-0000-7000-8000-00000000aa03", address=samples.ADDRESS, number="LP-007/GMSC.5/07/2025", date="2025-07-05",
        place="Tanah Merah", letterhead=samples.HEAD, region=samples.REGION, visit=samples.VISIT, assessor=panel[0], members=panel[1:],
        instrument=_facts(used), introduction="Evaluasi ini adalah yang kedua sejak rencana induk ditetapkan.",
        aims="Menilai pelaksanaan rencana induk kota cerdas tahun kedua dan mendengar kendala perangkat daerah.",
        method="Tiga asesor menilai sendiri-sendiri selama tiga hari di Tanah Merah, lalu membuka lembarnya bersama.",
        conclusion="Pelaksanaan membaik dari tahun lalu; tata kelola perlu perhatian lebih dahulu.",
        sheets=tuple(SheetLine(party, f"LE-03{n}/GMSC.5/07/2025", "2025-07-03", f"0197c1de-0000-7000-8000-0000000000{n:02d}",
                               f"{n:02d}cd" * 16, f"{n:02d}ef" * 16, index + (n - 1) * 0.2) for n, party in enumerate(panel)),
        aspects=tuple(aspects), index=index, previous_index=index * 0.88, previous_year=2024, dimensions=dimensions, findings=findings,
        actions=samples.minutes().actions, copies_to=("Bupati Boven Digoel", "Gubernur Papua Selatan"))
    return replace(content, **changes)  # type: ignore[arg-type]


def summary(of: PanelContent | None = None, language: str = "id", paper: str = "A4", **changes: object) -> SummaryContent:
    """Return the one page of a report."""
    made = contents_panel.summary(of or report(), Wish("0197c1de-0000-7000-8000-00000000aa04", "x", language=language, paper=paper),
                                  samples.ADDRESS)
    return replace(made, **changes)  # type: ignore[arg-type]


def blank(language: str = "id", paper: str = "A4", name: str = "smart-city-2022-baru", **changes: object) -> BlankContent:
    """Return a blank sheet for the visit to Boven Digoel."""
    made = contents_panel.blank(instrument(name), language, paper)
    made = replace(made, letterhead=samples.HEAD, region=samples.REGION, visit=samples.VISIT, assessor=samples.MARIA.full_name)
    return replace(made, **changes)  # type: ignore[arg-type]


def many_actions(count: int) -> tuple[ActionLine, ...]:
    """Return so many agreed actions."""
    return tuple(ActionLine(f"Tindak lanjut nomor {n} yang disepakati bersama seluruh perangkat daerah.", "Bappeda", "2025-12-31")
                 for n in range(1, count + 1))
