"""The sample complaints for a first look at a running system: received in the last hours, with their first steps said.

Each is opened once, however often this runs. What a sample says happened later than its age is left to the person
at the terminal.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.commands import MODELS
from domain.facts import Refused
from records.opening import Incoming, OtherContent
from starter.cases.reading import load_cases
from starter.cases.script import script_of
from starter.cases.shape import Case
from starter.cases.submission import read_submission
from starter.cli.here import Here
from starter.cli.submissions import Handed
from starter.complaints import FrontDoor, NotUnderstood

#: Between the receipts of two samples; the last one of 24 is some four hours old.
_APART = timedelta(minutes=10)


async def open_samples(here: Here) -> list[str]:
    """Open the samples and say their first steps; answers a line each."""
    now = datetime.now(UTC).replace(microsecond=0)
    lines, numbers = [], dict[str, str]()
    async with here.front_door() as door:
        for place, case in enumerate(load_cases().cases, start=1):
            received_at = now - place * _APART
            try:
                opened = await door.open(_incoming(case, received_at), script_of(case).opened_by.id)
            except OtherContent:
                continue  # a first look before this one has opened it
            except Refused as refusal:
                lines.append(f"{case.id}: {refusal}")
                continue
            numbers[case.id] = opened.number
            said = await _say_first_steps(door, case, opened.number, now - received_at, numbers)
            lines.append(f"{opened.number}  {case.id} · {said} · {case.title}")
    return lines or ["the sample complaints are there already"]


def _incoming(case: Case, received_at: datetime) -> Incoming:
    submission = read_submission({**case.submission, "received_at": received_at}, datetime.now(UTC))
    return Handed(case.id, submission, case.policy).incoming(request_key=f"sample-{case.id}")


async def _say_first_steps(
    door: FrontDoor, case: Case, number: str, age: timedelta, numbers: dict[str, str]
) -> str:
    """Say the steps that lie in the past, as far as they are taken; answers how the complaint stands then."""
    stage = "REGISTERED"
    for line in script_of(case).lines:
        if line.at - case.received_at > age or _has_instants(line.action, line.fields):
            break
        try:
            decision = await door.submit(number, line.command(numbers), f"sample-{case.id}-{line.number}")
        except NotUnderstood:
            break
        stage = str(decision.stage)
    return stage


def _has_instants(kind: str, fields: Any) -> bool:
    """Whether a step names an instant: it would be one of the sample's own year."""
    return kind in MODELS and any(isinstance(value, datetime) for value in fields.values())
