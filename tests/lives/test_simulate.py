"""Whole lives on the rules alone: the sample cases come out as they should, and a case that should not is told so."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import Stage
from domain.hearing import Book
from starter.cases.playing import play
from starter.cases.reading import CasesFile
from starter.cases.shape import Expect
from tests.lives.samples import IDS, NOW, SAMPLES, Reports, ran_out, received, refusals, sample


def follows(route: tuple[Stage, ...], stage: Stage) -> Stage:
    return route[route.index(stage) + 1]


class TestSamples:
    @pytest.mark.parametrize("case_id", IDS)
    @pytest.mark.requirement("LIF-01", "LIF-05")
    def test_lives_as_expected(self, reports: Reports, case_id: str) -> None:
        report = reports[case_id]
        assert report.differences == ()
        assert report.as_expected
        assert report.stage is Stage.ARCHIVED
        assert report.result is not None

    @pytest.mark.parametrize("case_id", IDS)
    def test_lives_along_its_route_by_the_plain_script(self, book: Book, case_id: str) -> None:
        case = sample(case_id)
        bare = case.model_copy(update={"steps": (), "expect": Expect(final_state=Stage.ARCHIVED)})
        (report,) = play(CasesFile((bare,)), now=NOW, book=book)
        assert report.differences == ()
        assert report.route == case.expected.route

    @pytest.mark.requirement("INT-04")
    def test_numbers_are_given_in_order_within_the_year(self, reports: Reports) -> None:
        assert [report.number for report in reports.values()] == [f"2026-{n:06d}" for n in range(1, 25)]

    @pytest.mark.requirement("INT-04")
    def test_the_year_of_a_number_is_that_of_the_company(self, book: Book) -> None:
        eve = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # past midnight in Shanghai
        days = (eve - timedelta(hours=1), eve, eve + timedelta(hours=1))
        cases = [
            sample("SC-01").model_copy(update={"id": f"X{place}", "received_at": day, "steps": ()})
            for place, day in enumerate(days)
        ]
        numbers = [report.number for report in play(CasesFile(tuple(cases)), now=NOW, book=book)]
        assert numbers == ["2025-000001", "2026-000001", "2026-000002"]

    @pytest.mark.requirement("LIF-02")
    def test_the_ladder_is_climbed_rung_by_rung(self, reports: Reports) -> None:
        rungs = [Stage.NEGOTIATING, Stage.MEDIATING, Stage.ARBITRATING, Stage.LITIGATING, Stage.FULFILLING]
        assert [stage for stage in reports["SC-12"].route if stage in rungs] == rungs

    @pytest.mark.requirement("SLA-01")
    def test_a_first_response_that_is_missing_is_told_to_the_head_and_then_the_leading_group(
        self, reports: Reports
    ) -> None:
        (fired,) = ran_out(reports["SC-07"], "first_response_hours")
        after = [(level.at - received("SC-07"), level.to) for level in fired.levels]
        assert after == [
            (timedelta(hours=24), ("OWNER", "DEPARTMENT_HEAD")),
            (timedelta(hours=36), ("LEADING_GROUP",)),
        ]

    @pytest.mark.requirement("SLA-01")
    def test_an_answer_entered_late_meets_the_deadline_and_the_firing_stays_on_record(
        self, reports: Reports
    ) -> None:
        (fired,) = ran_out(reports["SC-08"], "first_response_hours")
        assert fired.at - received("SC-08") == timedelta(hours=24)
        assert "first_response_hours" in reports["SC-08"].met

    @pytest.mark.requirement("SLA-05", "SLA-10")
    def test_a_promise_moved_in_time_is_extended_and_one_moved_too_late_is_broken(
        self, reports: Reports
    ) -> None:
        assert reports["SC-07"].promises == {"P1": "EXTENDED", "P2": "KEPT"}
        assert reports["SC-16"].promises == {"P1": "BROKEN", "P2": "KEPT"}
        (fired,) = ran_out(reports["SC-16"], "promise_due/P1")
        assert fired.to == ("OWNER", "DEPARTMENT_HEAD", "CS_DIRECTOR")

    @pytest.mark.requirement("INV-03")
    def test_nobody_investigates_themself(self, reports: Reports) -> None:
        assert refusals(reports["SC-05"])["confirm_findings"] == "INV-03"

    @pytest.mark.requirement("INV-04")
    def test_legal_alone_confirms_what_was_found_about_a_contract(self, reports: Reports) -> None:
        assert refusals(reports["SC-01"])["confirm_findings"] == "INV-04"

    @pytest.mark.requirement("INV-12", "LIF-09", "LEG-01")
    def test_contributions_help_and_opinions_are_tasks_with_a_due_time(self, reports: Reports) -> None:
        assert "contribution/C1" in reports["SC-01"].met
        assert "help/H1" in reports["SC-19"].met
        assert "legal_opinion_days/O1" in reports["SC-12"].met

    @pytest.mark.requirement("CLS-12")
    def test_outside_responsibility_is_no_way_out(self, reports: Reports) -> None:
        assert "submit_review" in refusals(reports["SC-20"])
        assert follows(reports["SC-20"].route, Stage.INVESTIGATING) is Stage.SOLUTION_DRAFTED

    @pytest.mark.requirement("NEG-03")
    def test_rounds_are_counted_and_the_last_allowed_one_is_told(self, reports: Reports) -> None:
        assert reports["SC-02"].negotiation_rounds == (2,)
        assert ran_out(reports["SC-02"], "negotiation_rounds") == []
        (fired,) = ran_out(reports["SC-03"], "negotiation_rounds")
        assert fired.at - received("SC-03") == timedelta(days=10, hours=5)

    @pytest.mark.requirement("NEG-06", "NEG-07")
    def test_offers_are_approved_by_amount_and_beyond_the_limit_of_the_case_by_the_leading_group(
        self, reports: Reports
    ) -> None:
        above_finance = reports["SC-13"].refused
        assert [(step.action, step.rule) for step in above_finance] == [
            ("approve_offer", "NEG-07"),
            ("record_round", "NEG-07"),
        ]
        assert refusals(reports["SC-16"])["approve_offer"] == "NEG-06"
        assert refusals(reports["SC-03"])["approve_offer"] == "NEG-07"

    @pytest.mark.requirement("MED-04")
    def test_both_consents_come_before_the_first_session(self, reports: Reports) -> None:
        assert refusals(reports["SC-03"])["record_session"] == "MED-04"
        assert "consent_days" in reports["SC-03"].met

    @pytest.mark.requirement("MED-06")
    def test_mediation_ends_in_fulfilment_or_in_the_choice_of_a_forum(self, reports: Reports) -> None:
        after = {case: follows(reports[case].route, Stage.MEDIATING) for case in ("SC-03", "SC-04", "SC-20")}
        assert after == {"SC-03": Stage.FULFILLING, "SC-04": Stage.ARBITRATING, "SC-20": Stage.ARBITRATING}

    @pytest.mark.requirement("ARB-05", "ARB-06")
    def test_an_award_is_performed_and_final(self, reports: Reports) -> None:
        assert reports["SC-18"].route[:4] == ("CLASSIFIED", "ASSIGNED", "ARBITRATING", "FULFILLING")
        assert "item_due/D1" in reports["SC-18"].met
        assert refusals(reports["SC-04"])["file_or_register_suit"] == "ARB-05"

    @pytest.mark.requirement("ARB-05")
    def test_a_decision_that_is_not_accepted_leads_to_court(self, reports: Reports) -> None:
        assert follows(reports["SC-12"].route, Stage.ARBITRATING) is Stage.LITIGATING

    @pytest.mark.requirement("LIT-02", "LIT-05")
    def test_a_suit_may_be_there_from_the_start_and_be_settled(self, reports: Reports) -> None:
        assert reports["SC-17"].route[:4] == ("CLASSIFIED", "ASSIGNED", "LITIGATING", "FULFILLING")
        assert reports["SC-17"].negotiation_rounds == (0,)

    @pytest.mark.requirement("LIT-04")
    def test_legal_releases_what_the_customer_is_told_while_proceedings_run(self, reports: Reports) -> None:
        assert refusals(reports["SC-17"])["record_response"] == "LIT-04"
        assert refusals(reports["SC-04"])["send_progress"] == "LIT-04"

    @pytest.mark.requirement("CLO-01", "CLO-07")
    def test_a_case_is_reviewed_by_another_and_closed_when_all_is_there(self, reports: Reports) -> None:
        refused = refusals(reports["SC-08"])
        assert refused["decide_review"] == "CLO-01"
        assert refused["record_silence"] == "CLO-01"
        assert refused["archive"] == "CLO-07"
        for report in reports.values():
            before = {here for here, there in pairwise(report.route) if there is Stage.FEEDBACK}
            assert before == {Stage.CLOSING_REVIEW}

    @pytest.mark.requirement("SEC-01", "SEC-04", "SEC-05", "CLO-03")
    def test_a_second_handling_is_a_new_round_of_the_same_case_reviewed_by_another(
        self, reports: Reports
    ) -> None:
        report = reports["SC-06"]
        assert (report.handling_rounds, report.negotiation_rounds) == (2, (1, 1))
        assert follows(report.route, Stage.SECOND_HANDLING) is Stage.INVESTIGATING
        assert "second_handling_days" in report.met
        assert refusals(report)["decide_review"] == "SEC-05"

    @pytest.mark.requirement("FUV-01", "FUV-09")
    def test_the_visit_comes_within_a_month_or_after_three_attempts(self, reports: Reports) -> None:
        assert "follow_up_days" in reports["SC-01"].met
        attempts = [step for step in sample("SC-08").steps if step.action == "record_visit_attempt"]
        assert len(attempts) == 3
        assert refusals(reports["SC-08"])["archive"] == "CLO-07"
        assert "follow_up_days" in reports["SC-08"].met

    @pytest.mark.requirement("FUV-05")
    def test_a_dissatisfied_visit_reopens_the_case(self, reports: Reports) -> None:
        assert follows(reports["SC-09"].route, Stage.AWAITING_VISIT) is Stage.SECOND_HANDLING

    def test_the_three_results(self, reports: Reports) -> None:
        results = [report.result for report in reports.values()]
        assert {result: results.count(result) for result in set(results)} == {
            "BOTH_SATISFIED": 18,
            "ONE_SIDED": 5,
            "UNRESOLVED": 1,
        }


class TestDisorder:
    """Whatever is said, by whomever, in whatever order, gets an answer, and something waits until the end."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_a_jumbled_life_is_ruled_on(self, book: Book, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(SAMPLES.cases), label="case")
        others = [step for other in SAMPLES.cases for step in other.steps]
        people = sorted({step.by for step in others}, key=lambda sayer: sayer.id)
        steps = list(case.steps)
        for place in data.draw(st.lists(st.integers(0, len(steps) - 1), max_size=12), label="places"):
            at, by = steps[place].at, data.draw(st.sampled_from(people))
            foreign = data.draw(st.sampled_from(others)).model_copy(update={"at": at, "by": by})
            late = at + timedelta(seconds=data.draw(st.integers(0, 60 * 86_400)))
            steps[place : place + data.draw(st.integers(0, 1))] = [
                foreign,
                steps[place].model_copy(update={"at": late}),
            ]
        (report,) = play(CasesFile((case.model_copy(update={"steps": tuple(steps)}),)), now=NOW, book=book)
        assert report.stage is not None
        assert len({step.step for step in report.refused}) == len(report.refused)
        assert sorted(report.fired, key=lambda fired: (fired.at, fired.name)) == list(report.fired)
