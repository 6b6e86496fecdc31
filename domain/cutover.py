"""Taking over complaints that run already, in the stage they stand in, from the system used before.

The life so far is told from the few dates the old system has; what every later command needs is put there as "taken
over". Deadlines that fell due before the cut-over are recorded as past at intake, and nobody is told of them; those
still ahead run as for any other complaint.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from domain.codes import OPEN, Cause, ComplaintType, Department, Role, Severity, Stage
from domain.complaint import (
    Agreement,
    Classification,
    Complaint,
    Feedback,
    Findings,
    Handover,
    Mediation,
    Proceeding,
    Receipt,
    Response,
    Review,
    Solution,
)
from domain.deadlines import react
from domain.facts import Fact, Refused, Ruling
from domain.hearing import Book, Hearing
from domain.roles import DEPARTMENTS, Asker

#: the sayer of what the old system says
TAKEN_OVER = "feed:cutover"
_AFTER_CLASSIFYING = frozenset(OPEN) - {Stage.REGISTERED}
_AFTER_ASSIGNING = _AFTER_CLASSIFYING - {Stage.CLASSIFIED}


class Present(BaseModel):
    """Where a running complaint stands in the old system. Instants are aware; `stage` is an open one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Stage
    #: when it entered that stage
    entered_at: AwareDatetime
    registered_at: AwareDatetime
    type: ComplaintType | None = None
    cause: Cause | None = None
    severity: Severity | None = None
    department: Department | None = None
    lead: Role | None = None
    owner: str | None = None
    #: when the customer first had an effective answer, if so far
    answered_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.stage not in OPEN:
            raise ValueError(f"stage: {self.stage} is an end; only running complaints are taken over")
        if self.entered_at < self.registered_at:
            raise ValueError("entered_at: must not be before registered_at")
        if self.stage in _AFTER_CLASSIFYING:
            self._need("type", "cause", "severity")
        if self.stage in _AFTER_ASSIGNING:
            self._need("department", "lead")
        return self

    def _need(self, *fields: str) -> None:
        for name in fields:
            if getattr(self, name) is None:
                raise ValueError(f"{name}: a complaint in {self.stage} needs it")


def take_over(
    number: str, receipt: Receipt, present: Present, asker: Asker, at: datetime, book: Book
) -> Ruling:
    """The opening of a complaint that runs already: turn 1, in its present stage.

    at: the cut-over, UTC. Raises Refused for dates that lie in the future or before the receipt.
    """
    _require_past(receipt, present, at)
    fresh = Complaint(
        number=number,
        entered_at=at,
        first_contact=present.owner or asker.id,
        **receipt.model_dump(exclude={"place_unknown"}),
    )
    h = Hearing(fresh, asker, at, at, book)
    _tell_the_past(h, receipt, present)
    _forget_the_missed(h, at)
    h.fact("taken_over", present.stage, at=at, by=TAKEN_OVER)
    notices = tuple(
        notice for notice in h.notices if notice.not_before is not None and notice.not_before > at
    )
    return Ruling(accepted=True, complaint=h.c, facts=tuple(h.facts), notices=notices)


def _require_past(receipt: Receipt, present: Present, at: datetime) -> None:
    for name in ("registered_at", "entered_at", "answered_at"):
        moment = getattr(present, name)
        if moment is not None and not receipt.received_at <= moment <= at:
            raise Refused(f"{name}: must lie between the receipt and the cut-over.", "INT-02")


def _tell_the_past(h: Hearing, receipt: Receipt, present: Present) -> None:
    """State what happened, each fact at its own instant, up to entering the present stage."""
    h.fact("received", at=receipt.received_at, by=TAKEN_OVER, channel=receipt.channel)
    h.at = present.registered_at
    h.c.registered_at = present.registered_at
    h.fact("registered", at=present.registered_at, by=TAKEN_OVER)
    h.at = present.entered_at
    _classify(h, present)
    _assign(h, present)
    if present.answered_at is not None:
        h.c.responses.append(
            Response(at=present.answered_at, by=TAKEN_OVER, channel=receipt.channel, effective=True)
        )
        h.fact("responded", at=present.answered_at, by=TAKEN_OVER)
    for presupposed, put in _PRESUPPOSED:
        if present.stage in presupposed:
            put(h)
    if present.stage not in (Stage.REGISTERED, h.c.stage):
        h.enter(present.stage)


def _classify(h: Hearing, present: Present) -> None:
    if present.type is None or present.cause is None or present.severity is None:
        return
    if present.stage not in _AFTER_CLASSIFYING:
        return
    h.c.classification = Classification(
        type=present.type, cause=present.cause, severity=present.severity, at=h.at, by=TAKEN_OVER
    )
    h.c.owner = present.owner
    h.c.stage = Stage.CLASSIFIED
    h.fact("classified", at=h.at, by=TAKEN_OVER, type=present.type, severity=present.severity)
    if present.stage == Stage.CLASSIFIED:
        h.enter(Stage.CLASSIFIED)


def _assign(h: Hearing, present: Present) -> None:
    if present.department is None or present.lead is None or present.stage not in _AFTER_ASSIGNING:
        return
    if present.lead not in DEPARTMENTS[present.department]:
        raise Refused(f"lead: {present.lead} does not belong to {present.department}.", "CLS-04")
    h.c.handover = Handover(department=present.department, lead=present.lead, at=h.at, by=TAKEN_OVER)
    if present.stage == Stage.ASSIGNED:
        h.enter(Stage.ASSIGNED)
    h.c.stage = Stage.ASSIGNED
    h.fact("assigned", at=h.at, by=TAKEN_OVER, department=present.department, lead=present.lead)
    if present.stage != Stage.ASSIGNED:
        h.c.handover.accepted_at, h.c.handover.accepted_by = h.at, TAKEN_OVER
        h.fact("handover_accepted", at=h.at, by=TAKEN_OVER)


def _findings(h: Hearing) -> None:
    h.c.findings = Findings(at=h.at, by=TAKEN_OVER, waived=True)


def _offer(h: Hearing) -> None:
    h.c.solutions["EARLIER"] = Solution(
        id="EARLIER", round=h.c.round, by=TAKEN_OVER, at=h.at, measures=[], approval="not_needed"
    )


def _handled(h: Hearing) -> None:
    h.fact("round_recorded", at=h.at, by=TAKEN_OVER)


def _mediation(h: Hearing) -> None:
    h.c.negotiation_failed = True
    h.c.mediation = Mediation(at=h.at, kind="institution", round=h.c.round)
    h.fact("mediation_started", at=h.at, by=TAKEN_OVER)


def _review(h: Hearing) -> None:
    h.c.proceedings.append(
        Proceeding(
            forum="ARBITRATION", kind="outside_body", opened_at=h.at, round=h.c.round, filed_by="customer"
        )
    )


def _suit(h: Hearing) -> None:
    h.c.proceedings.append(
        Proceeding(forum="COURT", kind="suit", opened_at=h.at, round=h.c.round, filed_by="customer")
    )


def _agreed(h: Hearing) -> None:
    h.c.agreement = Agreement(at=h.at, by=TAKEN_OVER, kind="negotiated", items=[])
    h.fact("agreement_recorded", at=h.at, by=TAKEN_OVER)


def _submitted(h: Hearing) -> None:
    h.c.reviews.append(Review(round=h.c.round, submitted_by=TAKEN_OVER, submitted_at=h.at))


def _asked(h: Hearing) -> None:
    h.c.feedback.append(Feedback(round=h.c.round, attempt=1, at=h.at, silence=True))


def _again(h: Hearing) -> None:
    h.c.round, h.c.second_handlings, h.c.findings = 2, 1, None
    h.fact("second_handling_opened", "2", at=h.at, by=TAKEN_OVER)


_LATE = frozenset(
    {Stage.FULFILLING, Stage.CLOSING_REVIEW, Stage.FEEDBACK, Stage.AWAITING_VISIT, Stage.SECOND_HANDLING}
)
#: what a later command of these stages looks for, in the order it came about
_PRESUPPOSED: tuple[tuple[frozenset[Stage], Callable[[Hearing], None]], ...] = (
    (frozenset({Stage.SOLUTION_DRAFTED, Stage.NEGOTIATING, Stage.MEDIATING}) | _LATE, _findings),
    (frozenset({Stage.SOLUTION_DRAFTED, Stage.NEGOTIATING, Stage.MEDIATING}), _offer),
    (frozenset({Stage.NEGOTIATING, Stage.MEDIATING}), _handled),
    (frozenset({Stage.MEDIATING}), _mediation),
    (frozenset({Stage.ARBITRATING}), _review),
    (frozenset({Stage.LITIGATING}), _suit),
    (_LATE, _agreed),
    (
        frozenset({Stage.CLOSING_REVIEW, Stage.FEEDBACK, Stage.AWAITING_VISIT, Stage.SECOND_HANDLING}),
        _submitted,
    ),
    (frozenset({Stage.AWAITING_VISIT}), _asked),
    (frozenset({Stage.SECOND_HANDLING}), _again),
)


def _forget_the_missed(h: Hearing, at: datetime) -> None:
    """What fell due before the cut-over stands as fired and settled, told to nobody; something waits all the same."""
    h.at = at
    for deadline in h.c.deadlines.values():
        if deadline.unsettled and deadline.due <= at:
            deadline.state, deadline.fired_at = "fired", deadline.due
            deadline.settled_at, deadline.wake = at, None
            deadline.levels, deadline.late_by = [], None
        deadline.warnings = [warning for warning in deadline.warnings if warning.at > at]
    if not any(deadline.unsettled for deadline in h.c.deadlines.values()):
        react(h, Fact(kind="entered", subject=h.c.stage, at=at, by=TAKEN_OVER))
