"""Whatever a person typed stands on the page: markup, glyphs that the face lacks, long words, long texts, in every kind of document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor_app.reports import fonts
from assessor_app.reports.content import ActionLine, AspectBlock, Content, EvidenceLine, FindingLine, Party, QuestionRow
from assessor_app.reports.content_panel import AssessorFindings, PanelAspect, PanelRow, SheetLine
from assessor_app.reports.finishing import finish, make
from assessor_app.reports.layout import lay_out
from tests.reports import conforming, samples, samples_panel, tagtree

_FONTS = (fonts.REGULAR, fonts.SEMIBOLD, fonts.BOLD, fonts.ITALIC)


def _party(words: str) -> Party:
    return Party(words, "", "", words, words, words)


def _minutes(w: str) -> Content:
    return samples.minutes(title=w, number=w, seen=w, summary=w, objective=w, respondents=(w,), actions=(ActionLine(w, w, ""),),
                           officials=(_party(w),), official=_party(w), copies_to=(w,), letterhead=replace(samples.HEAD, lines=(w,)))


def _sheet(w: str) -> Content:
    row = QuestionRow(w, w, "3", w, (w,))
    return samples.sheet(0, number=w, introduction=w, method=w, aspects=(AspectBlock(w, 100.0, 3.0, (row,)),), dimensions=(),
                         strengths=(FindingLine(w, w),), weaknesses=(FindingLine(w),), recommendations=(FindingLine(w),),
                         evidence=(EvidenceLine(w, w),))


def _panel(w: str) -> Content:
    lines = (FindingLine(w, w),)
    return samples_panel.report(
        (_party(w),), number=w, introduction=w, aims=w, method=w, conclusion=w, dimensions=(), actions=(ActionLine(w, w, ""),),
        aspects=(PanelAspect("a", "1", w, 100.0, 2.0, (2.0,), (PanelRow("q", w, w, ("2",), 2.0, 0.0, False, w),)),),
        sheets=(SheetLine(_party(w), w, "", "", ""),), findings=(AssessorFindings(w, w, lines, lines, lines),))


def _summary(w: str) -> Content:
    lines = (FindingLine(w),)
    return samples_panel.summary(assessors=(w,), strengths=lines, weaknesses=lines, actions=(ActionLine(w, "", ""),))


def _blank(w: str) -> Content:
    made = samples_panel.blank()
    group = made.groups[0]
    question = replace(group.questions[0], code=w, label=w, hint=w)
    anchors = tuple((name, tuple(replace(one, label=w) for one in some)) for name, some in made.lists)
    return replace(made, assessor=w, lists=anchors, groups=(replace(group, label=w, questions=(question,)),))


KINDS: dict[str, tuple[Callable[[str], Content], int]] = {
    "minutes": (_minutes, 12), "evaluation_sheet": (_sheet, 12), "panel_report": (_panel, 16), "summary": (_summary, 3),
    "blank_sheet": (_blank, 8)}

_WORDS = st.one_of(
    st.text(min_size=1, max_size=60),
    st.sampled_from(["<b>tebal", "</para>&amp;", "<img src='/etc/passwd'>", "a<br/>b", "≥ 95 😀 ½", "e\u0301\u0323 q\u0303",
                     "مسجد ٣", "漢字かな",
                     "שלום", "x\x00\x07\x1by", "W" * 50, "👩‍👩‍👧 🇮🇩", "%s {0} \\n $x$", "ﬁ ﬂ ĳ", "-- – — \u00ad\u200b", "\u202eabc"]))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(words=_WORDS)
def test_text_in_is_text_out(kind: str, words: str) -> None:
    build, times = KINDS[kind]
    content = build(words)
    laid = lay_out(content)
    wanted = {tagtree.squeezed(fonts.printable(words, face)) for face in _FONTS}
    said = tagtree.spoken(finish(laid, content))
    assert max(said.count(one) for one in wanted) >= times or not any(wanted)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "summary"])
def test_long_texts_and_words_are_whole_over_pages(kind: str) -> None:
    word, text = "M" * 5000, "Kalimat wajar yang panjang nomor ini. " * 1600
    content = KINDS[kind][0](f"{word} {text} AKHIR") if kind in {"minutes", "blank_sheet"} else KINDS[kind][0]("x")
    if kind == "minutes":
        content = samples.minutes(seen=f"{word} {text} AKHIR", actions=(ActionLine(f"{word} {text} AKHIR", "", ""),))
    elif kind == "evaluation_sheet":
        row = QuestionRow("1", word, "3", f"{text} AKHIR")
        content = samples.sheet(0, aspects=(AspectBlock("Satu", 100.0, 3.0, (row,)),), strengths=(FindingLine(f"{word} {text} AKHIR"),))
    elif kind == "panel_report":
        row2 = PanelRow("q", "1", f"{word} AKHIR", ("2",) * 3, 2.0, 0.0, False, f"{text} AKHIR")
        content = samples_panel.report(aspects=(PanelAspect("a", "1", "Satu", 100.0, 2.0, (2.0,) * 3, (row2,)),))
    else:
        made = samples_panel.blank()
        group = made.groups[0]
        content = replace(made, groups=(replace(group, questions=(replace(group.questions[0], label=f"{word} {text} AKHIR"),)),))
    pdf = make(content)
    said = tagtree.spoken(pdf)
    assert said.count("AKHIR") >= 1
    assert word in said
    assert tagtree.squeezed(text) in said
    tagtree.read(pdf)


def test_the_summary_keeps_to_one_page_whatever_there_is() -> None:
    long = "Sebuah temuan yang panjang sekali dan memuat banyak keterangan. " * 20
    for paper in ("A4", "F4"):
        content = samples_panel.summary(samples_panel.report(actions=samples_panel.many_actions(30)), paper=paper, language="en",
                                        strengths=(FindingLine(long, "Smart Living"),) * 3, weaknesses=(FindingLine(long),) * 3)
        assert lay_out(content).pages == 1


@pytest.mark.parametrize("kind", ["panel_report", "summary", "blank_sheet"])
def test_the_further_documents_are_archivable_too(kind: str) -> None:
    made: dict[str, Content] = {"panel_report": samples_panel.report(), "summary": samples_panel.summary(),
                                "blank_sheet": samples_panel.blank("en", "F4")}
    content = made[kind]
    laid = lay_out(content)
    pdf = finish(laid, content)
    root = tagtree.read(pdf)
    assert len(root.find("H1")) == 1
    assert {one.name for one in laid.fields} == set(content.expected)
    report = conforming.archivable(finish(laid, content, bare=True))
    assert report.passed, report.summary()
