"""What the customer's two pages show."""

from collections.abc import Mapping
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from console.customer.hearing import LARGEST_IN_ALL_MB, MOST_FILES, Heard
from console.customer.opening import Opened
from console.customer.plain import REPLIES, STEPS, answered, in_plain_words
from console.files.sniffing import BY_TYPE
from console.words import LANGUAGES
from domain.codes import ENDED, Stage
from domain.lifecycle import out_of_stage

#: what a link may ask for, by the name of its form
_FORMS: Mapping[str, str] = {
    "add": "add_to_intake",
    "withdraw": "mark_withdrawn",
    "contact": "change_contact",
    "erase": "request_erasure",
}
_NOTHING = Heard()


async def status_page(
    request: Request, opened: Opened, form: str = "", heard: Heard = _NOTHING, *, keep: bool = True
) -> Response:
    """How things stand; with what was typed in `form` and what is wrong with it, where something is.

    keep: False where what was typed is on record and must not be sent twice.
    """
    complaint, desk = opened.complaint, opened.desk
    stage = complaint.stage
    erasure = complaint.tasks.get("erasure")
    replied = _has_replied(opened)
    context = {
        "opened": opened,
        "complaint": complaint,
        "standing": opened.standing,
        "steps": STEPS,
        "plain": in_plain_words(
            complaint, desk.now(), working=await _counts_working_hours(opened), replied=replied
        ),
        "replied": replied,
        "question": await opened.page_of("feedback") if opened.asked else None,
        "can": {name for name, kind in _FORMS.items() if out_of_stage(stage, kind) is None},
        "ended": stage in ENDED,
        "filed": stage is Stage.ARCHIVED,
        "erasing": erasure is not None and erasure.state == "OPEN",
        "downloads": {file.id for file in opened.standing.files.values() if not BY_TYPE[file.media].shown},
        "most_files": MOST_FILES,
        "largest_in_all": LARGEST_IN_ALL_MB,
        "thanks": request.query_params.get("thanks", ""),
        "form": form,
        "typed": heard.sent.fields if keep else {},
        "problem": heard.problem,
        "key": str(uuid4()),
        "back": opened.address,
    }
    status = heard.status if heard.problem else 200
    return desk.pages.show(
        request, None, "customer/status.html", context, status=status, language=opened.words.language
    )


async def feedback_page(request: Request, opened: Opened, heard: Heard = _NOTHING) -> Response:
    """The question of this link's round, or why there is none."""
    link = opened.link
    context = {
        "opened": opened,
        "complaint": opened.complaint,
        "asked": opened.asked,
        "answered": answered(opened.complaint, link.round),
        "solved": any(one.round == link.round and one.satisfied for one in opened.complaint.feedback),
        "status_page": await opened.page_of("status"),
        "thanks": request.query_params.get("thanks", ""),
        "typed": {name: heard.field(name) for name in ("solved", "score", "text")},
        "problem": heard.problem,
        "key": str(uuid4()),
        "back": opened.address,
    }
    status = heard.status if heard.problem else 200
    return opened.desk.pages.show(
        request, None, "customer/feedback.html", context, status=status, language=opened.words.language
    )


def _has_replied(opened: Opened) -> bool:
    """Whether the customer has ticked an answer, in either language, since a proposal that waits for one was put to
    them. A question or a photograph is none."""
    every = [
        opened.desk.pages.words(language).gettext(one) for language in LANGUAGES for one in REPLIES.values()
    ]
    last = opened.complaint.of_round()[-1:]
    pending = [one.at for one in last if one.reply == "pending"]
    return any(
        line.theirs and line.at > at and (line.text or "").startswith(tuple(every))
        for at in pending
        for line in opened.standing.released
    )


async def _counts_working_hours(opened: Opened) -> bool:
    """Whether the first answer is promised in working hours. The policy is read once a process."""
    office, version = opened.desk.office, opened.complaint.policy_version
    async with office.pool.acquire() as connection:
        await office.library.hold(connection, [version], [])
    return bool(office.library.policy(version).table("response_clock") == "working")
