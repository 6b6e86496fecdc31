"""What a complaint is: its whole state as data. Only `domain.lifecycle` makes a new one out of an old one.

Instants are aware and in UTC. Strings named `…_text` or typed as texts are ids of encrypted texts (CUS-10).
Collections are keyed by id where they are addressed by id, so that a turn's change of state is a small
JSON merge patch (RFC 7396).
"""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from domain.codes import ENDED, Channel, Department, Flag, Line, Result, Role, Stage
from domain.parts import (
    SCHEMA,
    Agreement,
    Classification,
    Deadline,
    DeadlineState,
    Feedback,
    Findings,
    Flagged,
    Handover,
    Hold,
    Item,
    Level,
    Limits,
    Mediation,
    Move,
    NegotiationRound,
    Part,
    Pause,
    Payment,
    Proceeding,
    Promise,
    Response,
    Review,
    Solution,
    Task,
    Visit,
    Warned,
)

__all__ = [
    "SCHEMA",
    "Agreement",
    "Classification",
    "Complaint",
    "Deadline",
    "DeadlineState",
    "Feedback",
    "Findings",
    "Flagged",
    "Handover",
    "Hold",
    "Item",
    "Level",
    "Limits",
    "Mediation",
    "Move",
    "NegotiationRound",
    "Part",
    "Pause",
    "Payment",
    "Proceeding",
    "Promise",
    "Receipt",
    "Response",
    "Review",
    "Solution",
    "Task",
    "Visit",
    "Warned",
]


class Complaint(Part):
    """The whole state of one complaint. `turn` counts the turns taken; the opening is turn 1."""

    schema_version: int = SCHEMA
    number: str
    turn: int = 0
    stage: Stage = Stage.REGISTERED
    entered_at: datetime
    #: each entry into a stage after REGISTERED, in order
    route: list[Stage] = Field(default_factory=list)
    round: int = 1
    second_handlings: int = 0
    result: Result | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    channel: Channel
    line: Line = Line.SALES
    project: str | None = None
    received_at: datetime
    registered_at: datetime | None = None
    first_contact: str
    about_role: Role | None = None
    about_person: str | None = None
    duplicate_of: str | None = None
    group: str | None = None

    owner: str | None = None
    classification: Classification | None = None
    handover: Handover | None = None
    flags: dict[Flag, Flagged] = Field(default_factory=dict)

    policy_version: str
    calendar_version: str
    policy_overrides: dict[str, Any] = Field(default_factory=dict)
    calendar_overrides: dict[date, Literal["workday", "holiday"]] = Field(default_factory=dict)

    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    holds: list[Hold] = Field(default_factory=list)
    responses: list[Response] = Field(default_factory=list)
    promises: dict[str, Promise] = Field(default_factory=dict)
    tasks: dict[str, Task] = Field(default_factory=dict)

    findings: Findings | None = None
    solutions: dict[str, Solution] = Field(default_factory=dict)
    limits: Limits | None = None
    rounds: list[NegotiationRound] = Field(default_factory=list)
    #: rounds allowed beyond policy, granted by extend_window on negotiation_rounds, per handling round
    extra_rounds: int = 0
    negotiation_failed: bool = False
    agreement: Agreement | None = None
    items: dict[str, Item] = Field(default_factory=dict)
    mediation: Mediation | None = None
    proceedings: list[Proceeding] = Field(default_factory=list)
    #: an outside body's award or a final judgment binds: no further forum
    bound: Literal["award", "judgment"] | None = None

    reviews: list[Review] = Field(default_factory=list)
    feedback: list[Feedback] = Field(default_factory=list)
    visits: list[Visit] = Field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.stage in ENDED

    @property
    def hold(self) -> Hold | None:
        """The hold that runs now."""
        return self.holds[-1] if self.holds and self.holds[-1].end is None else None

    @property
    def department(self) -> Department | None:
        return self.handover.department if self.handover else None

    @property
    def lead(self) -> Role | None:
        return self.handover.lead if self.handover else None

    @property
    def proceeding(self) -> Proceeding | None:
        """The arbitration or suit that is open."""
        return self.proceedings[-1] if self.proceedings and self.proceedings[-1].closed_at is None else None

    @property
    def desk(self) -> str:
        """Whose desk the case lies on: the assigned department, customer service before that."""
        return self.department or Department.CUSTOMER_SERVICE

    @property
    def wakes(self) -> list[tuple[Deadline, datetime]]:
        """The deadlines for which a timer must run, each with its instant, the earliest first."""
        waiting = [
            (deadline, deadline.wake) for deadline in self.deadlines.values() if deadline.wake is not None
        ]
        return sorted(waiting, key=lambda pair: (pair[1], pair[0].id))

    @property
    def next_deadline(self) -> datetime | None:
        """The next due instant of a deadline that has not fired."""
        return min((d.due for d in self.deadlines.values() if d.state == "open"), default=None)

    @property
    def breached(self) -> list[str]:
        """Names of deadlines that fired and are not settled."""
        return sorted({d.name for d in self.deadlines.values() if d.state == "fired" and d.unsettled})

    def of_round(self, number: int | None = None) -> list[NegotiationRound]:
        """The negotiation rounds of a handling round (the present one by default)."""
        wanted = self.round if number is None else number
        return [entry for entry in self.rounds if entry.handling_round == wanted]

    def held_for(self) -> timedelta:
        """How long this handling round has been on hold, a running hold counted to its `until` (commands.md §3)."""
        spans = [(hold.end or hold.until) - hold.start for hold in self.holds if hold.round == self.round]
        return sum(spans, timedelta())

    def last_feedback(self) -> Feedback | None:
        """The latest answered feedback or silence of the present round."""
        told = [
            entry
            for entry in self.feedback
            if entry.round == self.round and (entry.answered or entry.silence)
        ]
        return told[-1] if told else None

    def follow_up(self) -> Visit | None:
        """The latest visit of this round in which the customer was asked."""
        done = [visit for visit in self.visits if visit.round == self.round and visit.satisfied is not None]
        return done[-1] if done else None


class Receipt(Part):
    """What is known when a complaint comes in; texts are ids."""

    channel: Channel
    received_at: datetime
    line: Line = Line.SALES
    project: str | None = None
    #: the project or unit was not found in the master data and must be settled by a person
    place_unknown: bool = False
    policy_version: str
    calendar_version: str
    policy_overrides: dict[str, Any] = Field(default={})
    calendar_overrides: dict[date, Literal["workday", "holiday"]] = Field(default={})
