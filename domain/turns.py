"""What passes between the conversation (the workflow) and the records: turns, answers and the sheet.

Small on purpose: ids, codes, numbers and instants only, so that history holds nothing personal and its size does
not depend on what people write.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.codes import Stage
from domain.complaint import Complaint
from domain.facts import Ruling


class Message(BaseModel):
    """Shapes grow by fields with defaults; what is unknown is ignored (a newer build may have said it)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Start(Message):
    """How a complaint's workflow begins: from the number alone, the records know the rest.

    clock_offset: seconds by which workflow time runs ahead of business time; zero outside the rehearsal namespace.
    """

    number: str
    clock_offset: float = 0.0

    def business_time(self, instant: datetime) -> datetime:
        """An instant of workflow time (aware) as business time."""
        return instant - timedelta(seconds=self.clock_offset)

    def heard_at(self, instant: datetime) -> datetime:
        """When a command that comes at this instant of workflow time counts as heard, in business time.

        A rehearsal's clock shows whole minutes, the nearest one: real time runs on between skipping to an instant and
        saying something there, and what is said to the minute is heard as the rules alone would hear it.
        """
        exact = self.business_time(instant)
        if not self.clock_offset:
            return exact
        return (exact + timedelta(seconds=30)).replace(second=0, microsecond=0)


class Wake(Message):
    """When the calendar must speak next for a deadline. `id` is "turn:name"."""

    id: str
    at: datetime

    @property
    def name(self) -> str:
        return self.id.partition(":")[2]


class Sheet(Message):
    """What the workflow lives by: where the complaint stands, its timers, and what operators are shown."""

    number: str
    turn: int
    schema_version: int
    stage: Stage
    ended: bool = False
    round: int = 1
    type: str | None = None
    severity: str | None = None
    desk: str = "customer_service"
    owner: str | None = None
    project: str | None = None
    policy_version: str = ""
    result: str | None = None
    on_hold: bool = False
    breached: list[str] = []
    next_deadline: datetime | None = None
    wakes: list[Wake] = []


class Turn(Message):
    """One command on its way to a ruling. `command` is its JSON form, judged in the ruling, never before.

    turn: the number this turn would have. id: the asker's key. heard_at: when it reached the workflow; a deadline:
    the instant it falls due. noticed_at: when its turn came. All business time, UTC.
    """

    number: str
    turn: int
    id: str
    command: Any
    heard_at: datetime
    noticed_at: datetime


class Decision(Message):
    """The answer to whoever asked (commands.md §6). `facts` are kinds, `deadlines` ids of those the turn changed."""

    accepted: bool
    number: str
    turn: int
    stage: Stage
    facts: list[str] = []
    deadlines: list[str] = []
    reason: str | None = None
    rule: str | None = None


class Outcome(Message):
    """What the records answer: the decision, or none where the turn number did not fit; the present sheet; and
    whether messages wait to be sent."""

    decision: Decision | None
    sheet: Sheet
    messages: bool = False


def sheet_of(complaint: Complaint) -> Sheet:
    """The sheet of a complaint as it stands."""
    kind = complaint.classification
    return Sheet(
        number=complaint.number,
        turn=complaint.turn,
        schema_version=complaint.schema_version,
        stage=complaint.stage,
        ended=complaint.ended,
        round=complaint.round,
        type=kind.type if kind else None,
        severity=kind.severity if kind else None,
        desk=complaint.desk,
        owner=complaint.owner or complaint.first_contact,
        project=None if "place" in complaint.tasks else complaint.project,
        policy_version=complaint.policy_version,
        result=complaint.result,
        on_hold=complaint.hold is not None,
        breached=complaint.breached,
        next_deadline=complaint.next_deadline,
        wakes=[Wake(id=deadline.id, at=moment) for deadline, moment in complaint.wakes],
    )


def decision_of(ruling: Ruling, before: Complaint | None = None) -> Decision:
    """The decision that tells what a ruling came to. `before` lets it name the deadlines the turn changed."""
    known = before.deadlines if before else {}
    after = ruling.complaint
    return Decision(
        accepted=ruling.accepted,
        number=after.number,
        turn=after.turn,
        stage=after.stage,
        facts=list(dict.fromkeys(fact.kind for fact in ruling.facts)),
        deadlines=[name for name, deadline in after.deadlines.items() if known.get(name) != deadline],
        reason=ruling.reason,
        rule=ruling.rule,
    )
