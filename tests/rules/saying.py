"""Commands made from the models themselves, so that a new command or field is said without being named here."""

from __future__ import annotations

import types
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from domain.codes import Role
from domain.commands import MODELS, Said
from domain.complaint import Complaint
from domain.texts import is_text

WORDS = ["a word", "两句话,换行\n再说", "😀 \u200f\u202bשלום\u202c \u200d", "x" * 300]
NAMES = ["A1", "A2", "P1", "P2", "S1", "S2", "H1", "missing", "2026-01", "cn-2026"]
OFFSETS = [timedelta(seconds=s) for s in (-1, 0, 1)] + [
    timedelta(hours=h) for h in (-800, -80, -30, -2, 1, 5, 30, 90, 400, 900)
]
PEOPLE = [role.lower() + "-1" for role in Role] + ["legal-2", "customer", "feed:hotline"]


def fields_of(kind: str) -> dict[str, FieldInfo]:
    """The fields a sayer fills in."""
    given = {"kind", "by", "expected_turn"}
    return {name: field for name, field in MODELS[kind].model_fields.items() if name not in given}


def command(kind: str, by: str, complaint: Complaint, now: datetime) -> st.SearchStrategy[Said]:
    """Any command of this kind; names, rounds and instants often are those the complaint knows."""
    model = MODELS[kind]
    required = {n: value(n, f, complaint, now) for n, f in fields_of(kind).items() if f.is_required()}
    optional = {n: value(n, f, complaint, now) for n, f in fields_of(kind).items() if not f.is_required()}
    # a late entry or a promise kept on the way is worth its chance; most commands come without
    mixed = st.fixed_dictionaries(required, optional=optional)
    plain = st.fixed_dictionaries(required)
    return st.one_of(plain, mixed).map(lambda said: _made(model, by, said))


def _made(model: type[Said], by: str, given: dict[str, Any]) -> Said:
    names = {n: f.alias or n for n, f in model.model_fields.items()}
    said = {names[name]: part for name, part in given.items() if part is not None}
    if "condition" in names and "due" not in said:
        said.setdefault("condition", "when it is dry")
    if model.__name__ == "RecordFeedback":
        said = {**said, "reply": "none"} if said.get("satisfied") is None else _without(said, "reply")
    if model.__name__ == "SetLimits":
        said = {**said, "floor": Decimal(said.get("floor", 1)), "ceiling": Decimal(10**6)}
    return model.model_validate({**said, "by": by})


def _without(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in said.items() if name not in names}


def value(name: str, field: FieldInfo, complaint: Complaint, now: datetime) -> st.SearchStrategy[Any]:
    """Something this field accepts."""
    return _of(name, field.annotation, tuple(field.metadata), complaint, now)


def _of(
    name: str, annotation: Any, metadata: tuple[Any, ...], complaint: Complaint, now: datetime
) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        first, *more = get_args(annotation)
        return _of(name, first, (*metadata, *more), complaint, now)
    if origin in (Union, types.UnionType):
        return st.one_of([_of(name, part, metadata, complaint, now) for part in get_args(annotation)])
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is list:
        length = next((m.min_length for m in metadata if hasattr(m, "min_length")), 0)
        inner = _of(name, get_args(annotation)[0], (), complaint, now)
        return st.lists(inner, min_size=length, max_size=length + 1)
    if origin is dict:
        return st.fixed_dictionaries({"text": st.sampled_from(WORDS)})
    if annotation is type(None):
        return st.none()
    if annotation is str:
        return _string(name, metadata, complaint)
    if annotation in (datetime, AwareDatetime):
        return _instants(complaint, now)
    if annotation is int:
        return st.sampled_from([*_counts(name, complaint), 1, 2, 3, 5])
    return _plain(annotation, complaint, now)


def _plain(annotation: Any, complaint: Complaint, now: datetime) -> st.SearchStrategy[Any]:
    if annotation is bool:
        return st.booleans()
    if annotation is Decimal:
        return st.sampled_from([Decimal(n) for n in ("0", "0.01", "19999.99", "20000", "20000.01", "50000")])
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    if issubclass(annotation, BaseModel):
        parts = {n: value(n, f, complaint, now) for n, f in annotation.model_fields.items()}
        return st.fixed_dictionaries(parts)
    raise AssertionError(f"there is nothing to say for {annotation}")


def _string(name: str, metadata: tuple[Any, ...], complaint: Complaint) -> st.SearchStrategy[str]:
    if is_text(str, metadata):
        limit = min((m.limit for m in metadata if hasattr(m, "limit")), default=100)
        return st.sampled_from([word for word in WORDS if len(word) <= limit])
    if name == "deadline" and any("\\d+" in str(mark) for mark in metadata):
        return st.sampled_from([*complaint.deadlines, "7:handling_days"])
    known = {
        "solution": list(complaint.solutions),
        "item": list(complaint.items),
        "promise": list(complaint.promises),
        "keeps": list(complaint.promises),
        "deadline": [d.name for d in complaint.deadlines.values() if d.unsettled],
        "acknowledges": complaint.breached,
        "id": [task.rpartition("/")[2] for task in complaint.tasks],
        "settles": [*complaint.tasks, "operator/1"],
        "person": PEOPLE,
        "about_person": PEOPLE,
        "of": ["2026-000099", complaint.number],
        "notice": [f"{complaint.number}/1:receipt/CUSTOMER"],
    }.get(name, [])
    names = (
        []
        if name in ("person", "about_person", "of", "notice", "deadline", "acknowledges", "settles")
        else NAMES
    )
    return st.sampled_from([*known, *names] or ["handling_days"])


def _instants(complaint: Complaint, now: datetime) -> st.SearchStrategy[datetime]:
    dues = sorted({d.due for d in complaint.deadlines.values() if d.unsettled})
    near = [due + offset for due in dues for offset in OFFSETS[:3]]
    return st.sampled_from([now + offset for offset in OFFSETS] + near)


def _counts(name: str, complaint: Complaint) -> list[int]:
    so_far = len(complaint.of_round())
    return {"round": [max(so_far, 1), so_far + 1], "turn": [complaint.turn]}.get(name, [])
