"""Records the histories that `test_replay.py` replays: `python -m tests.replay.recording` writes them anew.

On real servers, with payloads in the clear (nothing personal is in them). What names a machine is taken out. Record
them again only when the driver is meant to take other steps than before, and say so in the commit: until then a
changed driver must replay what the old one did.
"""

import asyncio
import gc
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from domain.hearing import Hearing
from domain.meanings import MEANINGS, Meaning
from embedded.postgres import THROWAWAY, PostgresServer
from embedded.temporal import TemporalServer
from tests.chaos.gate import gate_before
from tests.workflows.house import House, a_database, a_house, another_build, make_template
from tests.workflows.lives import CONTRACT, DIRECTOR, SPECIALIST, live
from workflows import names
from workflows.complaint import Complaint

HISTORIES = Path(__file__).parent / "histories"
REGISTER = {"kind": "register", "by": SPECIALIST}
#: fields that name a machine or a file of it
_MACHINE = {"identity", "stackTrace"}


async def whole_life(house: House) -> dict[str, WorkflowHistory]:
    """Agreed in the first round, every warning and visit, to the archive; then a note after the end."""
    number = await house.open()
    await live(house, number)
    await house.handle(number).result(rpc_timeout=timedelta(seconds=20))
    lived = await house.history(number)
    await house.do(number, "add_note", SPECIALIST, text="之后")
    await house.handle(number).result(rpc_timeout=timedelta(seconds=20))
    return {"life": lived, "after_the_end": await house.history(number)}


async def chapters(house: House) -> dict[str, WorkflowHistory]:
    """Signals good and bad, updates at once, and two new chapters."""
    number = await house.open()
    first = await house.run_id(number)
    report = house.handle(number).signal
    await report(Complaint.report, args=["s1", REGISTER])
    await report("report", args=["s2", {"kind": "fly"}, "one too many"])
    await report("report", args=[None, None])
    await asyncio.gather(
        *(house.do(number, "add_note", SPECIALIST, text=f"第{place}条") for place in range(6))
    )
    second = await house.new_chapter(number)
    await live(house, number, CONTRACT[1:4])
    await house.do(
        number, "hold", SPECIALIST, reason="等", waiting_for="customer", until=await house.time(number) + timedelta(days=2)
    )  # fmt: skip
    await house.do(number, "resume", SPECIALIST)
    await house.new_chapter(number)
    return {
        "first_chapter": await house.history(number, first),
        "second_chapter": await house.history(number, second),
    }


async def breached(house: House) -> dict[str, WorkflowHistory]:
    """Nobody answers: deadlines fire, levels follow, and the customer withdraws."""
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    due = (await house.deadline(number, "first_response_hours")).due
    await house.skip_to(number, due + timedelta(days=9))
    await house.do(number, "mark_withdrawn", DIRECTOR, reason="客户撤回")
    await house.handle(number).result(rpc_timeout=timedelta(seconds=20))
    return {"breached": await house.history(number)}


async def set_aside(house: House) -> dict[str, WorkflowHistory]:
    """A rule that raises, and what is said after it."""

    def raises(_h: Hearing, _said: Any) -> None:
        raise KeyError("broken on purpose")

    number = await house.open()
    meant = MEANINGS["escalate"]
    MEANINGS["escalate"] = Meaning(None, raises)
    try:
        await house.say(number, "escalate", SPECIALIST, to="CS_DIRECTOR", reason="急")
    finally:
        MEANINGS["escalate"] = meant
    await house.do(number, "register", SPECIALIST)
    return {"set_aside": await house.history(number)}


async def records_away(house: House) -> dict[str, WorkflowHistory]:
    """The records are cut off during a turn, which goes on as a remote activity."""
    async with (
        gate_before(house.url) as (gate, url),
        another_build(house, house.build, url) as through,
        through.at_work(),
    ):
        number = await through.open()
        await gate.cut()
        await house.handle(number).signal(Complaint.report, args=["s", REGISTER])
        await house.until(number, ruled_remotely)
        await gate.open()
        await through.rest(number)
        await through.do(number, "add_note", SPECIALIST, text="又通了")
        return {"records_away": await through.history(number)}


def ruled_remotely(history: Sequence[HistoryEvent]) -> bool:
    return any(
        event.activity_task_scheduled_event_attributes.activity_type.name == names.DECIDE_AND_RECORD
        for event in history
    )


@asynccontextmanager
async def _company() -> AsyncIterator[House]:
    with enterable_directory() as directory:
        async with (
            PostgresServer(directory / "postgres", settings=THROWAWAY, port=0, environ={}) as postgres,
            TemporalServer(
                directory / "temporal", rehearsal=True, port=0, ui_port=None, environ={}
            ) as temporal,
        ):
            postgres_url = await postgres.ensure_database()
            template = await make_template(postgres_url)
            async with (
                a_database(postgres_url, template) as url,
                a_house(url, temporal.address, ring=None, namespace=names.NAMESPACE) as house,
            ):
                yield house


@contextmanager
def enterable_directory() -> Iterator[Path]:
    """A directory an unprivileged user may enter: as root, PostgreSQL runs as one."""
    with tempfile.TemporaryDirectory(prefix="redress-recording-") as made:
        directory = Path(made)
        directory.chmod(0o711)
        yield directory


def written(history: WorkflowHistory) -> str:
    """A history as JSON, without what names the machine it was recorded on."""
    return json.dumps(_cleaned(json.loads(history.to_json())), ensure_ascii=False, indent=1, sort_keys=True)


def _cleaned(value: Any) -> Any:
    match value:
        case dict():
            return {name: _cleaned(part) for name, part in value.items() if name not in _MACHINE}
        case list():
            return [_cleaned(part) for part in value]
        case str() if socket.gethostname() in value:
            return "recorded"
    return value


async def record() -> dict[str, WorkflowHistory]:
    """Record every history anew; name → history."""
    found: dict[str, WorkflowHistory] = {}
    async with _company() as house:
        async with house.at_work():
            for told in (whole_life, chapters, breached, set_aside):
                found |= await told(house)
        found |= await records_away(house)
    return found


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    for name, history in asyncio.run(record()).items():
        (HISTORIES / f"{name}.json").write_text(written(history) + "\n", encoding="utf-8")
    gc.collect()
