"""One measured figure, and what the measurements share."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy import text as sql

from assessor_app import ids
from assessor_app.identity import slots, wrapping
from assessor_app.identity.keychain import NoKeychain
from assessor_app.workflow import accounts
from assessor_app.workflow.accounts import Account, Profile

_WORDS = [
    "desa", "warga", "air", "sumur", "jalan", "sekolah", "guru", "puskesmas", "bidan", "kader", "posyandu",
    "anak", "kepala", "kampung", "rapat", "kegiatan", "program", "pelatihan", "petani", "sagu", "karet", "perahu",
    "dermaga", "pasar", "harga", "listrik", "sinyal", "telepon", "koperasi", "pinjaman", "usaha", "tanah",
    "hutan", "sungai", "sampah", "biaya", "perempuan", "pemuda", "imunisasi", "obat", "perawat", "dokter",
    "rujukan", "kapal", "cuaca", "bahan", "ruang", "kelas", "buku", "kurikulum", "nilai", "kehadiran", "data",
    "survei", "wawancara", "catatan", "foto", "bukti", "indikator", "target", "capaian", "hambatan", "risiko",
    "rencana", "jadwal", "keputusan", "musyawarah", "adat", "keluhan",
    "pelayanan", "melayani", "dilayani", "pembangunan", "membangun", "dibangun", "kesehatan", "pendidikan", "mendidik",
]


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


@dataclass(frozen=True)
class _Light(wrapping.Stretching):
    """A light stretching of the typed secret: what is measured here is not the strength of a passphrase."""

    memory: int = 8192
    passes: int = 1
    lanes: int = 1


@contextmanager
def light() -> Iterator[None]:
    """Stretch secrets little."""
    stretching = wrapping.Stretching
    setattr(slots, "Stretching", _Light)  # noqa: B010
    try:
        yield
    finally:
        setattr(slots, "Stretching", stretching)  # noqa: B010


@contextmanager
def notebook() -> Iterator[Account]:
    """Give a fresh account in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ASESOR_HOME"] = folder
        setattr(slots, "Stretching", _Light)  # noqa: B010
        account, _ = accounts.create_account(
            Path(folder) / "account", Profile("Tolok Ukur"), "", passphrase="tolok ukur", keychain=NoKeychain()
        )
        try:
            yield account
        finally:
            account.close()


def fill(account: Account, notes: int, *, characters: int = 1500, seed: int = 1, visits: int = 1) -> str:
    """Lay stored interview notes into the notebook and its index, as years of syncs would have; return the first visit's id."""
    from assessor_app.models.interviews import Interview
    from assessor_app.models.journal import raw_writes
    from assessor_app.models.tables import SearchEntry
    from assessor_app.workflow.visiting import create_visit

    rng = random.Random(seed)
    homes = [account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create") for _ in range(visits)]
    blocks = [text(rng, characters) for _ in range(400)]
    for start in range(0, notes, 5000):
        numbers = range(start, min(start + 5000, notes))
        rows = [
            {
                "id": ids.new_id(),
                "scope": f"visit:{homes[n % visits]}",
                "versions": {"": f"old.{n}.0"},
                "extra": {},
                "deleted": False,
                "changed_by": "",
                "changed_at": n,
                "visit": homes[n % visits],
                "author": "",
                "title": f"Wawancara {n}",
                "held_at": "2024-07-02T09:30",
                "place": "Tanah Merah",
                "basis": "observation",
                "persons": [],
                "programmes": [],
                "questions": [],
                "tags": [],
                "body": f"{n} "
                + blocks[rng.randrange(400)][rng.randrange(characters // 2) :]
                + blocks[rng.randrange(400)][: characters // 2],
            }
            for n in numbers
        ]

        def work(unit, rows=rows):  # type: ignore[no-untyped-def]
            with raw_writes(unit.session):
                unit.session.execute(insert(Interview.__table__), rows)
                last = unit.session.scalar(select(func.max(SearchEntry.number))) or 0
                entries = [
                    {"number": last + k, "kind": "interview", "record": row["id"]} for k, row in enumerate(rows, 1)
                ]
                unit.session.execute(insert(SearchEntry.__table__), entries)
                unit.session.execute(
                    sql("INSERT INTO search_text(rowid, body) VALUES (:n, :body)"),
                    [
                        {"n": entry["number"], "body": f"{row['title']}\n{row['body']}"}
                        for entry, row in zip(entries, rows, strict=True)
                    ],
                )

        account.writer.run(work, purpose="fill")
    return homes[0]
