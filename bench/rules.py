"""The rules alone: no server, no database, one process."""

import cProfile
import pstats
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import policies
from bench import life
from domain.codes import Channel, Role
from domain.complaint import Complaint, Receipt
from domain.hearing import Shelf
from domain.lifecycle import open_complaint, rule
from domain.roles import Asker

_PEOPLE = {
    life.SPECIALIST: Role.CS_SPECIALIST,
    life.LEAD: Role.PROJECT_MANAGER,
    life.DIRECTOR: Role.CS_DIRECTOR,
}
_START = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Rules:
    """Turns of the fuller life ruled on per second of CPU, and which share of that is copying the complaint."""

    per_second: float
    copying: float


def measure(lives: int = 100) -> Rules:
    """Rule on so many lives; the best of five tries, since others use the machine too."""
    policy = policies.load_policy(policies.current_policy_version())
    book = Shelf({policy.version: policy}, {policy.calendar: policies.load_calendar(policy.calendar)})
    turns = lives * (1 + len(life.fuller().commands))
    best = min(_seconds(book, policy.version, policy.calendar, lives) for _ in range(5))
    profile = cProfile.Profile()
    profile.enable()
    _play(book, policy.version, policy.calendar, lives)
    profile.disable()
    return Rules(turns / best, _share_of_copies(profile))


def _seconds(book: Shelf, policy: str, calendar: str, lives: int) -> float:
    before = time.process_time()
    _play(book, policy, calendar, lives)
    return time.process_time() - before


def _play(book: Shelf, policy: str, calendar: str, lives: int) -> None:
    commands = life.fuller().commands
    askers = {person: Asker(id=person, roles=(role,)) for person, role in _PEOPLE.items()}
    receipt = Receipt(
        channel=Channel.TELEPHONE, received_at=_START, policy_version=policy, calendar_version=calendar
    )
    for _ in range(lives):
        complaint: Complaint = open_complaint(
            "2026-000001", receipt, askers[life.SPECIALIST], _START, book
        ).complaint
        for place, command in enumerate(commands, start=1):
            complaint = rule(complaint, command, askers[command.by], _START + place * _STEP, book).complaint


def _share_of_copies(profile: cProfile.Profile) -> float:
    """Time below a complaint's own copy over time in all rulings; profiling weighs small calls too heavily."""
    copying = whole = 0.0
    for (_, _, name), (_, _, _, cumulative, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if name == "__deepcopy__":
            copying += sum(called[3] for caller, called in callers.items() if caller[2] == "model_copy")
        elif name in ("rule", "open_complaint"):
            whole += cumulative
    return copying / whole
