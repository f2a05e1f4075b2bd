"""One request at the pages: who asks, what was sent, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import insert

from assessor_app import formats, ids
from assessor_app.errors import AppError
from assessor_app.i18n import language, mark, nt, t
from assessor_app.models.permissions import Action, may_at_centre
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.store import Store, now
from assessor_server.throttle import Throttle
from assessor_server.web import sessions
from assessor_server.web.sessions import Session

FOLDER = Path(__file__).parent
#: How many lines a list shows at a time.
PAGE = 50
LANGUAGE = "asesor_language"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=()"}

_ENVIRONMENT = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined,
                           trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.globals.update(t=t, nt=nt, language=language)

#: The pages that the head of every page leads to.
_MENU = (
    ("/web/", Action.SEE_OVERVIEW, mark("Overview")), ("/web/akun", Action.MANAGE_ACCOUNTS, mark("Accounts")),
    ("/web/perangkat", Action.SEE_DEVICES, mark("Devices")), ("/web/titipan", Action.TAKE_COURIER, mark("Courier files")),
    ("/web/instrumen", Action.SEE_INSTRUMENTS, mark("Instruments")),
    ("/web/contoh", Action.SEE_EXAMPLES, mark("Examples")), ("/web/kunjungan", Action.SEE_VISITS, mark("Visits")),
    ("/web/dokumen", Action.SEE_DOCUMENTS, mark("Documents")), ("/web/hasil", Action.SEE_RESULTS, mark("Results")),
    ("/web/ditolak", Action.SEE_REFUSED, mark("Refused")), ("/web/akses", Action.SEE_ACCESS, mark("Access")))


class Missing(Exception):
    """There is no such thing, or none that who asks may know of."""


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share."""

    store: Store
    blobs: Blobs
    throttle: Throttle


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to a page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A cell that tells a state: ``tone`` is good, warn or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A cell that holds a digest or an id."""

    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """A cell with a button that sends a form."""

    text: str
    href: str
    fields: dict[str, str] = field(default_factory=dict)
    label: str = ""  # what the button is called for those who do not see its line


Cell = str | Link | Badge | Code | Post


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``empty`` is said where it has no rows; the first column names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""


@dataclass(slots=True)
class Page:
    """A request of somebody who is signed in and may do what its route asks."""

    site: Site
    request: Request
    session: Session
    form: dict[str, str] = field(default_factory=dict)
    file: bytes = b""

    @property
    def store(self) -> Store:
        """The database."""
        return self.site.store

    def of(self, name: str) -> str:
        """Return a part of the address."""
        return str(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """Return a value of the query."""
        return self.request.query_params.get(name, default).strip()[:200]

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a number of the query, within bounds."""
        text = self.asked(name)
        return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 9 else default

    def sent(self, name: str, longest: int = 300) -> str:
        """Return a field of the form. Raises AppError where it is too long."""
        value = self.form.get(name, "").replace("\r\n", "\n").strip()
        if len(value) > longest:
            raise AppError(t("“{0}” is too long.").format(name), kept=t("Nothing was changed."))
        return value

    def may(self, action: Action, region: str = "") -> bool:
        """Tell whether who asks may do something."""
        return may_at_centre(self.session.actor, action, region)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a page."""
        with self.store.transaction() as connection:
            notice = sessions.told(connection, self.session)
        menu = [(href, t(words)) for href, action, words in _MENU if self.may(action)]
        return rendered(self.request, template, status, menu=menu, session=self.session, notice=notice, may=self.may,
                        Action=Action, csrf=self.session.csrf, **values)

    def go(self, path: str, notice: str = "") -> Response:
        """Answer by leading to another page, which tells ``notice`` once."""
        if notice:
            with self.store.transaction() as connection:
                sessions.tell(connection, self.session, notice)
        return RedirectResponse(path, 303, HEADERS)

    def log_access(self, kind: str, record: str, scope: str) -> None:
        """Write down that somebody looks at a person's data: who, when, what, from where."""
        with self.store.transaction() as connection:
            connection.execute(insert(tb.access).values(
                id=ids.new_id(), at=now(), account=self.session.account, kind=kind, record=record, scope=scope,
                address=address(self.request)))


View = Callable[[Page], Response]


def rendered(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page with the headers that every page has."""
    path = request.url.path
    here = {"path": path, "full": quote(path + (f"?{request.url.query}" if request.url.query else ""), safe="")}
    values = {"menu": [], "session": None, "notice": "", "csrf": ""} | values
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(here=here, **values), status, HEADERS)


def attachment(data: bytes | str, name: str, media_type: str) -> Response:
    """Return a file to be kept; its name is ASCII."""
    return Response(data, 200, {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}, media_type)


def address(request: Request) -> str:
    """Return from where somebody asks."""
    return request.client.host if request.client else ""


def moment(at: object) -> str:
    """Return ``3 Juli 2023, 09.30 WIB`` of ms UTC; nothing for none."""
    from datetime import UTC, datetime

    from assessor_app.clock import ZONES

    if not isinstance(at, int):
        return ""
    try:
        return formats.date_time(datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONES["WIB"]).replace(tzinfo=None), "WIB")
    except (ValueError, OverflowError, OSError):
        return "–"


def ago(at: object) -> str:
    """Return how long ago ms UTC are, in the largest unit that fits."""
    if not isinstance(at, int):
        return "–"
    minutes = max(0, now() - at) // 60_000
    if minutes < 1:
        return t("just now")
    if minutes < 60:
        return nt("{n} minute ago", "{n} minutes ago", minutes)
    if minutes < 48 * 60:
        return nt("{n} hour ago", "{n} hours ago", minutes // 60)
    return nt("{n} day ago", "{n} days ago", minutes // 1440)
