"""What a person's seats oblige and entitle them to, stage by stage, out of the tables the rules run by (ORG-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.askers import DEPARTMENTS, Asker
from domain.codes import ENDED, Receiver, Role, Stage
from domain.commands import INTERNAL
from domain.deadline_table import TABLE as DEADLINES
from domain.lifecycle import TABLE
from domain.roles import Place, Seat, in_leading_group, right_to

Condition = Literal["always", "lead", "case", "item"]
_NEEDS: dict[Place, Condition] = {
    Place.EMPLOYEE: "always",
    Place.LEAD_SIDE: "lead",
    Place.ON_THE_CASE: "case",
    Place.ITEM_OWNER: "item",
}


@dataclass(frozen=True)
class StageDuties:
    """What may be said in a stage. always: by seat alone; lead: where one's department or seat leads the case; case:
    where one is on it, by name or because asked; item: where an obligation of the agreement is one's own."""

    stage: Stage
    always: tuple[str, ...]
    lead: tuple[str, ...]
    case: tuple[str, ...]
    item: tuple[str, ...]


@dataclass(frozen=True)
class Owed:
    """A deadline whose running out this person is told of: at once (level 1), or while it is still open at a later one.

    heads: whether only as head of the department that has the complaint.
    """

    name: str
    source: str
    level: int
    heads: bool


def duties_of(asker: Asker) -> list[StageDuties]:
    """For each stage, which commands this person may say, and on what condition."""
    found = []
    for stage in Stage:
        said: dict[Condition, list[str]] = {"always": [], "lead": [], "case": [], "item": []}
        for kind, row in TABLE.items():
            if kind in INTERNAL or stage not in row.stages:
                continue
            conditions = {needs for seat in right_to(kind).seats if (needs := _needs(asker, seat))}
            first = next((one for one in said if one in conditions), None)
            if first is not None:
                said[first].append(kind)
        found.append(StageDuties(stage, **{name: tuple(kinds) for name, kinds in said.items()}))
    return found


def _needs(asker: Asker, seat: Seat) -> Condition | None:
    if not asker.employed:
        return None
    if isinstance(seat, Role):
        return "always" if asker.holds(seat) else None
    if seat is Place.LEADING_GROUP:
        return "always" if in_leading_group(asker) else None
    if seat is Place.ON_THE_CASE and asker.holds(Role.CS_SPECIALIST, Role.CS_DIRECTOR):
        return "always"
    if seat is Place.NEGOTIATOR:
        return "case" if asker.holds(Role.NEGOTIATOR) else None
    return _NEEDS.get(seat)


def in_common(duties: Sequence[StageDuties]) -> tuple[StageDuties, list[StageDuties]]:
    """What may be said in every open stage, once (its `stage` is the first), and of each stage what is its own."""
    going = [one for one in duties if one.stage not in ENDED]
    columns: tuple[Condition, ...] = ("always", "lead", "case", "item")
    shared = {
        name: tuple(
            kind for kind in getattr(going[0], name) if all(kind in getattr(one, name) for one in going)
        )
        for name in columns
    }
    own = [
        one
        if one.stage in ENDED
        else StageDuties(
            one.stage,
            **{
                name: tuple(kind for kind in getattr(one, name) if kind not in shared[name])
                for name in columns
            },
        )
        for one in duties
    ]
    return StageDuties(going[0].stage, **shared), own


def owed_by(asker: Asker) -> list[Owed]:
    """The deadlines this person is told of when they run out, the nearest level each, in the order of a case's life."""
    mine = _receivers(asker)
    found = []
    for rule in DEADLINES:
        if callable(rule.told):
            continue
        level = next((place for place, told in enumerate(rule.told, 1) if mine.intersection(told)), None)
        if level is not None:
            heads = mine.intersection(rule.told[level - 1]) == {Receiver.DEPARTMENT_HEAD}
            found.append(Owed(rule.name, rule.source, level, heads))
    return found


def _receivers(asker: Asker) -> set[str]:
    mine: set[str] = {role for role in Role if asker.holds(role)}
    if asker.holds(Role.CS_SPECIALIST):
        mine |= {Receiver.OWNER, Receiver.FIRST_CONTACT}
    if asker.holds(*(roles[0] for roles in DEPARTMENTS.values())) or asker.holds(Role.CS_DIRECTOR):
        mine.add(Receiver.DEPARTMENT_HEAD)
    if in_leading_group(asker):
        mine.add(Receiver.LEADING_GROUP)
    if asker.holds(Role.LEGAL):
        mine.add(Receiver.HEAD_OF_LEGAL)
    return mine
