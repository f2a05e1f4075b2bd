"""Evidence of scores: what lacks it is named, pages of the plan become evidence, and each answer has its history."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from assessor_app.errors import BadInput
from assessor_app.models.attachments import Attachment
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import AttachmentType, DocumentType
from assessor_app.workflow import documents, editing, evaluating, plan_pages
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.evidence import evidence_options, evidence_view
from assessor_app.workflow.queries.history import answer_history
from tests.factories import make_account, make_note, make_visit, write
from tests.workflow.test_reporting import words


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = make_account(tmp_path / "a")
    yield made
    made.close()


def begin(account: Account) -> tuple[str, str, str]:
    """Return a visit, its sheet, and the first question that requires evidence."""
    visit = make_visit(account)
    instrument = evaluating.shipped(evaluating.shipped_files()[0])
    sheet = account.writer.run(lambda unit: evaluating.open_sheet(unit, visit, instrument), purpose="sheet.open")
    return visit, sheet, next(q.id for q in instrument.questions() if q.evidence_required)


def book(pages: int) -> bytes:
    """Return a book in which each page is one point wider than the one before."""
    made = pypdfium2.PdfDocument.new()
    for number in range(pages):
        made.new_page(100 + number, 200)
    out = io.BytesIO()
    made.save(out)
    made.close()
    return out.getvalue()


def test_a_score_without_required_evidence_is_named_on_the_sheet(account: Account) -> None:
    visit, sheet, question = begin(account)
    note = make_note(account, visit, "Naskah dilihat.")

    def score(value: str, evidence: list[str]) -> list[str]:
        account.writer.run(lambda unit: evaluating.answer(unit, sheet, question, score=value, evidence=evidence), purpose="answer.score")
        with account.reading() as session:
            return evaluating.without_evidence(session, sheet)

    assert score("3", []) == [question]
    code = evaluating.shipped(evaluating.shipped_files()[0]).question(question).code
    page = words(documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, documents.wish(language="en")).pdf)
    assert f"Evidence that the instrument requires is missing at: {code}." in page
    assert score("0", []) == []  # nothing was shown: there is nothing to name
    assert score("-", []) == []
    assert score("3", [f"interview:{note}"]) == []
    page = words(documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, documents.wish(language="en")).pdf)
    assert "Evidence that the instrument requires" not in page


def test_the_history_tells_who_when_from_to_and_why(account: Account) -> None:
    _, sheet, question = begin(account)

    def write(**values: str) -> None:
        account.writer.run(lambda unit: evaluating.answer(unit, sheet, question, **values), purpose="answer.score")  # type: ignore[arg-type]

    write(score="2")
    write(reason="Hanya konsep.")
    write(score="4")
    write(reason="Naskah final diperlihatkan.")
    with account.reading() as session:
        told = answer_history(session, sheet, question)
    assert [(one.field, one.before, one.after, one.why) for one in told] == [
        ("reason", "Hanya konsep.", "Naskah final diperlihatkan.", ""),
        ("score", "2", "4", "Naskah final diperlihatkan."),
        ("reason", "", "Hanya konsep.", ""),
        ("score", "", "2", "Hanya konsep.")]
    assert {one.who for one in told} == {"Maria Tefa"}
    assert all(one.at > 0 and not one.undone and not one.elsewhere for one in told)
    with account.reading() as session:
        step = editing.last_undoable(session)
    assert step is not None
    account.writer.run(lambda unit: editing.undo(unit, step.unit), purpose="undo")
    with account.reading() as session:
        newest = answer_history(session, sheet, question)[0]
    assert (newest.field, newest.before, newest.after, newest.undone) == (
        "reason", "Naskah final diperlihatkan.", "Hanya konsep.", True)
    with account.reading() as session:
        assert answer_history(session, sheet, "tidak-ada") == ()


def test_pages_of_a_book_become_evidence_of_their_own(account: Account) -> None:
    visit = make_visit(account)
    record = plan_pages.attach_pages(account, visit, book(12), "Buku 2.pdf", "7-8", "Buku 2 Masterplan")
    with account.reading() as session:
        row = session.scalars(select(Attachment)).one()
        assert (row.id, row.media_type, row.caption) == (record, "application/pdf", "Buku 2 Masterplan, pp. 7–8")
        assert f"attachment:{record}" in {one.ref for one in evidence_options(session, visit)}
        view = evidence_view(session, f"attachment:{record}")
    assert view is not None
    assert view.media_type == "application/pdf"
    kept = pypdfium2.PdfDocument(account.blobs.get(view.sha256))
    assert [round(kept[at].get_width()) for at in range(len(kept))] == [106, 107]
    kept.close()


@pytest.mark.parametrize(("data", "pages", "said"), [
    (book(3), "4", "pages 1 to 3"), (book(3), "0", "Write a page"), (book(3), "tiga", "Write a page"), (book(3), "3-2", "Write a page"),
    (book(30), "1-30", "At most 10"), (b"bukan pdf", "1", "no PDF"), (b"", "1", "no PDF"), (book(3)[:300], "1", "no PDF"),
])
def test_a_page_that_is_not_there_and_a_file_that_is_none_are_refused(account: Account, data: bytes, pages: str, said: str) -> None:
    visit = make_visit(account)
    with pytest.raises(BadInput, match=said) as refused:
        plan_pages.attach_pages(account, visit, data, "buku.pdf", pages)
    assert refused.value.kept
    with account.reading() as session:
        assert session.scalars(select(Attachment)).all() == []


def test_a_file_whose_consent_is_over_is_not_described_on_the_sheet(account: Account) -> None:
    from assessor_app import clock
    from assessor_app.models.visits import Person
    from assessor_app.workflow import interviewing
    from assessor_app.workflow.contents import evaluation_sheet

    visit, sheet, question = begin(account)
    note = make_note(account, visit, "Sumur kering.", observation=False)

    def work(unit) -> str:  # type: ignore[no-untyped-def]
        person = interviewing.add_respondent(unit, visit, name="Mama Kenari", occupation="kader")
        interviewing.give_consent(unit, person, form="spoken", purpose="evaluasi", data=["photo"], until=clock.today().isoformat())
        unit.get(Interview, note).persons = [person]
        shot = unit.add(Attachment(visit=visit, interview=note, type=AttachmentType.PHOTO, name="a.jpg", sha256="0" * 64,
                                   caption="Mama Kenari di sumurnya"))
        evaluating.answer(unit, sheet, question, score="3", evidence=[f"attachment:{shot.id}"])
        return person

    person = account.writer.run(work, purpose="x")

    def printed() -> str:
        with account.reading() as session:
            return str(evaluation_sheet(session, account.blobs, sheet, documents.wish(language="en")).evidence)

    assert "Mama Kenari di sumurnya" in printed()
    write(account, Person, person, consent_until="2020-01-01")
    assert "Kenari" not in printed()
    assert "File without consent, kept by the assessor" in printed()
