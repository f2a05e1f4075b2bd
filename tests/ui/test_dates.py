"""Dates, times and money are read as people write them here."""

from __future__ import annotations

from datetime import date

import pytest

from assessor_app.ui.widgets.dates import read_date, read_time
from assessor_app.workflow.plan_cells import typed_rupiah
from assessor_app.workflow.plan_values import Doubt


@pytest.mark.parametrize("typed", ["3 Juli 2023", "3 jul 2023", "3/7/2023", "3-7-23", "3.7.2023", "2023-07-03", "03 July 2023"])
def test_a_date_in_any_usual_form(typed: str) -> None:
    assert read_date(typed) == date(2023, 7, 3)


@pytest.mark.parametrize("typed", ["", "besok", "31 Februari 2023", "3/13/2023", "1 2 3 4"])
def test_what_is_no_date(typed: str) -> None:
    assert read_date(typed) is None


@pytest.mark.parametrize(("typed", "read"), [("9.30", "09:30"), ("09:30", "09:30"), ("930", "09:30"), ("24.00", None), ("x", None)])
def test_a_time(typed: str, read: str | None) -> None:
    assert read_time(typed) == read


@pytest.mark.parametrize(("typed", "amount"), [
    ("1.500.000", 1_500_000), ("Rp 1.500.000", 1_500_000), ("Rp1.500.000,00", 1_500_000), ("1,5 juta", 1_500_000), ("2 M", 2_000_000_000),
    ("1500000", 1_500_000), ("1,500,000", 1_500_000), ("0", 0), ("banyak", None), ("1.2.3", None)])
def test_rupiah(typed: str, amount: int | None) -> None:
    assert typed_rupiah(typed) == amount


@pytest.mark.parametrize("typed", ["9" * 26, "9" * 400, "1.000.000.000.000.001", "9999999 M"])
def test_more_than_any_programme_costs_is_no_amount(typed: str) -> None:
    with pytest.raises(Doubt, match=r"bukan jumlah uang|is no amount of money"):
        typed_rupiah(typed)
