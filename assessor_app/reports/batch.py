"""Many documents in one go: laid out in processes of their own, a few ahead of the one that is written."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from assessor_app.reports.content import Frame

_AHEAD: Final = 2  # documents in work or waiting for each process: never all of them in memory
_RENEW: Final = 120  # documents after which a process is replaced: what libraries keep is given back


def run(jobs: Iterable[tuple[str, Frame]], processes: int = 2) -> Iterator[tuple[str, bytes]]:
    """Yield the finished document of each (name, content), in their order; ``processes`` work beside this one."""
    waiting: deque[tuple[str, Future[bytes]]] = deque()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), max_tasks_per_child=_RENEW) as pool:
        for name, content in jobs:
            waiting.append((name, pool.submit(_make, content)))
            if len(waiting) >= processes * _AHEAD:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[tuple[str, Future[bytes]]]) -> tuple[str, bytes]:
    name, future = waiting.popleft()
    return name, future.result()


def _make(content: Frame) -> bytes:
    from assessor_app.reports import finishing

    made = finishing.make(content)
    gc.collect()  # pages and writers point at each other
    return made
