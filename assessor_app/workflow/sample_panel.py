"""The sample's last year: an invented panel of three that was closed, with its signed report and the actions then agreed.

Its own centre, root and colleagues are invented with it; like the rest of the sample it lives in a notebook that is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select

from assessor_app import ids
from assessor_app.identity import certificates
from assessor_app.identity.certificates import Subject
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import LocalKey
from assessor_app.models.evaluations import Answer
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType, Stage
from assessor_app.models.visits import Visit
from assessor_app.reports import content as c
from assessor_app.reports import signing
from assessor_app.reports.content_panel import PanelContent
from assessor_app.workflow import documents, evaluating, panel, sample, visiting
from assessor_app.workflow.accounts import Account, setting, store_settings

_COLLEAGUES = (("Yosep Contoh", "Asosiasi Contoh Kota Cerdas"), ("Ni Luh Contoh", "Institut Contoh Nusantara"))
_ACTIONS = (
    ("Menetapkan jadwal rapat Dewan Smart City dua kali setahun beserta notulennya. (contoh)", "Bappeda", "2023-12-31"),
    ("Memasang baterai cadangan VSAT di Puskesmas Kouh. (contoh)", "Dinas Kesehatan", "2024-03-31"),
    ("Menerbitkan daftar program smart city yang dibiayai APBD. (contoh)", "Dinas Kominfo", "2023-10-31"),
)


@dataclass(frozen=True, slots=True)
class Centre:
    """An invented centre: the key and certificate (PEM) of its root."""

    key: bytes
    certificate: bytes


def certify(account: Account, name: str = "Sekretariat Contoh (rekaan)") -> Centre:
    """Have the account's key certified by an invented centre, and trust it."""
    key, root = certificates.make_root(name)
    with account.reading() as session:
        request = str(setting(session, "certificate_request")).encode()
    pem = certificates.certify(request, key, root, days=3650)
    values = {"root": root.decode(), "certificate": pem.decode(), "chain": [root.decode()]}
    account.writer.run(lambda unit: store_settings(unit, **values), purpose="sample.certify")
    return Centre(key, root)


def colleague_sheet(own: c.SheetContent, visit: str, name: str, institution: str, number: str, centre: Centre,
                    score: Callable[[int, str | None], str | None], assessor: str = "") -> tuple[str, LocalKey, bytes]:
    """Return an invented colleague's id, key and signed sheet; ``score`` gives theirs for the number of a question and our own."""
    assessor, key = assessor or ids.new_id(), new_key()
    request = certificates.request(key, Subject(name, institution, assessor))
    signer = LocalKey(key, certificates.certify(request, centre.key, centre.certificate, days=3650), (centre.certificate,))
    aspects = tuple(replace(aspect, rows=tuple(replace(row, score=score(n, row.score), reason="") for n, row in enumerate(aspect.rows)))
                    for aspect in own.aspects)
    made = replace(own, document=ids.new_id(), sheet=evaluating.sheet_id(visit, assessor), assessor_id=assessor, number=number,
                   assessor=c.Party(name, office=own.assessor.office, institution=institution), aspects=aspects, photos=(), evidence=())
    return assessor, signer, signing.sign(signing.make(made), signer, "assessor", None)


def load(account: Account, pin: str) -> str:
    """Add last year's visit with its closed panel and signed report; return the visit. Takes some seconds."""
    centre = certify(account)
    visit = account.writer.run(_visit, purpose="visit.create")
    _scores(account, visit)
    wish = documents.wish(number="LE-11/CONTOH/2023", date="2023-07-06")
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, wish)
    documents.sign(account, prepared, pin)
    assert isinstance(prepared.content, c.SheetContent)
    files = []
    keys: dict[str, LocalKey] = {}
    team = [account.profile]
    for k, (name, institution) in enumerate(_COLLEAGUES, 2):
        def score(n: int, own: str | None, k: int = k) -> str | None:
            return own if own in (None, "-") or n % (k + 3) else str((int(own or 0) + k) % 5)

        assessor, key, pdf = colleague_sheet(prepared.content, visit, name, institution, f"LE-1{k}/CONTOH/2023", centre, score)
        keys[assessor] = key
        team.append(assessor)
        files.append((f"LE-1{k}-contoh.pdf", pdf))

    def seat(unit: Unit) -> None:
        at = unit.get(Visit, visit)
        at.lead, at.team = account.profile, team

    account.writer.run(seat, purpose="visit.edit")
    panel.close(account, visit, files)
    _words(account, visit)
    report = documents.prepare(account, DocumentType.PANEL_REPORT, visit, documents.wish(number="LP-4/CONTOH/2023", date="2023-07-10"))
    signed = documents.sign(account, report, pin)
    assert isinstance(report.content, PanelContent)
    for number, member in enumerate(report.content.member_ids, 1):
        documents.cosign(account, signed, keys[member], field=f"member_{number}")
    return visit


def _visit(unit: Unit) -> str:
    visit = visiting.create_visit(unit, "93.02", Stage.EVALUATION, starts_on="2023-07-04", ends_on="2023-07-06")
    at = unit.get(Visit, visit)
    at.place, at.objective = "Tanah Merah (contoh)", "Evaluasi tahun pertama pelaksanaan rencana induk. (contoh)"
    at.seen = "Ruang peladen Diskominfo dan dermaga Tanah Merah. (contoh)"
    for body, agency, due in _ACTIONS:
        visiting.add_action(unit, visit, body, agency=agency, due=due)
        unit.session.flush()  # the next one is numbered after it
    return visit


def _scores(account: Account, visit: str) -> None:
    """Score last year like this year, a little lower."""
    said = sample.raw("penilaian.json")
    instrument = next(evaluating.shipped(file) for file in evaluating.shipped_files() if file.stem == said["instrument"])

    def work(unit: Unit) -> None:
        sheet = evaluating.open_sheet(unit, visit, instrument)
        for n, given in enumerate(said["answers"]):
            lower = given["score"].isdigit() and n % 3 == 0
            score = str(max(int(given["score"]) - 1, 0)) if lower else given["score"]
            evaluating.answer(unit, sheet, given["question"], score=score, reason=given["reason"] if given["score"] == "-" else "")
        answered = set(unit.session.scalars(select(Answer.question).where(Answer.sheet == sheet)))
        for question in instrument.questions():
            if question.id not in answered:
                evaluating.answer(unit, sheet, question.id, score=question.choices[0].score)

    account.writer.run(work, purpose="sheet.fill")


def _words(account: Account, visit: str) -> None:
    owed = panel.result(account, visit).owed

    def work(unit: Unit) -> None:
        for question in owed:
            panel.remark(unit, visit, question, "Panel membaca naskahnya bersama; nilai masing-masing tetap. (contoh)")
        panel.set_texts(unit, visit, introduction="Evaluasi tahun pertama. (contoh)", conclusion="Awal yang baik. (contoh)",
                        method="Tiga asesor menilai sendiri-sendiri, lalu membuka lembarnya bersama. (contoh)")

    account.writer.run(work, purpose="panel.edit")
