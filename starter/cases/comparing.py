"""A report beside what its case expected (commands.md §5): every difference is a sentence, none means as expected.

Keys that are absent are not compared. `fired` is exact up to `may_fire`, one entry for each opening that ran
out; `met` and `promises` are subsets; receivers compare as sets, instants to the minute. Warnings, reminders
and `progress_days` are never asserted.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from domain.complaint import Classification, Complaint
from starter.cases.durations import format_duration
from starter.cases.report import CaseReport, FiredReport, RefusedStep, observed, same_minute
from starter.cases.shape import Case, FiredExpectation

_NEVER_ASSERTED = "progress_days"


def assess(case: Case, complaint: Complaint, until: datetime, refused: Sequence[RefusedStep]) -> CaseReport:
    """The report of a case that was played to its end, with all that differs from what it expected.

    until: the end of the run in business time. refused: the steps that were refused, those meant to be among them.
    """
    report = observed(case, complaint, until, refused)
    if case.steps:
        differences = tuple(_all_differences(case, report, complaint.classification))
    else:
        differences = tuple(_along_the_route(case, report))
    return report.model_copy(update={"differences": differences, "as_expected": not differences})


def _along_the_route(case: Case, report: CaseReport) -> Iterator[str]:
    """A case without steps is played by the plain script: its route and its stage count, nothing else."""
    yield from _input(case)
    yield from _route(case, report)
    wanted = case.expect.final_state or (case.expected.route or (None,))[-1]
    if wanted is not None and report.stage != wanted:
        yield f"the case should end in {wanted} and ended in {report.stage}"


def _all_differences(case: Case, report: CaseReport, found: Classification | None) -> Iterator[str]:
    yield from _input(case)
    yield from _steps(case, report)
    yield from _classification(case, found)
    yield from _ending(case, report)
    yield from _promises(case, report)
    if case.expect.fired is not None:
        yield from _firings(case, report)
    for name in case.expect.met or ():
        if name not in report.met:
            yield f"{name} should have been met and was not"


def _input(case: Case) -> Iterator[str]:
    if case.refusal_expected:
        yield "the case should not have got in, but it was accepted"


def _steps(case: Case, report: CaseReport) -> Iterator[str]:
    refused = {entry.step: entry for entry in report.refused}
    for number, step in enumerate(case.steps, start=1):
        said = f"step {number} ({step.action} at {format_duration(step.at - case.received_at)})"
        if number not in refused and step.expect_step == "refused":
            yield f"{said} should have been refused and was accepted"
        elif number in refused and step.expect_step is None and not step.optional:
            rule = refused[number].rule
            yield f"{said} was refused: {refused[number].reason}{f' ({rule})' if rule else ''}"


def _classification(case: Case, found: Classification | None) -> Iterator[str]:
    for name in ("type", "cause"):
        wanted, got = getattr(case.expected, name), None if found is None else getattr(found, name)
        if wanted is not None and got != wanted:
            yield f"the {name} should be {wanted} and is {got or 'not set'}"


def _route(case: Case, report: CaseReport) -> Iterator[str]:
    if case.expected.route is not None and report.route != case.expected.route:
        yield f"the route should be {_listed(case.expected.route)} and was {_listed(report.route)}"


def _ending(case: Case, report: CaseReport) -> Iterator[str]:
    yield from _route(case, report)
    expect = case.expect
    if case.expected.result is not None and report.result != case.expected.result:
        yield f"the result should be {case.expected.result} and is {report.result or 'not set'}"
    if expect.final_state is not None and report.stage != expect.final_state:
        yield f"the case should end in {expect.final_state} and ended in {report.stage}"
    if expect.handling_rounds is not None and report.handling_rounds != expect.handling_rounds:
        yield f"there should be {expect.handling_rounds} handling rounds and there were {report.handling_rounds}"
    if expect.negotiation_rounds is not None and report.negotiation_rounds != expect.negotiation_rounds:
        wanted, got = _listed(expect.negotiation_rounds), _listed(report.negotiation_rounds)
        yield f"negotiation rounds for each handling round should be {wanted} and were {got}"


def _promises(case: Case, report: CaseReport) -> Iterator[str]:
    for promise, wanted in (case.expect.promises or {}).items():
        got = report.promises.get(promise)
        if got is None:
            yield f"promise {promise} should be {wanted} and was never made"
        elif got != wanted:
            yield f"promise {promise} should be {wanted} and is {got}"


def _firings(case: Case, report: CaseReport) -> Iterator[str]:
    """Pair what should run out with what did, name by name: first what agrees in time, then in order."""
    waiting = [entry for entry in report.fired if entry.name != _NEVER_ASSERTED]
    late: list[FiredExpectation] = []
    for wanted in case.expect.fired or ():
        if wanted.name == _NEVER_ASSERTED:
            continue
        entry = next((one for one in waiting if one.name == wanted.name and _in_time(wanted, one.at)), None)
        if entry is None:
            late.append(wanted)
        else:
            waiting.remove(entry)
            yield from _receivers(wanted, entry)
    for wanted in late:
        entry = next((one for one in waiting if one.name == wanted.name), None)
        if entry is None:
            yield f"{wanted.name} should have run out{_when(case, wanted)} and did not"
        else:
            waiting.remove(entry)
            yield f"{wanted.name} should have run out{_when(case, wanted)} and ran out at {_after(case, entry.at)}"
            yield from _receivers(wanted, entry)
    for entry in waiting:
        if entry.name not in case.expect.may_fire:
            yield f"{entry.name} ran out at {_after(case, entry.at)}, which was not expected"


def _in_time(wanted: FiredExpectation, at: datetime) -> bool:
    if wanted.at is None:
        return True
    earliest, latest = wanted.at
    return earliest <= at <= latest or same_minute(at, earliest) or same_minute(at, latest)


def _receivers(wanted: FiredExpectation, entry: FiredReport) -> Iterator[str]:
    if wanted.to is not None and wanted.to != set(entry.to):
        yield f"{wanted.name} should be told to {_set(wanted.to)} and was told to {_set(entry.to)}"
    later = {code for level in entry.levels[1:] for code in level.to}
    if wanted.then is not None and wanted.then != later:
        yield f"{wanted.name} should then be told to {_set(wanted.then)} and was told to {_set(later)}"


def _when(case: Case, wanted: FiredExpectation) -> str:
    if wanted.at is None:
        return ""
    earliest, latest = (_after(case, at) for at in wanted.at)
    return f" at {earliest}" if earliest == latest else f" between {earliest} and {latest}"


def _after(case: Case, at: datetime) -> str:
    return format_duration(at - case.received_at)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or "none"


def _set(codes: Iterable[str]) -> str:
    return _listed(sorted(codes))
