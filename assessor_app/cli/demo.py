"""``asesor demo``: the main job without a screen, with real parts: a server process, two devices, signatures, a sync."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.identity.keychain import NoKeychain
from assessor_app.models.kinds import DocumentType
from assessor_app.workflow import accounts, documents, sample, syncing, verifying
from assessor_app.workflow.accounts import Account, Profile

if TYPE_CHECKING:
    from assessor_app.workflow.syncing import Invitation

CANARY = "RAHASIA-KENARI-NILAI"
_COLLEAGUE = Profile("Yosef Rumbiak", title_after="S.T., M.Kom.", institution="Universitas Contoh Cenderawasih", nidn="0000000002")


class Failed(AppError):
    """A step of the demonstration did not hold what it promises."""


def play(out: Path) -> int:
    """Play the whole visit into ``out``; the exit status is 0 only when every step held."""
    player = _Player(out)
    try:
        player.run()
    finally:
        player.close()
    print(t("Done in {0} s: {1}").format(f"{time.perf_counter() - player.began:.1f}", out / "documents"))
    print(t("Open a notebook with: asesor --data {0} (passphrase “{1}”, PIN {2})").format(out / "data-a", sample.PASSPHRASE, sample.PIN))
    return 0


class _Player:
    def __init__(self, out: Path) -> None:
        self.out = out
        self.began = time.perf_counter()
        self.number = 0
        self.server: subprocess.Popen[str] | None = None
        self.a: Account | None = None
        self.b: Account | None = None

    def close(self) -> None:
        """Stop the server and close the notebooks."""
        for account in (self.a, self.b):
            if account is not None:
                account.close()
        if self.server is not None:
            self.server.terminate()
            self.server.wait(10)
            if self.server.stdout:
                self.server.stdout.close()

    def run(self) -> None:
        """Play every step in order."""
        self._fresh_folder()
        with self._step(t("server on loopback, two accounts assigned to Kab. Boven Digoel (93.02)")):
            invitations = self._serve()
        with self._step(t("two assessors' devices: encrypted notebooks, signing keys, certified by the centre")):
            self.a = self._device("data-a", sample.profile(), invitations[0])
            self.b = self._device("data-b", _COLLEAGUE, invitations[1])
        a, b = self.a, self.b
        with self._step(t("the visit is made; both devices have it before they leave")):
            visit = sample.load_visit(a)
            self._sync(a)
            self._sync(b)
        with self._step(t("offline: the plan of 60 programmes from its workbook")):
            programmes = sample.load_plan(a)
            self._hold(len(programmes) == 60, "60 programmes")
        with self._step(t("offline: people, consent, eight interviews with photos on two devices")):
            persons = sample.load_people(a, visit)
            notes = sample.load_interviews(a, visit, persons, programmes)
            self._note_of_b(b, visit)
        with self._step(t("offline: both score alone")):
            sheet = sample.load_scores(a, visit, notes)
            self._score_of_b(b, visit)
        with self._step(t("both write the same field")):
            self._write(a, visit, place="Tanah Merah dan Kouh, Distrik Mandobo")
            self._write(b, visit, place="Tanah Merah, Kouh dan Mindiptana")
        with self._step(t("minutes and evaluation sheet signed offline, the official signs on the same laptop")):
            signed = self._sign(a, visit, persons["kominfo"])
        with self._step(t("the line is back: sync")):
            self._sync(a)
            self._sync(b)
            self._sync(a)
        with self._step(t("a difference is settled")):
            self._settle(b)
            self._sync(b)
            self._sync(a)
        with self._step(t("secrecy: nothing of the other's unsigned sheet, nothing without consent")):
            self._secrecy(a, b, sheet)
        with self._step(t("both devices and the server agree")):
            self._agree(a, b, visit, notes)
        with self._step(t("documents: written, verified against the centre's root")):
            self._deliver(a, signed)

    # Steps

    def _fresh_folder(self) -> None:
        marker = self.out / ".asesor-demo"
        if self.out.exists() and any(self.out.iterdir()):
            if not marker.exists():
                raise AppError(t("The folder {0} is not empty.").format(self.out), hint=t("Choose another one with --out."),
                               kept=t("Nothing in it was touched."))
            shutil.rmtree(self.out)
        (self.out / "documents").mkdir(parents=True)
        marker.touch()

    def _serve(self) -> list[Invitation]:
        folder = self.out / "server"
        base = [sys.executable, "-m", "assessor_server", "--data", str(folder)]
        folder.mkdir()
        (folder / "password").write_text("sungai digoel\n")
        done = [["init", "--name", "Asesor (contoh)"]]
        for login, name in (("ratna", "Ratna Prameswari"), ("yosef", "Yosef Rumbiak")):
            done += [["user", "add", login, "--name", name, "--password-file", str(folder / "password")],
                     ["assign", login, "93.02", "--year", "0"]]
        for words in done:
            self._command(base, words)
        self.server = subprocess.Popen([*base, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        assert self.server.stdout
        found = re.search(r"http\S+", self.server.stdout.readline())
        self._hold(found is not None, "the server does not start")
        assert found
        out = []
        for login in ("ratna", "yosef"):
            file = folder / f"{login}.asesor-invite"
            self._command(base, ["invite", login, "--url", found.group(), "--out", str(file)])
            out.append(syncing.read_invitation(file))
        return out

    @staticmethod
    def _command(base: list[str], words: list[str]) -> None:
        done = subprocess.run([*base, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(done.stderr or done.stdout)

    def _device(self, name: str, profile: Profile, invitation: Invitation) -> Account:
        account, _ = accounts.create_account(self.out / name, profile, sample.PIN, passphrase=sample.PASSPHRASE, keychain=NoKeychain())
        syncing.join(account, invitation)
        return account

    def _note_of_b(self, b: Account, visit: str) -> None:
        from assessor_app.models.interviews import Interview
        from assessor_app.workflow import interviewing

        photo = interviewing.read_photo((sample.folder() / "02-sungai-digoel.jpg").read_bytes())
        interviewing.store_photo(b.blobs, photo)

        def work(unit: Any) -> None:
            row = unit.get(Interview, interviewing.create_interview(unit, visit, title="Pengamatan di dermaga"))
            row.basis, row.body = "observation", "Papan jadwal perahu terpasang dan terbaca. Dua dari lima lampu dermaga padam."
            interviewing.attach_photo(unit, visit, photo, interview=row.id, caption="Dermaga (contoh)")

        b.writer.run(work, purpose="interview.create")

    def _score_of_b(self, b: Account, visit: str) -> None:
        from assessor_app.workflow import evaluating

        instrument = evaluating.shipped(evaluating.shipped_files()[0])

        def work(unit: Any) -> None:
            sheet = evaluating.open_sheet(unit, visit, instrument)
            for number, question in enumerate(instrument.questions()):
                evaluating.answer(unit, sheet, question.id, score=str(1 + number % 4), reason=CANARY)

        b.writer.run(work, purpose="sheet.fill")

    @staticmethod
    def _write(account: Account, visit: str, **values: Any) -> None:
        from assessor_app.models.kinds import Kind
        from assessor_app.workflow.editing import edit

        account.writer.run(lambda unit: edit(unit, Kind.VISIT, visit, **values), purpose="visit.edit")

    def _sign(self, a: Account, visit: str, official: str) -> list[str]:
        from assessor_app.reports.content import INK, Ink

        day = "2024-07-04"
        ink = Ink(_scribble())
        wanted = documents.wish(date=day, official=official, official_signs=INK, official_ink=ink, number="001/BA/GMSC/2024")
        minutes = documents.sign(a, documents.prepare(a, DocumentType.MINUTES, visit, wanted), sample.PIN)
        wanted = documents.wish(date=day, number="002/LE/GMSC/2024")
        sheet = documents.sign(a, documents.prepare(a, DocumentType.EVALUATION_SHEET, visit, wanted), sample.PIN)
        return [minutes, sheet]

    def _settle(self, b: Account) -> None:
        with b.reading() as session:
            open_ = syncing.open_differences(session)
        self._hold(len(open_) == 1, f"one difference, not {len(open_)}")
        b.writer.run(lambda unit: syncing.settle(unit, open_[0].id, "Tanah Merah, Kouh dan Mindiptana"), purpose="difference.settle")

    def _secrecy(self, a: Account, b: Account, sheet: str) -> None:
        from sqlalchemy import select

        from assessor_app.models.evaluations import Answer, Sheet
        from assessor_app.models.interviews import Interview
        from assessor_app.models.tables import Intent

        with a.reading() as session:
            self._hold(not any(CANARY in str(i.changes) for i in session.scalars(select(Intent))), "B's sheet in A's journal")
            self._hold(not session.scalars(select(Answer).where(Answer.reason == CANARY)).all(), "B's answers on A's device")
        with b.reading() as session:
            self._hold(session.get(Sheet, sheet) is None, "A's sheet on B's device")
            titles = list(session.scalars(select(Interview.title)))
        self._hold(len(titles) == 8, f"7 notes of A with consent and B's own, not {len(titles)}")

    def _agree(self, a: Account, b: Account, visit: str, notes: dict[int, str]) -> None:
        from sqlalchemy import select

        from assessor_app.models.attachments import Attachment
        from assessor_app.sync.local_digests import local_digest

        for scope in (f"visit:{visit}", "region:93.02", "catalogue"):
            with a.reading() as one, b.reading() as two:
                self._hold(local_digest(one, scope) == local_digest(two, scope), f"digests of {scope.partition(':')[0]}")
        with b.reading() as session:
            for digest in session.scalars(select(Attachment.sha256)):
                self._hold(b.blobs.has(digest), "a photo is missing")

    def _deliver(self, a: Account, signed: list[str]) -> None:
        from assessor_app.workflow.accounts import setting

        with a.reading() as session:
            (self.out / "root.pem").write_text(str(setting(session, "root")))
            for document, name in zip(signed, ("berita-acara.pdf", "lembar-evaluasi.pdf"), strict=True):
                documents.save_copy(session, document, self.out / "documents" / name)
        for file in sorted((self.out / "documents").glob("*.pdf")):
            result = verifying.verify_file(a, file.read_bytes())
            self._hold(result["as_signed"], f"{file.name}: {result['problems']}")

    def _sync(self, account: Account) -> None:
        outcome = syncing.synchronise(account)
        if outcome.fault:
            raise outcome.fault
        self._hold(outcome.complete, f"sync: {outcome}")

    @staticmethod
    def _hold(good: bool, what: str) -> None:
        if not good:
            raise Failed(t("The demonstration failed."), what)

    @contextlib.contextmanager
    def _step(self, what: str) -> Iterator[None]:
        self.number += 1
        began = time.perf_counter()
        try:
            yield
        except BaseException:
            print(f"{self.number:>3}. ✗ {what}", flush=True)
            raise
        print(f"{self.number:>3}. ✓ {time.perf_counter() - began:5.2f} s  {what}", flush=True)


def _scribble() -> bytes:
    """Return a drawn signature as a PNG: the official's ink of the sample."""
    import io
    import math

    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (900, 300), (255, 255, 255, 0))
    points = [(60 + 7.4 * i, 150 - 90 * math.sin(i / 5.5) * math.cos(i / 17) - 0.3 * i) for i in range(105)]
    ImageDraw.Draw(image).line(points, fill=(20, 40, 120, 255), width=7, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
