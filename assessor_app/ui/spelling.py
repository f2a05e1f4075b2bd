"""What is known of the spelling of words: asked of the system's dictionaries beside the window, each word once, kept in memory alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assessor_app.models.kinds import Kind

if TYPE_CHECKING:
    from assessor_app.models.changes import ChangeSet
    from assessor_app.settings import Settings
    from assessor_app.ui.platform_spelling import Dictionary
    from assessor_app.ui.tasks import Tasks
    from assessor_app.workflow.accounts import Account

#: How many words are looked up in one piece: a few milliseconds.
_PIECE = 200
#: How many words are remembered: several of the longest notes.
_REMEMBERED = 50_000


class Speller(QObject):
    """Tells which words are wrong, as far as it knows yet; a word that any chosen dictionary knows is right.

    Signals:
        learned(): more words are known now, or they are judged otherwise.
    """

    learned = Signal()

    def __init__(self, settings: Settings, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._settings, self._tasks = settings, tasks
        self._opened: dict[str, Dictionary | None] = {}  # used by the one thread of ``in_turn`` alone
        self._verdicts: dict[str, bool] = {}
        self._asked: set[str] = set()
        self._ignored: set[str] = set()
        self._account: Account | None = None
        self._own: frozenset[str] = frozenset()
        self._turn = 0  # what was asked for another notebook or other languages is no answer any more
        tasks.changed.connect(self._on_changed)

    # -- what is known

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are looked up; none where spelling is switched off."""
        wanted = (("id", self._settings.spelling_id), ("en", self._settings.spelling_en))
        return tuple(code for code, on in wanted if on) if self._settings.spelling else ()

    def wrong(self, words: Iterable[str]) -> set[str]:
        """Return those of the words that are known to be wrong; what is not known yet is looked up, and ``learned`` tells of it."""
        found, new = set(), set()
        for word in words:
            verdict = self._verdicts.get(word)
            if verdict is False:
                found.add(word)
            elif verdict is None and word not in self._asked:
                new.add(word)
        if new and self.languages:
            self._ask(sorted(new))
        return found

    def _ask(self, words: list[str]) -> None:
        turn, languages, own = self._turn, self.languages, self._own | self._ignored
        self._asked.update(words)

        def look(piece: list[str]) -> tuple[int, dict[str, bool]]:
            return turn, self._look_up(piece, languages, own)

        for at in range(0, len(words), _PIECE):
            self._tasks.in_turn(lambda piece=words[at : at + _PIECE]: look(piece), done=self._take, owner=self)  # type: ignore[misc]

    def _take(self, answer: tuple[int, dict[str, bool]]) -> None:
        turn, verdicts = answer
        if turn == self._turn:
            if len(self._verdicts) > _REMEMBERED:
                self._verdicts.clear()
            let = self._own | self._ignored  # also what was added while this was looked up
            verdicts = {word: right or _bare(word) in let for word, right in verdicts.items()}
            self._verdicts |= verdicts
            self._asked.difference_update(verdicts)
            if not all(verdicts.values()):
                self.learned.emit()

    # -- what a person asks for

    def next_wrong(self, text: str, start: int, mentions: Collection[str], use: Callable[[tuple[int, int] | None], None], *,
                   owner: QObject) -> None:
        """Find the first wrong word that ends after ``start``, going on at the beginning; hand its place in code points to ``use``."""
        languages, own = self.languages, self._own | self._ignored

        def look() -> tuple[int, int] | None:
            from assessor_app.workflow.spelling import words_in

            seen: dict[str, bool] = {}
            words = list(words_in(text, mentions))
            for word in [one for one in words if one.end > start] + [one for one in words if one.end <= start]:
                if word.text not in seen:
                    seen |= self._look_up([word.text], languages, own)
                if not seen[word.text]:
                    return word.start, word.end
            return None

        self._tasks.in_turn(look, done=use, owner=owner)

    def suggest(self, word: str, use: Callable[[list[str]], None], *, owner: QObject) -> None:
        """Hand the dictionaries' suggestions to ``use``, the likest first."""
        languages = self.languages

        def look() -> list[str]:
            from assessor_app.ui.platform_spelling import MOST
            from assessor_app.workflow.spelling import likest, plain

            return likest(plain(word), [one for found in self._dictionaries(languages) for one in found.suggestions(plain(word))])[:MOST]

        self._tasks.in_turn(look, done=use, owner=owner)

    def missing(self, languages: tuple[str, ...], use: Callable[[str], None], *, owner: QObject) -> None:
        """Hand a sentence on the dictionaries that the system lacks to ``use``; an empty one where it has all."""

        def look() -> tuple[str, bool]:
            from assessor_app.ui.platform_spelling import remedy

            lacked = [code for code, found in self._opened.items() if found is None]
            for code in lacked:
                del self._opened[code]  # it may be installed by now
            self._dictionaries((*languages, *lacked))
            lacking = [code for code in languages if self._opened[code] is None]
            return remedy(lacking) if lacking else "", any(self._opened[code] is not None for code in lacked)

        def answer(told: tuple[str, bool]) -> None:
            if told[1]:
                self.begin_anew()
            use(told[0])

        self._tasks.in_turn(look, done=answer, owner=owner)

    def add(self, word: str) -> None:
        """Add a word to the person's own, in the notebook."""
        from assessor_app.workflow.spelling import add_word

        self._tasks.write(add_word, word, purpose="setting", done=lambda _: self.read_own(), owner=self)

    def ignore(self, word: str) -> None:
        """Let a word be until the notebook is closed."""
        self._ignored.add(_bare(word))
        self._let_be({_bare(word)})

    def _let_be(self, words: Collection[str]) -> None:
        self._verdicts |= {one: True for one in self._verdicts if _bare(one) in words}
        self.learned.emit()

    # -- beside the window

    def _dictionaries(self, languages: Iterable[str]) -> list[Dictionary]:
        from assessor_app.ui.platform_spelling import open_dictionary

        for code in languages:
            if code not in self._opened:
                self._opened[code] = open_dictionary(code)
        return [found for code in languages if (found := self._opened[code]) is not None]

    def _look_up(self, words: list[str], languages: tuple[str, ...], own: Collection[str]) -> dict[str, bool]:
        from assessor_app.workflow.spelling import is_known

        found = self._dictionaries(languages)
        if not found:
            return dict.fromkeys(words, True)  # who has no dictionary finds no fault
        return {word: is_known(word, lambda one: any(each.knows(one) for each in found), own) for word in words}

    # -- the notebook and the settings

    def open(self, account: Account | None) -> None:
        """Read the person's own words of the notebook that is open now; of another one nothing is known any more."""
        if account is not self._account:  # the window is built anew over the same one where its language changes
            self._ignored.clear()
        self._account = account
        self._own = frozenset()
        self.begin_anew()
        self.read_own()

    def begin_anew(self) -> None:
        """Judge every word again: by other languages or other own words."""
        self._turn += 1
        self._verdicts.clear()
        self._asked.clear()
        self.learned.emit()

    def read_own(self) -> None:
        """Read the person's own words anew."""
        from assessor_app.workflow.spelling import my_words

        self._tasks.read(my_words, done=self._take_own, key="own-words", owner=self)

    def _take_own(self, words: tuple[str, ...]) -> None:
        own = frozenset(map(_bare, words))
        added, gone = own - self._own, self._own - own
        self._own = own
        if gone:
            self.begin_anew()
        elif added:
            self._let_be(added)

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(Kind.PERSON):
            self.read_own()  # the name of an erased person is none of the words any more


def _bare(word: str) -> str:
    return word.replace("’", "'").casefold()
