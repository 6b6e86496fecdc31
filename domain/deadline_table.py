"""THE TABLE of deadlines: what starts each, what meets it, who is told and who is told then (commands.md §3).

The whole escalation chain of a case in one place. The numbers (how long, when to warn, how long until the next
level) are policy; what happens when a row opens, fires or is met stands in `domain.deadlines`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from domain.codes import PROCEEDINGS, Receiver, Role, Stage
from domain.complaint import Complaint, Deadline
from domain.facts import Fact

_Told = tuple[tuple[str, ...], ...]
_BEFORE_FEEDBACK = frozenset(tuple(Stage)[: tuple(Stage).index(Stage.FEEDBACK)]) | {Stage.SECOND_HANDLING}


@dataclass(frozen=True)
class DeadlineRule:
    """One row of THE TABLE.

    Facts are named "kind" or "kind:subject". With `each` the deadline's name carries the fact's subject
    ("promise_due/P1") and is met by facts about that subject only.
    """

    name: str
    source: str
    opens_on: tuple[str, ...]
    met_by: tuple[str, ...]
    told: _Told | Callable[[Complaint, Fact], _Told]
    #: the policy key of its length; None when the due instant is always given
    span: str | None
    start: Literal["fact", "received", "registered"] = "fact"
    each: bool = False
    #: leaving these stages cancels it
    within: frozenset[Stage] = frozenset()
    cancelled_by: tuple[str, ...] = ()
    #: stops while the case is on hold
    pausable: bool = False
    #: never fires; it only reminds beforehand
    quiet: bool = False
    when: Callable[[Complaint, Fact], bool] | None = None
    #: the starting fact itself makes it due
    at_once: bool = False
    #: who is warned beforehand; empty for those of the first level
    warned: tuple[str, ...] = ()
    #: it runs again and again: an answer from before its start answers an earlier opening
    recurring: bool = False

    def opened_by(self, fact: Fact, complaint: Complaint) -> bool:
        """Whether this fact starts it, as the complaint now stands."""
        starts = any(word in self.opens_on for word in fact.matches)
        return starts and (self.when is None or self.when(complaint, fact))

    def met_with(self, fact: Fact, deadline: Deadline) -> bool:
        if self.recurring and fact.at < deadline.start:
            return False
        return self._hit(self.met_by, fact, deadline)

    def cancelled_with(self, fact: Fact, deadline: Deadline) -> bool:
        if fact.kind == "entered" and self.within and Stage(fact.subject or "") not in self.within:
            return True
        return self._hit(self.cancelled_by, fact, deadline)

    def _hit(self, words: tuple[str, ...], fact: Fact, deadline: Deadline) -> bool:
        if not any(word in words for word in fact.matches):
            return False
        if self.each and fact.kind in words and fact.subject is not None and fact.kind not in _ABOUT_ALL:
            return deadline.name == f"{self.name}/{fact.subject}"
        return True


#: facts that settle deadlines of every subject
_ABOUT_ALL = frozenset({"agreement_recorded", "arbitration_filed", "suit_filed", "entered"})


def _still_assigned(complaint: Complaint, _fact: Fact) -> bool:
    """When accepted in words, not by beginning to work."""
    return complaint.stage == Stage.ASSIGNED


def _dated(_complaint: Complaint, fact: Fact) -> bool:
    """When it has a date."""
    return "due" in fact.data


def _asked_role(_complaint: Complaint, fact: Fact) -> _Told:
    """The role asked; then the head of its department."""
    return ((str(fact.data["to"]),), (Receiver.DEPARTMENT_HEAD,))


def _court_or_board(complaint: Complaint, _fact: Fact) -> _Told:
    """LEADING_GROUP in ARBITRATING, TOP_LEADER in LITIGATING."""
    return ((Role.TOP_LEADER,),) if complaint.stage == Stage.LITIGATING else ((Receiver.LEADING_GROUP,),)


def _feedback_told(_complaint: Complaint, fact: Fact) -> _Told:
    """CS_SPECIALIST at first, CS_DIRECTOR the second time and after a dissatisfied reply."""
    return ((Role.CS_SPECIALIST,),) if fact.kind == "entered" else ((Role.CS_DIRECTOR,),)


def _feedback_again(complaint: Complaint, fact: Fact) -> bool:
    """A second time only after the first has run out."""
    if fact.kind != "deadline_passed":
        return True
    here = [
        d
        for d in complaint.deadlines.values()
        if d.name == "feedback_days" and d.start >= complaint.entered_at
    ]
    return complaint.stage == Stage.FEEDBACK and len(here) == 1


def _window_again(complaint: Complaint, _fact: Fact) -> bool:
    """Once per handling round; anew after a case was sent back to classification."""
    return not any(
        d.name == "negotiation_days" and d.round == complaint.round and d.state != "cancelled"
        for d in complaint.deadlines.values()
    )


def _running(complaint: Complaint, name: str) -> bool:
    return any(d.name == name and d.unsettled for d in complaint.deadlines.values())


def _limit_news(complaint: Complaint, _fact: Fact) -> bool:
    """Once for the same limit, however often the last round is recorded again."""
    return not any(
        d.name == "negotiation_rounds" and d.unsettled and d.state == "fired"
        for d in complaint.deadlines.values()
    )


def _handling_again(complaint: Complaint, _fact: Fact) -> bool:
    """Only in the first round, before any forum, and not once it has been answered."""
    if complaint.round != 1 or complaint.proceedings:
        return False
    last = [d for d in complaint.deadlines.values() if d.name == "handling_days"][-1:]
    return not last or last[0].state == "cancelled" or last[0].unsettled


def _to_be_told(complaint: Complaint, fact: Fact) -> bool:
    """Until FEEDBACK, again when the case comes back from there, and after the visit until it is filed."""
    if _running(complaint, "progress_days") or (complaint.registered_at is None and fact.kind == "entered"):
        return False
    if complaint.stage != Stage.AWAITING_VISIT:
        return complaint.stage in _BEFORE_FEEDBACK
    if fact.kind == "entered":
        return complaint.follow_up() is not None
    return not _running(complaint, "follow_up_days")


def _not_visited(complaint: Complaint, _fact: Fact) -> bool:
    """As long as this handling round was not visited."""
    return complaint.follow_up() is None


def _needs_findings(complaint: Complaint, _fact: Fact) -> bool:
    """When there are no findings yet."""
    return complaint.findings is None


def _no_legal_date(complaint: Complaint, _fact: Fact) -> bool:
    """When no legal date is open."""
    return not any(
        d.base == "legal_date" and d.name != "legal_date/missing" and d.pending
        for d in complaint.deadlines.values()
    )


_FORUM = ("entered:ARBITRATING", "entered:LITIGATING")
_SETTLED = ("agreement_recorded", "arbitration_filed", "suit_filed")
_HANDLED = ("round_recorded", "agreement_recorded", *_FORUM)
_OWNER, _HEAD, _GROUP = Receiver.OWNER, Receiver.DEPARTMENT_HEAD, Receiver.LEADING_GROUP
_DIRECTOR, _SPECIALIST = Role.CS_DIRECTOR, Role.CS_SPECIALIST

TABLE: tuple[DeadlineRule, ...] = (
    DeadlineRule(
        "first_response_hours",
        "SLA-01",
        ("received", "second_handling_opened"),
        ("responded", "receipt_counted"),
        ((_OWNER, _HEAD), (_GROUP,)),
        "first_response_hours",
        warned=(_OWNER,),
        recurring=True,
    ),
    DeadlineRule(
        "classify_hours",
        "CLS-01",
        ("registered",),
        ("classified",),
        ((_SPECIALIST,), (_DIRECTOR,)),
        "classify_hours",
        start="registered",
    ),
    DeadlineRule(
        "assign_hours",
        "CLS-06",
        ("registered", "handover_returned", "reclassified"),
        ("assigned",),
        ((Receiver.FIRST_CONTACT, _SPECIALIST), (_DIRECTOR,)),
        "assign_hours",
    ),
    DeadlineRule(
        "accept_hours",
        "CLS-06",
        ("assigned",),
        ("handover_accepted", "handover_returned", "entered:INVESTIGATING", *_FORUM),
        ((_HEAD,), (_GROUP,)),
        "accept_hours",
        within=frozenset({Stage.ASSIGNED}),
    ),
    DeadlineRule(
        "hazard_hours",
        "INV-01",
        ("flagged:HAZARD",),
        ("site_visited", "hazard_made_safe"),
        ((_HEAD, _DIRECTOR), (_GROUP,)),
        "hazard_hours",
        cancelled_by=("unflagged:HAZARD",),
    ),
    DeadlineRule(
        "handling_days",
        "SLA-04",
        ("classified", "reclassified"),
        _HANDLED,
        ((_HEAD, _OWNER), (_GROUP,)),
        "handling_days",
        start="received",
        pausable=True,
        when=_handling_again,
        cancelled_by=("second_handling_opened",),
    ),
    DeadlineRule(
        "progress_days",
        "SLA-06",
        ("registered", "responded", "progress_sent", "entered", "follow_up_recorded", "visits_used_up"),
        ("responded", "progress_sent"),
        ((_OWNER,),),
        "progress_days",
        cancelled_by=("entered:FEEDBACK",),
        when=_to_be_told,
        recurring=True,
    ),
    DeadlineRule(
        "inv_start_hours",
        "INV-01",
        ("handover_accepted",),
        ("entered:INVESTIGATING",),
        ((_HEAD,),),
        "inv_start_hours",
        within=frozenset({Stage.ASSIGNED}),
        when=_still_assigned,
    ),
    DeadlineRule(
        "inv_days",
        "INV-08",
        ("entered:INVESTIGATING",),
        ("findings_confirmed", "investigation_waived"),
        ((_HEAD, _SPECIALIST), (_GROUP,)),
        "inv_days",
        within=frozenset({Stage.INVESTIGATING}),
        pausable=True,
        when=_needs_findings,
    ),
    DeadlineRule(
        "reply_days",
        "NEG-03",
        ("reply_awaited",),
        ("reply_received",),
        ((_OWNER, Receiver.CUSTOMER), (_OWNER,)),
        "reply_days",
        within=frozenset({Stage.NEGOTIATING}),
        cancelled_by=("offer_replaced",),
        pausable=True,
        warned=(_OWNER,),
    ),
    DeadlineRule(
        "negotiation_days",
        "NEG-11",
        ("entered:NEGOTIATING",),
        ("agreement_recorded", "mediation_started", *_FORUM),
        ((_DIRECTOR,),),
        "negotiation_days",
        within=frozenset({Stage.NEGOTIATING}),
        pausable=True,
        when=_window_again,
    ),
    DeadlineRule(
        "negotiation_rounds",
        "NEG-11",
        ("rounds_used_up",),
        (),
        ((_DIRECTOR,),),
        None,
        at_once=True,
        within=frozenset({Stage.NEGOTIATING}),
        cancelled_by=("agreement_recorded", "negotiation_failed"),
        when=_limit_news,
    ),
    DeadlineRule(
        "consent_days",
        "MED-04",
        ("mediation_started",),
        ("consents_given", "consent_refused"),
        ((_SPECIALIST,),),
        "consent_days",
        within=frozenset({Stage.MEDIATING}),
    ),
    DeadlineRule(
        "mediation_days",
        "MED-06",
        ("consents_given",),
        ("mediation_ended", "agreement_recorded"),
        ((_DIRECTOR, Role.LEGAL),),
        "mediation_days",
        within=frozenset({Stage.MEDIATING}),
    ),
    DeadlineRule(
        "legal_date",
        "ARB-07",
        ("legal_date_added",),
        ("legal_date_kept",),
        _court_or_board,
        None,
        each=True,
        within=PROCEEDINGS,
        cancelled_by=_FORUM,
        warned=(Role.LEGAL, _DIRECTOR),
    ),
    DeadlineRule(
        "legal_date/missing",
        "LIT-02",
        _FORUM,
        ("legal_date_added",),
        ((Role.LEGAL,),),
        "legal_date_missing_days",
        within=PROCEEDINGS,
        when=_no_legal_date,
    ),
    DeadlineRule(
        "limitation",
        "LIT-01",
        ("limitation_set",),
        _SETTLED,
        ((Role.LEGAL, _DIRECTOR),),
        None,
        each=True,
    ),
    DeadlineRule(
        "review_days",
        "CLO-01",
        ("entered:CLOSING_REVIEW",),
        ("review_decided",),
        ((Receiver.REVIEWER, _DIRECTOR),),
        "review_days",
        within=frozenset({Stage.CLOSING_REVIEW}),
    ),
    DeadlineRule(
        "feedback_days",
        "CLO-02",
        ("entered:FEEDBACK", "deadline_passed:feedback_days", "feedback_dissatisfied"),
        ("feedback_received", "silence_recorded"),
        _feedback_told,
        "feedback_days",
        within=frozenset({Stage.FEEDBACK}),
        when=_feedback_again,
    ),
    DeadlineRule(
        "second_handling_days",
        "SEC-04",
        ("second_handling_opened",),
        _HANDLED,
        ((_GROUP,),),
        "second_handling_days",
        pausable=True,
    ),
    DeadlineRule(
        "follow_up_days",
        "FUV-01",
        ("entered:AWAITING_VISIT",),
        ("follow_up_recorded", "visits_used_up"),
        ((_DIRECTOR,),),
        "follow_up_days",
        within=frozenset({Stage.AWAITING_VISIT}),
        when=_not_visited,
        warned=(_SPECIALIST,),
    ),
    DeadlineRule(
        "promise_due",
        "SLA-10",
        ("promise_made", "promise_owed_again"),
        ("promise_kept",),
        ((_OWNER, _HEAD, _DIRECTOR),),
        None,
        each=True,
        cancelled_by=("promise_extended",),
        when=_dated,
        warned=(_OWNER,),
    ),
    DeadlineRule(
        "item_due",
        "NEG-10",
        ("item_agreed", "item_carried_over", "item_owed_again"),
        ("item_completed", "item_carried_over"),
        ((Receiver.ITEM_OWNER,), (_HEAD,)),
        None,
        each=True,
    ),
    DeadlineRule(
        "contribution",
        "INV-12",
        ("contribution_requested",),
        ("contribution_given",),
        _asked_role,
        "contribution_hours",
        each=True,
    ),
    DeadlineRule(
        "help", "LIF-09", ("help_requested",), ("help_given",), _asked_role, "help_hours", each=True
    ),
    DeadlineRule(
        "legal_opinion_days",
        "LEG-05",
        ("opinion_requested",),
        ("opinion_given",),
        ((Role.LEGAL,), (Receiver.HEAD_OF_LEGAL,)),
        "legal_opinion_days",
        each=True,
    ),
    DeadlineRule(
        "site_visit",
        "INV-02",
        ("visit_planned",),
        ("site_visited", "site_visit_missed"),
        ((Role.TECHNICIAN, Receiver.CUSTOMER),),
        None,
        each=True,
        quiet=True,
    ),
    DeadlineRule(
        "session",
        "MED-04",
        ("session_planned",),
        ("session_held",),
        ((Receiver.CUSTOMER, Role.MEDIATOR, Receiver.LEAD),),
        None,
        each=True,
        quiet=True,
    ),
    DeadlineRule(
        "hold_until",
        "SLA-05",
        ("held",),
        ("resumed",),
        ((_OWNER,),),
        None,
        each=True,
        cancelled_by=("hold_ran_out",),
    ),
)

_BY_NAME = {rule.name: rule for rule in TABLE}


def rule_of(name: str) -> DeadlineRule:
    """The row of THE TABLE for a deadline's full name, such as "promise_due/P1"."""
    return _BY_NAME.get(name) or _BY_NAME[name.partition("/")[0]]
