"""One measured figure, and what the measurements share."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assessor_app.identity.keychain import NoKeychain
from assessor_app.workflow import accounts
from assessor_app.workflow.accounts import Account, Profile

_WORDS = ("desa warga air sumur jalan sekolah guru puskesmas bidan kader posyandu anak kepala kampung rapat kegiatan program pelatihan "
          "petani sagu karet perahu dermaga pasar harga listrik sinyal telepon koperasi pinjaman usaha tanah hutan sungai sampah biaya "
          "perempuan pemuda imunisasi obat perawat dokter rujukan kapal cuaca bahan ruang kelas buku kurikulum nilai kehadiran data survei "
          "wawancara catatan foto bukti indikator target capaian hambatan risiko rencana jadwal keputusan musyawarah adat keluhan").split()


@dataclass(frozen=True)
class Figure:
    name: str
    ours: str
    floor: str
    ratio: float
    limit: float


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]


def text(rng: random.Random, characters: int) -> str:
    """Return Indonesian-looking prose: words by a falling frequency, sentences, paragraphs."""
    weights = [1 / (n + 3) for n in range(len(_WORDS))]
    out: list[str] = []
    length = 0
    while length < characters:
        words = rng.choices(_WORDS, weights, k=rng.randint(7, 16))
        sentence = " ".join(words).capitalize() + (". " if rng.random() < 0.8 else ".\n\n")
        out.append(sentence)
        length += len(sentence)
    return "".join(out)[:characters]


@contextmanager
def notebook() -> Iterator[Account]:
    """Give a fresh account in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ASESOR_HOME"] = folder
        account, _ = accounts.create_account(Path(folder) / "account", Profile("Tolok Ukur"), "", passphrase="tolok ukur",
                                             keychain=NoKeychain())
        try:
            yield account
        finally:
            account.close()


def fill(account: Account, notes: int, *, characters: int = 1500, seed: int = 1) -> str:
    """Write interview notes in bulk, indexed; return the visit's id."""
    from assessor_app.models import search
    from assessor_app.models.interviews import Interview
    from assessor_app.workflow.visiting import create_visit

    rng = random.Random(seed)
    visit = account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create")
    for start in range(0, notes, 2000):
        def work(unit, start=start):  # type: ignore[no-untyped-def]
            for number in range(start, min(start + 2000, notes)):
                unit.add(Interview(visit=visit, author=unit.author, title=f"Wawancara {number}", held_at="2024-07-02T09:30",
                                   place="Tanah Merah", basis="observation", body=text(rng, characters)))

        account.writer.run(work, purpose="fill")
    while account.writer.run(lambda unit: _index(unit, search), purpose="index"):
        pass
    return visit


def _index(unit, search) -> bool:  # type: ignore[no-untyped-def]
    return any([search.index_some(unit.session) for _ in range(40)][-1:])
