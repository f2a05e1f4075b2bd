"""What was found in a signed document, in words: four answers apart, never one tick."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assessor_app import formats
from assessor_app.i18n import t


def trust_text(code: str) -> str:
    """Return who vouches for a signer."""
    return {
        "certified": t("certified by the centre"),
        "certified_later": t("vouched for later: the same key was certified afterwards"),
        "named": t("named in the signed minutes, witnessed by the assessor"),
        "revoked": t("revoked: do not rely on it"),
    }.get(code, t("not known: nobody we trust vouches for this key"))


def problem_text(code: str) -> str:
    """Return why a document is not as signed."""
    return {
        "not_a_pdf": t("This is no PDF file."),
        "unreadable": t("The file is damaged and cannot be read."),
        "encrypted": t("The file is encrypted and cannot be verified."),
        "no_signature": t("The file carries no signature."),
        "not_ours": t("The file is not a document of this program."),
        "missing_signature": t("A signature that the document expects is missing."),
        "changed": t("The document was changed after it was signed."),
        "not_trusted": t("Nobody we trust vouches for a signer."),
        "more_after": t("Something was added after the last signature, or the file was cut."),
        "title_changed": t("Title or author were changed after the signature."),
        "padding": t("Bytes inside a signature's padding were changed."),
        "not_as_recorded": t("This is not the revision on record."),
    }.get(code, code)


def lines(result: dict[str, Any]) -> list[str]:
    """Return the findings of ``reports.verification`` as lines: who signed, whether a byte changed, whole file, on record."""
    out = []
    for s in result["signatures"]:
        moment = datetime.fromisoformat(s["claimed_time"]).astimezone() if s["claimed_time"] else None
        when = formats.date_time(moment, moment.tzname() or "") if moment else "–"
        out.append(t("Signed: {0} – {1}; {2}; time as claimed by the device: {3}.").format(
            s["signer"], t("unchanged since") if s["intact"] and s["valid"] else t("CHANGED or not valid"), trust_text(s["trust"]), when))
    out.append(t("Whole file: {0}.").format(t("yes") if result["covers_whole_file"] else t("no")))
    recorded = result["as_recorded"]
    out.append(t("Revision on record: {0}.").format(
        t("no record at hand") if recorded is None else t("yes, the recorded one") if recorded else t("no")))
    out += [problem_text(code) for code in result["problems"]]
    out.append(verdict_text(result))
    return out


def verdict_text(result: dict[str, Any]) -> str:
    """Return the last word: as signed, unchanged but by somebody unknown, or not as signed."""
    if result["as_signed"]:
        return t("The document is as signed.")
    if result["signatures"] and set(result["problems"]) == {"not_trusted"}:
        return t("The document is unchanged since it was signed, but nobody we trust vouches for the signer.")
    return t("The document is NOT as signed.")
