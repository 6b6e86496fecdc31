"""The script of a case: what is said, when and by whom. Who plays it, and where, is known elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.codes import Role
from domain.commands import Said, said
from starter.cases import plain
from starter.cases.shape import Case, Sayer

#: Fields that name another complaint; in a cases file they name a case, whose number is known only when it is open.
_NAMES_A_CASE = {"link_duplicate": "of"}


@dataclass(frozen=True)
class Line:
    """One thing said: at an aware instant, by a person. `number` counts the steps of the case from 1."""

    number: int
    at: datetime
    by: Sayer
    action: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    keeps: str | None = None

    def command(self, numbers: Mapping[str, str]) -> Said:
        """The command as the rules know it. numbers: complaint number by case id, of the cases opened so far.

        Raises BadCommand with one sentence where the command cannot be understood.
        """
        fields = dict(self.fields)
        name = _NAMES_A_CASE.get(self.action)
        if name is not None and fields.get(name) in numbers:
            fields[name] = numbers[fields[name]]
        if self.keeps is not None:
            fields["keeps"] = self.keeps
        return said(self.action, self.by.id, fields)


@dataclass(frozen=True)
class Script:
    """A case in words: who opens it, what is said, and until when it is watched (aware)."""

    opened_by: Sayer
    lines: tuple[Line, ...]
    ends_at: datetime

    @property
    def people(self) -> tuple[Sayer, ...]:
        """Everybody with a seat who speaks, each once."""
        speaking = [self.opened_by, *(line.by for line in self.lines)]
        return tuple(dict.fromkeys(sayer for sayer in speaking if sayer.role is not None))


def script_of(case: Case) -> Script:
    """The script of a case: its steps in order of time, or the plain script along its route when it has none."""
    if case.steps:
        lines = [
            Line(number, step.at, step.by, step.action, step.fields, step.keeps)
            for number, step in enumerate(case.steps, start=1)
        ]
    else:
        lines = [
            Line(number, move.at, move.by, move.action, move.fields)
            for number, move in enumerate(plain.moves(case), start=1)
        ]
    in_time = tuple(sorted(lines, key=lambda line: (line.at, line.number)))
    first_seat = next((line.by for line in in_time if line.by.role is not None), _FRONT_DESK)
    return Script(first_seat, in_time, in_time[-1].at if in_time else case.received_at)


_FRONT_DESK = Sayer(id="cs_specialist-1", role=Role.CS_SPECIALIST)
