"""Whatever is altered, removed or added in the ledger is found and named."""

from typing import Any

import pytest

from records import audit
from records.audit import Finding
from records.db import Pool
from tests.records.office import Office


async def findings(pool: Pool, number: str | None = None) -> list[Finding]:
    return [finding async for looked in audit.verify(pool, number) for finding in looked.findings]


async def tamper(pool: Pool, statement: str, *args: Any) -> None:
    """What somebody with all rights on the database could do."""
    async with pool.acquire() as connection, connection.transaction():
        for table in ("turns", "facts"):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        await connection.execute(statement, *args)
        for table in ("turns", "facts"):
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


@pytest.mark.requirement("LIF-04")
async def test_an_untouched_ledger_is_whole(office: Office) -> None:
    first = await office.open()
    await office.live(first)
    second = await office.open()
    await office.live(second, until=12)
    await office.say(second, "archive", "cs_specialist-1", result="UNRESOLVED")
    looked = [found async for found in audit.verify(office.pool)]
    assert [(found.number, found.findings) for found in looked] == [(first, ()), (second, ())]
    assert looked[0].turns == (await office.ledger.load_sheet(first)).turn
    assert [found.number async for found in audit.verify(office.pool, second)] == [second]


@pytest.mark.requirement("LIF-04")
@pytest.mark.parametrize(
    ("statement", "turn", "what"),
    [
        ("UPDATE turns SET said_by = 'legal-2' WHERE turn = 3", 3, "altered"),
        ("UPDATE turns SET accepted = NOT accepted WHERE turn = 4", 4, "altered"),
        ("UPDATE turns SET heard_at = heard_at - interval '1 microsecond' WHERE turn = 2", 2, "altered"),
        ("UPDATE turns SET answer = '{}' WHERE turn = 5", 5, "altered"),
        ("UPDATE facts SET at = at - interval '1 day' WHERE turn = 3 AND place = 0", 3, "altered"),
        ("DELETE FROM facts WHERE turn = 4 AND place = 1", 4, "altered"),
        ("UPDATE facts SET released = NOT released WHERE turn = 2 AND place = 0", 2, "altered"),
        ("INSERT INTO facts VALUES ('2026-000001', 3, 99, 'x', NULL, now(), 'x', '{}', FALSE)", 3, "altered"),
        ("DELETE FROM turns WHERE turn = 4", 4, "missing"),
        (
            "DELETE FROM turns WHERE turn = (SELECT max(turn) FROM turns)",
            None,
            "the last turn is not the one",
        ),
        ("UPDATE turns SET previous = '\\x00' WHERE turn = 3", 3, "does not follow"),
    ],
)
async def test_what_was_altered_is_named(office: Office, statement: str, turn: int | None, what: str) -> None:
    number = await office.open()
    await office.live(number, until=6)
    await tamper(office.pool, statement)
    first = (await findings(office.pool))[0]
    assert (first.number, first.turn) == (number, turn)
    assert what in first.what


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE complaints SET state = state || '{\"round\": 7}'", "in: round"),
        (
            "UPDATE complaints SET stage = 'ARCHIVED', desk = 'sales'",
            "columns do not follow from the state: stage, desk",
        ),
        ("UPDATE complaints SET next_deadline = next_deadline + interval '1 second'", "next_deadline"),
        (
            "UPDATE deadlines SET due = due + interval '1 day' WHERE id = '2:classify_hours'",
            "deadline 2:classify_hours",
        ),
        ("DELETE FROM promises", "promise P1"),
        ("UPDATE promises SET state = 'BROKEN'", "promise P1"),
        (
            "INSERT INTO tasks SELECT number, 'item', 'A9', 'LEGAL', NULL, NULL, NULL, 'OPEN' FROM complaints",
            "task A9",
        ),
    ],
)
async def test_what_does_not_follow_from_the_turns_is_named(
    office: Office, statement: str, what: str
) -> None:
    number = await office.open()
    await office.live(number, until=6)
    await tamper(office.pool, statement)
    found = await findings(office.pool)
    assert [finding.number for finding in found] == [number]
    assert what in str(found[0])


async def test_erased_words_leave_the_ledger_whole(office: Office) -> None:
    """Ids stand in the chain, never words: erasure does not touch it."""
    number = await office.open()
    await office.live(number)
    async with office.pool.acquire() as connection:
        assert await office.texts.erase(connection, number, "admin-1") == 1
    assert await findings(office.pool) == []
