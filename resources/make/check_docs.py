"""Check the documents: links lead somewhere, named files and make targets exist, decisions are complete, no machine's paths."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"```.*?```", re.DOTALL)
TARGET = re.compile(r"\bmake ([a-z]+)\b")
PATHLIKE = re.compile(r"^[\w.-]+(/[\w.{},*-]+)*/?$")
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users|tmp)/|[A-Z]:\\Users\\")
HEADINGS = ("## Context", "## Decision", "## Cost")
LONGEST_DECISION = 60
#: Words that look like paths to the eye of PATHLIKE and are none.
_ROOTS = ("assessor_app/", "assessor_server/", "resources/", "installers/", "tests/", "docs/", "benchmarks/", ".ci/")


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def links(file: Path, text: str) -> list[str]:
    """Return the faults of a document's relative links."""
    faults = []
    for link in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (file.parent / name).resolve() if name else file
        if not target.exists():
            faults.append(f"link to {link}, which is not there")
        elif anchor and target.suffix == ".md":
            anchors = {slug(line.lstrip("#")) for line in target.read_text(encoding="utf-8").splitlines() if line.startswith("#")}
            if anchor not in anchors:
                faults.append(f"link to {link}: no such heading")
    return faults


def named(text: str) -> list[str]:
    """Return the files that a document names in code and that are not there."""
    faults = []
    for word in CODE.findall(FENCE.sub("", text)):
        if not PATHLIKE.match(word) or not word.startswith(_ROOTS):
            continue
        pattern = re.sub(r"\{[^}]*\}", "*", word).rstrip("/")
        if not any(ROOT.glob(pattern)):
            faults.append(f"names `{word}`, which is not there")
    return faults


def targets(text: str) -> list[str]:
    """Return the make targets that a document names and that the Makefile has not."""
    have = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = " ".join([*FENCE.findall(text), *CODE.findall(FENCE.sub("", text))])
    return [f"names make {name}, which the Makefile has not" for name in sorted(set(TARGET.findall(code)) - have)]


def decision(file: Path, text: str) -> list[str]:
    """Return what a decision record lacks."""
    faults = [f"lacks “{heading}”" for heading in HEADINGS if heading not in text]
    number, _, rest = file.stem.partition("-")
    if not number.isdigit() or not rest:
        faults.append("is not called NNN-title.md")
    if not text.startswith(f"# {number} "):
        faults.append(f"does not begin with “# {number} ”")
    if len(text.splitlines()) > LONGEST_DECISION:
        faults.append("is longer than a page")
    return faults


def check() -> list[str]:
    """Return all faults, each with its file."""
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "installers").glob("*.md"), *(ROOT / "resources").rglob("*.md")]
    out = []
    for file in sorted(files):
        text = file.read_text(encoding="utf-8")
        faults = links(file, text) + targets(text)
        if file.name != "CHANGELOG.md":
            faults += named(text)
        if file.parent.name == "decisions":
            faults += decision(file, text)
        faults += [f"holds a machine's path: {found}" for found in sorted(set(MACHINE.findall(text)))]
        out += [f"{file.relative_to(ROOT)}: {fault}" for fault in faults]
    numbers = [file.name[:3] for file in sorted((ROOT / "docs/decisions").glob("*.md"))]
    out += [f"docs/decisions: number {number} stands twice" for number in sorted({n for n in numbers if numbers.count(n) > 1})]
    return out + [f"{name} is missing" for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE.md")
                  if not (ROOT / name).exists()]


def main() -> int:
    """Print the faults; the exit status is 0 only when there are none."""
    faults = check()
    print("\n".join(faults) if faults else "documents: no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
