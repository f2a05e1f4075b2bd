"""``asesor blank``, ``summary``, ``report`` and ``import-sheet``: pages without the window, and what stands in a signed one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_app import formats, given, i18n
from assessor_app.cli import targets
from assessor_app.cli.commands import opened
from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t
from assessor_app.settings import Settings

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the commands."""
    page = argparse.ArgumentParser(add_help=False)
    targets.add_force(page)
    page.add_argument("--paper", choices=("A4", "F4"), default="A4", help=t("paper (default: A4)"))
    page.add_argument("--language", choices=i18n.LANGUAGES, default=None, help=t("language of the page (default: the program's)"))

    blank = commands.add_parser("blank", parents=[here, page], help=t("write a blank sheet, to be filled in by pen"))
    blank.add_argument("what", metavar=t("VISIT|INSTRUMENT"), help=t("a visit's id, or an instrument as FORM or FORM@VERSION"))
    blank.add_argument("--out", type=Path, required=True, metavar="FILE.pdf")
    blank.set_defaults(run=make_blank)

    summary = commands.add_parser("summary", parents=[here, page], help=t("write the one-page summary of a panel's report"))
    summary.add_argument("visit", metavar=t("VISIT"))
    summary.add_argument("--out", type=Path, required=True, metavar="FILE.pdf")
    summary.set_defaults(run=make_summary)

    report = commands.add_parser("report", parents=[here, page], help=t("write the panel's report, unsigned"))
    report.add_argument("visit", nargs="?", metavar=t("VISIT"))
    report.add_argument("--all", type=Path, metavar="DIR", dest="folder", help=t("the reports of all closed panels, into a folder"))
    report.add_argument("--out", type=Path, metavar="FILE.pdf")
    report.set_defaults(run=make_report)

    back = commands.add_parser("import-sheet", parents=[here, as_json], help=t("show the data inside a document of this program"))
    back.add_argument("file", type=Path, metavar="FILE.pdf")
    back.set_defaults(run=import_sheet)


def make_blank(arguments: argparse.Namespace) -> int:
    """Write a blank sheet; without a notebook for the instruments that come with the program."""
    from assessor_app.workflow import reporting

    targets.insist(arguments, arguments.out)
    if _has_account(arguments):
        with opened(arguments) as account:
            pdf = reporting.blank(account, arguments.what, language=_language(arguments), paper=arguments.paper)
    else:
        pdf = reporting.blank(None, arguments.what, language=_language(arguments), paper=arguments.paper)
    return _written(arguments.out, pdf)


def make_summary(arguments: argparse.Namespace) -> int:
    """Write the one-page summary."""
    from assessor_app.workflow import documents, reporting

    targets.insist(arguments, arguments.out)
    with opened(arguments) as account:
        wish = documents.wish(language=_language(arguments), paper=arguments.paper)
        return _written(arguments.out, reporting.summary(account, arguments.visit, wish))


def make_report(arguments: argparse.Namespace) -> int:
    """Write one panel's report, or those of all closed panels."""
    from assessor_app.models.kinds import DocumentType
    from assessor_app.workflow import documents, reporting

    if (arguments.folder is None) == (arguments.visit is None) or (arguments.visit is not None and arguments.out is None):
        raise BadInput(t("Name one visit and --out FILE.pdf, or --all DIR."), kept=t("Nothing was written."))
    if arguments.out is not None:
        targets.insist(arguments, arguments.out)
    with opened(arguments) as account:
        if arguments.visit is not None:
            wish = documents.wish(language=_language(arguments), paper=arguments.paper)
            return _written(arguments.out, documents.prepare(account, DocumentType.PANEL_REPORT, arguments.visit, wish).pdf)
        failed = made = 0
        for name, fault in reporting.report_all(account, arguments.folder, language=_language(arguments), paper=arguments.paper,
                                                force=arguments.force):
            if fault:
                failed += 1
                print(f"{name}: {fault}", file=sys.stderr)
            else:
                made += 1
    print(nt("Wrote {n} report into {0}.", "Wrote {n} reports into {0}.", made).format(arguments.folder))
    return 1 if failed else 0


def import_sheet(arguments: argparse.Namespace) -> int:
    """Show what stands in a document, and whether this notebook has it on record; nothing is changed."""
    from assessor_app.workflow import reporting

    raw = reporting.inside(given.read(arguments.file))
    known: bool | None = None
    if _has_account(arguments):
        with opened(arguments) as account:
            known = _known(account, raw)
    if arguments.json:
        print(json.dumps({"on_record": known, "data": raw}, ensure_ascii=False))
        return 0
    for line in _lines(raw):  # others' words: nothing in them steers the terminal
        print("".join(c if c.isprintable() else " " for c in line))
    if known is not None:
        print(t("These data are on record in this notebook.") if known
              else t("This notebook does not have this document: it is shown to be read only."))
    return 0


def _known(account: Account, raw: dict[str, Any]) -> bool:
    from assessor_app.reports.content import data_sha256
    from assessor_app.reports.reading import from_json
    from assessor_app.workflow.verifying import recorded_for

    with account.reading() as session:
        return recorded_for(session, data_sha256(from_json(raw))) is not None


def _lines(raw: dict[str, Any]) -> list[str]:
    """Return what a document says, in lines: what it is, its figures, scores with reasons, what was found and agreed."""
    from assessor_app.reports import text
    from assessor_app.reports.layout import name_of

    out = [text.joined((name_of(str(raw["type"])), str(raw.get("number", "")), formats.date(str(raw.get("date", "")))), " · ")]
    region, assessor = raw.get("region") or {}, raw.get("assessor")
    out.append(text.joined((str(region.get("name", "")), str(region.get("code", "")), str(region.get("province", "")))))
    if isinstance(assessor, dict):
        out.append(formats.full_name(assessor["name"], assessor.get("title_before", ""), assessor.get("title_after", "")))
    if raw.get("index") is not None:
        out.append(f"{t('Index')}: {formats.number(raw['index'], 2)}")
    for aspect in raw.get("aspects", ()):
        mean = aspect.get("mean", aspect.get("value"))
        out.append(f"  {aspect['name']}: {text.mean(mean)}")
        for row in aspect.get("rows", ()):
            scores = row["scores"] if "scores" in row else [row["score"]]
            said = row.get("reason") or row.get("remark") or ""
            out.append(f"    {row['code']:8} {' '.join(text.score(one) for one in scores)}  {said}".rstrip())
    for title, name in ((t("Strengths"), "strengths"), (t("Weaknesses"), "weaknesses"), (t("Recommendations"), "recommendations"),
                        (t("Agreed follow-up"), "actions")):
        lines = [one["body"] for one in raw.get(name, ())]
        out += [f"{title}:", *(f"  – {line}" for line in lines)] if lines else []
    out += [str(raw[name]) for name in ("objective", "seen", "summary", "conclusion") if raw.get(name)]
    return out


def _has_account(arguments: argparse.Namespace) -> bool:
    return arguments.data is not None or bool(Settings.load().last_account)


def _language(arguments: argparse.Namespace) -> str:
    return str(arguments.language or i18n.language())


def _written(target: Path, pdf: bytes) -> int:
    """Write the page and say so."""
    from assessor_app.workflow.revisions import write_whole

    write_whole(target, pdf)
    print(t("Wrote {0} ({1}).").format(target, formats.size(len(pdf))))
    return 0
