"""Whatever goes wrong: no typed text, no name and no query stands in a log, an exception or a report."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assessor_app.errors import AppError, LineError
from assessor_app.models import search
from assessor_app.models.database import NOTEBOOK
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind
from assessor_app.models.visits import Visit
from assessor_app.sync import codec, protocol
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Request
from assessor_app.workflow import accounts, backup, editing, interviewing, syncing, visiting
from tests.factories import PASSPHRASE, ServerProcess, make_account, make_note, make_visit, read, write
from tests.sync.loopback import Loopback, cheap_secrets, make_joined

CANARY = "KENARI"
_LOUD = ("", "assessor_app", "assessor_server", "urllib3", "requests", "PIL", "pyhanko", "reportlab", "alembic", "keyring", "asyncio")


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything that is logged at the loudest level, and every exception that a test provoked."""
    out: list[str] = []
    for name in _LOUD:
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")  # statements; DEBUG would print rows, and nothing turns it on
    caplog.set_level(logging.DEBUG, logger="sqlalchemy.pool")
    yield out
    records = caplog.get_records("call")
    assert len(records) > 10, "nothing was heard: the test proves nothing"
    printed = [logging.Formatter("%(name)s %(message)s").format(record) for record in records]  # with their tracebacks
    text = "\n".join([*out, *printed])
    where = text.lower().find(CANARY.lower())
    assert where < 0, text[max(0, where - 300):where + 100]


def words(error: BaseException | None) -> str:
    """Return all that a report could print of an exception: its chain, arguments and notes."""
    out = []
    while error is not None:
        out += ["".join(traceback.format_exception(error)), repr(error.args), str(error)]
        error = error.__cause__ or error.__context__
    return "\n".join(out)


def provoke(heard: list[str], work: Any, *kinds: type[BaseException]) -> None:
    with pytest.raises(kinds or Exception) as caught:
        work()
    heard.append(words(caught.value))


def test_the_notebook_is_silent(heard: list[str], tmp_path: Path) -> None:
    with cheap_secrets():
        account = make_account(tmp_path / "a", f"{CANARY} Nama")
    visit = make_visit(account)
    note = make_note(account, visit, f"{CANARY} isi", title=f"{CANARY} judul")
    write(account, Interview, note, editing="t", body=f"{CANARY} isi lagi")
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name=f"{CANARY} orang", occupation=CANARY), purpose="x")
    account.writer.run(lambda u: search.index_some(u.session), purpose="x")
    with account.reading() as session:
        assert search.search(session, f"{CANARY} isi")
        search.search(session, f'{CANARY}" OR (')

    def too_large(unit: Any) -> None:
        unit.get(Visit, visit).year = 1 << 70
        unit.get(Visit, visit).place = CANARY

    def unsupported(unit: Any) -> None:
        unit.get(Visit, visit).place = {CANARY: object()}

    def raw(unit: Any) -> None:
        unit.session.connection().exec_driver_sql("INSERT INTO setting VALUES (?)", (CANARY,))

    def raw_journaled(unit: Any) -> None:
        unit.session.connection().exec_driver_sql(f"UPDATE visit SET place = '{CANARY}'")

    for work in (too_large, unsupported, raw, raw_journaled, lambda u: editing.edit(u, Kind.VISIT, CANARY, place=CANARY),
                 lambda u: interviewing.give_consent(u, person, form=CANARY, purpose="", data=[], until=""),
                 lambda u: visiting.create_visit(u, "00.00")):
        provoke(heard, lambda work=work: account.writer.run(work, purpose="x"))
    provoke(heard, lambda: interviewing.read_photo(CANARY.encode() * 20), AppError)
    provoke(heard, lambda: backup.restore(account.folder / NOTEBOOK, tmp_path / "r"), AppError)
    assert read(account, Visit, visit, "place") == ""
    account.close()
    (account.folder / NOTEBOOK).write_bytes(CANARY.encode() * 1000)
    provoke(heard, lambda: accounts.open_account(account.folder, passphrase=PASSPHRASE), AppError)
    provoke(heard, lambda: accounts.open_account(account.folder, passphrase=CANARY), AppError)
    provoke(heard, lambda: accounts.open_account(account.folder, code=CANARY), AppError)


def test_a_sync_is_silent_also_where_it_fails(heard: list[str], tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, f"{name}{CANARY}") for name in "ab")
    visit = make_visit(a)
    note = make_note(a, visit, f"{CANARY} satu")
    for account in (a, b):
        server.sync(account)
    write(a, Interview, note, title=f"{CANARY} a")
    write(b, Interview, note, title=f"{CANARY} b")
    for account in (a, b, a):
        heard.append(repr(server.sync(account)))
    heard.append(repr(server.sync(a, fault=lambda: True).fault))

    def breaks(*_: Any) -> None:
        raise LineError("offline", "no line")

    heard.append(repr(server.sync(a, sync=breaks).fault))
    provoke(heard, lambda: protocol.unpack_reply(CANARY.encode()), protocol.ProtocolError)
    provoke(heard, lambda: protocol.unpack_request(codec.pack([codec.dumps({"v": 1, CANARY: CANARY})])), protocol.ProtocolError)
    bad = [["=", "sheet", CANARY, "state", "", CANARY],
           ["=", "visit", visit, "year", "", CANARY], ["+", "visit", CANARY, {"region": [CANARY]}]]
    account_id, device = server.joined[a.profile]
    reply = server.serve(account_id, device, Request(device, "", {}, [
        WireIntent("hostile", n, 1, CANARY, f"visit:{visit}", [change]) for n, change in enumerate(bad, 1)]))
    assert {v.outcome for v in reply.verdicts} <= {Outcome.REFUSED, Outcome.HELD}
    heard.append(repr([(v.outcome, v.reason) for v in reply.verdicts]))
    for account in (a, b):
        account.close()
    server.close()


def test_a_real_server_and_its_log_are_silent(heard: list[str], tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("a")
    log = tmp_path / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-u", "-m", "assessor_server", "--data", str(server.folder), "serve", "--port", "0"],
                                   stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "ASESOR_HOME": str(tmp_path / "sh")})
    try:
        while "http" not in log.read_text():
            assert process.poll() is None
        server.url = log.read_text().split("http://")[1].split()[0].rstrip("/.")
        server.url = f"http://{server.url}"
        account = make_account(tmp_path / "a", f"{CANARY} Nama")
        invitation = server.invitation("a")
        provoke(heard, lambda: syncing.join(account, syncing.Invitation(server.url, login=CANARY), password=CANARY), LineError)
        syncing.join(account, invitation)
        make_note(account, make_visit(account), f"{CANARY} isi")
        outcome = syncing.synchronise(account)
        assert outcome.complete
        _hostile(server.url, account)
        account.close()
    finally:
        process.terminate()
        process.wait()
    heard.append(log.read_text())


def _packed(lines: list[Any]) -> bytes:
    return codec.pack(codec.dumps(line) for line in lines)


def _hostile(url: str, account: Any) -> None:
    """Send what no client sends; the server goes on, and stays silent."""
    import requests

    with account.reading() as session:
        token = accounts.setting(session, "token")
    headers = {"Authorization": f"Bearer {token}"}
    head = {"v": 1, "device": CANARY, "epoch": "", "cursors": {CANARY: 1}, "devices": [CANARY], "scopes": ["visit:x"]}
    half = _packed([head,
                          [0, 1, 1, CANARY, 0, [["~", "interview", CANARY, "body", "", CANARY, CANARY, CANARY, CANARY]]],
                          [0, 2, 1, CANARY, 0, [["=", "visit", CANARY, CANARY, CANARY, {CANARY: CANARY}]]]])
    endless = _packed([head, [0, 1 << 60, 1, CANARY, 0, [["+", "person", CANARY, {"name": CANARY}]]]])
    statuses = [requests.post(f"{url}/v1/sync", data=data, headers=headers, timeout=20).status_code
                for data in (half, endless, CANARY.encode(), _packed([[CANARY]]), b"")]
    statuses.append(requests.post(f"{url}/v1/enrol", json={"login": CANARY, "password": CANARY, "device": CANARY}, timeout=20).status_code)
    upload = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": CANARY, "Content-Type": "application/offset+octet-stream"}
    statuses.append(requests.post(f"{url}/v1/blobs", data=b"x", headers={**headers, **upload}, timeout=20).status_code)
    assert requests.get(f"{url}/v1/hello", timeout=20).ok
    assert statuses == [200, 400, 400, 400, 400, 422, 404]


def test_a_crash_report_names_places_only(heard: list[str], tmp_path: Path) -> None:
    crash = pytest.importorskip("assessor_app.ui.crash")
    logging.getLogger("assessor_app").debug("one")
    for _ in range(11):
        logging.getLogger("assessor_app").debug("more")
    try:
        secret = f"{CANARY} dalam variabel"
        raise ValueError(f"{CANARY} {secret}")
    except ValueError as error:
        heard.append(crash.report_text(type(error), error.__traceback__))
        file = crash.write_report(type(error), error.__traceback__)
        assert file
        heard.append(file.read_text())
    assert "test_canaries.py" in heard[-1]
