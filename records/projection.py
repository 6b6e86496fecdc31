"""What of a complaint stands in columns of its own, so that lists and figures need not open the whole state.

Every value here is derived from `domain.complaint.Complaint`; `records.audit` checks that it still is.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.codes import Flag, Severity, Stage
from domain.complaint import Complaint, Deadline, Item, Promise, Task
from domain.roles import places_in, right_to

Rows = list[dict[str, Any]]


def columns(complaint: Complaint, heard_at: datetime) -> dict[str, Any]:
    """The columns of `complaints` beside state and hash. heard_at: of the last turn, aware."""
    kind = complaint.classification
    return {
        "turn": complaint.turn,
        "schema_version": complaint.schema_version,
        "stage": complaint.stage,
        "entered_at": instant(complaint.entered_at),
        "type": kind.type if kind else None,
        "cause": kind.cause if kind else None,
        "severity": kind.severity if kind else None,
        "flags": sorted(complaint.flags),
        "owner": complaint.owner,
        "first_contact": complaint.first_contact,
        "desk": complaint.desk,
        "lead_person": _lead_person(complaint),
        "line": complaint.line,
        "project": complaint.project,
        "channel": complaint.channel,
        "round": complaint.round,
        "result": complaint.result,
        "policy_version": complaint.policy_version,
        "calendar_version": complaint.calendar_version,
        "duplicate_of": complaint.duplicate_of,
        "case_group": complaint.group,
        "received_at": instant(complaint.received_at),
        "registered_at": instant(complaint.registered_at),
        "ended_at": instant(complaint.ended_at),
        "next_deadline": instant(complaint.next_deadline),
        "breached": complaint.breached,
        "heard_at": instant(heard_at),
        **_for_lists(complaint),
    }


def _lead_person(complaint: Complaint) -> str | None:
    """Who leads: the person it was assigned to, else whoever accepted it, or did the lead's work without waiting."""
    handover = complaint.handover
    return None if handover is None else handover.person or handover.accepted_by


def _for_lists(complaint: Complaint) -> dict[str, Any]:
    """What lists show and sort by."""
    asking = _asking(complaint)
    first = asking[0] if asking else None
    hold, (approvers, barred) = complaint.hold, _approval(complaint)
    return {
        "lead": complaint.lead,
        "waiting_for": waiting_for(complaint),
        "held_until": instant(hold.until if hold else None),
        "due_at": instant(first.due if first else None),
        "due_name": first.name if first else None,
        "late": first is not None and first.state == "fired",
        "priority": priority(complaint),
        "reopened": complaint.route.count(Stage.ARCHIVED) - (complaint.stage == Stage.ARCHIVED),
        "approvers": sorted(approvers),
        "barred": sorted(barred),
        "promise_due": instant(_first_due(asking, "promise_due")),
        "limitation_due": instant(_first_due(asking, "limitation")),
        "places": sorted(places_in(complaint)),
        "about_person": complaint.about_person,
    }


def waiting_for(complaint: Complaint) -> str | None:
    """Whom the complaint waits for: of a hold, else the customer who owes a reply to an offer or feedback."""
    if complaint.ended:
        return None
    if complaint.hold:
        return complaint.hold.waiting_for
    offered = complaint.rounds[-1] if complaint.rounds else None
    if (
        offered
        and offered.reply == "pending"
        and offered.handling_round == complaint.round
        and complaint.stage in (Stage.SOLUTION_DRAFTED, Stage.NEGOTIATING)
    ):
        return "customer"
    told = any(entry.answered for entry in complaint.feedback if entry.round == complaint.round)
    return "customer" if complaint.stage == Stage.FEEDBACK and not told else None


#: what puts a complaint before others, the weightiest first
WEIGHTS = (Flag.HAZARD, Flag.MAJOR, Flag.GROUP, Severity.COMPLEX)


def priority(complaint: Complaint) -> int:
    """The smaller the sooner: 0 to 4 with a deadline that ran out, 10 to 14 without; within, by WEIGHTS."""
    kind = complaint.classification
    has = {*complaint.flags, *([kind.severity] if kind else [])}
    weight = next((place for place, name in enumerate(WEIGHTS) if name in has), len(WEIGHTS))
    return weight + (0 if complaint.breached else 10)


def _asking(complaint: Complaint) -> list[Deadline]:
    """The deadlines that are open, or ran out and are not settled, the earliest first."""
    found = [d for d in complaint.deadlines.values() if d.state in ("open", "fired") and d.unsettled]
    return sorted(found, key=lambda deadline: (deadline.due, deadline.id))


def _first_due(asking: list[Deadline], base: str) -> datetime | None:
    return next((deadline.due for deadline in asking if deadline.base == base), None)


def _approval(complaint: Complaint) -> tuple[set[str], set[str]]:
    """The seats whose decision is waited for, and the people who may not be the ones to take it (CLO-01, SEC-05)."""
    approvers: set[str] = set()
    barred: set[str] = set()
    if complaint.stage == Stage.CLOSING_REVIEW:
        approvers.update(str(seat) for seat in right_to("decide_review").seats)
        barred.add(complaint.reviews[-1].submitted_by)
        if complaint.round > 1:
            barred.update(one.decided_by for one in complaint.reviews if one.round == 1 and one.decided_by)
    for solution in complaint.solutions.values():
        if complaint.ended or solution.round != complaint.round:
            continue
        if solution.approval == "due" and solution.approver_due:
            approvers.add(solution.approver_due)
            barred.add(solution.by)
    return approvers, barred


def deadline_rows(before: Complaint | None, after: Complaint) -> Rows:
    """The openings that a turn changed."""
    return [_deadline(part) for _, part in _changed(before.deadlines if before else {}, after.deadlines)]


def promise_rows(before: Complaint | None, after: Complaint) -> Rows:
    """The promises that a turn changed."""
    return [_promise(part) for _, part in _changed(before.promises if before else {}, after.promises)]


def task_rows(before: Complaint | None, after: Complaint) -> Rows:
    """The tasks and agreement items that a turn changed."""
    tasks = [_task(name, part) for name, part in _changed(before.tasks if before else {}, after.tasks)]
    return tasks + [_item(part) for _, part in _changed(before.items if before else {}, after.items)]


def moved_deadlines(before: Complaint | None, after: Complaint) -> list[str]:
    """Ids of openings whose warnings no longer hold: settled, fired, paused, resumed, or with another due instant."""
    if before is None:
        return []
    return [
        name
        for name, deadline in after.deadlines.items()
        if (old := before.deadlines.get(name)) and (old.state, old.due) != (deadline.state, deadline.due)
    ]


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, part) for name, part in after.items() if before.get(name) != part)


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return {
        "id": deadline.id,
        "name": deadline.name,
        "base": deadline.base,
        "round": deadline.round,
        "state": deadline.state,
        "start": instant(deadline.start),
        "due": instant(deadline.due),
        "wake": instant(deadline.wake),
        "fired_at": instant(deadline.fired_at),
        "late_by": deadline.late_by,
        "levels": len(deadline.levels),
        "receivers": deadline.levels[-1].to if deadline.levels else [],
        "acknowledged_at": instant(deadline.acknowledged_at),
        "settled_at": instant(deadline.settled_at),
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "id": promise.id,
        "state": promise.state,
        "made_at": instant(promise.made_at),
        "made_by": promise.by,
        "due": instant(promise.due),
        "version": promise.version,
        "settled_at": instant(promise.settled_at),
    }


def _task(name: str, task: Task) -> dict[str, Any]:
    return {
        "kind": task.kind,
        "id": name,
        "owner": task.owner,
        "asked_by": task.asked_by,
        "asked_at": instant(task.asked_at),
        "due": instant(task.due),
        "state": task.state,
        "done_at": instant(task.done_at),
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": "item",
        "id": item.id,
        "owner": item.owner,
        "asked_by": None,
        "asked_at": None,
        "due": instant(item.due),
        "state": item.state,
        "done_at": instant(item.done_at),
    }


def instant(value: datetime | None) -> str | None:
    """An instant as it goes into a JSON parameter: ISO 8601 in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat()
