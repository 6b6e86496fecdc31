"""One case for each row of the deadline table (commands.md §3), written from the contract.

A case is a complaint in which the deadline has just opened, the instants it is made of, and what is said to meet,
cancel or pause it. `tests/rules/test_deadlines.py` plays all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.codes import Stage
from tests.builders import DAY, RECEIVED, Life, lead, life, new_item, offer, received

S = Stage
HOUR = timedelta(hours=1)
Fields = dict[str, Any]


@dataclass(frozen=True)
class Saying:
    """Something said to the complaint; `before` prepares it while the deadline runs."""

    by: str
    kind: str
    fields: Callable[[Life], Fields] = lambda _told: {}
    before: Callable[[Life], object] = lambda _told: None

    def say(self, told: Life, **more: Any) -> Life:
        return told.say(self.by, self.kind, **self.fields(told), **more)


def saying(by: str, kind: str, /, **fields: Any) -> Saying:
    return Saying(by, kind, lambda _told: fields)


@dataclass(frozen=True)
class Case:
    """A row. length: from start to due; None where due is given. then: from due to each further level."""

    name: str
    open: Callable[[], Life]
    length: timedelta
    told: tuple[frozenset[str], ...]
    met: tuple[Saying, ...]
    then: timedelta = DAY
    cancelled: tuple[Saying, ...] = ()
    pauses: bool = False
    #: the policy key of its length
    key: str | None = None
    starts_at_receipt: bool = False
    quiet: bool = False
    #: why extend_window refuses it
    typed_in: bool = False
    marks: tuple[str, ...] = field(default=())


def to(*receivers: str) -> frozenset[str]:
    return frozenset(receivers)


def _given(told: Life, by: str, kind: str, due: str, length: timedelta, /, **fields: Any) -> Life:
    """Say something whose due instant lies this long after it is said."""
    at = told.at + timedelta(minutes=10)
    return told.say(by, kind, at=at, **{due: at + length}, **fields)


def _hazard() -> Life:
    return life(S.ASSIGNED).say("CS_SPECIALIST", "set_flag", flag="HAZARD", reason="loose tiles")


def _offered() -> Life:
    return offer(life(S.SOLUTION_DRAFTED), "pending")


def _consented() -> Life:
    told = life(S.MEDIATING).say("CS_SPECIALIST", "record_consent", party="company", consent="given")
    return told.say("CS_SPECIALIST", "record_consent", party="customer", consent="given")


def _hearing() -> Life:
    return _given(life(S.ARBITRATING), "LEGAL", "add_legal_date", "due", 20 * DAY, id="hearing")


def _limited() -> Life:
    return _given(life(S.ASSIGNED), "LEGAL", "set_limitation", "due", 20 * DAY, id="L1", reason="three years")


def _promised() -> Life:
    return _given(
        life(S.ASSIGNED), "CS_SPECIALIST", "make_promise", "due", 5 * DAY, promise="P1", what="a plan"
    )


def _owed() -> Life:
    told = life(S.NEGOTIATING)
    at = told.at + timedelta(minutes=10)
    item = {"id": "A1", "what": "repair", "owner": "MAINTENANCE", "due": at + 20 * DAY}
    return told.say("CS_SPECIALIST", "record_agreement", at=at, items=[item])


def _contribution() -> Life:
    asked: Fields = {"id": "C1", "from": "FINANCE", "kind": "figures"}
    return life(S.INVESTIGATING).say("PROJECT_MANAGER", "request_contribution", **asked)


def _help() -> Life:
    return life(S.ASSIGNED).say("CS_SPECIALIST", "request_help", id="H1", to="LEGAL", question="how")


def _opinion() -> Life:
    return life(S.ASSIGNED).say("CS_SPECIALIST", "request_opinion", id="O1", question="may we")


def _visit() -> Life:
    return _given(life(S.INVESTIGATING), "PROJECT_MANAGER", "plan_visit", "appointment", 3 * DAY)


def _session() -> Life:
    return _given(_consented(), "CS_SPECIALIST", "record_session", "next_session", 3 * DAY, number=1)


def _held() -> Life:
    return _given(
        life(S.ASSIGNED), "CS_SPECIALIST", "hold", "until", 3 * DAY, reason="away", waiting_for="customer"
    )


def _to_drafted(told: Life) -> None:
    lead(told, S.SOLUTION_DRAFTED)


def _to_negotiating(told: Life) -> None:
    lead(told, S.NEGOTIATING)


def _failed(told: Life) -> None:
    told.say("CS_DIRECTOR", "fail_negotiation", reason="far apart")


def _classified(told: Life) -> None:
    lead(told, S.CLASSIFIED)


def _half_consent(told: Life) -> None:
    told.say("CS_SPECIALIST", "record_consent", party="company", consent="given")


def _two_silent(told: Life) -> None:
    for attempt, channel in ((1, "telephone"), (2, "post")):
        told.say("CS_SPECIALIST", "record_feedback", attempt=attempt, channel=channel, reply="none")


def _two_attempts(told: Life) -> None:
    for _ in range(2):
        told.say("CS_SPECIALIST", "record_visit_attempt", reached=False)


def _next_round(told: Life) -> Fields:
    name = [one.id for one in told.complaint.solutions.values() if one.round == told.complaint.round][-1]
    return {"round": len(told.complaint.of_round()) + 1, "solution": name, "reply": "rejected"}


def _same_round(told: Life) -> Fields:
    return {**_next_round(told), "round": len(told.complaint.of_round()), "reply": "accepted"}


def _an_item(told: Life) -> Fields:
    return {"items": [new_item(told, due=60 * DAY)]}


ANSWER: Fields = {"channel": "telephone", "effective": True}
RESPONSE = saying("CS_SPECIALIST", "record_response", **ANSWER)
PROGRESS = saying("CS_SPECIALIST", "send_progress", text="as before")
EVIDENCE = saying("PROJECT_MANAGER", "add_evidence", kind="photographs")
SUIT = saying("LEGAL", "file_or_register_suit", filed_by="customer", ground="quality")
FILING = saying("LEGAL", "submit_arbitration", filed_by="customer", kind="outside_body")
FINDINGS = saying("PROJECT_MANAGER", "confirm_findings", root_cause="x", prevention="y")
WAIVER = saying("PROJECT_MANAGER", "waive_investigation", reason="undisputed")
RECLASSIFIED = saying(
    "CS_SPECIALIST", "reclassify", type="PRICE", cause="SALES", severity="simple", reason="looked again"
)
RETURNED = saying("PROJECT_MANAGER", "return_handover", reason="not ours")
ROUND = Saying("CS_SPECIALIST", "record_round", _next_round, _to_drafted)
CONTENT = saying("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", satisfied=True)
FORUM = saying("LEGAL", "choose_forum", forum="COURT", reason="no use", approved_by="LEADING_GROUP")

CASES: tuple[Case, ...] = (
    Case(
        "first_response_hours",
        received,
        24 * HOUR,
        (to("OWNER", "DEPARTMENT_HEAD"), to("LEADING_GROUP")),
        (RESPONSE,),
        then=12 * HOUR,
        key="first_response_hours",
        starts_at_receipt=True,
    ),
    Case(
        "classify_hours",
        life,
        4 * HOUR,
        (to("CS_SPECIALIST"), to("CS_DIRECTOR")),
        (saying("CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple"),),
        key="classify_hours",
    ),
    Case(
        "assign_hours",
        life,
        4 * HOUR,
        (to("FIRST_CONTACT", "CS_SPECIALIST"), to("CS_DIRECTOR")),
        (
            Saying(
                "CS_SPECIALIST",
                "assign",
                lambda _told: {"department": "sales", "lead": "SALES_HEAD"},
                _classified,
            ),
        ),
        key="assign_hours",
    ),
    Case(
        "accept_hours",
        lambda: life(S.ASSIGNED),
        8 * HOUR,
        (to("DEPARTMENT_HEAD"), to("LEADING_GROUP")),
        (saying("PROJECT_MANAGER", "accept_handover"), RETURNED, EVIDENCE, WAIVER, FILING, SUIT),
        cancelled=(RECLASSIFIED,),
        key="accept_hours",
    ),
    Case(
        "hazard_hours",
        _hazard,
        2 * HOUR,
        (to("DEPARTMENT_HEAD", "CS_DIRECTOR"), to("LEADING_GROUP")),
        (
            saying("PROJECT_MANAGER", "record_visit", outcome="DONE"),
            saying("CS_SPECIALIST", "record_response", **ANSWER, safety_measure=True),
        ),
        cancelled=(saying("CS_SPECIALIST", "set_flag", flag="HAZARD", value=False, reason="an error"),),
        key="hazard_hours",
    ),
    Case(
        "handling_days",
        lambda: life(S.CLASSIFIED),
        7 * DAY,
        (to("DEPARTMENT_HEAD", "OWNER"), to("LEADING_GROUP")),
        (ROUND, SUIT, Saying("LEGAL", "submit_arbitration", FILING.fields, lambda t: lead(t, S.ASSIGNED))),
        pauses=True,
        key="handling_days",
        starts_at_receipt=True,
    ),
    Case(
        "progress_days",
        life,
        7 * DAY,
        (to("OWNER"),),
        (PROGRESS, RESPONSE),
        cancelled=(
            Saying(
                "CS_DIRECTOR",
                "decide_review",
                lambda _told: {"decision": "approved"},
                lambda t: lead(t, S.CLOSING_REVIEW),
            ),
        ),
        key="progress_days",
    ),
    Case(
        "inv_start_hours",
        lambda: life(S.ASSIGNED).say("PROJECT_MANAGER", "accept_handover"),
        24 * HOUR,
        (to("DEPARTMENT_HEAD"),),
        (EVIDENCE, FINDINGS),
        cancelled=(FILING, SUIT, RETURNED),
        key="inv_start_hours",
    ),
    Case(
        "inv_days",
        lambda: life(S.INVESTIGATING),
        7 * DAY,
        (to("DEPARTMENT_HEAD", "CS_SPECIALIST"), to("LEADING_GROUP")),
        (FINDINGS, WAIVER),
        cancelled=(SUIT, RECLASSIFIED),
        pauses=True,
        key="inv_days",
    ),
    Case(
        "reply_days",
        _offered,
        5 * DAY,
        (to("OWNER", "CUSTOMER"), to("OWNER")),
        (Saying("CS_SPECIALIST", "record_round", _same_round),),
        cancelled=(Saying("CS_SPECIALIST", "record_round", _next_round), RECLASSIFIED, FORUM),
        pauses=True,
        key="reply_days",
    ),
    Case(
        "negotiation_days",
        lambda: life(S.NEGOTIATING),
        15 * DAY,
        (to("CS_DIRECTOR"),),
        (
            Saying("CS_SPECIALIST", "record_agreement", _an_item),
            Saying("CS_SPECIALIST", "start_mediation", lambda _told: {"kind": "person"}, _failed),
            FORUM,
        ),
        cancelled=(RECLASSIFIED,),
        pauses=True,
        key="negotiation_days",
    ),
    Case(
        "consent_days",
        lambda: life(S.MEDIATING),
        7 * DAY,
        (to("CS_SPECIALIST"),),
        (
            saying("CS_SPECIALIST", "record_consent", party="customer", consent="refused"),
            Saying(
                "CS_SPECIALIST",
                "record_consent",
                lambda _told: {"party": "customer", "consent": "given"},
                _half_consent,
            ),
        ),
        cancelled=(SUIT,),
        key="consent_days",
    ),
    Case(
        "mediation_days",
        _consented,
        30 * DAY,
        (to("CS_DIRECTOR", "LEGAL"),),
        (
            saying("CS_SPECIALIST", "record_mediation_result", result="FAILED"),
            saying("CS_SPECIALIST", "record_mediation_result", result="AGREED"),
        ),
        cancelled=(SUIT,),
        key="mediation_days",
    ),
    Case(
        "legal_date/hearing",
        _hearing,
        20 * DAY,
        (to("LEADING_GROUP"),),
        (
            saying("LEGAL", "keep_legal_date", id="hearing"),
            saying("LEGAL", "record_session", legal_date="hearing"),
        ),
        cancelled=(saying("LEGAL", "record_decision", outcome="x"), SUIT),
        typed_in=True,
    ),
    Case(
        "legal_date/missing",
        lambda: life(S.LITIGATING),
        3 * DAY,
        (to("LEGAL"),),
        (Saying("LEGAL", "add_legal_date", lambda told: {"id": "court", "due": told.at + 60 * DAY}),),
        cancelled=(saying("LEGAL", "record_judgment", outcome="x"),),
        key="legal_date_missing_days",
    ),
    Case(
        "limitation/L1",
        _limited,
        20 * DAY,
        (to("LEGAL", "CS_DIRECTOR"),),
        (SUIT, FILING, Saying("CS_SPECIALIST", "record_agreement", _an_item, _to_negotiating)),
        typed_in=True,
    ),
    Case(
        "review_days",
        lambda: life(S.CLOSING_REVIEW),
        2 * DAY,
        (to("REVIEWER", "CS_DIRECTOR"),),
        (
            saying("CS_DIRECTOR", "decide_review", decision="approved"),
            saying("CS_DIRECTOR", "decide_review", decision="returned"),
        ),
        cancelled=(SUIT,),
        key="review_days",
    ),
    Case(
        "feedback_days",
        lambda: life(S.FEEDBACK),
        7 * DAY,
        (to("CS_SPECIALIST"),),
        (
            CONTENT,
            saying("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", satisfied=False),
            Saying("CS_DIRECTOR", "record_silence", lambda _told: {"reason": "silent"}, _two_silent),
        ),
        cancelled=(SUIT,),
        key="feedback_days",
    ),
    Case(
        "second_handling_days",
        lambda: life(S.SECOND_HANDLING),
        7 * DAY,
        (to("LEADING_GROUP"),),
        (ROUND, SUIT),
        pauses=True,
        key="second_handling_days",
    ),
    Case(
        "follow_up_days",
        lambda: life(S.AWAITING_VISIT),
        31 * DAY,
        (to("CS_DIRECTOR"),),
        (
            saying("CS_SPECIALIST", "record_follow_up", satisfied=True),
            Saying("CS_SPECIALIST", "record_visit_attempt", lambda _told: {"reached": False}, _two_attempts),
        ),
        cancelled=(SUIT,),
        key="follow_up_days",
    ),
    Case(
        "promise_due/P1",
        _promised,
        5 * DAY,
        (to("OWNER", "DEPARTMENT_HEAD", "CS_DIRECTOR"),),
        (
            saying("CS_SPECIALIST", "keep_promise", promise="P1"),
            saying("CS_SPECIALIST", "send_progress", text="here it is", keeps="P1"),
        ),
        cancelled=(
            Saying(
                "CS_SPECIALIST",
                "extend_promise",
                lambda told: {"promise": "P1", "new": "P2", "due": told.at + 60 * DAY, "reason": "rain"},
            ),
        ),
        typed_in=True,
    ),
    Case(
        "item_due/A1",
        _owed,
        20 * DAY,
        (to("ITEM_OWNER"), to("DEPARTMENT_HEAD")),
        (
            saying("MAINTENANCE", "complete_item", item="A1"),
            Saying(
                "MAINTENANCE",
                "carry_over_item",
                lambda told: {"item": "A1", "due": told.at + 60 * DAY, "reason": "parts"},
            ),
        ),
    ),
    Case(
        "contribution/C1",
        _contribution,
        24 * HOUR,
        (to("FINANCE"), to("DEPARTMENT_HEAD")),
        (saying("FINANCE", "give_contribution", id="C1"),),
        key="contribution_hours",
    ),
    Case(
        "help/H1",
        _help,
        24 * HOUR,
        (to("LEGAL"), to("DEPARTMENT_HEAD")),
        (saying("LEGAL", "give_help", id="H1", answer="so"),),
        key="help_hours",
    ),
    Case(
        "legal_opinion_days/O1",
        _opinion,
        3 * DAY,
        (to("LEGAL"), to("HEAD_OF_LEGAL")),
        (saying("LEGAL", "give_opinion", id="O1", basis="§ 1", advice="do"),),
        key="legal_opinion_days",
    ),
    Case(
        "site_visit/1",
        _visit,
        3 * DAY,
        (to("TECHNICIAN", "CUSTOMER"),),
        (
            saying("PROJECT_MANAGER", "record_visit", outcome="DONE"),
            saying("PROJECT_MANAGER", "record_visit", outcome="NO_ACCESS"),
        ),
        quiet=True,
        typed_in=True,
    ),
    Case(
        "session/2",
        _session,
        3 * DAY,
        (to("CUSTOMER", "MEDIATOR", "LEAD"),),
        (saying("CS_SPECIALIST", "record_session", number=2),),
        quiet=True,
        typed_in=True,
    ),
    Case(
        "hold_until/1",
        _held,
        3 * DAY,
        (to("OWNER"),),
        (saying("CS_SPECIALIST", "resume"),),
        typed_in=True,
    ),
)
BY_NAME = {case.name: case for case in CASES}


def start_of(case: Case, told: Life) -> Any:
    """When the clock starts: at receipt, or when what opened it was said (every case is said punctually)."""
    return RECEIVED if case.starts_at_receipt else told.at
