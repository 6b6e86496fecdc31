"""The intake desk: the form, the look-up beside it, its draft, what came of it, the slip, and the published text."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.files import FilesUnreachable
from console.files.listing import shown_files, upload_context
from console.files.multipart import FormBroken, Sent, read_form
from console.files.receiving import FileRefused, refusal
from console.files.taking import SUBKINDS, book_of
from console.intake.form import (
    ABSENT,
    CHANNELS,
    NUMBERED,
    WAYS,
    IntakeForm,
    fresh_form,
    missing,
    new_key,
    read_form_fields,
    typed_form,
    wrong_in_addition,
)
from console.intake.process import first_answer_hours, published
from console.intake.sending import NotOpened, Outcome, add_to, send
from console.pages.links import Key, handed_out, may_hand_out
from console.reading import NUMBER, NotThere, read_case
from console.showing import preferred_language
from console.who import SignedIn, Somebody, Who
from console.words import LANGUAGES
from domain.codes import Line
from domain.roles import READS_ALL, SEES_MASKED
from records.intake import IntakeDrafts
from records.views import case_sheet
from records.views.lookup import Found, look_up, project_names, units_like

router = APIRouter(include_in_schema=False)

#: who sees names whole before there is a case to judge by: whoever sees them in every case
_SEES_NAMES = tuple(role for role in READS_ALL if role not in SEES_MASKED)

#: nobody is looked up by fewer characters
_SHORTEST_CONTACT = 5


@router.get("/intake")
async def show_form(request: Request, desk: AtDesk, who: SignedIn, new: str = "") -> Response:
    """The form: the one this person typed into last, or a new one."""
    draft = None if new else await _drafts(desk).last(who.id)
    if draft is None:
        return await _page(request, desk, who, fresh_form(desk.now()))
    form = IntakeForm(draft.key, draft.fields)
    return await _page(request, desk, who, form, restored=draft.saved_at)


@router.post("/intake")
async def send_form(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Open the complaint, or add to the one chosen in `into`; what is wrong stands beside its field."""
    words = desk.pages.words(who.language)
    try:
        with await read_form(request) as sent:
            form = typed_form(sent.fields)
            into = sent.fields.get("into", "")
            errors = await _stage_files(desk, who, form, sent)
    except FormBroken as broken:
        return await _broken(request, desk, who, broken)
    meant: Any = (
        wrong_in_addition(form, words.gettext) if into else read_form_fields(form, desk.now(), words.gettext)
    )
    errors = {**(meant if isinstance(meant, dict) else {}), **errors}
    if errors:
        return await _again(request, desk, who, form, errors)
    try:
        outcome = await (add_to(desk, who, form, _number(into)) if into else send(desk, who, form, meant))
    except NotOpened as not_opened:
        kept = form if not_opened.number is None else IntakeForm(new_key(), form.fields)
        errors = {"form": not_opened.sentence}
        return await _again(request, desk, who, kept, errors, before=not_opened.number)
    return await _came_of_it(request, desk, who, form, outcome, into)


@router.post("/intake/draft")
async def save_draft(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Keep what is typed so far, and say what is still missing; called while somebody types."""
    with await _read(request) as sent:
        form = typed_form(sent.fields)
    await _drafts(desk).save(who.id, form.key, form.fields)
    context = _check(desk, who, form) | {"saved": True}
    return desk.pages.show(request, who, "intake/_check.html", context)


@router.post("/intake/discard")
async def discard_draft(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Throw the form away, with its files."""
    with await _read(request) as sent:
        form = typed_form(sent.fields)
    await _drafts(desk).drop(who.id, form.key)
    return RedirectResponse("/intake?new=1", status_code=303)


@router.post("/intake/lookup")
async def show_lookup(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Who calls and what of theirs is open. Posted, so that no number stands in an address or a log."""
    with await _read(request) as sent:
        form = typed_form(sent.fields)
    found = await _found(desk, who, form)
    return desk.pages.show(request, who, "intake/_lookup.html", {"found": found, "form": form})


@router.post("/intake/units")
async def show_units(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Units to choose from, as the project is chosen and the unit is typed."""
    with await _read(request) as sent:
        form = typed_form(sent.fields)
    async with desk.office.pool.acquire() as connection:
        units = await units_like(connection, _plain(form["project"]), _plain(form["unit"]))
    return desk.pages.show(request, who, "intake/_units.html", {"units": units})


@router.get("/intake/{number}/slip")
async def show_slip(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """The receipt on paper, for the customer to take along."""
    return await _slip(request, desk, who, number)


@router.post("/intake/{number}/slip")
async def show_slip_with_link(
    request: Request, desk: AtDesk, who: SignedIn, number: str, key: Key
) -> Response:
    """The same with the address of the customer's page; a note in the ledger says who printed it (CUS-09)."""
    return await _slip(request, desk, who, number, await handed_out(request, desk, who, number, key))


async def _slip(request: Request, desk: Desk, who: Who, number: str, link: str = "") -> Response:
    case = await read_case(desk, who, number)
    async with desk.office.pool.acquire() as connection:
        sheet = await case_sheet(connection, desk.office.texts, case.complaint, who.id, masked=not case.whole)
        projects = {one.code: one.name for one in await project_names(connection)}
    first = [one for one in sheet.deadlines if one.name == "first_response_hours"]
    context = {
        "sheet": sheet,
        "project": projects.get(sheet.project or "", sheet.project),
        "answer_by": min((one.due for one in first), default=None),
        "team": case.complaint.desk,
        "link": link,
        "may_have_link": may_hand_out(case),
        "key": str(uuid4()),
        "told": desk.pages.words(sheet.customer.language),
    }
    return desk.pages.show(request, who, "intake/slip.html", context)


@router.get("/process")
async def show_process(request: Request, desk: AtDesk, who: Somebody, lang: str = "") -> Response:
    """How complaints are handled: for everybody to read, in the policy's present words and times (INT-10)."""
    chosen = lang if lang in LANGUAGES else (who.language if who else preferred_language(request))
    words = desk.pages.words(chosen)
    text = await published(desk, words, desk.now())
    return desk.pages.show(request, who, "intake/process.html", {"text": text}, language=words.language)


def _drafts(desk: Desk) -> IntakeDrafts:
    return IntakeDrafts(desk.office.pool, desk.office.texts)


def _number(written: str) -> str:
    if not NUMBER.fullmatch(written):
        raise NotThere
    return written


def _plain(typed: str) -> str:
    """What is typed so far, as a statement may be asked for it."""
    return typed.replace("\x00", "").strip()


async def _read(request: Request) -> Sent:
    """A form without files; a broken one is as good as an empty one."""
    try:
        return await read_form(request)
    except FormBroken:
        return Sent()


async def _stage_files(desk: Desk, who: Who, form: IntakeForm, sent: Sent) -> dict[str, str]:
    """Keep the files with the form until its complaint has a number; what is not taken, under "file"."""
    if not sent.files:
        return {}
    words = desk.pages.words(who.language)
    chosen = sent.fields.get("subkind", "")
    subkind = chosen if chosen in SUBKINDS else "other"
    owner = await _drafts(desk).owner(who.id, form.key)
    wrong = []
    for received in sent.files:
        try:
            await desk.files.keep(book_of(desk), owner, received, subkind, who.id)
        except FileRefused as refused:
            wrong.append(f"{received.name}: {refusal(refused.code, words.gettext)}")
        except FilesUnreachable:
            sentence = words.gettext("It could not be kept now; send it again in a moment.")
            wrong.append(f"{received.name}: {sentence}")
    return {"file": " ".join(wrong)} if wrong else {}


async def _found(desk: Desk, who: Who, form: IntakeForm) -> Found:
    """What the contact and the place of this form lead to; nothing for less than a few characters."""
    contact = form["contact"] if len(form["contact"].strip()) >= _SHORTEST_CONTACT else ""
    project, unit = _plain(form["project"]), _plain(form["unit"])
    place = (project, unit) if project and unit else None
    if not (contact or place) or not who.asker.roles:
        return Found()
    async with desk.office.pool.acquire() as connection:
        return await look_up(
            connection,
            desk.office.texts,
            who.asker,
            desk.now(),
            contact=contact,
            place=place,
            whole_for=_SEES_NAMES,
        )


def _check(desk: Desk, who: Who, form: IntakeForm) -> dict[str, Any]:
    return {"missing": missing(form, desk.pages.words(who.language).gettext), "form": form}


async def _page(
    request: Request,
    desk: Desk,
    who: Who,
    form: IntakeForm,
    errors: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> Response:
    owner = await _drafts(desk).known_owner(who.id, form.key)
    async with desk.office.pool.acquire() as connection:
        projects = await project_names(connection)
    context = {
        **_check(desk, who, form),
        **upload_context(),
        "errors": dict(errors or {}),
        "projects": projects,
        "channels": CHANNELS,
        "ways": WAYS,
        "lines": tuple(Line),
        "absent": form.channel in ABSENT,
        "numbered": form.channel in NUMBERED,
        "found": await _found(desk, who, form),
        "staged": await shown_files(desk, who, owner) if owner else [],
        "first_answer_hours": await first_answer_hours(desk, desk.now()),
        "restored": None,
        "before": None,
        "saved": False,
        **more,
    }
    return desk.pages.show(request, who, "intake/form.html", context, status=status)


async def _again(
    request: Request, desk: Desk, who: Who, form: IntakeForm, errors: Mapping[str, str], **more: Any
) -> Response:
    """The form with what is wrong beside each field; what was typed is kept, on the server too."""
    await _drafts(desk).save(who.id, form.key, form.fields)
    return await _page(request, desk, who, form, errors, status=422, **more)


async def _broken(request: Request, desk: Desk, who: Who, broken: FormBroken) -> Response:
    """A body that did not arrive: the form as it was kept last."""
    words = desk.pages.words(who.language)
    draft = await _drafts(desk).last(who.id)
    form = IntakeForm(draft.key, draft.fields) if draft else fresh_form(desk.now())
    sentence = refusal("too_large" if broken.status == 413 else "broken", words.gettext)
    return await _page(request, desk, who, form, {"file": sentence}, status=broken.status)


async def _came_of_it(
    request: Request, desk: Desk, who: Who, form: IntakeForm, outcome: Outcome, into: str
) -> Response:
    """On to the case when all is done; else what was done and what was not, with the means to finish it."""
    context = {"outcome": outcome, "form": form, "into": into}
    if outcome.handed_on:
        return desk.pages.show(request, who, "intake/done.html", context)
    if outcome.whole:
        return RedirectResponse(f"/case/{outcome.number}" + ("" if into else "?receipt=1"), status_code=303)
    await _drafts(desk).save(who.id, form.key, form.fields)
    return desk.pages.show(request, who, "intake/done.html", context, status=503)
