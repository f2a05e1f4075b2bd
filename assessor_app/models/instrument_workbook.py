"""Read an instrument from an XLSForm workbook, or say everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from assessor_app import given
from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t
from assessor_app.models.instrument import Choice, Group, Instrument, Note, Question, Text
from assessor_app.models.instrument_table import BANDS, LANGUAGES, MAX_ROWS, SHEETS, Row, read_table
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.models.workbooks import SheetRows, read_sheets

MAX_FAULTS = 200
#: Sheets of XLSForm that would change what the form does; any other sheet is the author's own paper.
_REFUSED_SHEETS = ("external_choices", "entities", "osm")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?")
#: The codes of dimensions and sub-dimensions by what a person may write for them.
_DIMENSION_CODES = {**{code: code for code in DIMENSION_NAMES},
                    **{name.casefold(): code for code, name in DIMENSION_NAMES.items()}}
#: A sum of weights such as 6 × 16.6666666666667 is 100 to anyone but the machine.
_TOLERANCE = Fraction(1, 10**9)


def read_workbook(source: Path | str | bytes) -> Instrument:
    """Return the instrument of a workbook (a path, or its bytes); raises BadInput with all faults (sheet, row, reason).

    Its SHA-256 is over the content, so the same questions saved by another program have the same hash.
    """
    if isinstance(source, bytes):
        data = source
    else:
        data = given.read(Path(source), given.WORKBOOK)
    return Reader(read_sheets(data, max_rows=MAX_ROWS, max_columns=100)).instrument()


def read_workbook_json(data: bytes) -> str:
    """Return ``read_workbook`` as JSON: the form in which it crosses from the process that parsed the file."""
    return read_workbook(data).to_json()


def _number(text: str) -> Fraction | None:
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def plain_number(value: Fraction) -> str:
    """Return a score in its one spelling: ``4`` for 4.0, ``1.5`` for 1.50."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12f}".rstrip("0")


@dataclass
class Open:
    """A group whose end has not been met yet."""

    row: int
    id: str
    code: str
    label: Text
    hint: Text
    weight: Fraction | None
    dimension: str
    sub_dimension: str
    aspect: str
    items: list[Group | Question | Note] = field(default_factory=list)
    count: int = 0


class Reader:
    """One reading: gathers every fault before it refuses."""

    def __init__(self, sheets: list[SheetRows]) -> None:
        self._faults: list[str] = []
        self._sheets = {sheet.name.strip().casefold(): sheet for sheet in sheets}
        self._columns: dict[str, set[str]] = {}
        self._names: dict[str, int] = {}
        self._lists: dict[str, tuple[Choice, ...]] = {}
        self._aspects: list[tuple[int, Group]] = []

    def fault(self, sheet: str, row: int, reason: str) -> None:
        """Note what is wrong, and where."""
        self._faults.append(t("Sheet “{0}”, row {1}: {2}").format(sheet, row, reason))

    def instrument(self) -> Instrument:
        """Read the three sheets; raise BadInput if anything was wrong anywhere."""
        self.refuse_sheets()
        rows: dict[str, list[Row]] = {}
        for name in SHEETS:
            table = read_table(name, self._sheets.get(name), self.fault)
            rows[name], self._columns[name] = table.rows, table.columns
        settings = self._settings(rows["settings"])
        self._read_choices(rows["choices"])
        bands = self._bands()
        self._read_survey(rows["survey"])
        self._check_whole()
        if self._faults:
            shown = self._faults[:MAX_FAULTS]
            if len(self._faults) > MAX_FAULTS:
                rest = len(self._faults) - MAX_FAULTS
                shown.append(nt("… and {n} more fault", "… and {n} more faults", rest))
            count = len(self._faults)
            raise BadInput(
                nt("The instrument has {n} fault", "The instrument has {n} faults", count), tuple(shown),
                hint=t("Correct the workbook and import it again."),
                kept=t("Nothing was imported and nothing was changed."))
        return Instrument(**settings, sha256="", aspects=tuple(group for _, group in self._aspects), bands=bands).sealed()

    def refuse_sheets(self) -> None:
        """Note the sheets that would change what the form does."""
        for name in _REFUSED_SHEETS:
            if name in self._sheets and any(any(row) for row in self._sheets[name].rows[1:]):
                self.fault(name, 1, t("this sheet is not used in an instrument"))

    def _text(self, sheet: str, row: Row, base: str, *, required: bool) -> Text:
        """Return a translated cell; both languages or none, and none only where it may be empty."""
        text = Text(row.get(f"{base}:id"), row.get(f"{base}:en"))
        if text or required:
            for code, language in LANGUAGES.items():
                if not row.get(f"{base}:{code}") and (f"{base}:{code}" in self._columns[sheet] or not required):
                    self.fault(sheet, row.number, t("{0} is missing in {1}").format(base, language))
        if "${" in text.id + text.en:
            self.fault(sheet, row.number, t("references such as ${…} are not used in an instrument"))
        return text

    # -- settings

    def _settings(self, rows: list[Row]) -> dict[str, Any]:
        row = rows[0] if rows else Row(2, {})
        if len(rows) > 1:
            self.fault("settings", rows[1].number, t("only one row of settings is allowed"))
        for name in ("form_title", "form_id", "version"):
            if not row.get(name) and (rows or name == "form_id"):
                self.fault("settings", row.number, t("“{0}” is empty").format(name))
        if row.get("form_id") and not re.fullmatch(r"[\w.-]{1,100}", row.get("form_id")):
            self.fault("settings", row.number, t("form_id may hold letters, digits, “-”, “_” and “.” only"))
        year = row.get("year")
        if year and not re.fullmatch(r"(19|20|21)[0-9]{2}", year):
            self.fault("settings", row.number, t("“{0}” is not a year").format(year))
            year = ""
        official = row.get("official").casefold()
        if official not in ("", "yes", "no", "true", "false", "ya", "tidak"):
            self.fault("settings", row.number, t("“official” must be yes or no"))
        language = row.get("default_language")
        if language and not any(language.casefold() in (code, name.casefold()) or language.endswith(f"({code})")
                                for code, name in LANGUAGES.items()):
            self.fault("settings", row.number, t("default_language must be one of: {0}").format(
                ", ".join(LANGUAGES.values())))
        title = row.get("form_title")
        return {"form_id": row.get("form_id"), "version": row.get("version"),
                "title": Text(title, row.get("title_en") or title), "year": int(year) if year else None,
                "cohort": row.get("cohort"), "publisher": row.get("publisher"),
                "official": official in ("yes", "true", "ya")}

    # -- choices

    def _read_choices(self, rows: list[Row]) -> None:
        lists: dict[str, dict[Fraction, Choice]] = {}
        for row in rows:
            name, score = row.get("list_name"), row.get("name")
            if not name:
                self.fault("choices", row.number, t("“{0}” is empty").format("list_name"))
            label = self._text("choices", row, "label", required=True)
            anchors = lists.setdefault(name, {})
            value = _number(score)
            if value is None:
                self.fault("choices", row.number, t("the score “{0}” is not a number").format(score) if score
                           else t("“{0}” is empty").format("name"))
            elif value in anchors:
                self.fault("choices", row.number, t("score {0} stands twice in list “{1}”").format(score, name))
            else:
                anchors[value] = Choice(plain_number(value), label)
        self._lists = {name: tuple(anchors[value] for value in sorted(anchors)) for name, anchors in lists.items()}

    # -- bands

    def _bands(self) -> tuple[tuple[Fraction, Text], ...]:
        """Return what an index is called; nothing where the workbook has no such sheet, or an empty one."""
        sheet = self._sheets.get(BANDS)
        if sheet is None or not any(cell is not None for row in sheet.rows for cell in row):
            return ()
        table = read_table(BANDS, sheet, self.fault)
        self._columns[BANDS] = table.columns
        found: dict[Fraction, Text] = {}
        for row in table.rows:
            text = row.get("from")
            value = _number(text)
            if value is None:
                self.fault(BANDS, row.number, t("“{0}” is no figure from which a band begins").format(text))
            elif value in found:
                self.fault(BANDS, row.number, t("a band from {0} stands twice").format(text))
            label = self._text(BANDS, row, "label", required=True)
            if value is not None:
                found.setdefault(value, label)
        return tuple(sorted(found.items(), key=lambda one: one[0], reverse=True))

    # -- survey

    def _read_survey(self, rows: list[Row]) -> None:
        stack: list[Open] = []
        waiting: list[Note] = []  # notes at the top level belong to the aspect that follows
        notes = 0
        for row in rows:
            kind = re.sub(r"^(begin|end|select)[ _]", r"\1_", " ".join(row.get("type").split()).casefold(), count=1)
            word = kind.partition(" ")[0]
            if kind == "begin_group":
                stack.append(self._begin(row, stack))
                if len(stack) == 1:
                    stack[0].items.extend(waiting)
                    waiting = []
            elif kind == "end_group":
                self._end(row, stack)
            elif kind == "note":
                notes += 1
                self._refuse(row, "weight", "dimension", "sub_dimension", "evidence")
                name = self._name(row, required=False) or f"note-{notes}"
                note = Note(name, self._text("survey", row, "label", required=True),
                            self._text("survey", row, "hint", required=False))
                (stack[-1].items if stack else waiting).append(note)
            elif word == "select_one":
                self._question(row, stack)
            else:
                self.fault("survey", row.number, t("type “{0}” is not used in an instrument").format(row.get("type"))
                           if kind else t("“{0}” is empty").format("type"))
        self._check_end(rows, stack, bool(waiting))

    def _check_end(self, rows: list[Row], stack: list[Open], waiting: bool) -> None:
        """Name the groups that are still open after the last row, and a note that waits for what it explains."""
        for group in stack:
            self.fault("survey", group.row, t("group “{0}” has no end").format(group.id))
        if waiting and rows:
            self.fault("survey", rows[-1].number, t("a note must stand before what it explains"))

    def _begin(self, row: Row, stack: list[Open]) -> Open:
        name = self._name(row)
        self._refuse(row, "evidence")
        weight = self._weight(row)
        if stack and weight is not None:
            self.fault("survey", row.number, t("only aspects and questions have a weight"))
        if not stack and not row.get("weight"):
            self.fault("survey", row.number, t("the aspect has no weight"))
        if stack:
            stack[-1].count += 1
            code = f"{stack[-1].code}.{stack[-1].count}"
        else:
            code = str(len(self._aspects) + 1)
        dimension, sub_dimension = self._dimension(row, stack)
        return Open(row.number, name, code, self._text("survey", row, "label", required=True),
                     self._text("survey", row, "hint", required=False), None if stack else weight, dimension,
                     sub_dimension, stack[0].id if stack else name)

    def _end(self, row: Row, stack: list[Open]) -> None:
        if not stack:
            self.fault("survey", row.number, t("end_group without a group"))
            return
        done = stack.pop()
        if row.get("name") not in ("", done.id):
            self.fault("survey", row.number, t("end_group names “{0}” but “{1}” is open").format(
                row.get("name"), done.id))
        self._refuse(row, "weight", "dimension", "sub_dimension", "evidence")
        group = Group(done.id, done.code, done.label, done.hint, done.weight, tuple(done.items))
        if not any(True for _ in group.questions()):
            self.fault("survey", done.row, t("group “{0}” has no question").format(done.id))
        if stack:
            stack[-1].items.append(group)
        else:
            self._aspects.append((done.row, group))

    def _question(self, row: Row, stack: list[Open]) -> None:
        name = self._name(row)
        words = row.get("type").replace("select one", "select_one", 1).split()
        list_name = words[1] if len(words) == 2 else ""
        if not list_name:
            self.fault("survey", row.number, t("“select_one” must name one list of scores"))
        elif list_name not in self._lists:
            self.fault("survey", row.number, t("list “{0}” is not in sheet “choices”").format(list_name))
        if not stack:
            self.fault("survey", row.number, t("the question stands outside of an aspect"))
        weight = self._weight(row)
        evidence = row.get("evidence").casefold()
        if evidence not in ("", "required", "optional"):
            self.fault("survey", row.number, t("“evidence” must be required or optional"))
        dimension, sub_dimension = self._dimension(row, stack)
        label = self._text("survey", row, "label", required=True)
        hint = self._text("survey", row, "hint", required=False)
        if stack:
            stack[-1].count += 1
            stack[-1].items.append(Question(
                name, f"{stack[-1].code}.{stack[-1].count}", label, hint, self._lists.get(list_name, ()), list_name,
                Fraction(1) if weight is None else weight, dimension, sub_dimension, evidence == "required",
                stack[0].id))

    def _name(self, row: Row, *, required: bool = True) -> str:
        name = row.get("name")
        if not name:
            if required:
                self.fault("survey", row.number, t("“{0}” is empty").format("name"))
            return ""
        if not _NAME.fullmatch(name) or name.casefold() == "meta":
            self.fault("survey", row.number, t(
                "“{0}” cannot be a name: a letter, then letters, digits, “_”, “-” or “.”; not “meta”").format(name))
        if name in self._names:
            self.fault("survey", row.number, t("the name “{0}” stands already in row {1}").format(
                name, self._names[name]))
        self._names.setdefault(name, row.number)
        return name

    def _weight(self, row: Row) -> Fraction | None:
        text = row.get("weight")
        value = _number(text) if text else None
        if text and value is None:
            self.fault("survey", row.number, t("the weight “{0}” is not a number of 0 or more").format(text))
        return value

    def _dimension(self, row: Row, stack: list[Open]) -> tuple[str, str]:
        """Return the row's dimension and sub-dimension, else those of the groups around it; ours as codes."""
        around = stack[-1] if stack else None
        names = [row.get("dimension"), row.get("sub_dimension")]
        dimension, sub = (_DIMENSION_CODES.get(name.casefold(), name) for name in names)
        if sub and not dimension:
            dimension = next((d for d, subs in DIMENSIONS.items() if sub in subs), "")
        if not dimension and around:
            dimension = around.dimension
        if not sub and around and around.dimension == dimension:
            sub = around.sub_dimension
        if dimension in DIMENSIONS and sub and sub not in DIMENSIONS[dimension]:
            self.fault("survey", row.number, t("“{0}” is not a sub-dimension of “{1}”").format(
                names[1] or sub, DIMENSION_NAMES[dimension]))
        return dimension, sub

    def _refuse(self, row: Row, *names: str) -> None:
        for name in names:
            if row.get(name):
                self.fault("survey", row.number, t("“{0}” has no place in a row of this type").format(name))

    # -- the whole

    def _check_whole(self) -> None:
        if "survey" not in self._sheets:
            return
        if not self._aspects:
            self.fault("survey", 1, t("there is no aspect"))
            return
        weights = [group.weight for _, group in self._aspects if group.weight is not None]
        total = sum(weights, Fraction(0))
        if len(weights) == len(self._aspects) and abs(total - 100) > _TOLERANCE:
            self.fault("survey", self._aspects[0][0], t("the weights of the aspects add up to {0}, not to 100").format(
                plain_number(total)))
        for row, group in self._aspects:
            questions = list(group.questions())
            if questions and not any(q.weight for q in questions):
                self.fault("survey", row, t("all questions of aspect “{0}” have the weight 0").format(group.id))


def faults(source: Path | str | bytes) -> Iterator[str]:
    """Yield what is wrong with a workbook; nothing where it is an instrument."""
    try:
        read_workbook(source)
    except BadInput as refused:
        yield from refused.faults or (str(refused),)
