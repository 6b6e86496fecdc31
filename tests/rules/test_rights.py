"""Who may say what: every command by every role, each really said (commands.md §4).

The expectations are written from the contract for one case: led by PROJECT_MANAGER of engineering, said by a person
who holds the role and is named nowhere in the case.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from domain.codes import Flag, Role, Stage
from domain.commands import INTERNAL, MODELS
from domain.lifecycle import possible_actions
from domain.roles import DEPARTMENTS, Asker, head_of
from tests.builders import Life, lead, life, new_item, person, propose, received, shelf
from tests.rules.test_table import EXPECTATIONS, REFUSED, SAYING, Fields, ready

S = Stage
R = Role
EVERYBODY = frozenset(Role)
CS = frozenset({R.CS_SPECIALIST, R.CS_DIRECTOR})
LEAD = frozenset({R.PROJECT_MANAGER, R.TECHNICIAN})
ON_IT = CS | LEAD
DIRECTOR, LEGAL, FINANCE = frozenset({R.CS_DIRECTOR}), frozenset({R.LEGAL}), frozenset({R.FINANCE})
TELLING = CS | LEAD | {R.SITE_LEADER}

#: command → the roles that may say it
MAY: dict[str, frozenset[Role]] = {
    **dict.fromkeys(("register", "add_to_intake"), EVERYBODY),
    **dict.fromkeys(("change_contact", "add_note", "correct", "request_erasure"), ON_IT),
    **dict.fromkeys(("classify", "reclassify", "assign", "reassign", "link_duplicate", "mark_withdrawn"), CS),
    **dict.fromkeys(("open_second_handling", "reopen", "archive", "record_feedback"), CS),
    **dict.fromkeys(("record_visit_attempt", "record_follow_up"), CS),
    **dict.fromkeys(("accept_handover", "return_handover", "confirm_findings", "submit_review"), LEAD),
    **dict.fromkeys(("propose_solution",), LEAD),
    **dict.fromkeys(
        ("record_response", "make_promise", "extend_promise", "keep_promise", "send_progress"), TELLING
    ),
    **dict.fromkeys(("hold", "resume"), CS | LEAD),
    **dict.fromkeys(("extend_window", "fail_negotiation", "record_silence"), DIRECTOR),
    **dict.fromkeys(("change_policy_version", "change_calendar_version"), DIRECTOR | {R.ADMIN}),
    **dict.fromkeys(("give_opinion", "add_legal_date", "keep_legal_date", "submit_arbitration"), LEGAL),
    **dict.fromkeys(("record_decision", "file_or_register_suit", "record_judgment", "set_limitation"), LEGAL),
    "choose_forum": LEGAL,
    "set_limits": DIRECTOR | {R.MARKETING_MANAGER, R.TOP_LEADER},
    "approve_offer": FINANCE,
    "decide_review": DIRECTOR | {R.MARKETING_MANAGER},
    **dict.fromkeys(("complete_item", "carry_over_item"), LEAD | {R.MAINTENANCE}),
    **dict.fromkeys(("record_payment", "reverse_payment", "give_help", "give_contribution"), FINANCE),
    **dict.fromkeys(("record_consent", "record_session", "record_mediation_result"), ON_IT | LEGAL),
    **dict.fromkeys(("escalate", "request_help", "set_flag", "request_opinion"), ON_IT),
    **dict.fromkeys(("waive_investigation", "plan_visit", "record_visit", "add_evidence"), ON_IT),
    **dict.fromkeys(("request_contribution", "record_study_session"), ON_IT),
    **dict.fromkeys(("record_round", "record_agreement", "start_mediation"), ON_IT),
    **dict.fromkeys(("record_reflection", "record_praise", "link_to_group", "unlink_from_group"), ON_IT),
    **dict.fromkeys(INTERNAL, frozenset()),
}
#: what the customer says by link, and what a connected system says
CUSTOMER = {"add_to_intake", "change_contact", "request_erasure", "mark_withdrawn", "record_feedback"}
A_FEED = {"add_to_intake", "change_contact", "add_note", "add_evidence"}


def where(kind: str) -> Stage:
    """A stage in which the command can be said; while investigating, if it can."""
    preferred = (S.INVESTIGATING, *Stage)
    return next((stage for stage in preferred if EXPECTATIONS[stage, kind] != REFUSED), S.INVESTIGATING)


def say(kind: str, asker: Asker) -> tuple[bool, str | None]:
    told = ready(where(kind), kind)
    ruling = told.tried(asker, kind, **SAYING[kind][1](told))
    return ruling.accepted, ruling.rule


def test_every_command_has_a_row() -> None:
    assert set(MAY) == set(MODELS)


@pytest.mark.parametrize(("kind", "role"), list(product(sorted(MODELS), Role)))
@pytest.mark.requirement("NEG-07", "LEG-02", "INT-08")
def test_right(kind: str, role: Role) -> None:
    accepted, _rule = say(kind, person(f"{role}/7"))
    assert accepted == (role in MAY[kind])


@pytest.mark.parametrize("kind", sorted(MODELS))
@pytest.mark.parametrize(("by", "may"), [("customer", CUSTOMER), ("feed:hotline", A_FEED)])
@pytest.mark.requirement("CLO-02")
def test_right_of_the_customer_and_of_feeds(by: str, may: set[str], kind: str) -> None:
    assert say(kind, person(by))[0] == (kind in may)


@pytest.mark.parametrize("kind", sorted(set(MODELS) - INTERNAL))
def test_somebody_without_a_seat_may_say_nothing(kind: str) -> None:
    assert not say(kind, Asker(id="nobody-1"))[0]


@pytest.mark.parametrize("role", Role)
@pytest.mark.requirement("LIF-03")
def test_what_is_offered_can_be_said(role: Role) -> None:
    """The list of possible actions and the ruling ask the same question (design.md §1.8)."""
    told = life(S.INVESTIGATING)
    asker = person(f"{role}/7")
    actions = possible_actions(told.complaint, asker, told.at, shelf())
    assert set(actions) == set(MODELS) - INTERNAL
    for kind, refused in actions.items():
        if refused is not None:
            ruling = told.copy().tried(asker, kind, **SAYING[kind][1](told))
            assert (ruling.accepted, ruling.reason, ruling.rule) == (False, refused.reason, refused.rule)


class TestOnTheCase:
    """First contact, owner, lead, the department, whoever was asked, LEGAL on the upper rungs."""

    def note(self, told: Life, by: Asker | str) -> bool:
        return told.copy().tried(by, "add_note", text="a note").accepted

    @pytest.mark.requirement("INT-05")
    def test_the_first_contact(self) -> None:
        told = received(by="SALES_STAFF").say("SALES_STAFF", "register")
        assert self.note(told, "SALES_STAFF")
        assert not self.note(told, "SALES_STAFF/2")

    @pytest.mark.requirement("ORG-08")
    def test_who_has_left_the_company_keeps_no_place_in_the_case(self) -> None:
        told = received(by="SALES_STAFF").say("SALES_STAFF", "register")
        left = Asker(id=told.complaint.first_contact)
        refused = told.copy().tried(left, "add_note", text="a note")
        assert (refused.accepted, refused.rule) == (False, "LIF-04")

    @pytest.mark.requirement("LIF-09", "INV-12")
    def test_whoever_was_asked(self) -> None:
        told = life(S.INVESTIGATING)
        assert not self.note(told, "FINANCE")
        told.say("PROJECT_MANAGER", "request_help", id="H1", to="FINANCE", question="may we")
        assert self.note(told, "FINANCE")
        told.say("PROJECT_MANAGER", "request_help", id="H2", to="LEADING_GROUP", question="shall we")
        assert self.note(told, "TOP_LEADER")
        told.say("MARKETING_MANAGER", "give_help", id="H2", answer="yes")
        assert told.complaint.tasks["help/H2"].done_by == "marketing_manager-1"

    @pytest.mark.requirement("LEG-02", "LIT-03")
    def test_legal_on_the_upper_rungs(self) -> None:
        assert not self.note(life(S.NEGOTIATING), "LEGAL")
        for stage in (S.MEDIATING, S.ARBITRATING, S.LITIGATING):
            assert self.note(life(stage), "LEGAL")

    def test_the_person_the_case_was_given_to(self) -> None:
        told = life(S.ASSIGNED).say(
            "CS_SPECIALIST", "reassign", person="property_mgmt-3", reason="knows the house"
        )
        assert self.note(told, "PROPERTY_MGMT/3")
        assert told.tried("PROPERTY_MGMT/3", "accept_handover").accepted

    @pytest.mark.requirement("LIF-03")
    def test_owner_and_lead_are_both_replaced_when_they_leave(self) -> None:
        told = life(S.ASSIGNED)
        told.say("CS_DIRECTOR", "reassign", person="cs_specialist-2", seat="owner", reason="a leaver")
        assert told.complaint.owner == "cs_specialist-2"
        early = life().say("CS_DIRECTOR", "reassign", person="cs_specialist-2", reason="a leaver")
        assert early.complaint.owner == "cs_specialist-2"
        assert not early.tried("CS_DIRECTOR", "reassign", person="x-1", seat="lead", reason="x").accepted

    @pytest.mark.requirement("NEG-03")
    def test_a_negotiator_proposes_where_the_case_was_given_to_them(self) -> None:
        offer: Fields = {"solution": "S9", "measures": ["x"]}
        told = life(S.NEGOTIATING)
        assert not told.tried("NEGOTIATOR", "propose_solution", **offer).accepted
        told.say("CS_DIRECTOR", "request_help", id="N", to="NEGOTIATOR", question="please lead the talks")
        told.say("NEGOTIATOR", "propose_solution", **offer)
        told.say("NEGOTIATOR", "record_round", round=2, solution="S9", reply="accepted")

    def test_customer_service_when_it_leads(self) -> None:
        told = life(S.CLASSIFIED).say(
            "CS_SPECIALIST", "assign", department="customer_service", lead="CS_DIRECTOR"
        )
        told.say("CS_SPECIALIST", "accept_handover")
        told.say("CS_DIRECTOR", "confirm_findings", root_cause="x", prevention="y")

    @pytest.mark.parametrize("level", ["TOP_LEADER", "DUTY_LEADER", "SITE_LEADER"])
    def test_command_levels_lead_any_department(self, level: str) -> None:
        told = life(S.CLASSIFIED).say("CS_SPECIALIST", "assign", department="sales", lead=level)
        told.say(level, "accept_handover").say("SALES_STAFF", "add_evidence", kind="price_list")

    @pytest.mark.requirement("CLS-04", "CLS-06")
    def test_a_lead_belongs_to_the_department(self) -> None:
        told = life(S.CLASSIFIED)
        assert told.tried("CS_SPECIALIST", "assign", department="sales", lead="TECHNICIAN").rule == "CLS-04"

    def test_the_first_named_heads_a_department(self) -> None:
        assert {department: head_of(department) for department in DEPARTMENTS} == {
            "sales": "SALES_HEAD",
            "legal": "LEGAL",
            "engineering": "PROJECT_MANAGER",
            "maintenance": "MAINTENANCE",
            "property": "PROPERTY_MGMT",
            "customer_service": "CS_SPECIALIST",
            "finance": "FINANCE",
            "contract": "CONTRACT_DEPT",
            "marketing": "MARKETING_MANAGER",
        }


class TestFlags:
    @pytest.mark.parametrize(("flag", "role"), list(product(Flag, Role)))
    @pytest.mark.requirement("CLS-10")
    def test_who_sets_and_ends_which(self, flag: Flag, role: Role) -> None:
        commanded = {R.CS_DIRECTOR, R.MARKETING_MANAGER, R.DUTY_LEADER, R.TOP_LEADER}
        may = commanded if flag in (Flag.MAJOR, Flag.GROUP) else ON_IT
        told = life(S.ASSIGNED)
        assert told.tried(person(f"{role}/7"), "set_flag", flag=flag, reason="x").accepted == (role in may)
        set_by_director = life(S.ASSIGNED).say("CS_DIRECTOR", "set_flag", flag=flag)
        ended = set_by_director.tried(person(f"{role}/7"), "set_flag", flag=flag, value=False, reason="x")
        on_major = {R.SITE_LEADER} if flag == Flag.MAJOR else set()
        assert ended.accepted == (role in may and role not in on_major)

    @pytest.mark.requirement("CLS-10")
    def test_raising_a_flag_twice_changes_nothing_of_its_clock(self) -> None:
        told = life(S.ASSIGNED).say("CS_SPECIALIST", "set_flag", flag="HAZARD")
        first = told.opened("hazard_hours")
        told.say("CS_SPECIALIST", "set_flag", flag="HAZARD", reason="more", households=3)
        assert told.opened("hazard_hours") == first
        assert told.complaint.flags[Flag.HAZARD].households == 3


class TestApproval:
    @pytest.mark.parametrize(
        ("amount", "by"),
        [
            ("0.01", {R.FINANCE}),
            ("20000.00", {R.FINANCE}),
            ("20000.01", {R.MARKETING_MANAGER, R.TOP_LEADER}),
            ("999999.00", {R.MARKETING_MANAGER, R.TOP_LEADER}),
        ],
    )
    @pytest.mark.requirement("NEG-07")
    def test_by_amount(self, amount: str, by: set[Role]) -> None:
        told = propose(life(S.NEGOTIATING), compensation=amount)
        may = {
            role
            for role in Role
            if told.copy().tried(f"{role}/7", "approve_offer", solution="S2", decision="approved").accepted
        }
        assert may == by

    @pytest.mark.parametrize("compensation", [None, "0.00"])
    @pytest.mark.requirement("NEG-07")
    def test_without_compensation_there_is_nothing_to_approve(self, compensation: str | None) -> None:
        told = propose(life(S.NEGOTIATING), **({"compensation": compensation} if compensation else {}))
        assert told.complaint.solutions["S2"].approval == "not_needed"
        assert not told.tried("FINANCE", "approve_offer", solution="S2", decision="approved").accepted

    @pytest.mark.parametrize("amount", ["99.99", "3000.01"])
    @pytest.mark.requirement("NEG-06")
    def test_beyond_a_limit_of_the_case_the_leading_group_decides(self, amount: str) -> None:
        told = life(S.NEGOTIATING).say("CS_DIRECTOR", "set_limits", floor="100.00", ceiling="3000.00")
        propose(told, compensation=amount)
        assert told.tried("FINANCE", "approve_offer", solution="S2", decision="approved").rule == "NEG-06"
        told.say("MARKETING_MANAGER", "approve_offer", solution="S2", decision="approved")

    @pytest.mark.requirement("NEG-06")
    def test_a_limit_set_after_the_offer_counts(self) -> None:
        told = propose(life(S.NEGOTIATING), compensation="3000.00")
        told.say("CS_DIRECTOR", "set_limits", ceiling="2000.00")
        assert told.tried("FINANCE", "approve_offer", solution="S2", decision="approved").rule == "NEG-06"

    @pytest.mark.requirement("NEG-07")
    def test_never_by_the_proposer(self) -> None:
        both = Asker(id="li-1", roles=(R.PROJECT_MANAGER, R.FINANCE))
        told = life(S.NEGOTIATING)
        told.say(both, "propose_solution", solution="S2", measures=["x"], compensation="10.00")
        assert told.tried(both, "approve_offer", solution="S2", decision="approved").rule == "NEG-07"
        assert told.tried("FINANCE", "approve_offer", solution="S2", decision="refused", reason="no").accepted

    @pytest.mark.requirement("NEG-07")
    def test_paid_once(self) -> None:
        told = life(S.FULFILLING)
        payment: dict[str, Any] = {"item": "A1", "amount": "10.00", "reference": "PAY-1"}
        told.say("FINANCE", "record_payment", **payment)
        assert told.tried("FINANCE", "record_payment", **payment).rule == "NEG-07"
        told.say("FINANCE", "reverse_payment", item="A1", reason="wrong account")
        told.say("FINANCE", "record_payment", **payment)
        assert len(told.complaint.items["A1"].payments) == 2


class TestReview:
    @pytest.mark.requirement("CLO-01")
    def test_never_by_the_submitter(self) -> None:
        told = life(S.CLASSIFIED).say(
            "CS_SPECIALIST", "assign", department="customer_service", lead="CS_DIRECTOR"
        )
        told.say("CS_DIRECTOR", "confirm_findings", root_cause="x", prevention="y")
        told.say("CS_DIRECTOR", "propose_solution", solution="S1", measures=["x"])
        told.say("CS_SPECIALIST", "record_round", round=1, solution="S1", reply="accepted")
        told.say("CS_SPECIALIST", "record_agreement", items=[])
        told.say("CS_DIRECTOR", "submit_review")
        assert told.tried("CS_DIRECTOR", "decide_review", decision="approved").rule == "CLO-01"
        told.say("CS_DIRECTOR/2", "decide_review", decision="approved")

    @pytest.mark.requirement("SEC-05")
    def test_every_review_of_a_second_handling_by_another_than_the_first(self) -> None:
        told = life(S.CLOSING_REVIEW, handling=2)
        for decision in ("returned", "approved"):
            assert told.tried("CS_DIRECTOR", "decide_review", decision=decision).rule == "SEC-05"
            told.say("MARKETING_MANAGER", "decide_review", decision=decision)
            if decision == "returned":
                told.say("PROJECT_MANAGER", "submit_review")


class TestStandIns:
    def deputy(self, *roles: Role) -> Asker:
        return Asker(
            id="wang-1", roles=(R.SALES_STAFF,), standing_in={role: f"{role.lower()}-1" for role in roles}
        )

    @pytest.mark.requirement("LIF-03")
    def test_a_substitute_acts_for_the_absent_seat(self) -> None:
        told = life(S.NEGOTIATING)
        assert told.tried(self.deputy(), "fail_negotiation", reason="x").rule == "CLO-01"
        told.say(self.deputy(R.CS_DIRECTOR), "fail_negotiation", reason="far")
        assert told.ruling
        assert {fact.by for fact in told.ruling.facts} == {"wang-1"}

    @pytest.mark.requirement("NEG-06")
    def test_the_director_acts_for_the_leading_group_only_as_its_substitute(self) -> None:
        told = propose(life(S.NEGOTIATING), compensation="30000.00")
        decision: Fields = {"solution": "S2", "decision": "approved"}
        assert told.tried("CS_DIRECTOR", "approve_offer", **decision).rule == "NEG-07"
        acting = Asker(
            id="cs_director-1",
            roles=(R.CS_DIRECTOR,),
            standing_in={R.MARKETING_MANAGER: "marketing_manager-1"},
        )
        assert told.tried(acting, "approve_offer", **decision).accepted


class TestAboutOneself:
    """Nobody investigates, leads, proposes, reviews or approves a complaint about themself (INV-03)."""

    BARRED = (
        ("PROJECT_MANAGER", "accept_handover"),
        ("PROJECT_MANAGER", "waive_investigation"),
        ("PROJECT_MANAGER", "plan_visit"),
        ("PROJECT_MANAGER", "record_visit"),
        ("PROJECT_MANAGER", "add_evidence"),
        ("PROJECT_MANAGER", "request_contribution"),
        ("PROJECT_MANAGER", "record_study_session"),
        ("PROJECT_MANAGER", "confirm_findings"),
        ("PROJECT_MANAGER", "propose_solution"),
        ("PROJECT_MANAGER", "record_round"),
        ("PROJECT_MANAGER", "submit_review"),
        ("FINANCE", "approve_offer"),
        ("CS_DIRECTOR", "decide_review"),
    )

    @pytest.mark.parametrize("by_role", [True, False])
    @pytest.mark.parametrize(("by", "kind"), BARRED)
    @pytest.mark.requirement("INV-03")
    def test_barred(self, by: str, kind: str, by_role: bool) -> None:
        told = ready(where(kind), kind)
        told.complaint = (
            told.complaint.model_copy(  # said at registration; here for cases already on their way
                update={"about_role": Role(by)} if by_role else {"about_person": person(by).id}
            )
        )
        assert told.tried(by, kind, **SAYING[kind][1](told)).rule == "INV-03"
        if not by_role:
            assert told.tried(f"{by}/2", kind, **SAYING[kind][1](told)).accepted

    @pytest.mark.requirement("INV-03")
    def test_nobody_is_given_the_lead_over_themself(self) -> None:
        told = received().say(
            "CS_SPECIALIST", "register", about_role="SALES_HEAD", about_person="technician-3"
        )
        lead(told, S.CLASSIFIED)
        assert told.tried("CS_SPECIALIST", "assign", department="sales", lead="SALES_HEAD").rule == "INV-03"
        fields: Fields = {"department": "engineering", "lead": "TECHNICIAN"}
        assert told.tried("CS_SPECIALIST", "assign", **fields, person="technician-3").rule == "INV-03"
        told.say("CS_SPECIALIST", "assign", **fields, person="technician-2")
        assert told.tried("CS_SPECIALIST", "reassign", person="technician-3", reason="x").rule == "INV-03"

    @pytest.mark.requirement("INV-03", "INV-06")
    def test_they_are_heard_all_the_same(self) -> None:
        told = received().say("CS_SPECIALIST", "register", about_role="SALES_STAFF")
        lead(told, S.INVESTIGATING)
        told.say(
            "PROJECT_MANAGER",
            "request_contribution",
            id="C1",
            **{"from": "SALES_STAFF"},
            kind="own_statement",
        )
        told.say("SALES_STAFF", "give_contribution", id="C1", text="I was in a hurry")


class TestRelease:
    @pytest.mark.parametrize("stage", [S.ARBITRATING, S.LITIGATING])
    @pytest.mark.parametrize(
        "kind", ["record_response", "make_promise", "extend_promise", "keep_promise", "send_progress"]
    )
    @pytest.mark.requirement("LIT-04")
    def test_legal_releases_every_word_while_proceedings_run(self, stage: Stage, kind: str) -> None:
        told = ready(stage, kind)
        fields: Fields = {name: part for name, part in SAYING[kind][1](told).items() if name != "released_by"}
        assert told.tried("CS_SPECIALIST", kind, **fields).rule == "LIT-04"
        told.say("CS_SPECIALIST", kind, **fields, released_by="LEGAL")
        assert told.ruling
        named = [notice.to for notice in told.ruling.notices if notice.template == "named_as_releaser"]
        assert named == ["LEGAL"], "whoever is named is told and can contest it"


@pytest.mark.requirement("LIT-07")
def test_an_allegation_of_deceit_is_shown_to_legal() -> None:
    told = life()
    told.say("CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple", deceit_alleged=True)
    assert told.ruling
    assert ("shown_to_legal", "LEGAL") in {(notice.template, notice.to) for notice in told.ruling.notices}


@pytest.mark.requirement("CLS-08", "SEC-04")
def test_a_complex_case_is_studied_in_each_handling() -> None:
    told = life(S.INVESTIGATING, severity="complex")
    assert told.complaint.tasks["study_session/1"].owner == "LEAD"
    told.say("PROJECT_MANAGER", "record_study_session", present=["LEGAL", "FINANCE"], conclusion="rebuild")
    assert told.complaint.tasks["study_session/1"].state == "DONE"
    assert life(S.SECOND_HANDLING, severity="complex").complaint.tasks["study_session/2"].state == "OPEN"
    assert not life(S.SECOND_HANDLING).complaint.tasks.get("study_session/2")


@pytest.mark.requirement("NEG-10")
def test_an_item_is_done_by_its_owner_or_the_lead() -> None:
    told = life(S.NEGOTIATING)
    told.say(
        "CS_SPECIALIST", "record_agreement", items=[new_item(told, owner="FINANCE", due=timedelta(days=3))]
    )
    assert told.tried("MAINTENANCE", "complete_item", item="A1").rule == "NEG-10"
    told.say("FINANCE", "complete_item", item="A1")
