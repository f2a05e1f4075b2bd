"""What the window says of a sync that ended: just what is true of it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from assessor_app.sync.outcome import SyncOutcome
from assessor_app.ui.context import AppContext
from assessor_app.ui.said import Message, Tone
from assessor_app.ui.syncing import SyncControl


def told(context: AppContext, outcome: SyncOutcome) -> Message:
    SyncControl(context, context)._tell(outcome, quiet=False)
    said = context.notify.last()
    assert said is not None
    return said


def test_what_waits_for_a_consent_is_no_fault(qtbot: QtBot, context: AppContext) -> None:
    said = told(context, SyncOutcome(complete=True, sent=23, kept_back=6))
    assert (said.tone, said.title) == (Tone.GOOD, "Sinkronisasi selesai.")
    assert "6 menunggu persetujuan" in said.text
    assert "ditolak" not in said.text


def test_where_nothing_was_refused_nothing_is_said_of_a_refusal(qtbot: QtBot, context: AppContext) -> None:
    """Where both sides read differently the sentence says that, and no count of refused changes."""
    said = told(context, SyncOutcome(sent=23, kept_back=6, mismatched=["catalogue"]))
    assert said.tone is Tone.WARN
    assert "ditolak" not in said.title + said.text
    assert "tidak semuanya diterima" not in said.title
    assert "Tidak ada yang hilang" in said.text


@pytest.mark.parametrize(("outcome", "tone", "words"), [
    (SyncOutcome(sent=1, refused=2), Tone.WARN, "2 perubahan ditolak"),
    (SyncOutcome(sent=1, held=3), Tone.GOOD, "3 menunggu kiriman orang lain"),
    (SyncOutcome(sent=1, photos_missing=2), Tone.WARN, "2 foto tidak berhasil"),
    (SyncOutcome(sent=1, photos_waiting=4), Tone.GOOD, "4 foto menunggu")])
def test_each_outcome_is_told_as_it_is(qtbot: QtBot, context: AppContext, outcome: SyncOutcome, tone: Tone, words: str) -> None:
    said = told(context, outcome)
    assert said.tone is tone
    assert words in said.text
    assert ("ditolak" in said.text) == bool(outcome.refused)
