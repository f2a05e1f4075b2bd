"""A broken CSV file is told in the person's words: the line, what is wrong, what to do, and that nothing was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assessor_app import i18n
from assessor_app.errors import BadInput
from assessor_app.models.answers import read_answers
from assessor_app.models.innovation_table import read_innovations
from assessor_app.workflow.survey_sheet import read_survey_sheets
from tests.models.test_scoring import shape

_READERS: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "answers": (b"question,assessor,score\nq1,a,3\n", lambda data: read_answers(data, shape(("a", 100, 2)))),
    "innovations": (b"tahun,daerah,inovasi\n2023,Kab. Sleman,Kompos\n", lambda data: read_innovations(data, "daftar.csv")),
    "survey": (b"nama,layanan,p1\nWarga,PLTS,3\n", lambda data: read_survey_sheets(data, "survei.csv")),
}


@pytest.mark.parametrize("reader", list(_READERS))
@pytest.mark.parametrize(("row", "said"), [
    (b'"Warga,Kouh,3\nWarga,Kouh,4\n', "Line 3: a quotation mark that opens in this row is closed nowhere"),
    (b'Warga,"Kouh" lama,3\n', 'Line 3: text stands behind a closing quotation mark; one within a text is written twice ("")'),
    (b"Warga," + b"x" * 140_000 + b",3\n", "Line 3: a cell is longer than 131,072 characters")])
def test_a_broken_row_is_named(reader: str, row: bytes, said: str) -> None:
    head, read = _READERS[reader]
    with pytest.raises(BadInput) as fault:
        read(head + row)
    assert fault.value.faults == (said,)
    assert "correct that line" in fault.value.hint
    assert fault.value.kept.startswith("Nothing was")
    assert fault.value.message == ""
    i18n.set_language("id")
    with pytest.raises(BadInput) as fault:
        read(head + row)
    assert fault.value.faults[0].startswith("Baris 3: ")
    assert "line" not in str(fault.value).casefold()
