"""When a sync begins by itself: the rules, with a clock that the test moves."""

from __future__ import annotations

import pytest

from assessor_app.ui.autosync import Pace, Rhythm, Step


@pytest.fixture
def rhythm() -> Rhythm:
    return Rhythm(Pace(), jitter=lambda: 0.5)


def well(rhythm: Rhythm, now: float) -> None:
    rhythm.sync_begun()
    rhythm.ended(now)


def test_at_the_start_at_once_and_never_twice_at_once(rhythm: Rhythm) -> None:
    assert rhythm.due(0) is Step.SYNC
    rhythm.sync_begun()
    assert rhythm.due(1000) is None
    rhythm.ended(1000)
    assert rhythm.due(1001) is None


def test_half_a_minute_after_the_last_edit(rhythm: Rhythm) -> None:
    well(rhythm, 0)
    for second in range(10, 40, 5):
        rhythm.edited(second)
        assert rhythm.due(second + 4) is None
    assert rhythm.due(64) is None
    assert rhythm.due(65) is Step.SYNC


def test_who_types_without_a_pause_is_not_forgotten(rhythm: Rhythm) -> None:
    well(rhythm, 0)
    for second in range(10, 300, 5):
        rhythm.edited(second)
        assert rhythm.due(second) is None
    rhythm.edited(310)
    assert rhythm.due(310) is Step.SYNC


def test_what_is_typed_during_a_sync_goes_with_the_next(rhythm: Rhythm) -> None:
    rhythm.sync_begun()
    rhythm.edited(5)
    rhythm.ended(10)
    assert rhythm.due(34) is None
    assert rhythm.due(35) is Step.SYNC


def test_without_a_line_it_looks_less_and_less_often(rhythm: Rhythm) -> None:
    rhythm.sync_begun()
    rhythm.ended(0, "offline")
    now, waits = 0.0, []
    for _ in range(6):
        since = now
        while rhythm.due(now) is None:
            now += 1
        assert rhythm.due(now) is Step.PROBE
        waits.append(now - since)
        rhythm.begin()
        assert rhythm.due(now) is None
        rhythm.probed(now, found=False)
    assert waits == [60, 120, 240, 480, 600, 600]
    rhythm.begin()
    rhythm.probed(now, found=True)
    assert rhythm.due(now) is Step.SYNC
    well(rhythm, now)
    rhythm.sync_begun()
    rhythm.ended(now, "offline")
    assert rhythm.due(now + 60) is Step.PROBE  # a line that was there is looked for often again


def test_a_server_that_answers_and_fails_is_not_hammered(rhythm: Rhythm) -> None:
    now, syncs = 0.0, 0
    while now < 3600:
        step = rhythm.due(now)
        if step is Step.PROBE:
            rhythm.begin()
            rhythm.probed(now, found=True)
        elif step is Step.SYNC:
            syncs += 1
            rhythm.sync_begun()
            rhythm.ended(now, "server")
        now += 1
    assert syncs < 12


def test_the_server_is_left_alone_as_long_as_it_asks(rhythm: Rhythm) -> None:
    rhythm.sync_begun()
    rhythm.ended(0, "server", retry_after=900)
    rhythm.reachable(100)
    assert rhythm.due(899) is None
    assert rhythm.due(900) is Step.PROBE


def test_a_network_that_comes_is_used_at_once(rhythm: Rhythm) -> None:
    rhythm.sync_begun()
    rhythm.ended(0, "offline")
    assert rhythm.due(5) is None
    rhythm.reachable(5)
    assert rhythm.due(5) is Step.PROBE


def test_what_only_people_can_mend_is_tried_seldom(rhythm: Rhythm) -> None:
    rhythm.sync_begun()
    rhythm.ended(0, "revoked")
    rhythm.edited(1)
    assert rhythm.due(599) is None
    assert rhythm.due(600) is Step.SYNC


def test_paused_and_stopped(rhythm: Rhythm) -> None:
    rhythm.held = True
    assert rhythm.due(1e6) is None
    rhythm.held = False
    rhythm.sync_begun()
    rhythm.ended(0, "cancelled")
    assert rhythm.due(299) is None
    assert rhythm.due(300) is Step.SYNC


def test_laptops_that_lost_one_line_come_back_one_by_one() -> None:
    waits = set()
    for dice in (0.0, 0.3, 1.0):
        rhythm = Rhythm(jitter=lambda dice=dice: dice)  # type: ignore[misc]
        rhythm.sync_begun()
        rhythm.ended(0, "offline")
        waits.add(next(now for now in range(100) if rhythm.due(now)))
    assert len(waits) == 3
    assert waits <= set(range(54, 67))
