"""What is written down while a complaint is worked on, and who is told of it."""

from __future__ import annotations

import pytest

from domain.askers import CUSTOMER, Asker
from domain.codes import Channel, Department, Stage
from domain.commands import BadCommand
from domain.roles import head_of
from tests.builders import DAY, SECOND, Life, lead, life, new_item, offer, propose, received
from tests.rules.test_table import Fields

S = Stage


def told_of(told: Life) -> set[tuple[str, str]]:
    """Templates and receivers of the last ruling's messages."""
    assert told.ruling
    return {(notice.template, notice.to) for notice in told.ruling.notices}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.requirement("INT-01", "INT-02")
def test_every_channel_is_taken(channel: Channel) -> None:
    told = received(channel=channel).say("SALES_STAFF", "register")
    assert told.complaint.channel == channel
    assert told.ruling
    (registered,) = [fact for fact in told.ruling.facts if fact.kind == "registered"]
    assert registered.data["gap"] == 600


@pytest.mark.requirement("CLS-01", "CLS-02", "CLS-07", "CLS-09", "CLS-11")
def test_a_classification_is_kept_whole() -> None:
    said = {
        "type": "PRODUCT",
        "cause": "ENGINEERING",
        "severity": "complex",
        "secondary": "SERVICE",
        "subtype": "fit_out",
        "topic": "leakage",
        "consequences": ["customer_loss", "legal_dispute"],
        "lawful": True,
        "reasonable": False,
    }
    kept = life().say("CS_SPECIALIST", "classify", **said).complaint.classification
    assert kept
    assert {**kept.model_dump(mode="json"), **said} == kept.model_dump(mode="json")
    assert kept.by == "cs_specialist-1"


@pytest.mark.requirement("CLS-13")
def test_a_tipping_point_raises_the_risk() -> None:
    told = life()
    told.say(
        "CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple", tipping_points=["crowd"]
    )
    assert ("risk_raised", "CS_DIRECTOR") in told_of(told)


@pytest.mark.requirement("CLS-03")
def test_where_a_complaint_comes_from_is_never_told_to_the_customer() -> None:
    told = life()
    told.say("CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple", origin="stirred_up")
    assert told.complaint.classification
    assert told.complaint.classification.origin == "stirred_up"
    assert told.ruling
    assert not [fact for fact in told.ruling.facts if fact.released]
    assert "stirred_up" not in str(told.ruling.notices)
    assert "stirred_up" not in str(told.ruling.facts)


@pytest.mark.parametrize("department", Department)
@pytest.mark.requirement("CLS-05", "CLS-06")
def test_any_department_may_be_needed(department: Department) -> None:
    told = life(S.CLASSIFIED)
    told.say("CS_SPECIALIST", "assign", department=department, lead=head_of(department))
    told.say(head_of(department), "accept_handover")
    assert told.complaint.desk == department


@pytest.mark.requirement("INV-10")
@pytest.mark.parametrize("left_out", ["root_cause", "prevention"])
def test_root_cause_and_prevention_are_mandatory(left_out: str) -> None:
    findings: Fields = {"root_cause": "a crack", "prevention": "a check"}
    del findings[left_out]
    with pytest.raises(BadCommand, match=left_out):
        life(S.INVESTIGATING).tried("PROJECT_MANAGER", "confirm_findings", **findings)


@pytest.mark.requirement("INV-02", "INV-07")
def test_a_visit_that_found_nobody_is_planned_again() -> None:
    told = life(S.INVESTIGATING)
    told.say("PROJECT_MANAGER", "plan_visit", appointment=told.at + DAY)
    told.say("TECHNICIAN", "record_visit", outcome="NO_ACCESS", after=DAY)
    told.say("PROJECT_MANAGER", "plan_visit", appointment=told.at + DAY)
    assert ("visit_planned", "CUSTOMER") in told_of(told)
    told.say("TECHNICIAN", "record_visit", outcome="DONE", confirmed=True, observations="damp", after=DAY)
    assert told.ruling
    (visited,) = [fact for fact in told.ruling.facts if fact.kind == "site_visited"]
    assert (visited.data["confirmed"], visited.released) == (True, True)
    visits = {name: task.state for name, task in told.complaint.tasks.items()}
    assert visits == {"visit/1": "NO_ACCESS", "visit/2": "DONE"}


@pytest.mark.requirement("INV-02")
def test_a_new_appointment_replaces_the_old() -> None:
    told = life(S.INVESTIGATING)
    told.say("PROJECT_MANAGER", "plan_visit", appointment=told.at + DAY)
    told.say("PROJECT_MANAGER", "plan_visit", appointment=told.at + 2 * DAY)
    assert [task.state for task in told.complaint.tasks.values()] == ["REPLACED", "OPEN"]
    assert told.opened("site_visit/1").settled_at == told.at


@pytest.mark.requirement("INV-04", "LEG-03", "INV-12")
def test_a_contract_review_is_a_task_with_a_result() -> None:
    told = life(S.INVESTIGATING)
    told.say("PROJECT_MANAGER", "request_contribution", id="C1", **{"from": "LEGAL"}, kind="contract_review")
    told.say("LEGAL", "give_contribution", id="C1", text="clause 8 holds")
    task = told.complaint.tasks["contribution/C1"]
    assert (task.subkind, task.state, task.answer, task.done_by) == (
        "contract_review",
        "DONE",
        "clause 8 holds",
        "legal-1",
    )
    assert ("contribution_given", "person:project_manager-1") in told_of(told)


@pytest.mark.requirement("INV-05")
def test_a_price_complaint_is_looked_into_and_made_good_by_sales() -> None:
    told = life()
    told.say("CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple")
    told.say("CS_SPECIALIST", "assign", department="sales", lead="SALES_HEAD")
    told.say("SALES_STAFF", "add_evidence", kind="price_list").say(
        "SALES_HEAD", "confirm_findings", root_cause="discount not explained", prevention="a leaflet"
    )
    propose(told, by="SALES_HEAD", compensation="500.00")
    told.say("FINANCE", "approve_offer", solution="S1", decision="approved")
    assert offer(told, "accepted").stage == S.NEGOTIATING


@pytest.mark.requirement("NEG-02")
def test_a_solution_is_a_set_of_measures_with_its_time() -> None:
    told = life(S.SOLUTION_DRAFTED)
    due, measures = told.at + 9 * DAY, ["explain", "apologise", "reseal the bathroom"]
    told.say("PROJECT_MANAGER", "propose_solution", solution="S2", measures=measures, due=due)
    kept = told.complaint.solutions["S2"]
    assert (kept.measures, kept.due, kept.by) == (measures, due, "project_manager-1")


@pytest.mark.requirement("NEG-03", "NEG-08")
def test_issues_are_settled_one_by_one() -> None:
    """A partial acceptance with its counter-demand leads to an agreement on several items."""
    told = life(S.SOLUTION_DRAFTED)
    offer(told, "partly", counter="and a parking space")
    (first,) = told.complaint.rounds
    assert (first.reply, first.counter, first.solution) == ("partly", "and a parking space", "S1")
    items = [new_item(told), {**new_item(told, owner="PROPERTY_MGMT"), "id": "A2"}]
    told.say("CS_SPECIALIST", "record_agreement", items=items)
    assert told.complaint.agreement
    assert told.complaint.agreement.items == ["A1", "A2"]
    told.say("MAINTENANCE", "complete_item", item="A1", proof="photographs")
    assert {name: item.state for name, item in told.complaint.items.items()} == {"A1": "DONE", "A2": "OPEN"}


@pytest.mark.requirement("MED-02", "MED-05", "MED-06", "MED-07")
def test_a_mediation_is_on_file_and_the_customer_told() -> None:
    told = life(S.NEGOTIATING).say("CS_DIRECTOR", "fail_negotiation", reason="far")
    told.say("CS_SPECIALIST", "start_mediation", kind="person", mediator="a retired judge", choices=3)
    assert ("mediation_started", "CUSTOMER") in told_of(told)
    for party in ("company", "customer"):
        told.say("CS_SPECIALIST", "record_consent", party=party, consent="given")
    told.say("CS_SPECIALIST", "record_session", number=1, statements="both were heard")
    assert told.ruling
    (held,) = [fact for fact in told.ruling.facts if fact.kind == "session_held"]
    assert (held.data["text"], held.released) == ("both were heard", True)
    told.say("CS_SPECIALIST", "record_mediation_result", result="AGREED")
    assert ("mediation_ended", "CUSTOMER") in told_of(told)
    told.say("CS_SPECIALIST", "record_agreement", items=[new_item(told)])
    mediation = told.complaint.mediation
    assert mediation
    assert (mediation.mediator, mediation.sessions, mediation.result) == ("a retired judge", 1, "AGREED")
    assert told.complaint.agreement
    assert told.complaint.agreement.kind == "mediated"


@pytest.mark.requirement("ARB-01", "ARB-02", "ARB-05", "ARB-07")
def test_proceedings_are_on_file() -> None:
    told = life(S.ARBITRATING)
    told.say("LEGAL", "record_decision", outcome="half of it", items=[new_item(told)])
    (file,) = told.complaint.proceedings
    assert (file.forum, file.kind, file.filed_by) == ("ARBITRATION", "outside_body", "company")
    assert (file.agreement, file.outcome, file.closed_at) == ("clause 19", "half of it", told.at)
    assert told.complaint.bound == "award"
    assert ("decided", "CUSTOMER") in told_of(told)


@pytest.mark.requirement("CLO-01", "CLO-02", "CLO-04", "CLO-05", "FUV-02", "FUV-09")
def test_the_end_of_a_case_is_on_file() -> None:
    told = life(S.CLOSING_REVIEW)
    told.say("CS_DIRECTOR", "decide_review", decision="approved")
    assert ("feedback_asked", "CUSTOMER") in told_of(told)
    told.say(
        "customer",
        "record_feedback",
        attempt=1,
        channel="web_form",
        satisfied=True,
        score=4,
        opinions="slow at first",
    )
    told.say("CS_SPECIALIST", "record_visit_attempt", reached=False, after=20 * DAY)
    told.say("CS_SPECIALIST", "record_follow_up", satisfied=True, score=5, note="all dry")
    told.say("CS_SPECIALIST", "archive", result="BOTH_SATISFIED")
    told.say("CS_DIRECTOR", "record_reflection", text="ask for the seal first")
    assert told.ruling
    assert [(f.kind, f.data["text"]) for f in told.ruling.facts] == [("reflected", "ask for the seal first")]
    told.say("CS_SPECIALIST", "record_praise", text="a box of tea")
    complaint = told.complaint
    (review,) = complaint.reviews
    assert (review.summary, review.submitted_by, review.decided_by) == (
        "done",
        "project_manager-1",
        "cs_director-1",
    )
    assert [(f.satisfied, f.score, f.opinions) for f in complaint.feedback] == [(True, 4, "slow at first")]
    assert [(v.reached, v.satisfied, v.score) for v in complaint.visits] == [
        (False, None, None),
        (True, True, 5),
    ]
    assert complaint.result == "BOTH_SATISFIED"
    assert "risk_note" not in complaint.tasks


@pytest.mark.requirement("LIF-04")
def test_notes_are_released_only_when_said_so() -> None:
    told = life()
    for released in (False, True):
        told.say("CS_SPECIALIST", "add_note", text="a note", released=released)
        assert told.ruling
        assert [fact.released for fact in told.ruling.facts] == [released]


@pytest.mark.requirement("LIF-04")
def test_a_correction_stands_beside_the_entry() -> None:
    told = life().say("CS_SPECIALIST", "correct", turn=1, reason="misheard", fields={"unit": "3-1201"})
    assert told.ruling
    (fact,) = told.ruling.facts
    assert (fact.kind, fact.subject, fact.data["fields"]) == ("corrected", "1", {"unit": "3-1201"})
    assert not told.tried("CS_SPECIALIST", "correct", turn=99, reason="x", fields={"a": "b"}).accepted


@pytest.mark.requirement("INT-12")
def test_a_complaint_is_no_duplicate_of_itself() -> None:
    told = life()
    assert told.tried("CS_SPECIALIST", "link_duplicate", of="2026-000001", reason="x").rule == "INT-12"
    told.say("CS_SPECIALIST", "link_duplicate", of="2026-000002", reason="the same leak")
    assert (told.complaint.duplicate_of, told.complaint.result) == ("2026-000002", None)


@pytest.mark.requirement("SEC-02", "SEC-04")
def test_a_second_handling_begins_with_the_further_demand() -> None:
    told = lead(life(S.FEEDBACK), S.SECOND_HANDLING)
    assert told.ruling
    (opened,) = [fact for fact in told.ruling.facts if fact.kind == "second_handling_opened"]
    assert (opened.subject, opened.data["text"], opened.released) == ("2", "more", True)
    complaint = told.complaint
    assert (complaint.number, complaint.round, complaint.findings, complaint.agreement) == (
        "2026-000001",
        2,
        None,
        None,
    )


def test_a_turn_that_came_first_is_said() -> None:
    told = life()
    ruling = told.tried("CS_SPECIALIST", "add_note", text="x", expected_turn=1)
    assert (ruling.accepted, ruling.rule) == (False, "turn")
    told.say("CS_SPECIALIST", "add_note", text="x", expected_turn=told.complaint.turn)


@pytest.mark.requirement("CUS-08")
def test_an_erasure_asked_for_while_a_suit_runs_waits_for_a_person() -> None:
    told = life(S.LITIGATING).say("customer", "request_erasure", text="forget me")
    task = told.complaint.tasks["erasure"]
    assert (task.owner, task.subkind) == ("ADMIN", "proceedings_run")


@pytest.mark.requirement("SLA-11", "LIF-06")
def test_a_task_without_a_command_of_its_own_is_done_by_a_note() -> None:
    told = life(S.AWAITING_VISIT)
    told.say("feed:outbox", "notice_failed", notice="2026-000001/1:receipt/CUSTOMER")
    call = "call/2026-000001/1:receipt/CUSTOMER"
    told.say("CS_SPECIALIST", "add_note", text="rang her up", settles=call)
    assert (told.complaint.tasks[call].state, told.complaint.tasks[call].answer) == ("DONE", "rang her up")
    assert not told.tried("CS_SPECIALIST", "add_note", text="again", settles=call).accepted
    assert not told.tried("CS_SPECIALIST", "add_note", text="x", settles="help/H1").accepted
    told.say("CS_SPECIALIST", "record_follow_up", satisfied=False).say(
        "CS_SPECIALIST", "archive", result="UNRESOLVED"
    )
    told.say("CS_DIRECTOR", "add_note", text="closer contact agreed", settles="risk_note")
    assert told.complaint.tasks["risk_note"].state == "DONE"


@pytest.mark.requirement("LIF-06")
def test_silence_is_no_satisfaction() -> None:
    told = life(S.FEEDBACK)
    for attempt, channel in ((1, "telephone"), (2, "post")):
        told.say("CS_SPECIALIST", "record_feedback", attempt=attempt, channel=channel, reply="none")
    told.say("CS_DIRECTOR", "record_silence", reason="silent")
    for _ in range(3):
        told.say("CS_SPECIALIST", "record_visit_attempt", reached=False)
    assert told.tried("CS_SPECIALIST", "archive", result="BOTH_SATISFIED").rule == "LIF-06"
    told.say("CS_SPECIALIST", "archive", result="ONE_SIDED")


@pytest.mark.requirement("NEG-10", "FUV-05")
def test_what_was_owed_when_filed_is_watched_again_when_opened_again() -> None:
    told = life(S.FULFILLING)
    due = told.at + 90 * DAY
    told.say("CS_SPECIALIST", "make_promise", promise="P1", what="a new seal", due=due)
    told.say("PROJECT_MANAGER", "carry_over_item", item="A1", due=due, reason="parts")
    lead(told, S.ARCHIVED)
    assert not told.complaint.wakes
    told.say("CS_SPECIALIST", "reopen", reason="it leaks")
    told.wait_until(due + SECOND)
    assert told.opened("item_due/A1").fired_at == due
    assert told.complaint.promises["P1"].state == "BROKEN"


BY_LINK = Asker(id=CUSTOMER)


@pytest.mark.requirement("FUV-05")
def test_after_the_end_the_customer_asks_for_a_reopening_and_the_director_decides() -> None:
    told = life(S.ARCHIVED)
    told.say(BY_LINK, "add_note", text="it leaks again")
    assert {("reopening_asked", "OWNER"), ("reopening_asked", "CS_DIRECTOR")} <= set(told_of(told))
    task = told.complaint.tasks["reopening"]
    assert (task.kind, task.owner, task.state) == ("call", "CS_DIRECTOR", "OPEN")
    told.say("CS_DIRECTOR", "reopen", reason="it leaks again")
    assert told.complaint.tasks["reopening"].state == "DONE"


@pytest.mark.requirement("CUS-08")
def test_the_customer_writes_a_note_after_the_end_alone_and_nothing_but_a_note() -> None:
    assert not life(S.FEEDBACK).tried(BY_LINK, "add_note", text="hello").accepted
    told = life(S.ARCHIVED)
    told.say(BY_LINK, "add_note", text="hello", settles="reopening", released=False)
    assert told.complaint.tasks["reopening"].state == "OPEN"
    assert told.stage == S.ARCHIVED


def test_the_owner_is_told_of_a_contact_that_came_by_link() -> None:
    told = life(S.ASSIGNED)
    told.say(BY_LINK, "change_contact", contact="new@example.com")
    assert ("customer_wrote", "OWNER") in told_of(told)
