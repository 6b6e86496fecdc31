"""What can be said to a case: the bar of actions, and a form for every command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.files.multipart import FormBroken, Sent
from console.files.multipart import read_form as read_posted
from console.forms.asking import ask
from console.forms.beside import beside
from console.forms.choices import Choosing, look_around, prefilled
from console.forms.faults import faults_of
from console.forms.foresee import Foreseen, foresee
from console.forms.labels import N_
from console.forms.paying import MEANT, doubts
from console.forms.photos import TAKES, Photos, keep_photos, say_photos
from console.forms.reading import Typed, read_form
from console.forms.recalled import proposed_items
from console.forms.sending import (
    Answer,
    Heard,
    NotRead,
    Overtaken,
    Unheard,
    key_of,
    new_key,
    second_key,
    send,
)
from console.forms.shape import fields_of, kinds
from console.forms.steps import bar_of
from console.reading import Case, NotThere, hold_named, read_case
from console.who import SignedIn, Who
from domain.turns import Decision
from records.acting import Meanwhile

router = APIRouter(include_in_schema=False)

#: before the names of a command's fields and of those of the promise made with it
FIELDS, PROMISE = "f-", "p-"
#: the button that leaves one row of a list out
DROP_ROW = "drop_row"
#: a command that may be said together with another, in one form
WITH: Mapping[str, str] = {"record_response": "make_promise"}
_UNHEARD = N_(
    "No answer came in time. What you typed is kept; send it again: it is done only once, even if it was heard."
)
_OURS = N_(
    "This could not be taken in because of an error of ours. Nothing was recorded; what you typed is kept."
)
_PHOTOS = N_(
    "It is recorded (turn %(turn)s), the photographs are not part of the case yet: %(why)s Send it again; nothing is done twice."
)
_UNREAD = N_(
    "What was sent did not arrive whole, or is too large. Nothing was recorded; shorten the texts or send fewer photographs."
)
_HALF = N_("The first part is recorded (turn %(turn)s). The promise was not made: %(why)s")


@dataclass(frozen=True)
class Shown:
    """A form as it is to be shown. raw: what stands in it, by field; second: the same of the command said with it."""

    kind: str
    key: str
    turn: int
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict)
    second: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    second_faults: Mapping[str, str] = field(default_factory=dict)
    #: what happened to it, as a sentence, and the rule behind a refusal
    notice: str = ""
    rule: str = ""
    since: Sequence[Meanwhile] = ()
    spare: int = 0
    photos: Photos = field(default_factory=Photos)
    #: whether it looks wrong about money, so that somebody has to mean it, and whether somebody does
    doubted: bool = False
    meant: bool = False
    status: int = HTTPStatus.OK


async def bar_context(desk: Desk, who: Who, case: Case, now: Any) -> dict[str, Any]:
    """The bar of actions for the page of the case; it asks no statement."""
    return {"bar": bar_of(case, now), "known_kinds": frozenset(kinds())}


@router.get("/case/{number}/do/{kind}")
async def show_form(request: Request, number: str, kind: str, desk: AtDesk, who: SignedIn) -> Response:
    """The form of a command, with what the query fills in beforehand: a page, or the form alone for htmx."""
    case = await _case(desk, who, number, kind)
    raw: dict[str, Sequence[str]] = {name: [value] for name, value in prefilled(case, kind).items()}
    known = {one.name for one in fields_of(kind)}
    raw |= {name: request.query_params.getlist(name) for name in request.query_params if name in known}
    shown = Shown(kind, new_key(), case.complaint.turn, raw)
    return await _page(request, desk, who, case, shown)


@router.post("/case/{number}/do/{kind}")
async def send_form(request: Request, number: str, kind: str, desk: AtDesk, who: SignedIn) -> Response:
    """Say it. 303 to the case where it was accepted; else the form again, with what was typed."""
    case = await _case(desk, who, number, kind)
    words = desk.pages.words(who.language)
    try:
        with await read_posted(request) as posted:
            shown, typed, promise = _read(kind, posted)
            if kind in TAKES:
                shown = replace(
                    shown, photos=await keep_photos(desk, who, number, posted, words, opened_at=shown.turn)
                )
    except FormBroken as broken:
        return _unread(request, desk, who, broken)
    if "add_row" in posted.fields:
        return await _page(request, desk, who, case, replace(shown, spare=2))
    if dropped := posted.fields.get(DROP_ROW):
        return await _page(request, desk, who, case, _without_row(shown, dropped))
    faults = faults_of(kind, who.id, typed, words)
    if MEANT in posted.fields:
        shown = replace(shown, doubted=True, meant=True)
    elif not faults:
        faults = doubts(case.complaint, kind, typed.data, words)
        shown = replace(shown, doubted=bool(faults))
    second = WITH.get(kind)
    second_faults = faults_of(second, who.id, promise, words) if second and promise.data else {}
    if faults or second_faults or shown.photos.wrong:
        again = replace(
            shown, faults=faults, second_faults=second_faults, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
        return await _page(request, desk, who, case, again)
    fresh = shown.turn == case.complaint.turn  # else it may have been said already
    if second and promise.data and fresh and (refused := _foreseen(desk, case, kind, typed, second, promise)):
        again = replace(shown, second_faults={"": words.sentence(refused.reason)}, rule=refused.rule,
                        notice=words.sentence(refused.reason), status=HTTPStatus.CONFLICT)  # fmt: skip
        return await _page(request, desk, who, case, again)
    answer = await send(desk, who, case, kind, typed.data, key=shown.key, turn=shown.turn)
    if not (isinstance(answer, Heard) and answer.decision.accepted):
        return await _page(request, desk, who, case, _again(desk, who, shown, answer))
    if second and promise.data:
        return await _say_second(request, desk, who, number, shown, second, promise, answer.decision)
    if why := await say_photos(desk, who, number, shown.photos, words):
        told = words.gettext(_PHOTOS) % {"turn": answer.decision.turn, "why": why}
        again = replace(shown, notice=told, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await _page(request, desk, who, case, again)
    return _done(request, kind, answer.decision)


@router.post("/case/{number}/do/{kind}/foresee")
async def show_effect(request: Request, number: str, kind: str, desk: AtDesk, who: SignedIn) -> Response:
    """What would come of it as it stands in the form now; nothing is said. A fragment for htmx."""
    case = await _case(desk, who, number, kind)
    with await read_posted(request) as posted:
        _, typed, _ = _read(kind, posted)
    await hold_named(desk, kind, typed.data)
    seen = Foreseen() if typed.faults else foresee(case, kind, typed.data, desk.now())
    if seen.effect and faults_of(kind, who.id, typed, desk.pages.words(who.language)):
        seen = Foreseen()  # what would be refused is told early; what it does, once it could be sent
    return desk.pages.show(request, who, "act/_effect.html", {"foreseen": seen, "case": case})


async def _case(desk: Desk, who: Who, number: str, kind: str) -> Case:
    """The case this form is about. Raises NotThere, for a command nobody can say too."""
    if kind not in kinds():
        raise NotThere
    return await read_case(desk, who, number)


def _without_row(shown: Shown, dropped: str) -> Shown:
    """The form without one row of a list, as "f-items.1" names it; as it was, where there is none of that name."""
    listed, _, place = dropped.removeprefix(FIELDS).rpartition(".")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        return shown
    raw = {
        name: [value for at, value in enumerate(values) if at != int(place)]
        if name.startswith(f"{listed}-")
        else values
        for name, values in shown.raw.items()
    }
    return replace(shown, raw=raw)


def _unread(request: Request, desk: Desk, who: Who, broken: FormBroken) -> Response:
    """Told above the form, which stays as it is; without script a page of its own, and the browser keeps the form."""
    if "hx-request" not in request.headers:
        raise broken
    told = desk.pages.words(who.language).gettext(_UNREAD)
    headers = {"HX-Retarget": "#act-fault", "HX-Reswap": "innerHTML", "X-Kept": "1"}
    return desk.pages.show(
        request,
        who,
        "act/_fault.html",
        {"told": told},
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        headers=headers,
    )


def _read(kind: str, posted: Sent) -> tuple[Shown, Typed, Typed]:
    """What came: how to show it again, the command, and the promise with it (empty where none was begun)."""
    typed = read_form(kind, posted, FIELDS)
    second = WITH.get(kind)
    promise = read_form(second, posted, PROMISE) if second else Typed()
    if not any(promise.raw.get(name, [""])[:1] != [""] for name in ("what", "due", "condition")):
        promise = Typed(raw=promise.raw)
    written = posted.fields.get("turn", "")
    turn = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    shown = Shown(kind, key_of(posted.fields.get("key", "")), turn, typed.raw, promise.raw)
    return shown, typed, promise


def _foreseen(desk: Desk, case: Case, kind: str, typed: Typed, second: str, promise: Typed) -> Any:
    """Why the second command would be refused after the first, so that neither is said by halves."""
    first = foresee(case, kind, typed.data, desk.now())
    if first.after is None:
        return None
    return foresee(case, second, promise.data, desk.now(), after=first.after).refused


async def _say_second(
    request: Request,
    desk: Desk,
    who: Who,
    number: str,
    shown: Shown,
    kind: str,
    promise: Typed,
    first: Decision,
) -> Response:
    """The promise made with an answer. Where it fails, the page says which half stands and offers the other."""
    case = await read_case(desk, who, number)
    key = second_key(shown.key)
    answer = await send(desk, who, case, kind, promise.data, key=key, turn=first.turn)
    if isinstance(answer, Heard) and answer.decision.accepted:
        return _done(request, shown.kind, first, answer.decision)
    half = _again(desk, who, Shown(kind, key, first.turn, promise.raw), answer)
    sentence = desk.pages.words(who.language).gettext(_HALF) % {"turn": first.turn, "why": half.notice}
    return await _page(request, desk, who, case, replace(half, notice=sentence))


def _again(desk: Desk, who: Who, shown: Shown, answer: Answer) -> Shown:
    """The form after it was not accepted. Only what may still be under way keeps its key."""
    words = desk.pages.words(who.language)
    if isinstance(answer, Unheard):
        sentence = words.gettext(_OURS if answer.ours else _UNHEARD)
        return replace(shown, notice=sentence, status=HTTPStatus.SERVICE_UNAVAILABLE)
    shown = replace(shown, key=new_key())
    if isinstance(answer, Overtaken):
        return replace(shown, turn=answer.turn, since=answer.since or [], notice=words.gettext(
            N_("Others were faster: look at what came since, then send it again. What you typed is kept.")
        ), status=HTTPStatus.CONFLICT)  # fmt: skip
    if isinstance(answer, NotRead):
        return replace(shown, notice=words.sentence(answer.reason), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    decision = answer.decision
    sentence = words.sentence(decision.reason or "")
    place = (decision.reason or "").partition(": ")[0]
    faults = {place: sentence} if place.split(".")[0] in {one.name for one in fields_of(shown.kind)} else {}
    return replace(
        shown,
        turn=decision.turn,
        faults=faults,
        notice=sentence,
        rule=decision.rule or "",
        status=HTTPStatus.CONFLICT,
    )


def _done(request: Request, kind: str, *decisions: Decision) -> Response:
    """Back to the case, which says what was done."""
    said = urlencode({"said": kind, "turn": decisions[-1].turn})
    address = f"/case/{decisions[0].number}?{said}"
    if "hx-request" in request.headers:
        return Response(status_code=200, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


async def _page(request: Request, desk: Desk, who: Who, case: Case, shown: Shown) -> Response:
    now = desk.now()
    words = desk.pages.words(who.language)
    second = WITH.get(shown.kind)
    around = await look_around(desk, case, [shown.kind, *([second] if second else [])], now)
    choosing = Choosing(case, around, words)
    raw = shown.raw
    if shown.kind == "record_agreement" and "items-what" not in raw:
        raw = {**raw, **proposed_items(choosing)}
    second_raw = {**_values(prefilled(case, second)), **shown.second} if second else {}
    context = {
        "case": case,
        "complaint": case.complaint,
        "shown": shown,
        "kind": shown.kind,
        "sheet": ask(choosing, shown.kind, raw, shown.faults, FIELDS, spare=shown.spare),
        "second": ask(choosing, second, second_raw, shown.second_faults, PROMISE) if second else None,
        "second_open": any(value for name in ("what", "due", "condition") for value in shown.second.get(name, ())),
        "refused": case.actions(now).get(shown.kind),
        "beside": beside(choosing, shown.kind, now),
        "takes_photos": shown.kind in TAKES and not case.actions(now).get("add_evidence"),
    }  # fmt: skip
    template = "act/_form.html" if "hx-request" in request.headers else "act/page.html"
    return desk.pages.show(request, who, template, context, status=shown.status, headers={"X-Kept": "1"})


def _values(given: Mapping[str, str]) -> dict[str, Sequence[str]]:
    return {name: [value] for name, value in given.items()}
