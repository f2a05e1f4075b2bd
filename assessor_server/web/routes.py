"""The table of the pages' routes, each with the action that it asks for; nobody reaches a view who may not."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from assessor_app import i18n
from assessor_app.errors import AppError, BadInput, NotAllowed
from assessor_app.i18n import t
from assessor_app.models.permissions import Action, may_at_centre
from assessor_server import accounts
from assessor_server.accounts import Denied
from assessor_server.blobs import BlobFault
from assessor_server.web import sessions
from assessor_server.web.page import FOLDER, HEADERS, LANGUAGE, Missing, Page, Site, View, rendered

#: What a form, with its file, may weigh.
LARGEST = 12_000_000
_LOGIN_COOKIE = "asesor_login"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """A page or a form's target."""

    method: str
    path: str
    action: Action
    view: View
    largest: int  # what its form, with its file, may weigh, in bytes


class Routes:
    """Routes of one subject, gathered by decorators."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def get(self, path: str, action: Action) -> Callable[[View], View]:
        """Name the view of a page."""
        return partial(self._add, "GET", path, action)

    def post(self, path: str, action: Action, *, largest: int = LARGEST) -> Callable[[View], View]:
        """Name the view that takes a form of at most so many bytes."""
        return partial(self._add, "POST", path, action, largest=largest)

    def _add(self, method: str, path: str, action: Action, view: View, largest: int = LARGEST) -> View:
        self.all.append(Route(method, f"/web{path}", action, view, largest))
        return view


def mount(site: Site, routes: list[Route]) -> APIRouter:
    """Return the router of all pages, with sign-in and sign-out."""
    router = APIRouter(include_in_schema=False)
    gate = _Gate(site)
    for route in routes:
        router.add_api_route(route.path, gate.endpoint(route), methods=[route.method])
    for path, method, view in (("/web/masuk", "GET", gate.sign_in_page), ("/web/masuk", "POST", gate.sign_in),
                               ("/web/keluar", "POST", gate.sign_out), ("/web/bahasa/{code}", "GET", gate.choose_language),
                               ("/web/style.css", "GET", _style), ("/web", "GET", _home)):
        router.add_api_route(path, view, methods=[method])
    return router


async def _style() -> Response:
    return FileResponse(FOLDER / "style.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"})


async def _home() -> Response:
    return RedirectResponse("/web/", 308, HEADERS)


class _Gate:
    """Lets through who is signed in, may do what a route asks, and sent the form from one of these pages."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def endpoint(self, route: Route) -> Callable[[Request], object]:
        """Return what answers a route."""

        async def answer(request: Request) -> Response:
            form: dict[str, str] = {}
            file = b""
            if route.method == "POST":
                read = await _read(request, route.largest)
                if read is None:
                    return await run_in_threadpool(self._spoken, request, lambda: _message(
                        request, 413, t("The form is too large"), t("Nothing was changed.")))
                form, file = read
            return await run_in_threadpool(self._spoken, request, lambda: self._pass(route, request, form, file))

        return answer

    def _spoken(self, request: Request, work: Callable[[], Response]) -> Response:
        with i18n.speaking(_language(request)):
            try:
                return work()
            except OperationalError as e:
                log.warning("database: %s", type(e.orig).__name__)
                return _message(request, 503, t("The server is busy"), t("Try again in a moment."), t("Nothing was changed."))

    def _pass(self, route: Route, request: Request, form: dict[str, str], file: bytes) -> Response:
        session = self._session(request)
        if session is None:
            return RedirectResponse("/web/masuk", 303, HEADERS)
        page = Page(self.site, request, session, form, file)
        if not may_at_centre(session.actor, route.action):
            # who may not enter at all has no menu, and no page to go to
            return page.show("message.html", 403, title=t("Not allowed"), lines=[
                t("Your role does not allow this."), t("Ask the secretariat if you think that it should.")])
        if route.method == "POST" and not secrets.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
            return page.show("message.html", 400, title=t("The form is too old"), lines=[
                t("Go back, load the page again and repeat."), t("Nothing was changed.")])
        try:
            return route.view(page)
        except Missing:
            return page.show("message.html", 404, title=t("Not found"), lines=[t("This is not here, or no longer.")])
        except NotAllowed as e:
            return page.show("message.html", 403, title=e.title, lines=_lines(e))
        except AppError as e:
            return page.show("message.html", 422, title=e.title, lines=_lines(e))
        except BlobFault:
            return page.show("message.html", 503, title=t("The file cannot be read just now"), lines=[t("Try again in a moment.")])

    def _session(self, request: Request) -> sessions.Session | None:
        secret = request.cookies.get(sessions.COOKIE, "")
        if not secret:
            return None
        with self.site.store.transaction() as connection:
            return sessions.find(connection, secret)

    # Signing in and out

    async def sign_in_page(self, request: Request) -> Response:
        """Show the form."""
        return await run_in_threadpool(self._spoken, request, lambda: self._login_form(request))

    async def sign_in(self, request: Request) -> Response:
        """Take login and password."""
        form, _ = await _read(request) or ({}, b"")
        return await run_in_threadpool(self._spoken, request, lambda: self._sign_in(request, form))

    def _login_form(self, request: Request, fault: str = "", login: str = "", status: int = 200) -> Response:
        mark = request.cookies.get(_LOGIN_COOKIE, "")
        if not re.fullmatch(r"[\w-]{43}", mark, re.ASCII):
            mark = secrets.token_urlsafe(32)
        response = rendered(request, "sign_in.html", status, fault=fault, login=login, csrf=mark)
        _set(response, request, _LOGIN_COOKIE, mark)
        return response

    def _sign_in(self, request: Request, form: dict[str, str]) -> Response:
        login, password = form.get("login", "").strip()[:200], form.get("password", "")[:500]
        mark = request.cookies.get(_LOGIN_COOKIE, "")
        if not mark or not secrets.compare_digest(form.get("csrf", "").encode(), mark.encode()):
            return self._login_form(request, t("The form was too old. Sign in again."), login, 400)
        try:
            self.site.throttle.check(login)
            with self.site.store.transaction() as connection:
                account = accounts.by_password(connection, login, password)
                actor = accounts.actor_of(connection, account)
        except Denied as e:
            if e.code == "throttled":
                return self._login_form(request, t("Too many wrong passwords. Wait a while, then try again."), login, 429)
            self.site.throttle.failed(login)
            return self._login_form(request, t("Login or password is wrong, or the account is closed."), login, 401)
        self.site.throttle.succeeded(login)
        if not may_at_centre(actor, Action.ENTER):
            return _message(request, 403, t("These pages are for the secretariat"),
                            t("Your account works with the desktop program: plans, notes, scores and documents are there."),
                            t("Your notes are safe on your device."))
        with self.site.store.transaction() as connection:
            secret = sessions.begin(connection, account)
        home = "/web/" if may_at_centre(actor, Action.SEE_OVERVIEW) else "/web/kunjungan"
        response = RedirectResponse(home, 303, HEADERS)
        _set(response, request, sessions.COOKIE, secret)
        response.delete_cookie(_LOGIN_COOKIE, "/web")
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        form, _ = await _read(request) or ({}, b"")
        return await run_in_threadpool(self._spoken, request, lambda: self._sign_out(request, form))

    def _sign_out(self, request: Request, form: dict[str, str]) -> Response:
        session = self._session(request)
        response = RedirectResponse("/web/masuk", 303, HEADERS)
        if session is not None and secrets.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
            with self.site.store.transaction() as connection:
                sessions.end(connection, session)
            response.delete_cookie(sessions.COOKIE, "/web")
        return response

    async def choose_language(self, request: Request, code: str, next: str = "/web/") -> Response:
        """Keep the language of the pages in a cookie, and go back to the page."""
        # only to a page of ours: a path that another host could hide behind is none
        target = next if re.fullmatch(r"/web(/[\w.~%?=&+-]*)*", next, re.ASCII) else "/web/"
        response = RedirectResponse(target, 303, HEADERS)
        if code in i18n.LANGUAGES:
            response.set_cookie(LANGUAGE, code, 365 * 24 * 3600, path="/web", secure=_secure(request), httponly=True, samesite="lax")
        return response


def _language(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE, "id")
    return chosen if chosen in i18n.LANGUAGES else "id"


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _set(response: Response, request: Request, name: str, value: str) -> None:
    response.set_cookie(name, value, path="/web", secure=_secure(request), httponly=True, samesite="strict")


def _message(request: Request, status: int, title: str, *lines: str) -> Response:
    return rendered(request, "message.html", status, title=title, lines=lines)


def _lines(error: AppError) -> list[str]:
    faults = list(error.faults) if isinstance(error, BadInput) else []
    return [line for line in (error.message, *faults, error.hint, error.kept) if line]


async def _read(request: Request, largest: int = LARGEST) -> tuple[dict[str, str], bytes] | None:
    """Return a form's fields and its file; None where it is too large or no form."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > largest:
        return None
    try:
        form: FormData = await request.form(max_files=1, max_fields=40)
    except (MultiPartException, HTTPException, ValueError, KeyError):
        return None
    fields: dict[str, str] = {}
    file = b""
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                file = await value.read()
            else:
                fields[name] = value
    finally:
        await form.close()
    return fields, file
