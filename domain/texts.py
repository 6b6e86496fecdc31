"""The kinds of string a command may carry.

Every string is text (kept encrypted in the records; only its id enters Temporal) except ids, codes, enumerations,
dates, durations and money (CUS-10). The mark sits on the field's type, so the list of texts is a property of the
models and can be asked for.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

TEXT_ID = re.compile(r"^txt_[0-9a-f]{32}$")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]")
_HALF = re.compile("[\ud800-\udfff]")
#: _CONTROL and an empty text, as JSON Schema can say them
_VISIBLE = (
    r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*"
    r"[^\s\u0000-\u001f\u007f-\u009f]"
    r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")


@dataclass(frozen=True)
class TextMark:
    """Marks a field as text of at most `limit` characters."""

    limit: int

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What `_clean` accepts, for those who read the shape from outside."""
        return {**handler(schema), "minLength": 1, "maxLength": self.limit, "pattern": _VISIBLE}


@dataclass(frozen=True)
class NotATextId:
    """Marks a string that is not text and may not look like the id of one: a reader would take it for words."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_no_text_id, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The same for those who read the shape from outside."""
        return {**handler(schema), "not": {"pattern": TEXT_ID.pattern}}


def _no_text_id(value: str) -> str:
    if TEXT_ID.match(value):
        raise ValueError("has the form of a text's id, which only the records give")
    return value


def _clean(limit: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if _CONTROL.search(value):
            raise ValueError("control characters other than line breaks and tabs are not accepted")
        if _HALF.search(value):
            raise ValueError("holds half a character (a lone surrogate), which cannot be stored")
        if not value.strip():
            raise ValueError("must not be empty")
        if len(value) > limit:
            raise ValueError(f"has {len(value)} characters, at most {limit} are accepted")
        return value

    return check


def _money(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError('money is a decimal string in CNY, such as "5000.00"')
    return value


def _written_instant(value: object) -> object:
    if isinstance(value, bool | int | float) or (isinstance(value, str) and not _DATED.match(value)):
        raise ValueError("an instant is written like 2026-03-02T09:20:00+08:00")
    return value


def _within_reach(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2999:
        raise ValueError("the year must lie between 1900 and 2999")
    return value.astimezone(UTC)


Text = Annotated[str, AfterValidator(_clean(100_000)), TextMark(100_000)]
Note = Annotated[str, AfterValidator(_clean(1_000)), TextMark(1_000)]
Contact = Annotated[str, AfterValidator(_clean(200)), TextMark(200)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$"), NotATextId()]
UserId = Annotated[str, Field(pattern=r"^(feed:)?[a-z0-9][a-z0-9_.\-]{0,63}$"), NotATextId()]
Number = Annotated[str, Field(pattern=r"^\d{4}-\d{6,}$", max_length=20)]
#: "promise_due/P1"
DeadlineName = Annotated[str, Field(pattern=r"^[a-z_]+(/[A-Za-z0-9_.\-]+)?$", max_length=100)]
#: an opening of a deadline: "12:promise_due/P1"
DeadlineId = Annotated[str, Field(pattern=r"^\d+(\.\d+)?:[a-z_]+(/[A-Za-z0-9_.\-]+)?$", max_length=120)]
#: a task of a complaint: "operator/12"
TaskId = Annotated[str, Field(pattern=r"^[a-z_]+(/[A-Za-z0-9_.:/~\-]+)?$", max_length=420)]
#: a notice's business key
NoticeKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/~\-]+$", max_length=400), NotATextId()]
When = Annotated[AwareDatetime, BeforeValidator(_written_instant), AfterValidator(_within_reach)]
Money = Annotated[
    Decimal,
    BeforeValidator(_money),
    Field(ge=0, max_digits=14, decimal_places=2),
    AfterValidator(abs),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"},
                {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
            ],
            "description": "CNY, as a decimal string such as 5000.00",
        }
    ),
]


def is_text(annotation: object, metadata: tuple[object, ...] = ()) -> bool:
    """Whether a field of this type holds text (directly, in a union, a list or as the values of a mapping)."""
    if any(isinstance(mark, TextMark) for mark in metadata):
        return True
    return any(isinstance(part, TextMark) or is_text(part) for part in get_args(annotation))


def texts_in(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a model as (path, text), such as ("items.0.what", "…"), whatever it looks like.

    At the front door a text that looks like an id is what somebody typed and is stored like any other; only behind it,
    in the conversation and the ledger, is it the id of stored words.
    """
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        marked = is_text(field.annotation, tuple(field.metadata))
        yield from _texts(value, f"{prefix}{name}", marked)


def _texts(value: Any, path: str, marked: bool) -> Iterator[tuple[str, str]]:
    match value:
        case str() if marked:
            yield path, value
        case BaseModel():
            yield from texts_in(value, f"{path}.")
        case list() | tuple():
            for place, part in enumerate(value):
                yield from _texts(part, f"{path}.{place}", marked)
        case dict():
            for key, part in value.items():
                yield from _texts(part, f"{path}.{key}", marked)


def with_ids(data: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The JSON form of a model with the texts at these paths replaced by their ids."""
    return {name: _replaced(value, name, ids) for name, value in data.items()}


def _replaced(value: Any, path: str, ids: Mapping[str, str]) -> Any:
    if path in ids:
        return ids[path]
    if isinstance(value, Mapping):
        return {key: _replaced(part, f"{path}.{key}", ids) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, f"{path}.{place}", ids) for place, part in enumerate(value)]
    return value


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC; a naive datetime is refused with ValueError."""
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    return value.astimezone(UTC)
