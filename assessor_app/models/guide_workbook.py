"""Read an interview guide from an XLSForm workbook, or say everything that is wrong with it at once."""

from __future__ import annotations

import re
from pathlib import Path

from assessor_app import given
from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t
from assessor_app.models.guide import TYPES, Guide, GuideQuestion
from assessor_app.models.instrument import Text
from assessor_app.models.instrument_table import GUIDE_SETTINGS, MAX_ROWS, Row, Table, read_table
from assessor_app.models.instrument_workbook import MAX_FAULTS, Open, Reader
from assessor_app.models.kinds import Stage
from assessor_app.models.workbooks import SheetRows, read_sheets


def read_guide(source: Path | bytes) -> Guide:
    """Return the guide of a workbook (a path, or its bytes); raises BadInput with all faults (sheet, row, reason)."""
    data = source if isinstance(source, bytes) else given.read(source, given.WORKBOOK)
    return _GuideReader(read_sheets(data, max_rows=MAX_ROWS, max_columns=100)).guide()


def read_guide_json(data: bytes) -> str:
    """Return ``read_guide`` as JSON: the form in which it crosses from the process that parsed the file."""
    return read_guide(data).to_json()


def read_either_json(data: bytes) -> str:
    """Return an instrument's or a guide's content, by whether any row has a weight. Raises BadInput with all faults."""
    sheets = read_sheets(data, max_rows=MAX_ROWS, max_columns=100)
    if not _weighted(sheets):
        return _GuideReader(sheets).guide().to_json()
    return Reader(sheets).instrument().to_json()


def _weighted(sheets: list[SheetRows]) -> bool:
    survey = next((sheet for sheet in sheets if sheet.name.strip().casefold() == "survey"), None)
    rows = [row for row in survey.rows if any(cell is not None for cell in row)] if survey is not None else []
    columns = [at for at, cell in enumerate(rows[0]) if str(cell).strip().casefold() == "weight"] if rows else []
    return any(at < len(row) and row[at] is not None for row in rows[1:] for at in columns)


class _GuideReader(Reader):
    """One reading: gathers every fault before it refuses."""

    def __init__(self, sheets: list[SheetRows]) -> None:
        super().__init__(sheets)
        self._choices: dict[str, dict[str, Text]] = {}
        self._questions: list[GuideQuestion] = []
        self._counts = [0]

    def guide(self) -> Guide:
        """Read the sheets; raise BadInput if anything was wrong anywhere."""
        self.refuse_sheets()
        tables = {"settings": read_table("settings", self._sheets.get("settings"), self.fault, GUIDE_SETTINGS),
                  "survey": read_table("survey", self._sheets.get("survey"), self.fault),
                  "choices": read_table("choices", self._sheets["choices"], self.fault) if self._filled("choices") else Table()}
        self._columns = {name: table.columns for name, table in tables.items()}
        settings = self._settings(tables["settings"].rows)
        stage = self._stage(tables["settings"].rows)
        self._read_lists(tables["choices"].rows)
        self._read_rows(tables["survey"].rows)
        if "survey" in self._sheets and not self._questions:
            self.fault("survey", 1, t("there is no question"))
        if self._faults:
            shown = self._faults[:MAX_FAULTS]
            if len(self._faults) > MAX_FAULTS:
                shown.append(nt("… and {n} more fault", "… and {n} more faults", len(self._faults) - MAX_FAULTS))
            raise BadInput(nt("The interview guide has {n} fault", "The interview guide has {n} faults", len(self._faults)), tuple(shown),
                           hint=t("Correct the workbook and import it again."), kept=t("Nothing was imported and nothing was changed."))
        return Guide(**settings, stage=stage, sha256="", questions=tuple(self._questions)).sealed()

    def _filled(self, name: str) -> bool:
        return name in self._sheets and any(cell is not None for row in self._sheets[name].rows for cell in row)

    def _stage(self, rows: list[Row]) -> str:
        stage = rows[0].get("stage").casefold() if rows else ""
        if stage and stage not in set(Stage):
            self.fault("settings", rows[0].number, t("“{0}” is no stage; it must be one of: {1}").format(stage, ", ".join(Stage)))
        return stage

    def _read_lists(self, rows: list[Row]) -> None:
        for row in rows:
            name, choice = row.get("list_name"), row.get("name")
            for column, value in (("list_name", name), ("name", choice)):
                if not value:
                    self.fault("choices", row.number, t("“{0}” is empty").format(column))
            label = self._text("choices", row, "label", required=True)
            if re.search(r"\s", choice):
                self.fault("choices", row.number, t("the name “{0}” must not hold a space").format(choice))
            if choice in self._choices.setdefault(name, {}):
                self.fault("choices", row.number, t("“{0}” stands twice in list “{1}”").format(choice, name))
            self._choices[name].setdefault(choice, label)

    def _read_rows(self, rows: list[Row]) -> None:
        stack: list[Open] = []
        said: list[Text] = []  # guidance that waits for the question it stands before
        for row in rows:
            kind = re.sub(r"^(begin|end|select)[ _](one|multiple|group)", r"\1_\2", " ".join(row.get("type").split()).casefold(), count=1)
            word = kind.partition(" ")[0]
            if row.get("weight"):
                self.fault("survey", row.number, t("a guide has no weights"))
            self._refuse(row, "evidence")
            if kind == "begin_group":
                self._open(row, stack)
            elif kind == "end_group":
                self._shut(row, stack)
            elif kind == "note":
                self._name(row, required=False)
                said.append(self._text("survey", row, "label", required=True))
            elif word in TYPES:
                self._ask(row, word, stack, said)
                said = []
            else:
                self.fault("survey", row.number, t("type “{0}” is not used in a guide").format(row.get("type"))
                           if kind else t("“{0}” is empty").format("type"))
        self._check_end(rows, stack, bool(said))

    def _open(self, row: Row, stack: list[Open]) -> None:
        name = self._name(row)
        dimension, sub = self._dimension(row, stack)
        label = self._text("survey", row, "label", required=True)
        self._counts[-1] += 1
        code = ".".join(map(str, self._counts))
        stack.append(Open(row.number, name, code, label, Text(), None, dimension, sub, ""))
        self._counts.append(0)

    def _shut(self, row: Row, stack: list[Open]) -> None:
        if not stack:
            self.fault("survey", row.number, t("end_group without a group"))
            return
        done = stack.pop()
        if self._counts.pop() == 0:
            self.fault("survey", done.row, t("group “{0}” has no question").format(done.id))
        if row.get("name") not in ("", done.id):
            self.fault("survey", row.number, t("end_group names “{0}” but “{1}” is open").format(row.get("name"), done.id))

    def _ask(self, row: Row, word: str, stack: list[Open], said: list[Text]) -> None:
        name = self._name(row)
        choices: tuple[Text, ...] = ()
        words = row.get("type").replace("select one", "select_one", 1).replace("select multiple", "select_multiple", 1).split()
        if word.startswith("select"):
            if len(words) != 2:
                self.fault("survey", row.number, t("“{0}” must name one list of choices").format(word))
            elif words[1] not in self._choices:
                self.fault("survey", row.number, t("list “{0}” is not in sheet “choices”").format(words[1]))
            else:
                choices = tuple(self._choices[words[1]].values())
        elif len(words) != 1:
            self.fault("survey", row.number, t("type “{0}” is not used in a guide").format(row.get("type")))
        dimension, sub = self._dimension(row, stack)
        label = self._text("survey", row, "label", required=True)
        parts = [*said, self._text("survey", row, "hint", required=False)]
        hint = Text("\n".join(filter(None, (part.id for part in parts))), "\n".join(filter(None, (part.en for part in parts))))
        self._counts[-1] += 1
        self._questions.append(GuideQuestion(name, ".".join(map(str, self._counts)), label, hint, word, choices, dimension, sub,
                                             stack[-1].label if stack else Text()))
