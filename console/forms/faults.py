"""What is wrong with what was typed, per field and in the reader's language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from console.forms.labels import N_
from console.forms.reading import BAD_MONEY, BAD_NUMBER, BAD_TIME, CHOOSE, Typed
from console.forms.shape import unanswered
from console.words import Words
from domain.commands import MODELS, Said

_ADAPTERS: dict[str, TypeAdapter[Said]] = {kind: TypeAdapter(model) for kind, model in MODELS.items()}

MISSING = N_("Please fill in this field.")
_CODE = N_(
    "Letters, digits, dots, hyphens and underscores only, 64 at most, beginning with a letter or digit."
)
_WRONG = N_("This value is not accepted.")
#: what a model's own check says → how a form says it
_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"control characters"),
        N_("The text holds invisible control characters. Please type it anew, or paste it as plain text."),
    ),
    (re.compile(r"lone surrogate"), N_("The text holds half a character, which cannot be stored.")),
    (re.compile(r"must not be empty"), MISSING),
    (
        re.compile(r"has (?P<given>\d+) characters, at most (?P<most>\d+)"),
        N_("The text has %(given)s characters; at most %(most)s are accepted."),
    ),
    (re.compile(r"the year must lie"), N_("The year must lie between 1900 and 2999.")),
    (re.compile(r"money is a decimal"), BAD_MONEY),
    (re.compile(r"an instant is written"), BAD_TIME),
    (re.compile(r"a promise needs a date"), N_("A promise needs a date or a stated condition.")),
    (re.compile(r"give a floor, a ceiling or both"), N_("Give a lower limit, an upper limit or both.")),
    (re.compile(r"must not be above the ceiling"), N_("The lower limit must not be above the upper limit.")),
    (
        re.compile(r"say whether the customer is satisfied"),
        N_("Say whether the customer is satisfied, or that there was no reply."),
    ),
)
#: pydantic's own kinds of error
_KINDS: Mapping[str, str] = {
    "missing": MISSING,
    "enum": CHOOSE,
    "literal_error": CHOOSE,
    "int_parsing": BAD_NUMBER,
    "int_type": BAD_NUMBER,
    "timezone_aware": BAD_TIME,
    "bool_parsing": CHOOSE,
    "decimal_parsing": BAD_MONEY,
    "decimal_type": BAD_MONEY,
    "decimal_max_digits": BAD_MONEY,
    "decimal_max_places": BAD_MONEY,
    "decimal_whole_digits": BAD_MONEY,
    "finite_number": BAD_MONEY,
    "string_pattern_mismatch": _CODE,
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", N_("At least %(bound)s is wanted.")),
    "less_than_equal": ("le", N_("At most %(bound)s is accepted.")),
    "string_too_long": ("max_length", N_("At most %(bound)s characters are accepted.")),
    "too_long": ("max_length", N_("At most %(bound)s entries are accepted.")),
    "dict_too_long": ("max_length", N_("At most %(bound)s entries are accepted.")),
}
#: What the desk's own forms ask for beyond the vocabulary, which leaves it to programs: command, field and its value →
#: the field that has to be filled in then, and why.
DEMANDED: Mapping[tuple[str, str, object], tuple[str, str]] = {
    ("record_response", "effective", True): (
        "text",
        N_("An effective answer stops the clock: put down what the customer was told."),
    ),
    ("decide_review", "decision", "returned"): (
        "reason",
        N_("Say why it goes back: others work on it next."),
    ),
    ("approve_offer", "decision", "refused"): (
        "reason",
        N_("Say why not: somebody has to make another offer."),
    ),
}
_FIELD = re.compile(r"^(?:Value error, )?([a-z_]+): ")
_PART = re.compile(r"^(?:[a-z_]+|\d+)$")


def faults_of(kind: str, by: str, typed: Typed, words: Words) -> dict[str, str]:
    """Every fault of a form by field ("items.0.due" in the first row on the form); empty where the command can be said."""
    faults = {name: words.gettext(message) for name, message in typed.faults.items()}
    try:
        _ADAPTERS[kind].validate_python({**typed.data, "kind": kind, "by": by})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            place, sentence = _fault(detail, words)
            faults.setdefault(typed.on_form(place), sentence)
    for name in unanswered(kind, typed.data):
        faults.setdefault(name, words.gettext(MISSING))
    for (of, field, value), (demanded, why) in DEMANDED.items():
        if of == kind and typed.data.get(field) == value and not typed.data.get(demanded):
            faults.setdefault(demanded, words.gettext(why))
    return faults


def _fault(detail: ErrorDetails, words: Words) -> tuple[str, str]:
    place = _place(detail["loc"])
    message = detail["msg"]
    if not place and (named := _FIELD.match(message)):
        place = named[1]
    if detail["type"] in _BOUNDS:
        key, sentence = _BOUNDS[detail["type"]]
        return place, words.gettext(sentence) % {"bound": detail["ctx"][key]}
    if detail["type"] in ("too_short", "dict_too_short"):
        return place, words.gettext(MISSING)
    if detail["type"] in _KINDS:
        told = _KINDS[detail["type"]]
        return place, words.gettext(told)
    for pattern, sentence in _SAID:
        if found := pattern.search(message):
            return place, _filled(words.gettext, sentence, found.groupdict())
    return place, words.gettext(_WRONG)


def _filled(gettext: Callable[[str], str], sentence: str, given: Mapping[str, Any]) -> str:
    return gettext(sentence) % given if given else gettext(sentence)


def _place(loc: tuple[int | str, ...]) -> str:
    """The field of an error; the names pydantic gives to branches of a union are not places of the form.

    A wrong choice of several belongs to the list, a wrong row to its column.
    """
    parts = [str(part) for part in loc if _PART.match(str(part))]
    if len(parts) >= 3 and parts[0] == "items":
        return ".".join(parts[:3])
    return parts[0] if parts else ""
