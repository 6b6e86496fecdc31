"""Every key a policy has: the shape of its value and the units it may be written in.

A policy that lacks a key of this list, or has one that is not in it, is refused. The meaning of each
deadline's key is told in `docs/policy.md`; the requirement it serves stands beside its value in the policy file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StrictBool, StrictInt, TypeAdapter
from pydantic_core import ErrorDetails

from domain import policy_tables as tables

Unit = Literal["minutes", "hours", "working hours", "days", "working days", "months"]
#: The units of a duration. Elapsed, except the working ones; months are calendar months.
UNITS: tuple[Unit, ...] = get_args(Unit)

#: A hundred years at most, so that no computation runs off the calendar.
LONGEST: Mapping[Unit, int] = {
    "minutes": 52_596_000,
    "hours": 876_600,
    "working hours": 200_000,
    "days": 36_525,
    "working days": 25_000,
    "months": 1_200,
}


@dataclass(frozen=True)
class Key:
    """What a value must be: its shape, and the units it may carry. A duration is an amount of one of `UNITS`."""

    shape: TypeAdapter[Any]
    units: tuple[str, ...]

    @property
    def is_span(self) -> bool:
        """Whether the value is one duration, read by `Policy.span`."""
        return self.shape is SPAN

    @property
    def is_number(self) -> bool:
        """Whether the value is one whole number, read by `Policy.number`."""
        return self.shape in {SPAN, COUNT, AT_LEAST_ONE}


SPAN: TypeAdapter[Any] = TypeAdapter(tables.Amount)
COUNT: TypeAdapter[Any] = TypeAdapter(tables.Count)
AT_LEAST_ONE: TypeAdapter[Any] = TypeAdapter(Annotated[StrictInt, Field(ge=1, le=10_000_000_000)])
YES_NO: TypeAdapter[Any] = TypeAdapter(StrictBool)

ELAPSED = ("minutes", "hours", "days")
DAYS = ("days", "working days")
LENGTHS = ("hours", "days", "working days")
CYCLES = ("months",)


def _span(units: tuple[str, ...], *names: str) -> dict[str, Key]:
    return {name: Key(SPAN, units) for name in names}


def _one(shape: TypeAdapter[Any], unit: str, *names: str) -> dict[str, Key]:
    return {name: Key(shape, (unit,)) for name in names}


def _table(name: str, shape: Any, *units: str) -> dict[str, Key]:
    return {name: Key(TypeAdapter(shape), units or ("table",))}


KEYS: Mapping[str, Key] = {
    # The customer's clock and the desk's.
    **_span(("hours",), "first_response_hours"),
    **_table("response_clock", Literal["calendar", "working"], "choice"),
    **_one(YES_NO, "yes or no", "automatic_receipt_counts", "second_review_by_other"),
    **_span(("minutes", "hours", "working hours"), "classify_hours", "assign_hours", "accept_hours", "hazard_hours"),
    **_span(("minutes", "hours", "working hours"), "inv_start_hours", "contribution_hours", "help_hours", "late_entry_hours"),
    **_table("handling_days", tables.HandlingDays, *DAYS),
    **_span(DAYS, "progress_days", "inv_days", "reply_days", "negotiation_days", "consent_days", "mediation_days"),
    **_span(DAYS, "legal_date_missing_days", "legal_opinion_days", "review_days", "feedback_days", "second_handling_days"),
    **_span(("days", "months"), "follow_up_days"),
    **_span(("days",), "hold_max_days"),
    **_span(CYCLES, "limitation_months"),
    **_one(AT_LEAST_ONE, "rounds", "negotiation_rounds"),
    **_one(COUNT, "rounds", "second_handling_max"),
    **_one(AT_LEAST_ONE, "attempts", "visit_attempts"),
    # Who and what.
    **_table("approval_limits", tables.ApprovalLimits, "CNY"),
    **_table("routing", tables.Routing),
    **_table("ladder", tables.Ladder),
    **_table("taxonomy", tables.Taxonomy),
    **_table("major_criteria", tables.Names),
    **_table("investigation_required", tables.YesNoByType),
    **_table("mediator_kinds_counting", tables.MediatorKinds),
    **_table("remnant_rule", Literal["decided_by_a_person", "compensate", "do_not_compensate"], "choice"),
    **_table("risk_note", tables.Results),
    **_table("feedback_score", tables.FeedbackScore, "points"),
    **_table("legal_periods", tables.LegalPeriods),
    **_table("channels", tables.Channels),
    **_table("steps_shown", tables.Steps),
    **_table("duties", tables.Duties),
    # What may be put in.
    **_one(AT_LEAST_ONE, "characters", "input_text_max", "input_contact_max", "input_string_max"),
    **_one(AT_LEAST_ONE, "bytes", "input_file_max"),
    **_one(AT_LEAST_ONE, "files", "input_files_max"),
    **_span(("minutes",), "input_receipt_ahead_minutes"),
    **_span(CYCLES, "input_receipt_age_months"),
    # Notices.
    **_table("quiet_hours", tables.QuietHours, "local time"),
    **_table("reminder_time", tables.TimeOfDay, "local time"),
    **_one(AT_LEAST_ONE, "notices a day", "reminder_limit"),
    # Group complaints.
    **_table("group_threshold", tables.GroupThreshold, "cases"),
    **_span(("days",), "group_bulletin_days", "phase_review_days", "aftermath_days"),
    **_span(("hours", "working hours"), "media_hours"),
    **_one(AT_LEAST_ONE, "persons", "group_legal_note_persons"),
    **_table("phases", tables.Phases),
    **_table("command_levels", tables.Roles),
    # Standing duties.
    **_span(CYCLES, "evaluation_cycle", "audit_cycle", "analysis_meeting_cycle", "survey_cycle", "drill_cycle"),
    **_span(CYCLES, "plan_review_cycle", "unit_review_cycle", "profile_check_cycle", "knowledge_review_cycle"),
    **_span(CYCLES, "member_level_cycle"),
    **_span(DAYS, "evaluation_report_days", "plan_confirm_days"),
    **_table("launch_warn_days", tables.DaysBefore, "days"),
    **_table("training_mix", tables.TrainingMix, "percent"),
    **_table("training_hours", tables.TrainingHours, "hours"),
    # Set by the business; nothing is proposed.
    **_table("retention", tables.Amount | None, "months"),
    **_table("points_rates", tables.PointsRates, "points"),
    **_table("member_levels", tables.MemberLevels),
}  # fmt: skip

#: The deadlines that may have an escalation of their own; the others follow `default`. `legal_date/missing` is its own.
ESCALATED: tuple[str, ...] = (
    "default", "first_response_hours", "classify_hours", "assign_hours", "accept_hours", "hazard_hours", "handling_days",
    "progress_days", "inv_start_hours", "inv_days", "reply_days", "negotiation_days", "consent_days", "mediation_days",
    "legal_date", "legal_date/missing", "limitation", "review_days", "feedback_days", "second_handling_days",
    "follow_up_days", "promise_due", "item_due", "contribution", "help", "legal_opinion_days", "site_visit", "session",
    "hold_until", "group_bulletin_days", "media_hours", "phase_review_days", "aftermath_days",
)  # fmt: skip


def read_value(key: str, value: object, unit: str) -> Any:
    """The value of a key in its shape. Raises pydantic's ValidationError, or ValueError for a wrong unit or length."""
    known = KEYS[key]
    if unit not in known.units:
        raise ValueError(f"the unit is one of: {', '.join(known.units)}; not {unit!r}")
    read = known.shape.validate_python(value)
    if known.is_span:
        check_length(read, unit)
    return read


def check_length(amount: int, unit: str) -> None:
    """Raises ValueError for a duration longer than a hundred years."""
    longest = next(LONGEST[known] for known in UNITS if known == unit)
    if amount > longest:
        raise ValueError(f"at most {longest} {unit}, not {amount}")


def wording(error: ErrorDetails) -> str:
    """One clause a clerk understands: what is accepted, and what was given."""
    shown = _shown(error["input"])
    match error["type"]:
        case "int_type":
            return f"a whole number is wanted, not {shown}"
        case "bool_type":
            return f"true or false is wanted, not {shown}"
        case "string_type":
            return f"text is wanted, not {shown}"
        case "greater_than_equal":
            return f"at least {error['ctx']['ge']} is wanted, not {shown}"
        case "less_than_equal":
            return f"at most {error['ctx']['le']} is accepted, not {shown}"
        case "enum" | "literal_error":
            return f"accepted: {error['ctx']['expected']}; not {shown}"
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"a table of keys and values is wanted, not {shown}"
        case "tuple_type" | "list_type":
            return f"a list is wanted, not {shown}"
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {shown}"


def _shown(given: object) -> str:
    """What was given, short enough for a sentence."""
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list | tuple):
        return "a list"
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
