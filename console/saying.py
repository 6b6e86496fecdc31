"""Saying a command to a complaint as a person of the desk. The console's forms and the HTTP API both come here."""

import re
from collections.abc import Mapping
from typing import Any

from console.desk import Desk
from console.reading import Case, read_case
from console.who import Who
from domain.commands import INTERNAL, BadCommand, said
from domain.roles import may_read
from domain.turns import Decision
from records import drafts
from records.db import transaction

#: Somebody named in a note. Only ASCII before the sign makes it a mail address; Chinese is written without spaces.
_NAMED = re.compile(r"(?<![A-Za-z0-9_@.])@([a-z0-9][a-z0-9_.\-]{0,63})")
#: people one note can name
_MOST_NAMED = 20


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
    """Say it and wait for the decision; a refusal is a decision too. A note tells those it names with @ (LIF-04).

    fields: of the command, as JSON; the sayer is `who`, whatever they claim. key: the sayer's own id of this command.
    if_turn: the turn they saw; another one by now is refused. Raises NotThere for a case that is not theirs to read,
    BadCommand, and what FrontDoor.submit raises.
    """
    if kind in INTERNAL:
        raise BadCommand(f"kind: nobody can say {kind}.")
    command = said(kind, who.id, {**fields, **({} if if_turn is None else {"expected_turn": if_turn})})
    case = await read_case(desk, who, number)
    decision = await desk.door.submit(number, command, key)
    if kind == "add_note" and decision.accepted:
        await _name(desk, who, case, str(fields.get("text", "")), decision.turn)
    return decision


async def _name(desk: Desk, who: Who, case: Case, text: str, turn: int) -> None:
    """Those who are named and may read the case find it in their inbox. Said again, it names nobody twice; where the
    records are away in between, whoever says the note again under its key names them then."""
    named = {user_id.rstrip(".") for user_id in _NAMED.findall(text)} - {who.id}
    if not named:
        return
    async with transaction(desk.office.pool) as connection:
        acting = await drafts.acting_people(connection, sorted(named)[:_MOST_NAMED], desk.now())
        readers = [one.id for one in acting if may_read(case.complaint, one)]
        await drafts.mention(connection, readers, case.number, turn, who.id)
