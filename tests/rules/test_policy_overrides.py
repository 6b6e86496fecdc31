"""What one case may have otherwise than its policy says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain.codes import ComplaintType, Receiver, Severity
from domain.policy import OverrideError, Span
from policies import load_policy

POLICY = load_policy("2026-01")


def test_a_case_may_have_values_of_its_own() -> None:
    limits = [{"up_to": "500.00", "by": "FINANCE"}, {"above": "500.00", "by": "LEADING_GROUP"}]
    own = POLICY.with_overrides({"negotiation_days": 10, "approval_limits": limits, "handling_days": 9})
    assert own.span("negotiation_days") == Span(amount=10, unit="days")
    assert own.approver(Decimal("500.01")) is Receiver.LEADING_GROUP
    assert own.handling_days(ComplaintType.PRICE, Severity.COMPLEX).amount == 9
    assert (own.entry("negotiation_days").origin, own.entry("negotiation_days").requirement) == (
        "case",
        "NEG-11",
    )
    assert own.version == POLICY.version
    assert POLICY.span("negotiation_days").amount == 15
    assert POLICY.with_overrides({}) == POLICY


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"nonsense": 1}, "nonsense: no such policy key"),
        ({"negotiation_days": 2.5}, "negotiation_days.value: a whole number is wanted, not 2.5"),
        ({"negotiation_days": "10"}, "a whole number is wanted, not '10'"),
        ({"negotiation_days": True}, "a whole number is wanted, not True"),
        ({"negotiation_days": None}, "a whole number is wanted, not None"),
        ({"negotiation_days": 0}, "at least 1 is wanted, not 0"),
        ({"negotiation_days": -3}, "at least 1 is wanted, not -3"),
        ({"negotiation_days": 40_000}, "at most 36525 days, not 40000"),
        ({"second_handling_max": -1}, "at least 0 is wanted, not -1"),
        ({"approval_limits": []}, "at least one is wanted"),
        (
            {"approval_limits": [{"by": "FINANCE", "up_to": 500.0}]},
            "money is a decimal string such as '20000.00', not 500.0",
        ),
        ({"approval_limits": [{"by": "FINANCE", "up_to": "-5"}]}, "at least 0 is wanted"),
        ({"approval_limits": [{"by": "FINANCE", "up_to": "NaN"}]}, "finite"),
        ({"approval_limits": [{"by": "FINANCE", "up_to": "1.005"}]}, "2 decimal places"),
        (
            {"approval_limits": [{"by": "FINANCE", "up_to": "5"}]},
            "amounts above 5 have nobody to approve them",
        ),
        (
            {"approval_limits": [{"by": "FINANCE", "above": "5"}]},
            "amounts up to 5 have nobody to approve them",
        ),
        (
            {"approval_limits": [{"up_to": "5", "by": "FINANCE"}, {"above": "6", "by": "LEADING_GROUP"}]},
            "ends: 5 and 6",
        ),
        ({"approval_limits": [{"by": "CUSTOMER"}]}, "a role or LEADING_GROUP approves, not 'CUSTOMER'"),
        ({"approval_limits": [{"by": ["FINANCE"]}]}, "a role or LEADING_GROUP approves"),
        (
            {"routing": {"PRICE": {"department": "sales", "lead": "SALES_HEAD"}}},
            "missing: CONTRACT, SERVICE, PRODUCT, LEGAL",
        ),
        ({"response_clock": "sometimes"}, "accepted: 'calendar' or 'working'; not 'sometimes'"),
        (
            {"quiet_hours": {"from": 1260, "to": "08:00"}},
            'a time of day is written in quotes as "09:00", not 1260',
        ),
        (
            {"training_mix": {"theory": 40, "practice": 35, "cases": 15, "sharing": 20}},
            "100 percent together, not 110",
        ),
        ({"feedback_score": {"lowest": 5, "highest": 1}}, "lowest (5) is less than highest (1)"),
        (
            {"channels": [{"code": "telephone", "zh": "电话", "en": "Telephone"}]},
            "more than one channel is open (INT-01)",
        ),
        ({"mediator_kinds_counting": ["oracle"]}, "accepted: 'internal', 'person' or 'institution'"),
        ({"negotiation_rounds": {"nested": {}}}, "a whole number is wanted, not a table"),
        ({"visit_attempts": "x" * 5000}, "not 'xxxx"),
    ],
)
def test_an_override_that_cannot_be_is_refused_with_its_key(overrides: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OverrideError) as refused:
        POLICY.with_overrides(overrides)
    assert sentence in str(refused.value)
    assert next(iter(overrides)) in str(refused.value)
    assert len(str(refused.value)) < 400


def test_several_wrong_overrides_are_told_at_once() -> None:
    with pytest.raises(OverrideError, match=r"a: no such policy key; b: no such policy key"):
        POLICY.with_overrides({"a": 1, "b": 2})
