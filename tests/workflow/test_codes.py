"""A printed code finds its document offline: as scanned, as typed, misread, by its digits, by its number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app.models.documents import Document
from assessor_app.models.visits import Visit
from assessor_app.reports.content import code as printed_code
from assessor_app.workflow import codes, documents
from assessor_app.workflow.accounts import Account
from tests.factories import PIN, make_account, make_visit, read, write


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Account, str, str]]:
    import os

    os.environ["ASESOR_HOME"] = str(tmp_path_factory.mktemp("home"))
    account = make_account(tmp_path_factory.mktemp("a") / "a")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga.")
    wish = documents.wish(number="014/BA-SC/VII/2025")
    prepared = documents.prepare(account, "minutes", visit, wish)
    document = documents.sign(account, prepared, PIN)
    documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number="015/BA-SC/VII/2025")), PIN)
    yield account, document, printed_code(prepared.content, str(read(account, Document, document, "data_sha256")))
    account.close()


def _found(account: Account, text: str) -> list[tuple[str, bool | None]]:
    with account.reading() as session:
        return [(hit.document, hit.digits_match) for hit in codes.find(session, text)]


def test_what_a_scanner_types_finds_the_record_and_compares_the_digits(made: tuple[Account, str, str]) -> None:
    account, document, code = made
    assert "/d/" in code
    assert "#" in code
    assert _found(account, code + "\r\n") == [(document, True)]
    address, _, digits = code.partition("#")
    changed = address + "#" + ("0" if digits[0] != "0" else "1") + digits[1:]
    assert _found(account, changed) == [(document, False)]
    assert _found(account, address) == [(document, None)]


def test_what_a_person_types_finds_it_too(made: tuple[Account, str, str]) -> None:
    account, document, code = made
    address, _, digits = code.partition("#")
    token = address.rpartition("/d/")[2]
    assert _found(account, token.upper()) == [(document, None)]
    assert _found(account, " ".join(token[at:at + 4] for at in range(0, len(token), 4))) == [(document, None)]
    assert _found(account, token[:10]) == [(document, None)]
    misread = token.replace("i", "1")
    assert _found(account, misread) == [(document, None)]
    assert _found(account, f"{digits[:4]} {digits[4:8]} {digits[8:]}") == [(document, True)]
    assert _found(account, "014/ba-sc/vii/2025") == [(document, None)]


@pytest.mark.parametrize("text", ["", "   ", "abc", "https://lain.example/d/zzzzzzzzzzzzzzzzzzzz#0123456789abcdef", "0" * 16, "%", "_" * 20,
                                  "🙂" * 50, "x" * 100_000])
def test_what_is_no_code_of_ours_finds_nothing(made: tuple[Account, str, str], text: str) -> None:
    assert _found(made[0], text) == []


def test_the_command_finds_it(made: tuple[Account, str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                              tmp_path: Path) -> None:
    import json
    import shutil

    from assessor_app.cli.main import main
    from tests.factories import PASSPHRASE

    account, document, code = made
    shutil.copytree(account.folder, tmp_path / "copy")
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    data = ["--data", str(tmp_path / "copy")]
    assert main(["find", code, *data, "--json"]) == 0
    (hit,) = json.loads(capsys.readouterr().out)
    assert (hit["document"], hit["digits_match"], hit["region"]) == (document, True, "Kab. Boven Digoel (93.02)")
    assert main(["find", code[:-16] + "0" * 16, *data]) == 1
    assert "NOT those on record" in capsys.readouterr().out
    assert main(["find", "tidak-ada-di-sini", *data]) == 1
    assert "No document in this notebook" in capsys.readouterr().err
