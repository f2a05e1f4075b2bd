"""The five pages of a visit, by name: known before anything of a notebook is loaded."""

from __future__ import annotations

from assessor_app.i18n import t

OVERVIEW, PLAN, INTERVIEWS, SCORING, DOCUMENTS = "overview", "plan", "interviews", "scoring", "documents"
PAGES = (OVERVIEW, PLAN, INTERVIEWS, SCORING, DOCUMENTS)


def page_title(code: str) -> str:
    """Return the words on a page's tab."""
    return {OVERVIEW: t("Overview"), PLAN: t("Master plan"), INTERVIEWS: t("Interviews"), SCORING: t("Scoring"),
            DOCUMENTS: t("Documents")}[code]
