"""What is reported of a case: what got in, what was refused, and every difference from what was expected."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.codes import Stage
from domain.hearing import Book
from starter.cases.playing import play
from starter.cases.reading import CasesFile, read_cases
from starter.cases.report import CaseReport, unlike
from starter.cases.table import as_json, render
from tests.lives.samples import NOW, Reports, received, sample


class TestDifferences:
    """Every expectation that is wrong is told, as a sentence."""

    @pytest.fixture
    def told(self, book: Book) -> Callable[[str, str], list[str]]:
        def tell(case_id: str, expect: str) -> list[str]:
            case = sample(case_id)
            text = f"id: X\nreceived_at: {case.received_at.isoformat()}\nexpect: {{{expect}}}"
            wanted = read_cases(text).cases[0].expect
            (report,) = play(CasesFile((case.model_copy(update={"expect": wanted}),)), now=NOW, book=book)
            assert report.as_expected is not bool(report.differences)
            return list(report.differences)

        return tell

    @pytest.mark.parametrize(
        ("case_id", "expect", "sentence"),
        [
            ("SC-01", "final_state: FEEDBACK", "the case should end in FEEDBACK and ended in ARCHIVED"),
            ("SC-01", "handling_rounds: 2", "there should be 2 handling rounds and there were 1"),
            ("SC-06", "negotiation_rounds: [1, 2]", "each handling round should be 1, 2 and were 1, 1"),
            ("SC-07", "promises: {P1: KEPT}", "promise P1 should be KEPT and is EXTENDED"),
            ("SC-07", "promises: {P9: KEPT}", "promise P9 should be KEPT and was never made"),
            ("SC-01", "met: [reply_days]", "reply_days should have been met and was not"),
            ("SC-07", "fired: []", "first_response_hours ran out at 1d, which was not expected"),
            (
                "SC-07",
                "fired: [{name: first_response_hours, at: 25h}]",
                "first_response_hours should have run out at 1d1h and ran out at 1d",
            ),
            (
                "SC-07",
                "fired: [{name: first_response_hours, at: 1d1m..2d}]",
                "should have run out between 1d1m and 2d and ran out at 1d",
            ),
            (
                "SC-07",
                "fired: [{name: first_response_hours, at: 1d, to: [OWNER]}]",
                "should be told to OWNER and was told to DEPARTMENT_HEAD, OWNER",
            ),
            (
                "SC-07",
                "fired: [{name: first_response_hours, at: 1d, then: [TOP_LEADER]}]",
                "should then be told to TOP_LEADER and was told to LEADING_GROUP",
            ),
            ("SC-01", "fired: [{name: inv_days, at: 3d}]", "inv_days should have run out at 3d and did not"),
            (
                "SC-08",
                "fired: [{name: feedback_days, at: 21d1h}], may_fire: [first_response_hours]",
                "feedback_days ran out at 28d1h, which was not expected",
            ),
            ("SC-01", "input: refused", "the case should not have got in, but it was accepted"),
        ],
    )
    def test_is_told(
        self, told: Callable[[str, str], list[str]], case_id: str, expect: str, sentence: str
    ) -> None:
        (difference,) = told(case_id, expect)
        assert sentence in difference

    @pytest.mark.parametrize(
        ("case_id", "expect"),
        [
            ("SC-01", ""),
            ("SC-07", "fired: [], may_fire: [first_response_hours]"),
            ("SC-07", "fired: [{name: first_response_hours, at: 23h..25h}]"),
            ("SC-07", "fired: [{name: first_response_hours, to: [DEPARTMENT_HEAD, OWNER, OWNER]}]"),
            ("SC-07", "fired: [{name: first_response_hours}, {name: progress_days, at: 3d}]"),
            (
                "SC-08",
                "fired: [{name: feedback_days, at: 28d1h}, {name: feedback_days, at: 21d1h}, {name: first_response_hours}]",
            ),
            ("SC-08", "met: [], promises: {}"),
        ],
    )
    def test_is_none(self, told: Callable[[str, str], list[str]], case_id: str, expect: str) -> None:
        assert told(case_id, expect) == []


HEAD = """
  received_at: 2026-03-02T09:20:00+08:00
  channel: telephone
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
"""


def played(text: str, *, now: datetime = NOW) -> list[CaseReport]:
    return play(read_cases(text), now=now)


def a_case(case_id: str = "A", more: str = "", *, text: str = "没有人回电话") -> str:
    return f"- id: {case_id}{HEAD}  text_zh: '{text}'\n{more}"


class TestWhatGetsIn:
    @pytest.mark.parametrize(
        ("before", "after", "sentence"),
        [
            ("channel: telephone", "channel: pigeon", "channel: Input should be 'telephone'"),
            ("+08:00", "", "received_at: '2026-03-02T09:20:00' has no zone"),
            ("2026-03-02T09:20:00+08:00", "2026-09-01T00:05:01Z", "received_at: lies in the future"),
            (
                "2026-03-02T09:20:00+08:00",
                "2016-08-30T00:00:00Z",
                "received_at: lies more than ten years back",
            ),
            ("  text_zh: '没有人回电话'\n", "", "text: Field required"),
            ("name: 林女士, ", "", "customer.name: Field required"),
            (", contact: 000-0000-0001", "", "customer.contact: Field required"),
            ("  place: {project: 示例·锦澜苑}\n", "", "place: Field required"),
            ("没有人回电话", "", "text: must not be empty"),
            ("'没有人回电话'", '"a\\0b"', "text: control characters"),
            ("没有人回电话", "长" * 100_001, "text: has 100001 characters, at most 100000 are accepted"),
            ("000-0000-0001", "0" * 201, "customer.contact: has 201 characters, at most 200 are accepted"),
            ("示例·锦澜苑", "示" * 1_001, "place.project: has 1001 characters"),
            ("  channel", "  policy: {negotiation_days: soon}\n  channel", "negotiation_days"),
            ("  channel", "  policy: {happiness: 1}\n  channel", "happiness: no such policy key"),
        ],
    )
    @pytest.mark.requirement("INT-03")
    def test_bad_input_is_turned_away_with_one_sentence(self, before: str, after: str, sentence: str) -> None:
        good = a_case()
        assert before in good
        (report,) = played(good.replace(before, after))
        assert (report.input, report.as_expected, report.number) == ("refused", False, None)
        assert sentence in (report.input_reason or "")
        (meant,) = played(good.replace(before, after) + "  expect: {input: refused}\n")
        assert (meant.input, meant.as_expected, meant.differences) == ("refused", True, ())

    @pytest.mark.parametrize("text", ["长" * 100_000, "😀 مرحبا \u200b", "line one\tand more"])
    def test_long_and_unusual_words_get_in(self, text: str) -> None:
        assert [report.input for report in played(a_case(text=text))] == ["accepted"]

    def test_a_receipt_may_lie_five_minutes_ahead(self) -> None:
        now = datetime(2026, 3, 2, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert [report.input for report in played(a_case(), now=now)] == ["accepted"]

    def test_the_same_external_id_is_the_same_complaint_and_other_words_are_refused(self) -> None:
        external = "  external_id: hotline-778812\n"
        same = a_case("A", external) + a_case("B", external) + a_case("C", external, text="另一件事")
        first, again, other = played(same)
        assert first.number == again.number == "2026-000001"
        assert (other.input, other.number) == ("refused", None)
        assert "came in with other content as A (2026-000001)" in (other.input_reason or "")

    def test_a_case_that_cannot_be_read_gets_a_report_and_leaves_the_others(self) -> None:
        broken = "- id: B\n  received_at: [\n"
        first, second, third = played(a_case("A") + broken + a_case("C"))
        assert (first.input, third.input) == ("accepted", "accepted")
        assert (second.id, second.input, second.as_expected) == ("B", "refused", False)
        assert "cannot be read as YAML" in second.differences[0]


STEPS = """  steps:
    - {at: 0h, by: CS_SPECIALIST, action: register}
    - {at: 1h, by: CS_SPECIALIST, action: classify, with: {type: SERVICE, cause: SALES, severity: simple}}
"""


class TestSteps:
    def test_a_refusal_that_was_not_meant_is_a_difference(self) -> None:
        (report,) = played(
            a_case("A", STEPS + "    - {at: 2h, by: LEGAL, action: archive, with: {result: ONE_SIDED}}\n")
        )
        (difference,) = report.differences
        assert difference.startswith("step 3 (archive at 2h) was refused: ")
        assert [step.step for step in report.refused] == [3]

    def test_a_refusal_that_was_meant_and_did_not_come_is_a_difference(self) -> None:
        step = "    - {at: 2h, by: CS_SPECIALIST, action: add_note, with: {text: x}, expect_step: refused}\n"
        (report,) = played(a_case("A", STEPS + step))
        assert report.differences == ("step 3 (add_note at 2h) should have been refused and was accepted",)

    def test_an_optional_step_may_be_refused(self) -> None:
        (report,) = played(
            a_case("A", STEPS + "    - {at: 2h, by: LEGAL, action: accept_handover, optional: true}\n")
        )
        assert report.as_expected
        assert [step.step for step in report.refused] == [3]

    @pytest.mark.parametrize(
        ("step", "sentence"),
        [
            ("action: sing", "kind: 'sing' is not a command"),
            ("action: hold, with: {reason: x, waiting_for: customer}", "hold: until: Field required."),
            ("action: hold, with: {reason: x, waiting_for: customer, until: 2w}", "hold: until"),
        ],
    )
    def test_a_command_that_cannot_be_understood_is_a_refused_step(self, step: str, sentence: str) -> None:
        (report,) = played(
            a_case("A", STEPS + f"    - {{at: 2h, by: CS_SPECIALIST, {step}, expect_step: refused}}\n")
        )
        assert report.as_expected
        assert report.refused[0].reason.startswith(sentence)

    def test_steps_are_played_in_time_and_equal_ones_as_listed(self) -> None:
        late = "    - {at: 30m, by: CS_SPECIALIST, action: add_note, with: {text: x}}\n"
        twice = (
            "    - {at: 1h, by: CS_SPECIALIST, action: assign, with: {department: sales, lead: SALES_HEAD}}\n"
        )
        (report,) = played(a_case("A", STEPS + late + twice))
        assert report.refused == ()
        assert report.stage is Stage.ASSIGNED

    def test_the_run_ends_at_the_last_step(self) -> None:
        (report,) = played(a_case("A", STEPS))
        assert (report.stage, report.fired) == (Stage.CLASSIFIED, ())
        assert all(warning.at <= received("SC-01") + timedelta(hours=1) for warning in report.warned)

    def test_type_and_cause_and_route_are_compared(self) -> None:
        expected = (
            "  expected: {type: PRODUCT, cause: DESIGN, route: [CLASSIFIED, ASSIGNED], result: ONE_SIDED}\n"
        )
        (report,) = played(a_case("A", STEPS + expected))
        assert report.differences == (
            "the type should be PRODUCT and is SERVICE",
            "the cause should be DESIGN and is SALES",
            "the route should be CLASSIFIED, ASSIGNED and was CLASSIFIED",
            "the result should be ONE_SIDED and is not set",
        )

    def test_a_duplicate_names_a_case_that_was_opened_before(self) -> None:
        link = "    - {at: 2h, by: CS_SPECIALIST, action: link_duplicate, with: {of: A, reason: 同一件事}}\n"
        first, second = played(a_case("B", "  needs: [A]\n" + STEPS + link) + a_case("A"))
        assert (first.stage, first.number) == (Stage.DUPLICATE, "2026-000002")
        assert (second.stage, second.number) == (Stage.REGISTERED, "2026-000001")

    def test_the_policy_and_the_calendar_of_a_case_are_its_own(self) -> None:
        shorter = "  policy: {first_response_hours: 3}\n"
        wait = "    - {at: 4h, by: CS_SPECIALIST, action: add_note, with: {text: x}}\n"
        own, others = played(a_case("A", shorter + STEPS + wait) + a_case("B", STEPS + wait))
        assert [(fired.name, fired.at - received("SC-01")) for fired in own.fired] == [
            ("first_response_hours", timedelta(hours=3))
        ]
        assert others.fired == ()

    def test_the_customer_speaks_by_link(self) -> None:
        step = "    - {at: 2h, by: CUSTOMER, action: mark_withdrawn, with: {reason: 已解决}}\n"
        (report,) = played(a_case("A", STEPS + step))
        assert report.stage is Stage.WITHDRAWN


class TestTwoReports:
    def test_agree_to_the_minute(self, reports: Reports) -> None:
        one = reports["SC-07"]
        assert unlike(one, moved(one, timedelta(seconds=20))) == []
        assert unlike(one, moved(one, timedelta(seconds=60))) == ["fired"]
        assert unlike(one, one.model_copy(update={"number": "2026-000099"})) == []
        assert unlike(one, reports["SC-08"]) != []

    def test_agree_on_what_was_refused_and_not_on_the_words(self, reports: Reports) -> None:
        one = reports["SC-05"]
        words = tuple(step.model_copy(update={"reason": "otherwise"}) for step in one.refused)
        assert unlike(one, one.model_copy(update={"refused": words})) == []
        assert unlike(one, one.model_copy(update={"refused": ()})) == ["refused"]


def moved(report: CaseReport, span: timedelta) -> CaseReport:
    fired = tuple(entry.model_copy(update={"at": entry.at + span}) for entry in report.fired)
    return report.model_copy(update={"fired": fired})


class TestOutput:
    def test_json_has_the_keys_of_the_contract(self, reports: Reports) -> None:
        (first, *_) = json.loads(as_json(list(reports.values())))
        assert list(first) == [
            "id", "number", "input", "input_reason", "stage", "result", "route", "handling_rounds",
            "negotiation_rounds", "promises", "fired", "warned", "met", "refused", "differences", "as_expected",
        ]  # fmt: skip

    def test_instants_in_json_have_their_zone(self, reports: Reports) -> None:
        (report,) = json.loads(as_json([reports["SC-07"]]))
        assert datetime.fromisoformat(report["fired"][0]["at"]) - received("SC-07") == timedelta(days=1)
        assert report["fired"][0]["levels"][1]["to"] == ["LEADING_GROUP"]

    def test_the_table_has_a_row_for_each_case_and_obeys_no_control_character(self, reports: Reports) -> None:
        odd = CaseReport(id="\x1b[31mX", differences=("[red]no[/] \u202e",), as_expected=False)
        table = render([*reports.values(), odd])
        assert table.row_count == 25
        assert table.caption == "24 of 25 as expected"
        assert str(list(table.columns[0].cells)[-1]) == "\\x1b[31mX"
        assert str(list(table.columns[6].cells)[-1]) == "no\n[red]no[/] \\u202e"
