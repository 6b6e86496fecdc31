"""Complaints taken over from another system: present stage, past deadlines past, nobody told, life goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain import commands
from domain.codes import OPEN, Channel, Role, Stage
from domain.complaint import Receipt
from domain.cutover import Present, take_over
from domain.facts import Refused, Ruling
from domain.lifecycle import catch_up, rule
from domain.roles import Asker
from starter.cases.playing import shelf

NOW = datetime(2026, 5, 20, 3, tzinfo=UTC)
BOOK = shelf()
ADMIN = Asker(id="admin-1", roles=(Role.ADMIN,))
RECEIPT = Receipt(
    channel=Channel.TELEPHONE,
    received_at=NOW - timedelta(days=20),
    policy_version="2026-01",
    calendar_version="cn-2026",
)


def present(stage: Stage, days: float = 3, **more: Any) -> Present:
    return Present.model_validate(
        {
            "stage": stage,
            "entered_at": NOW - timedelta(days=days),
            "registered_at": NOW - timedelta(days=20),
            "type": "PRODUCT",
            "cause": "ENGINEERING",
            "severity": "simple",
            "department": "engineering",
            "lead": "PROJECT_MANAGER",
            "owner": "cs_specialist-1",
            **more,
        }
    )


def taken(stage: Stage, days: float = 3, **more: Any) -> Ruling:
    return take_over("2026-000001", RECEIPT, present(stage, days, **more), ADMIN, NOW, BOOK)


@pytest.mark.parametrize("stage", OPEN)
@pytest.mark.parametrize("days", [0.1, 3, 19.9])
def test_every_open_stage_is_taken_over_with_something_waiting_and_nobody_told(
    stage: Stage, days: float
) -> None:
    ruling = taken(stage, days)
    complaint = ruling.complaint
    assert stage == complaint.stage
    assert complaint.turn == 1
    assert [d.name for d in complaint.deadlines.values() if d.unsettled], "nothing waits"
    assert all(d.due > NOW for d in complaint.deadlines.values() if d.unsettled)
    assert all(notice.not_before is not None and notice.not_before > NOW for notice in ruling.notices)


@pytest.mark.requirement("SLA-01")
def test_a_missed_deadline_stands_as_past_at_its_own_instant_and_never_fires_again() -> None:
    complaint = taken(Stage.INVESTIGATING).complaint
    [first] = [d for d in complaint.deadlines.values() if d.name == "first_response_hours"]
    assert ("fired", RECEIPT.received_at + timedelta(hours=24)) == (first.state, first.fired_at)
    assert first.levels == []
    later = catch_up(complaint, NOW + timedelta(days=90), BOOK).complaint
    assert later.deadlines[first.id].levels == []


def test_an_answer_of_the_old_system_counts() -> None:
    complaint = taken(
        Stage.INVESTIGATING, answered_at=NOW - timedelta(days=20) + timedelta(hours=5)
    ).complaint
    assert next(d.state for d in complaint.deadlines.values() if d.name == "first_response_hours") == "met"


NEXT: dict[Stage, tuple[str, str, dict[str, Any]]] = {
    Stage.REGISTERED: (
        "classify",
        "CS_SPECIALIST",
        {"type": "PRICE", "cause": "SALES", "severity": "simple"},
    ),
    Stage.CLASSIFIED: ("assign", "CS_SPECIALIST", {"department": "sales", "lead": "SALES_HEAD"}),
    Stage.ASSIGNED: ("accept_handover", "PROJECT_MANAGER", {}),
    Stage.INVESTIGATING: ("confirm_findings", "PROJECT_MANAGER", {"root_cause": "x", "prevention": "y"}),
    Stage.SOLUTION_DRAFTED: (
        "record_round",
        "PROJECT_MANAGER",
        {"round": 1, "solution": "EARLIER", "reply": "accepted"},
    ),
    Stage.NEGOTIATING: ("fail_negotiation", "CS_DIRECTOR", {"reason": "x"}),
    Stage.MEDIATING: ("record_consent", "PROJECT_MANAGER", {"party": "company", "consent": "given"}),
    Stage.ARBITRATING: ("record_decision", "LEGAL", {"outcome": "x"}),
    Stage.LITIGATING: ("record_judgment", "LEGAL", {"outcome": "x"}),
    Stage.FULFILLING: ("submit_review", "PROJECT_MANAGER", {}),
    Stage.CLOSING_REVIEW: ("decide_review", "CS_DIRECTOR", {"decision": "approved"}),
    Stage.FEEDBACK: (
        "record_feedback",
        "CS_SPECIALIST",
        {"attempt": 1, "channel": "telephone", "satisfied": True},
    ),
    Stage.SECOND_HANDLING: ("plan_visit", "PROJECT_MANAGER", {"appointment": "2026-06-01T09:00:00+08:00"}),
    Stage.AWAITING_VISIT: ("record_follow_up", "CS_SPECIALIST", {"satisfied": True}),
}


@pytest.mark.parametrize("stage", OPEN)
def test_the_next_step_of_every_stage_can_be_taken(stage: Stage) -> None:
    kind, role, fields = NEXT[stage]
    person = Asker(id=f"{role.lower()}-1", roles=(Role(role),))
    ruling = rule(
        taken(stage).complaint, commands.said(kind, person.id, fields), person, NOW + timedelta(hours=1), BOOK
    )
    assert ruling.accepted, ruling.reason


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"stage": Stage.ARCHIVED}, "stage"),
        ({"type": None}, "type"),
        ({"lead": None}, "lead"),
        ({"entered_at": NOW - timedelta(days=21)}, "entered_at"),
        ({"registered_at": "2026-05-01T09:00:00"}, "registered_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_missing_or_impossible_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Present.model_validate({**present(Stage.INVESTIGATING).model_dump(), **wrong})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"entered_at": NOW + timedelta(days=1)}, "entered_at"),
        ({"registered_at": NOW - timedelta(days=30)}, "registered_at"),
        ({"lead": Role.LEGAL}, "lead"),
    ],
)
def test_dates_outside_the_life_so_far_and_foreign_leads_are_refused(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        taken(Stage.INVESTIGATING, **wrong)
