"""Every command in every stage, really said to a complaint that got there by commands (commands.md §2).

`EXPECTATIONS` is written from the contract, not from the code; a test holds it complete, and another plays each cell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from domain.codes import ENDED, OPEN, PROCEEDINGS, Stage
from domain.commands import INTERNAL, MODELS
from domain.lifecycle import TABLE, out_of_stage
from tests.builders import Life, lead, life, new_item, received

S = Stage
EVERY, AT_WORK, UNTIL_NEGOTIATED = (
    tuple(Stage),
    tuple(stage for stage in OPEN if stage not in (S.REGISTERED, S.CLASSIFIED)),
    (S.ASSIGNED, S.INVESTIGATING, S.SOLUTION_DRAFTED, S.NEGOTIATING),
)
OFFERING = (S.SOLUTION_DRAFTED, S.NEGOTIATING, S.MEDIATING, S.ARBITRATING, S.LITIGATING)
FRESH = (S.ASSIGNED, S.SECOND_HANDLING)
STAYS, REFUSED = "stays", "refused"


def _cells(kind: str, *parts: tuple[tuple[Stage, ...], str]) -> dict[tuple[Stage, str], str]:
    """A row: what happens in these stages; in all others the command is refused, where nothing else is said before."""
    row = dict.fromkeys(product(EVERY, [kind]), REFUSED)
    for stages, outcome in parts:
        row.update(dict.fromkeys(product(stages, [kind]), outcome))
    return row


def _same(outcome: str, stages: tuple[Stage, ...], *kinds: str) -> dict[tuple[Stage, str], str]:
    return {cell: to for kind in kinds for cell, to in _cells(kind, (stages, outcome)).items()}


#: (stage, command) → the stage it leads to, "stays", or "refused"
EXPECTATIONS: dict[tuple[Stage, str], str] = {
    # intake
    **_same(STAYS, (S.REGISTERED,), "register"),
    **_same(STAYS, OPEN, "add_to_intake", "change_contact", "correct"),
    **_same(STAYS, EVERY, "add_note", "request_erasure"),
    **_same(S.DUPLICATE, OPEN, "link_duplicate"),
    **_same(S.WITHDRAWN, OPEN, "mark_withdrawn"),
    # classification
    **_same(S.CLASSIFIED, (S.REGISTERED,), "classify"),
    **_same(S.CLASSIFIED, UNTIL_NEGOTIATED, "reclassify"),
    **_same(S.ASSIGNED, (S.CLASSIFIED,), "assign"),
    **_same(STAYS, (S.ASSIGNED,), "accept_handover"),
    **_same(S.CLASSIFIED, (S.ASSIGNED,), "return_handover"),
    **_same(STAYS, OPEN, "reassign", "set_flag", "escalate", "request_help", "give_help"),
    # response and time
    **_same(
        STAYS, OPEN, "record_response", "send_progress", "make_promise", "extend_promise", "keep_promise"
    ),
    **_same(
        STAYS, OPEN, "hold", "resume", "extend_window", "change_policy_version", "change_calendar_version"
    ),
    # investigation
    **_cells("waive_investigation", (FRESH, S.INVESTIGATING), ((S.INVESTIGATING,), STAYS)),
    **_cells("confirm_findings", (FRESH, S.INVESTIGATING), ((S.INVESTIGATING,), STAYS)),
    **_cells("plan_visit", (AT_WORK, STAYS), (FRESH, S.INVESTIGATING)),
    **_cells("record_visit", (AT_WORK, STAYS), (FRESH, S.INVESTIGATING)),
    **_cells("request_contribution", (AT_WORK, STAYS), (FRESH, S.INVESTIGATING)),
    **_cells("add_evidence", (OPEN, STAYS), (FRESH, S.INVESTIGATING)),
    **_same(STAYS, tuple(stage for stage in OPEN if stage != S.REGISTERED), "give_contribution"),
    **_same(STAYS, AT_WORK, "record_study_session"),
    **_same(STAYS, OPEN, "request_opinion", "give_opinion"),
    # solution
    **_same(STAYS, OPEN, "set_limits"),
    **_cells("propose_solution", (OFFERING, STAYS), ((S.INVESTIGATING,), S.SOLUTION_DRAFTED)),
    **_same(STAYS, OFFERING, "approve_offer"),
    **_cells("record_round", ((S.SOLUTION_DRAFTED,), S.NEGOTIATING), ((S.NEGOTIATING,), STAYS)),
    **_same(S.FULFILLING, (S.NEGOTIATING, S.MEDIATING, S.ARBITRATING, S.LITIGATING), "record_agreement"),
    **_same(STAYS, (S.NEGOTIATING,), "fail_negotiation"),
    **_same(STAYS, AT_WORK, "complete_item", "record_payment", "reverse_payment"),
    **_same(STAYS, (S.FULFILLING,), "carry_over_item"),
    # mediation
    **_same(S.MEDIATING, (S.NEGOTIATING, S.FEEDBACK), "start_mediation"),
    **_same(STAYS, (S.MEDIATING,), "record_consent", "record_mediation_result"),
    **_same(STAYS, (S.MEDIATING, S.ARBITRATING, S.LITIGATING), "record_session"),
    # forum
    **_cells(
        "choose_forum",
        ((S.NEGOTIATING, S.MEDIATING, S.FEEDBACK), S.ARBITRATING),
        ((S.ARBITRATING,), S.LITIGATING),
    ),
    **_cells("submit_arbitration", ((S.ASSIGNED,), S.ARBITRATING), ((S.ARBITRATING,), STAYS)),
    **_same(S.FULFILLING, (S.ARBITRATING,), "record_decision"),
    **_cells("file_or_register_suit", (OPEN, S.LITIGATING), ((S.LITIGATING,), STAYS)),
    **_same(STAYS, (S.ARBITRATING, S.LITIGATING), "add_legal_date", "keep_legal_date"),
    **_same(S.FULFILLING, (S.LITIGATING,), "record_judgment"),
    **_same(STAYS, OPEN, "set_limitation"),
    # closing
    **_same(S.CLOSING_REVIEW, (S.FULFILLING,), "submit_review"),
    **_same(S.FEEDBACK, (S.CLOSING_REVIEW,), "decide_review"),
    **_same(S.AWAITING_VISIT, (S.FEEDBACK,), "record_feedback", "record_silence"),
    **_same(S.SECOND_HANDLING, (S.FEEDBACK, S.AWAITING_VISIT), "open_second_handling"),
    **_same(STAYS, (S.AWAITING_VISIT,), "record_visit_attempt", "record_follow_up"),
    **_same(STAYS, (*OPEN, S.ARCHIVED), "record_reflection", "record_praise"),
    **_same(S.ARCHIVED, (S.AWAITING_VISIT,), "archive"),
    **_same(S.SECOND_HANDLING, (S.AWAITING_VISIT, S.ARCHIVED), "reopen"),
    # group
    **_same(STAYS, OPEN, "link_to_group", "unlink_from_group"),
    # nobody can say these
    **_same(REFUSED, EVERY, *INTERNAL),
}

Fields = dict[str, Any]
_MONTH = timedelta(days=30)


def _released(told: Life) -> Fields:
    return {"released_by": "LEGAL"} if told.stage in PROCEEDINGS else {}


def _classification(_told: Life) -> Fields:
    return {"type": "PRODUCT", "cause": "DESIGN", "severity": "simple"}


def _movable(told: Life) -> str:
    typed_in = ("promise_due", "limitation", "legal_date", "hold_until", "site_visit", "session")
    found = [d.name for d in told.complaint.deadlines.values() if d.unsettled and d.base not in typed_in]
    return found[-1] if found else "progress_days"


def _latest(told: Life) -> str:
    return f"S{max(len(told.complaint.solutions), 1)}"


def forum_choice(told: Life) -> Fields:
    if told.stage == S.ARBITRATING:
        return {"forum": "COURT", "reason": "the review is not accepted"}
    return {
        "forum": "ARBITRATION",
        "reason": "a clause",
        "arbitration_agreement": "§ 19",
        "approved_by": "LEADING_GROUP",
    }


def _session(told: Life) -> Fields:
    return {"number": 1} if told.stage == S.MEDIATING else {"legal_date": "hearing"}


#: who says it, and what goes with it
SAYING: dict[str, tuple[str, Callable[[Life], Fields]]] = {
    "register": ("SALES_STAFF", lambda t: {}),
    "add_to_intake": ("CS_SPECIALIST", lambda t: {"text": "more"}),
    "change_contact": ("CS_SPECIALIST", lambda t: {"contact": "000-0000"}),
    "correct": ("CS_SPECIALIST", lambda t: {"turn": 1, "reason": "a slip", "fields": {"text": "so"}}),
    "add_note": ("CS_SPECIALIST", lambda t: {"text": "a note"}),
    "request_erasure": ("customer", lambda t: {"text": "please forget me"}),
    "link_duplicate": ("CS_SPECIALIST", lambda t: {"of": "2026-000099", "reason": "the same"}),
    "mark_withdrawn": ("CS_SPECIALIST", lambda t: {"reason": "settled otherwise"}),
    "classify": ("CS_SPECIALIST", _classification),
    "reclassify": ("CS_SPECIALIST", lambda t: {**_classification(t), "reason": "looked again"}),
    "assign": ("CS_SPECIALIST", lambda t: {"department": "engineering", "lead": "PROJECT_MANAGER"}),
    "accept_handover": ("PROJECT_MANAGER", lambda t: {}),
    "return_handover": ("PROJECT_MANAGER", lambda t: {"reason": "not ours"}),
    "reassign": ("CS_DIRECTOR", lambda t: {"person": "project_manager-2", "reason": "leave"}),
    "set_flag": ("CS_SPECIALIST", lambda t: {"flag": "LATENT_PROBLEM"}),
    "escalate": ("CS_SPECIALIST", lambda t: {"to": "CS_DIRECTOR", "reason": "hard"}),
    "request_help": ("CS_SPECIALIST", lambda t: {"id": "H2", "to": "FINANCE", "question": "how"}),
    "give_help": ("FINANCE", lambda t: {"id": "H1", "answer": "so"}),
    "record_response": (
        "CS_SPECIALIST",
        lambda t: {"channel": "telephone", "effective": True, **_released(t)},
    ),
    "send_progress": ("CS_SPECIALIST", lambda t: {"text": "as before", **_released(t)}),
    "make_promise": (
        "CS_SPECIALIST",
        lambda t: {"promise": "P9", "what": "x", "due": t.at + _MONTH, **_released(t)},
    ),
    "extend_promise": (
        "CS_SPECIALIST",
        lambda t: {"promise": "P1", "new": "P2", "due": t.at + _MONTH, "reason": "rain", **_released(t)},
    ),
    "keep_promise": ("CS_SPECIALIST", lambda t: {"promise": "P1", **_released(t)}),
    "hold": (
        "CS_SPECIALIST",
        lambda t: {"reason": "away", "waiting_for": "customer", "until": t.at + timedelta(days=3)},
    ),
    "resume": ("CS_SPECIALIST", lambda t: {}),
    "extend_window": (
        "CS_DIRECTOR",
        lambda t: {"deadline": _movable(t), "until": t.at + _MONTH, "reason": "agreed"},
    ),
    "change_policy_version": ("ADMIN", lambda t: {"version": "2026-01", "reason": "as it is"}),
    "change_calendar_version": ("ADMIN", lambda t: {"version": "cn-2026", "reason": "as it is"}),
    "waive_investigation": ("PROJECT_MANAGER", lambda t: {"reason": "undisputed"}),
    "confirm_findings": ("PROJECT_MANAGER", lambda t: {"root_cause": "x", "prevention": "y"}),
    "plan_visit": ("PROJECT_MANAGER", lambda t: {"appointment": t.at + timedelta(days=2)}),
    "record_visit": ("PROJECT_MANAGER", lambda t: {"outcome": "DONE"}),
    "add_evidence": ("CS_SPECIALIST", lambda t: {"kind": "photographs"}),
    "request_contribution": ("PROJECT_MANAGER", lambda t: {"id": "C2", "from": "FINANCE", "kind": "figures"}),
    "give_contribution": ("FINANCE", lambda t: {"id": "C1"}),
    "record_study_session": ("PROJECT_MANAGER", lambda t: {"present": ["LEGAL"], "conclusion": "so"}),
    "request_opinion": ("CS_SPECIALIST", lambda t: {"id": "O2", "question": "may we"}),
    "give_opinion": ("LEGAL", lambda t: {"id": "O1", "basis": "§ 1", "advice": "do"}),
    "set_limits": ("CS_DIRECTOR", lambda t: {"ceiling": "5000.00"}),
    "propose_solution": ("PROJECT_MANAGER", lambda t: {"solution": "S9", "measures": ["a remedy"]}),
    "approve_offer": ("FINANCE", lambda t: {"solution": _latest(t), "decision": "approved"}),
    "record_round": (
        "CS_SPECIALIST",
        lambda t: {
            "round": len(t.complaint.of_round()) + 1,
            "solution": _latest(t),
            "reply": "accepted",
        },
    ),
    "record_agreement": ("CS_SPECIALIST", lambda t: {"items": [new_item(t)]}),
    "fail_negotiation": ("CS_DIRECTOR", lambda t: {"reason": "too far apart"}),
    "complete_item": ("MAINTENANCE", lambda t: {"item": "A1"}),
    "carry_over_item": ("MAINTENANCE", lambda t: {"item": "A1", "due": t.at + _MONTH, "reason": "late"}),
    "record_payment": ("FINANCE", lambda t: {"item": "A1", "amount": "10.00", "reference": "PAY-1"}),
    "reverse_payment": ("FINANCE", lambda t: {"item": "A1", "reason": "wrong account"}),
    "start_mediation": ("CS_SPECIALIST", lambda t: {"kind": "institution"}),
    "record_consent": ("CS_SPECIALIST", lambda t: {"party": "company", "consent": "given"}),
    "record_mediation_result": ("CS_SPECIALIST", lambda t: {"result": "FAILED"}),
    "record_session": ("LEGAL", _session),
    "choose_forum": ("LEGAL", forum_choice),
    "submit_arbitration": ("LEGAL", lambda t: {"filed_by": "customer", "kind": "outside_body"}),
    "record_decision": ("LEGAL", lambda t: {"outcome": "decided", "items": [new_item(t)]}),
    "file_or_register_suit": ("LEGAL", lambda t: {"filed_by": "customer", "ground": "quality"}),
    "add_legal_date": ("LEGAL", lambda t: {"id": "appeal", "due": t.at + _MONTH}),
    "keep_legal_date": ("LEGAL", lambda t: {"id": "hearing"}),
    "record_judgment": ("LEGAL", lambda t: {"outcome": "judged", "items": [new_item(t)]}),
    "set_limitation": ("LEGAL", lambda t: {"id": "L1", "due": t.at + 36 * _MONTH, "reason": "from the harm"}),
    "submit_review": ("PROJECT_MANAGER", lambda t: {"summary": "done"}),
    "decide_review": ("CS_DIRECTOR", lambda t: {"decision": "approved"}),
    "record_feedback": ("CS_SPECIALIST", lambda t: {"attempt": 1, "channel": "email", "satisfied": True}),
    "record_silence": ("CS_DIRECTOR", lambda t: {"reason": "no answer"}),
    "open_second_handling": ("CS_SPECIALIST", lambda t: {"further_demand": "more"}),
    "record_visit_attempt": ("CS_SPECIALIST", lambda t: {"reached": False}),
    "record_follow_up": ("CS_SPECIALIST", lambda t: {"satisfied": True}),
    "record_reflection": ("CS_SPECIALIST", lambda t: {"text": "what we learnt"}),
    "record_praise": ("CS_SPECIALIST", lambda t: {"text": "thank you"}),
    "archive": ("CS_SPECIALIST", lambda t: {"result": "ONE_SIDED"}),
    "reopen": ("CS_SPECIALIST", lambda t: {"reason": "it came back"}),
    "link_to_group": ("CS_SPECIALIST", lambda t: {"group": "2026-0007"}),
    "unlink_from_group": ("CS_SPECIALIST", lambda t: {"reason": "another matter"}),
    "deadline_passed": ("CS_DIRECTOR", lambda t: {"deadline": "1:first_response_hours"}),
    "notice_failed": ("CS_DIRECTOR", lambda t: {"notice": "2026-000001/1:receipt/CUSTOMER"}),
    "notice_delivered": ("CS_DIRECTOR", lambda t: {"notice": "2026-000001/1:receipt/CUSTOMER"}),
}


def _asked_while_investigating(stage: Stage) -> Life:
    told = life(S.INVESTIGATING)
    asked: Fields = {"id": "C1", "from": "FINANCE", "kind": "figures", "due": told.at + _MONTH}
    return lead(told.say("PROJECT_MANAGER", "request_contribution", **asked), stage)


def _with_an_item(stage: Stage) -> Life:
    """A1 stands open in FULFILLING; before it, A1 was carried over from the first handling."""
    early = stage in (*UNTIL_NEGOTIATED, *OFFERING, S.SECOND_HANDLING)
    return life(stage, handling=2 if early else 1)


def not_accepted(_stage: Stage) -> Life:
    told = life(S.MEDIATING).say("CS_SPECIALIST", "record_consent", party="customer", consent="refused")
    told.say("LEGAL", "choose_forum", forum="OTHER", reason="let the authority look")
    told.say("LEGAL", "submit_arbitration", filed_by="company")
    return told.say("LEGAL", "record_decision", outcome="no", accepted_by_customer=False)


def _chosen(forum: str) -> Callable[[Stage], Life]:
    def start(_stage: Stage) -> Life:
        choice = {"forum": forum, "reason": "no agreement", "approved_by": "LEADING_GROUP"}
        return life(S.NEGOTIATING).say("LEGAL", "choose_forum", **choice, arbitration_agreement="§ 19")

    return start


#: lives that differ from the plain one before the command can be said in that stage
STARTS: dict[tuple[Stage, str], Callable[[Stage], Life]] = {
    (S.REGISTERED, "register"): lambda _stage: received(),
    **{(stage, "give_contribution"): _asked_while_investigating for stage in OPEN if stage != S.REGISTERED},
    **{
        (stage, kind): _with_an_item
        for stage in AT_WORK
        for kind in ("complete_item", "record_payment", "reverse_payment")
    },
    (S.FEEDBACK, "start_mediation"): lambda stage: life(stage, handling=2),
    (S.ARBITRATING, "choose_forum"): not_accepted,
    (S.ARBITRATING, "submit_arbitration"): _chosen("ARBITRATION"),
    (S.LITIGATING, "file_or_register_suit"): _chosen("COURT"),
}

Said = tuple[str, str, Fields]


def _dissatisfied(_told: Life) -> list[Said]:
    return [("CS_SPECIALIST", "record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": False})]


def _unhappy_visit(_told: Life) -> list[Said]:
    return [("CS_SPECIALIST", "record_follow_up", {"satisfied": False})]


def _both_consent(_told: Life) -> list[Said]:
    return [
        ("CS_SPECIALIST", "record_consent", {"party": party, "consent": "given"})
        for party in ("company", "customer")
    ]


def _agreed_in_mediation(told: Life) -> list[Said]:
    return [*_both_consent(told), ("CS_SPECIALIST", "record_mediation_result", {"result": "AGREED"})]


def _failed_in_mediation(told: Life) -> list[Said]:
    return [*_both_consent(told), ("CS_SPECIALIST", "record_mediation_result", {"result": "FAILED"})]


def _a_promise(told: Life) -> list[Said]:
    promise = {"promise": "P1", "what": "x", "due": told.at + timedelta(days=10), **_released(told)}
    return [("CS_SPECIALIST", "make_promise", promise)]


def _a_hearing(told: Life) -> list[Said]:
    return [("LEGAL", "add_legal_date", {"id": "hearing", "due": told.at + timedelta(days=10)})]


def _two_attempts(_told: Life) -> list[Said]:
    attempt = {"reply": "none"}
    return [
        ("CS_SPECIALIST", "record_feedback", {"attempt": 1, "channel": "telephone", **attempt}),
        ("CS_SPECIALIST", "record_feedback", {"attempt": 2, "channel": "post", **attempt}),
    ]


#: what is said just before, for a command in every stage or in one
BEFORE: dict[str | tuple[Stage, str], Callable[[Life], list[Said]]] = {
    "give_help": lambda t: [
        ("CS_SPECIALIST", "request_help", {"id": "H1", "to": "FINANCE", "question": "?"})
    ],
    "give_opinion": lambda t: [("CS_SPECIALIST", "request_opinion", {"id": "O1", "question": "?"})],
    "extend_promise": _a_promise,
    "keep_promise": _a_promise,
    "resume": lambda t: [("CS_SPECIALIST", "hold", SAYING["hold"][1](t))],
    "unlink_from_group": lambda t: [("CS_SPECIALIST", "link_to_group", {"group": "2026-0007"})],
    "reverse_payment": lambda t: [("FINANCE", "record_payment", SAYING["record_payment"][1](t))],
    "approve_offer": lambda t: [
        (
            "PROJECT_MANAGER",
            "propose_solution",
            {
                "solution": f"S{len(t.complaint.solutions) + 1}",
                "measures": ["money"],
                "compensation": "100.00",
            },
        )
    ],
    "keep_legal_date": _a_hearing,
    "record_mediation_result": _both_consent,
    "submit_review": lambda t: [("MAINTENANCE", "complete_item", {"item": "A1"})],
    "record_silence": _two_attempts,
    (S.INVESTIGATING, "propose_solution"): lambda t: [
        ("PROJECT_MANAGER", "confirm_findings", {"root_cause": "x", "prevention": "y"})
    ],
    (S.MEDIATING, "record_agreement"): _agreed_in_mediation,
    (S.MEDIATING, "choose_forum"): _failed_in_mediation,
    (S.MEDIATING, "record_session"): _both_consent,
    (S.ARBITRATING, "record_session"): _a_hearing,
    (S.LITIGATING, "record_session"): _a_hearing,
    (S.NEGOTIATING, "start_mediation"): lambda t: [("CS_DIRECTOR", "fail_negotiation", {"reason": "far"})],
    (S.FEEDBACK, "start_mediation"): _dissatisfied,
    (S.FEEDBACK, "choose_forum"): _dissatisfied,
    (S.FEEDBACK, "open_second_handling"): _dissatisfied,
    (S.AWAITING_VISIT, "open_second_handling"): _unhappy_visit,
    (S.AWAITING_VISIT, "reopen"): _unhappy_visit,
    (S.AWAITING_VISIT, "archive"): _unhappy_visit,
}


def ready(stage: Stage, kind: str) -> Life:
    """A complaint in this stage of which everything the command needs has been said, where it can be said."""
    told = STARTS.get((stage, kind), life)(stage)
    assert told.stage == stage
    before = BEFORE.get((stage, kind)) or BEFORE.get(kind)
    for by, what, fields in before(told) if before else []:
        ruling = told.tried(by, what, **fields)
        assert ruling.accepted or EXPECTATIONS[stage, kind] == REFUSED, ruling.reason
    assert told.stage == stage
    return told


def test_every_command_in_every_stage_has_an_expectation() -> None:
    assert set(EXPECTATIONS) == set(product(Stage, MODELS))
    assert set(SAYING) == set(MODELS) == set(TABLE)


@pytest.mark.requirement("LIF-01", "LIF-02", "LIF-05")
@pytest.mark.parametrize("kind", sorted(MODELS))
@pytest.mark.parametrize("stage", Stage)
def test_cell(stage: Stage, kind: str) -> None:
    told = ready(stage, kind)
    by, fields = SAYING[kind]
    before = told.complaint
    ruling = told.tried(by, kind, **fields(told))
    expected = EXPECTATIONS[stage, kind]
    if expected == REFUSED:
        assert not ruling.accepted
        assert ruling.reason
        assert ruling.reason.endswith(".")
        assert ruling.complaint.stage == stage
        assert ruling.complaint.route == before.route
    else:
        assert ruling.accepted, ruling.reason
        assert ruling.complaint.stage == (stage if expected == STAYS else expected)
        assert out_of_stage(stage, kind) is None


def test_the_stage_alone_refuses_only_what_is_refused() -> None:
    """The validator's early no never contradicts the ruling (design.md §1.4)."""
    refused = {(stage, kind) for stage, kind in EXPECTATIONS if out_of_stage(stage, kind)}
    assert {EXPECTATIONS[cell] for cell in refused} == {REFUSED}


@pytest.mark.requirement("LIF-05")
@pytest.mark.parametrize("stage", sorted(ENDED))
def test_after_an_end_only_these_may_be_said(stage: Stage) -> None:
    sayable = {kind for kind in MODELS if EXPECTATIONS[stage, kind] != REFUSED}
    further = {"reopen", "record_reflection", "record_praise"} if stage == S.ARCHIVED else set()
    assert sayable == {"add_note", "request_erasure"} | further


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.requirement("SLA-11")
def test_our_own_feeds_are_heard_in_every_stage(stage: Stage) -> None:
    told = life(stage)
    notice = "2026-000001/1:receipt/CUSTOMER"
    told.say("feed:calendar", "deadline_passed", deadline="1:first_response_hours")
    told.say("feed:outbox", "notice_delivered", notice=notice)
    told.say("feed:outbox", "notice_failed", notice=notice)
    assert told.stage == stage
    assert told.complaint.tasks[f"call/{notice}"].kind == "call"


Variant = tuple[Stage, str, str, Callable[[Life], Fields], Stage]

#: the moves that a cell above does not make: from, by whom, command, fields, to
OTHER_MOVES: list[Variant] = [
    (S.CLOSING_REVIEW, "CS_DIRECTOR", "decide_review", lambda t: {"decision": "returned"}, S.FULFILLING),
    (S.NEGOTIATING, "LEGAL", "choose_forum", lambda t: {**forum_choice(t), "forum": "COURT"}, S.LITIGATING),
    (S.NEGOTIATING, "LEGAL", "choose_forum", lambda t: {**forum_choice(t), "forum": "OTHER"}, S.ARBITRATING),
    (S.MEDIATING, "LEGAL", "choose_forum", lambda t: {"forum": "COURT", "reason": "x"}, S.LITIGATING),
    (S.FEEDBACK, "LEGAL", "choose_forum", lambda t: {**forum_choice(t), "forum": "COURT"}, S.LITIGATING),
]


@pytest.mark.requirement("LIF-02", "LIT-01")
@pytest.mark.parametrize(("stage", "by", "kind", "fields", "to"), OTHER_MOVES)
def test_other_move(stage: Stage, by: str, kind: str, fields: Callable[[Life], Fields], to: Stage) -> None:
    told = ready(stage, kind)
    told.say(by, kind, **fields(told))
    assert told.stage == to


def test_every_move_of_the_table_is_played() -> None:
    played = {(stage, kind, to) for (stage, kind), to in EXPECTATIONS.items() if to not in (STAYS, REFUSED)}
    played |= {(stage, kind, to) for stage, _by, kind, _fields, to in OTHER_MOVES}
    drawn = {(stage, kind, to) for kind, row in TABLE.items() for stage in Stage for to in row.targets(stage)}
    assert played == drawn
