"""The plain script: a life along a given route, for a case that names its route and no steps (commands.md §5).

Each command comes an hour after the one before, the first response at two hours, the visit twenty days later.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from domain.codes import Department, Result, Role, Stage
from starter.cases.shape import Case, Sayer

_HOUR = timedelta(hours=1)
_UNTIL_VISIT = timedelta(days=20)
_ROOM = timedelta(days=30)

#: Who leads when the case does not say (CLS-04).
_LEADS: Mapping[str, tuple[Department, Role]] = {
    "CONTRACT": (Department.LEGAL, Role.LEGAL),
    "LEGAL": (Department.LEGAL, Role.LEGAL),
    "SERVICE": (Department.SALES, Role.SALES_HEAD),
    "PRICE": (Department.SALES, Role.SALES_HEAD),
    "PRODUCT": (Department.ENGINEERING, Role.PROJECT_MANAGER),
}


@dataclass(frozen=True)
class Move:
    """One command of the plain script; `at` is aware."""

    at: datetime
    by: Sayer
    action: str
    fields: Mapping[str, Any]


Spoken = tuple[Role, str, dict[str, Any]]


class _Teller:
    """Tells a route from its first stage to its last, counting rounds, solutions and items on the way."""

    def __init__(self, case: Case) -> None:
        wanted = case.expected
        self.case, self.now = case, case.received_at
        self.type = wanted.type or "SERVICE"
        department, lead = _LEADS.get(self.type, _LEADS["SERVICE"])
        self.department = wanted.department or department.value
        self.lead = next((role for role in Role if role == wanted.lead), lead)
        self.result = wanted.result or Result.BOTH_SATISFIED
        self.handling, self.solutions, self.rounds = 1, 0, 0
        self.items, self.finished = 0, 0

    def classification(self) -> dict[str, Any]:
        wanted = self.case.expected
        return {"type": self.type, "cause": wanted.cause or "OTHER", "severity": wanted.severity or "simple"}

    def new_item(self) -> list[dict[str, Any]]:
        self.items += 1
        return [{"id": f"A{self.items}", "what": "as agreed", "owner": self.lead, "due": self.now + _ROOM}]

    def reviewer(self) -> Role:
        """Not the submitter, and another one than the first in a second handling (SEC-05)."""
        taken_aside = self.handling > 1 or self.lead is Role.CS_DIRECTOR
        return Role.MARKETING_MANAGER if taken_aside else Role.CS_DIRECTOR


def moves(case: Case) -> Iterator[Move]:
    """The commands that lead a complaint along `expected.route`; where the route makes no sense it ends there."""
    teller = _Teller(case)
    route = (Stage.REGISTERED, *(case.expected.route or ()))
    last: Stage | None = None
    yield from _timed(teller, [(Role.CS_SPECIALIST, "register", {})], pause=timedelta())
    for place, (here, there) in enumerate(pairwise(route)):
        after = route[place + 2] if place + 2 < len(route) else None
        told = _TELLING.get((here, there)) or _TELLING.get((None, there))
        if told is None:
            return
        yield from _timed(teller, told(teller, after))
        last = there
        if last is Stage.CLASSIFIED and here is Stage.REGISTERED:
            response = {"channel": "telephone", "effective": True}
            yield from _timed(teller, [(Role.CS_SPECIALIST, "record_response", response)])


def _timed(
    teller: _Teller, spoken: Iterator[Spoken] | list[Spoken], pause: timedelta = _HOUR
) -> Iterator[Move]:
    for role, action, fields in spoken:
        teller.now += _UNTIL_VISIT if action == "record_visit_attempt" else pause
        yield Move(teller.now, Sayer(id=f"{role.value.lower()}-1", role=role), action, fields)


Telling = Callable[[_Teller, Stage | None], Iterator[Spoken]]


def _classified(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "classify", teller.classification()


def _reclassified(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "reclassify", {**teller.classification(), "reason": "looked at again"}


def _returned(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield teller.lead, "return_handover", {"reason": "belongs elsewhere"}


def _assigned(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "assign", {"department": teller.department, "lead": teller.lead}


def _investigating(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    if teller.handling == 1:
        yield teller.lead, "accept_handover", {}
    yield teller.lead, "add_evidence", {"kind": "record"}


def _drafted(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield teller.lead, "confirm_findings", {"root_cause": "found", "prevention": "named"}
    teller.solutions += 1
    yield teller.lead, "propose_solution", {"solution": f"S{teller.solutions}", "measures": ["a remedy"]}


def _negotiating(teller: _Teller, after: Stage | None) -> Iterator[Spoken]:
    teller.rounds += 1
    reply = "accepted" if after in (Stage.FULFILLING, None) else "rejected"
    fields = {"round": teller.rounds, "solution": f"S{teller.solutions}", "reply": reply}
    yield Role.CS_SPECIALIST, "record_round", fields


def _agreed(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "record_agreement", {"kind": "negotiated", "items": teller.new_item()}


def _mediating(_teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_DIRECTOR, "fail_negotiation", {"reason": "no agreement"}
    yield from _consenting()


def _mediating_after_feedback(_teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield from _dissatisfied()
    yield from _consenting()


def _consenting() -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "start_mediation", {"kind": "institution"}
    for party in ("company", "customer"):
        yield Role.CS_SPECIALIST, "record_consent", {"party": party, "consent": "given"}
    yield Role.CS_SPECIALIST, "record_session", {"number": 1}


def _mediated(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "record_mediation_result", {"result": "AGREED"}
    yield Role.CS_SPECIALIST, "record_agreement", {"kind": "mediated", "items": teller.new_item()}


def _board_after_mediation(teller: _Teller, after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "record_mediation_result", {"result": "FAILED"}
    yield from _board(teller, after, skipping=False)


def _board_at_once(teller: _Teller, after: Stage | None) -> Iterator[Spoken]:
    yield from _board(teller, after, skipping=True)


def _board(teller: _Teller, after: Stage | None, *, skipping: bool) -> Iterator[Spoken]:
    """An internal review where the suit comes next, for an outside body's award would be final."""
    inside = after is Stage.LITIGATING
    choice: dict[str, Any] = {"forum": "OTHER" if inside else "ARBITRATION", "reason": "no agreement"}
    if not inside:
        choice["arbitration_agreement"] = "clause of the contract"
    if skipping:
        choice["approved_by"] = "LEADING_GROUP"
    yield Role.LEGAL, "choose_forum", choice
    kind = "internal_review" if inside else "outside_body"
    yield Role.LEGAL, "submit_arbitration", {"filed_by": "customer", "kind": kind}
    yield Role.LEGAL, "add_legal_date", {"id": "hearing", "due": teller.now + _ROOM}


def _board_from_the_start(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield teller.lead, "accept_handover", {}
    yield Role.LEGAL, "submit_arbitration", {"filed_by": "customer", "kind": "outside_body"}
    yield Role.LEGAL, "add_legal_date", {"id": "hearing", "due": teller.now + _ROOM}


def _decided(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    decision = {"outcome": "decided", "items": teller.new_item(), "accepted_by_customer": True}
    yield Role.LEGAL, "record_decision", decision


def _suit_after_review(teller: _Teller, after: Stage | None) -> Iterator[Spoken]:
    yield Role.LEGAL, "record_decision", {"outcome": "decided", "accepted_by_customer": False}
    yield Role.LEGAL, "choose_forum", {"forum": "COURT", "reason": "decision not accepted"}
    yield from _suit(teller, after)


def _suit(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    """The customer may leave the ladder for the court at any time."""
    yield Role.LEGAL, "file_or_register_suit", {"filed_by": "customer", "ground": "as stated"}
    yield Role.LEGAL, "add_legal_date", {"id": "court", "due": teller.now + _ROOM}


def _judged(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.LEGAL, "record_judgment", {"outcome": "decided", "items": teller.new_item()}


def _review_submitted(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    if teller.finished < teller.items:
        teller.finished = teller.items
        yield teller.lead, "complete_item", {"item": f"A{teller.items}"}
    yield teller.lead, "submit_review", {"summary": "done"}


def _sent_back(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield teller.reviewer(), "decide_review", {"decision": "returned", "reason": "not complete"}


def _approved(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield teller.reviewer(), "decide_review", {"decision": "approved"}


def _content(_teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    feedback = {"attempt": 1, "channel": "telephone", "satisfied": True, "score": 4}
    yield Role.CS_SPECIALIST, "record_feedback", feedback


def _dissatisfied() -> Iterator[Spoken]:
    feedback = {"attempt": 1, "channel": "telephone", "satisfied": False, "score": 2}
    yield Role.CS_SPECIALIST, "record_feedback", feedback


def _second_handling(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield from _dissatisfied()
    yield from _again(teller, "open_second_handling", {"further_demand": "more"})


def _second_after_visit(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "record_visit_attempt", {"reached": True}
    yield Role.CS_SPECIALIST, "record_follow_up", {"satisfied": False, "new_problem": "it came back"}
    yield from _again(teller, "reopen", {"reason": "it came back"})


def _reopened(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield from _again(teller, "reopen", {"reason": "it came back"})


def _again(teller: _Teller, action: str, fields: dict[str, Any]) -> Iterator[Spoken]:
    teller.handling, teller.rounds = teller.handling + 1, 0
    yield Role.CS_SPECIALIST, action, fields


def _archived(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "record_visit_attempt", {"reached": True}
    content = teller.result is Result.BOTH_SATISFIED
    yield Role.CS_SPECIALIST, "record_follow_up", {"satisfied": True, "score": 5 if content else 3}
    yield Role.CS_SPECIALIST, "archive", {"result": teller.result}


def _withdrawn(_teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    yield Role.CS_SPECIALIST, "mark_withdrawn", {"reason": "withdrawn by the customer"}


def _duplicate(teller: _Teller, _after: Stage | None) -> Iterator[Spoken]:
    """Of the case it needs; without one there is nothing to be a duplicate of."""
    for name in teller.case.needs[:1]:
        yield Role.CS_SPECIALIST, "link_duplicate", {"of": name, "reason": "the same event"}


#: What is said on the way from one stage to the next; None stands for any other stage.
_TELLING: Mapping[tuple[Stage | None, Stage], Telling] = {
    (Stage.REGISTERED, Stage.CLASSIFIED): _classified,
    (Stage.ASSIGNED, Stage.CLASSIFIED): _returned,
    (None, Stage.CLASSIFIED): _reclassified,
    (Stage.CLASSIFIED, Stage.ASSIGNED): _assigned,
    (Stage.ASSIGNED, Stage.INVESTIGATING): _investigating,
    (Stage.SECOND_HANDLING, Stage.INVESTIGATING): _investigating,
    (Stage.INVESTIGATING, Stage.SOLUTION_DRAFTED): _drafted,
    (Stage.SOLUTION_DRAFTED, Stage.NEGOTIATING): _negotiating,
    (Stage.NEGOTIATING, Stage.FULFILLING): _agreed,
    (Stage.NEGOTIATING, Stage.MEDIATING): _mediating,
    (Stage.FEEDBACK, Stage.MEDIATING): _mediating_after_feedback,
    (Stage.MEDIATING, Stage.FULFILLING): _mediated,
    (Stage.MEDIATING, Stage.ARBITRATING): _board_after_mediation,
    (Stage.NEGOTIATING, Stage.ARBITRATING): _board_at_once,
    (Stage.FEEDBACK, Stage.ARBITRATING): _board_at_once,
    (Stage.ASSIGNED, Stage.ARBITRATING): _board_from_the_start,
    (Stage.ARBITRATING, Stage.FULFILLING): _decided,
    (Stage.ARBITRATING, Stage.LITIGATING): _suit_after_review,
    (None, Stage.LITIGATING): _suit,
    (Stage.LITIGATING, Stage.FULFILLING): _judged,
    (Stage.FULFILLING, Stage.CLOSING_REVIEW): _review_submitted,
    (Stage.CLOSING_REVIEW, Stage.FULFILLING): _sent_back,
    (Stage.CLOSING_REVIEW, Stage.FEEDBACK): _approved,
    (Stage.FEEDBACK, Stage.AWAITING_VISIT): _content,
    (Stage.FEEDBACK, Stage.SECOND_HANDLING): _second_handling,
    (Stage.AWAITING_VISIT, Stage.SECOND_HANDLING): _second_after_visit,
    (Stage.ARCHIVED, Stage.SECOND_HANDLING): _reopened,
    (Stage.AWAITING_VISIT, Stage.ARCHIVED): _archived,
    (None, Stage.WITHDRAWN): _withdrawn,
    (None, Stage.DUPLICATE): _duplicate,
}
