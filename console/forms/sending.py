"""Saying what a form holds: once per key, and never over the head of what came meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4, uuid5

from console.desk import Desk
from console.reading import Case
from console.saying import say
from console.who import Who
from domain.commands import BadCommand
from domain.turns import Decision
from records.acting import Meanwhile, meanwhile, turn_of_key
from records.db import RecordsUnreachable
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

#: from this key of a form the key of its second command is made, so that sending it again finds both answers
_SECOND = "second"


@dataclass(frozen=True)
class Heard:
    """It was said: the answer, a refusal too."""

    decision: Decision


@dataclass(frozen=True)
class Overtaken:
    """Nothing was said, because others said something first. turn: what a second sending would confirm to have seen."""

    turn: int
    since: list[Meanwhile] = field(default_factory=list)


@dataclass(frozen=True)
class Unheard:
    """Nobody can say yet whether it was heard; the same form may be sent again. ours: an error of ours, on record
    nowhere."""

    ours: bool = False


@dataclass(frozen=True)
class NotRead:
    """The conversation could not read it; reason names the field."""

    reason: str


Answer = Heard | Overtaken | Unheard | NotRead


def new_key() -> str:
    """The key of a new form."""
    return str(uuid4())


def key_of(written: str) -> str:
    """The key a form came with; a new one where it is none of ours."""
    try:
        return str(UUID(written))
    except ValueError:
        return new_key()


def second_key(key: str) -> str:
    """The key of the second command of a form."""
    return str(uuid5(UUID(key), _SECOND))


async def send(
    desk: Desk, who: Who, case: Case, kind: str, fields: Mapping[str, Any], *, key: str, turn: int
) -> Answer:
    """Say it as somebody who saw the case at that turn. Refusals and messages that were delivered meanwhile do not
    matter; anything else is shown first."""
    number = case.number
    try:
        seen = turn
        if turn != case.complaint.turn:
            async with desk.office.pool.acquire() as connection:
                answered = await turn_of_key(connection, number, key, who.id)
                since = await meanwhile(connection, number, turn)
            if answered is not None:
                seen = answered - 1
            elif turn > case.complaint.turn or not all(one.quiet for one in since):
                return Overtaken(case.complaint.turn, since)
            else:
                seen = case.complaint.turn
        decision = await say(desk, who, number, kind, fields, key=key, if_turn=seen)
        if decision.rule != "turn":
            return Heard(decision)
        async with desk.office.pool.acquire() as connection:
            return Overtaken(decision.turn, await meanwhile(connection, number, seen))
    except (TryAgain, TemporalUnreachable, RecordsUnreachable):
        return Unheard()
    except OurFault:
        return Unheard(ours=True)
    except (BadCommand, NotUnderstood) as bad:
        return NotRead(str(bad))
