"""What every command carries, and what those carry that tell of something that has happened."""

from pydantic import BaseModel, ConfigDict, Field

from domain.texts import Code, Text, UserId, When

#: no count in a command is larger
MANY = 1_000_000


class Said(BaseModel):
    """What every command carries. `by` is the acting person's user id, or `feed:<name>`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    by: UserId
    #: the promise this step keeps (SLA-10)
    keeps: Code | None = None
    #: the turn the sayer saw; another one by now is refused
    expected_turn: int | None = Field(default=None, ge=0, le=MANY)


class Dated(Said):
    """A command about something that has happened; it may be entered late, with a reason after a day."""

    happened_at: When | None = None
    reason: Text | None = None
