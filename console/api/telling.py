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
#: an If-Match: the ETag of a complaint, shown whole or not, or any
VERSION = r'^("[0-9]{1,6}(-personal)?"|\*)$'
#: what a caller may see depends on who calls; nobody in between may keep it
_KEPT = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie, Accept-Language"}


def told(answer: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer as JSON."""
    content = answer.model_dump(mode="json", by_alias=True)
    return JSONResponse(content, status, {**_KEPT, **(headers or {})})


def tag(turn: int, *, whole: bool = False) -> dict[str, str]:
    """The ETag of a complaint at a turn. whole: with name and contact, which is another answer than the masked one."""
    return {"ETag": f'"{turn}-personal"' if whole else f'"{turn}"'}


def unchanged(request: Request, turn: int, *, whole: bool = False) -> Response | None:
    """304 where If-None-Match names this answer as it is now (weak comparison), else None."""
    wanted = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in wanted.split(",")}
    now = tag(turn, whole=whole)
    if "*" not in tags and now["ETag"] not in tags:
        return None
    return Response(status_code=304, headers={**_KEPT, **now})


def turn_seen(header: str | None) -> int | None:
    """The turn that an If-Match of the form `VERSION` demands; None where there is none, or any turn will do."""
    return None if header is None or header == "*" else int(header.strip('"').partition("-")[0])


def refused(words: Words, decision: Any, kind: str) -> Problem:
    """The problem of a decision that refuses."""
    more = {
        "rule": decision.rule,
        "turn": decision.turn,
        "stage": str(decision.stage),
        "number": decision.number,
    }
    return Problem(kind, words.sentence(decision.reason or ""), more=more, headers=tag(decision.turn))
