"""The ways of opening a notebook: each opens, a wrong one does not, and no plain key is on the disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor_app import clock
from assessor_app.errors import BadInput, NotebookError, WrongKey
from assessor_app.identity.attempts import TooManyAttempts
from assessor_app.identity.keychain import KeychainError, KeychainOutcome, NoKeychain
from assessor_app.identity.recovery import MistypedCode, new_code, read_code
from assessor_app.identity.slots import COPY, FILE, KeySlots, SlotKind


class FakeKeychain:
    """A keyring in memory."""

    available = True
    locked = False

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


@pytest.fixture
def keychain() -> FakeKeychain:
    return FakeKeychain()


def test_every_way_of_opening_gives_the_same_key(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "482913", keychain)
    slots.add_passphrase(key, "perahu di atas Digoel")
    code = slots.add_recovery(key)
    again = KeySlots.load(tmp_path)
    assert again.kinds == {SlotKind.DEVICE, SlotKind.PASSPHRASE, SlotKind.RECOVERY}
    assert again.asks_for_pin
    assert again.open_with_pin("482913", keychain) == key
    assert again.open_with_passphrase(" perahu di atas Digoel ") == key
    assert again.open_with_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == key


def test_no_plain_key_on_disk(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "482913", keychain)
    code = slots.add_recovery(key)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (key, key.hex().encode(), *keychain.secrets.values(), code.encode(), b"482913"):
        assert secret not in stored


def test_wrong_ones_are_refused(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "1111", keychain)
    slots.add_passphrase(key, "satu dua tiga")
    old = slots.add_recovery(key)
    slots.add_recovery(key)
    with pytest.raises(WrongKey):
        slots.open_with_pin("1112", keychain)
    with pytest.raises(WrongKey):
        slots.open_with_passphrase("satu dua tigA")
    with pytest.raises(WrongKey):
        slots.open_with_code(old)
    with pytest.raises(WrongKey):
        slots.add_passphrase(b"x" * 32, "another notebook's key")
    with pytest.raises(BadInput):
        slots.add_passphrase(key, "short")


def test_another_machine_needs_passphrase_or_code(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path / "a")
    slots.add_device(key, "1111", keychain)
    slots.add_passphrase(key, "satu dua tiga")
    elsewhere = KeySlots.from_bytes(tmp_path / "b", slots.portable())
    assert elsewhere.kinds == {SlotKind.PASSPHRASE}
    with pytest.raises(KeychainError) as error:
        KeySlots.load(tmp_path / "a").open_with_pin("1111", FakeKeychain())
    assert error.value.outcome is KeychainOutcome.FAILED
    assert elsewhere.open_with_passphrase("satu dua tiga") == key
    other = FakeKeychain()
    elsewhere.add_device(key, "2222", other)
    assert elsewhere.open_with_pin("2222", other) == key


def test_pin_can_be_off_changed_and_removed(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "", keychain)
    assert not slots.asks_for_pin
    assert slots.open_with_pin("", keychain) == key
    slots.change_pin("", "9876", keychain)
    assert slots.asks_for_pin
    with pytest.raises(WrongKey):
        slots.open_with_pin("", keychain)
    assert slots.open_with_pin("9876", keychain) == key
    with pytest.raises(NotebookError):
        slots.remove(SlotKind.DEVICE, keychain)
    slots.add_recovery(key)
    slots.remove(SlotKind.DEVICE, keychain)
    assert not keychain.secrets
    with pytest.raises(WrongKey):
        KeySlots.load(tmp_path).open_with_pin("9876", keychain)


def test_without_a_keyring_a_passphrase_is_asked_each_session(tmp_path: Path) -> None:
    slots, key = KeySlots.create(tmp_path)
    with pytest.raises(KeychainError) as error:
        slots.add_device(key, "1234", NoKeychain())
    assert error.value.outcome is KeychainOutcome.NO_BACKEND
    slots.add_passphrase(key, "satu dua tiga", session=True)
    assert KeySlots.load(tmp_path).kinds == {SlotKind.SESSION}
    assert KeySlots.load(tmp_path).open_with_passphrase("satu dua tiga") == key


def test_wrong_pins_cost_time_also_after_a_restart(tmp_path: Path, keychain: FakeKeychain) -> None:
    start = datetime(2025, 7, 3, 9, 30, tzinfo=UTC)
    moment = start
    clock.set_source(lambda: moment)
    try:
        slots, key = KeySlots.create(tmp_path)
        slots.add_device(key, "1111", keychain)
        for _ in range(5):
            with pytest.raises(WrongKey):
                KeySlots.load(tmp_path).open_with_pin("0000", keychain)
        with pytest.raises(TooManyAttempts) as error:
            KeySlots.load(tmp_path).open_with_pin("1111", keychain)
        assert error.value.seconds == 30
        moment = start + timedelta(seconds=31)
        with pytest.raises(WrongKey):
            slots.open_with_pin("0000", keychain)
        assert slots.guard.seconds_to_wait() == 60
        moment = start - timedelta(days=400)  # a clock set back neither helps nor locks for ever
        assert slots.guard.seconds_to_wait() == 60
        moment += timedelta(seconds=61)
        assert slots.open_with_pin("1111", keychain) == key
        assert slots.guard.seconds_to_wait() == 0
    finally:
        clock.set_source(None)


def test_a_damaged_file_is_mended_from_its_copy(tmp_path: Path, keychain: FakeKeychain) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "1111", keychain)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:40])
    assert KeySlots.load(tmp_path).open_with_pin("1111", keychain) == key
    assert (tmp_path / FILE).read_bytes() == (tmp_path / COPY).read_bytes()
    for name in (FILE, COPY):
        (tmp_path / name).write_bytes(b'{"version": 1}')
    with pytest.raises(NotebookError):
        KeySlots.load(tmp_path)
    with pytest.raises(NotebookError):
        KeySlots.create(tmp_path)


@pytest.mark.parametrize("change", [
    {"version": 99},
    {"slots": [{"kind": "passphrase", "salt": "AAAA", "sealed": "AAAA",
                "stretching": {"memory": 1 << 30, "passes": 3, "lanes": 4}}]},
])
def test_a_newer_or_hostile_file_is_refused(tmp_path: Path, keychain: FakeKeychain, change: dict[str, object]) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_device(key, "1111", keychain)
    raw = json.loads((tmp_path / FILE).read_text()) | change
    for name in (FILE, COPY):
        (tmp_path / name).write_text(json.dumps(raw))
    with pytest.raises(NotebookError):
        KeySlots.load(tmp_path)


def test_a_slot_is_bound_to_its_place(tmp_path: Path) -> None:
    slots, key = KeySlots.create(tmp_path)
    slots.add_passphrase(key, "satu dua tiga")
    raw = json.loads((tmp_path / FILE).read_text())
    raw["slots"][0]["kind"] = "session"
    for name in (FILE, COPY):
        (tmp_path / name).write_text(json.dumps(raw))
    with pytest.raises(WrongKey):
        KeySlots.load(tmp_path).open_with_passphrase("satu dua tiga")


def test_recovery_code_notices_typing_mistakes() -> None:
    code = new_code()
    assert len(code.split("-")) == 7
    letters = code.replace("-", "")
    for position, letter in enumerate(letters):
        other = "7" if letter != "7" else "3"
        typed = letters[:position] + other + letters[position + 1 :]
        try:
            assert read_code(typed) != read_code(code)  # one in 1,024 passes the check, and then opens nothing
        except MistypedCode:
            continue
    for typed in ("", "ABC", code[:-1], code + "A", "Ж" + code[1:]):
        with pytest.raises(MistypedCode):
            read_code(typed)
