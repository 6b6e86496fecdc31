"""The sample cases, and questions to them and to their reports."""

from datetime import UTC, datetime

from starter.cases.reading import load_cases
from starter.cases.report import CaseReport, FiredReport
from starter.cases.shape import Case

SAMPLES = load_cases()
IDS = [case.id for case in SAMPLES.cases]
#: The real clock of these tests: the samples lie a few months back.
NOW = datetime(2026, 9, 1, tzinfo=UTC)

Reports = dict[str, CaseReport]


def sample(case_id: str) -> Case:
    """A sample case by its id."""
    return next(case for case in SAMPLES.cases if case.id == case_id)


def received(case_id: str) -> datetime:
    """When a sample case was received."""
    return sample(case_id).received_at


def refusals(report: CaseReport) -> dict[str, str | None]:
    """The rule by which each action of a case was refused."""
    return {step.action: step.rule for step in report.refused}


def ran_out(report: CaseReport, name: str) -> list[FiredReport]:
    """The openings of a deadline that ran out."""
    return [fired for fired in report.fired if fired.name == name]
