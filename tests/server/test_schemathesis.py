"""Schemathesis asks every route of a running server what its OpenAPI allows, and more: nothing makes it stumble."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error

from assessor_app.sync import codec, protocol
from assessor_server import timestamps
from tests.factories import ServerProcess
from tests.server.site import Site, meta
from tests.server.test_timestamps import query

pytestmark = pytest.mark.xdist_group("schemathesis")
#: As many requests a route and mode: few where a token is wanted first, more to who has one.
FEW, MANY = 10, 40

_json = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
                     lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)
_id = "019f1c2e-0000-7000-8000-000000000000"
_good_head: dict[str, object] = {
    "v": 1, "cap": ["splice", "erasure", "epoch"], "device": "dev00001", "epoch": "", "cursors": {"region:93.02": 0},
    "devices": ["dev00001"], "scopes": ["region:93.02", "visit:" + _id]}
_good_changes = st.sampled_from([["+", "plan", _id, {"title": "x"}], ["=", "plan", _id, "title", "", "y"], ["!", "person", _id],
                                 ["~", "interview", _id, "body", "", "0" * 16, 0, 0, "z"], ["=", "visit", _id, "deleted", "", "w"]])
_more = st.sampled_from([*_good_head, "mark", "rate", "waiting", "envelopes", "more", "own"])
_head = st.dictionaries(_more, _json, max_size=1).map(lambda wrong: {**_good_head, **wrong})
_spoilt = st.builds(lambda change, at, wrong: [*change[:at], wrong, *change[at + 1:]], _good_changes, st.integers(0, 8), _json)
_line = st.tuples(st.just(0) | _json, st.integers(1, 5), st.just(1_790_000_000_000) | _json, st.just("edit") | _json,
                  st.integers(0, 1) | _json, st.lists(_good_changes | _spoilt, max_size=2) | _json).map(list)


def _packed(lines: list[object]) -> bytes:
    return codec.pack([json.dumps(line).encode() for line in lines])


_junk = st.binary(max_size=60) | st.binary(max_size=60).map(zstandard.compress)
_bodies = st.integers(0, 9).flatmap(lambda n: _junk if n == 0 else st.builds(
    lambda head, lines: _packed([head, *lines]), _head, st.lists(_line, max_size=2)))
schemathesis.openapi.media_type(protocol.MEDIA_TYPE, _bodies)
schemathesis.openapi.media_type("application/offset+octet-stream", st.binary(max_size=200))
schemathesis.openapi.media_type(timestamps.QUERY, st.binary(max_size=200) | st.just(query(cert_req=True)))


@schemathesis.serializer(protocol.MEDIA_TYPE, "application/offset+octet-stream", timestamps.QUERY)
def _as_it_is(_: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("schema")
    made = Site(ServerProcess(root / "server").prepare().start(), root)
    made.join("ani")
    yield made
    made.close()


@pytest.fixture(scope="module")
def names(site: Site) -> dict[str, str]:
    """A blob that a record names, and the upload that was begun for it."""
    blob = site.name("ani", b"x" * 100)
    return {"digest": blob, "upload": site.begin("ani", blob, 100).headers["Location"].rpartition("/")[2]}


@pytest.fixture(scope="module")
def described(site: Site) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{site.server.url}/openapi.json")



def ask_all(described: schemathesis.BaseSchema, ask: Callable[[schemathesis.Case], None], most: int, about: str = "") -> None:
    """Ask every route (whose path holds ``about``) what its description allows, and what it does not where it tells a body's shape."""
    quick = settings(max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    for found in described.get_all_operations():
        operation = found.ok()
        if not re.search(about, operation.path):
            continue
        quick(given(operation.as_strategy())(ask))()
        if "application/json" in operation.definition.raw.get("requestBody", {}).get("content", {}):
            quick(given(operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))(ask))()


def test_nobody_makes_the_server_stumble(described: schemathesis.BaseSchema) -> None:
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=[not_a_server_error], allow_redirects=False, timeout=30)

    ask_all(described, ask, FEW)


def test_nor_does_who_holds_a_token_and_speaks_tus(described: schemathesis.BaseSchema, site: Site, names: dict[str, str]) -> None:
    heads = {"Authorization": f"Bearer {site.token('ani')}", "Tus-Resumable": "1.0.0"}
    heard = set()

    def ask(case: schemathesis.Case) -> None:
        more = {"Upload-Metadata": meta(names["digest"])} if case.path == "/v1/blobs" else {}
        case.path_parameters = {name: names.get(name, value) for name, value in (case.path_parameters or {}).items()}
        answer = case.call_and_validate(checks=[not_a_server_error], headers={**heads, **more}, allow_redirects=False, timeout=30)
        heard.add((case.operation.label, answer.status_code))

    ask_all(described, ask, MANY, "sync|blobs")
    assert {("POST /v1/sync", 200), ("POST /v1/sync", 400), ("HEAD /v1/blobs/uploads/{upload}", 200)} <= heard, "they got in"


def test_the_description_names_what_the_routes_take(described: schemathesis.BaseSchema) -> None:
    paths = described.raw_schema["paths"]
    assert list(paths["/v1/sync"]["post"]["requestBody"]["content"]) == [protocol.MEDIA_TYPE]
    assert list(paths["/v1/blobs"]["post"]["requestBody"]["content"]) == ["application/offset+octet-stream"]
    assert {p["name"] for p in paths["/v1/blobs"]["post"]["parameters"]} == {
        "upload-length", "upload-metadata", "tus-resumable", "upload-checksum", "authorization"}
    assert {"/v1/hello", "/v1/enrol", "/v1/token", "/v1/blobs/{digest}", "/v1/blobs/uploads/{upload}", "/d/{token}"} <= set(paths)
