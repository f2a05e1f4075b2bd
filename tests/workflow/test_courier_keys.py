"""Keys of a notebook that was copied: two copies never sign as one device."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import select

from assessor_app import ids
from assessor_app.identity.couriers import CourierKeys
from assessor_app.models.catalogue import DeviceKey
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.sync import apply
from assessor_app.sync.states import State
from assessor_app.workflow import courier_keys
from assessor_app.workflow.accounts import Account
from tests.sync.loopback import Loopback, make_joined, open_cheaply


def test_a_copy_that_never_had_the_keys_of_its_device_goes_on_as_another(tmp_path: Path) -> None:
    """The notebook it was copied from has published keys since; the copy hears of them, and cannot use them."""
    server = Loopback(tmp_path / "server")
    a = make_joined(server, tmp_path / "a", "a")
    shutil.copytree(a.folder, tmp_path / "copy")
    key = a.notebook.key
    published = courier_keys.keys(a)
    server.sync(a)
    a.close()
    copy = open_cheaply(tmp_path / "copy", key)
    copy.device = copy.writer.device = a.device  # put back in the place of the first: nothing tells it from that
    with copy.reading() as session:
        assert not session.scalars(select(DeviceKey)).all()
    own = _heard(copy, a, published)
    assert copy.device != a.device
    assert courier_keys.keys(copy) == own
    with copy.reading() as session:
        told = {row.device: row.signing for row in session.scalars(select(DeviceKey))}
    assert told == {a.device: published.signing, copy.device: own.signing}
    copy.close()
    server.close()


def test_two_copies_that_published_keys_as_one_device_part(tmp_path: Path) -> None:
    """Neither knew of the other: the first that reached the centre counts, the second goes on as another device, and all agree."""
    server = Loopback(tmp_path / "server")
    a = make_joined(server, tmp_path / "a", "a")
    shutil.copytree(a.folder, tmp_path / "copy")
    copy = open_cheaply(tmp_path / "copy", a.notebook.key)
    copy.device = copy.writer.device = a.device
    first, second = courier_keys.keys(a), courier_keys.keys(copy)
    assert first.signing != second.signing
    server.sync(a)
    assert server.sync(copy).complete
    third = courier_keys.keys(copy)
    assert copy.device != a.device
    assert third.signing not in {first.signing, second.signing}
    for one in (a, copy, a, copy):
        assert server.sync(one).complete
    with copy.reading() as session:
        assert not session.scalars(select(Intent).where(Intent.state == "refused")).all()
    a.close()
    copy.close()
    server.close()


def _heard(copy: Account, of: Account, keys: CourierKeys) -> CourierKeys:
    record = ids.natural_id(Kind.KEY, of.profile, of.device)
    state = State("catalogue", Kind.KEY.value, record,
                  {"assessor": of.profile, "device": of.device, "signing": keys.signing, "recipient": keys.recipient},
                  {"": f"{of.device}.900.0"}, of.profile, 1)
    copy.writer.run(lambda unit: apply.news(unit, [state]), purpose="x", origin="sync")
    return courier_keys.keys(copy)
