"""What must be seen to: complaints whose conversation must run, tasks for those who owe them."""

import pytest

from records import duties
from tests.records.office import D, Office


@pytest.mark.requirement("LIF-03")
async def test_tasks_are_listed_for_those_who_owe_them(office: Office) -> None:
    number = await office.open()
    await office.live(number, until=11)
    owed = await duties.tasks_of(office.pool, ["LEGAL", "legal-1"])
    assert [(task.number, task.kind, task.id) for task in owed] == [(number, "item", "A1")]
    assert await duties.tasks_of(office.pool, ["FINANCE"]) == []


async def test_every_complaint_that_has_not_ended_must_run(office: Office) -> None:
    numbers = [await office.open() for _ in range(5)]
    await office.live(numbers[2])
    first = await duties.running(office.pool, limit=3)
    rest = await duties.running(office.pool, after=first[-1].number, limit=3)
    assert [running.number for running in [*first, *rest]] == [*numbers[:2], *numbers[3:]]
    assert first[0].clock_offset == 0 * D
