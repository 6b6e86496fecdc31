"""The cases file: what is read, what is said about what cannot be, and that one bad case leaves the others alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.codes import Role
from domain.commands import said
from starter.cases.durations import format_duration, parse_duration, parse_instant, parse_range
from starter.cases.reading import MAX_BYTES, SAMPLES, CasesFile, CasesFileError, load_cases, read_cases
from starter.cases.shape import Case

RECEIPT = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
HEAD = "received_at: 2026-03-02T09:20:00Z"


def the_fault(text: str) -> str:
    """The only fault of a text, as the sentence a person reads."""
    (fault,) = read_cases(text).faults
    return str(fault)


def the_case(text: str) -> Case:
    file = read_cases(text)
    assert not file.faults, file.faults
    (case,) = file.cases
    return case


def with_step(step: str) -> str:
    return f"- id: A\n  {HEAD}\n  steps:\n    - {step}\n"


@pytest.fixture(scope="module")
def samples() -> CasesFile:
    return load_cases()


class TestSamples:
    def test_all_are_read_and_nothing_in_them_is_unknown(self, samples: CasesFile) -> None:
        assert [case.id for case in samples.cases] == [f"SC-{number:02d}" for number in range(1, 25)]
        assert samples.faults == ()
        assert samples.ignored == {}

    def test_every_case_is_found_on_its_line(self, samples: CasesFile) -> None:
        lines = SAMPLES.read_text(encoding="utf-8").split("\n")
        for case in samples.cases:
            assert lines[case.first_line - 1].startswith(f"- id: {case.id}")

    def test_every_step_is_a_command_unless_its_refusal_is_meant(self, samples: CasesFile) -> None:
        for case in samples.cases:
            for step in case.steps:
                if step.expect_step is None:
                    assert said(step.action, step.by.id, step.fields).kind == step.action

    def test_instants_within_commands_count_from_receipt(self, samples: CasesFile) -> None:
        cases = {case.id: case for case in samples.cases}
        limitation = cases["SC-20"].steps[5]
        assert limitation.fields["due"] - cases["SC-20"].received_at == timedelta(days=1092)
        assert limitation.fields["from"] - cases["SC-20"].received_at == timedelta(days=-3)
        agreement = next(step for step in cases["SC-05"].steps if step.action == "record_agreement")
        dues = [item["due"] - cases["SC-05"].received_at for item in agreement.fields["items"]]
        assert dues == [timedelta(days=6), timedelta(days=9)]

    def test_a_role_that_is_asked_is_no_instant(self, samples: CasesFile) -> None:
        request = next(step for step in samples.cases[0].steps if step.action == "request_contribution")
        assert request.fields["from"] == "SALES_STAFF"

    def test_numbers_where_words_belong_are_words(self, samples: CasesFile) -> None:
        assert {case.id: case for case in samples.cases}["SC-20"].submission["place"]["unit"] == "906"


class TestForms:
    def test_a_list_a_single_mapping_json_and_markdown_say_the_same(self) -> None:
        single = f"id: A\n{HEAD}\nchannel: post"
        written = [
            single,
            f"- id: A\n  {HEAD}\n  channel: post",
            '[{"id": "A", "received_at": "2026-03-02T09:20:00Z", "channel": "post"}]',
            f"# Cases\n\n```yaml\n{single}\n```\n\n```python\nid = 7\n```\n",
            f"# Cases\n\n~~~~yml\n{single}\n~~~~\n",
            f"\ufeff{single}\r\n",
        ]
        assert len({the_case(text).model_dump_json(exclude={"first_line"}) for text in written}) == 1

    def test_several_documents_and_a_fence_left_open(self) -> None:
        assert [case.id for case in read_cases(f"id: A\n{HEAD}\n---\n- id: B\n  {HEAD}\n").cases] == [
            "A",
            "B",
        ]
        assert the_case(f"```yaml\nid: A\n{HEAD}\n").id == "A"

    def test_money_and_codes_keep_their_digits(self) -> None:
        step = "{at: 1h, by: FINANCE, action: record_payment, with: {item: A1, amount: 5000.10, reference: 0712}}"
        fields = the_case(with_step(step)).steps[0].fields
        assert (fields["amount"], fields["reference"]) == ("5000.10", "0712")

    def test_people(self) -> None:
        steps = "".join(
            f"    - {{at: 0h, by: '{by}', action: register}}\n"
            for by in ("CS_SPECIALIST", "LEGAL/2", "CUSTOMER", "feed:hotline")
        )
        sayers = [step.by for step in the_case(f"- id: A\n  {HEAD}\n  steps:\n{steps}").steps]
        assert [(sayer.id, sayer.role) for sayer in sayers] == [
            ("cs_specialist-1", Role.CS_SPECIALIST),
            ("legal-2", Role.LEGAL),
            ("customer", None),
            ("feed:hotline", None),
        ]

    def test_what_is_not_played_yet_is_kept(self) -> None:
        case = the_case(
            f"id: A\n{HEAD}\nthen: [{{channel: post}}]\nattachments: [a.jpg]\ngroup_expect: {{phases: [LATENT]}}\n"
            "group_steps: [{at: 0h, by: DUTY_LEADER, action: open_group}]"
        )
        assert case.then == [{"channel": "post"}]
        assert case.submission["attachments"] == ["a.jpg"]
        assert case.group_steps[0]["action"] == "open_group"
        assert case.group_expect == {"phases": ["LATENT"]}

    def test_unknown_keys_are_ignored_and_listed(self) -> None:
        file = read_cases(
            f"id: A\n{HEAD}\nmood: bad\nplace: {{project: P, floor: 3}}\nexpect: {{luck: 1, fired: [{{name: x, by: 1}}]}}\n"
            "steps: [{at: 0h, by: LEGAL, action: register, note: x}]"
        )
        assert file.faults == ()
        ignored = {"mood", "place.floor", "expect.luck", "expect.fired.0.by", "steps.0.note"}
        assert set(file.ignored["A"]) == ignored
        assert file.cases[0].submission["place"] == {"project": "P"}


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("0h", 0), ("1d", 86_400), ("1d2h3m4s", 93_784), ("-3d", -259_200), ("90m", 5_400), ("0d0h5s", 5)],
    )
    def test_read_and_written_back(self, text: str, seconds: int) -> None:
        span = parse_duration(text)
        assert span == timedelta(seconds=seconds)
        assert parse_duration(format_duration(span)) == span

    @pytest.mark.parametrize(
        "text", ["", "-", "d", "1", "1w", "2h1d", "1.5h", "+1d", "1d ", " 1d", "١d", "1d-2h"]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert parse_duration(text) is None

    def test_rfc_3339_needs_its_zone(self) -> None:
        assert parse_instant("2026-03-02T17:20:00+08:00", RECEIPT) == RECEIPT
        assert parse_instant("2026-03-02t09:20:00.5z", RECEIPT) == RECEIPT + timedelta(seconds=0.5)
        with pytest.raises(ValueError, match="has no zone"):
            parse_instant("2026-03-02T09:20:00", RECEIPT)
        with pytest.raises(ValueError, match="no instant"):
            parse_instant("2026-02-30T09:20:00Z", RECEIPT)

    def test_an_instant_beyond_the_calendar_is_refused(self) -> None:
        for text in ("9999999d", "-9999999d", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59Z"):
            with pytest.raises(ValueError, match="outside the years 1900 to 2999"):
                parse_instant(text, RECEIPT)

    def test_ranges(self) -> None:
        assert parse_range("1d..1d2h", RECEIPT) == (
            RECEIPT + timedelta(days=1),
            RECEIPT + timedelta(hours=26),
        )
        with pytest.raises(ValueError, match="ends before"):
            parse_range("2d..1d", RECEIPT)


class TestFaults:
    @pytest.mark.parametrize(
        ("step", "sentence"),
        [
            ("{by: LEGAL, action: register}", "A, line 4, steps.0.at: is missing"),
            ("{at: 1h, action: register}", "A, line 4, steps.0.by: is missing"),
            ("{at: 1h, by: LEGAL}", "A, line 4, steps.0.action: is missing"),
            (
                "{at: 3x, by: LEGAL, action: register}",
                "steps.0.at: '3x' is no instant; accepted is a duration",
            ),
            ("{at: 3, by: LEGAL, action: register}", "steps.0.at: 3 is no instant; accepted is a duration"),
            (
                "{at: -1h, by: LEGAL, action: register}",
                "nothing can be said before the complaint is received",
            ),
            ("{at: 2026-03-02T10:00:00, by: LEGAL, action: register}", "'2026-03-02T10:00:00' has no zone"),
            ("{at: 1h, by: LEGL, action: register}", "steps.0.by: 'LEGL' is no role; did you mean LEGAL?"),
            ("{at: 1h, by: 'feed:calendar', action: register}", "'feed:calendar' is no role"),
            ("{at: 1h, by: LEGAL/0, action: register}", "'LEGAL/0' is no role"),
            ("{at: 1h, by: LEGAL, action: clasify}", "'clasify' is no action; did you mean classify?"),
            ("{at: 1h, by: LEGAL, action: deadline_passed}", "'deadline_passed' is no action"),
            ("{at: 1h, by: LEGAL, action: register, with: 7}", "must be a mapping"),
            ("{at: 1h, by: LEGAL, action: register, expect_step: maybe}", "expect_step"),
            (
                "{at: 1h, by: LEGAL, action: plan_visit, with: {appointment: 2w}}",
                "appointment: '2w' is no instant",
            ),
            (
                "{at: 1h, by: LEGAL, action: plan_visit, with: {appointment: 7}}",
                "appointment: 7 is no instant",
            ),
            (
                "{at: 1h, by: LEGAL, action: record_agreement, with: {items: [{due: soon}]}}",
                "items.0.due: 'soon'",
            ),
            ("register", "steps.0: must be a mapping"),
        ],
    )
    def test_a_bad_step_names_case_line_field_and_what_is_accepted(self, step: str, sentence: str) -> None:
        assert sentence in the_fault(with_step(step))

    def test_what_is_meant_to_be_refused_is_left_to_the_rules(self) -> None:
        step = "{at: 1h, by: LEGAL, action: sing, with: {until: 2w}, expect_step: refused}"
        assert the_case(with_step(step)).steps[0].action == "sing"

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("received_at: 2026-03-02T09:20:00", "A, line 2, received_at: '2026-03-02T09:20:00' has no zone"),
            ("received_at: 1d", "received_at: '1d' is no instant; accepted is RFC 3339"),
            ("received_at: 2026-03-02", "received_at: '2026-03-02' is no instant"),
            ("title: x", "A, line 1, received_at: is missing"),
            (f"{HEAD}\n  steps: 5", "A, line 3, steps: must be a list"),
            (
                f"{HEAD}\n  expect: {{final_state: HAPPY}}",
                "A, line 3, expect.final_state: Input should be 'REGISTERED'",
            ),
            (f"{HEAD}\n  expect: {{promises: {{P1: LOST}}}}", "expect.promises.P1: Input should be 'KEPT'"),
            (f"{HEAD}\n  expect: {{fired: [{{at: 1d}}]}}", "expect.fired.0.name: is missing"),
            (
                f"{HEAD}\n  expect: {{fired: [{{name: x, at: 3d..1d}}]}}",
                "the range '3d..1d' ends before it begins",
            ),
            (f"{HEAD}\n  calendar: {{2026-13-01: workday}}", "calendar"),
            (f"{HEAD}\n  calendar: {{2026-10-01: feast}}", "Input should be 'workday' or 'holiday'"),
            (f"{HEAD}\n  needs: [B]", "A, line 1, needs: no case 'B' in this file"),
            (f"{HEAD}\n  needs: [A]", "in a circle"),
        ],
    )
    def test_a_bad_case_names_its_line_and_field(self, line: str, sentence: str) -> None:
        assert sentence in the_fault(f"- id: A\n  {line}\n")

    def test_every_fault_of_a_case_is_told_at_once(self) -> None:
        file = read_cases(with_step("{at: 3x, by: NOBODY, action: sing}"))
        assert [fault.field for fault in file.faults] == ["steps.0.at", "steps.0.by", "steps.0.action"]

    def test_two_cases_with_one_id(self) -> None:
        file = read_cases(f"- id: A\n  {HEAD}\n- id: A\n  {HEAD}\n")
        assert [case.first_line for case in file.cases] == [1]
        assert str(file.faults[0]).startswith("A, line 3, id: another case of this file has the same id")

    def test_a_circle_of_needs_leaves_the_others(self) -> None:
        file = read_cases(
            f"- {{id: A, needs: [B], {HEAD}}}\n- {{id: B, needs: [A], {HEAD}}}\n- {{id: C, {HEAD}}}\n"
        )
        assert [case.id for case in file.cases] == ["C"]
        assert {fault.field for fault in file.faults} == {"needs"}


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("broken", "sentence"),
        [
            ("- id: B\n  steps: [1", "B, line"),
            ("- id: B\n  id: C", "B, line 4: cannot be read as YAML: the key 'id' stands twice"),
            ("- id: B\n  x: !!python/object/apply:os.system [true]", "B, line 4: cannot be read as YAML"),
            ("- id: B\n  x: &x [*x]", "an alias refers to itself"),
            ("- id: B\n  x: *nobody", "undefined alias"),
            ("- id: B\n  x: a\x01b", "control characters are not accepted"),
            ('- id: B\n  x: "\\ud800"', "invalid Unicode"),
            ("- id: B\n\tx: 1", "B, line"),
            ("- just words", "item 2, line 3: is no case"),
            ("- 7", "item 2, line 3: is no case"),
            ("-", "item 2, line 3: is no case"),
            ("- {x: 1}", "item 2, line 3: is no case"),
        ],
    )
    def test_a_broken_case_leaves_the_others(self, broken: str, sentence: str) -> None:
        file = read_cases(f"- id: A\n  {HEAD}\n{broken}\n- id: Z\n  {HEAD}\n")
        assert [case.id for case in file.cases] == ["A", "Z"]
        assert sentence in str(file.faults[0])

    def test_a_broken_block_of_a_markdown_file_leaves_the_others(self) -> None:
        file = read_cases(f"```yaml\n- id: A\n  x: [\n```\n\n```yaml\n- id: B\n  {HEAD}\n```\n")
        assert [case.id for case in file.cases] == ["B"]
        assert "A, line" in str(file.faults[0])

    @pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
    def test_nesting_without_end_is_refused_quickly(self, bracket: str) -> None:
        assert "nested 40 levels deep" in the_fault(
            f"id: A\nx: {bracket * 100_000}" if bracket != "- " else bracket * 100
        )

    def test_aliases_that_blow_up_are_refused(self) -> None:
        lines = ["id: A", "x0: &x0 [1, 1]"]
        lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 12)]
        assert "aliases counted as used" in the_fault("\n".join(lines))

    @pytest.mark.parametrize("data", [b"", b"# nothing\n", b"```yaml\n```\n"])
    def test_a_file_without_cases(self, data: bytes) -> None:
        with pytest.raises(CasesFileError, match="holds no case"):
            read_cases(data)

    def test_a_text_of_another_kind(self) -> None:
        assert "is no case" in the_fault("# A title\n\nand words\n")

    def test_a_file_that_is_no_text(self) -> None:
        with pytest.raises(CasesFileError, match="is not UTF-8 text"):
            read_cases(b"\xff\xfe\x00i\x00d")

    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        large = tmp_path / "large.yaml"
        with large.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
        with pytest.raises(CasesFileError, match="larger than 32 MiB"):
            load_cases(large)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(CasesFileError, match="cannot be read"):
            load_cases(tmp_path / "nothing.yaml")
        with pytest.raises(CasesFileError, match="cannot be read"):
            load_cases(tmp_path)

    def test_five_hundred_cases(self) -> None:
        text = "".join(f"- id: C{number}\n  {HEAD}\n" for number in range(500))
        assert len(read_cases(text).cases) == 500
