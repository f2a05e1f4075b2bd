"""Whole numbers as they are kept: no larger than what travels unchanged and every database holds."""

from __future__ import annotations

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.kinds import MOST


def fit(*values: object) -> None:
    """Raise BadInput where one of the values is a whole number beyond that, by whatever way it came."""
    if any(isinstance(value, int) and not -MOST <= value <= MOST for value in values):
        raise BadInput(t("A number is too large to be kept."), hint=t("Write a smaller one."), kept=t("Nothing was changed."))
