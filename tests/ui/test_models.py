"""Qt's own tester on every item model."""

from __future__ import annotations

from pytestqt.modeltest import ModelTester

from assessor_app.ui.models.rows import Column, IdRole, RowsModel
from assessor_app.ui.models.visits import VisitsModel
from assessor_app.workflow.queries.visits import VisitRow


def visit(name: str) -> VisitRow:
    return VisitRow(name, "93.02", "Kab. Boven Digoel", "Papua Selatan", "evaluation", 2024, "2024-07-02", "2024-07-04", "draft", 3, "WIT")


def test_visits(qtmodeltester: ModelTester) -> None:
    model = VisitsModel()
    qtmodeltester.check(model)
    model.set_rows([visit("a"), visit("b")])
    model.set_rows([visit("a"), visit("c")])
    assert model.index(1).data(IdRole) == "c"
    assert "93.02" in str(model.index(0).data(11))  # AccessibleTextRole


def test_rows(qtmodeltester: ModelTester) -> None:
    said: list[str] = []
    taken: list[tuple[str, str]] = []

    def edit(row: tuple[str, str], text: str) -> str:
        if text == "x":
            return "salah"
        taken.append((row[0], text))
        return ""

    model = RowsModel[tuple[str, str]]([Column("Nama", lambda r: r[1], edit=edit)], lambda r: r[0], wrong=said.append)
    model.set_rows([("1", "satu"), ("2", "dua")])
    qtmodeltester.check(model)
    assert not model.setData(model.index(0, 0), "x")
    assert said == ["salah"]
    assert model.setData(model.index(1, 0), "tiga")
    assert taken == [("2", "tiga")]
