"""kill -9 of a worker in the middle of a turn and during a notice; a conversation lost on the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from domain.turns import Decision
from tests.chaos.worker_process import a_worker
from tests.workflows.house import House
from tests.workflows.lives import SPECIALIST
from workflows import names
from workflows.complaint import Complaint
from workflows.upkeep import Outbox, Reconcile

REGISTER = {"kind": "register", "by": SPECIALIST}
#: the advisory lock at which the database holds a worker
_LOCK = 4711
_HOLD = f"""
CREATE FUNCTION hold_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({_LOCK});
    RETURN NEW;
END
$$"""
BEFORE_WRITING = "CREATE TRIGGER held BEFORE INSERT ON turns FOR EACH ROW WHEN (NEW.kind = 'register') EXECUTE FUNCTION hold_here()"
AT_COMMIT = (
    "CREATE CONSTRAINT TRIGGER held AFTER INSERT ON turns DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW WHEN (NEW.kind = 'register') EXECUTE FUNCTION hold_here()"
)
AFTER_SENDING = "CREATE TRIGGER held BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION hold_here()"


class Hold:
    """The database holds whoever comes to the trigger, until `let_go`."""

    def __init__(self, connection: asyncpg.Connection, table: str) -> None:
        self._connection, self._table = connection, table

    async def somebody_waits(self) -> None:
        """Until a session waits at the trigger."""
        async with asyncio.timeout(30):
            while not await self._connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted",
                _LOCK,
            ):
                pass  # the database has no event for us; every question is a round trip

    async def let_go(self) -> None:
        """Those who wait go on, and nobody is held any more. Answers when they are through."""
        await self._connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")
        await self._connection.execute(f"DROP TRIGGER IF EXISTS held ON {self._table}")


@asynccontextmanager
async def holding(url: str, trigger: str) -> AsyncIterator[Hold]:
    connection = await asyncpg.connect(url)
    await connection.execute(_HOLD)
    await connection.execute(trigger)
    await connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
    hold = Hold(connection, trigger.split(" ON ")[1].split(maxsplit=1)[0])
    try:
        yield hold
    finally:
        await hold.let_go()
        await connection.execute("DROP FUNCTION hold_here")
        await connection.close()


@pytest.mark.parametrize("moment", [BEFORE_WRITING, AT_COMMIT], ids=["before the commit", "after the commit"])
async def test_a_worker_killed_in_a_turn_leaves_one_turn_and_its_answer(
    company: House, temporal_address: str, tmp_path: Path, moment: str
) -> None:
    async with (
        a_worker(company, temporal_address, tmp_path / "first") as worker,
        holding(company.url, moment) as hold,
    ):
        number = await company.open()
        asking = asyncio.create_task(
            company.handle(number).execute_update("submit", REGISTER, id="r", result_type=Decision)
        )
        await hold.somebody_waits()
        await worker.kill()
        await hold.let_go()
        committed = moment == AT_COMMIT
        assert len(await company.turns(number)) == (2 if committed else 1)
    async with a_worker(company, temporal_address, tmp_path / "second"):
        answer = await asking
        assert (answer.accepted, answer.turn) == (True, 2)
        after = await company.say(number, "add_note", SPECIALIST, text="之后")
        assert after.turn == 3
        await company.rest(number)
        assert [row["command_id"] for row in await company.turns(number)][:2] == ["/open", "r"]
        assert len(await company.turns(number)) == 3


@pytest.mark.requirement("SLA-11")
async def test_a_worker_killed_while_it_sends_sends_nothing_twice(
    company: House, temporal_address: str, tmp_path: Path
) -> None:
    async with (
        a_worker(company, temporal_address, tmp_path / "first") as worker,
        holding(company.url, AFTER_SENDING) as hold,
    ):
        number = await company.open()
        await company.do(number, "register", SPECIALIST)
        # Colleagues are told at any hour; customers not at night.
        await company.do(
            number, "classify", SPECIALIST, type="PRODUCT", cause="ENGINEERING", severity="simple"
        )
        await company.do(number, "assign", SPECIALIST, department="engineering", lead="PROJECT_MANAGER")
        await hold.somebody_waits()
        written = {path.name: path.stat().st_ino for path in company.spool.iterdir()}
        assert written, "handed over, and not yet on record"
        await worker.kill()
    await company.office.pool.execute("UPDATE outbox SET lease_until = now() WHERE state = 'sending'")
    async with a_worker(company, temporal_address, tmp_path / "second"):
        await company.client.execute_workflow(
            Outbox.run,
            id=f"outbox-{number}",
            task_queue=names.NOTICES_QUEUE,
            execution_timeout=timedelta(minutes=1),
        )
    rows = await company.office.pool.fetch(
        "SELECT o.key, o.state FROM outbox AS o WHERE o.number = $1 AND o.not_before <= now()", number
    )
    assert rows
    assert {row["state"] for row in rows} <= {"sent", "cancelled"}
    after = {path.name: path.stat().st_ino for path in company.spool.iterdir()}
    assert {name: after[name] for name in written} == written, "no message was written again"
    accepted = await company.office.pool.fetchval(
        "SELECT count(*) FROM deliveries AS d JOIN outbox AS o USING (key) "
        "WHERE o.number = $1 AND d.outcome = 'accepted'",
        number,
    )
    assert accepted == len([name for name in after if number in name])


async def test_a_terminated_conversation_is_brought_back_by_reconcile(company: House) -> None:
    async with company.at_work():
        number = await company.open()
        await company.do(number, "register", SPECIALIST)
        before = await company.handle(number).query(Complaint.show_deadlines)
        await company.handle(number).terminate("an operator's slip")
        started = await company.client.execute_workflow(
            Reconcile.run, id=f"reconcile-{number}", task_queue=names.COMPLAINTS_QUEUE
        )
        assert started >= 1
        await company.rest(number)
        assert await company.handle(number).query(Complaint.show_deadlines) == before
        assert (await company.do(number, "add_note", SPECIALIST, text="还在")).turn == 3
