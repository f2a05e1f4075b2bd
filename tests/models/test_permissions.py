"""The table of docs/permissions.md is what the rules say, role by role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Action, Actor, Facts, Role, may, may_at_centre

DOC = Path(__file__).parents[2] / "docs/permissions.md"


def rows() -> dict[str, dict[str, str]]:
    """Return the lines of the table of the centre's pages: action → role → what it says."""
    text = DOC.read_text(encoding="utf-8").partition("## At the centre's pages")[2]
    lines = [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in text.splitlines() if line.startswith("| `")]
    return {line[0].strip("`"): dict(zip(("assessor", "coordinator", "secretariat"), line[-3:], strict=True)) for line in lines}


def test_the_page_for_people_names_every_action_and_says_what_the_rule_says() -> None:
    table = rows()
    assert set(table) == {action.value for action in Action} - {"read", "write"}
    for action, said in table.items():
        for role in Role:
            here = may_at_centre(Actor(frozenset({"x"}), role, frozenset({"93.02"})), Action(action), "93.02")
            elsewhere = may_at_centre(Actor(frozenset({"x"}), role, frozenset({"93.02"})), Action(action), "11.72")
            expected = {"yes": (True, True), "assigned regions": (True, False), "no": (False, False)}[said[role.value]]
            assert (here, elsewhere) == expected, (action, role)


@pytest.mark.parametrize("state", ["stored", "approved", "returned"])
@pytest.mark.parametrize("kind", [Kind.SHEET, Kind.DOCUMENT])
def test_only_the_secretariat_says_the_centres_word(kind: Kind, state: str) -> None:
    facts = Facts(owner="a", locked=True, sets={"state": state})
    assert not may(Actor(frozenset({"a"})), Action.WRITE, kind, "sheet:s", "r", facts)
    assert not may(Actor(frozenset({"a"}), offline=True), Action.WRITE, kind, "sheet:s", "r", facts)
    assert may(Actor(frozenset({"z"}), Role.SECRETARIAT), Action.WRITE, kind, "sheet:s", "r", facts)


def test_the_secretariat_writes_a_remark_on_what_was_signed_and_nothing_else_in_anothers_sheet() -> None:
    centre = Actor(frozenset({"z"}), Role.SECRETARIAT)
    remark = {"remark": "x"}
    assert may(centre, Action.WRITE, Kind.DOCUMENT, "sheet:s", "d", Facts("a", True, sets=remark))
    assert not may(centre, Action.WRITE, Kind.DOCUMENT, "sheet:s", "d", Facts("a", False, sets=remark))
    assert not may(centre, Action.WRITE, Kind.DOCUMENT, "sheet:s", "d", Facts("a", True, sets={"number": "2"}))
    assert not may(centre, Action.WRITE, Kind.ANSWER, "sheet:s", "x", Facts("a", False, sets={"score": "4"}))
    assert not may(centre, Action.WRITE, Kind.SHEET, "sheet:s", "s", Facts("a", True, sets={"state": "draft"}))
    assert not may(Actor(frozenset({"k"}), Role.COORDINATOR), Action.WRITE, Kind.DOCUMENT, "sheet:s", "d", Facts("a", True, sets=remark))


def test_the_secretariat_alone_says_which_key_is_an_offices_and_nothing_else_of_it() -> None:
    centre, owner = Actor(frozenset({"z"}), Role.SECRETARIAT), {"assessor": "a"}
    office = {"receiving_office": "Diskominfo"}

    def may_write(actor: Actor, **sets: str) -> bool:
        return may(actor, Action.WRITE, Kind.KEY, "catalogue", "k", Facts(values=owner, sets=sets))

    assert may_write(centre, **office)
    assert not may_write(centre, signing="x")
    assert not may_write(centre, signing="x", **office)
    for actor in (Actor(frozenset({"a"})), Actor(frozenset({"a"}), offline=True), Actor(frozenset({"a"}), Role.COORDINATOR)):
        assert not may_write(actor, **office)
        assert not may_write(actor, signing="x", **office)
        assert may_write(actor, signing="x")


def test_the_author_signs_and_cosigns_as_before() -> None:
    author = Actor(frozenset({"a"}))
    for state in ("signed", "cosigned"):
        assert may(author, Action.WRITE, Kind.DOCUMENT, "sheet:s", "d", Facts("a", True, sets={"state": state}))
    assert not may(author, Action.WRITE, Kind.ANSWER, "sheet:s", "x", Facts("a", True))
