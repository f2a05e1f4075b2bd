"""Interview guides: those that come with the program, that the centre publishes, and that were imported; and how a visit uses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import isolate, paths
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.catalogue import Instrument as InstrumentRecord
from assessor_app.models.guide import Guide, GuideQuestion, is_guide
from assessor_app.models.journal import Unit
from assessor_app.models.tables import Setting
from assessor_app.workflow.accounts import setting, store_settings

#: Settings of this device: an imported guide by its ref, and how a visit uses its guides.
_KEPT, _USED = "interview-guide:", "guide:"


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide as a visit uses it: its questions in the person's own order, and which were asked."""

    ref: str
    offered: tuple[Guide, ...]  # for the visit's stage in front
    questions: tuple[GuideQuestion, ...]
    asked: frozenset[str]
    reordered: bool


def read_guide(data: bytes) -> Guide:
    """Read a guide's workbook in a process of its own. Raises BadInput with all its faults."""
    return Guide.from_json(isolate.call("assessor_app.models.guide_workbook:read_guide_json", data))


def shipped_files() -> list[Path]:
    """Return the compiled guides that come with the program."""
    return sorted((paths.resources() / "guides").glob("*.json"))


@lru_cache(maxsize=32)
def _parsed(content: str) -> Guide:
    return Guide.from_json(content)


def guides(session: Session) -> list[Guide]:
    """Return all guides: shipped, published and not withdrawn, imported here. A content that a newer program wrote is passed over."""
    found = {guide.ref: guide for guide in (_parsed(file.read_text(encoding="utf-8")) for file in shipped_files())}
    withdrawn = set()
    for record in session.scalars(select(InstrumentRecord)):
        if not is_guide(record.content):
            continue
        if record.deleted:
            withdrawn.add(f"{record.form_id}@{record.version}")
            continue
        try:
            guide = _parsed(record.content)
        except ValueError:
            continue
        if guide.sha256 == record.sha256:
            found.setdefault(guide.ref, guide)
    for content in session.scalars(select(Setting.value).where(Setting.name.startswith(_KEPT))):
        guide = _parsed(str(content))
        found[guide.ref] = guide
    return [guide for ref, guide in found.items() if ref not in withdrawn]


def keep_guide(unit: Unit, guide: Guide) -> str:
    """Take a guide into the notebook; a version never changes. Returns its ref. Raises BadInput."""
    same = next((one for one in guides(unit.session) if one.ref == guide.ref), None)
    if same is not None and same.sha256 != guide.sha256:
        raise BadInput(t("Version {0} of this guide is here already, with other content.").format(guide.version),
                       hint=t("A published version never changes: give the new one another version."), kept=t("Nothing was imported."))
    unit.session.merge(Setting(name=_KEPT + guide.ref, value=guide.to_json()))
    return guide.ref


def view(session: Session, visit: str, stage: str) -> GuideView:
    """Return the guide that a visit uses: the one chosen there, otherwise the first for its stage."""
    offered = sorted(guides(session), key=lambda one: (one.stage != stage, bool(one.stage), one.title.id, one.version))
    used = setting(session, _USED + visit) or {}
    guide = next((one for one in offered if one.ref == used.get("ref")), offered[0] if offered else None)
    if guide is None:
        return GuideView("", (), (), frozenset(), False)
    told = used.get("guides", {}).get(guide.ref, {})
    place = {question: at for at, question in enumerate(told.get("order", ()))}
    questions = sorted(guide.questions, key=lambda one: place.get(one.id, len(place)))
    return GuideView(guide.ref, tuple(offered), tuple(questions), frozenset(told.get("asked", ())), bool(place))


def choose(unit: Unit, visit: str, ref: str) -> None:
    """Use another guide on a visit; order and marks of each are kept."""
    _change(unit, visit, ref, {})


def reorder(unit: Unit, visit: str, ref: str, order: Sequence[str]) -> None:
    """Keep the person's own order of a guide's questions; an empty one is the guide's again."""
    _change(unit, visit, ref, {"order": list(order)})


def mark_asked(unit: Unit, visit: str, ref: str, question: str, asked: bool) -> None:
    """Mark a question as asked on this visit, or take the mark back."""
    told = (setting(unit.session, _USED + visit) or {}).get("guides", {}).get(ref, {})
    marked = set(told.get("asked", ())) - {question}
    _change(unit, visit, ref, {"asked": sorted(marked | {question} if asked else marked)})


def _change(unit: Unit, visit: str, ref: str, told: dict[str, Any]) -> None:
    used = dict(setting(unit.session, _USED + visit) or {})
    all_ = dict(used.get("guides", {}))
    all_[ref] = {**all_.get(ref, {}), **told}
    store_settings(unit, **{_USED + visit: {"ref": ref, "guides": all_}})
