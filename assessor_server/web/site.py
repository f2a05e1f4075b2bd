"""All pages together, for the server's application."""

from __future__ import annotations

from fastapi import APIRouter

from assessor_server.blobs import Blobs
from assessor_server.store import Store
from assessor_server.throttle import Throttle
from assessor_server.web import (
    account_pages,
    courier_pages,
    device_pages,
    document_pages,
    example_pages,
    instrument_pages,
    overview,
    result_pages,
    visit_pages,
)
from assessor_server.web.page import Site
from assessor_server.web.routes import Route, mount


def all_routes() -> list[Route]:
    """Return every page and every target of a form, with the action that it asks for."""
    return [route for subject in (
                overview, account_pages, device_pages, courier_pages, instrument_pages, example_pages, document_pages, visit_pages,
                result_pages)
            for route in subject.routes.all]


def router(store: Store, blobs: Blobs, throttle: Throttle) -> APIRouter:
    """Return the pages' router."""
    return mount(Site(store, blobs, throttle), all_routes())
