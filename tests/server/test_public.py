"""The page behind a printed code: what it tells without login, and whether a file is the recorded one; in a real browser too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from assessor_app.models import files
from assessor_app.models.documents import Document, Revision
from assessor_app.models.visits import Visit
from assessor_app.workflow import documents
from assessor_app.workflow.accounts import Account
from assessor_server import public
from tests.factories import PIN, ServerProcess, make_visit, read, sync, write
from tests.server import test_web_browser as web
from tests.sync.loopback import cheap_secrets

browser = web.browser


@dataclass
class Paper:
    """Signed minutes that arrived: their page, digits and files."""

    url: str
    document: str
    digest: str
    files: list[bytes]
    account: Account


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    import os

    root = tmp_path_factory.mktemp("public")
    os.environ["ASESOR_HOME"] = str(root / "home")
    server = ServerProcess(root / "server").prepare("maria").start()
    with cheap_secrets():
        account = server.join(root / "a", "maria")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga Tanah Merah.", summary="RAHASIA-KENARI")
    document = documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number="014/BA")), PIN)
    sync(account)
    with account.reading() as session:
        found = [files.get(session, sha) for sha in session.scalars(select(Revision.sha256).order_by(Revision.number))]
    assert len(found) == 2
    yield Paper(str(read(account, Document, document, "address")), document, str(read(account, Document, document, "data_sha256")), found,
                account)
    account.close()
    server.stop()


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_without_login_it_tells_id_state_and_dates_and_nothing_else(paper: Paper) -> None:
    answer = requests.get(paper.url, timeout=30)
    assert answer.status_code == 200
    text = _text(answer.text)
    assert paper.url.rpartition("/")[2] in text
    assert "Ditandatangani" in text
    assert "Berpenanda waktu" in text
    assert re.search(r"\d{1,2} \w+ \d{4}", text)
    for secret in ("Maria", "Boven", "93.02", "Dermaga", "KENARI", "014/BA", "Berita Acara", paper.digest[:8], paper.document,
                   *(hashlib.sha256(pdf).hexdigest()[:12] for pdf in paper.files)):
        assert secret not in answer.text, secret
    assert "no-store" in answer.headers["Cache-Control"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    english = _text(requests.get(paper.url + "?bahasa=en", timeout=30).text)
    assert "Is your file the recorded one?" in english
    assert "Signed" in english
    for wrong in ("x" * 20, "%25", "a" * 15, "..%2f..", "' or 1=1", "ä" * 20):
        missing = requests.get(f"{paper.url.rpartition('/')[0]}/{wrong}", timeout=30)
        assert missing.status_code == 404, wrong


def _post(paper: Paper, pdf: bytes | None = None, **fields: str) -> tuple[int, str]:
    sent: dict[str, Any] = {"file": ("berkas.pdf", pdf, "application/pdf")} if pdf is not None else {"file": ("", b"")}
    answer = requests.post(paper.url + "?bahasa=en", data=fields, files=sent, timeout=60)
    return answer.status_code, _text(answer.text)


def test_a_file_is_compared_with_the_recorded_revisions(paper: Paper) -> None:
    first, last = paper.files
    assert "latest recorded revision of this document, byte for byte" in _post(paper, last)[1]
    assert "earlier recorded revision of this document (1 of 2)" in _post(paper, first)[1]
    assert "NOT a recorded revision" in _post(paper, last + b"\n")[1]
    assert "NOT a recorded revision" in _post(paper, b"anything")[1]
    # as the browser sends it: the digest alone
    assert "latest recorded revision" in _post(paper, sha256=hashlib.sha256(last).hexdigest())[1]
    assert "NOT a recorded revision" in _post(paper, sha256="0" * 64)[1]
    assert _post(paper, sha256="nonsense")[0] == 422
    assert _post(paper)[0] == 422
    # the digits on a print without its file
    assert "digits are those on record" in _post(paper, digits=f"{paper.digest[:4]} {paper.digest[4:16]} …")[1]
    assert "NOT those on record" in _post(paper, digits="0123 4567 89ab")[1]
    assert _post(paper, digits="012")[0] == 422


def test_nothing_is_kept_and_too_much_is_refused(paper: Paper, tmp_path: Path) -> None:
    server = paper.account.folder.parent / "server"
    before = sorted((file, file.stat().st_size) for file in (server / "blobs").rglob("*"))
    assert _post(paper, b"x" * 3_000_000)[0] == 200
    assert sorted((file, file.stat().st_size) for file in (server / "blobs").rglob("*")) == before
    large = tmp_path / "besar"
    with large.open("wb") as out:
        out.truncate(public.LARGEST + 1)
    with large.open("rb") as body:
        answer = requests.post(paper.url, data=body, headers={"Content-Type": "multipart/form-data; boundary=x"}, timeout=60)
    assert answer.status_code == 422
    assert "terlalu besar" in answer.text
    assert requests.post(paper.url, data=b"rubbish", headers={"Content-Type": "multipart/form-data; boundary=x"},
                         timeout=30).status_code == 422


@web.pytestmark
@pytest.mark.parametrize("language", ["id", "en"])
def test_in_a_browser_the_file_never_leaves_the_machine(paper: Paper, browser: Any, tmp_path: Path, language: str) -> None:
    (tmp_path / "salinan.pdf").write_bytes(paper.files[1])
    (tmp_path / "lain.pdf").write_bytes(paper.files[1][:-1])
    browser.get(f"{paper.url}?bahasa={language}#{paper.digest[:16]}")
    from selenium.webdriver.common.by import By as by
    from selenium.webdriver.support.ui import WebDriverWait

    assert browser.execute_script(web._FAULTS) == []
    assert browser.find_element(by.ID, "digits").get_attribute("value") == paper.digest[:16]  # what the code held after the address
    browser.execute_script("document.getElementById('digits').value = ''")
    assert ("tidak dikirim" if language == "id" else "not sent") in browser.find_element(by.ID, "how").text

    def compare(name: str) -> str:
        browser.find_element(by.ID, "file").send_keys(str(tmp_path / name))
        page = browser.find_element(by.TAG_NAME, "html")
        browser.find_element(by.CSS_SELECTOR, "#compare button").click()
        WebDriverWait(browser, 30).until(web_gone(page))
        return str(WebDriverWait(browser, 30).until(lambda _: browser.find_element(by.CSS_SELECTOR, "[role=status]")).text)

    right = {"id": "Berkas ini revisi tercatat terbaru dari dokumen ini, sama sampai ke bitanya.",
             "en": "The file is the latest recorded revision of this document, byte for byte."}
    assert compare("salinan.pdf") == right[language]
    assert browser.execute_script(web._FAULTS) == []
    web.PICTURES.mkdir(parents=True, exist_ok=True)
    browser.save_screenshot(str(web.PICTURES / f"public-{language}.png"))
    assert ("BUKAN" if language == "id" else "NOT") in compare("lain.pdf")
    browser.set_window_size(400, 800)
    assert browser.execute_script(web._FAULTS) == []
    errors = [line for line in browser.get_log("browser") if line["level"] == "SEVERE" and "favicon" not in line["message"]]
    assert errors == []


def web_gone(page: Any) -> Any:
    from selenium.webdriver.support.expected_conditions import staleness_of

    return staleness_of(page)
