"""Signing and verifying from the command line: by each kind of key, with the record, and an answer for whatever file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assessor_app.cli.main import main
from assessor_app.models.documents import Revision
from assessor_app.models.visits import Visit
from assessor_app.workflow import documents
from assessor_app.workflow.accounts import setting
from tests.factories import PASSPHRASE, PIN, ServerProcess, make_account, make_visit, sync, write
from tests.hardware import needs_softhsm
from tests.sync.loopback import cheap_secrets


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ASESOR_PIN", PIN)


def _visit(folder: Path) -> str:
    account = make_account(folder)
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga Tanah Merah.")
    account.close()
    return visit


@needs_softhsm
def test_sign_with_each_key_and_cosign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                       token: str) -> None:



    visit = _visit(tmp_path / "a")
    data = ["--data", str(tmp_path / "a")]
    assert main(["sign", "minutes", visit, *data, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["document"]
    assert main(["sign", "minutes", visit, *data, "--key", "device:x"]) == 1
    assert main(["sign", "minutes", visit, *data, "--key", "p12:/nowhere"]) == 1
    assert main(["sign", "minutes", visit, *data, "--key", f"token:{token}"]) == 1
    said = capsys.readouterr().err
    assert "This key is not known" in said
    assert "/nowhere" in said
    assert "Maria RSA" in said  # which one?
    monkeypatch.setenv("ASESOR_KEY_SECRET", "1357")
    assert main(["sign", "minutes", visit, *data, "--key", f"token:{token}#Maria Token", "--json"]) == 0
    other = json.loads(capsys.readouterr().out)["document"]
    assert other != document
    assert main(["cosign", document, *data]) == 1
    assert "key of their own" in capsys.readouterr().err
    assert main(["cosign", document, *data, "--key", f"token:{token}#Maria Token"]) == 1
    assert "no place for this signature" in capsys.readouterr().err
    monkeypatch.setenv("ASESOR_PIN", "0000")
    assert main(["sign", "minutes", visit, *data]) == 1
    assert "PIN is wrong" in capsys.readouterr().err


def test_verify_says_four_things_beside_the_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani").start()
    try:
        with cheap_secrets():
            account = server.join(tmp_path / "a", "ani")
        visit = make_visit(account)
        write(account, Visit, visit, seen="Dermaga.")
        documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number="1")), PIN)
        sync(account)
        with account.reading() as session:
            from sqlalchemy import select

            from assessor_app.models import files

            first, second = (files.get(session, sha) for sha in session.scalars(select(Revision.sha256).order_by(Revision.number)))
            (tmp_path / "root.pem").write_text(str(setting(session, "root")))
        account.close()
    finally:
        server.stop()
    (tmp_path / "1.pdf").write_bytes(first)
    (tmp_path / "2.pdf").write_bytes(second)
    (tmp_path / "3.pdf").write_bytes(second + b"\n")
    data = ["--data", str(tmp_path / "a")]

    def verify(name: str, *words: str) -> tuple[int, str]:
        status = main(["verify", str(tmp_path / name), *words])
        return status, capsys.readouterr().out

    status, said = verify("2.pdf", *data)
    assert status == 0
    for line in ("Signed: Ani – unchanged since the signature · certified by the centre", "Signers trusted: yes.",
                 "Unchanged under the signatures: yes, to the byte.", "Whole file covered: yes, from the first byte to the last.",
                 "The revision on record: yes, the latest (2 of 2).", "Timestamp over all", "The document is as signed."):
        assert line in said
    status, said = verify("1.pdf", *data)
    assert status == 0
    assert "The revision on record: an earlier one: 1 of 2." in said
    assert "in an earlier revision" in said
    status, said = verify("3.pdf", *data)
    assert status == 1
    assert "Whole file covered: no." in said
    assert "the record has other bytes" in said
    broken = bytearray(second)
    broken[12] ^= 1  # in the comment under the header: nobody sees it, the signature does
    (tmp_path / "4.pdf").write_bytes(broken)
    status, said = verify("4.pdf", *data)
    assert status == 1
    assert "Unchanged under the signatures: no." in said
    assert "Signers trusted: no: a broken signature vouches for nobody." in said
    root = ["--root", str(tmp_path / "root.pem")]
    assert verify("2.pdf", *root)[0] == 0
    assert "no record at hand" in verify("2.pdf", *root)[1]
    assert verify("2.pdf", *root, "--record", "0" * 64)[0] == 1
    status, said = verify("2.pdf")
    assert status == 1
    assert "nobody we trust vouches" in said
    for option in ("--root", "--tsa-root", "--revoked"):  # the caller's mistake is not called the file's
        assert main(["verify", str(tmp_path / "2.pdf"), *root, option, str(tmp_path / "1.pdf")]) == 1
        told = capsys.readouterr()
        assert "not a list of revoked ones" in told.err
        assert told.out == ""
