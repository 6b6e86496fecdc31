"""The body of each command: its fields without who says it, `kind` where the command itself has a kind.

`read` takes what `schema` describes and refuses the rest; a test holds the two together.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from console.api.faults import judge
from console.api.problems import Problem, Wrong, bad_input
from console.words import Words
from domain.commands import INTERNAL, MODELS
from domain.lifecycle import TABLE

#: every command that can be said, as the table of the life lists them
KINDS: tuple[str, ...] = tuple(kind for kind in TABLE if kind not in INTERNAL)
_HAS_KIND = frozenset(kind for kind in KINDS if "subkind" in MODELS[kind].model_fields)
_FIELDS: Mapping[str, frozenset[str]] = {
    kind: frozenset(
        "kind" if name == "subkind" else field.alias or name
        for name, field in MODELS[kind].model_fields.items()
        if name not in ("kind", "by")
    )
    for kind in KINDS
}
_ADAPTERS = {kind: TypeAdapter(MODELS[kind]) for kind in KINDS}

#: what a validator of the model demands beyond its fields
_PROMISE = {
    "anyOf": [
        {"required": ["due"], "properties": {"due": {"type": "string"}}},
        {"required": ["condition"], "properties": {"condition": {"type": "string"}}},
    ]
}
_BEYOND: Mapping[str, dict[str, Any]] = {
    "make_promise": _PROMISE,
    "extend_promise": _PROMISE,
    "set_limits": {
        "anyOf": [
            {"required": ["floor"], "properties": {"floor": {"not": {"type": "null"}}}},
            {"required": ["ceiling"], "properties": {"ceiling": {"not": {"type": "null"}}}},
        ]
    },
    "record_feedback": {
        "oneOf": [
            {
                "required": ["reply"],
                "properties": {"reply": {"const": "none"}, "satisfied": {"type": "null"}},
            },
            {
                "required": ["satisfied"],
                "properties": {"satisfied": {"type": "boolean"}, "reply": {"type": "null"}},
            },
        ]
    },
}


def read(kind: str, data: dict[str, Any], by: str, words: Words) -> dict[str, Any]:
    """The fields of a command as its model takes them, each judged strictly. Raises Problem naming every wrong one."""
    strange = [name for name in data if name not in _FIELDS[kind]]
    if strange:
        sentence = words.gettext("There is no such field here.")
        accepted = ", ".join(sorted(_FIELDS[kind]))
        raise bad_input(*(Wrong((name,), sentence, accepted) for name in strange[:20]))
    fields = {_own(kind, name): value for name, value in data.items()}
    try:
        judge(_ADAPTERS[kind], {**fields, "kind": kind, "by": by}, words)
    except Problem as problem:
        raise bad_input(*(_as_sent(wrong) for wrong in problem.errors)) from None
    return fields


def _own(kind: str, name: str) -> str:
    return "subkind" if name == "kind" and kind in _HAS_KIND else name


def _as_sent(wrong: Wrong) -> Wrong:
    if wrong.at[:1] != ("subkind",):
        return wrong
    return Wrong(("kind", *wrong.at[1:]), wrong.message, wrong.accepted, wrong.source)


@cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a command's body, self-contained. Not to be changed by who gets it."""
    return {**_without_sayer(kind, inlined(MODELS[kind])), **_BEYOND.get(kind, {})}


def inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of what a model accepts, without references."""
    whole = model.model_json_schema(mode="validation")
    shared = whole.pop("$defs", {})
    told: dict[str, Any] = _plain(whole, shared)
    return {**told, "title": model.__name__}


def needs_body(kind: str) -> bool:
    """Whether a command has a field that must be given."""
    return bool(schema(kind).get("required") or kind in _BEYOND)


def _without_sayer(kind: str, whole: dict[str, Any]) -> dict[str, Any]:
    given = {name: part for name, part in whole["properties"].items() if name not in ("kind", "by")}
    if kind in _HAS_KIND:
        given["kind"] = given.pop("subkind")
    required = ["kind" if name == "subkind" else name for name in whole.get("required", ()) if name != "by"]
    told = {"type": "object", "title": whole["title"], "properties": given, "additionalProperties": False}
    return {**told, "required": required} if required else told


def _plain(part: Any, shared: Mapping[str, Any]) -> Any:
    """The schema with its references filled in, free-form keys closed and the titles pydantic makes up left out."""
    if isinstance(part, list):
        return [_plain(one, shared) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        target = shared[part["$ref"].rpartition("/")[2]]
        return _plain({**target, **{name: value for name, value in part.items() if name != "$ref"}}, shared)
    filled = {
        name: _plain(value, shared) for name, value in part.items() if name != "title" or not _made_up(value)
    }
    if "patternProperties" in filled:
        filled["additionalProperties"] = False
    return filled


def _made_up(title: Any) -> bool:
    """Whether a `title` is pydantic's spelling of a field's name, and no field that is called so."""
    return isinstance(title, str)
