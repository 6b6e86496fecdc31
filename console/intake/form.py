"""The intake form: its fields as typed, what is wrong with them, and what a good complaint would still need."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from console.words import LANGUAGES
from domain.codes import Channel, Line
from domain.texts import Text
from starter.submission import EARLY, LATE, Submission

#: the company's zone: what is typed without one is meant so
ZONE = ZoneInfo("Asia/Shanghai")
KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
LONGEST = 100_000
#: of a name that a person has: what is longer was meant for another field, and fills every list
LONGEST_NAME = 100
#: a telephone number with fewer digits reaches nobody from outside the house
_FEWEST_DIGITS = 7
_TELEPHONE_ALONE = re.compile(r"[\d\s()+./-]+")

#: what came without somebody waiting for an answer
ABSENT = frozenset(
    {
        Channel.SUGGESTION_BOX,
        Channel.POST,
        Channel.EMAIL,
        Channel.COURT_DOCUMENT,
        Channel.LAWYER_LETTER,
        Channel.MEDIA,
    }
)
#: what carries a number of its own, given by who sent it
NUMBERED = frozenset({Channel.HOTLINE, Channel.COURT_DOCUMENT, Channel.LAWYER_LETTER, Channel.POST})
#: the channels of this desk, the most frequent first
CHANNELS = (
    Channel.TELEPHONE,
    Channel.COUNTER,
    *(c for c in Channel if c not in (Channel.TELEPHONE, Channel.COUNTER)),
)
#: by which a customer may wish to be answered
WAYS = (Channel.TELEPHONE, Channel.WECHAT, Channel.EMAIL, Channel.IN_PERSON, Channel.POST)

#: what the customer is asked beside the complaint itself; kept as an addition to the record (INT-07)
ASKED = ("event", "people", "purpose", "questions")
FIELDS = (
    *("channel", "received_at", "contact", "name", "project", "unit", "text", "desired"),
    *ASKED,
    *("preferred", "language", "line", "external_id", "register", "explained"),
)
#: a tick box that is not ticked is not sent, so the form says that it was there
_TICKS = ("register", "explained")
_AT = {
    ("customer", "name"): "name",
    ("customer", "contact"): "contact",
    ("customer", "preferred"): "preferred",
    ("customer", "language"): "language",
    ("place", "project"): "project",
    ("place", "unit"): "unit",
}
_TEXT: TypeAdapter[str | None] = TypeAdapter(Text | None)
Gettext = Callable[[str], str]


@dataclass(frozen=True)
class IntakeForm:
    """A form as typed. key: 32 hexadecimal digits, the form's own. fields: by name, blanks left out."""

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def ticked(self) -> frozenset[str]:
        """Which boxes are ticked."""
        return frozenset(name for name in _TICKS if self.fields.get(name) == "yes")

    @property
    def channel(self) -> Channel:
        """The channel, telephone where none is chosen."""
        return (
            Channel(self["channel"]) if self["channel"] in Channel.__members__.values() else Channel.TELEPHONE
        )

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What was asked beside the complaint, as far as it was answered."""
        return [(name, self[name]) for name in ASKED if self[name].strip()]


def fresh_form(now: datetime) -> IntakeForm:
    """A new form: received now, to be registered at once, the customer written to in the first of our languages,
    whatever the clerk reads. now: aware."""
    written = now.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    return IntakeForm(
        new_key(),
        {
            "channel": "telephone",
            "received_at": written,
            "language": next(iter(LANGUAGES)),
            "register": "yes",
        },
    )


def new_key() -> str:
    """The idempotency key of a new form."""
    return uuid.uuid4().hex


def typed_form(sent: Mapping[str, str]) -> IntakeForm:
    """The form as it was sent; line breaks as they are kept, words as they are."""
    key = sent.get("key", "")
    known = {name: sent[name].replace("\r\n", "\n") for name in FIELDS if sent.get(name, "").strip()}
    return IntakeForm(key if KEY.fullmatch(key) else new_key(), known)


def read_form_fields(form: IntakeForm, now: datetime, _: Gettext) -> Submission | dict[str, str]:
    """The submission the form means, or what is wrong: field → sentence. now: aware."""
    wrong = _answers_wrong(form, _)
    if len(form["name"].strip()) > LONGEST_NAME:
        wrong["name"] = _("At most %(most)s characters are taken.") % {"most": LONGEST_NAME}
    received = _received(form["received_at"], now)
    if received is None:
        wrong["received_at"] = _(
            "Write the date and time of receipt, within the last ten years and not in the future."
        )
    told = {
        "channel": form["channel"] or None,
        "received_at": (received or now).isoformat(),
        "line": form["line"] or Line.SALES,
        "external_id": form["external_id"] or None,
        "customer": {
            "name": form["name"],
            "contact": form["contact"],
            "preferred": form["preferred"] or None,
            "language": form["language"] or None,
        },
        "place": {"project": form["project"], "unit": form["unit"] or None},
        "text": form["text"],
        "desired": form["desired"] or None,
    }
    try:
        submission = Submission.model_validate(told)
    except ValidationError as error:
        return {**_by_field(error, _), **wrong}
    return wrong or submission


def wrong_in_addition(form: IntakeForm, _: Gettext) -> dict[str, str]:
    """What is wrong with what is to be added to a complaint there is: field → sentence. The other fields stay behind."""
    wrong = _answers_wrong(form, _)
    for name in ("text", "desired"):
        try:
            _TEXT.validate_python(form[name] or None)
        except ValidationError as error:
            wrong[name] = _sentence(error.errors(include_url=False)[0], _)
    return wrong


def missing(form: IntakeForm, _: Gettext) -> list[tuple[str, str, bool]]:
    """What a good complaint still needs: (field, question to ask, whether it cannot be opened without) (INT-03, INT-06).

    A telephone number that breaks off is asked about, and taken as it is.
    """
    asked: list[tuple[str, str, bool]] = [
        ("contact", _("How can we reach the customer?"), True),
        ("name", _("What is the customer's name?"), True),
        ("project", _("Which project is it about?"), True),
        ("text", _("What has happened, in the customer's own words?"), True),
        ("unit", _("Which building and unit?"), False),
        ("event", _("When and where did it happen?"), False),
        ("desired", _("What does the customer want us to do?"), False),
        ("preferred", _("How would the customer like to be answered?"), False),
    ]
    still = [one for one in asked if not form[one[0]].strip()]
    if _breaks_off(form["contact"]):
        still.insert(
            0, ("contact", _("Is the telephone number complete? It has fewer than seven digits."), False)
        )
    return still


def _breaks_off(contact: str) -> bool:
    """Whether it reads as a telephone number that is not whole; a name in a messenger or an address never does."""
    digits = sum(one.isdecimal() for one in contact)
    return bool(_TELEPHONE_ALONE.fullmatch(contact)) and 0 < digits < _FEWEST_DIGITS


def _received(written: str, now: datetime) -> datetime | None:
    try:
        received = datetime.fromisoformat(written)
        if received.tzinfo is None:
            received = received.replace(tzinfo=ZONE)
        received = received.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days there are have no neighbour in another zone
        return None
    return received if now - EARLY <= received <= now + LATE else None


def _answers_wrong(form: IntakeForm, _: Gettext) -> dict[str, str]:
    """The answers are kept as one text; here they are judged one by one."""
    wrong = {}
    for name, words in form.answers:
        if len(words) > 10_000:
            wrong[name] = _("At most %(most)s characters are taken.") % {"most": 10_000}
        elif re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", words):
            wrong[name] = _("There are invisible control characters in it; type it again.")
    return wrong


def _by_field(error: ValidationError, _: Gettext) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        place: Any = tuple(fault["loc"])
        name = _AT.get(place, str(place[0]))
        found.setdefault(name, _sentence(fault, _))
    return found


def _sentence(fault: Any, _: Gettext) -> str:
    said = str(fault["msg"])
    if "at most" in said:
        most = re.findall(r"\d+", said)[-1]
        return _("At most %(most)s characters are taken.") % {"most": most}
    if "control characters" in said or "surrogate" in said:
        return _("There are invisible control characters in it; type it again.")
    if fault["type"] in ("enum", "literal_error"):
        return _("Choose one from the list.")
    return _("Fill this in.")
