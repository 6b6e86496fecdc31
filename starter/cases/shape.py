"""The models of a case: what is submitted, the steps said to it, and what is expected of it (commands.md §5)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from domain.codes import Receiver, Result, Role, Stage
from domain.commands import INTERNAL, MODELS
from domain.roles import CUSTOMER
from starter.cases.durations import ACCEPTED, RFC_3339, parse_instant, parse_range, parse_rfc3339

_SAYER = re.compile(r"(?P<role>[A-Z_]+)(?:/(?P<nth>[1-9][0-9]{0,3}))?")
_FEED = re.compile(r"feed:[a-z0-9][a-z0-9_.\-]{0,58}")
#: The calendar and the outbox speak by themselves; nobody can play them.
_OUR_FEEDS = frozenset(str(MODELS[kind].model_fields["by"].default) for kind in INTERNAL)
#: The customer speaks by link (commands.md §4); not a seat, so not among the roles.
_CUSTOMER = Receiver.CUSTOMER.value
_SAYERS = (*(role.value for role in Role), _CUSTOMER)

#: What a submission is made of, as in the body of `POST /api/v1/complaints`.
_PARTS = {"customer": ("name", "contact", "preferred", "language"), "place": ("project", "unit")}
_WORDS = ("external_id", "channel", "line")


class Sayer(BaseModel):
    """Who speaks: `ROLE` is the person `role-1`, `ROLE/2` is `role-2`, each holding that one seat.

    The customer, who speaks by link, and a connected system (`feed:<name>`) hold none.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    role: Role | None = None

    @classmethod
    def read(cls, text: object) -> "Sayer":
        """Raises ValueError naming the roles that are accepted."""
        if isinstance(text, str) and _FEED.fullmatch(text) and text not in _OUR_FEEDS:
            return cls(id=text)
        if text == _CUSTOMER:
            return cls(id=CUSTOMER)
        match = _SAYER.fullmatch(text) if isinstance(text, str) else None
        if match is None or match["role"] not in Role.__members__:
            near = get_close_matches(str(text), _SAYERS, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            known = ", ".join(_SAYERS)
            raise ValueError(f"{text!r} is no role; {hint}accepted are {known}, a second person as ROLE/2")
        return cls(role=Role(match["role"]), id=f"{match['role'].lower()}-{match['nth'] or 1}")


def _receipt(info: ValidationInfo) -> datetime:
    """The receipt of the case being read; models of this file are only ever read with it as context."""
    received_at = (info.context or {}).get("received_at")
    if not isinstance(received_at, datetime):
        raise ValueError("cannot be counted: the case has no valid received_at")
    return received_at


def _instant(value: object, info: ValidationInfo) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no instant; accepted is {ACCEPTED}")
    return parse_instant(value, _receipt(info))


def _range(value: object, info: ValidationInfo) -> tuple[datetime, datetime]:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no instant; accepted is {ACCEPTED}, or a range of two joined by ..")
    return parse_range(value, _receipt(info))


Instant = Annotated[datetime, BeforeValidator(_instant)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, coerce_numbers_to_str=True)


class Step(_Read):
    """One thing said to the complaint. `at` is aware; instants in `fields` (the key `with`) are aware datetimes."""

    at: Instant
    by: Annotated[Sayer, BeforeValidator(Sayer.read)]
    expect_step: Literal["refused"] | None = None
    action: str
    fields: dict[str, Any] = Field(default={}, alias="with")
    keeps: str | None = None
    optional: bool = False
    customer: str | None = None
    why: str | None = None

    @field_validator("at")
    @classmethod
    def _after_receipt(cls, at: datetime, info: ValidationInfo) -> datetime:
        if at < _receipt(info):
            raise ValueError("nothing can be said before the complaint is received; accepted is 0h or later")
        return at

    @field_validator("action")
    @classmethod
    def _known(cls, action: str, info: ValidationInfo) -> str:
        """A misspelt action is a fault of the file, unless its refusal is what the step is about."""
        if info.data.get("expect_step") == "refused" or (action in MODELS and action not in INTERNAL):
            return action
        near = get_close_matches(action, MODELS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        known = ", ".join(sorted(set(MODELS) - INTERNAL))
        raise ValueError(f"{action!r} is no action; {hint}accepted are {known}")

    @field_validator("fields", mode="before")
    @classmethod
    def _resolved(cls, fields: object, info: ValidationInfo) -> object:
        """The fields with every instant of the command's model resolved."""
        model = MODELS.get(info.data.get("action", ""))
        if not isinstance(fields, dict) or model is None:
            return {} if fields is None else fields
        lenient = info.data.get("expect_step") == "refused"
        return _with_instants(fields, model, _receipt(info), lenient=lenient)


def _with_instants(
    fields: Mapping[str, Any],
    model: type[BaseModel],
    received_at: datetime,
    *,
    lenient: bool,
    place: str = "",
) -> dict[str, Any]:
    """A copy with the instants of `model` as aware datetimes. lenient: a bad one stays for the rules to refuse."""
    resolved = dict(fields)
    for name, below in _instants_of(model).items():
        value = resolved.get(name)
        if value is None:
            continue
        if below is None:
            try:
                resolved[name] = _instant_text(value, received_at)
            except ValueError as error:
                if not lenient:
                    raise ValueError(f"{place}{name}: {error}") from None
        elif isinstance(value, list):
            resolved[name] = [
                _with_instants(item, below, received_at, lenient=lenient, place=f"{place}{name}.{number}.")
                if isinstance(item, dict)
                else item
                for number, item in enumerate(value)
            ]
    return resolved


def _instant_text(value: object, received_at: datetime) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no instant; accepted is {ACCEPTED}")
    return parse_instant(value, received_at)


_INSTANTS = frozenset({datetime, AwareDatetime})


@cache
def _instants_of(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """The fields of a model that are instants (None) or lists of models that have some (that model)."""
    found: dict[str, type[BaseModel] | None] = {}
    for name, field in model.model_fields.items():
        written = field.alias or name
        if _INSTANTS.intersection(_types_in(field.annotation)):
            found[written] = None
        elif get_origin(field.annotation) is list:
            below = next((part for part in _types_in(field.annotation) if issubclass(part, BaseModel)), None)
            if below is not None and _instants_of(below):
                found[written] = below
    return found


def _types_in(annotation: object) -> Iterator[type]:
    parts = get_args(annotation)
    if not parts and isinstance(annotation, type):
        yield annotation
    for part in parts:
        yield from _types_in(part)


class FiredExpectation(_Read):
    """A deadline that must run out: when (earliest, latest; None is not compared) and who is told at which level."""

    name: str
    at: Annotated[tuple[datetime, datetime], BeforeValidator(_range)] | None = None
    to: frozenset[str] | None = None
    then: frozenset[str] | None = None


class Expect(_Read):
    """What the run must end in. A key that is absent (None) is not compared."""

    input: Literal["accepted", "refused"] | None = None
    final_state: Stage | None = None
    handling_rounds: int | None = None
    negotiation_rounds: tuple[int, ...] | None = None
    promises: dict[str, Literal["KEPT", "EXTENDED", "BROKEN", "OPEN"]] | None = None
    fired: tuple[FiredExpectation, ...] | None = None
    met: tuple[str, ...] | None = None
    may_fire: tuple[str, ...] = ()


class Expected(_Read):
    """What the classification, the route and the result must be. The plain script reads the rest."""

    type: str | None = None
    cause: str | None = None
    severity: str | None = None
    department: str | None = None
    lead: str | None = None
    route: tuple[Stage, ...] | None = None
    result: Result | None = None


class Case(_Read):
    """One complaint of a cases file. `received_at` is aware; `submission` is what is opened, not yet judged."""

    id: str = Field(min_length=1, max_length=64)
    title: str = ""
    received_at: datetime
    submission: dict[str, Any]
    policy: dict[str, Any] = {}
    calendar: dict[date, Literal["workday", "holiday"]] = {}
    needs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    expect: Expect = Expect()
    expected: Expected = Expected()
    then: Any = None
    group_steps: tuple[dict[str, Any], ...] = ()
    group_expect: dict[str, Any] = {}
    #: where the case begins in its file
    first_line: int = 1
    #: unknown keys, as paths; they change nothing
    ignored: tuple[str, ...] = ()

    @property
    def refusal_expected(self) -> bool:
        """Whether the case must not get in."""
        return self.expect.input == "refused"

    @field_validator("received_at", mode="before")
    @classmethod
    def _zoned(cls, value: object) -> datetime:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no instant; {RFC_3339}")
        return parse_rfc3339(value)

    @classmethod
    def read(cls, value: Mapping[str, Any], *, line: int, ignored: tuple[str, ...]) -> Self:
        """The case in a mapping of plain data. Raises pydantic's ValidationError with paths as in the file."""
        given = {str(key): part for key, part in value.items() if part is not None}
        try:
            received_at: datetime | None = parse_rfc3339(str(given.get("received_at")))
        except ValueError:
            received_at = None
        made = {"submission": _submission(given), "first_line": line, "ignored": ignored}
        return cls.model_validate({**given, **made}, context={"received_at": received_at})


def _submission(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is handed in, in the names of `POST /api/v1/complaints`; numbers in it are meant as they are written."""
    made: dict[str, Any] = {name: given[name] for name in _WORDS if name in given}
    for part, names in _PARTS.items():
        if isinstance(given.get(part), dict):
            made[part] = {
                name: _words(given[part][name]) for name in names if given[part].get(name) is not None
            }
        elif part in given:
            made[part] = given[part]
    made["external_id"] = _words(made.get("external_id"))
    made["text"] = _words(given.get("text", given.get("text_zh")))
    desired = given.get("desired")
    made["desired"] = (
        _words(desired.get("zh", desired.get("en"))) if isinstance(desired, dict) else _words(desired)
    )
    made["attachments"] = given.get("attachments")
    return {name: part for name, part in made.items() if part is not None}


def _words(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_WRITTEN = frozenset(Case.model_fields) - {"submission", "first_line", "ignored"}
CASE_KEYS = _WRITTEN | {*_WORDS, *_PARTS, "text", "text_zh", "gloss_en", "desired", "attachments"}
_EXPECTED_KEYS = frozenset({*Expected.model_fields, "flags", "phases", "story", "checks", "secondary"})
_STEP_KEYS = frozenset({*(set(Step.model_fields) - {"fields"}), "with"})


def ignored_keys(value: Mapping[object, Any]) -> Iterator[str]:
    """The paths of the keys nobody reads, in the order of the file."""
    yield from _unknown(value, CASE_KEYS, "")
    for part, known in (
        ("customer", frozenset(_PARTS["customer"])),
        ("place", frozenset(_PARTS["place"])),
        ("expected", _EXPECTED_KEYS),
        ("expect", frozenset(Expect.model_fields)),
    ):
        yield from _unknown(value.get(part), known, f"{part}.")
    for number, step in enumerate(_listed(value.get("steps"))):
        yield from _unknown(step, _STEP_KEYS, f"steps.{number}.")
    expect = value.get("expect")
    for number, fired in enumerate(_listed(expect.get("fired") if isinstance(expect, dict) else None)):
        yield from _unknown(fired, frozenset(FiredExpectation.model_fields), f"expect.fired.{number}.")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _unknown(value: object, known: frozenset[str], prefix: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{prefix}{key}" for key in value if str(key) not in known)


_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
}


def sentences(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every fault of a case as (path in the file, sentence); without a receipt nothing else can be judged."""
    faults = error.errors(include_url=False, include_input=False)
    for fault in [fault for fault in faults if fault["loc"] == ("received_at",)] or faults:
        said = fault["msg"].removeprefix("Value error, ")
        yield fault["loc"], _PLAIN.get(fault["type"], said)
