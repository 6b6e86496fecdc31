"""The policy that ships, and the questions the rules ask of it."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.codes import Cause, Channel, ComplaintType, Receiver, Role, Severity
from domain.policy import Entry, Policy, Span
from domain.policy_keys import ESCALATED, KEYS, UNITS
from policies import current_calendar_version, current_policy_version, load_calendar, load_policy

CN = load_calendar("cn-2026")
POLICY = load_policy("2026-01")
KNOWN_REQUIREMENTS = frozenset(
    line.split()[0]
    for line in (Path(__file__).parents[2] / "docs" / "requirement_ids.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line[:1].isalpha()
)


def cn(text: str) -> datetime:
    """A local time of China, `2026-04-06 13:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.requirement("PLN-04")
def test_every_value_has_unit_origin_and_a_requirement_that_exists() -> None:
    for key, row in [*POLICY.values.items(), *POLICY.escalations.items()]:
        assert row.requirement in KNOWN_REQUIREMENTS, key
        assert row.origin in {"source", "proposal", "law"}, key
        assert row.cite or row.origin == "proposal", key
    assert set(POLICY.values) == set(KEYS)
    assert set(POLICY.escalations) <= set(ESCALATED)


def test_the_newest_version_ships_with_its_calendar() -> None:
    assert current_policy_version() == "2026-01"
    assert current_calendar_version() == POLICY.calendar == "cn-2026"


@pytest.mark.parametrize(
    ("key", "span", "origin", "requirement"),
    [
        ("first_response_hours", "24 hours", "source", "SLA-01"),
        ("classify_hours", "4 hours", "proposal", "CLS-01"),
        ("assign_hours", "4 hours", "proposal", "INT-05"),
        ("accept_hours", "8 hours", "proposal", "CLS-06"),
        ("hazard_hours", "2 hours", "proposal", "SLA-01"),
        ("progress_days", "7 days", "proposal", "SLA-06"),
        ("inv_start_hours", "24 hours", "proposal", "INV-01"),
        ("inv_days", "5 working days", "proposal", "INV-08"),
        ("reply_days", "5 days", "proposal", "NEG-03"),
        ("negotiation_days", "15 days", "proposal", "NEG-11"),
        ("consent_days", "7 days", "proposal", "MED-04"),
        ("mediation_days", "30 days", "proposal", "MED-06"),
        ("legal_date_missing_days", "3 working days", "proposal", "LIF-01"),
        ("legal_opinion_days", "3 working days", "proposal", "LEG-05"),
        ("review_days", "2 working days", "proposal", "CLO-01"),
        ("feedback_days", "7 days", "proposal", "CLO-02"),
        ("second_handling_days", "7 days", "proposal", "SEC-04"),
        ("follow_up_days", "1 month", "source", "FUV-01"),
        ("contribution_hours", "24 hours", "proposal", "INV-12"),
        ("help_hours", "24 hours", "proposal", "LIF-09"),
        ("hold_max_days", "30 days", "proposal", "SLA-05"),
        ("limitation_months", "36 months", "law", "LEG-04"),
        ("group_bulletin_days", "7 days", "source", "GRP-07"),
        ("media_hours", "4 hours", "proposal", "GRP-16"),
        ("aftermath_days", "90 days", "proposal", "GRP-06"),
        ("evaluation_cycle", "3 months", "source", "STA-03"),
    ],
)
def test_the_figures_of_the_catalogue(key: str, span: str, origin: str, requirement: str) -> None:
    assert str(POLICY.span(key)) == span
    assert (POLICY.entry(key).origin, POLICY.entry(key).requirement) == (origin, requirement)


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("negotiation_rounds", 3), ("second_handling_max", 1), ("visit_attempts", 3), ("input_text_max", 100_000),
        ("input_contact_max", 200), ("input_string_max", 1_000), ("input_file_max", 25 * 1024 * 1024), ("input_files_max", 200),
        ("input_receipt_ahead_minutes", 5), ("input_receipt_age_months", 120),
    ],
)  # fmt: skip
def test_the_limits_of_the_catalogue(key: str, number: int) -> None:
    assert POLICY.number(key) == number


@pytest.mark.requirement("CLS-04")
def test_each_type_goes_to_its_department() -> None:
    routing = POLICY.table("routing")
    assert {kind.value: (routing[kind].department, routing[kind].lead) for kind in ComplaintType} == {
        "PRODUCT": ("engineering", "PROJECT_MANAGER"),
        "SERVICE": ("sales", "SALES_HEAD"),
        "CONTRACT": ("legal", "LEGAL"),
        "PRICE": ("sales", "SALES_HEAD"),
        "LEGAL": ("legal", "LEGAL"),
    }


@pytest.mark.requirement("CLS-11")
def test_the_topics_of_the_catalogue_are_there() -> None:
    taxonomy = POLICY.table("taxonomy")
    assert {
        "late_handover", "area_discrepancy", "leakage", "cracks", "quality_fault", "indoor_air", "refusal_of_handover",
        "price_cut_after_purchase", "refusal_of_property_fee", "parking_and_gates", "lift", "noise_pump_room",
        "noise_kindergarten", "trip_injury_manhole_cover", "injury_with_borrowed_equipment", "pets", "occupied_public_space",
        "leaked_personal_data", "brochure_as_annex", "loan_difficulties",
    } <= {topic.code for topic in taxonomy.topics}  # fmt: skip
    assert [name.code for name in taxonomy.causes] == [cause.value for cause in Cause]


def test_every_list_has_both_languages() -> None:
    assert {channel.code for channel in POLICY.table("channels")} == set(Channel)
    for duty in POLICY.table("duties"):
        assert duty.zh != duty.en
    assert len(POLICY.table("steps_shown")) == 8
    assert [rung.stage.value for rung in POLICY.table("ladder").rungs] == [
        "NEGOTIATING", "MEDIATING", "ARBITRATING", "LITIGATING",
    ]  # fmt: skip
    assert POLICY.table("mediator_kinds_counting") == ("person", "institution")
    assert POLICY.table("reminder_time") == time(9)
    assert POLICY.table("retention") is None


@pytest.mark.requirement("SLA-04")
def test_the_handling_period_goes_by_severity_and_where_wanted_by_type() -> None:
    own = POLICY.with_overrides(
        {"handling_days": {"simple": 6, "complex": 14, "by_type": {"PRODUCT": {"simple": 8, "complex": 20}}}}
    )
    rows = [
        (ComplaintType.PRICE, Severity.SIMPLE),
        (ComplaintType.PRICE, Severity.COMPLEX),
        (ComplaintType.PRODUCT, Severity.COMPLEX),
    ]
    assert [POLICY.handling_days(*row).amount for row in rows] == [7, 15, 15]
    assert [own.handling_days(*row).amount for row in rows] == [6, 14, 20]
    assert POLICY.handling_days(*rows[0]).unit == "days"


@pytest.mark.requirement("NEG-07")
@pytest.mark.parametrize(
    ("amount", "approver"),
    [
        ("0.00", Role.FINANCE),
        ("20000.00", Role.FINANCE),
        ("20000.01", Receiver.LEADING_GROUP),
        ("9999999", Receiver.LEADING_GROUP),
    ],
)
def test_compensation_is_approved_by_amount(amount: str, approver: Role | Receiver) -> None:
    assert POLICY.approver(Decimal(amount)) is approver


@pytest.mark.requirement("SLA-01")
def test_the_response_clock_may_count_working_hours() -> None:
    received = cn("2026-03-06 17:00")
    assert POLICY.span("first_response_hours").after(received, CN) == cn("2026-03-07 17:00")
    working = POLICY.with_overrides({"response_clock": "working"}).span("first_response_hours")
    assert working == Span(amount=24, unit="working hours")
    assert working.after(received, CN) == cn("2026-03-12 09:30")


@pytest.mark.parametrize(
    ("deadline", "shares", "before", "after", "then"),
    [
        ("first_response_hours", (0.5, 0.8), [], [], ["12 hours"]),
        ("promise_due/P1", (), ["2 days"], [], ["1 day"]),
        ("legal_date/D1", (), ["14 days", "7 days", "3 days", "1 day"], [], ["1 day"]),
        ("legal_date/missing", (0.8,), [], [], ["1 day"]),
        ("limitation/L1", (), ["12 months", "6 months", "3 months", "1 month"], [], ["1 day"]),
        ("follow_up_days", (), [], ["14 days", "21 days"], ["1 day"]),
        ("site_visit/1", (), ["1 day"], [], ["1 day"]),
        ("session/2", (), ["1 day"], [], ["1 day"]),
        ("inv_days", (0.8,), [], [], ["1 day"]),
        ("item_due/A1", (0.8,), [], [], ["1 day"]),
    ],
)
def test_when_a_deadline_warns_and_who_comes_next(
    deadline: str, shares: tuple[float, ...], before: list[str], after: list[str], then: list[str]
) -> None:
    escalation = POLICY.escalation(deadline)
    assert escalation.warn_shares == shares
    assert [str(span) for span in escalation.warn_before] == before
    assert [str(span) for span in escalation.warn_after] == after
    assert [str(span) for span in escalation.then_after] == then


@pytest.mark.parametrize(
    ("span", "start", "after"),
    [
        ("90 minutes", "2026-03-06 23:00", "2026-03-07 00:30"),
        ("24 hours", "2026-03-06 17:00", "2026-03-07 17:00"),
        ("7 days", "2026-09-30 10:00", "2026-10-07 10:00"),
        ("5 working days", "2026-04-06 13:30", "2026-04-13 18:00"),
        ("1 month", "2026-01-31 10:00", "2026-02-28 10:00"),
        ("8 working hours", "2026-09-30 10:30", "2026-10-08 11:00"),
    ],
)  # fmt: skip
def test_a_span_lands_by_its_unit(span: str, start: str, after: str) -> None:
    assert Span.model_validate(span).after(cn(start), CN) == cn(after)


def test_a_span_before_an_instant() -> None:
    due = cn("2026-03-31 10:00")
    assert Span.model_validate("2 days").before(due, CN) == cn("2026-03-29 10:00")
    assert Span.model_validate("1 month").before(due, CN) == cn("2026-02-28 10:00")
    assert Span.model_validate("3 working days").before(due, CN) == cn("2026-03-26 10:00")
    with pytest.raises(ValueError, match="not defined"):
        Span.model_validate("3 working hours").before(due, CN)


@given(st.integers(1, 25_000), st.sampled_from(UNITS))
@settings(deadline=None)
def test_a_span_is_read_as_it_is_shown(amount: int, unit: Any) -> None:
    if unit == "months":
        amount = amount % 1200 + 1
    span = Span(amount=amount, unit=unit)
    assert Span.model_validate(str(span)) == span
    assert Span.model_validate_json(span.model_dump_json()) == span


@pytest.mark.parametrize(
    "written",
    [
        "",
        "24",
        "24hours",
        "-1 days",
        "0 days",
        "1.5 days",
        "1 year",
        "1 week",
        "９ days",
        "1 days ",
        "99999999 days",
        "1e3 days",
    ],
)
def test_a_span_that_is_not_one_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        Span.model_validate(written)


@pytest.mark.parametrize("key", ["approval_limits", "handling_days", "response_clock"])
def test_a_table_is_no_span_and_no_number(key: str) -> None:
    with pytest.raises(TypeError, match=key):
        POLICY.span(key)
    with pytest.raises(TypeError, match=key):
        POLICY.number(key)


def test_an_unknown_key_is_a_mistake() -> None:
    for ask in (POLICY.span, POLICY.number, POLICY.table, POLICY.entry):
        with pytest.raises(KeyError, match="nonsense"):
            ask("nonsense")


def test_a_policy_survives_storing() -> None:
    own = POLICY.with_overrides({"negotiation_days": 10})
    stored = Policy.model_validate_json(own.model_dump_json())
    assert stored == own
    assert stored.span("negotiation_days").amount == 10
    assert stored.table("routing") == POLICY.table("routing")


def damaged() -> list[tuple[dict[str, Any], str]]:
    """Stored policies that must not be taken."""
    whole = POLICY.model_dump(mode="json")
    return [
        (
            {**whole, "values": {k: v for k, v in whole["values"].items() if k != "inv_days"}},
            "inv_days: missing",
        ),
        ({**whole, "version": "../x"}, "version"),
        ({**whole, "escalations": {}}, "default: missing"),
        ({**whole, "surprise": 1}, "surprise"),
    ]


@pytest.mark.parametrize(("stored", "sentence"), damaged())
def test_a_damaged_stored_policy_is_refused(stored: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Policy.model_validate(stored)


def test_a_source_and_a_law_need_their_clause() -> None:
    with pytest.raises(ValidationError, match="needs its clause"):
        Entry.model_validate({"value": 1, "unit": "days", "origin": "law", "requirement": "SLA-01"})


@pytest.mark.parametrize(
    ("at", "release"),
    [
        ("2026-03-09 20:59", "2026-03-09 20:59"),
        ("2026-03-09 21:00", "2026-03-10 08:00"),
        ("2026-03-09 23:59", "2026-03-10 08:00"),
        ("2026-03-10 00:00", "2026-03-10 08:00"),
        ("2026-03-10 07:59", "2026-03-10 08:00"),
        ("2026-03-10 08:00", "2026-03-10 08:00"),
    ],
)  # fmt: skip
def test_customers_are_left_alone_at_night(at: str, release: str) -> None:
    assert POLICY.table("quiet_hours").release(cn(at), "Asia/Shanghai") == cn(release)


def test_quiet_hours_may_lie_inside_a_day() -> None:
    noon = POLICY.with_overrides({"quiet_hours": {"from": "12:00", "to": "13:30"}}).table("quiet_hours")
    assert noon.release(cn("2026-03-09 12:30"), "Asia/Shanghai") == cn("2026-03-09 13:30")
    assert noon.release(cn("2026-03-09 13:30"), "Asia/Shanghai") == cn("2026-03-09 13:30")
