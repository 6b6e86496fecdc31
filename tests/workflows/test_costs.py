"""What a turn costs, counted: events, bytes, statements and commits. Equal in every run, so any change is a real one."""

import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.api.history.v1 import HistoryEvent

from domain.turns import Decision
from starter.codec import ENCODING
from tests.workflows.house import Counts, House, another_build
from tests.workflows.lives import CONTRACT, LEGAL, SPECIALIST, live
from tests.workflows.payloads import payloads_in
from workflows.complaint import Complaint

NOTE = {"kind": "add_note", "by": SPECIALIST, "text": f"txt_{0:032x}"}
ANSWER = {"kind": "record_response", "by": SPECIALIST, "channel": "telephone", "effective": True}


async def cost(house: House, number: str, command: dict[str, Any], key: str) -> Counts:
    """The events of one turn of a resting complaint."""
    await house.rest(number)
    before = await house.counts(number)
    decision: Decision = await house.handle(number).execute_update(
        "submit", command, id=key, result_type=Decision
    )
    assert decision.accepted
    await house.rest(number)
    return await house.counts(number) - before


async def fill(house: House, number: str, upto: int) -> None:
    """Take turns, said by signals all at once, until so many are taken."""
    turn = (await house.state(number)).turn
    notes = [
        house.handle(number).signal(Complaint.report, args=[f"fill-{place}", NOTE])
        for place in range(turn, upto)
    ]
    await asyncio.gather(*notes)
    await house.until(number, lambda _: True)
    while (await house.state(number)).turn < upto:
        await house.rest(number)


@pytest.mark.parametrize(("command", "most"), [(NOTE, 6), (ANSWER, 10)], ids=["note", "answer"])
async def test_a_turn_costs_the_same_events_at_turn_2_and_at_turn_200(
    house: House, command: dict[str, Any], most: int
) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    await cost(house, number, command, "first")
    early = await cost(house, number, command, "second")
    await fill(house, number, 199)
    late = await cost(house, number, command, "late")
    assert early.total() <= most
    assert late == early
    assert (await house.state(number)).turn == 200


def sealed_sizes(events: list[HistoryEvent]) -> list[int]:
    """The sizes of the encrypted payloads of a history, in order."""
    return [
        len(payload.data)
        for event in events
        for payload in payloads_in(event)
        if payload.metadata["encoding"] == ENCODING
    ]


@pytest.mark.requirement("CUS-10")
async def test_a_history_is_as_long_for_ten_characters_as_for_a_hundred_thousand(house: House) -> None:
    sizes = []
    for length in (10, 100_000):
        number = await house.open(text="字" * length)
        await live(house, number, CONTRACT[:4])
        await house.do(number, "add_note", SPECIALIST, text="长" * length)
        await house.do(number, "confirm_findings", LEGAL, root_cause="因" * length, prevention="防" * length)
        sizes.append(sealed_sizes(list((await house.history(number)).events)))
    assert sizes[0] == sizes[1]


async def test_no_payload_of_a_life_is_over_two_kilobytes(house: House) -> None:
    number = await house.open()
    await live(house, number)
    assert max(sealed_sizes(list((await house.history(number)).events))) <= 2048


async def test_a_turn_is_at_most_eight_statements_and_one_commit(
    company: House, server_directory: Path
) -> None:
    database = company.url.rsplit("/", 1)[1]
    admin = await asyncpg.connect(company.url)
    await admin.execute(f"ALTER DATABASE {database} SET log_statement = 'all'")
    async with another_build(company, company.build) as logged, logged.at_work():
        number = await logged.open()
        await cost(logged, number, {"kind": "register", "by": SPECIALIST}, "r")
        await cost(logged, number, ANSWER, "a1")
        log = server_directory / "logs" / "postgres.log"
        start = log.stat().st_size
        await cost(logged, number, ANSWER, "a2")
        said = log.read_bytes()[start:].decode()
        pids = {
            row["pid"]
            for row in await admin.fetch(
                "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()", database
            )
        }
    await admin.execute(f"ALTER DATABASE {database} RESET log_statement")
    await admin.close()
    statements = [
        match["text"]
        for match in re.finditer(r"\[(?P<pid>\d+)\] LOG:  (?:execute [^:]*|statement): (?P<text>\S+)", said)
        if int(match["pid"]) in pids
    ]
    assert len([text for text in statements if text.startswith("COMMIT")]) == 1, statements
    own = [text for text in statements if not text.startswith(("BEGIN", "COMMIT"))]
    assert 3 <= len(own) <= 8, statements
