"""What tests of the centre need: somebody signed in at the pages, and a signed score sheet of a real device."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType
from assessor_app.workflow import documents, evaluating
from assessor_app.workflow.accounts import Account
from assessor_server import accounts
from assessor_server.http import make_app
from assessor_server.store import Store
from tests.factories import PIN, make_visit

PASSWORD = "rahasia sekali"


def signed_sheet(account: Account, number: str = "1", score: str = "3") -> tuple[str, str]:
    """Score every question of a new visit, sign the sheet; return visit and document."""
    visit = make_visit(account)
    instrument = evaluating.shipped(evaluating.shipped_files()[0])

    def fill(unit: Unit) -> None:
        sheet = evaluating.open_sheet(unit, visit, instrument)
        for question in instrument.questions():
            evaluating.answer(unit, sheet, question.id, score=score)

    account.writer.run(fill, purpose="sheet.edit")
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, documents.wish(number=number))
    return visit, documents.sign(account, prepared, PIN)


class Browser:
    """Asks an application in this process, and keeps its cookies."""

    def __init__(self, store: Store, base: str) -> None:
        self.app = make_app(store)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app, client=("127.0.0.1", 50000)), base_url=base)
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **values: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, path, **values))

    def get(self, path: str, **values: Any) -> httpx.Response:
        return self.request("GET", path, **values)

    def post(self, path: str, **values: Any) -> httpx.Response:
        return self.request("POST", path, **values)


@dataclass
class Desk:
    """Somebody at the pages, by plain requests; ``csrf`` is read from the page that was last opened."""

    store: Store
    base: str = "http://127.0.0.1"
    client: Browser = field(init=False)
    csrf: str = ""

    def __post_init__(self) -> None:
        self.client = Browser(self.store, self.base)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self.csrf = found.group(1) if found else self.csrf
        return answer.text

    def post(self, path: str, status: int = 303, files: Any = None, **fields: str) -> str:
        answer = self.client.post(path, data={"csrf": self.csrf, **fields}, files=files)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return str(answer.headers.get("location", "")) if status == 303 else answer.text

    def sign_in(self, login: str, password: str = PASSWORD) -> str:
        self.get("/web/masuk")
        where = self.post("/web/masuk", login=login, password=password)
        self.get(where)
        return where


def add(store: Store, login: str, role: str = "assessor", region: str = "", year: int = 0) -> str:
    """Add an account, with the password of all of them, and return its id."""
    with store.transaction() as connection:
        account = accounts.add_account(connection, login, login.title(), role, PASSWORD)
        if region:
            accounts.assign(connection, account, region, year)
    return account
