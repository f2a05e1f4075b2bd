"""Is this computer's clock one to sign by? It stands not before what was written, and not far from the centre's."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.journal import PENDING
from assessor_app.models.tables import Device, Intent
from assessor_app.workflow.accounts import setting

#: How far the clock may stand before the newest entry of the journal and still be believed.
_SLACK: Final = timedelta(minutes=2)
#: From which difference to the centre's clock on nobody signs.
_FAR: Final = timedelta(days=1)


def check_clock(session: Session) -> None:
    """Stop a signature when the clock cannot be right.

    It stands before the installation, or before the newest entry of this notebook (where the centre's clock agreed at the last sync:
    before that sync, or an entry made since; what was written before under a wrong clock is over then). Or it stood a day and more from
    the centre's at the last sync, and was not set since.

    Raises AppError: what it shows, what to do, and that nothing was signed.
    """
    now, slack = clock.now_ms(), round(_SLACK / timedelta(milliseconds=1))
    skew, synced = setting(session, "clock_skew_ms"), int(setting(session, "synced_at") or 0)
    far = round(_FAR / timedelta(milliseconds=1))
    agreed = isinstance(skew, (int, float)) and abs(skew) < far and synced > 0
    if now + slack < _floor(session, synced if agreed else 0):
        raise _wrong(t("The clock of this computer is wrong: it stands before the last entry."), joined=synced > 0)
    if isinstance(skew, (int, float)) and abs(skew) >= far and not (skew > 0 and now >= synced + skew - far):
        said = t("The clock of this computer is wrong: at the last sync it stood {0} days from the centre's.")
        raise _wrong(said.format(round(abs(skew) / 86_400_000)), joined=True)


def _floor(session: Session, synced: int) -> int:
    """Return the moment (ms UTC) before which the clock cannot stand."""
    own = select(func.max(Intent.at)).where(Intent.device.in_(select(Device.id)))  # colleagues' clocks prove nothing
    if synced:
        return max(synced, int(session.scalar(own.where(Intent.state.in_(PENDING))) or 0))
    return max(int(session.scalar(own) or 0), int(setting(session, "installed_at") or 0))


def _wrong(title: str, *, joined: bool) -> AppError:
    hint = t("Set date and time, synchronise once where there is a line, then sign.") if joined else t("Set date and time, then sign.")
    return AppError(title, t("It shows {0}.").format(formats.date_time(clock.here().replace(tzinfo=None))), hint,
                    t("Nothing was signed, nothing is lost."))
