"""The main job, played as a person starts it: two devices, a server, signatures, a sync, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, ASESOR_HOME=str(home), ASESOR_LANGUAGE="en", PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    return subprocess.run([sys.executable, "-m", "assessor_app", *words], capture_output=True, text=True, env=environment, check=False)


def test_the_demo_passes_and_others_call_its_documents_valid(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = run("demo", "--out", str(out), home=tmp_path / "home")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 13
    for path in ("documents/berita-acara.pdf", "documents/lembar-evaluasi.pdf", "root.pem", "data-a/notebook.db", "data-b/notebook.db"):
        assert (out / path).stat().st_size > 0, path
    for database in out.glob("data-*/*.db"):
        assert not database.read_bytes().startswith(b"SQLite format 3")
    for pdf in (out / "documents").glob("*.pdf"):
        checked = run("verify", str(pdf), "--root", str(out / "root.pem"), "--json", home=tmp_path / "home")
        assert checked.returncode == 0
        result = json.loads(checked.stdout)
        assert result["as_signed"] is True
        assert all(s["intact"] and s["valid"] and s["trusted"] for s in result["signatures"])
        assert run("verify", str(pdf), "--root", str(out / "root.pem"), "--record", "0" * 64, home=tmp_path / "home").returncode == 1
        pdf.write_bytes(pdf.read_bytes() + b" ")
        assert run("verify", str(pdf), "--root", str(out / "root.pem"), home=tmp_path / "home").returncode == 1


@pytest.mark.skipif(shutil.which("pdfsig") is None or shutil.which("qpdf") is None, reason="needs Debian's poppler-utils and qpdf")
def test_poppler_and_qpdf_agree(tmp_path: Path) -> None:
    from assessor_app.models.kinds import DocumentType
    from assessor_app.workflow import documents, sample
    from tests.factories import PIN, make_account

    account = make_account(tmp_path / "a")
    try:
        loaded = sample.load(account)
        document = documents.sign(account, documents.prepare(account, DocumentType.MINUTES, loaded.visit, documents.wish(number="1")), PIN)
        with account.reading() as session:
            documents.save_copy(session, document, tmp_path / "x.pdf")
    finally:
        account.close()
    said = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "x.pdf")], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert subprocess.run(["qpdf", "--check", str(tmp_path / "x.pdf")], capture_output=True, check=False).returncode == 0
