"""Problems as the API tells them: RFC 9457 for every error, those of the framework too.

A kind of problem is a member of `KINDS`; its `type` is the address under which the API itself explains it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse

from console.api.language import N_
from console.words import Words

MEDIA_TYPE = "application/problem+json"
#: where the kinds of problems are explained, below the API
EXPLAINED = "/api/v1/problems"
#: seconds after which asking again makes sense
AGAIN = 5


@dataclass(frozen=True)
class Kind:
    """A kind of problem. title and meaning: English, to be translated; the title never changes with the occurrence."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "unauthenticated": Kind(
        401,
        N_("Not signed in"),
        N_("No session and no token that holds. Get a token with `redress user token`."),
    ),
    "scope": Kind(
        403,
        N_("Not allowed to this token"),
        N_("The token lacks the scope this needs; another one may have it."),
    ),
    "not-yours": Kind(
        403, N_("Not yours to do"), N_("Another person may do this; the rule says who. Nothing was changed.")
    ),
    "csrf": Kind(403, N_("Not asked from the desk"), N_("A session's write lacks the header X-CSRF-Token.")),
    "not-found": Kind(404, N_("Not found"), N_("There is no such thing, or none that is yours to read.")),
    "method": Kind(405, N_("Method not allowed"), N_("The header Allow names the methods of this address.")),
    "refused": Kind(
        409,
        N_("Refused"),
        N_("The rules do not allow this to this complaint as it stands; `rule` names which."),
    ),
    "turn-changed": Kind(
        409,
        N_("Changed meanwhile"),
        N_("Another turn came first; `turn` is the present one. Look again, then decide."),
    ),
    "other-content": Kind(
        409,
        N_("Came in before with other content"),
        N_(
            "The external id came in before with other content; `number` names that complaint to whoever may read it."
        ),
    ),
    "damaged": Kind(
        410,
        N_("The file is damaged"),
        N_("Its bytes are missing or were altered; an operator may have a copy. Asking again does not help."),
    ),
    "too-large": Kind(413, N_("Too large"), N_("The body is larger than this address accepts.")),
    "media-type": Kind(
        415, N_("Media type not supported"), N_("The body is of another type than this address accepts.")
    ),
    "bad-input": Kind(
        422, N_("Bad input"), N_("`errors` names each field that is wrong and what is accepted.")
    ),
    "key-reused": Kind(
        422,
        N_("Key used before"),
        N_("The Idempotency-Key was used with another body. What is new needs a new key."),
    ),
    "fault": Kind(
        500, N_("A fault of ours"), N_("An operator can find it by `instance` and time. Nothing was changed.")
    ),
    "away": Kind(
        503,
        N_("A service cannot be reached"),
        N_("Ask again after Retry-After under the same Idempotency-Key."),
    ),
    "no-answer": Kind(
        503, N_("No answer in time"), N_("Ask again under the same Idempotency-Key: it is done once.")
    ),
}
_OF_STATUS = {
    404: "not-found",
    405: "method",
    410: "damaged",
    413: "too-large",
    415: "media-type",
    422: "bad-input",
}


@dataclass(frozen=True)
class Wrong:
    """A field that is wrong. at: its path, such as ("customer", "name"); source: "body", "query", "header" or "path".

    message and accepted: in the asker's language, without the field's name.
    """

    at: tuple[str | int, ...]
    message: str
    accepted: str | None = None
    source: str = "body"

    @property
    def field(self) -> str:
        """Such as customer.name."""
        return ".".join(str(part) for part in self.at) or self.source

    def told(self) -> dict[str, Any]:
        """As it stands in `errors`; `pointer` (RFC 6901) where it is in the body."""
        told: dict[str, Any] = {"in": self.source, "field": self.field, "message": self.message}
        if self.source == "body":
            told["pointer"] = "".join(
                f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in self.at
            )
        if self.accepted is not None:
            told["accepted"] = self.accepted
        return told


@dataclass
class Problem(Exception):
    """Ends a request with this kind of problem. detail: one sentence in the asker's language; its kind's otherwise."""

    kind: str
    detail: str | None = None
    errors: Sequence[Wrong] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def bad_input(*errors: Wrong) -> Problem:
    """The problem of fields that are wrong."""
    return Problem("bad-input", errors=errors)


def of_status(status: int) -> str:
    """The kind for a status of the framework."""
    return _OF_STATUS.get(status, "fault" if status >= 500 else "bad-input")


def explained(slug: str, words: Words) -> dict[str, Any]:
    """A kind of problem, told to who looks up its `type`."""
    kind = KINDS[slug]
    return {
        "type": f"{EXPLAINED}/{slug}",
        "status": kind.status,
        "title": words.gettext(kind.title),
        "meaning": words.gettext(kind.meaning),
    }


def response(request: Request, words: Words, problem: Problem) -> JSONResponse:
    """The answer that tells of a problem."""
    kind = KINDS[problem.kind]
    told: dict[str, Any] = {
        "type": f"{EXPLAINED}/{problem.kind}",
        "title": words.gettext(kind.title),
        "status": kind.status,
        "detail": problem.detail or _summary(problem.errors) or words.gettext(kind.meaning),
        "instance": quote(request.scope["path"]),
    }
    if problem.errors:
        told["errors"] = [wrong.told() for wrong in problem.errors]
    headers = {"Content-Language": words.language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if kind.status == 503:
        headers["Retry-After"] = str(AGAIN)
    if problem.kind == "unauthenticated":
        headers["WWW-Authenticate"] = 'Bearer realm="redress"'
    return JSONResponse(
        {**told, **problem.more}, kind.status, {**headers, **problem.headers}, media_type=MEDIA_TYPE
    )


def _summary(errors: Sequence[Wrong]) -> str | None:
    """The first error as a sentence, with how many more there are."""
    if not errors:
        return None
    more = f" (+{len(errors) - 1})" if len(errors) > 1 else ""
    return f"{errors[0].field}: {errors[0].message}{more}"
