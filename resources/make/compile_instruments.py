"""Write the compiled form of each shipped instrument beside its workbook, so that no spreadsheet is parsed at start."""

from __future__ import annotations

from pathlib import Path

from assessor_app.models.instrument_workbook import read_workbook


def main() -> None:
    """Compile all workbooks of ``resources/instruments``."""
    for workbook in sorted((Path(__file__).parent.parent / "instruments").glob("*.xlsx")):
        workbook.with_suffix(".json").write_text(read_workbook(workbook).to_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
