"""What the server is believed to hold, by the digest that it would have: what waits here is looked through to what it builds on."""

from __future__ import annotations

from collections.abc import Collection

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import PENDING, State
from assessor_app.models.records import CREATED
from assessor_app.models.tables import Held, Intent, Pristine
from assessor_app.sync.digests import digest_line, digest_made


def local_digest(session: Session, scope: str) -> str:
    """Return the digest of what the server is believed to hold of a scope: pristine versions under pending ones."""
    return local_digests(session, [scope])[scope]


def local_digests(session: Session, scopes: Collection[str], *, sent: bool = False) -> dict[str, str]:
    """Return the same of many scopes; with ``sent`` as if the server had applied what was made here and is on its way."""
    states = (State.OPEN, State.HELD, State.REFUSED) if sent else (*PENDING, State.REFUSED)
    pending, bases, own = _pending(session, states)  # what was typed on something that had left keeps no pristine value of its own
    pristine: dict[tuple[str, str], dict[str, str]] = {}
    for kind_, record_, field_, version_ in session.execute(select(Pristine.kind, Pristine.record, Pristine.field, Pristine.version)):
        pristine.setdefault((kind_, record_), {})[field_] = version_
    connection = session.connection()
    totals = dict.fromkeys(scopes, 0)
    names = list(totals)
    for start in range(0, len(names), _IN):
        part = tuple(names[start:start + _IN])
        for kind, entity in ENTITIES.items():
            wire = kind.value
            statement = f"SELECT scope, id, versions FROM {entity.__tablename__} WHERE scope IN ({', '.join('?' * len(part))})"
            for scope, record, text in connection.exec_driver_sql(statement, part).all():
                if pending and (own_made := pending.get((wire, record))) and orjson.loads(text).get(CREATED) in own_made:
                    continue
                under = pristine.get((wire, record)) if pristine else None
                if under and CREATED in under:
                    continue  # a restored server does not have it, or not yet again
                if bases and (based := bases.get((wire, record))):
                    under = _under(orjson.loads(text), based, own) | (under or {})
                if not under and text.count('"') == 4 and text.startswith('{"":"'):  # nobody changed it since it was made
                    totals[scope] += digest_made(wire, record, text[5:-2])
                    continue
                versions = orjson.loads(text)
                if under:
                    made = ("", versions.get(CREATED, ""))
                    versions = {n: v for n, v in versions.items() if n not in under} | {n: v for n, v in under.items() if v not in made}
                totals[scope] += digest_line(wire, record, versions)
        for held in session.scalars(select(Held).where(Held.scope.in_(part))):
            totals[held.scope] += digest_line(held.kind, held.record, held.content["versions"])
    return {scope: f"{total % (1 << 128):032x}" for scope, total in totals.items()}


_IN = 400  # scopes that one query asks for


def _under(versions: dict[str, str], bases: dict[str, str], own: set[str]) -> dict[str, str]:
    """Return the bases of fields that stand as a pending intent left them; where something newer came, that is what the server holds."""
    return {name: base for name, base in bases.items() if versions.get(name) in own}


def _pending(session: Session, states: Collection[State]
             ) -> tuple[dict[tuple[str, str], set[str]], dict[tuple[str, str], dict[str, str]], set[str]]:
    """Return the records that intents of these states make, under which versions, what each field that they set builds on, and the
    versions that they give.
    """
    made: dict[tuple[str, str], set[str]] = {}
    bases: dict[tuple[str, str], dict[str, list[str]]] = {}
    own: set[str] = set()
    found = session.execute(select(Intent.device, Intent.counter, Intent.state, Intent.changes).where(Intent.state.in_(states)))
    for device, counter, state, changes in found:
        for index, change in enumerate(changes):
            if change[0] == "+":
                made.setdefault((change[1], change[2]), set()).add(f"{device}.{counter}.{index}")
            elif change[0] == "=" and state != State.REFUSED:
                own.add(f"{device}.{counter}.{index}")
                bases.setdefault((change[1], change[2]), {}).setdefault(change[3], []).append(change[4])
    under = {record: {name: next((base for base in seen if base not in own), "") for name, seen in fields.items()}
             for record, fields in bases.items()}
    return made, under, own
