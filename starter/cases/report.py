"""What came of playing a case: the report of commands.md §5, one per case, the same for simulate and demo.

Reports come from two kinds of run. Times in them carry the zone of the case's receipt; two reports of the same
case are the same when they agree to the minute (`same_minute`), since a live run hears a command some seconds
after it is said.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.codes import Result, Stage
from domain.complaint import Complaint, Deadline
from starter.cases.reading import Unreadable
from starter.cases.shape import Case

#: Two instants closer than this are the same minute of a case.
_TOLERANCE = timedelta(seconds=30)


def same_minute(one: datetime, other: datetime) -> bool:
    """Whether two aware instants are the same to the minute."""
    return abs(one - other) < _TOLERANCE


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class LevelReport(_Told):
    """One level of an escalation chain that fired: when, and which role codes were told."""

    at: datetime
    to: tuple[str, ...]


class FiredReport(_Told):
    """An opening of a deadline that ran out. `levels` holds all that fired, the first (`at`, `to`) among them."""

    name: str
    at: datetime
    to: tuple[str, ...]
    levels: tuple[LevelReport, ...]


class WarnedReport(_Told):
    """A warning before a deadline's due time."""

    name: str
    at: datetime


class RefusedStep(_Told):
    """A step that was refused. `step` counts the case's steps from 1; `reason` is a sentence, `rule` its ID."""

    step: int
    action: str
    reason: str
    rule: str | None = None


class CaseReport(_Told):
    """The report of one case. `negotiation_rounds` has one count per handling round; `promises` ids and states."""

    id: str
    number: str | None = None
    input: Literal["accepted", "refused"] = "accepted"
    input_reason: str | None = None
    stage: Stage | None = None
    result: Result | None = None
    route: tuple[Stage, ...] = ()
    handling_rounds: int = 0
    negotiation_rounds: tuple[int, ...] = ()
    promises: dict[str, str] = {}
    fired: tuple[FiredReport, ...] = ()
    warned: tuple[WarnedReport, ...] = ()
    met: tuple[str, ...] = ()
    refused: tuple[RefusedStep, ...] = ()
    differences: tuple[str, ...] = ()
    as_expected: bool = True


def observed(
    case: Case, complaint: Complaint, until: datetime, refused: Sequence[RefusedStep] = ()
) -> CaseReport:
    """What can be seen of a complaint that was played `until` then, not yet compared with what was expected."""
    deadlines = list(complaint.deadlines.values())
    zone = case.received_at.tzinfo
    warned = [
        WarnedReport(name=deadline.name, at=warning.at.astimezone(zone))
        for deadline in deadlines
        for warning in deadline.warnings
        if warning.at <= until
    ]
    met = [deadline for deadline in deadlines if deadline.state in ("met", "met_late_entry")]
    return CaseReport(
        id=case.id,
        number=complaint.number,
        stage=complaint.stage,
        result=complaint.result,
        route=tuple(complaint.route),
        handling_rounds=complaint.round,
        negotiation_rounds=tuple(_rounds(complaint, number) for number in range(1, complaint.round + 1)),
        promises={promise.id: promise.state for promise in complaint.promises.values()},
        fired=tuple(sorted((_fired(d, case) for d in deadlines if d.fired_at), key=lambda f: (f.at, f.name))),
        warned=tuple(sorted(warned, key=lambda warning: (warning.at, warning.name))),
        met=tuple(dict.fromkeys(d.name for d in sorted(met, key=lambda d: (d.settled_at or d.due, d.name)))),
        refused=tuple(refused),
    )


def _rounds(complaint: Complaint, handling_round: int) -> int:
    return len({entry.number for entry in complaint.of_round(handling_round)})


def _fired(deadline: Deadline, case: Case) -> FiredReport:
    zone = case.received_at.tzinfo
    levels = tuple(LevelReport(at=level.at.astimezone(zone), to=tuple(level.to)) for level in deadline.levels)
    fired_at = (deadline.fired_at or deadline.due).astimezone(zone)
    return FiredReport(name=deadline.name, at=fired_at, to=levels[0].to if levels else (), levels=levels)


def unlike(one: CaseReport, other: CaseReport) -> list[str]:
    """In which keys two reports of the same case differ, instants to the minute; numbers and wording may differ."""
    return [
        name
        for name in CaseReport.model_fields
        if name not in ("number", "input_reason", "differences")
        and not _alike(getattr(one, name), getattr(other, name))
    ]


def _alike(one: object, other: object) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return same_minute(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, RefusedStep) and isinstance(other, RefusedStep):
        return (one.step, one.action, one.rule) == (other.step, other.action, other.rule)
    if isinstance(one, _Told) and type(one) is type(other):
        return all(_alike(getattr(one, name), getattr(other, name)) for name in type(one).model_fields)
    return one == other


def turned_away(case: Case | Unreadable, reason: str) -> CaseReport:
    """The report of a case whose submission was refused, compared with what it expected of its input."""
    expected = case.refusal_expected
    return CaseReport(
        id=case.id,
        input="refused",
        input_reason=reason,
        differences=() if expected else (f"the case did not get in: {reason}",),
        as_expected=expected,
    )
