"""Bring a notebook to the newest schema: nothing to import when it is there already, a copy kept when it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from assessor_app import clock
from assessor_app.errors import NotebookError
from assessor_app.i18n import t

#: The newest revision, checked by a test against the scripts.
HEAD = "0012"


class NewerNotebook(NotebookError):
    """A newer version of the program wrote this notebook: it is whole, and opens there."""


def bring_to_head(engine: Engine, path: Path, copy_to: Callable[[Path], None]) -> None:
    """Migrate an older notebook at ``path``, after copying it with ``copy_to``; refuse one that a newer program wrote."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
    revision = str(row[0]) if row else ""
    if revision == HEAD:
        return
    if revision > HEAD:
        raise NewerNotebook(
            t("This notebook was written by a newer version of the program."), str(path),
            t("Install the newer version on this machine, then open it again."), t("The notebook was not changed."))
    copies = path.parent / "backups"
    copies.mkdir(exist_ok=True)
    copy_to(copies / f"before-{HEAD}-{clock.here():%Y%m%d-%H%M%S}.db")
    to_head(engine)
    from assessor_app.models.catching_up import catch_up

    catch_up(engine)


def to_head(engine: Engine) -> None:
    """Run the migrations on the writing connection, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "assessor_app.models:migrations")
    with engine.begin() as connection:
        connection.info["journaling"] = True
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        finally:
            connection.info.pop("journaling", None)
