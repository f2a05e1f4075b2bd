"""The system's refusals in our words: nobody reads its English."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from assessor_app import given, i18n, refusals
from assessor_app.errors import AppError
from assessor_app.workflow import revisions


def test_a_folder_that_is_not_there_is_told_in_our_words(tmp_path: Path) -> None:
    for act in (lambda: revisions.write_whole(tmp_path / "none" / "a.pdf", b"x"), lambda: given.read(tmp_path / "none.pdf")):
        with pytest.raises(AppError) as fault:
            act()
        assert "There is no such file or folder." in str(fault.value)
        assert "No such file or directory" not in str(fault.value)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EIO, errno.EMLINK])
def test_the_systems_own_words_are_never_said(number: int) -> None:
    fault = OSError(number, os.strerror(number))
    assert os.strerror(number) not in refusals.why(fault)
    assert refusals.why(fault).endswith(".")
    i18n.set_language("id")
    try:
        assert refusals.why(OSError(errno.ENOSPC, "")) == "Disk penuh."
    finally:
        i18n.set_language("en")
