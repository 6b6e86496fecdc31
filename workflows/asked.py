"""What waits to be taken as a turn, and what operators are shown. Passed through the sandbox: no clock, no chance."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from domain.turns import Decision, Outcome, Sheet, Wake

#: One transaction on a healthy database takes milliseconds; a stuck one is given up and tried again.
ONE_WRITE = timedelta(seconds=10)
#: A local try is repeated at once; then the turn is handed to a remote activity.
QUICK = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=3)
#: Unreachable records are waited for without end; the activity itself says when an error of ours is final.
ENDLESS = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
#: What a delivery after a turn may cost; the Schedule `outbox` sends whatever is left.
ONE_DELIVERY = timedelta(seconds=30)
DELIVERY = timedelta(minutes=2)
FEW = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_attempts=3)
#: When a deadline rings again whose turn could not be put on record.
SNOOZE = timedelta(hours=1)

NO_KEY = (
    "The id of a command has 1 to 500 characters, no control characters, and does not begin with a slash."
)

#: What PostgreSQL cannot keep as text, or nobody can read in an id.
_UNKEPT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONE = re.compile(r"[\ud800-\udfff]")

#: Instants are shown to operators in the company's zone.
_ZONE = ZoneInfo("Asia/Shanghai")

_STAGE = SearchAttributeKey.for_keyword("ComplaintStage")
_TYPE = SearchAttributeKey.for_keyword("ComplaintType")
_SEVERITY = SearchAttributeKey.for_keyword("Severity")
_DESK = SearchAttributeKey.for_keyword("Desk")
_PROJECT = SearchAttributeKey.for_keyword("Project")
_POLICY = SearchAttributeKey.for_keyword("PolicyVersion")
_BREACHED = SearchAttributeKey.for_keyword("Breached")
_NEXT = SearchAttributeKey.for_datetime("NextDeadline")
_ROUND = SearchAttributeKey.for_int("HandlingRound")


@dataclass(order=True)
class Asked:
    """One command waiting for its turn: in order of when it was heard, a deadline by its due instant and last."""

    heard_at: datetime
    rank: int
    place: int
    id: str = field(compare=False)
    command: Any = field(compare=False)
    answer: asyncio.Future[Decision] = field(compare=False)
    wake: Wake | None = field(compare=False, default=None)

    @property
    def summary(self) -> str:
        """What operators read beside the turn: the command's kind, or the deadline's name."""
        if self.wake is not None:
            return f"deadline {self.wake.name}"
        kind = self.command.get("kind") if isinstance(self.command, dict) else None
        return kind if isinstance(kind, str) and len(kind) <= 60 else "unreadable command"


def is_key(id: str) -> bool:
    """Whether a client may use this as the id of a command; ids of ours begin with a slash."""
    return 0 < len(id) <= 500 and not id.startswith("/") and not _UNKEPT.search(id)


def plain(command: Any) -> Any:
    """A command as it came, if it is a JSON object that the records can keep; else None, which is refused on record."""
    try:
        written = json.dumps(command, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    names = command if isinstance(command, dict) else {}
    return None if _LONE.search(written) or any(_UNKEPT.search(name) for name in names) else command


def unrecorded(sheet: Sheet) -> Outcome:
    """The answer where a turn could be neither ruled on nor set aside. Nothing is on record, so it may be said again."""
    return Outcome(
        decision=Decision(
            accepted=False,
            number=sheet.number,
            turn=sheet.turn,
            stage=sheet.stage,
            reason="An error of ours keeps this from being put on record; nothing was done.",
            rule="fault",
        ),
        sheet=sheet,
    )


def local(instant: datetime) -> str:
    """An instant as operators read it."""
    return f"{instant.astimezone(_ZONE):%Y-%m-%d %H:%M}"


def attribute_changes(sheet: Sheet, shown: TypedSearchAttributes) -> list[SearchAttributeUpdate[Any]]:
    """The search attributes that differ from what is shown; each upsert costs an event, so only what changed."""
    wanted: list[tuple[SearchAttributeKey[Any], Any]] = [
        (_STAGE, str(sheet.stage)),
        (_TYPE, sheet.type),
        (_SEVERITY, sheet.severity),
        (_DESK, sheet.desk),
        (_PROJECT, sheet.project),
        (_POLICY, sheet.policy_version),
        (_BREACHED, "yes" if sheet.breached else "no"),
        (_NEXT, sheet.next_deadline),
        (_ROUND, sheet.round),
    ]
    changes: list[SearchAttributeUpdate[Any]] = []
    for key, value in wanted:
        before = shown.get(key)
        if isinstance(before, datetime):
            before = before.astimezone(UTC)
        if value != before:
            changes.append(key.value_unset() if value is None else key.value_set(value))
    return changes


def case_sheet(sheet: Sheet) -> str:
    """The case sheet in the operator's current details, in Markdown. Ids, codes and instants only."""
    lines = [
        f"### Complaint {sheet.number}: {sheet.stage}",
        "",
        f"turn {sheet.turn} · round {sheet.round} · desk {sheet.desk} · owner {sheet.owner or '–'}",
        f"type {sheet.type or '–'} · severity {sheet.severity or '–'} · project {sheet.project or '–'}",
        f"policy {sheet.policy_version}{' · ON HOLD' if sheet.on_hold else ''}",
    ]
    if sheet.result:
        lines.append(f"result {sheet.result}")
    if sheet.breached:
        lines += ["", f"**breached:** {', '.join(sheet.breached)}"]
    if sheet.wakes:
        lines += ["", "| deadline | wakes (Asia/Shanghai) |", "|---|---|"]
        lines += [f"| {wake.name} | {local(wake.at)} |" for wake in sheet.wakes]
    return "\n".join(lines)
