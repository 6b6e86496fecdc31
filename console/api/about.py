"""What the API tells about itself and about who calls: `/me`, and the kinds of problems."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from console.api import contract, problems
from console.api.caller import Anybody
from console.api.language import words_of
from console.api.shapes import Explained, Kinds, Me
from console.api.telling import told
from console.reading import NotThere

router = APIRouter(tags=["about"])


@router.get("/me", **contract.reading(Me))
async def get_me(who: Anybody) -> JSONResponse:
    """Who calls, with which seats, and the scopes of the token."""
    asker = who.asker
    return told(
        Me(
            id=who.id,
            name=who.name,
            roles=[str(role) for role in asker.roles],
            department=asker.department,
            standing_in={str(role): absent for role, absent in asker.standing_in.items()},
            projects=list(asker.projects),
            scopes=None if who.scopes is None else sorted(who.scopes),
        )
    )


@router.get("/problems", **contract.public(Kinds))
async def list_problems(request: Request) -> JSONResponse:
    """The kinds of problems, each under the address that problems give as their `type`."""
    words = words_of(request)
    return told(Kinds(items=[Explained(**problems.explained(slug, words)) for slug in problems.KINDS]))


@router.get("/problems/{kind}", **contract.public(Explained, found=True))
async def get_problem(request: Request, kind: str) -> JSONResponse:
    """One kind of problem."""
    if kind not in problems.KINDS:
        raise NotThere
    return told(Explained(**problems.explained(kind, words_of(request))))
