"""What was found in a signed document, in words: four answers apart, never one tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessor_app import formats
from assessor_app.i18n import t

_TRUSTED = {"certified", "outside", "certified_later", "vouched"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: good, bad, or neither (None), in a few words and a sentence."""

    good: bool | None
    title: str
    detail: str = ""


def trust_text(code: str, issuer: str = "") -> str:
    """Return who vouches for a signer."""
    return {
        "certified": t("certified by the centre"),
        "outside": t("certified by {0}, which the centre accepts").format(issuer),
        "certified_later": t("vouched for later: the same key was certified afterwards"),
        "named": t("named in the signed minutes, witnessed by the assessor"),
        "vouched": t("revoked since; the secretariat looked into this signature and accepts it"),
        "revoked": t("revoked before anybody saw this signature: do not rely on it"),
        "expired": t("the certificate did not hold when this was signed"),
    }.get(code, t("not known: nobody we trust vouches for this key"))


def problem_text(code: str) -> str:
    """Return why a document is not as signed."""
    return {
        "not_a_pdf": t("This is no PDF file."),
        "too_large": t("The file is larger than any document of this program; it was not looked into."),
        "unreadable": t("The file is damaged and cannot be read."),
        "encrypted": t("The file is encrypted and cannot be verified."),
        "no_signature": t("The file carries no signature."),
        "not_ours": t("The file is not a document of this program."),
        "missing_signature": t("A signature that the document expects is missing."),
        "changed": t("The document was changed after it was signed."),
        "not_trusted": t("Nobody we trust vouches for a signer."),
        "revoked": t("A signer's key was revoked before the centre or a timestamp saw this signature. The secretariat decides."),
        "more_after": t("Something was added after the last signature, or the file was cut."),
        "title_changed": t("Title or author were changed after the signature."),
        "padding": t("Bytes inside a signature's padding were changed."),
        "not_as_recorded": t("This is not a revision on record."),
    }.get(code, code)


def remark_text(code: str) -> str:
    """Return what a person should know of a document that may be as signed all the same."""
    return {
        "earlier_revision": t("This is an earlier revision: the record has later ones, with further signatures or timestamps."),
        "clock": t("The signing device's clock was wrong: it claims a later time than others saw the signature."),
        "timestamp_unknown": t("A timestamp is by an authority that is not trusted here; it was not counted."),
    }.get(code, code)


def signature_findings(result: dict[str, Any]) -> list[Finding]:
    """Return each signer: whether the bytes stayed, who vouches, and when by whose word."""
    out = []
    for line in result["signatures"]:
        good = line["intact"] and line["valid"]
        parts = [t("unchanged since the signature") if good else t("CHANGED since the signature, or not valid"),
                 trust_text(line["trust"], line["issuer"]), t("time claimed by the device: {0}").format(when(line["claimed_time"]))]
        if line["timestamp"]:
            known = line["timestamp_trusted"]
            parts.append((t("timestamped {0}") if known else t("timestamped {0} by an unknown authority")).format(when(line["timestamp"])))
        else:
            parts.append(t("no timestamp"))
        if line["seen"]:
            parts.append(t("at the centre since {0}").format(when(line["seen"])))
        known_signer = True if line["trust"] in _TRUSTED else None if line["trust"] == "named" else False
        out.append(Finding(known_signer if good else False, line["signer"] or "–", " · ".join(parts)))
    return out or [Finding(False, t("No signature"))]


def answers(result: dict[str, Any]) -> list[Finding]:
    """Return the four answers: whom we trust, whether a byte changed, whether it is the whole file, and which revision."""
    return [_trust(result), _bytes(result), _whole(result), _revision(result)]


def _trust(result: dict[str, Any]) -> Finding:
    trusts = [line["trust"] for line in result["signatures"]]
    title = t("Signers trusted")
    if not trusts:
        return Finding(False, title, t("nobody signed"))
    if not all(line["intact"] and line["valid"] for line in result["signatures"]):
        return Finding(False, title, t("no: a broken signature vouches for nobody"))
    if all(trust in _TRUSTED for trust in trusts):
        return Finding(True, title, t("yes"))
    if all(trust in _TRUSTED or trust == "named" for trust in trusts):
        return Finding(None, title, t("the assessor; the official only through the minutes that the assessor signed"))
    if "revoked" in trusts:
        return Finding(False, title, t("no: a key was revoked"))
    return Finding(False, title, t("nobody we trust vouches for a signer"))


def _bytes(result: dict[str, Any]) -> Finding:
    sound = bool(result["signatures"]) and all(line["intact"] and line["valid"] for line in result["signatures"])
    touched = {"changed", "title_changed", "padding"} & set(result["problems"])
    good = sound and not touched
    return Finding(good, t("Unchanged under the signatures"), t("yes, to the byte") if good else t("no"))


def _whole(result: dict[str, Any]) -> Finding:
    good = result["covers_whole_file"]
    return Finding(good, t("Whole file covered"), t("yes, from the first byte to the last") if good else t("no"))


def _revision(result: dict[str, Any]) -> Finding:
    title, revision = t("The revision on record"), result["revision"]
    if result["as_recorded"] is None:
        return Finding(None, title, t("no record at hand"))
    if not result["as_recorded"] or revision is None:
        return Finding(False, title, t("no: the record has other bytes"))
    if revision["number"] == revision["of"]:
        return Finding(True, title, t("yes, the latest ({0} of {1})").format(revision["number"], revision["of"]))
    return Finding(None, title, t("an earlier one: {0} of {1}").format(revision["number"], revision["of"]))


def lines(result: dict[str, Any]) -> list[str]:
    """Return the findings of ``reports.verification`` as lines: who signed, then the four answers, what is wrong, and the last word."""
    out = [t("Signed: {0} – {1}").format(one.title, one.detail) if one.detail else one.title for one in signature_findings(result)]
    out += [t("Timestamp over all: {0}, {1}{2}").format(
        when(one["time"]), one["authority"], "" if one["trusted"] else f" ({t('not trusted here')})") for one in result["timestamps"]]
    out += [f"{one.title}: {one.detail}." for one in answers(result)]
    out += [problem_text(code) for code in result["problems"]]
    out += [remark_text(code) for code in result["remarks"]]
    out.append(verdict_text(result))
    # others' words: nothing in them steers the terminal
    return ["".join(c if c.isprintable() else " " for c in line) for line in out]


def verdict_text(result: dict[str, Any]) -> str:
    """Return the last word: as signed, unchanged but by somebody unknown, or not as signed."""
    if result["as_signed"]:
        earlier = "earlier_revision" in result["remarks"]
        return t("The document is as signed, in an earlier revision.") if earlier else t("The document is as signed.")
    problems = set(result["problems"])
    if result["signatures"] and problems == {"not_trusted"}:
        return t("The document is unchanged since it was signed, but nobody we trust vouches for the signer.")
    if result["signatures"] and problems == {"revoked"}:
        return t("The document is unchanged since it was signed, but it waits for the secretariat's word.")
    return t("The document is NOT as signed.")


def when(moment: str | None) -> str:
    """Return a moment of the wire form in this computer's zone."""
    if not moment:
        return "–"
    here = datetime.fromisoformat(moment).astimezone()
    return formats.date_time(here, here.tzname() or "")
