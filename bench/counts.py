"""Exact counts: of history, of the server's writes, of our own SQL. Equal in every run, whatever else the machine does."""

import asyncio
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from bench import life
from bench.desk import Desk, rest
from bench.history import HistoryCount, count
from bench.statements import listening
from domain.codes import Stage
from workflows import names

#: What the issue allows.
MOST_EVENTS_PER_TURN, MOST_EVENTS_PER_LIFE, MOST_WRITES, MOST_STATEMENTS, COMMITS = 10, 200, 2.0, 8, 1
#: What is aimed at, in bytes: small payloads make small histories.
MOST_PAYLOAD = 1024
#: Turns after which the late one is looked at.
EARLY, LATE = 2, 200
#: The server's counters lag by a second.
_LAG = 1.5


class NotAsExpected(Exception):
    """What was to be counted did not go as it should; the sentence says where."""


@dataclass(frozen=True)
class TurnCount:
    """What one quiet turn adds: events to history, statements and commits to PostgreSQL."""

    turn: int
    events: int
    statements: int
    commits: int


@dataclass(frozen=True)
class LifeCount:
    """What a whole life comes to. writes: durable ones of the Temporal server, None where it tells none."""

    name: str
    commands: int
    history: HistoryCount
    writes: int | None


Written = Callable[[], int]


def written(metrics: str) -> Written:
    """Asks the server how often it has made a workflow's progress durable."""
    line = re.compile(
        r'^persistence_requests\{[^}]*operation="UpdateWorkflowExecution"[^}]*\} (\d+)', re.MULTILINE
    )

    def ask() -> int:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(metrics, timeout=10) as answer:
            return sum(int(found) for found in line.findall(answer.read().decode()))

    return ask


async def quiet_turns(desk: Desk, late: int = LATE) -> list[TurnCount]:
    """Say the same quiet thing again and again; what turn 2 and turn `late` of one complaint add."""
    counted = []
    opened = await desk.door.open(life.incoming(), life.SPECIALIST)
    before = await rest(desk.door.client, opened.number)
    async with listening(desk.office.pool) as statements:
        for turn in range(EARLY, late + 1):
            statements.sent.clear()
            decision = await desk.door.submit(opened.number, life.quiet_turn())
            if not decision.accepted:
                raise NotAsExpected(f"Turn {turn} was refused: {decision.reason}")
            after = await rest(desk.door.client, opened.number)
            counted.append(TurnCount(turn, after - before, len(statements.sent), statements.commits))
            before = after
    return [counted[0], counted[-1]]


async def writes_per_turn(desk: Desk, ask: Written, turns: int = 20) -> float:
    """Durable writes of the Temporal server per quiet turn."""
    opened = await desk.door.open(life.incoming(), life.SPECIALIST)
    await rest(desk.door.client, opened.number)
    await asyncio.sleep(_LAG)
    before = await asyncio.to_thread(ask)
    for _ in range(turns):
        await desk.door.submit(opened.number, life.quiet_turn())
    await asyncio.sleep(_LAG)
    return (await asyncio.to_thread(ask) - before) / turns


async def live(
    desk: Desk, played: life.Life, length: int = life.SHORT, ask: Written | None = None
) -> LifeCount:
    """Play a life to its end, each command when the complaint has come to rest after the one before."""
    before = await _settled(ask)
    opened = await desk.door.open(life.incoming(length), life.SPECIALIST)
    stage = Stage.REGISTERED
    await rest(desk.door.client, opened.number)
    for command in played.commands:
        decision = await desk.door.submit(opened.number, command)
        if not decision.accepted:
            raise NotAsExpected(f"{command.kind} was refused: {decision.reason}")
        stage = decision.stage
        await rest(desk.door.client, opened.number)
    if stage != Stage.ARCHIVED:
        raise NotAsExpected(f"The {played.name} ended in {stage}.")
    handle = desk.door.client.get_workflow_handle(names.workflow_id(opened.number))
    await handle.result()
    after = await _settled(ask)
    events = (await handle.fetch_history()).events
    writes = None if before is None or after is None else after - before
    return LifeCount(played.name, len(played.commands), count(events), writes)


async def _settled(ask: Written | None) -> int | None:
    if ask is None:
        return None
    await asyncio.sleep(_LAG)
    return await asyncio.to_thread(ask)
