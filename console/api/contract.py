"""What each operation promises: its answers, its problems, who may call it. Read into the OpenAPI document.

A route takes one of these as keyword arguments; `console.api.document` writes the notes in `x-redress` out.
"""

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from console.api.bodies import inlined
from console.api.caller import Scope
from console.api.examples import SUBMISSION
from console.api.shapes import Attachment, Decision, Known, Opened
from console.files.taking import SUBKINDS
from starter.submission import Submission

#: what any call may come to, and any call that names a complaint, and any write
_ANY = (401, 403, 422, 500, 503)
_ONE = (404, *_ANY)
_WRITES = (409, 413, 415)

ETAG = {"ETag": {"description": 'The turn of the complaint, such as "12".', "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where it can be read.", "schema": {"type": "string"}}}
_LINK = {
    "Link": {"description": 'The next page, rel="next"; absent at the end.', "schema": {"type": "string"}}
}


def _route(
    model: type[BaseModel] | None, scope: Scope | None, problems: tuple[int, ...], **more: Any
) -> dict[str, Any]:
    notes = {"scope": scope, "problems": problems, **more.pop("notes", {})}
    extra = {"x-redress": notes, **more.pop("openapi_extra", {})}
    return {"response_model": model, "openapi_extra": extra, **more}


def reading(model: type[BaseModel], *, versioned: bool = False) -> dict[str, Any]:
    """A GET. versioned: its answer has the complaint's turn as ETag, and may be 304."""
    one = model.__name__ not in ("Complaints", "Me")
    notes: dict[str, Any] = {"headers": ETAG if versioned else {}}
    if "next" in model.model_fields:
        notes["headers"] = _LINK
    conditional = versioned and model.__name__ != "Actions"
    notes["conditional"] = conditional
    scope: Scope | None = None if model.__name__ == "Me" else "read"
    return _route(model, scope, _ONE if one else _ANY, notes=notes)


def public(model: type[BaseModel], *, found: bool = False) -> dict[str, Any]:
    """A GET that asks nobody who calls."""
    notes: dict[str, Any] = {"public": True, "headers": {}}
    return _route(model, None, (404, 500) if found else (500,), notes=notes)


def opening() -> dict[str, Any]:
    """Handing in a complaint."""
    headers = {**ETAG, **_LOCATION}
    body = _json_body(inlined(Submission), SUBMISSION)
    again = "The complaint there is: the same was handed in before. Of one the caller may not read, the number only."
    notes = {"headers": headers, "again": again}
    return _route(
        Opened,
        "open",
        (*_ANY, *_WRITES),
        status_code=201,
        notes=notes,
        responses={200: {"model": Opened | Known}},
        openapi_extra={"requestBody": body},
    )


def saying() -> dict[str, Any]:
    """Saying a command."""
    return _route(Decision, "write", (*_ONE, *_WRITES), notes={"headers": ETAG})


def uploading() -> dict[str, Any]:
    """Handing in a file."""
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "At most 25 MiB."},
            "subkind": {"type": "string", "enum": list(SUBKINDS), "default": "other"},
        },
        "additionalProperties": False,
    }
    content = {"schema": schema, "example": {"file": "ceiling.jpg", "subkind": "photographs"}}
    body = {"required": True, "content": {"multipart/form-data": content}}
    notes = {"headers": _LOCATION, "again": "The attachment there is: the same bytes came before."}
    return _route(
        Attachment,
        "write",
        (*_ONE, *_WRITES),
        status_code=201,
        notes=notes,
        openapi_extra={"requestBody": body},
    )


def downloading() -> dict[str, Any]:
    """A file's bytes."""
    schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    content = {"*/*": {"schema": schema, "example": "…"}}
    responses = {
        200: {"description": "The file, by the type found out from its bytes.", "content": content},
        206: {"description": "The part of it that Range asked for.", "content": content},
        416: {"description": "There is no such part of it."},
    }
    return {
        **_route(None, "read", (410, *_ONE), notes={"headers": {}}),
        "responses": responses,
        "response_class": Response,
    }


def _json_body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}
