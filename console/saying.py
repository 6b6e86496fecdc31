"""Saying a command to a complaint as a person of the desk. The console's forms and the HTTP API both come here."""

from collections.abc import Mapping
from typing import Any

from console.desk import Desk
from console.reading import read_case
from console.who import Who
from domain.commands import INTERNAL, BadCommand, said
from domain.turns import Decision


async def say(
    desk: Desk,
    who: Who,
    number: str,
    kind: str,
    fields: Mapping[str, Any],
    *,
    key: str | None = None,
    if_turn: int | None = None,
) -> Decision:
    """Say it and wait for the decision; a refusal is a decision too.

    fields: of the command, as JSON; the sayer is `who`, whatever they claim. key: the sayer's own id of this command.
    if_turn: the turn they saw; another one by now is refused. Raises NotThere for a case that is not theirs to read,
    BadCommand, and what FrontDoor.submit raises.
    """
    if kind in INTERNAL:
        raise BadCommand(f"kind: nobody can say {kind}.")
    command = said(kind, who.id, {**fields, **({} if if_turn is None else {"expected_turn": if_turn})})
    await read_case(desk, who, number)
    return await desk.door.submit(number, command, key)
