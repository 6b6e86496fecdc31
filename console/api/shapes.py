"""What the API answers, as models: they are the schemas of the OpenAPI document. Instants are RFC 3339 in UTC."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.codes import Stage
from domain.complaint import Deadline
from domain.turns import Decision as Ruled
from records.views import CaseSheet


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Complaint(CaseSheet):
    """One complaint as it stands. `customer` is masked unless it was asked for whole; erased words are null."""

    model_config = ConfigDict(frozen=True, title="Complaint")

    #: whether `customer` is shown whole
    whole: bool = False


class Opened(Complaint):
    """A complaint that was handed in. notes: what was not done, as sentences."""

    model_config = ConfigDict(frozen=True, title="Opened")

    #: False while Temporal cannot be told of it; the complaint is on record and starts by itself
    started: bool
    notes: list[str]


class Known(_Answer):
    """A complaint handed in before, for a caller who may not read it: its number, and nothing of how it stands."""

    number: str
    created: Literal[False] = False
    started: bool
    notes: list[str]


class Line(_Answer):
    """A complaint in a list. `customer.name` is masked. due_at: of the deadline that asks for something first."""

    number: str
    turn: int
    stage: Stage
    type: str | None
    cause: str | None
    severity: str | None
    flags: list[str]
    tags: list[str]
    owner: str | None
    desk: str
    lead: str | None
    lead_person: str | None
    project: str | None
    channel: str
    round: int
    result: str | None
    received_at: datetime
    ended_at: datetime | None
    next_deadline: datetime | None
    due_at: datetime | None
    due_name: str | None
    late: bool
    held_until: datetime | None
    waiting_for: str | None
    breached: list[str]
    group: str | None
    customer: str | None


class Page(_Answer):
    """A page of a list. next: the address of the following page; null at the end."""

    items: list[Any]
    next: str | None


class Complaints(Page):
    """A page of the complaints the caller may read."""

    items: list[Line]


class Fact(_Answer):
    """One thing that happened. data: ids, codes, numbers and instants. released: the customer may see it."""

    kind: str
    subject: str | None
    at: datetime
    by: str
    data: dict[str, Any]
    released: bool


class Turn(_Answer):
    """One turn of the ledger: what was said by whom, how it was ruled, what happened.

    command: its fields; words by id, or as `words` gives them where they were asked for.
    """

    turn: int
    kind: str
    command: dict[str, Any]
    said_by: str
    standing_in: dict[str, str] | None
    heard_at: datetime
    noticed_at: datetime
    accepted: bool
    reason: str | None
    rule: str | None
    facts: list[Fact]


class History(Page):
    """A page of the ledger, oldest turn first. words: text id → text where asked for; null for erased ones.

    end: the cursor behind the last turn of this page, which stays good: it brings what was said since.
    """

    items: list[Turn]
    end: str
    words: dict[str, str | None] | None = None


class Deadlines(_Answer):
    """Every deadline the complaint has had, by due instant. turn: when this was so."""

    number: str
    turn: int
    items: list[Deadline]


class Action(_Answer):
    """A command: whether the caller may say it now, why not by which rule, and the JSON Schema of its body."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kind: str
    title: str
    allowed: bool
    reason: str | None
    rule: str | None
    body: dict[str, Any] = Field(alias="schema")


class Actions(_Answer):
    """Every command there is, for this caller and this complaint at this turn."""

    number: str
    turn: int
    stage: Stage
    items: list[Action]


class Decision(Ruled):
    """The ruling on a command that was accepted. facts: kinds; deadlines: ids of those the turn changed."""

    model_config = ConfigDict(extra="ignore", title="Decision")

    accepted: bool


class Attachment(_Answer):
    """A file. media: found out from its bytes. name: null where it was erased. sha256: of the original bytes."""

    id: str
    number: str
    name: str | None
    media: str
    subkind: str
    size: int
    sha256: str | None
    thumbnail: bool
    added_by: str
    added_at: datetime
    turn: int | None
    href: str


class Attachments(_Answer):
    """The files of a complaint, oldest first."""

    items: list[Attachment]


class Me(_Answer):
    """Who calls, and what they may do. scopes: of the token; null for a session, which has all."""

    id: str
    name: str
    roles: list[str]
    department: str | None
    standing_in: dict[str, str]
    projects: list[str]
    scopes: list[str] | None


class Explained(_Answer):
    """A kind of problem."""

    type: str
    status: int
    title: str
    meaning: str


class Kinds(_Answer):
    """The kinds of problems there are."""

    items: list[Explained]


class Fault(_Answer):
    """One field that is wrong. pointer: RFC 6901, where the field is in the body."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    in_: Literal["body", "query", "header", "path"] = Field(alias="in")
    field: str
    message: str
    pointer: str | None = None
    accepted: str | None = None


class ProblemDetails(_Answer):
    """What went wrong (RFC 9457). rule: the requirement a refusal rests on. turn: the present one."""

    model_config = ConfigDict(frozen=True, title="Problem")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    rule: str | None = None
    turn: int | None = None
    stage: Stage | None = None
    number: str | None = None
    scope: str | None = None
    errors: list[Fault] | None = None
