"""The parts a complaint's state is made of.

Instants are aware and in UTC. Strings named `…_text` or typed as texts are ids of encrypted texts (CUS-10).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, field_serializer

from domain.codes import (
    Cause,
    Channel,
    ComplaintType,
    Department,
    Origin,
    Role,
    Severity,
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

    @property
    def paid(self) -> list[Payment]:
        """The payments that were not reversed."""
        return [payment for payment in self.payments if payment.reversed_at is None]


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
    #: of a suit: the last judgment, final or not
    judged_at: datetime | None = None
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
