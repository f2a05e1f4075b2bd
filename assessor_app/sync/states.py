"""Records as they stand at the server, and as lines that say only what the line before did not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from assessor_app.models.kinds import Value
from assessor_app.sync import codec
from assessor_app.sync.codec import dumps


@dataclass(slots=True)
class State:
    """Fields of a record as they stand at the server: news, or the correction of what a device believed."""

    scope: str
    kind: str
    id: str
    fields: dict[str, Value]
    versions: dict[str, str]
    by: str
    at: int


class Made(State):
    """A record that nobody changed since it was made, its fields the JSON as which they were stored: so they travel, unread."""

    __slots__ = ("text", "version")

    def __init__(self, scope: str, kind: str, record: str, text: str, version: str, by: str, at: int) -> None:
        self.scope, self.kind, self.id, self.text, self.version, self.by, self.at = scope, kind, record, text, version, by, at

    @property
    def fields(self) -> dict[str, Value]:  # type: ignore[override]
        """Its fields, read anew each time."""
        return dict(codec.loads(self.text))

    @property
    def versions(self) -> dict[str, str]:  # type: ignore[override]
        """All its fields are of one version."""
        return {"": self.version}


_PLAIN = re.compile(r"[0-9A-Za-z.-]*").fullmatch


def _quoted(value: Any) -> str:
    """Return an id or a version as JSON: nearly all of them need no more than quotation marks."""
    return f'"{value}"' if type(value) is str and _PLAIN(value) else dumps(value).decode()


class Thread:
    """What the line before said, so that the next says only what is new: scope, version, author, time."""

    def __init__(self) -> None:
        self.scope = ""
        self.device, self.counter = "", 0
        self.by, self.at = "", 0

    def line(self, s: State) -> bytes:
        """Return a state as ``["d", kind, id, fields, versions, by, at]``: 0 for the author before, times as steps."""
        by: Any = s.by if s.by != self.by else 0
        at = s.at - self.at
        self.by, self.at = s.by, s.at
        versions: Any = s.versions
        if len(versions) == 1 and (made := versions.get("")):
            versions = self._short(made)
        return dumps(["d", s.kind, s.id, s.fields, versions, by, at])

    def made(self, m: Made) -> bytes:
        """Return the same line of a record whose fields are JSON already."""
        by: Any = m.by if m.by != self.by else 0
        at = m.at - self.at
        self.by, self.at = m.by, m.at
        short = self._short(m.version)
        return (f'["d","{m.kind}",{_quoted(m.id)},{m.text},{short if type(short) is int else _quoted(short)},'
                f'{by if by == 0 else _quoted(by)},{at}]').encode()

    def state(self, line: list[Any]) -> State:
        """Read such a line."""
        _, kind, record, fields, versions, by, at = line[:7]
        if by != 0:
            self.by = by
        self.at += at
        if type(versions) is int:  # most often: a step further of the same device
            self.counter += versions
            versions = {"": f"{self.device}.{self.counter}.0"}
        elif type(versions) is not dict:
            versions = {"": self._long(versions)}
        return State(self.scope, kind, record, fields, versions, self.by, self.at)

    def _short(self, version: str) -> Any:
        device, _, rest = version.partition(".")
        counter, _, index = rest.partition(".")
        if not (counter.isdigit() and index.isdigit()):
            return version
        number = int(counter)
        ahead = number - self.counter if device == self.device else None
        self.device, self.counter = device, number
        if ahead is None:
            return version
        return ahead if index == "0" else f"{ahead}.{index}"

    def _long(self, short: Any) -> str:
        if isinstance(short, int):
            self.counter += short
            return f"{self.device}.{self.counter}.0"
        first, _, rest = short.partition(".")
        if "." not in rest:
            self.counter += int(first)
            return f"{self.device}.{self.counter}.{rest}"
        counter, _, index = rest.partition(".")
        if counter.isdigit() and index.isdigit():
            self.device, self.counter = first, int(counter)
        return str(short)
