"""Run by the tests as a program of its own: a supervisor with PostgreSQL and Temporal, until it is told to stop.

    python supervised.py HOME [leashed]

Prints one line an event, and `up` once all parts are well.
"""

import asyncio
import gc
import sys
from functools import partial
from pathlib import Path

from embedded.postgres import THROWAWAY, PostgresServer
from embedded.processes import PartError
from embedded.supervisor import Supervisor
from embedded.temporal import TemporalServer


async def main(home: Path, leashed: bool) -> int:
    """The exit code: 0 stopped when told, 4 when a part or the data directory could not be had."""
    say = partial(print, flush=True)
    try:
        async with Supervisor(home, say=say, leashed=leashed) as supervisor:
            await supervisor.start(PostgresServer(home / "postgres", settings=THROWAWAY, port=0, environ={}))
            await supervisor.start(TemporalServer(home / "temporal", port=0, ui_port=None, environ={}))
            say("up")
            await supervisor.wait()
    except PartError as error:
        say(error)
        return 4
    say("down")
    return 0


if __name__ == "__main__":
    code = asyncio.run(main(Path(sys.argv[1]), leashed="leashed" in sys.argv[2:]))
    gc.collect()
    sys.exit(code)
