"""What has happened, in the past tense, and what a ruling consists of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.complaint import Complaint


class Fact(BaseModel):
    """One thing that happened. `data` holds ids, codes, numbers and instants only."""

    model_config = ConfigDict(frozen=True)

    kind: str
    #: when it happened, UTC; not later than the turn
    at: datetime
    by: str
    subject: str | None = None
    data: dict[str, Any] = {}
    #: may the customer see it
    released: bool = False

    @property
    def matches(self) -> tuple[str, ...]:
        """The words by which deadline rules know this fact: "entered" and "entered:FEEDBACK"."""
        return (self.kind,) if self.subject is None else (self.kind, f"{self.kind}:{self.subject}")


class Notice(BaseModel):
    """A message that must go out once. `key` is the business key: the same key is never sent twice (SLA-11)."""

    model_config = ConfigDict(frozen=True)

    key: str
    template: str
    #: a code of Receiver or Role, or `person:<user id>`
    to: str
    #: codes, numbers and instants for the template; texts by id
    params: dict[str, str] = {}
    #: the deadline it warns of; withdrawn when that deadline is settled or moved before `not_before`
    deadline: str | None = None
    not_before: datetime | None = None


class Ruling(BaseModel):
    """What a turn came to. `complaint` is the new state, also when the command was refused."""

    model_config = ConfigDict(frozen=True)

    accepted: bool
    complaint: Complaint
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
    reason: str | None = None
    rule: str | None = None
    #: refused because of who said it, not because of how the case stands
    not_theirs: bool = False


class Refused(Exception):
    """A command that may not be said now, or not by this person. `reason` can be read aloud."""

    def __init__(self, reason: str, rule: str) -> None:
        super().__init__(f"{reason} ({rule})")
        self.reason = reason
        self.rule = rule


class NotTheirs(Refused):
    """A command that is not this person's to say in this case; somebody else may."""


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch (RFC 7396) that turns `before` into `after`; neither may hold null."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        if name not in before:
            patch[name] = value
        elif isinstance(value, Mapping) and isinstance(before[name], Mapping):
            if inner := merge_patch(before[name], value):
                patch[name] = inner
        elif value != before[name]:
            patch[name] = value
    return patch


def apply_patch(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`before` with a JSON merge patch applied (RFC 7396)."""
    after = dict(before)
    for name, value in patch.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, Mapping):
            old = after.get(name)
            after[name] = apply_patch(old if isinstance(old, Mapping) else {}, value)
        else:
            after[name] = value
    return after


def state_of(complaint: Complaint) -> dict[str, Any]:
    """The JSON form of a complaint's state, without nulls, as it stands in the records."""
    return complaint.model_dump(mode="json", exclude_none=True)
