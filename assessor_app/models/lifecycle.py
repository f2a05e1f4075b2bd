"""The states of a score sheet and of a document, and the steps between them."""

from __future__ import annotations

from assessor_app.models.kinds import SheetState

_STEPS: dict[SheetState, frozenset[SheetState]] = {
    SheetState.DRAFT: frozenset({SheetState.READY, SheetState.SIGNED}),
    SheetState.READY: frozenset({SheetState.DRAFT, SheetState.SIGNED}),
    SheetState.SIGNED: frozenset({SheetState.COSIGNED, SheetState.STORED}),
    SheetState.COSIGNED: frozenset({SheetState.STORED}),
    SheetState.STORED: frozenset({SheetState.APPROVED, SheetState.RETURNED}),
    SheetState.RETURNED: frozenset(),  # corrected as a new version that names the old: see _AGAIN
    SheetState.APPROVED: frozenset(),
}

#: What a return lets its author do: begin the next version, which names the one that was returned. Never a way to an approval.
_AGAIN = {SheetState.RETURNED: SheetState.DRAFT}

_OPEN = frozenset({SheetState.DRAFT, SheetState.READY})


def state_of(text: str) -> SheetState:
    """Read a stored state; an empty one is a draft."""
    return SheetState(text or SheetState.DRAFT)


def may_follow(before: str, after: str) -> bool:
    """Tell whether a state may follow another; staying is always allowed."""
    here = state_of(before)
    return before == after or state_of(after) in _STEPS[here] or _AGAIN.get(here) is state_of(after)


def way(before: str, after: SheetState) -> list[SheetState]:
    """Return the states that lead from one to another, the last included; nothing where no way does, or none is needed."""
    here = state_of(before)
    ways: list[list[SheetState]] = [[step] for step in sorted(_STEPS[here])]
    for path in ways:  # grows while it is read: the shortest come first
        if path[-1] is after:
            return path
        ways += [[*path, step] for step in sorted(_STEPS[path[-1]]) if step not in {here, *path}]
    return []


def locked(state: str) -> bool:
    """Tell whether content in this state is signed and never changes again."""
    return state_of(state) not in _OPEN
