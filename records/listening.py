"""What the database tells of itself: notifications of new turns and of who has a page open.

One connection of the pool listens for as long as the process wants to know. What is told while it is away is told
nobody: `again` is called after each connection, and whoever listens looks for themselves then.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import asyncpg

from records.db import Pool, RecordsUnreachable, reaching

log = logging.getLogger(__name__)

#: turns of complaints: "number:turn", "number:" for a change beside the turns, "*" for many at once
TURNS = "redress_turns"
#: who has a complaint open: its number
PRESENCE = "redress_presence"

#: seconds after which a silent connection is asked whether it still lives
_CHECK = 20.0
#: seconds between tries while the server is away
_PAUSE = 1.0


async def listen(pool: Pool, hear: Callable[[str, str], None], again: Callable[[], None]) -> NoReturn:
    """Call `hear(channel, payload)` for every notification until cancelled, through any outage of the server.

    again: called once listening has begun, at first and after each outage. Both must be quick and not raise.
    """
    while True:
        try:
            with reaching():
                await _listen_once(pool, hear, again)
        except RecordsUnreachable as away:
            log.warning("listening was interrupted: %s", type(away.__cause__).__name__)
        await asyncio.sleep(_PAUSE)


async def _listen_once(pool: Pool, hear: Callable[[str, str], None], again: Callable[[], None]) -> None:
    """Listen on one connection until it is lost."""
    lost = asyncio.Event()

    def heard(_connection: object, _pid: int, channel: str, payload: str) -> None:
        hear(channel, payload)

    def ended(_connection: object) -> None:
        lost.set()

    connection = await pool.acquire()
    try:
        connection.add_termination_listener(ended)
        await connection.add_listener(TURNS, heard)
        await connection.add_listener(PRESENCE, heard)
        again()
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK):
                    await lost.wait()
                continue
            await connection.fetchval("SELECT 1 AS listening", timeout=_CHECK)
    finally:
        await _let_go(pool, connection, heard, ended)


async def _let_go(
    pool: Pool, connection: Any, heard: Callable[..., None], ended: Callable[..., None]
) -> None:
    connection.remove_termination_listener(ended)
    if not connection.is_closed():
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await connection.remove_listener(TURNS, heard)
            await connection.remove_listener(PRESENCE, heard)
    await pool.release(connection)
