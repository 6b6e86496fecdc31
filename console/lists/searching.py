"""What is typed into the search field, turned into the address of a list without a personal word in it (CUS-10).

A number or its last digits stay as they are. A telephone number, an e-mail address or a unit is looked up by its keyed
digest, a project by its name. Names of customers are encrypted and cannot be searched.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from console.desk import Desk
from console.who import Who
from records.db import Connection, reaching
from records.opening import unit_mark
from records.views import queue

_WHOLE = re.compile(r"\d{4}-\d{6,}", re.ASCII)
_TAIL = re.compile(r"\d{2,6}", re.ASCII)
#: what people write between a project and a unit
_BETWEEN = re.compile(r"^[\s,\uff0c/]+")
LONGEST = 200


async def address_for(desk: Desk, who: Who, typed: str) -> str | None:
    """Where what was typed is found: a list's address, or a case's for a whole number; None where nothing fits."""
    typed = " ".join(typed.split())[:LONGEST]
    if _WHOLE.fullmatch(typed):
        return f"/case/{typed}"
    if _TAIL.fullmatch(typed):
        return f"/queue/all?{urlencode({'q': typed})}"
    if not typed:
        return None
    with reaching():
        async with desk.office.pool.acquire() as connection:
            return await _looked_up(desk, who, connection, typed)


async def _looked_up(desk: Desk, who: Who, connection: Connection, typed: str) -> str | None:
    projects = (await queue.choices(connection, desk.now())).projects
    folded = typed.casefold()
    named = [code for code, name in projects if folded in name.casefold() or folded == code.casefold()]
    digest = desk.office.texts.digest
    marks = [digest(typed), *(digest(unit_mark(code, unit)) for code, unit in _units(typed, projects))]
    if known := await queue.known_marks(connection, who.asker, marks):
        return "/queue/all?" + urlencode([("mark", mark.hex()) for mark in known])
    if not named and await queue.project_written(connection, who.asker, typed):
        named = [typed]
    return "/queue/all?" + urlencode([("project", code) for code in named]) if named else None


def _units(typed: str, projects: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """How a unit may be meant, as (code of the project, unit): in any, or in the one whose name, its end or code leads."""
    meant = [(code, typed) for code, _ in projects]
    for code, name in projects:
        for spoken in (name, name.rpartition("·")[2], code):
            if spoken and typed.startswith(spoken):
                meant.append((code, _BETWEEN.sub("", typed[len(spoken) :])))
    return meant
