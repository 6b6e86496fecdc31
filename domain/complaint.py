"""What a complaint is: its whole state as data. Only `domain.lifecycle` makes a new one out of an old one.

Instants are aware and in UTC. Strings named `…_text` or typed as texts are ids of encrypted texts (CUS-10).
Collections are keyed by id where they are addressed by id, so that a turn's change of state is a small
JSON merge patch (RFC 7396).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from domain.codes import (
    ENDED,
    Cause,
    Channel,
    ComplaintType,
    Department,
    Flag,
    Line,
    Origin,
    Result,
    Role,
    Severity,
    Stage,
    TippingPoint,
)

#: raised whenever the shape below changes in a way that an older worker could not carry on
SCHEMA = 1


class Part(BaseModel):
    """A part of the state. Unknown fields of a newer build are ignored.

    A deep copy copies parts, lists and dictionaries; all else in a state is immutable and shared.
    """

    model_config = ConfigDict(extra="ignore")

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        twin = self.__copy__()
        for name, value in twin.__dict__.items():
            if isinstance(value, Part | list | dict):
                twin.__dict__[name] = _twin(value)
        return twin


def _twin(value: Any) -> Any:
    if isinstance(value, Part):
        return value.__deepcopy__()
    if isinstance(value, list):
        return [_twin(part) for part in value]
    if isinstance(value, dict):
        return {key: _twin(part) for key, part in value.items()}
    return value


class Pause(Part):
    start: datetime
    end: datetime | None = None


class Move(Part):
    """A change of a deadline's due instant, and why."""

    at: datetime
    by: str
    before: datetime
    after: datetime
    why: Literal["extended", "held", "policy", "calendar"]


class Warned(Part):
    at: datetime


class Level(Part):
    """A level of the escalation chain that has fired."""

    at: datetime
    to: list[str]
    late_by: int = 0


DeadlineState = Literal["open", "paused", "met", "met_late_entry", "fired", "cancelled"]


class Deadline(Part):
    """One opening of a deadline: it fires at most once and can say why it is there."""

    id: str
    name: str
    state: DeadlineState = "open"
    round: int
    start: datetime
    due: datetime
    #: how the due instant came about, such as "5 working days", or "given" when somebody typed it in
    span: str
    rule: str
    policy_version: str
    calendar_version: str
    #: who is told, per level, as codes of receivers
    told: list[list[str]] = []
    #: whose head DEPARTMENT_HEAD means here; the assigned department when None
    department: Department | None = None
    pauses: list[Pause] = []
    moves: list[Move] = []
    warnings: list[Warned] = []
    levels: list[Level] = []
    fired_at: datetime | None = None
    #: seconds between the due instant and the moment the system noticed
    late_by: int | None = None
    settled_at: datetime | None = None
    acknowledged_at: datetime | None = None
    #: when the workflow must wake for it next; None when nothing more will happen by itself
    wake: datetime | None = None

    @property
    def base(self) -> str:
        """The name without the part that says which one: "promise_due" of "promise_due/P1"."""
        return self.name.partition("/")[0]

    @property
    def unsettled(self) -> bool:
        """Open, paused, or fired and not yet answered."""
        return self.settled_at is None

    @property
    def pending(self) -> bool:
        """Not yet due: running or paused."""
        return self.state in ("open", "paused")


class Response(Part):
    at: datetime
    by: str
    channel: Channel
    effective: bool
    text: str | None = None
    released_by: str | None = None


class Promise(Part):
    id: str
    by: str
    made_at: datetime
    what: str | None = None
    due: datetime | None = None
    condition: str | None = None
    state: Literal["OPEN", "KEPT", "EXTENDED", "BROKEN"] = "OPEN"
    version: int = 1
    follows: str | None = None
    reason: str | None = None
    settled_at: datetime | None = None


class Task(Part):
    """Something one person owes another, with a due time where one was set (INV-12, LIF-09, LEG-05)."""

    id: str
    kind: Literal[
        "contribution",
        "help",
        "opinion",
        "visit",
        "study_session",
        "risk_note",
        "erasure",
        "call",
        "place",
        "operator",
    ]
    owner: str
    asked_by: str
    asked_at: datetime
    due: datetime | None = None
    state: Literal["OPEN", "DONE", "NO_ACCESS", "REPLACED"] = "OPEN"
    subkind: str | None = None
    what: str | None = None
    answer: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None


class Findings(Part):
    at: datetime
    by: str
    waived: bool = False
    root_cause: str | None = None
    prevention: str | None = None
    responsibility: str | None = None
    nature: str | None = None
    seriousness: str | None = None
    unfounded: bool = False
    reason: str | None = None


class Solution(Part):
    id: str
    round: int
    by: str
    at: datetime
    measures: list[str]
    compensation: Decimal | None = None
    due: datetime | None = None
    approval: Literal["not_needed", "due", "approved", "refused"] = "not_needed"
    approver_due: str | None = None
    approved_by: str | None = None

    @field_serializer("compensation")
    def _as_string(self, value: Decimal | None) -> str | None:
        return None if value is None else f"{value:.2f}"


class NegotiationRound(Part):
    handling_round: int
    number: int
    solution: str
    reply: Literal["accepted", "partly", "rejected", "pending"]
    at: datetime
    counter: str | None = None


class Limits(Part):
    floor: str | None = None
    ceiling: str | None = None


class Payment(Part):
    at: datetime
    by: str
    amount: str
    reference: str
    reversed_at: datetime | None = None


class Item(Part):
    """One obligation to fulfil (NEG-10, ARB-05)."""

    id: str
    round: int
    what: str
    owner: Role
    due: datetime
    state: Literal["OPEN", "DONE", "CARRIED_OVER"] = "OPEN"
    proof: str | None = None
    done_at: datetime | None = None
    payments: list[Payment] = []


class Agreement(Part):
    at: datetime
    by: str
    kind: str
    items: list[str]


class Mediation(Part):
    at: datetime
    kind: Literal["internal", "person", "institution"]
    round: int
    mediator: str | None = None
    consents: dict[str, str] = {}
    sessions: int = 0
    result: Literal["AGREED", "FAILED"] | None = None


class Proceeding(Part):
    """An arbitration, internal review or suit (ARB, LIT). At most one is open."""

    forum: Literal["ARBITRATION", "COURT"]
    kind: Literal["outside_body", "internal_review", "suit"]
    opened_at: datetime
    round: int
    reason: str | None = None
    filed_by: str | None = None
    body: str | None = None
    file_number: str | None = None
    agreement: str | None = None
    skipped: bool = False
    #: who will file, where the choice of the forum rests on the customer's own filing
    filing: str | None = None
    outcome: str | None = None
    decided_at: datetime | None = None
    accepted_by_customer: bool | None = None
    closed_at: datetime | None = None


class Review(Part):
    round: int
    submitted_by: str
    submitted_at: datetime
    summary: str | None = None
    decision: Literal["approved", "returned"] | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class Feedback(Part):
    round: int
    attempt: int
    at: datetime
    channel: Channel | None = None
    answered: bool = False
    satisfied: bool | None = None
    score: int | None = None
    opinions: str | None = None
    silence: bool = False


class Visit(Part):
    """A try at the follow-up visit, or the visit itself (FUV)."""

    round: int
    at: datetime
    reached: bool
    satisfied: bool | None = None
    score: int | None = None
    new_problem: str | None = None
    note: str | None = None


class Hold(Part):
    number: int
    round: int
    reason: str
    waiting_for: Literal["customer", "authority", "supplier"]
    by: str
    start: datetime
    until: datetime
    end: datetime | None = None


class Flagged(Part):
    since: datetime
    by: str
    reason: str | None = None
    households: int | None = None


class Classification(Part):
    type: ComplaintType
    cause: Cause
    severity: Severity
    secondary: ComplaintType | None = None
    subtype: str | None = None
    topic: str | None = None
    consequences: list[str] = []
    tipping_points: list[TippingPoint] = []
    deceit_alleged: bool = False
    origin: Origin | None = None
    lawful: bool | None = None
    reasonable: bool | None = None
    at: datetime
    by: str


class Handover(Part):
    department: Department
    lead: Role
    person: str | None = None
    at: datetime
    by: str
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    returned_at: datetime | None = None
    reason: str | None = None


class Complaint(Part):
    """The whole state of one complaint. `turn` counts the turns taken; the opening is turn 1."""

    schema_version: int = SCHEMA
    number: str
    turn: int = 0
    stage: Stage = Stage.REGISTERED
    entered_at: datetime
    #: each entry into a stage after REGISTERED, in order
    route: list[Stage] = []
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
    flags: dict[Flag, Flagged] = {}

    policy_version: str
    calendar_version: str
    policy_overrides: dict[str, Any] = {}
    calendar_overrides: dict[date, Literal["workday", "holiday"]] = {}

    deadlines: dict[str, Deadline] = {}
    holds: list[Hold] = []
    responses: list[Response] = []
    promises: dict[str, Promise] = {}
    tasks: dict[str, Task] = {}

    findings: Findings | None = None
    solutions: dict[str, Solution] = {}
    limits: Limits | None = None
    rounds: list[NegotiationRound] = []
    #: rounds allowed beyond policy, granted by extend_window on negotiation_rounds, per handling round
    extra_rounds: int = 0
    negotiation_failed: bool = False
    agreement: Agreement | None = None
    items: dict[str, Item] = {}
    mediation: Mediation | None = None
    proceedings: list[Proceeding] = []
    #: an outside body's award or a final judgment binds: no further forum
    bound: Literal["award", "judgment"] | None = None

    reviews: list[Review] = []
    feedback: list[Feedback] = []
    visits: list[Visit] = []

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
