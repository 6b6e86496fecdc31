"""Words in one language."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency

from console.words import times
from console.words.catalogue import translations
from console.words.refusals import Refusals

#: the first is for everybody whose language is not among them
LANGUAGES: Mapping[str, str] = {"zh-CN": "中文", "en": "English"}
_LOCALES: Mapping[str, str] = {"zh-CN": "zh_Hans_CN", "en": "en"}
NOTHING = "–"
#: deadlines of which one runs at a time: which it is says nothing to anybody
_ONE_AT_A_TIME = frozenset({"hold_until"})


def language_for(wanted: str | None) -> str:
    """The language of the desk that comes nearest: "en-GB" gets "en", whatever is not known "zh-CN"."""
    asked = (wanted or "").replace("_", "-").lower()
    for language in LANGUAGES:
        if asked == language.lower() or asked.partition("-")[0] == language.partition("-")[0]:
            return language
    return next(iter(LANGUAGES))


class Words:
    """The words of one language, "zh-CN" or "en". Message ids are English sentences."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._told = translations(language)
        self._refusals = Refusals(language, self._told, self.known)

    def gettext(self, message: str) -> str:
        """The message in this language; itself where nobody has translated it yet."""
        return self._told.get(("", message), (message,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of a message that goes with this count."""
        single = count == 1
        if forms := self._told.get(("", one)):
            return forms[0] if single or len(forms) == 1 else forms[1]
        return one if single else many

    def pgettext(self, context: str, message: str) -> str:
        """The message as it is meant in this context."""
        return self._told.get((context, message), (message,))[0]

    def known(self, kind: str, code: str) -> str | None:
        """The name of a code, or None where nobody has named it."""
        forms = self._told.get((kind, code))
        return forms[0] if forms else None

    def name(self, kind: str, code: str | None) -> str:
        """What a code is called, such as ("stage", "NEGOTIATING"); "–" for none.

        A code that came with newer data and has no name yet is shown legibly, not as a fault.
        """
        if code is None or str(code) == "":
            return NOTHING
        if kind == "deadline":
            return self.deadline(str(code))
        return self.known(kind, str(code)) or str(code).replace("_", " ")

    def deadline(self, name: str) -> str:
        """A deadline's full name: "promise_due/P1" is "Promise P1"."""
        if whole := self.known("deadline", name):
            return whole
        base, _, which = name.partition("/")
        which = "" if base in _ONE_AT_A_TIME else which
        told = self.known("deadline", base) or base.replace("_", " ")
        return f"{told} {which}" if which else told

    def when(self, at: datetime | None) -> str:
        """An instant in the company's zone with weekday, to the minute: "2026-03-02 Mon 09:20"."""
        return times.when(at, self.gettext) if at else NOTHING

    def day(self, at: datetime | None) -> str:
        """The day of an instant in the company's zone with weekday: "2026-03-02 Mon"."""
        return times.day(at, self.gettext) if at else NOTHING

    def left(self, due: datetime, now: datetime) -> str:
        """The time left until `due`, or how long it is overdue: "3 h left", "2 d overdue"."""
        return times.left(due, now, self.gettext)

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago something was; a day when it is more than a week."""
        return times.ago(at, now, self.gettext)

    def money(self, amount: str | Decimal | None) -> str:
        """An amount in CNY, such as "¥5,000.00"; what is no number is shown as it is."""
        if amount is None or amount == "":
            return NOTHING
        try:
            return str(format_currency(Decimal(amount), "CNY", locale=_LOCALES[self.language]))
        except InvalidOperation:
            return str(amount)

    def sentence(self, reason: str) -> str:
        """A refusal of the rules, which speak English and codes, in this language and in names."""
        return self._refusals.sentence(reason)
