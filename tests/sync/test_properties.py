"""Whatever three devices and a server do, in whatever order: in the end they agree, and nothing typed is lost."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sync.world import Op, World, make_template

SOAK = int(os.environ.get("SOAK", "0") or 0)
#: How often each thing happens, among others.
WEIGHTS = {"note": 6, "text": 14, "scalar": 8, "set": 5, "year": 4, "score": 4, "delete": 4, "undo": 6, "person": 3, "consent": 4,
           "erase": 1, "settle": 4, "sync": 22, "lost": 5, "reopen": 2, "remember": 1, "back": 1, "copy": 1, "clock": 2,
           "server_copy": 1, "server_back": 1, "pack": 4, "stick": 7, "centre": 2, "spoilt": 1, "forged": 1}


def plan(seed: int, length: int) -> list[Op]:
    rng = random.Random(seed)
    names = rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    return [(name, rng.randrange(5), rng.randrange(1000), rng.randrange(1000)) for name in names]


def play(template: dict[str, Any], root: Path, kept: Path, ops: list[Op]) -> None:
    """Play one story in a fresh copy of the template."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(kept, root)
    world = World(root, template)
    try:
        for op in ops:
            world.do(op)
        world.settle_down()
        world.check()
    finally:
        world.close()


def shrink(ops: list[Op], fails: Callable[[list[Op]], bool], seconds: float = 90) -> list[Op]:
    """Return a shorter story that still goes wrong."""
    end = time.monotonic() + seconds
    size = max(1, len(ops) // 2)
    while size and time.monotonic() < end:
        start, shorter = 0, False
        while start < len(ops) and time.monotonic() < end:
            without = ops[:start] + ops[start + size:]
            if fails(without):
                ops, shorter = without, True
            else:
                start += size
        if not shorter or size > 1:
            size //= 2
    return ops


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Any:
    base = tmp_path_factory.mktemp("world")
    before = os.environ.get("ASESOR_HOME")
    os.environ["ASESOR_HOME"] = str(base / "home")
    root = base / "live"
    template = make_template(root)
    shutil.copytree(root, base / "kept")
    if before is not None:
        os.environ["ASESOR_HOME"] = before
    return template, root, base / "kept", base / "home"


@pytest.mark.parametrize("seed", range(SOAK * 40) if SOAK else [*range(8), 23, 26])
def test_they_agree_and_nothing_is_lost(stage: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    template, root, kept, home = stage
    monkeypatch.setenv("ASESOR_HOME", str(home))
    ops = plan(seed, 60)
    error: list[BaseException] = []

    def fails(story: list[Op]) -> bool:
        try:
            play(template, root, kept, story)
        except AssertionError as e:
            error[:] = [e]
            return True
        return False

    if fails(ops):
        short = shrink(ops, fails, seconds=float(os.environ.get("SHRINK", "60")))
        assert fails(short)
        pytest.fail(f"{error[0]}\nafter: {short}")
