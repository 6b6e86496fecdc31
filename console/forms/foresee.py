"""What a command would do, ruled on by the rules themselves and said to nobody.

The page shows the stage it leads to, the clocks it starts, moves and stops, and who would be told, or the refusal;
the same before anything is said, so that two commands of one form are refused together and not by halves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from console.case.limits import sees_limits
from console.forms.shape import fields_of, unanswered
from console.reading import Case
from domain.codes import Receiver, Stage
from domain.commands import BadCommand, said
from domain.complaint import Complaint, Deadline
from domain.facts import Notice, Refused, Ruling
from domain.lifecycle import catch_up, rule

#: stands for a text that has not been typed yet
_UNTYPED = "…"


class Effect(BaseModel):
    """What would come of a command. moved: deadlines with another due instant, by what was due before. done: kinds of
    the tasks it settles.

    customer_at: when the customer is told, where the quiet hours keep the message until then.
    """

    stage: Stage | None = None
    started: list[Deadline] = []
    moved: list[tuple[datetime, Deadline]] = []
    settled: list[Deadline] = []
    done: list[str] = []
    told: list[str] = []
    customer_at: datetime | None = None


@dataclass(frozen=True)
class Foreseen:
    """The effect, or why the command would be refused; neither where too little is known yet.

    notices: the messages that would go out, with the words as they were typed in place of their ids.
    """

    effect: Effect | None = None
    refused: Refused | None = None
    after: Complaint | None = field(default=None, repr=False)
    notices: tuple[Notice, ...] = field(default=(), repr=False)


def foresee(
    case: Case, kind: str, fields: Mapping[str, Any], now: datetime, after: Complaint | None = None
) -> Foreseen:
    """What would come of saying this now; `after`: to the complaint as another command would leave it.

    Texts not typed yet do not matter; anything else that is missing makes nothing foreseeable.
    """
    if unanswered(kind, fields):
        return Foreseen()
    try:
        command = said(kind, case.asker.id, {**_placeholders(kind, fields), **fields})
    except BadCommand:
        return Foreseen()
    before = catch_up(after or case.complaint, now, case.book).complaint
    ruling = rule(before, command, case.asker, now, case.book)
    if not ruling.accepted:
        return Foreseen(refused=Refused(ruling.reason or "", ruling.rule or ""))
    effect = _effect(before, ruling)
    if kind == "propose_solution" and before.limits and not sees_limits(case.complaint, case.asker):
        effect.told = []
    if Receiver.CUSTOMER in effect.told:
        effect.customer_at = kept_until(case, now)
    return Foreseen(effect=effect, after=ruling.complaint, notices=ruling.notices)


def kept_until(case: Case, now: datetime) -> datetime | None:
    """When a message to the customer may go, if that is later than now."""
    policy = case.book.policy(case.complaint.policy_version)
    zone = case.book.calendar(case.complaint.calendar_version).zone
    release: datetime = policy.table("quiet_hours").release(now, zone)
    return release if release > now else None


def _placeholders(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for one in fields_of(kind):
        if one.required and one.limit and not fields.get(one.name):
            given[one.name] = [_UNTYPED] if one.widget == "lines" else _UNTYPED
    return given


def _effect(before: Complaint, ruling: Ruling) -> Effect:
    after = ruling.complaint
    started, moved, settled = [], [], []
    for name, deadline in after.deadlines.items():
        old = before.deadlines.get(name)
        if old is None and deadline.pending:
            started.append(deadline)
        elif old is not None and old.unsettled and not deadline.unsettled:
            settled.append(deadline)
        elif old is not None and deadline.unsettled and old.due != deadline.due:
            moved.append((old.due, deadline))
    return Effect(
        stage=after.stage if after.stage != before.stage else None,
        started=sorted(started, key=lambda one: one.due),
        moved=moved,
        settled=settled,
        done=[
            task.kind
            for name, task in after.tasks.items()
            if task.state == "DONE" and name in before.tasks and before.tasks[name].state == "OPEN"
        ],
        told=_told(ruling.notices),
    )


def _told(notices: tuple[Notice, ...]) -> list[str]:
    """Who would be told at once, as codes of receivers; warnings ahead of deadlines are none of it."""
    now = [notice.to for notice in notices if notice.not_before is None]
    return list(dict.fromkeys(now))
