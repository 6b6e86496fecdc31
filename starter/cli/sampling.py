"""The sample complaints for a first look at a running system: received in the last hours, with their first steps said.

Each is opened once, however often this runs. What a sample says happened later than its age is left to the person
at the terminal.
"""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.codes import Stage
from domain.commands import MODELS, BadCommand
from records.opening import Incoming, OtherContent
from starter.cases.reading import load_cases
from starter.cases.script import script_of
from starter.cases.shape import Case
from starter.cli.here import Here
from starter.cli.submissions import Handed
from starter.complaints import FrontDoor, NotUnderstood, OurFault, TryAgain
from starter.submission import read_submission

#: Between the receipts of two samples; the last one of 24 is some four hours old.
_APART = timedelta(minutes=10)
#: Samples spoken to at a time; a worker that has just started takes its first workflows slowly.
_AT_ONCE = 6


async def open_samples(here: Here) -> list[str]:
    """Open the samples, one after the other, then say their first steps, side by side; answers a line each."""
    now = datetime.now(UTC).replace(microsecond=0)
    numbers: dict[str, str] = {}
    steps: list[Awaitable[str]] = []
    async with here.front_door() as door:
        for place, case in enumerate(load_cases().cases, start=1):
            age = place * _APART
            try:
                opened = await door.open(_incoming(case, now - age), script_of(case).opened_by.id)
            except OtherContent:
                continue  # a first look before this one has opened it
            numbers[case.id] = opened.number
            steps.append(_say_first_steps(door, case, age, numbers))
        room = asyncio.Semaphore(_AT_ONCE)
        return list(await asyncio.gather(*(_in(room, step) for step in steps))) or [
            "the sample complaints are there already"
        ]


def _incoming(case: Case, received_at: datetime) -> Incoming:
    submission = read_submission({**case.submission, "received_at": received_at}, datetime.now(UTC))
    return Handed(case.id, submission, case.policy).incoming(request_key=f"sample-{case.id}")


async def _in(room: asyncio.Semaphore, work: Awaitable[str]) -> str:
    async with room:
        return await work


async def _say_first_steps(door: FrontDoor, case: Case, age: timedelta, numbers: dict[str, str]) -> str:
    """Say the steps that lie in the past, as far as they can be meant; answers a line on how the complaint stands."""
    number, stage = numbers[case.id], str(Stage.REGISTERED)
    for line in script_of(case).lines:
        if line.at - case.received_at > age or _has_instants(line.action, line.fields):
            break
        try:
            decision = await door.submit(number, line.command(numbers), f"sample-{case.id}-{line.number}")
        except (BadCommand, NotUnderstood, OurFault, TryAgain):
            break  # a first look goes on without it
        stage = str(decision.stage)
    return f"{number}  {case.id} · {stage} · {case.title}"


def _has_instants(kind: str, fields: Any) -> bool:
    """Whether a step names an instant: it would be one of the sample's own year."""
    return kind in MODELS and any(isinstance(value, datetime) for value in fields.values())
