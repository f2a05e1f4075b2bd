"""The sample visit hangs together: every link leads somewhere, everything is marked as invented."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

from PIL import Image

from assessor_app import isolate, paths
from assessor_app.models import regions
from assessor_app.models.answers import read_answers
from assessor_app.models.instrument import Instrument
from assessor_app.models.scoring import evaluate, printed
from assessor_app.workflow import photo_reader
from assessor_app.workflow.plan_import import proposal_of
from assessor_app.workflow.plan_sheet import read_plan_sheet

SAMPLE = paths.resources() / "sample"


def load(name: str) -> Any:
    return json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))


@cache
def instrument() -> Instrument:
    """Read the instrument as the program does: in a process of its own."""
    data = (paths.resources() / "instruments" / f"{load('penilaian')['instrument']}.xlsx").read_bytes()
    return Instrument.from_json(isolate.call("assessor_app.models.instrument_workbook:read_workbook_json", data))


def test_notes_lead_to_persons_programmes_questions_and_photos() -> None:
    people = {person["key"] for person in load("orang")}
    name = "rencana-induk-boven-digoel.xlsx"
    numbers = {row.values["number"] for row in proposal_of(read_plan_sheet((SAMPLE / name).read_bytes(), name)).rows}
    notes = load("wawancara")
    assert [note["number"] for note in notes] == list(range(1, 9))
    for note in notes:
        assert 900 <= len(note["body"]) <= 3000
        assert set(note["persons"]) <= people
        assert set(note["programmes"]) <= numbers
        assert all(instrument().has(question) for question in note["questions"])
        assert all((SAMPLE / photo).exists() for photo in note["photos"])
    assert sum(len(note["photos"]) for note in notes) == 6


def test_visit_and_actions_name_known_people() -> None:
    visit = load("kunjungan")
    people = {person["key"]: person for person in load("orang")}
    assert regions.region(visit["region"]) is not None
    assert {*visit["officials"], visit["witness"], *(action["person"] for action in visit["actions"])} <= people.keys()
    assert "rekaan" in visit["contoh"]


def test_nobody_real_can_be_meant_and_one_gave_no_consent() -> None:
    people = load("orang")
    for person in people:
        assert "CONTOH" in person["remark"]
        assert person["role"] == "respondent" or (len(person["nip"]) == 18 and person["nip"].startswith("1900"))
    without = [person["key"] for person in people if person.get("consent") == "none"]
    assert len(without) == 1
    closed = {note["number"] for note in load("wawancara") if set(without) & set(note["persons"])}
    assert closed == {8}
    assert not any(closed & set(answer["evidence"]) for answer in load("penilaian")["answers"])


def test_the_scores_are_whole_and_every_one_has_its_reason() -> None:
    sheet = load("penilaian")
    assert {a["question"] for a in sheet["answers"]} == {q.id for q in instrument().questions()}
    assert all(a["reason"] for a in sheet["answers"])
    for answer in sheet["answers"]:
        if instrument().question(answer["question"]).evidence_required and answer["score"] != "-":
            assert answer["evidence"]
    given = read_answers(SAMPLE / "skor.csv", instrument())
    assert {g.question: g.score for g in given} == {a["question"]: a["score"] for a in sheet["answers"]}
    result = evaluate(instrument(), given)
    assert not result.provisional
    assert (printed(result.index), {"0", "-"} <= {g.score for g in given}) == ("2,60", True)
    panel = evaluate(instrument(), read_answers(SAMPLE / "jawaban.csv", instrument()))
    assert printed(panel.index) == "2,63"
    assert Counter(f["type"] for f in sheet["findings"]) == {"strength": 4, "weakness": 4, "recommendation": 5}


def test_photos_are_small_turned_as_cameras_turn_them_and_come_out_upright() -> None:
    turned = []
    for path in sorted(SAMPLE.glob("*.jpg")):
        assert path.stat().st_size <= 300_000
        with Image.open(path) as image:
            turned.append(image.getexif()[0x0112])
        photo = photo_reader.read(path.read_bytes())
        assert {photo["width"], photo["height"]} == {1200, 1600}
        assert photo["taken_at"].startswith("2024-07-0")
        assert -7 < photo["latitude"] < -6
        assert 140 < photo["longitude"] < 141
    assert sorted(set(turned)) == [1, 3, 6, 8]
    assert len(turned) == 6
