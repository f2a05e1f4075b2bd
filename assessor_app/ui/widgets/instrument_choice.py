"""What the page of scores shows before there is a sheet: which instrument this evaluation uses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Empty, button, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow.evaluating import InstrumentCard


def facts_of(card: InstrumentCard) -> str:
    """Return in a line what an instrument is."""
    return " · ".join((t("{0} questions").format(card.questions), t("version {0}").format(card.ref.rpartition("@")[2]),
                       t("official") if card.official else t("our own example, not official")))


class InstrumentChoice(Empty):
    """Offers the instruments.

    Signals:
        begun(str): begin with this instrument, by its ref.
    """

    begun = Signal(str)

    def __init__(self, theme: Theme, choices: Sequence[InstrumentCard]) -> None:
        super().__init__(theme, "scoring", t("No scores yet"),
                         t("Choose the instrument. Your scores stay yours: nobody else sees this sheet before the panel is closed."))
        cards = {card.ref: card for card in choices}
        titles = [(card.ref, card.title_en if i18n.language() == "en" else card.title_id) for card in choices]
        self.choice = Choice(titles, choices[0].ref if choices else "")
        self.choice.setAccessibleName(t("Instrument"))
        self.choice.setMinimumWidth(theme.em(16))
        facts = label("", "muted")
        facts.setAlignment(Qt.AlignmentFlag.AlignCenter)

        def say() -> None:
            card = cards.get(self.choice.code())
            facts.setText(facts_of(card) if card is not None else "")

        self.choice.chosen.connect(lambda _: say())
        say()
        self.begin = button(theme, t("Begin scoring"), self._begin, icon="scoring", part="main")
        self.begin.setEnabled(bool(choices))
        self.add(self.choice, wide=True)
        self.add(facts, wide=True)
        self.add(self.begin)

    def _begin(self) -> None:
        self.begin.setEnabled(False)
        self.begun.emit(self.choice.code())
