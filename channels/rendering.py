"""The wording of notices, made when they are sent: one template a name, an audience and a language.

A template's first line is the subject, then comes an empty line and the body. Subjects are given codes, numbers and
instants and never a word that somebody wrote, and lose every line break. Customers' templates lie in a folder of
their own, so nothing worded for colleagues can reach a customer, and are given only the words released to them.
Customers' zone and ours is the company's: instants are shown with weekday and zone-local time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.texts import TEXT_ID

Audience = Literal["customer", "staff"]
#: Language → folder of its templates. The first is for everybody whose language is not among them.
LANGUAGES: Mapping[str, str] = {"zh-CN": "zh_CN", "en": "en"}
ZONE = "Asia/Shanghai"
#: The words a customer may read, by template: each was written to the customer or released.
RELEASED: Mapping[str, frozenset[str]] = {
    "progress": frozenset({"text"}),
    "receipt": frozenset({"text"}),
    "promise_moved": frozenset({"condition", "reason"}),
}
_NAME = re.compile(r"[a-z_]+", re.ASCII)
_LONGEST_SUBJECT = 200


class CannotRender(Exception):
    """A template is missing or asks for what the notice does not carry: a fault of ours. Tells no words."""


@dataclass(frozen=True)
class Letter:
    """What is to be said, and to whom.

    params: codes, numbers and instants (RFC 3339), as the ruling gave them. words: those of the params that are
    texts, opened; None where they were erased. name: how to address the receiver. instead_of: the absent person's
    user id. vacant: the code of the seat that nobody holds, where the receiver is told for want of anybody.
    links: addresses for the customer alone, by what they open: status, feedback. hotline: the telephone number that
    customers may call; desk: where our people reach the console, without a slash at the end; None where there is none.
    """

    template: str
    audience: Audience
    number: str
    language: str
    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str | None] = field(default_factory=dict)
    instead_of: str | None = None
    vacant: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    hotline: str | None = None
    desk: str | None = None


@dataclass(frozen=True)
class Rendered:
    """A subject of one line, a body of plain text, and the language they are in."""

    subject: str
    body: str
    language: str


def language_for(wanted: str | None) -> str:
    """The language there are templates in that comes nearest: "en-GB" gets "en", whatever is not known "zh-CN"."""
    asked = (wanted or "").replace("_", "-").lower()
    for language in LANGUAGES:
        if asked == language.lower() or asked.partition("-")[0] == language.partition("-")[0]:
            return language
    return next(iter(LANGUAGES))


def render(letter: Letter, zone: str = ZONE) -> Rendered:
    """Word a notice. Raises CannotRender."""
    language = language_for(letter.language)
    speech = _speech(language)
    plain = {name: value for name, value in letter.params.items() if not _is_text(value)}
    said = {**plain, "number": letter.number, "zone": ZoneInfo(zone)}
    links = {f"{opens}_link": letter.links.get(opens) for opens in ("status", "feedback")}
    heard = {**said, **_words(letter), **links, "hotline": letter.hotline}
    try:
        subject, body = speech.template(letter.audience, letter.template)
        frame = speech.frame(letter.audience)
        inside = body.render(heard).strip()
        whole = frame.render(heard, **_about(letter), body=inside)
        line = " ".join(subject.render(said).split())[:_LONGEST_SUBJECT]
    except TemplateError as error:
        what = f"{letter.audience}/{letter.template} in {language}"
        raise CannotRender(f"The template {what} cannot be filled: {type(error).__name__}") from None
    return Rendered(line, f"{whole.strip()}\n", language)


def _about(letter: Letter) -> dict[str, str | None]:
    """What the frame says besides the body."""
    return {
        "template": letter.template,
        "receiver": " ".join(letter.name.split()),
        "instead_of": letter.instead_of,
        "vacant": letter.vacant,
        "desk": letter.desk,
    }


def _words(letter: Letter) -> dict[str, str | None]:
    """The words a template of this letter may use."""
    if letter.audience == "staff":
        return dict(letter.words)
    released = RELEASED.get(letter.template, frozenset())
    return {name: words for name, words in letter.words.items() if name in released}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and TEXT_ID.match(value) is not None


class Speech:
    """One language: its templates, its names for codes, its way to write instants."""

    def __init__(self, language: str) -> None:
        self._folder = resources.files("channels") / "templates" / LANGUAGES[language]
        self._names: dict[str, dict[str, str]] = yaml.safe_load(self._text("names.yaml"))
        self._loaded: dict[str, tuple[Template, Template]] = {}
        # Plain text for mail readers, not HTML: what looks like a tag must stay what was written.
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["named"] = self.named
        self._environment.filters["moment"] = self.moment
        self._frames = {
            audience: self._environment.from_string(self._text(f"{audience}/_frame.txt"))
            for audience in ("customer", "staff")
        }

    def named(self, code: object, kind: str) -> str:
        """What a code is called; a deadline's name keeps what it is about ("item_due/A1"). An unknown code is shown."""
        base, _, subject = str(code).partition("/")
        called = self._names[kind].get(str(code)) or self._names[kind].get(base, base)
        return f"{called} {subject}" if subject and str(code) not in self._names[kind] else called

    def moment(self, written: str | datetime, zone: ZoneInfo) -> str:
        """An instant as people read it, in their zone and with the weekday: 2026-03-02 09:20 (Mon)."""
        at = datetime.fromisoformat(written) if isinstance(written, str) else written
        local = at.astimezone(zone)
        return f"{local:%Y-%m-%d %H:%M} ({self._names['weekdays'][str(local.isoweekday())]})"

    def names(self) -> Mapping[str, Mapping[str, str]]:
        """The names for codes, by kind."""
        return self._names

    def template(self, audience: Audience, name: str) -> tuple[Template, Template]:
        """Subject and body of a template. Raises CannotRender when there is none of that name."""
        place = f"{audience}/{name}.txt"
        if place not in self._loaded:
            if not _NAME.fullmatch(name) or not (self._folder / place).is_file():
                raise CannotRender(f"There is no template {place}")
            subject, _, body = self._text(place).partition("\n\n")
            self._loaded[place] = (
                self._environment.from_string(subject),
                self._environment.from_string(body),
            )
        return self._loaded[place]

    def frame(self, audience: Audience) -> Template:
        """What stands around every body for this audience."""
        return self._frames[audience]

    def _text(self, place: str) -> str:
        return (self._folder / place).read_text("utf-8")


@cache
def _speech(language: str) -> Speech:
    return Speech(language)


def template_names(language: str, audience: Audience) -> set[str]:
    """The names of all templates for an audience in one of LANGUAGES."""
    folder = resources.files("channels") / "templates" / LANGUAGES[language] / audience
    names = (file.name.removesuffix(".txt") for file in folder.iterdir())
    return {name for name in names if not name.startswith("_")}
