"""What an open complaint takes in a worker's memory while nothing is said to it."""

import asyncio
from dataclasses import dataclass

from bench import life
from bench.desk import Desk, Keys, rest, sitting
from bench.processes import resident_kib
from bench.stand import Stand
from bench.worker import employed

#: What the issue allows, in KiB with the sandbox on.
MOST_KIB = 90
_AT_ONCE = 20
_WARM_UP = 100


@dataclass(frozen=True)
class Memory:
    """KiB per open complaint over so many, with the sandbox and without."""

    complaints: int
    sandbox: float
    no_sandbox: float


async def per_complaint(stand: Stand, keys: Keys, complaints: int) -> Memory:
    """Open so many complaints twice, each time on a fresh worker, and see by how much it grows."""
    taken = [await _grown(stand, keys, complaints, sandbox) for sandbox in (True, False)]
    return Memory(complaints, *taken)


async def _grown(stand: Stand, keys: Keys, complaints: int, sandbox: bool) -> float:
    async with (
        employed(stand, keys, sandbox=sandbox) as worker,
        sitting(stand.address, stand.url, keys) as desk,
    ):
        await _open(desk, _WARM_UP)
        before = resident_kib(worker)
        await _open(desk, complaints)
        return (resident_kib(worker) - before) / complaints


async def _open(desk: Desk, complaints: int) -> None:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one() -> None:
        async with places:
            opened = await desk.door.open(life.incoming(), life.SPECIALIST)
            await rest(desk.door.client, opened.number)

    await asyncio.gather(*(one() for _ in range(complaints)))
