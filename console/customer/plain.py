"""Where a complaint stands, in words for the person who complains: what we do, whom it waits for, what comes next.

The sentences are msgids; the page translates them. Nothing here comes from what our people wrote to each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.words import N_
from domain.codes import Stage
from domain.complaint import Complaint

WaitsFor = Literal["us", "you", "authority", "supplier", "nobody"]

#: the road as a customer sees it; a stage stands at one of these steps
STEPS = (
    N_("Received"),
    N_("Being looked into"),
    N_("Talking with you"),
    N_("Being put right"),
    N_("Your answer"),
    N_("Done"),
)
_S = Stage
STEP_OF: Mapping[Stage, int] = {
    _S.REGISTERED: 0,
    _S.CLASSIFIED: 0,
    _S.ASSIGNED: 1,
    _S.INVESTIGATING: 1,
    _S.SECOND_HANDLING: 1,
    _S.SOLUTION_DRAFTED: 2,
    _S.NEGOTIATING: 2,
    _S.MEDIATING: 2,
    _S.ARBITRATING: 2,
    _S.LITIGATING: 2,
    _S.FULFILLING: 3,
    _S.CLOSING_REVIEW: 3,
    _S.FEEDBACK: 4,
    _S.AWAITING_VISIT: 5,
    _S.ARCHIVED: 5,
    _S.WITHDRAWN: 5,
    _S.DUPLICATE: 5,
}
SAID: Mapping[Stage, str] = {
    _S.REGISTERED: N_("We have your complaint and are reading it."),
    _S.CLASSIFIED: N_("We are passing your complaint to the people who can solve it."),
    _S.ASSIGNED: N_("The people responsible have your complaint and will begin at once."),
    _S.INVESTIGATING: N_("We are finding out what happened."),
    _S.SOLUTION_DRAFTED: N_("We know what happened and are preparing a proposal for you."),
    _S.NEGOTIATING: N_("We are talking with you about a solution."),
    _S.MEDIATING: N_("A mediator helps us to find a solution together."),
    _S.ARBITRATING: N_("An arbitration or an internal review is under way."),
    _S.LITIGATING: N_("A court is dealing with the matter."),
    _S.FULFILLING: N_("We agreed on a solution and are carrying it out."),
    _S.CLOSING_REVIEW: N_("The work is done; we are checking that nothing was forgotten."),
    _S.FEEDBACK: N_("We believe that the matter is settled. Please tell us whether you think so too."),
    _S.SECOND_HANDLING: N_("You were not satisfied, so we are looking into it once more."),
    _S.AWAITING_VISIT: N_(
        "The matter is settled. We will ask you once more whether everything is still in order."
    ),
    _S.ARCHIVED: N_("The matter is closed."),
    _S.WITHDRAWN: N_("The complaint was withdrawn."),
    _S.DUPLICATE: N_("We handle this together with another complaint of yours."),
}
#: deadlines that a customer may hold us to, and what we owe by then
OWED: Mapping[str, str] = {
    "first_response_hours": N_("We answer you by"),
    "progress_days": N_("You will hear from us again by"),
    "promise_due": N_("We promised you something by"),
    "site_visit": N_("We come to look at it on"),
    "item_due": N_("We owe you something by"),
    "follow_up_days": N_("We ask you again by"),
    "hold_until": N_("We go on at the latest on"),
    "reply_days": N_("Please answer our proposal by"),
    "feedback_days": N_("Please answer our question by"),
}
#: what such a date means, and how its time is counted
MEANS: Mapping[str, str] = {
    "first_response_hours": N_(
        "Counted from the moment your complaint reached us, nights and weekends included."
    ),
    "progress_days": N_(
        "You will hear from us by then even when there is nothing new. Weekends and holidays count."
    ),
    "promise_due": N_("If we have to move it, we tell you before."),
    "site_visit": N_("Please see that somebody is there. If the time does not suit you, tell us below."),
    "item_due": N_("It is the date that we agreed on with you."),
    "follow_up_days": N_("Some weeks after the end we ask whether everything is still in order."),
    "hold_until": N_("Until then the time for our work stands still. What we promised you does not move."),
    "reply_days": N_("If you do not answer we will ask you again; we do not take silence for consent."),
    "feedback_days": N_(
        "If you do not answer we will ask you again; we do not assume that you are satisfied."
    ),
}
_ANEW = N_("Counted from the moment we took your complaint up once more, nights and weekends included.")
IN_WORKING_HOURS = N_("Only our working hours count: no nights, weekends or public holidays.")
_YOURS = ("reply_days", "feedback_days")
#: what a customer may tick about our proposal, and the words it goes on record with
REPLIES: Mapping[str, str] = {
    "yes": N_("I agree to your proposal."),
    "no": N_("I do not agree to your proposal."),
}
_ACCEPTED = N_("You accepted our proposal. We are writing down who does what and until when.")
_CONSENT_ASKED = N_("We propose that a mediator helps us, and ask whether both sides agree to it.")
_ASKED_AGAIN = N_("We asked you once more how things are, and are closing the matter.")
_NOT_SETTLED = N_("You told us that it is not settled. We look into it and tell you how it goes on.")


@dataclass(frozen=True)
class Plain:
    """step: place in STEPS. said: one sentence. next_what, next_at: what happens next and when, next_means: what that
    date means; None where nothing is fixed. talking: about a solution, with the customer. visited: the next is
    an appointment at the customer's. replying: we wait for the customer's answer to our proposal."""

    step: int
    said: str
    waits_for: WaitsFor
    next_what: str | None
    next_at: datetime | None
    next_means: str | None
    talking: bool
    visited: bool
    replying: bool


def in_plain_words(
    complaint: Complaint, now: datetime, *, working: bool = False, replied: bool = False
) -> Plain:
    """The complaint as its customer is told of it. now: aware. working: the first answer is due in working hours.
    replied: the customer has ticked an answer to the proposal, which is ours to confirm then."""
    heard = answered(complaint, complaint.round)
    coming = sorted(
        (deadline.due, deadline.name)
        for deadline in complaint.deadlines.values()
        if deadline.state == "open"
        and deadline.due > now
        and _base(deadline.name) in OWED
        and not (heard and _base(deadline.name) == "feedback_days")
        and not (replied and _base(deadline.name) == "reply_days")
    )
    at, name = coming[0] if coming else (None, None)
    return Plain(
        step=STEP_OF[complaint.stage],
        said=_said(complaint, heard=heard),
        waits_for=_waits_for(complaint, [_base(name) for _, name in coming]),
        next_what=OWED[_base(name)] if name else None,
        next_at=at,
        next_means=_means(_base(name), complaint.round, working) if name else None,
        talking=complaint.stage in (Stage.NEGOTIATING, Stage.MEDIATING) and not _accepted(complaint),
        visited=name is not None and _base(name) == "site_visit",
        replying="reply_days" in [_base(name) for _, name in coming],
    )


def _said(complaint: Complaint, *, heard: bool) -> str:
    """One sentence: of the stage, unless what has happened in it since makes another one true."""
    mediation = complaint.mediation
    if complaint.stage is Stage.FEEDBACK and heard:
        return _NOT_SETTLED
    visit = complaint.follow_up()
    if complaint.stage is Stage.AWAITING_VISIT and visit:
        return _ASKED_AGAIN if visit.satisfied else _NOT_SETTLED
    if complaint.stage is Stage.NEGOTIATING and _accepted(complaint):
        return _ACCEPTED
    if (
        complaint.stage is Stage.MEDIATING
        and mediation
        and [*mediation.consents.values()] != ["given", "given"]
    ):
        return _CONSENT_ASKED
    return SAID[complaint.stage]


def _accepted(complaint: Complaint) -> bool:
    """Whether the last proposal of this handling was accepted."""
    last = complaint.of_round()[-1:]
    return bool(last) and last[0].reply == "accepted"


def answered(complaint: Complaint, handling_round: int) -> bool:
    """Whether the customer's answer for a handling round is on record."""
    return any(entry.round == handling_round and entry.answered for entry in complaint.feedback)


def _means(base: str, handling_round: int, working: bool) -> str:
    if base != "first_response_hours":
        return MEANS[base]
    if working:
        return IN_WORKING_HOURS
    return _ANEW if handling_round > 1 else MEANS[base]


def _base(name: str) -> str:
    return name.partition("/")[0]


def _waits_for(complaint: Complaint, open_names: list[str]) -> WaitsFor:
    if complaint.ended:
        return "nobody"
    if complaint.hold is not None:
        return "you" if complaint.hold.waiting_for == "customer" else complaint.hold.waiting_for
    if complaint.stage is Stage.FEEDBACK:
        return "us" if answered(complaint, complaint.round) else "you"
    if any(name in _YOURS for name in open_names):
        return "you"
    return "us"
