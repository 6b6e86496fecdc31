"""Policy and calendar files: what is refused, with file, line and key; checking and comparing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import (
    Change,
    PolicyError,
    Problem,
    calendar_versions,
    check_policy,
    diff,
    load_calendar,
    load_policy,
    parse_calendar,
    parse_policy,
    policy_versions,
)

FILE = Path(__file__).parents[2] / "policies" / "2026-01.yaml"
TEXT = FILE.read_text(encoding="utf-8")
CALENDAR_TEXT = (FILE.parent / "calendars" / "cn-2026.yaml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    """The line in which a part first stands."""
    return text[: text.index(part)].count("\n") + 1


def changed(old: str, new: str) -> str:
    """The policy that ships, with its first `old` replaced."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text, "p.yaml")
    return refused.value.problems


def outcome(text: str) -> tuple[Problem, ...]:
    """The problems of a text, none if it may be used."""
    try:
        parse_policy(text, "p.yaml")
    except PolicyError as error:
        return error.problems
    return ()


CLASSIFY = "classify_hours: {value: 4, unit: hours, origin: proposal, requirement: CLS-01}"


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("classify_hours:", "clasify_hours:", "values.clasify_hours", "unknown key"),
        ("value: 4,", "value: -4,", "values.classify_hours.value", "at least 1 is wanted, not -4"),
        ("value: 4,", "value: 0,", "values.classify_hours.value", "at least 1 is wanted, not 0"),
        ("value: 4,", "value: 4.5,", "values.classify_hours.value", "a whole number is wanted, not 4.5"),
        ("value: 4,", "value: '4',", "values.classify_hours.value", "a whole number is wanted, not '4'"),
        ("value: 4,", "value: yes,", "values.classify_hours.value", "a whole number is wanted, not 'yes'"),
        ("value: 4,", "value: true,", "values.classify_hours.value", "a whole number is wanted, not True"),
        ("value: 4,", "value: 1e3,", "values.classify_hours.value", "a whole number is wanted, not '1e3'"),
        ("value: 4,", "value: [4],", "values.classify_hours.value", "a whole number is wanted, not a list"),
        ("value: 4,", "value: 99999999999999999999,", "values.classify_hours.value", "a whole number is wanted"),
        ("value: 4,", "", "values.classify_hours.value", "missing"),
        ("unit: hours,", "unit: weeks,", "values.classify_hours.unit",
         "the unit is one of: minutes, hours, working hours; not 'weeks'"),
        ("unit: hours,", "unit: months,", "values.classify_hours.unit", "the unit is one of"),
        ("origin: proposal", "origin: rumour", "values.classify_hours.origin",
         "accepted: source, proposal, law; not 'rumour'"),
        ("origin: proposal", "origin: case", "values.classify_hours.origin", "accepted: source, proposal, law; not 'case'"),
        ("origin: proposal", "origin: law", "values.classify_hours", "a value of origin law needs its clause in `cite`"),
        ("origin: proposal, ", "", "values.classify_hours.origin", "missing"),
        ("requirement: CLS-01", "requirement: later", "values.classify_hours.requirement", "string should match pattern"),
        (", requirement: CLS-01", "", "values.classify_hours.requirement", "missing"),
        (", requirement: CLS-01", ", requirement: CLS-01, colour: red", "values.classify_hours.colour", "unknown key"),
        ("{value: 4, unit: hours, origin: proposal, requirement: CLS-01}", "4", "values.classify_hours",
         "a table of keys and values is wanted, not 4"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_line_and_key(old: str, new: str, key: str, message: str) -> None:
    found = problems(changed(CLASSIFY, CLASSIFY.replace(old, new, 1)))
    mine = [problem for problem in found if problem.key == key]
    assert len(mine) == 1
    assert message in mine[0].message
    assert mine[0].line == line_of(TEXT, CLASSIFY)
    assert str(mine[0]).startswith(f"p.yaml:{line_of(TEXT, CLASSIFY)}: {key}: ")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('up_to: "20000.00"', "up_to: 20000.00", "values.approval_limits.value.0.up_to",
         "money is a decimal string such as '20000.00', not 20000.0"),
        ("lead: PROJECT_MANAGER", "lead: JANITOR", "values.routing.value.PRODUCT.lead", "accepted: 'CS_SPECIALIST'"),
        ("PRODUCT: {department", "PRODUKT: {department", "values.routing.value.PRODUKT", "accepted: 'CONTRACT'"),
        ("{code: pets", "{code: lift", "values.taxonomy.value.topics", "the code lift stands twice"),
        ('from: "21:00"', 'from: "25:00"', "values.quiet_hours.value.from", "written HH:MM"),
        ("warn_shares: [0.5, 0.8]", "warn_shares: [0.5, 80]", "escalations.first_response_hours.warn_shares.1",
         "input should be less than 1, not 80"),
        ("warn_before: [2 days]", "warn_before: [2 fortnights]", "escalations.promise_due.warn_before.0",
         "a duration is written like '24 hours'"),
        ("  promise_due:", "  promise_du:", "escalations.promise_du", "no such deadline; accepted: default, first_response"),
        ("  default: {warn_shares", "  session/9: {warn_shares", "escalations.default", "missing"),
        ("then_after: [1 day], ", "", "escalations.default", "the default says when to warn"),
        ("in_force_from: 2026-01-01", "in_force_from: 2026-02-30", "in_force_from", "2026-02-30 is not a day of the calendar"),
        ("in_force_from: 2026-01-01", "in_force_from: soon", "in_force_from", "input should be a valid date"),
        ('version: "2026-01"', 'version: "../../etc"', "version", "string should match pattern"),
        ('version: "2026-01"', "surprise: 1", "surprise", "unknown key"),
        ("calendar: cn-2026\n", "", "calendar", "missing"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_with_its_place(old: str, new: str, key: str, message: str) -> None:
    found = problems(changed(old, new))
    mine = [problem for problem in found if problem.key == key]
    assert len(mine) == 1, found
    assert message in mine[0].message


def test_all_problems_are_told_at_once_in_order_of_lines() -> None:
    found = problems(
        changed("value: 24", "value: x")
        .replace("value: 15", "value: -15")
        .replace("SKIPPED_RUNG", "SKIPPED RUNG")
    )
    assert [problem.key for problem in found] == [
        "values.first_response_hours.value",
        "values.negotiation_days.value",
        "values.ladder.value.guards.7.code",
    ]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert found[2].line == line_of(TEXT, "SKIPPED_RUNG")


def test_a_missing_key_is_told() -> None:
    assert [str(problem) for problem in problems(TEXT.replace(f"  {CLASSIFY}\n", ""))] == [
        f"p.yaml:{line_of(TEXT, 'values:')}: values.classify_hours: missing"
    ]


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    line = line_of(TEXT, CLASSIFY)
    found = problems(changed(f"  {CLASSIFY}\n", f"  {CLASSIFY}\n  {CLASSIFY}\n"))
    assert found == (
        Problem("p.yaml", line + 1, "values.classify_hours", f"stands twice; the first is in line {line}"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a table of keys and values is wanted"),
        ("- a\n- b\n", "a table of keys and values is wanted"),
        ("just words", "a table of keys and values is wanted"),
        ("a: [1, 2", "not YAML"),
        ("a: b: c", "not YAML"),
        ("\ta: 1", "not YAML"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("a: \x00", "not YAML"),
        ("a: &x 1\nb: *x\n", "anchors and aliases are not accepted"),
        ("a: *unknown\n", "anchors and aliases are not accepted"),
        ("a: !!python/object/apply:os.system ['true']\n", "tags such as tag:yaml.org,2002:python"),
        ("a: !secret 1\n", "tags such as !secret are not accepted"),
        ("? [a]\n: 1\n", "a key is a plain word"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a: " + "x" * 1_000_001, "at most 1000000 characters"),
        ("%PDF-1.7\n", "not YAML"),
        ("version: 1\n", "a table of keys and values is wanted"),
        ("values: []\nescalations: []\n", "a table of keys and values is wanted"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(text: str, message: str) -> None:
    found = problems(text)
    assert any(message in problem.message for problem in found), found
    assert all(len(str(problem)) < 300 for problem in found)


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=150)
def test_any_text_is_refused_and_never_breaks_the_reader(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_policy(text, "p.yaml")
    with pytest.raises(PolicyError):
        parse_calendar(text, "c.yaml")


@given(
    st.integers(0, len(TEXT) - 1),
    st.sampled_from(['"', "{", "}", ":", "\n", "-", "&", "*", "!", "]", "\t", "#", "\x07"]),
)
@settings(deadline=None, max_examples=25)
def test_a_slip_of_the_pen_is_read_or_refused_with_a_line(at: int, slip: str) -> None:
    assert all(1 <= problem.line <= TEXT.count("\n") + 2 for problem in outcome(TEXT[:at] + slip + TEXT[at:]))


def test_plain_words_mean_what_they_look_like() -> None:
    text = changed('{from: "21:00", to: "08:00"}', "{from: 21:00, to: 08:00}")
    assert parse_policy(text, "p.yaml").table("quiet_hours") == load_policy("2026-01").table("quiet_hours")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("zone: Asia/Shanghai", "zone: Asia/Nowhere", "zone", "unknown time zone 'Asia/Nowhere'"),
        ('start: "13:30"', 'start: "11:30"', "windows", "do not overlap"),
        ("kind: workday", "kind: halfday", "days.1.kind", "accepted: 'workday' or 'holiday'; not 'halfday'"),
        ("day: 2024-01-01", "day: 2024-13-01", "days.0.day", "2024-13-01 is not a day of the calendar"),
        ("day: 2024-01-01", "day: 2024-12-31", "days", "sorted and stand once"),
        ("version: cn-2026", "versions: cn-2026", "versions", "unknown key"),
    ],
)
def test_a_wrong_calendar_file_is_told_with_its_place(old: str, new: str, key: str, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_calendar(CALENDAR_TEXT.replace(old, new, 1), "c.yaml")
    mine = [problem for problem in refused.value.problems if problem.key == key]
    assert len(mine) == 1
    assert message in mine[0].message


@pytest.mark.parametrize(
    "version", ["2031-01", "", "../2026-01", "2026-01.yaml", "/etc/passwd", "calendars/cn-2026", "x" * 99]
)
def test_a_version_that_does_not_exist_is_refused(version: str) -> None:
    for load in (load_policy, load_calendar):
        with pytest.raises(PolicyError, match="no such version; there are: "):
            load(version)


def test_every_version_that_ships_is_fit_for_use() -> None:
    assert policy_versions() == ("2026-01",)
    assert [load_policy(version).version for version in policy_versions()] == list(policy_versions())
    assert [load_calendar(version).version for version in calendar_versions()] == list(calendar_versions())


def test_check_lists_what_is_wrong_or_nothing(tmp_path: Path) -> None:
    assert check_policy(FILE) == ()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(changed("value: 24", "value: x"), encoding="utf-8")
    line = line_of(TEXT, "value: 24")
    assert [str(problem) for problem in check_policy(wrong)] == [
        f"wrong.yaml:{line}: values.first_response_hours.value: a whole number is wanted, not 'x'"
    ]
    wrong.write_text(changed("calendar: cn-2026", "calendar: cn-1999"), encoding="utf-8")
    assert check_policy(wrong)[0].message == "no such calendar: cn-1999; accepted: cn-2026"
    wrong.write_bytes(b"version: \xff\n")
    assert "not UTF-8" in check_policy(wrong)[0].message
    assert "cannot be read" in check_policy(tmp_path / "absent.yaml")[0].message
    assert "cannot be read" in check_policy(tmp_path)[0].message


def test_two_versions_are_compared_key_by_key() -> None:
    old = load_policy("2026-01")
    text = changed("{value: 15, unit: days, origin: proposal, requirement: NEG-11}",
                   "{value: 10, unit: working days, origin: proposal, requirement: NEG-11}")  # fmt: skip
    text = text.replace("complex: 15", "complex: 20").replace("lead: PROJECT_MANAGER", "lead: TECHNICIAN")
    text = text.replace("warn_before: [2 days]", "warn_before: [3 days, 1 day]").replace(
        '"20000.00"', '"500.00"'
    )
    new = parse_policy(text.replace('version: "2026-01"', 'version: "2027-01"'), "2027-01.yaml")
    assert diff(old, old) == ()
    assert diff(old, new) == (
        Change(
            "approval_limits",
            [{"up_to": "20000.00", "by": "FINANCE"}, {"above": "20000.00", "by": "LEADING_GROUP"}],
            [{"up_to": "500.00", "by": "FINANCE"}, {"above": "500.00", "by": "LEADING_GROUP"}],
            "CNY",
        ),
        Change("handling_days.complex", 15, 20, "days"),
        Change("negotiation_days", 15, 10, "days -> working days"),
        Change("routing.PRODUCT.lead", "PROJECT_MANAGER", "TECHNICIAN", "table"),
        Change("escalations.promise_due.warn_before", ["2 days"], ["3 days", "1 day"], ""),
    )
