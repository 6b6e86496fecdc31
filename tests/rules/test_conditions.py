"""The conditions in brackets in commands.md §2: each with the rule that refuses, and what is done instead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.askers import Asker
from domain.codes import Stage
from tests.builders import lead, life, new_item, offer, propose, received
from tests.rules.test_table import Fields, forum_choice, not_accepted, ready

S = Stage
_MONTH = timedelta(days=30)


class TestConditions:
    """The conditions in brackets in commands.md §2: each with the sentence that refuses."""

    @pytest.mark.requirement("INT-02")
    def test_what_is_not_registered_is_not_classified(self) -> None:
        ruling = received().tried("CS_SPECIALIST", "classify", type="PRICE", cause="SALES", severity="simple")
        assert (ruling.accepted, ruling.rule) == (False, "INT-02")

    @pytest.mark.requirement("INV-08")
    def test_no_solution_before_findings(self) -> None:
        ruling = life(S.INVESTIGATING).tried(
            "PROJECT_MANAGER", "propose_solution", solution="S1", measures=["x"]
        )
        assert (ruling.accepted, ruling.rule) == (False, "INV-08")

    @pytest.mark.requirement("INV-11")
    def test_findings_may_be_waived_with_a_reason(self) -> None:
        told = life(S.ASSIGNED).say("CS_SPECIALIST", "waive_investigation", reason="undisputed")
        propose(told)
        assert told.stage == S.SOLUTION_DRAFTED

    @pytest.mark.requirement("INV-11")
    def test_a_type_that_needs_no_investigation_goes_straight_to_a_solution(self) -> None:
        by_type = dict.fromkeys(("CONTRACT", "SERVICE", "PRICE", "LEGAL"), True)
        told = life(S.INVESTIGATING, policy={"investigation_required": {**by_type, "PRODUCT": False}})
        assert propose(told).stage == S.SOLUTION_DRAFTED
        lead(told, S.ARCHIVED)

    @pytest.mark.requirement("SLA-02")
    @pytest.mark.parametrize("counts", [False, True])
    def test_an_automatic_receipt_is_no_answer_unless_the_policy_says_so(self, counts: bool) -> None:
        told = life(policy={"automatic_receipt_counts": counts})
        assert told.opened("first_response_hours").state == ("met" if counts else "open")

    @pytest.mark.requirement("SLA-02")
    def test_only_an_effective_answer_stops_the_clock(self) -> None:
        told = life().say("CS_SPECIALIST", "record_response", channel="telephone", effective=False)
        assert told.opened("first_response_hours").state == "open"

    @pytest.mark.requirement("NEG-07")
    def test_an_offer_waits_for_its_approval(self) -> None:
        told = life(S.INVESTIGATING).say(
            "PROJECT_MANAGER", "confirm_findings", root_cause="x", prevention="y"
        )
        propose(told, compensation="300.00")
        fields: Fields = {"round": 1, "solution": "S1", "reply": "accepted"}
        assert told.tried("CS_SPECIALIST", "record_round", **fields).rule == "NEG-07"
        told.say("FINANCE", "approve_offer", solution="S1", decision="approved")
        assert told.say("CS_SPECIALIST", "record_round", **fields).stage == S.NEGOTIATING

    @pytest.mark.requirement("NEG-10")
    def test_no_agreement_without_an_accepted_round(self) -> None:
        told = life(S.SOLUTION_DRAFTED)
        offer(told, "rejected")
        assert told.tried("CS_SPECIALIST", "record_agreement", items=[new_item(told)]).rule == "NEG-10"

    @pytest.mark.requirement("NEG-01", "NEG-11", "MED-01")
    def test_negotiation_comes_before_mediation(self) -> None:
        told = life(S.NEGOTIATING)
        assert told.tried("CS_SPECIALIST", "start_mediation", kind="person").rule == "NEG-11"
        offer(told, "rejected")
        offer(told, "rejected")
        assert told.say("CS_SPECIALIST", "start_mediation", kind="person").stage == S.MEDIATING

    @pytest.mark.requirement("SEC-03", "MED-01")
    def test_the_ladder_follows_when_no_second_handling_is_left(self) -> None:
        told = ready(S.FEEDBACK, "open_second_handling")
        assert told.tried("CS_SPECIALIST", "start_mediation", kind="person").rule == "SEC-03"
        told = ready(S.FEEDBACK, "start_mediation")
        assert told.tried("CS_SPECIALIST", "open_second_handling", further_demand="more").rule == "SEC-03"

    @pytest.mark.requirement("SEC-01")
    def test_a_second_handling_follows_a_dissatisfied_reply(self) -> None:
        ruling = life(S.FEEDBACK).tried("CS_SPECIALIST", "open_second_handling", further_demand="more")
        assert (ruling.accepted, ruling.rule) == (False, "SEC-01")

    @pytest.mark.requirement("FUV-05", "SEC-03")
    def test_a_dissatisfied_visit_opens_one_more(self) -> None:
        told = life(S.AWAITING_VISIT)
        assert told.tried("CS_SPECIALIST", "reopen", reason="again").rule == "FUV-05"
        told = life(S.AWAITING_VISIT, handling=2).say("CS_SPECIALIST", "record_follow_up", satisfied=False)
        told.say("CS_SPECIALIST", "reopen", reason="again")
        assert (told.stage, told.complaint.round) == (S.SECOND_HANDLING, 3)
        lead(told, S.FULFILLING)
        told.say("MAINTENANCE", "complete_item", item="A3").say("PROJECT_MANAGER", "submit_review")
        told.say("MARKETING_MANAGER", "decide_review", decision="approved")
        lead(told, S.AWAITING_VISIT).say("CS_SPECIALIST", "record_follow_up", satisfied=False)
        assert told.tried("CS_SPECIALIST", "reopen", reason="again").rule == "SEC-03"

    @pytest.mark.requirement("LIT-01")
    def test_skipping_a_rung_needs_the_leading_group(self) -> None:
        told = life(S.NEGOTIATING)
        choice: Fields = {"forum": "COURT", "reason": "no use"}
        assert told.tried("LEGAL", "choose_forum", **choice).rule == "LIT-01"
        told.say("LEGAL", "choose_forum", **choice, approved_by="LEADING_GROUP")
        assert told.complaint.proceedings[-1].skipped
        assert told.ruling
        assert any(n.to == "LEADING_GROUP" for n in told.ruling.notices)

    @pytest.mark.requirement("MED-03")
    def test_conciliation_by_our_own_staff_is_no_rung(self) -> None:
        told = life(S.NEGOTIATING).say("CS_DIRECTOR", "fail_negotiation", reason="far")
        told.say("CS_SPECIALIST", "start_mediation", kind="internal")
        told.say("CS_SPECIALIST", "record_consent", party="customer", consent="refused")
        assert told.tried("LEGAL", "choose_forum", forum="COURT", reason="no use").rule == "LIT-01"

    @pytest.mark.requirement("MED-06")
    def test_a_forum_follows_a_mediation_that_failed(self) -> None:
        told = life(S.MEDIATING)
        assert told.tried("LEGAL", "choose_forum", **forum_choice(told)).rule == "ARB-02"

    @pytest.mark.requirement("MED-04")
    def test_both_sides_consent_before_the_first_session(self) -> None:
        told = life(S.MEDIATING).say("CS_SPECIALIST", "record_consent", party="company", consent="given")
        assert told.tried("CS_SPECIALIST", "record_session", number=1).rule == "MED-04"
        assert told.tried("CS_SPECIALIST", "record_mediation_result", result="AGREED").rule == "MED-04"

    @pytest.mark.requirement("ARB-02", "ARB-03")
    def test_no_arbitration_without_agreement_or_the_customers_own_filing(self) -> None:
        told = life(S.ASSIGNED)
        filing: Fields = {"kind": "outside_body"}
        assert told.tried("LEGAL", "submit_arbitration", filed_by="company", **filing).rule == "ARB-02"
        told.say("LEGAL", "submit_arbitration", filed_by="customer", **filing)
        again = life(S.MEDIATING).say("CS_SPECIALIST", "record_consent", party="customer", consent="refused")
        bare: Fields = {"forum": "ARBITRATION", "reason": "x"}
        assert again.tried("LEGAL", "choose_forum", **bare).rule == "ARB-02"
        again.say("LEGAL", "choose_forum", **bare, filed_by="customer")
        assert again.tried("LEGAL", "submit_arbitration", filed_by="company", **filing).rule == "ARB-02"
        again.say("LEGAL", "submit_arbitration", filed_by="customer", **filing)

    @pytest.mark.requirement("ARB-05")
    def test_an_award_is_final(self) -> None:
        told = life(S.ARBITRATING).say("LEGAL", "record_decision", outcome="so be it")
        suit: Fields = {"filed_by": "customer", "ground": "x"}
        assert told.tried("LEGAL", "file_or_register_suit", **suit).rule == "ARB-05"

    @pytest.mark.requirement("LIT-02")
    def test_after_a_judgment_the_customer_may_sue_again(self) -> None:
        told = life(S.LITIGATING).say("LEGAL", "record_judgment", outcome="dismissed")
        company: Fields = {"filed_by": "company", "ground": "x"}
        assert not told.tried("LEGAL", "file_or_register_suit", **company).accepted
        told.say("LEGAL", "file_or_register_suit", filed_by="customer", ground="retrial")
        assert told.stage == S.LITIGATING

    @pytest.mark.requirement("ARB-05", "LIT-01")
    def test_an_internal_review_binds_only_whom_it_satisfies(self) -> None:
        told = not_accepted(S.ARBITRATING)
        told.say("LEGAL", "file_or_register_suit", filed_by="company", ground="x")
        assert told.complaint.route[-2:] == [S.ARBITRATING, S.LITIGATING]
        assert [one.closed_at is None for one in told.complaint.proceedings] == [False, True]

    @pytest.mark.requirement("LIT-05")
    def test_a_settlement_ends_the_proceedings(self) -> None:
        told = life(S.LITIGATING)
        told.say("CS_SPECIALIST", "record_agreement", items=[new_item(told)])
        assert (told.stage, told.complaint.proceeding) == (S.FULFILLING, None)
        assert told.complaint.agreement
        assert told.complaint.agreement.kind == "settlement_in_proceedings"

    @pytest.mark.requirement("LIT-02", "LIF-03")
    def test_a_suit_may_come_before_everything(self) -> None:
        """Legal leads then, and the classification is made up for."""
        told = life(S.REGISTERED)
        told.say("LEGAL", "file_or_register_suit", filed_by="customer", ground="area")
        assert (told.stage, told.complaint.desk, told.complaint.lead) == (S.LITIGATING, "legal", "LEGAL")
        told.say("CS_SPECIALIST", "classify", type="LEGAL", cause="SALES", severity="simple")
        assert (told.stage, told.opened("classify_hours").state) == (S.LITIGATING, "met")
        assert "handling_days" not in told.names()
        told.say("LEGAL", "record_judgment", outcome="dismissed").say("LEGAL", "submit_review")
        assert told.stage == S.CLOSING_REVIEW

    @pytest.mark.requirement("CLO-07")
    def test_nothing_is_reviewed_that_is_still_owed(self) -> None:
        told = life(S.FULFILLING)
        assert told.tried("PROJECT_MANAGER", "submit_review").rule == "CLO-07"
        told.say("PROJECT_MANAGER", "carry_over_item", item="A1", due=told.at + _MONTH, reason="parts")
        told.say("PROJECT_MANAGER", "submit_review")

    @pytest.mark.requirement("CLO-07", "FUV-09")
    def test_nothing_is_filed_before_the_visit_or_all_attempts(self) -> None:
        told = life(S.AWAITING_VISIT)
        for attempt in range(3):
            assert told.tried("CS_SPECIALIST", "archive", result="ONE_SIDED").rule == "CLO-07"
            told.say("CS_SPECIALIST", "record_visit_attempt", reached=False)
            assert len(told.complaint.visits) == attempt + 1
        told.say("CS_SPECIALIST", "archive", result="ONE_SIDED")

    @pytest.mark.requirement("CLO-02", "CLO-07")
    def test_silence_follows_two_attempts_on_two_channels(self) -> None:
        told = life(S.FEEDBACK)
        for attempt, channel in ((1, "telephone"), (2, "telephone")):
            told.say("CS_SPECIALIST", "record_feedback", attempt=attempt, channel=channel, reply="none")
            assert told.tried("CS_DIRECTOR", "record_silence", reason="silent").rule == "CLO-02"
        told.say("CS_SPECIALIST", "record_feedback", attempt=3, channel="post", reply="none")
        assert told.say("CS_DIRECTOR", "record_silence", reason="silent").stage == S.AWAITING_VISIT

    @pytest.mark.requirement("CLO-02")
    def test_the_customer_answers_once_a_round_and_staff_may_correct_it(self) -> None:
        told = life(S.FEEDBACK)
        customer = Asker(id="customer")
        unhappy: Fields = {"attempt": 1, "channel": "web_form", "satisfied": False}
        told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", reply="none")
        told.say(customer, "record_feedback", **unhappy)
        for satisfied in (False, True):
            refused = told.tried(customer, "record_feedback", **{**unhappy, "satisfied": satisfied})
            assert (refused.accepted, refused.rule) == (False, "CLO-02")
        told.say("CS_SPECIALIST", "record_feedback", attempt=2, channel="telephone", satisfied=False)
        told = life(S.FEEDBACK, handling=2)
        told.say(customer, "record_feedback", **unhappy)

    @pytest.mark.requirement("LIF-06")
    @pytest.mark.parametrize("result", ["ONE_SIDED", "UNRESOLVED"])
    def test_a_bad_result_opens_a_risk_note(self, result: str) -> None:
        told = life(S.AWAITING_VISIT).say("CS_SPECIALIST", "record_follow_up", satisfied=False)
        assert told.tried("CS_SPECIALIST", "archive", result="BOTH_SATISFIED").rule == "LIF-06"
        told.say("CS_SPECIALIST", "archive", result=result)
        assert told.complaint.tasks["risk_note"].owner == "CS_DIRECTOR"

    @pytest.mark.requirement("LIF-06", "SEC-03")
    def test_with_nothing_left_the_case_is_visited_and_never_counts_as_settled(self) -> None:
        told = life(S.NEGOTIATING, handling=2)
        told.say("LEGAL", "choose_forum", **forum_choice(told)).say(
            "LEGAL", "submit_arbitration", filed_by="company"
        )
        told.say("LEGAL", "record_decision", outcome="so be it").say("PROJECT_MANAGER", "submit_review")
        told.say("MARKETING_MANAGER", "decide_review", decision="approved")
        told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", satisfied=False)
        assert told.stage == S.AWAITING_VISIT
        told.say("CS_SPECIALIST", "record_follow_up", satisfied=True)
        assert told.tried("CS_SPECIALIST", "archive", result="BOTH_SATISFIED").rule == "LIF-06"

    @pytest.mark.requirement("CLS-12")
    def test_outside_responsibility_is_no_way_out(self) -> None:
        told = life(S.INVESTIGATING).say("PROJECT_MANAGER", "set_flag", flag="OUTSIDE_RESPONSIBILITY")
        told.say(
            "PROJECT_MANAGER",
            "confirm_findings",
            root_cause="not ours",
            prevention="none",
            responsibility="outside",
        )
        assert not told.tried("PROJECT_MANAGER", "submit_review").accepted
        assert propose(told).stage == S.SOLUTION_DRAFTED

    @pytest.mark.requirement("CLS-14")
    def test_reclassification_keeps_the_work_and_routes_anew(self) -> None:
        told = lead(life(S.NEGOTIATING), S.NEGOTIATING)
        told.say(
            "CS_SPECIALIST", "reclassify", type="SERVICE", cause="SERVICE", severity="simple", reason="both"
        )
        complaint = told.complaint
        assert (told.stage, complaint.handover) == (S.CLASSIFIED, None)
        assert complaint.findings
        assert complaint.solutions
        assert complaint.rounds
        assert complaint.classification
        assert complaint.classification.type == "SERVICE"
        assert told.opened("assign_hours").state == "open"
