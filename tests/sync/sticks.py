"""Sticks between devices and the centre: packed, taken in twice and in any order, copied, cut, altered, forged."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_app.errors import AppError, BadInput
from assessor_app.identity.couriers import seal
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.sync import envelope
from assessor_app.sync.envelope import Parcel
from assessor_app.sync.intents import WireIntent
from assessor_app.workflow import courier, courier_keys
from assessor_server import courier as centre
from assessor_server import syncing as server_syncing

if TYPE_CHECKING:
    from tests.sync.world import World

_MOST = 8


class Sticks:
    """All files that lie about; a device may take any of them in at any time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.files: list[Path] = []

    def _fresh(self) -> Path:
        return self.world.root / f"{next(self.world.numbers)}{courier.SUFFIX}"

    def _lay(self, file: Path) -> None:
        self.files = [*self.files[-_MOST:], file]

    def op_pack(self, d: int, n: int, m: int) -> None:
        """Put on a stick what waits, or all of the visit."""
        file = self._fresh()
        try:
            courier.pack(self.world.seats[d].account, file, visit=self.world.visit if m % 4 == 0 else "")
        except AppError:
            return  # there is nothing to carry
        self._lay(file)

    def op_stick(self, d: int, n: int, m: int) -> None:
        """Take a stick in, perhaps twice."""
        if self.files:
            for _ in range(1 + m % 2):
                courier.take_in(self.world.seats[d].account, self.files[n % len(self.files)])

    def op_centre(self, d: int, n: int, m: int) -> None:
        """Hand a stick in at the centre, which gives a file of receipts back."""
        if not self.files:
            return
        server = self.world.server
        data = self.files[n % len(self.files)].read_bytes()
        verdicts, _, _ = server_syncing.take_carried(server.store, server.blobs, [data])
        if verdicts and m % 2:
            with server.store.transaction() as connection:
                reply = centre.reply(connection, verdicts)
            file = self._fresh()
            file.write_bytes(reply)
            self._lay(file)

    def op_spoilt(self, d: int, n: int, m: int) -> None:
        """A stick is cut short or altered: it is refused whole, or, where it is for others, carried and refused at the centre."""
        if not self.files:
            return
        data = bytearray(self.files[n % len(self.files)].read_bytes())
        at = random.Random(m)
        if m % 2:
            del data[at.randrange(200, len(data)):]
        else:
            data[at.randrange(200, len(data))] ^= 1 << at.randrange(8)
        file = self._fresh()
        file.write_bytes(data)
        account = self.world.seats[d].account
        try:
            assert courier.take_in(account, file).sealed
        except BadInput:
            return
        server_syncing.take_carried(self.world.server.store, self.world.server.blobs, [bytes(data)])

    def op_forged(self, d: int, n: int, m: int) -> None:
        """Somebody writes in a colleague's name, under his own signature: into a note, or a note of its own."""
        world = self.world
        victim, forger, reader = (world.seats[(d + k) % len(world.seats)].account for k in range(3))
        note = world.pick(d, Interview, n)
        if note is None or victim.device == forger.device:
            return
        scope = visit_scope(world.visit)
        change = ["=", Kind.INTERVIEW.value, note.id, "title", note.version_of("title"), "palsu"]
        intent = WireIntent(victim.device, 5000 + m, 1, "x", scope, [change])
        forged = envelope.pack(victim.device, [intent], courier_keys.keys(forger).sign)
        with world.server.store.transaction() as connection:
            recipient = centre.keys(connection).recipient
        parcel = envelope.pack_parcel(Parcel(server=recipient, by=forger.device, envelopes=[forged]))
        data = seal(parcel, [recipient, courier_keys.keys(reader).recipient])
        file = self._fresh()
        file.write_bytes(data)
        try:
            told = courier.take_in(reader, file)
            assert not told.merged
        except BadInput:
            pass
        verdicts, _, _ = server_syncing.take_carried(world.server.store, world.server.blobs, [data])
        assert verdicts == []
