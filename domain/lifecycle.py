"""The life of a complaint as a table, and the one question of legality.

THE TABLE says in which stages a command may be said and which moves it can make (commands.md §2); everything that
moves a stage stands here. What a command means is written in `domain/stages/`. `check` serves the validator, the
ruling, the list of possible actions, the console's buttons and the drawn documentation; `rule` rules on a turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain import deadlines, roles
from domain.codes import ENDED, OPEN, Stage
from domain.commands import INTERNAL, Dated, DeadlinePassed, Said
from domain.complaint import Complaint, Receipt, Task
from domain.facts import NotTheirs, Refused, Ruling
from domain.hearing import Book, Hearing
from domain.meanings import MEANINGS
from domain.roles import Asker, Place
from domain.stages.promises import keep

#: the two of our own feeds that may say what nobody can say
CALENDAR, OUTBOX = "feed:calendar", "feed:outbox"

S = Stage
_EVERY = frozenset(Stage)
_OPEN = frozenset(OPEN)
_ASSIGNED_ON = frozenset({S.ASSIGNED, S.INVESTIGATING, S.SOLUTION_DRAFTED, S.NEGOTIATING})
_OFFERS = frozenset({S.SOLUTION_DRAFTED, S.NEGOTIATING, S.MEDIATING, S.ARBITRATING, S.LITIGATING})
_FORUMS = frozenset({S.ARBITRATING, S.LITIGATING})
_WORKING = frozenset({S.ASSIGNED, S.SECOND_HANDLING, S.INVESTIGATING})
_AFTER_ASSIGN = _OPEN - {S.REGISTERED, S.CLASSIFIED}
#: a suit may come before the classification, which is then made up for
_AFTER_SUIT = frozenset({S.LITIGATING, S.FULFILLING, S.CLOSING_REVIEW, S.FEEDBACK, S.AWAITING_VISIT})


@dataclass(frozen=True)
class Row:
    """In which stages a command may be said, and the moves it can make (from → to)."""

    stages: frozenset[Stage]
    moves: tuple[tuple[frozenset[Stage], Stage], ...] = ()
    source: str = "LIF-01"

    def targets(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages this command can lead to from here; it may also stay."""
        return tuple(to for froms, to in self.moves if stage in froms)


def _in(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


_INVESTIGATES = Row(
    _WORKING | _ASSIGNED_ON, ((_in(S.ASSIGNED, S.SECOND_HANDLING), S.INVESTIGATING),), "INV-01"
)
_ENDS_WORK = ((_OPEN, S.WITHDRAWN),)

TABLE: Mapping[str, Row] = {
    # intake
    "register": Row(_in(S.REGISTERED), (), "INT-02"),
    "add_to_intake": Row(_OPEN, (), "INT-08"),
    "change_contact": Row(_OPEN, (), "CUS-06"),
    "link_duplicate": Row(_OPEN, ((_OPEN, S.DUPLICATE),), "INT-12"),
    "mark_withdrawn": Row(_OPEN, _ENDS_WORK, "LIF-05"),
    "request_erasure": Row(_EVERY, (), "CUS-08"),
    "add_note": Row(_EVERY, (), "LIF-04"),
    "correct": Row(_OPEN, (), "LIF-04"),
    # classification
    "classify": Row(_in(S.REGISTERED) | _AFTER_SUIT, ((_in(S.REGISTERED), S.CLASSIFIED),), "CLS-01"),
    "reclassify": Row(_ASSIGNED_ON, ((_ASSIGNED_ON, S.CLASSIFIED),), "CLS-14"),
    "assign": Row(_in(S.CLASSIFIED), ((_in(S.CLASSIFIED), S.ASSIGNED),), "CLS-06"),
    "reassign": Row(_OPEN, (), "LIF-03"),
    "accept_handover": Row(_in(S.ASSIGNED), (), "CLS-06"),
    "return_handover": Row(_in(S.ASSIGNED), ((_in(S.ASSIGNED), S.CLASSIFIED),), "CLS-06"),
    "set_flag": Row(_OPEN, (), "CLS-10"),
    "escalate": Row(_OPEN, (), "LIF-09"),
    "request_help": Row(_OPEN, (), "LIF-09"),
    "give_help": Row(_OPEN, (), "LIF-09"),
    # response
    "record_response": Row(_OPEN, (), "SLA-01"),
    "make_promise": Row(_OPEN, (), "SLA-03"),
    "extend_promise": Row(_OPEN, (), "SLA-05"),
    "keep_promise": Row(_OPEN, (), "SLA-10"),
    "send_progress": Row(_OPEN, (), "SLA-06"),
    # time
    "hold": Row(_OPEN, (), "SLA-05"),
    "resume": Row(_OPEN, (), "SLA-05"),
    "extend_window": Row(_OPEN, (), "SLA-05"),
    "change_policy_version": Row(_OPEN, (), "PLN-04"),
    "change_calendar_version": Row(_OPEN, (), "PLN-04"),
    # investigation
    "waive_investigation": Row(_WORKING, _INVESTIGATES.moves, "INV-11"),
    "plan_visit": Row(_AFTER_ASSIGN, _INVESTIGATES.moves, "INV-02"),
    "record_visit": Row(_AFTER_ASSIGN, _INVESTIGATES.moves, "INV-02"),
    "add_evidence": Row(_OPEN, _INVESTIGATES.moves, "INV-06"),
    "request_contribution": Row(_AFTER_ASSIGN, _INVESTIGATES.moves, "INV-12"),
    "give_contribution": Row(_OPEN, (), "INV-12"),
    "record_study_session": Row(_AFTER_ASSIGN, (), "CLS-08"),
    "confirm_findings": Row(_WORKING, _INVESTIGATES.moves, "INV-08"),
    "request_opinion": Row(_OPEN, (), "LEG-01"),
    "give_opinion": Row(_OPEN, (), "LEG-05"),
    # solution
    "set_limits": Row(_OPEN, (), "NEG-06"),
    "propose_solution": Row(
        _OFFERS | {S.INVESTIGATING}, ((_in(S.INVESTIGATING), S.SOLUTION_DRAFTED),), "NEG-02"
    ),
    "approve_offer": Row(_OFFERS, (), "NEG-07"),
    "record_round": Row(
        _in(S.SOLUTION_DRAFTED, S.NEGOTIATING), ((_in(S.SOLUTION_DRAFTED), S.NEGOTIATING),), "NEG-03"
    ),
    "record_agreement": Row(
        _in(S.NEGOTIATING, S.MEDIATING) | _FORUMS,
        ((_in(S.NEGOTIATING, S.MEDIATING) | _FORUMS, S.FULFILLING),),
        "NEG-10",
    ),
    "fail_negotiation": Row(_in(S.NEGOTIATING), (), "NEG-11"),
    "complete_item": Row(_AFTER_ASSIGN, (), "NEG-10"),
    "carry_over_item": Row(_in(S.FULFILLING), (), "CLO-07"),
    "record_payment": Row(_AFTER_ASSIGN, (), "NEG-07"),
    "reverse_payment": Row(_AFTER_ASSIGN, (), "NEG-07"),
    # mediation
    "start_mediation": Row(
        _in(S.NEGOTIATING, S.FEEDBACK), ((_in(S.NEGOTIATING, S.FEEDBACK), S.MEDIATING),), "MED-01"
    ),
    "record_consent": Row(_in(S.MEDIATING), (), "MED-04"),
    "record_session": Row(_in(S.MEDIATING) | _FORUMS, (), "MED-05"),
    "record_mediation_result": Row(_in(S.MEDIATING), (), "MED-06"),
    # forum
    "choose_forum": Row(
        _in(S.NEGOTIATING, S.MEDIATING, S.FEEDBACK, S.ARBITRATING),
        (
            (_in(S.NEGOTIATING, S.MEDIATING, S.FEEDBACK), S.ARBITRATING),
            (_in(S.NEGOTIATING, S.MEDIATING, S.FEEDBACK, S.ARBITRATING), S.LITIGATING),
        ),
        "ARB-02",
    ),
    "submit_arbitration": Row(_in(S.ASSIGNED, S.ARBITRATING), ((_in(S.ASSIGNED), S.ARBITRATING),), "ARB-06"),
    "record_decision": Row(_in(S.ARBITRATING), ((_in(S.ARBITRATING), S.FULFILLING),), "ARB-05"),
    "file_or_register_suit": Row(_OPEN, ((_OPEN - {S.LITIGATING}, S.LITIGATING),), "LIT-02"),
    "add_legal_date": Row(_FORUMS, (), "ARB-07"),
    "keep_legal_date": Row(_FORUMS, (), "ARB-07"),
    "record_judgment": Row(_in(S.LITIGATING), ((_in(S.LITIGATING), S.FULFILLING),), "LIT-06"),
    "set_limitation": Row(_OPEN, (), "LIT-01"),
    # closing
    "submit_review": Row(_in(S.FULFILLING), ((_in(S.FULFILLING), S.CLOSING_REVIEW),), "CLO-01"),
    "decide_review": Row(
        _in(S.CLOSING_REVIEW),
        ((_in(S.CLOSING_REVIEW), S.FEEDBACK), (_in(S.CLOSING_REVIEW), S.FULFILLING)),
        "CLO-01",
    ),
    "record_feedback": Row(_in(S.FEEDBACK), ((_in(S.FEEDBACK), S.AWAITING_VISIT),), "CLO-02"),
    "record_silence": Row(_in(S.FEEDBACK), ((_in(S.FEEDBACK), S.AWAITING_VISIT),), "CLO-07"),
    "open_second_handling": Row(
        _in(S.FEEDBACK, S.AWAITING_VISIT), ((_in(S.FEEDBACK, S.AWAITING_VISIT), S.SECOND_HANDLING),), "SEC-01"
    ),
    "record_visit_attempt": Row(_in(S.AWAITING_VISIT), (), "FUV-09"),
    "record_follow_up": Row(_in(S.AWAITING_VISIT), (), "FUV-02"),
    "record_reflection": Row(_OPEN | {S.ARCHIVED}, (), "CLO-05"),
    "record_praise": Row(_OPEN | {S.ARCHIVED}, (), "KNO-07"),
    "archive": Row(_in(S.AWAITING_VISIT), ((_in(S.AWAITING_VISIT), S.ARCHIVED),), "CLO-07"),
    "reopen": Row(
        _in(S.ARCHIVED, S.AWAITING_VISIT), ((_in(S.ARCHIVED, S.AWAITING_VISIT), S.SECOND_HANDLING),), "FUV-05"
    ),
    # group
    "link_to_group": Row(_OPEN, (), "GRP-01"),
    "unlink_from_group": Row(_OPEN, (), "GRP-01"),
    # internal
    "deadline_passed": Row(_EVERY, (), "LIF-01"),
    "notice_failed": Row(_EVERY, (), "SLA-11"),
    "notice_delivered": Row(_EVERY, (), "SLA-11"),
}


def out_of_stage(stage: Stage, kind: str) -> str | None:
    """The sentence that refuses a command in this stage, or None. All a sheet can tell."""
    row = TABLE[kind]
    if stage in row.stages:
        return None
    if stage in ENDED:
        return f"The complaint has ended ({stage}); {kind} can no longer be said."
    allowed = ", ".join(s for s in Stage if s in row.stages)
    return f"{kind} may be said in {allowed}, not in {stage}."


def check(complaint: Complaint, kind: str, asker: Asker, at: datetime, book: Book) -> Refused | None:
    """Why this person may not say this command to this complaint now, or None. Looks at no field of the command."""
    return _why_not(Hearing(complaint, asker, at, at, book), kind)


def _why_not(h: Hearing, kind: str) -> Refused | None:
    try:
        _require(h, kind)
    except Refused as refused:
        return refused
    return None


def _require(h: Hearing, kind: str) -> None:
    if sentence := out_of_stage(h.c.stage, kind):
        raise Refused(sentence, TABLE[kind].source)
    roles.require_right(h.c, kind, h.asker)
    if guard := MEANINGS[kind].guard:
        guard(h)


def open_complaint(
    number: str, receipt: Receipt, asker: Asker, at: datetime, book: Book, noticed_at: datetime | None = None
) -> Ruling:
    """The opening of a complaint: turn 1. Statutory and customer clocks start at receipt (INT-02, SLA-01)."""
    fresh = Complaint(
        number=number,
        entered_at=at,
        first_contact=asker.id,
        **receipt.model_dump(exclude={"place_unknown"}),
    )
    h = Hearing(fresh, asker, at, noticed_at or at, book)
    h.fact("received", at=receipt.received_at, channel=receipt.channel, released=True)
    if receipt.place_unknown:
        _task_to_settle_place(h)
    return _ruling(h)


def _task_to_settle_place(h: Hearing) -> None:
    h.c.tasks["place"] = Task(
        id="place", kind="place", owner="CS_SPECIALIST", asked_by=h.asker.id, asked_at=h.at
    )
    h.fact("place_unknown", at=h.at)


def rule(
    complaint: Complaint,
    command: Said,
    asker: Asker,
    at: datetime,
    book: Book,
    noticed_at: datetime | None = None,
    aside: frozenset[str] = frozenset(),
) -> Ruling:
    """Rule on one turn: pass the deadlines that came before it, then hear the command.

    at: when the command was heard (a deadline: its wake instant), UTC. noticed_at: when the system got to it.
    aside: ids of deadlines that this build cannot rule on; they are left alone.
    Never raises for what a person may do wrong: a refusal is a ruling, and changes nothing but the passed deadlines.
    """

    def sitting() -> Hearing:
        h = Hearing(complaint, asker, at, noticed_at or at, book, getattr(command, "happened_at", None))
        h.aside = aside
        return h

    if isinstance(command, DeadlinePassed) and asker.id == CALENDAR:
        h = sitting()
        deadlines.pass_by(h, at, including=True)
        h.at = at
        return _ruling(h)
    h = _overtaken(sitting(), at)
    try:
        _hear(h, command)
    except Refused as refused:
        return _ruling(_overtaken(sitting(), at), refused)
    return _ruling(h)


def _overtaken(h: Hearing, at: datetime) -> Hearing:
    """The turn with the deadlines passed that came before the command: all that a refusal changes."""
    deadlines.pass_by(h, at, including=False)
    h.at = at
    deadlines.close_quiet(h, at)
    return h


def catch_up(complaint: Complaint, at: datetime, book: Book) -> Ruling:
    """The complaint with every deadline before `at` passed, each noticed when it fell due."""
    ruling = Ruling(accepted=True, complaint=complaint)
    calendar = Asker(id=CALENDAR)
    while (waiting := ruling.complaint.wakes) and waiting[0][1] < at:
        deadline, moment = waiting[0]
        ruling = rule(ruling.complaint, DeadlinePassed(deadline=deadline.id), calendar, moment, book)
    return ruling


def _hear(h: Hearing, command: Said) -> None:
    kind = command.kind
    if command.expected_turn is not None and command.expected_turn != h.turn - 1:
        raise Refused(f"Another turn came first: the complaint is at turn {h.turn - 1}.", "turn")
    if kind in INTERNAL and h.asker.id not in (OUTBOX, CALENDAR):
        raise Refused(f"Nobody can say {kind}.", "§1")
    if kind not in INTERNAL:
        _require(h, kind)
    if isinstance(command, Dated):
        _require_honest_date(h, command)
    MEANINGS[kind].effect(h, command)
    if command.keeps is not None:
        keep(h, command.keeps)


def _require_honest_date(h: Hearing, command: Dated) -> None:
    """`happened_at` is not before receipt, not in the future, and after a day it needs a reason (commands.md §1)."""
    happened = command.happened_at
    if happened is None:
        return
    if happened > h.at:
        raise Refused("happened_at: what has not happened yet cannot be recorded.", "§1")
    if happened < h.c.received_at:
        raise Refused("happened_at: must not be before the receipt of the complaint.", "§1")
    if h.policy.span("late_entry_hours").after(happened, h.calendar) < h.at and command.reason is None:
        raise Refused("reason: what happened more than 24 hours ago needs a reason for the late entry.", "§1")


def _ruling(h: Hearing, refused: Refused | None = None) -> Ruling:
    return Ruling(
        accepted=refused is None,
        complaint=h.c,
        facts=tuple(h.facts),
        notices=tuple(h.notices),
        reason=refused.reason if refused else None,
        rule=refused.rule if refused else None,
        not_theirs=isinstance(refused, NotTheirs),
    )


def possible_actions(
    complaint: Complaint, asker: Asker, at: datetime, book: Book
) -> dict[str, Refused | None]:
    """Each command that can be said at all, with the reason where this person may not say it now."""
    h = Hearing(complaint, asker, at, at, book)
    return {kind: _why_not(h, kind) for kind in TABLE if kind not in INTERNAL}


def seats_of(kind: str) -> tuple[str, ...]:
    """Who may say a command, for the drawn documentation."""
    return tuple(
        str(seat) if not isinstance(seat, Place) else seat.value for seat in roles.right_to(kind).seats
    )
