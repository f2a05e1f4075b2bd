"""Signing: every signature is an increment, and the bytes before it stay."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields as sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import pdf_signer
from pyhanko.stamp import StaticStampStyle

from assessor_app import clock
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.identity.remote import Remote
from assessor_app.identity.signers import Signer, check_time, name_of
from assessor_app.reports import stamps, timestamping
from assessor_app.reports.finishing import make as make

if TYPE_CHECKING:
    from assessor_app.reports.stamps import Stamp

# pyHanko and its validator log certificates' names with their faults: no names in any log.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_T = TypeVar("_T")
#: Room for a signature and its attributes beside certificates and timestamp, in bytes: RSA-4096 takes 512 of them.
_ROOM = 2048


def sign(pdf: bytes, signer: Signer, field: str, stamp: Stamp | None, *, reason: str = "", place: str = "",
         at: datetime | None = None, asked: timestamping.Asked | None = None) -> bytes:
    """Return the document with one PAdES signature more (B-B, or B-T with a timestamp); it begins with the bytes given.

    The first signature certifies the document and leaves room only for filling its fields. Takes some 0.1 s with the
    device's key (0.5 s with RSA); works on any thread, also beside a running event loop.

    Args:
        field: ``assessor`` or ``official``.
        stamp: what the field shows; None leaves it empty.
        at: the time that the signature claims; the device's clock where None.
        asked: the question to a timestamping authority, where there is a line; without its answer the signature stands by itself.

    Raises:
        AppError: no such field, signed already, the clock or certificate cannot be right, or the signer refused.
    """
    check_time(signer)
    moment = at or clock.now()
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        filled = {signature.field_name for signature in reader.embedded_signatures}
        box = _box_of(reader, field)
    except (PdfError, ValueError, KeyError) as error:
        raise _refused(t("The document cannot be read for signing.")) from error
    if field in filled:
        raise _refused(t("This place is signed already."))
    if box is None:
        raise _refused(t("The document has no place for this signature."))
    if isinstance(signer, Remote):
        return _remotely(pdf, signer, field, reason, place)
    meta = pdf_signer.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=sig_fields.SigSeedSubFilter.PADES, name=name_of(signer),
        reason=reason or None, location=place or None, certify=not filled,
        docmdp_permissions=sig_fields.MDPPerm.FILL_FORMS,
        signer_key_usage=set())
    style = _style(stamp, box) if stamp and box[2] > box[0] else None

    def work() -> bytes:
        own = signer.pyhanko_signer()
        maker = _Signer(moment, meta, signer=own, stamp_style=style, timestamper=asked.stamper() if asked else None)
        out = io.BytesIO()
        certificates = sum(len(pem) for pem in (signer.certificate, *signer.chain))
        room = 2 * _ROOM + 2 * certificates + (timestamping.ROOM_INSIDE if asked is not None else 0)
        maker.sign_pdf(Increment.from_reader(reader), existing_fields_only=True, bytes_reserved=room, output=out)
        return out.getvalue()

    try:
        signed = beside_loops(work)
    except (SigningError, PdfError) as error:
        raise _refused(t("The document could not be signed.")) from error
    if not signed.startswith(pdf):
        raise _refused(t("The signer changed the document instead of adding to it."))
    if asked is not None:
        timestamping.check_clock(asked, moment)
    return signed


def _remotely(pdf: bytes, signer: Remote, field: str, reason: str, place: str) -> bytes:
    """Have a service sign the document, and look at what came back: this field, by this person, and nothing else. Raises AppError."""
    from assessor_app import isolate
    from assessor_app.identity import certificates
    from assessor_app.reports.status import Problem, SignatureStatus

    signed = signer.sign_pdf(pdf, field, reason=reason, place=place)
    try:
        status = SignatureStatus.from_json(isolate.call("assessor_app.reports.verification:verify_as_json", signed, memory_mb=2048))
    except BadInput as error:
        raise _refused(t("What the signing service sent back does not verify.")) from error
    line = next((one for one in status.signatures if one.field == field), None)
    fine = {Problem.NOT_TRUSTED, Problem.MISSING_SIGNATURE}  # whom to trust, and who signs later, is not this question
    if line is None or not line.intact or not line.valid or set(status.problems) - fine:
        raise _refused(t("What the signing service sent back does not verify."))
    if line.fingerprint != certificates.fingerprint(signer.certificate):
        raise _refused(t("The signing service signed with another certificate than it named."))
    return signed


class _Signer(pdf_signer.PdfSigner):
    """pyHanko's signer with our time, and without the extension that would raise the version to 2.0."""

    def __init__(self, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        """Begin a session that claims our time."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        """Name the PAdES extension of PDF 1.7 only: that of P-256 asks for PDF 2.0, which older readers refuse."""
        pdf_signer._ensure_esic_ext(pdf_out)


class Increment(IncrementalPdfFileWriter):
    """An increment that leaves title, author and dates alone: a signature changes its field and nothing else."""

    def _update_meta(self) -> None:
        return


class _Drawn(PdfContent):
    """The stamp's page as a form, from memory."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        """Import the page; called once by pyHanko when it draws the field."""
        writer = self.writer
        assert writer is not None
        form = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/Stamp"] = form
        x0, y0, x1, y1 = form.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(x1 - x0), height=abs(y1 - y0))
        return b"/Stamp Do"


def _style(stamp: Stamp, box: tuple[float, float, float, float]) -> StaticStampStyle:
    page = stamps.draw(stamp, box[2] - box[0], box[3] - box[1])
    whole = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN, Margins(0, 0, 0, 0), InnerScaling.NO_SCALING)
    return StaticStampStyle(background=_Drawn(page), border_width=0, background_layout=whole)


def _box_of(reader: PdfFileReader, field: str) -> tuple[float, float, float, float] | None:
    for name, _, reference in sig_fields.enumerate_sig_fields(reader):
        if name == field:
            x0, y0, x1, y1 = (float(v) for v in reference.get_object()["/Rect"])
            return x0, y0, x1, y1
    return None


def beside_loops(work: Callable[[], _T]) -> _T:
    """Run what uses asyncio inside; in a thread of its own where a loop runs in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    results: list[_T] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=run, name="signing")
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]


def _refused(title: str) -> AppError:
    return AppError(title, t("Nothing was signed."), kept=t("The document is as it was."))


