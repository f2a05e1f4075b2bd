"""Gather every string that the program says into the catalogue, and compile it; ``--check`` fails where something is stale.

The catalogue is ``resources/i18n/id/LC_MESSAGES/asesor.po``; a translator edits it with any gettext tool. Translations
of new strings may be left in ``resources/i18n/parts/*.json`` (English → Indonesian): they are taken in here.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "resources/i18n/id/LC_MESSAGES/asesor.po"
PARTS = ROOT / "resources/i18n/parts"
#: How many literals each of them takes.
KEYWORDS = {"t": 1, "mark": 1, "nt": 2}


def said(file: Path) -> Iterator[tuple[str, ...]]:
    """Give the literals of one module in their order, also those inside f-strings, which Babel's own reader passes over."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS and node.args):
            continue
        words = [arg.value for arg in node.args[:KEYWORDS[node.func.id]] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if any(isinstance(arg, ast.JoinedStr) for arg in node.args):
            raise SystemExit(f"{file}:{node.lineno}: an f-string cannot be translated")
        if len(words) == KEYWORDS[node.func.id] and words[0]:
            yield tuple(words)


def said_in_page(file: Path) -> Iterator[tuple[str, ...]]:
    """Give the literals of one template of the server's pages."""
    for call in Environment().parse(file.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS:
            words = [arg.value for arg in call.args[:KEYWORDS[call.node.name]] if isinstance(arg, nodes.Const)]
            if len(words) == KEYWORDS[call.node.name]:
                yield tuple(words)


def gather() -> Catalog:
    """Return the catalogue of all strings in the source, with the translations at hand."""
    known = read_po(PO.open("rb"), locale="id") if PO.exists() else Catalog(locale="id")
    extra: dict[str, str] = {}
    for part in sorted(PARTS.glob("*.json")):
        extra |= json.loads(part.read_text(encoding="utf-8"))
    fresh = Catalog(locale="id", project="Asesor", version="1", fuzzy=False, charset="utf-8",
                    header_comment="# Bahasa Indonesia of Asesor.")
    fresh._num_plurals, fresh._plural_expr = 1, "0"  # Babel does not know that Indonesian nouns have one form for any number
    sources = sorted(file for package in ("assessor_app", "assessor_server") for ending in ("*.py", "*.html")
                     for file in (ROOT / package).rglob(ending))
    for file in sources:
        for words in said(file) if file.suffix == ".py" else said_in_page(file):
            before = known.get(words[0])
            translated = before.string if before is not None and before.string and any(before.string) else extra.get(words[0], "")
            if isinstance(translated, tuple):
                translated = translated[0]
            plural = len(words) == 2
            fresh.add(words if plural else words[0], (translated,) if plural else translated,
                      locations=[(file.relative_to(ROOT).as_posix(), None)])
    return fresh


def missing(catalogue: Catalog) -> list[str]:
    """Return the strings that have no translation."""
    return [m.id[0] if isinstance(m.id, tuple) else m.id for m in catalogue
            if m.id and not (any(m.string) if isinstance(m.string, tuple) else m.string)]


def _bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, omit_header=False, ignore_obsolete=True)
    lines = [line for line in out.getvalue().decode().splitlines(keepends=True)
             if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', '"Language-Team',
                                     '"Report-Msgid'))]
    return "".join(lines).encode()


def compile_catalogue() -> None:
    """Write the compiled form that the program reads."""
    with PO.open("rb") as source, PO.with_suffix(".mo").open("wb") as out:
        write_mo(out, read_po(source, locale="id"))


def main() -> int:
    """Run ``strings.py [--check | --compile]``."""
    if "--compile" in sys.argv:
        compile_catalogue()
        return 0
    catalogue = gather()
    gaps = missing(catalogue)
    for gap in gaps:
        print(f"no Indonesian for: {gap}")
    if "--check" in sys.argv:
        stale = not PO.exists() or PO.read_bytes() != _bytes(catalogue)
        if stale:
            print("the catalogue is stale: run make strings")
        return 1 if gaps or stale else 0
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(_bytes(catalogue))
    compile_catalogue()
    print(f"{len(list(catalogue)) - 1} strings, {len(gaps)} without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
