"""Refusals in the reader's language.

The rules refuse in English sentences that carry codes: "record_round may be said in NEGOTIATING, not in FEEDBACK."
The catalogue holds each such sentence, drawn from the sources by `make messages`, with its changing parts numbered:
"{1} may be said in {2}, not in {3}." A refusal is matched against them, translated, and its parts are put in by name.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from console.words.catalogue import Key, translations

#: the context of the sentences in the catalogues
CONTEXT = "refusal"
#: The kinds of codes that stand in refusals, in the order in which a word is looked up.
_KINDS = ("stage", "command", "role", "department", "flag", "deadline", "place", "state", "outcome", "channel", "type", "line")  # fmt: skip
_PART = re.compile(r"\{(\d)\}")
_PREFIX = re.compile(r"([a-z_]+(?:\.[a-z0-9_]+)*): (.+)", re.DOTALL)
_RULE = re.compile(r"(.+) \(([A-Z]{3}-\d\d|§\d|turn)\)", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]*(?:/[A-Za-z0-9_.\-]+)?")

Known = Callable[[str, str], str | None]


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every sentence with the pattern that finds it; the one with the most words of its own comes first."""
    sentences = sorted(
        (message for context, message in translations("zh-CN") if context == CONTEXT),
        key=lambda message: -len(_PART.sub("", message)),
    )
    return tuple((_pattern(sentence), sentence) for sentence in sentences)


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _PART.split(sentence.removesuffix("."))
    made = [re.escape(text) if i % 2 == 0 else f"(?P<p{text}>.+?)" for i, text in enumerate(pieces)]
    return re.compile("".join(made) + r"\.?", re.DOTALL)


class Refusals:
    """The refusals of one language. known: the name of a code by its kind, or None."""

    def __init__(self, language: str, told: Mapping[Key, tuple[str, ...]], known: Known) -> None:
        self._chinese = language == "zh-CN"
        self._told = told
        self._known = known

    def sentence(self, reason: str) -> str:
        """The refusal as this language says it; a sentence nobody has drawn stays as it is."""
        said = self._said(reason)
        if said is None and (ruled := _RULE.fullmatch(reason)):
            inner = self._said(ruled[1])
            said = f"{inner.rstrip('。.')} ({ruled[2]})" if inner else None
        if said is None:
            return reason
        closed = said.endswith((".", "。", "？", "?"))
        return _capital(said) if closed else f"{_capital(said)}{'。' if self._chinese else '.'}"

    def _said(self, reason: str) -> str | None:
        prefixed = _PREFIX.fullmatch(reason)
        if prefixed and (command := self._known("command", prefixed[1])):
            return self._placed(command, prefixed[2])
        for pattern, sentence in patterns():
            if found := pattern.fullmatch(reason):
                return self._filled(sentence, found.groupdict())
        return self._placed(self._field(prefixed[1]), prefixed[2]) if prefixed else None

    def _placed(self, place: str, fault: str) -> str | None:
        """A fault with the command or the field it was found in."""
        inner = self._said(fault)
        return f"{place}{'：' if self._chinese else ': '}{inner}" if inner else None

    def _filled(self, sentence: str, found: Mapping[str, str]) -> str:
        told = self._told.get((CONTEXT, sentence), (sentence,))[0]
        parts = {name[1:]: self._part(value) for name, value in found.items()}
        if sentence.startswith("{1}: "):
            parts["1"] = self._field(found["p1"])
        return self._opened(_PART.sub(lambda part: parts[part[1]], told))

    def _opened(self, sentence: str) -> str:
        """English sentences keep the field they begin with; it is called by its name too."""
        if not self._chinese and (prefixed := _PREFIX.fullmatch(sentence)):
            return f"{self._field(prefixed[1])}: {prefixed[2]}"
        return sentence

    def _field(self, field: str) -> str:
        return (
            self._known("field", field)
            or self._known("field", field.rpartition(".")[2])
            or field.replace("_", " ")
        )

    def _part(self, value: str) -> str:
        """A changing part: lists are named one by one, reasons inside reasons are sentences of their own."""
        if "; " in value:
            return ("；" if self._chinese else "; ").join(self._part(piece) for piece in value.split("; "))
        if whole := self._name(value) or self._said(value):
            return whole
        if value.startswith("'") and (quoted := _QUOTED.findall(value)):
            return self._joined(self._together(quoted))
        if ", " in value:
            return self._joined(self._together(value.split(", ")))
        return value

    def _together(self, codes: list[str]) -> list[str]:
        """The codes of one list, which are of one kind where one kind has them all."""
        for kind in _KINDS:
            names = [self._known(kind, code) for code in codes]
            if all(names):
                return [_quoted(kind, name or "") for name in names]
        return [self._name(code) or code for code in codes]

    def _joined(self, names: list[str]) -> str:
        return ("、" if self._chinese else ", ").join(names)

    def _name(self, code: str) -> str | None:
        if not _WORD.fullmatch(code) and self._known("place", code) is None:
            return None
        for kind in _KINDS:
            if name := self._known(kind, code):
                return _quoted(kind, name)
        base, _, which = code.partition("/")
        return f"{name} {which}" if which and (name := self._known("deadline", base)) else None


def _quoted(kind: str, name: str) -> str:
    """A command is called by the words on its button."""
    return f"“{name}”" if kind == "command" else name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
