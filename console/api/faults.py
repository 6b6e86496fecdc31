"""What pydantic finds wrong, in sentences of the asker's language that name what is accepted."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from console.api.language import N_
from console.api.problems import Wrong, bad_input
from console.words import Words

T = TypeVar("T")

#: faults told for one body; more help nobody
MOST = 20
#: kinds of fault that only a strict reading finds
_TAKEN_AT_THEIR_WORD = frozenset({"int_type", "bool_type"})

_SENTENCES: Mapping[str, str] = {
    "missing": N_("This field is required."),
    "extra_forbidden": N_("There is no such field here."),
    "string_type": N_("A string is expected."),
    "string_unicode": N_("A string of Unicode characters is expected."),
    "string_pattern_mismatch": N_("It is not of the form that is accepted."),
    "string_too_long": N_("It is too long."),
    "string_too_short": N_("It is too short."),
    "int_type": N_("A whole number is expected."),
    "int_from_float": N_("A whole number is expected."),
    "int_parsing": N_("A whole number is expected."),
    "int_parsing_size": N_("The number is too large."),
    "bool_type": N_("true or false is expected."),
    "bool_parsing": N_("true or false is expected."),
    "list_type": N_("A list is expected."),
    "dict_type": N_("An object is expected."),
    "model_type": N_("An object is expected."),
    "model_attributes_type": N_("An object is expected."),
    "enum": N_("It is none of the values that are accepted."),
    "literal_error": N_("It is none of the values that are accepted."),
    "greater_than_equal": N_("The number is too small."),
    "less_than_equal": N_("The number is too large."),
    "too_long": N_("The list has too many entries."),
    "too_short": N_("The list has too few entries."),
    "timezone_aware": N_("A time needs its zone."),
    "datetime_type": N_("A time is expected."),
    "datetime_parsing": N_("It is no time of the calendar."),
    "datetime_from_date_parsing": N_("It is no time of the calendar."),
    "datetime_object_invalid": N_("It is no time of the calendar."),
    "decimal_type": N_("An amount of money is expected."),
    "decimal_parsing": N_("An amount of money is expected."),
    "decimal_max_digits": N_("The amount has too many digits."),
    "decimal_max_places": N_("The amount has more than two decimal places."),
    "decimal_whole_digits": N_("The amount is too large."),
    "json_invalid": N_("It holds half a character (a lone surrogate), which cannot be stored."),
    "finite_number": N_("An amount of money is expected."),
}
_TIME = "2026-03-02T09:20:00+08:00"
_MONEY = "5000.00"
#: what the domain says of its own accord
_LENGTH = re.compile(r"has (?P<count>\d+) characters, at most (?P<limit>\d+) are accepted")
_OWN_FIELD = re.compile(r"(?P<field>[a-z_]+): .+", re.DOTALL)


def judge(adapter: TypeAdapter[T], data: dict[str, Any], words: Words) -> T:
    """The data as the model, numbers and truth values taken at their word: "5" is no number, 1 is not true.

    Instants and money are judged by how they are written, which pydantic's own strictness cannot do. Raises Problem
    with each fault once, in the order of the fields.
    """
    written = json.dumps(data)
    read: T | None = None
    faults: list[Any] = []
    try:
        read = adapter.validate_json(written)
    except ValidationError as loose:
        faults = _faults(loose)
    try:
        adapter.validate_json(written, strict=True)
    except ValidationError as strict:
        faults += [one for one in _faults(strict) if one["type"] in _TAKEN_AT_THEIR_WORD]
    if faults or read is None:
        found: dict[tuple[str | int, ...], Wrong] = {}
        for one in faults:
            wrong = _wrong(one, words, "body")
            found.setdefault(wrong.at, wrong)
        raise bad_input(*list(found.values())[:MOST])
    return read


def _faults(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_input=False))


def _wrong(one: Mapping[str, Any], words: Words, source: str) -> Wrong:
    at = tuple(part for part in one["loc"] if not _is_branch(part))
    kind, context = one["type"], one.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return _said_by_domain(at, str(context.get("error", one["msg"])), words, source)
    sentence = _SENTENCES.get(kind, N_("It cannot be read."))
    return Wrong(at, words.gettext(sentence), _accepted(kind, context, words), source)


def _is_branch(part: str | int) -> bool:
    """Whether a part of a location names a member of a union, which is no part of what was sent."""
    return isinstance(part, str) and (part.endswith(("]", "()")) or part in ("str", "enum", "literal"))


def _said_by_domain(at: tuple[str | int, ...], said: str, words: Words, source: str) -> Wrong:
    if told := _LENGTH.fullmatch(said):
        return Wrong(at, words.gettext("It is too long."), _up_to(told["limit"], words), source)
    if not at and (own := _OWN_FIELD.fullmatch(said)):
        at = (own["field"],)
    return Wrong(at, words.sentence(said), source=source)


def _accepted(kind: str, context: Mapping[str, Any], words: Words) -> str | None:
    match kind:
        case "enum" | "literal_error":
            return str(context["expected"]).replace("'", "")
        case "string_pattern_mismatch":
            return str(context["pattern"])
        case "string_too_long":
            return _up_to(context["max_length"], words)
        case "too_long":
            return words.gettext("up to %(count)s entries") % {"count": context["max_length"]}
        case "too_short":
            return words.gettext("at least %(count)s entries") % {"count": context["min_length"]}
        case "greater_than_equal":
            return f"≥ {context['ge']}"
        case "less_than_equal":
            return f"≤ {context['le']}"
    if kind.startswith(("datetime", "timezone")):
        return _TIME
    return _MONEY if kind.startswith(("decimal", "finite")) else None


def _up_to(count: object, words: Words) -> str:
    return words.gettext("up to %(count)s characters") % {"count": count}


def of_request(errors: Iterable[Mapping[str, Any]], words: Words) -> list[Wrong]:
    """The faults the framework found in path, query and headers."""
    found = []
    for one in errors:
        source, *rest = one["loc"]
        found.append(_wrong({**one, "loc": tuple(rest)}, words, str(source)))
    return found[:MOST]
