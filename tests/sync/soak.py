"""Fresh stories of thousands of steps until the time is over; a story that goes wrong is reduced and printed.

    python -m tests.sync.soak SECONDS [SEED]        with SEED, that one story alone
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from assessor_app import i18n
from tests.sync.test_properties import plan, play, shrink
from tests.sync.world import Op, make_template

_LENGTHS = (80, 300, 2500)
#: After so many steps of a long story everybody rests, and all must hold.
_REST = 120


def story(seed: int) -> list[Op]:
    """Return the story of a seed."""
    length = random.Random(seed).choice(_LENGTHS)
    ops = plan(seed, length)
    return [op for number, op in enumerate(ops, 1) for op in ([op, ("rest", 0, 0, 0)] if number % _REST == 0 else [op])]


def main() -> int:
    """Play until the time is over; return 1 where a story went wrong."""
    seconds, only = float(sys.argv[1]), [int(word) for word in sys.argv[2:]]
    base = Path(tempfile.mkdtemp(prefix="soak"))
    os.environ["ASESOR_HOME"] = str(base / "home")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    i18n.set_language("en")
    root, kept = base / "live", base / "kept"
    template = make_template(root)
    shutil.copytree(root, kept)
    end, stories, steps = time.monotonic() + seconds, 0, 0
    seeds = iter(only) if only else iter(lambda: random.SystemRandom().randrange(1 << 32), None)
    try:
        for seed in seeds:
            if time.monotonic() > end:
                break
            ops = story(seed)
            print(f"seed {seed}: {len(ops)} steps", flush=True)
            try:
                play(template, root, kept, ops)
            except Exception as e:
                traceback.print_exc()
                _reduce(template, root, kept, ops, seed, _place(e))
                return 1
            stories, steps = stories + 1, steps + len(ops)
        print(f"{stories} stories, {steps} steps: all agree, nothing is lost")
        return 0
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _place(error: BaseException) -> str:
    """Return where an error was raised: a shorter story must go wrong in the same way."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {frame.filename}:{frame.lineno}"


def _reduce(template: dict[str, object], root: Path, kept: Path, ops: list[Op], seed: int, place: str) -> None:
    fault: list[BaseException] = []

    def fails(part: list[Op]) -> bool:
        try:
            play(template, root, kept, part)
        except Exception as e:
            fault[:] = [e]
            return _place(e) == place
        return False

    short = shrink(ops, fails, seconds=float(os.environ.get("SHRINK", "600")))
    fails(short)
    print(f"seed {seed}, reduced to {len(short)} steps:\n{short}\n{type(fault[0]).__name__}: {fault[0]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
