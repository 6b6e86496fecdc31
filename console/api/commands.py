"""Commands by HTTP: what may be said to a complaint now, and saying it."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import JSONResponse

from console.api import bodies, contract
from console.api.body import read_object
from console.api.caller import Reader, Writer
from console.api.language import words_of
from console.api.problems import Problem, Wrong, bad_input
from console.api.shapes import Action, Actions, Decision
from console.api.telling import KEY, VERSION, refused, tag, told, turn_seen
from console.desk import AtDesk, Desk
from console.reading import NotThere, case_of, hold_named, read_case
from console.saying import say
from console.who import Who
from console.words import Words
from domain import lifecycle
from domain.commands import BadCommand, said
from domain.turns import Decision as Ruled
from starter.complaints import NotUnderstood

router = APIRouter(tags=["commands"])


@router.get("/complaints/{number}/actions", **contract.reading(Actions, versioned=True))
async def list_actions(request: Request, desk: AtDesk, who: Reader, number: str) -> JSONResponse:
    """What the caller may say to a complaint now.

    Every command with the JSON Schema of its body; where it may not be said now, why not and by which rule. What only
    the fields of a command decide (the amount of an offer) is ruled on when it is said.
    """
    words = words_of(request)
    case = await read_case(desk, who, number)
    found = case.actions(desk.now())
    items = [
        Action(
            kind=kind,
            title=words.name("command", kind),
            allowed=why is None,
            reason=words.sentence(why.reason) if why else None,
            rule=why.rule if why else None,
            schema=bodies.schema(kind),
        )
        for kind, why in found.items()
    ]
    state = case.complaint
    return told(
        Actions(number=number, turn=state.turn, stage=state.stage, items=items), headers=tag(state.turn)
    )


@router.post("/complaints/{number}/commands/{kind}", **contract.saying())
async def say_command(
    request: Request,
    desk: AtDesk,
    who: Writer,
    number: str,
    kind: str,
    idempotency_key: Annotated[str, Header(pattern=KEY)],
    if_match: Annotated[str | None, Header(pattern=VERSION)] = None,
) -> JSONResponse:
    """Say a command.

    The answer is the decision. Said again by the same caller under the same `Idempotency-Key` with the same body it is
    answered as the first time and done once. With `If-Match` it is heard only at the turn the caller saw. A refusal by the rules is
    409, or 403 where another person may say it; it changes nothing.
    """
    words = words_of(request)
    if kind not in bodies.KINDS:
        raise NotThere
    fields = await _fields(request, kind, who, if_match, words)
    try:
        decision = await say(desk, who, number, kind, fields, key=f"{who.id}:{idempotency_key}")
    except (BadCommand, NotUnderstood) as bad:
        raise Problem("bad-input", words.sentence(str(bad))) from None
    if not decision.accepted:
        raise await _problem(desk, who, kind, fields, decision, words)
    return told(Decision(**decision.model_dump()), headers=tag(decision.turn))


async def _fields(
    request: Request, kind: str, who: Who, if_match: str | None, words: Words
) -> dict[str, Any]:
    """The fields of the command, with the turn that If-Match or the body itself demands."""
    turn = turn_seen(if_match)
    data = await read_object(request, words, may_be_empty=not bodies.needs_body(kind))
    fields = bodies.read(kind, data, who.id, words)
    own = fields.get("expected_turn")
    if turn is not None and own is not None and own != turn:
        sentence = words.gettext("If-Match and this field name two different turns.")
        raise bad_input(Wrong(("expected_turn",), sentence, str(turn)))
    return fields if turn is None else {**fields, "expected_turn": turn}


async def _problem(
    desk: Desk, who: Who, kind: str, fields: dict[str, Any], decision: Ruled, words: Words
) -> Problem:
    match decision.rule:
        case "idempotency":
            return refused(words, decision, "key-reused")
        case "turn":
            return refused(words, decision, "turn-changed")
        case "fault":
            return refused(words, decision, "fault")
    theirs = not await _not_theirs(desk, who, kind, fields, decision)
    return refused(words, decision, "refused" if theirs else "not-yours")


async def _not_theirs(desk: Desk, who: Who, kind: str, fields: dict[str, Any], decision: Ruled) -> bool:
    """Whether a refusal was because of who said it: the rules are asked again, on the complaint as it stands.

    A recorded decision keeps the sentence and the rule only. Where the complaint has moved on meanwhile and the rules
    would answer otherwise now, the refusal counts as one of the case.
    """
    complaint = await desk.office.ledger.complaint(decision.number)
    case = await case_of(desk, who, complaint)
    await hold_named(desk, kind, fields)
    command = said(kind, who.id, {**fields, "expected_turn": None})
    ruling = lifecycle.rule(complaint, command, who.asker, desk.now(), case.book)
    return ruling.not_theirs and ruling.rule == decision.rule
