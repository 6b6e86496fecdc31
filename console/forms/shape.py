"""The fields of a command's form, derived from its pydantic model: nothing is listed twice."""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from domain.commands import INTERNAL, MODELS
from domain.texts import TextMark

#: area: long text · line: one line · select · yesno: yes, no or (where optional) not said · tick · when: local time ·
#: money · number · lines: several texts · many: several codes · items: rows of an agreement · pairs: entry and words
Widget = Literal[
    "area", "line", "select", "yesno", "tick", "when", "money", "number", "lines", "many", "items", "pairs"
]

#: what every command carries and no form asks for
_CARRIED = frozenset({"kind", "by", "expected_turn"})
#: ids a person need not invent: (command, field) → the letter of the next free one
FRESH: Mapping[tuple[str, str], str] = {
    ("make_promise", "promise"): "P",
    ("extend_promise", "new"): "P",
    ("propose_solution", "solution"): "S",
    ("request_help", "id"): "H",
    ("request_contribution", "id"): "C",
    ("request_opinion", "id"): "O",
    ("add_legal_date", "id"): "D",
    ("set_limitation", "id"): "L",
}
#: rarely needed: shown under "more"
_MORE = frozenset(
    {"keeps", "refers_to", "subtype", "secondary", "document", "released_by", "approved_by", "seat"}
)
#: rarely needed in these commands, though not in others
_MORE_OF = frozenset(
    {("record_agreement", "subkind"), ("submit_arbitration", "subkind"), ("record_session", "number")}
)
#: what a person has to say, though the command has a presumption for it
_SAID_BY_HAND = frozenset({("record_judgment", "final")})
_LATE = ("happened_at", "reason")
#: a text of up to this many characters gets one line, a longer one an area
LONG = 2_000
#: where the order of the questions is a rule (INV-09) or how a person thinks of them, and not the model's
_ORDER: Mapping[str, tuple[str, ...]] = {
    "confirm_findings": ("responsibility", "nature", "seriousness", "root_cause", "prevention", "unfounded"),
    "make_promise": ("what", "due", "condition"),
    "extend_promise": ("promise", "due", "condition", "reason"),
    "record_feedback": ("attempt", "channel", "satisfied", "score", "opinions", "reply"),
    "record_round": ("round", "solution", "reply", "counter"),
    "record_response": ("channel", "effective", "text", "safety_measure"),
    "plan_visit": ("appointment", "place"),
    "file_or_register_suit": ("filed_by", "ground", "court", "file_number"),
}


@dataclass(frozen=True)
class Field:
    """One question of a form. place: in the form itself, under "more", or under "entered late"."""

    name: str
    widget: Widget
    required: bool
    place: Literal["main", "more", "late"] = "main"
    limit: int | None = None
    #: the codes an enumeration allows, of which the case may offer fewer; empty where it alone decides
    codes: tuple[str, ...] = ()
    #: the kind by which `Words.name` names the codes
    named: str = ""
    default: Any = None
    #: the largest and smallest number
    least: int | None = None
    most: int | None = None
    columns: tuple["Field", ...] = ()


def kinds() -> list[str]:
    """Every command a person can say."""
    return [kind for kind in MODELS if kind not in INTERNAL]


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """The questions of a command, the necessary ones first as its model has them. Raises KeyError."""
    model = MODELS[kind]
    late = "happened_at" in model.model_fields
    found = [
        _field(kind, info.alias or name, info, late)
        for name, info in model.model_fields.items()
        if name not in _CARRIED
    ]
    places = {"main": 0, "late": 1, "more": 2}
    wanted = _ORDER.get(kind, ())

    def order(field: Field) -> tuple[int, int, bool]:
        rank = wanted.index(field.name) if field.name in wanted else len(wanted)
        return places[field.place], rank, not field.required

    return tuple(sorted(found, key=order))


def unanswered(kind: str, given: Mapping[str, Any]) -> list[str]:
    """The fields a person still has to answer, although the command would take something for granted."""
    return [field for of, field in _SAID_BY_HAND if of == kind and given.get(field) is None]


def _field(kind: str, name: str, info: FieldInfo, late: bool = False) -> Field:
    core, marks = _core(info.annotation, list(info.metadata))
    widget, codes, named, columns = _widget(kind, name, core, marks, info)
    required = info.is_required() or (kind, name) in _SAID_BY_HAND
    fresh = (kind, name) in FRESH or (kind == "items" and name == "id")
    place: Literal["main", "more", "late"] = "main"
    if late and name in _LATE and not info.is_required():
        place = "late"
    elif fresh or name in _MORE or (kind, name) in _MORE_OF or (name in ("acknowledges", "settles")):
        place = "more"
    return Field(
        name=name,
        widget=widget,
        required=required,
        place=place,
        limit=next((mark.limit for mark in marks if isinstance(mark, TextMark)), None),
        codes=codes,
        named=named,
        default=None if required else info.get_default(call_default_factory=True),
        least=_bound(marks, "ge"),
        most=_bound(marks, "le"),
        columns=columns,
    )


def _core(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type behind Annotated and `| None`, with every mark met on the way."""
    if hasattr(annotation, "__metadata__"):
        return _core(annotation.__origin__, [*marks, *annotation.__metadata__])
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if len(parts) == 1:
            return _core(parts[0], marks)
        return parts, marks
    flat = [inner for mark in marks for inner in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    return annotation, flat


def _bound(marks: list[Any], which: str) -> int | None:
    found = [getattr(mark, which) for mark in marks if getattr(mark, which, None) is not None]
    return int(found[0]) if found else None


#: the enumerations by the kind of name they have
_NAMED = {
    "Channel": "channel",
    "Role": "role",
    "Department": "department",
    "ComplaintType": "type",
    "Cause": "cause",
    "Severity": "severity",
    "Flag": "flag",
    "Origin": "origin",
    "TippingPoint": "tipping_point",
    "Result": "result",
    "Receiver": "role",
}
#: the same for codes that mean something else beside these
_NAMED_TOGETHER: dict[tuple[str, ...], str] = {("approved", "refused"): "approval"}
_Made = tuple[Widget, tuple[str, ...], str, tuple[Field, ...]]


def _widget(kind: str, name: str, core: Any, marks: list[Any], info: FieldInfo) -> _Made:
    if codes := _codes(core):
        return "select", codes[0], codes[1], ()
    if core is bool:
        presumed = info.default in (True, False) and (kind, name) not in _SAID_BY_HAND
        return ("tick" if presumed else "yesno"), (), "", ()
    if get_origin(core) in (list, dict):
        return _several(kind, name, core)
    if plain := _PLAIN.get(core):
        return ("select" if chosen(kind, name) else plain), (), "", ()
    limit = next((mark.limit for mark in marks if isinstance(mark, TextMark)), 0)
    if limit:
        return ("area" if limit > LONG else "line"), (), "", ()
    return ("select" if chosen(kind, name) else "line"), (), "", ()


_PLAIN: Mapping[Any, Widget] = {AwareDatetime: "when", datetime: "when", Decimal: "money", int: "number"}


def _several(kind: str, name: str, core: Any) -> _Made:
    if get_origin(core) is dict:
        return "pairs", (), "", ()
    part, marks = _core(get_args(core)[0], [])
    if isinstance(part, type) and issubclass(part, BaseModel):
        columns = tuple(_field("items", column, info) for column, info in part.model_fields.items())
        return "items", (), "", columns
    if codes := _codes(part):
        return "many", codes[0], codes[1], ()
    return ("lines" if any(isinstance(mark, TextMark) for mark in marks) else "many"), (), "", ()


def _codes(core: Any) -> tuple[tuple[str, ...], str] | None:
    """The codes of an enumeration, of literals, or of a union of both, and how they are named."""
    parts: list[Any] = core if isinstance(core, list) else [core]
    codes: list[str] = []
    named = "answer"
    for part in parts:
        if isinstance(part, type) and issubclass(part, StrEnum):
            codes += [str(code) for code in part]
            named = _NAMED.get(part.__name__, "answer")
        elif (origin := get_origin(part)) is not None and origin == Literal:
            codes += [str(code) for code in get_args(part)]
        else:
            return None
    return tuple(codes), _NAMED_TOGETHER.get(tuple(codes), named)


#: what is chosen from the case, the policy or the directory: (command or "*", field) → where `choices` finds it
CHOSEN: Mapping[tuple[str, str], str] = {
    ("*", "keeps"): "open_promises",
    ("*", "refers_to"): "promises",
    ("keep_promise", "promise"): "open_promises",
    ("extend_promise", "promise"): "open_promises",
    ("approve_offer", "solution"): "solutions_to_approve",
    ("record_round", "solution"): "solutions",
    ("complete_item", "item"): "open_items",
    ("carry_over_item", "item"): "open_items",
    ("record_payment", "item"): "unpaid_items",
    ("reverse_payment", "item"): "paid_items",
    ("give_help", "id"): "help",
    ("give_contribution", "id"): "contribution",
    ("give_opinion", "id"): "opinion",
    ("keep_legal_date", "id"): "legal_dates",
    ("record_session", "legal_date"): "legal_dates",
    ("extend_window", "deadline"): "movable_deadlines",
    ("add_note", "acknowledges"): "fired_deadlines",
    ("add_note", "settles"): "noted_tasks",
    ("*", "topic"): "topics",
    ("*", "consequences"): "consequences",
    ("assign", "lead"): "leads",
    ("assign", "person"): "people",
    ("reassign", "person"): "people",
    ("register", "about_person"): "people",
    ("add_evidence", "subkind"): "evidence",
    ("request_contribution", "subkind"): "contributions",
    ("link_duplicate", "of"): "duplicates",
    ("correct", "turn"): "turns",
    ("correct", "fields"): "entries",
    ("change_policy_version", "version"): "policies",
    ("change_calendar_version", "version"): "calendars",
}


def chosen(kind: str, name: str) -> str | None:
    """Where the choices of a field come from, if from the case."""
    return CHOSEN.get((kind, name)) or CHOSEN.get(("*", name))
