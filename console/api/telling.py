"""Answers that succeed: JSON with what every one of them carries, and versions that callers can hold on to."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.api.problems import Problem
from console.words import Words

#: an Idempotency-Key: up to 200 visible ASCII characters without "~", as `redress do --key` takes them
KEY = r"^[A-Za-z0-9][!-}]{0,199}$"
#: an If-Match: the ETag of a complaint, or any
VERSION = r'^("[0-9]{1,6}"|\*)$'
#: what a caller may see depends on who calls; nobody in between may keep it
_KEPT = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie, Accept-Language"}


def told(answer: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer as JSON."""
    content = answer.model_dump(mode="json", by_alias=True)
    return JSONResponse(content, status, {**_KEPT, **(headers or {})})


def tag(turn: int) -> dict[str, str]:
    """The ETag of a complaint at a turn."""
    return {"ETag": f'"{turn}"'}


def unchanged(request: Request, turn: int) -> Response | None:
    """304 where If-None-Match names the turn the complaint is at (weak comparison), else None."""
    wanted = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in wanted.split(",")}
    if "*" not in tags and f'"{turn}"' not in tags:
        return None
    return Response(status_code=304, headers={**_KEPT, **tag(turn)})


def turn_seen(header: str | None) -> int | None:
    """The turn that an If-Match of the form `VERSION` demands; None where there is none, or any turn will do."""
    return None if header is None or header == "*" else int(header.strip('"'))


def refused(words: Words, decision: Any, kind: str) -> Problem:
    """The problem of a decision that refuses."""
    more = {
        "rule": decision.rule,
        "turn": decision.turn,
        "stage": str(decision.stage),
        "number": decision.number,
    }
    return Problem(kind, words.sentence(decision.reason or ""), more=more, headers=tag(decision.turn))
