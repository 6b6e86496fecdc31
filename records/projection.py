"""What of a complaint stands in columns of its own, so that lists and figures need not open the whole state.

Every value here is derived from `domain.complaint.Complaint`; `records.audit` checks that it still is.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.complaint import Complaint, Deadline, Item, Promise, Task

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
        "lead_person": complaint.handover.person if complaint.handover else None,
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
    }


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
