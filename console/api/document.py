"""The OpenAPI 3.1 document: what the routes say, each command as an operation of its own, and every problem."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from console.api import bodies, problems
from console.api.caller import SCOPES
from console.api.examples import ANSWERS, COMMANDS
from console.api.shapes import ProblemDetails
from domain.lifecycle import TABLE, seats_of

PATH = "/complaints/{number}/commands/{kind}"
_REF = "#/components/schemas/{model}"
_ABOUT = """Redress carries complaints from the first call to the last visit. This is its contract with other systems.

Errors are problems (RFC 9457, application/problem+json). Every write may be repeated safely: openings by `external_id`
or `Idempotency-Key`, commands by `Idempotency-Key`, files by their bytes. The ETag of a complaint is its turn; sent as
If-Match with a command, the command is heard only at that turn. Lists are paged by opaque cursors. Times are RFC 3339
with zone, money is a decimal string in CNY."""
_TAGS = {
    "complaints": "Hand in, read, list.",
    "commands": "What may be said to a complaint, and saying it.",
    "attachments": "Files handed in as evidence.",
    "about": "Who calls, and what went wrong.",
}
_MEANINGS = {
    401: ("unauthenticated",),
    403: ("scope", "not-yours", "csrf"),
    404: ("not-found",),
    409: ("refused", "turn-changed", "other-content"),
    410: ("damaged",),
    413: ("too-large",),
    415: ("media-type",),
    422: ("bad-input", "key-reused"),
    500: ("fault",),
    503: ("away", "no-answer"),
}
_OWN_PARTS = ("HTTPValidationError", "ValidationError")


def document(api: FastAPI) -> dict[str, Any]:
    """The document of this application. Every route stands in it, and nothing else."""
    made = get_openapi(
        title="Redress", version="1", summary="Complaints by HTTP", description=_ABOUT, routes=api.routes
    )
    made["servers"] = [{"url": "/api/v1"}]
    made["tags"] = [{"name": name, "description": told} for name, told in _TAGS.items()]
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in _OWN_PARTS:
        schemas.pop(name, None)
    _, shared = models_json_schema([(ProblemDetails, "serialization")], ref_template=_REF)
    schemas.update(shared["$defs"])
    parts["responses"] = {str(status): _problem(status) for status in _MEANINGS}
    parts["securitySchemes"] = _schemes()
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, path)
    made["paths"] = _with_commands(made["paths"])
    return made


def _schemes() -> dict[str, Any]:
    scopes = " ".join(f"`{name}`: {told}" for name, told in SCOPES.items())
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": f"A token of `redress user token`, with its scopes. {scopes}",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "redress",
            "description": "The session of the desk (`__Host-redress` over https).",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRF-Token",
            "description": "What every write of a session carries.",
        },
    }


def _problem(status: int) -> dict[str, Any]:
    kinds = {slug: problems.KINDS[slug] for slug in _MEANINGS[status]}
    examples = {
        slug: {
            "value": {
                "type": f"{problems.EXPLAINED}/{slug}",
                "title": kind.title,
                "status": kind.status,
                "detail": kind.meaning,
                "instance": "/api/v1/complaints/2026-000123",
            }
        }
        for slug, kind in kinds.items()
    }
    content = {
        problems.MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemDetails")}, "examples": examples}
    }
    told: dict[str, Any] = {
        "description": " · ".join(f"{kind.title}: {kind.meaning}" for kind in kinds.values()),
        "content": content,
    }
    if status == 503:
        told["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    return told


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    notes = operation.pop("x-redress")
    answers = operation["responses"]
    answers.pop("422", None)
    for answer in answers.values():
        if notes["headers"]:
            answer["headers"] = notes["headers"]
        for content in answer.get("content", {}).values():
            if name := content.get("schema", {}).get("$ref", "").rpartition("/")[2]:
                content["example"] = ANSWERS[name]
    if again := notes.get("again"):
        own = answers.get("200", {}).get("content", {}).get("application/json", {}).get("schema")
        answers["200"] = {**deepcopy(answers["201"]), "description": again}
        if own is not None:
            answers["200"]["content"]["application/json"]["schema"] = own
    if notes.get("conditional"):
        answers["304"] = {
            "description": "It stands as at the turn that If-None-Match names.",
            "headers": notes["headers"],
        }
        operation["parameters"].append(_if_none_match())
    for status in notes["problems"]:
        answers[str(status)] = {"$ref": f"#/components/responses/{status}"}
    for parameter in operation.get("parameters", ()):
        _show(parameter)
    if not notes.get("public"):
        scopes = [notes["scope"]] if notes.get("scope") else []
        cookie: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
        operation["security"] = [{"token": scopes}, cookie]
    else:
        operation["security"] = []


def _if_none_match() -> dict[str, Any]:
    return {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "example": '"12"',
        "description": "The ETag the caller has.",
    }


_SHOWN = {
    "number": "2026-000123",
    "Idempotency-Key": "crm-2026-03-02-0001",
    "If-Match": '"12"',
    "id": "file_2f1c9a",
    "kind": "turn-changed",
}
_FORMS: dict[str, dict[str, Any]] = {
    "number": {"pattern": "^[0-9]{4}-[0-9]{6,15}$"},
    "id": {"pattern": "^[A-Za-z0-9_-]{1,64}$"},
    "kind": {"enum": list(problems.KINDS)},
}
_TOLD = {
    "number": "The complaint number.",
    "Idempotency-Key": "The caller's own id of this write: sent again with it, it is done once.",
    "If-Match": "The ETag the caller saw; the command is heard only at that turn.",
}


def _show(parameter: dict[str, Any]) -> None:
    name = {"idempotency-key": "Idempotency-Key", "if-match": "If-Match"}.get(
        parameter["name"], parameter["name"]
    )
    parameter["name"] = name
    shapes = parameter["schema"].pop("anyOf", None)
    if shapes is not None:  # what is left out of an address or a header is not null
        parameter["schema"].update(next(one for one in shapes if one.get("type") != "null"))
    if parameter["in"] == "path":
        parameter["schema"].update(_FORMS.get(name, {}))
    if name in _SHOWN:
        parameter.setdefault("example", _SHOWN[name])
    if name in _TOLD:
        parameter["description"] = _TOLD[name]


def _with_commands(paths: dict[str, Any]) -> dict[str, Any]:
    """The paths, with an operation for each command in place of the one for all."""
    said = paths.pop(PATH)["post"]
    said["parameters"] = [one for one in said["parameters"] if one["name"] != "kind"]
    commands = {PATH.replace("{kind}", kind): {"post": _command(said, kind)} for kind in bodies.KINDS}
    return {**paths, **commands}


def _command(said: dict[str, Any], kind: str) -> dict[str, Any]:
    row = TABLE[kind]
    stages = ", ".join(stage for stage in type(next(iter(row.stages))) if stage in row.stages)
    moves = sorted({str(to) for _, to in row.moves})
    lines = [
        f"May be said in {stages}.",
        f"By {', '.join(seats_of(kind))}.",
        *([f"May lead to {', '.join(moves)}."] if moves else []),
        f"Requirement {row.source}.",
    ]
    example = COMMANDS[kind]
    content = {"application/json": {"schema": bodies.schema(kind), "example": example}}
    return {
        **deepcopy(said),
        "operationId": f"say_{kind}",
        "summary": kind.replace("_", " ").capitalize(),
        "description": f"{' '.join(lines)}\n\n{said['description']}",
        "requestBody": {"required": bodies.needs_body(kind), "content": content},
    }
