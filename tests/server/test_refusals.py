"""Whoever asks, by whatever path, for another's visit, unsigned sheet, blob or token: refused, and told nothing by the refusal."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind, sheet_scope, visit_scope
from assessor_app.models.visits import Visit
from assessor_app.sync import protocol
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.workflow import evaluating, interviewing
from assessor_app.workflow.accounts import setting
from assessor_server import accounts
from assessor_server import tables as tb
from assessor_server.http import make_app
from tests.factories import ServerProcess, sync
from tests.server.site import Site, meta, sha256

SECRET = "KENARI-RAHASIA"
#: Who asks, and what he hears: without a valid token always the same; with one as if what he asks for did not exist.
STRANGERS = {"nobody": (401, "token"), "a made-up token": (401, "token"), "an expired token": (401, "token"),
             "a token of another kind": (401, "token"), "a revoked device": (403, "revoked"), "a closed account": (403, "account")}
OTHERS = ("another region's assessor", "the coordinator")
COLLEAGUE = "a colleague of the visit"
#: Routes that need no token because they tell nothing about anybody, or ask for a secret of their own.
OPEN = {("GET", "/v1/hello"), ("GET", "/v1/root.pem"), ("GET", "/v1/revoked.pem"), ("POST", "/v1/enrol"), ("POST", "/v1/token"),
        ("POST", "/v1/timestamp"),
        ("GET", "/d/{token}"), ("POST", "/d/{token}"), ("OPTIONS", "/v1/blobs"), ("OPTIONS", "/v1/blobs/uploads/{upload}")}
#: Every other route, with what fills it: another's, and what does not exist.
UPLOAD_HEADS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
ROUTES: dict[tuple[str, str], dict[str, str]] = {
    ("GET", "/v1/blobs/{digest}"): {},
    ("POST", "/v1/blobs"): {"Tus-Resumable": "1.0.0", "Upload-Length": "1000", "Content-Type": "application/offset+octet-stream"},
    ("HEAD", "/v1/blobs/uploads/{upload}"): UPLOAD_HEADS,
    ("PATCH", "/v1/blobs/uploads/{upload}"): UPLOAD_HEADS,
    ("DELETE", "/v1/blobs/uploads/{upload}"): UPLOAD_HEADS,
    ("POST", "/v1/blobs/uploads/{upload}"): {**UPLOAD_HEADS, "X-HTTP-Method-Override": "PATCH"},
    ("POST", "/v1/sync"): {"Content-Type": protocol.MEDIA_TYPE},
    ("GET", "/v1/trust"): {},
}
BLOB_ROUTES = [route for route in ROUTES if "blobs" in route[1]]


class Secrets:
    """What is Ani's alone, and the tokens of those who ask for it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        ani = site.join("ani")
        for login, region in (("budi", "65.03"), ("kiki", "93.02"), ("cici", "93.02"), ("rani", "93.02"), ("tono", "93.02")):
            site.join(login, region)
        self.photo, self.half = os.urandom(1000), os.urandom(1000)
        self.blob = site.name("ani", self.photo)
        site.begin("ani", self.blob, 1000, self.photo)
        self.place = site.begin("ani", site.name("ani", self.half), 1000).headers["Location"]
        site.patch("ani", self.place, 0, self.half[:400])
        self.visit, self.note = site.visits["ani"], site.notes["ani"]
        with ani.reading() as session:
            instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)

        def fill(unit: Any) -> str:
            sheet = evaluating.open_sheet(unit, self.visit, instrument)
            evaluating.answer(unit, sheet, instrument.questions()[0].id, score="3", reason=SECRET)
            evaluating.add_finding(unit, sheet, "strength", SECRET)
            unit.get(Interview, self.note).body = SECRET
            unit.get(Interview, self.note).basis = "observation"
            person = interviewing.add_respondent(unit, self.visit, name=SECRET, occupation="kader")
            interviewing.give_consent(unit, person, form="spoken", purpose="p", data=["nama"], until="2099-01-01")
            return sheet

        self.sheet = ani.writer.run(fill, purpose="x")
        outcome = sync_records(site, "ani")
        assert not outcome.refused, outcome
        self.tokens = {"nobody": "", "a made-up token": "x" * 43, "a token of another kind": self._credential("ani"),
                       "an expired token": site.token("rani"), "a revoked device": site.token("tono"), COLLEAGUE: site.token("cici"),
                       "another region's assessor": site.token("budi"), "the coordinator": site.token("kiki")}
        self._set_apart()

    def _credential(self, login: str) -> str:
        with self.site.people[login].reading() as session:
            return str(setting(session, "credential"))

    def _set_apart(self) -> None:
        """Make the coordinator one, run a token out, revoke a device, close an account."""
        store = self.site.server.store()
        self.site.join("wati")
        self.tokens["a closed account"] = self.site.token("wati")
        with store.transaction() as connection:
            of = {login: accounts.account_of(connection, login) for login in ("kiki", "rani", "tono", "wati")}
            connection.execute(update(tb.account).where(tb.account.c.id == of["kiki"]).values(role="coordinator"))
            connection.execute(update(tb.token).where(tb.token.c.account == of["rani"]).values(expires_at=1))
            connection.execute(update(tb.device).where(tb.device.c.account == of["tono"]).values(revoked_at=1))
            connection.execute(update(tb.account).where(tb.account.c.id == of["wati"]).values(active=False))
        store.close()

    def ask(self, who: str, method: str, path: str, heads: dict[str, str], data: bytes = b"") -> requests.Response:
        token = self.tokens[who]
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.site.server.url + path, data=data, timeout=30, allow_redirects=False,
                                   headers={**heads, **({"Authorization": f"Bearer {token}"} if token else {})})

    def sync(self, who: str, *intents: WireIntent, device: str = "", **more: Any) -> protocol.Reply:
        request = protocol.Request(device or "fremd0001", "", intents=list(intents), **more)
        answer = self.ask(who, "POST", "/v1/sync", ROUTES["POST", "/v1/sync"], protocol.pack_request(request))
        assert answer.status_code == 200, answer.text
        return protocol.unpack_reply(answer.content)


def sync_records(site: Site, login: str) -> Any:
    from assessor_app.workflow import syncing

    outcome = syncing.synchronise(site.people[login])
    assert outcome.fault is None, outcome.fault
    return outcome


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secrets]:
    root = tmp_path_factory.mktemp("refusals")
    site = Site(ServerProcess(root / "server").prepare().start(), root)
    yield Secrets(site)
    site.close()


def test_every_route_stands_in_the_table(secrets: Secrets) -> None:
    store = secrets.site.server.store()
    there = {(method, route.path) for route in _routes(make_app(store)) for method in route.methods}
    store.close()
    pages = {route for route in there if route[1] == "/web" or route[1].startswith("/web/")}  # tests/server/test_web.py has theirs
    assert there - pages - {("GET", "/openapi.json"), ("HEAD", "/openapi.json")} == set(ROUTES) | OPEN


def _routes(app: Any) -> Iterator[Any]:
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from inner.routes
        elif getattr(route, "methods", None):
            yield route


@pytest.mark.parametrize(("who", "said"), list(STRANGERS.items()))
@pytest.mark.parametrize(("method", "path"), list(ROUTES))
def test_without_a_valid_token_every_route_says_the_same(secrets: Secrets, who: str, said: tuple[int, str], method: str, path: str) -> None:
    for digest, upload in ((secrets.blob, secrets.place.rpartition("/")[2]), ("0" * 64, "0" * 40)):
        heads = {**ROUTES[method, path], **({"Upload-Metadata": meta(digest)} if path == "/v1/blobs" else {})}
        body = protocol.pack_request(protocol.Request("fremd0001", "")) if path == "/v1/sync" else secrets.half
        answer = secrets.ask(who, method, path.format(digest=digest, upload=upload), heads, body if method in {"POST", "PATCH"} else b"")
        assert answer.status_code == said[0]
        if method != "HEAD":
            assert answer.json() == {"code": said[1]}


@pytest.mark.parametrize(("who", "route"), list(itertools.product(OTHERS, BLOB_ROUTES)))
def test_what_is_anothers_answers_as_what_is_not_there(secrets: Secrets, who: str, route: tuple[str, str]) -> None:
    method, path = route
    answers = []
    for digest, upload in ((secrets.blob, secrets.place.rpartition("/")[2]), (sha256(secrets.half), "0" * 40), ("0" * 64, "0" * 40)):
        heads = {**ROUTES[route], **({"Upload-Metadata": meta(digest)} if path == "/v1/blobs" else {})}
        answer = secrets.ask(who, method, path.format(digest=digest, upload=upload), heads, secrets.half if method != "GET" else b"")
        assert answer.status_code == 404
        answers.append((answer.status_code, answer.content, dict(answer.headers)))
    assert answers[0] == answers[1] == answers[2]


def test_an_upload_is_its_own_account_s_even_among_colleagues(secrets: Secrets) -> None:
    assert secrets.site.begin("cici", secrets.blob, 1000).headers["Upload-Offset"] == "1000", "the blob is of a visit they share"
    for method in ("HEAD", "PATCH", "DELETE"):
        assert secrets.ask(COLLEAGUE, method, secrets.place, UPLOAD_HEADS, b"x" if method == "PATCH" else b"").status_code == 404
    assert secrets.site.offset("ani", secrets.place) == 400, "and nobody has touched it"


@pytest.mark.parametrize("who", [*OTHERS, COLLEAGUE])
def test_news_bring_nothing_of_what_is_not_granted(secrets: Secrets, who: str) -> None:
    hidden = {sheet_scope(secrets.sheet)} | ({visit_scope(secrets.visit)} if who != COLLEAGUE else set())
    for cursors in ({}, dict.fromkeys(hidden, 0), dict.fromkeys(hidden, 1)):
        reply = secrets.sync(who, cursors=cursors)
        scopes = {state.scope for state in reply.news} | {mark.scope for mark in reply.marks}
        assert not scopes & hidden
        said = " ".join(repr(state) for state in reply.news)
        assert (SECRET in said) == (who == COLLEAGUE), "the colleague reads the note, and nothing of the sheet"
        assert not [state for state in reply.news if state.kind in {Kind.SHEET, Kind.ANSWER, Kind.FINDING} and secrets.sheet in repr(state)]


def attempts(secrets: Secrets) -> dict[str, WireIntent]:
    """Return intents that try to write, delete, erase or look, in what is Ani's."""
    with secrets.site.people["ani"].reading() as session:
        answer = session.scalars(select(Answer.id).where(Answer.sheet == secrets.sheet)).one()
        finding = session.scalars(select(Finding.id).where(Finding.sheet == secrets.sheet)).one()
    sheet, visit = sheet_scope(secrets.sheet), visit_scope(secrets.visit)
    base = WireIntent("fremd0001", 1, 1_790_000_000_000, "edit", sheet, [])
    return {
        "a score": replace(base, changes=[["=", "answer", answer, "score", "", "4"]]),
        "a reason": replace(base, changes=[["=", "answer", answer, "reason", "", "x"]]),
        "a finding": replace(base, changes=[["=", "finding", finding, "body", "", "x"]]),
        "a new answer": replace(base, changes=[["+", "answer", "", {"sheet": secrets.sheet, "question": "q"}]]),
        "the sheet's state": replace(base, changes=[["=", "sheet", secrets.sheet, "state", "", "ready"]]),
        "the sheet's erasure": replace(base, changes=[["!", "sheet", secrets.sheet]]),
        "a note": replace(base, scope=visit, changes=[["=", "interview", secrets.note, "title", "", "x"]]),
        "a note's erasure": replace(base, scope=visit, changes=[["!", "interview", secrets.note]]),
        "the visit": replace(base, scope=visit, changes=[["=", "visit", secrets.visit, "place", "", "x"]]),
        "the sheet by another scope's door": replace(base, scope=visit, changes=[["=", "answer", answer, "score", "", "4"]]),
    }


@pytest.mark.parametrize("who", [*OTHERS, COLLEAGUE])
def test_an_intent_in_what_is_anothers_is_refused_and_tells_nothing(secrets: Secrets, who: str) -> None:
    before = as_it_stands(secrets)
    device = f"fremd{sorted([*OTHERS, COLLEAGUE]).index(who):04d}"
    for number, (what, intent) in enumerate(attempts(secrets).items(), 1):
        if who == COLLEAGUE and what in {"a note", "a note's erasure", "the visit"}:
            continue  # a member of the visit may
        reply = secrets.sync(who, replace(intent, device=device, counter=number), device=device)
        (verdict,) = reply.verdicts
        assert verdict.outcome in {Outcome.REFUSED, Outcome.HELD}, what
        assert verdict.states == [], what
        said = repr(verdict) + "".join(repr(s) for s in reply.news if s.scope == sheet_scope(secrets.sheet) or who != COLLEAGUE)
        assert SECRET not in said, what
    sync_records(secrets.site, "ani")
    with secrets.site.people["ani"].reading() as session:
        assert session.scalars(select(Answer.score).where(Answer.sheet == secrets.sheet)).all() == ["3"]
        assert session.get(Sheet, secrets.sheet).state == "draft"
    assert as_it_stands(secrets) == before


def as_it_stands(secrets: Secrets) -> list[Any]:
    with secrets.site.people["ani"].reading() as session:
        return [session.execute(select(*entity.__table__.columns).where(entity.id.in_([secrets.visit, secrets.note]))).all()
                for entity in (Visit, Interview)]


@pytest.mark.parametrize("who", [*OTHERS, COLLEAGUE])
def test_another_device_s_name_is_not_to_be_borrowed(secrets: Secrets, who: str) -> None:
    ani = secrets.site.people["ani"]
    intent = WireIntent(ani.device, 9000, 1_790_000_000_000, "edit", "region:93.02", [["=", "plan", "x", "title", "", "y"]])
    reply = secrets.sync(who, intent)
    assert [(v.outcome, v.reason) for v in reply.verdicts] == [(Outcome.REFUSED, "device")]


@pytest.mark.parametrize("token", ["x", "0" * 16, "a" * 40, "%25" * 20, "..%2f..%2fv1%2fhello", "_" * 20])
def test_a_made_up_document_code_leads_nowhere(secrets: Secrets, token: str) -> None:
    answers = {secrets.ask("nobody", "GET", f"/d/{one}", {}).text for one in (token, "b" * 32)}
    if "%2f" not in token:
        assert len(answers) == 1
        assert "belum tiba di pusat" in answers.pop()
    assert SECRET not in "".join(answers)


def test_a_wrong_login_a_wrong_password_and_a_used_invitation_sound_alike(secrets: Secrets) -> None:
    body = {"device": "fremd0002", "profile": "0" * 36, "request": "x", "login": "ani", "password": "salah sekali"}
    url = secrets.site.server.url
    with requests.Session() as session:
        session.trust_env = False
        known = session.post(f"{url}/v1/enrol", json=body, timeout=30)
        unknown = session.post(f"{url}/v1/enrol", json={**body, "login": "tidak ada"}, timeout=30)
        assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (401, {"code": "password"})
        for credential in ("", "x" * 43):
            for device in (secrets.site.people["ani"].device, "fremd0003"):
                answer = session.post(f"{url}/v1/token", json={"device": device, "credential": credential}, timeout=30)
                assert (answer.status_code, answer.json()) == (401, {"code": "credential"})


def test_the_owner_is_still_served(secrets: Secrets) -> None:
    """The refusals above mean something only if the same requests serve whom they should."""
    assert secrets.site.ask("GET", f"/v1/blobs/{secrets.blob}", "ani").content == secrets.photo
    assert secrets.site.patch("ani", secrets.place, 400, secrets.half[400:]).status_code == 204
    assert re.fullmatch(r"[0-9a-f]{64}", secrets.blob)
    assert sync(secrets.site.people["ani"]).refused == 0
