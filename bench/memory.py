"""What an open complaint takes in a worker's memory while nothing is said to it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench import life, ratios
from bench.desk import Desk, Keys, rest, sitting
from bench.processes import resident_kib
from bench.stand import Stand
from bench.worker import employed

#: What the issue allows, in KiB with the sandbox on.
MOST_KIB = 90
_AT_ONCE = 20
_WARM_UP = 100

Open = Callable[[Desk], Awaitable[object]]


@dataclass(frozen=True)
class Memory:
    """KiB per open complaint over so many, with the sandbox and without; and of the bare workflow, in its sandbox."""

    complaints: int
    sandbox: float
    no_sandbox: float
    bare: float


async def per_complaint(stand: Stand, keys: Keys, complaints: int) -> Memory:
    """Open so many of each kind, each time on a fresh worker, and see by how much it grows."""
    return Memory(
        complaints,
        sandbox=await _grown(stand, keys, complaints, _complaint),
        no_sandbox=await _grown(stand, keys, complaints, _complaint, sandbox=False),
        bare=await _grown(stand, keys, complaints, lambda desk: ratios.begin_bare(desk, remote=False)),
    )


async def _grown(stand: Stand, keys: Keys, cases: int, begin: Open, *, sandbox: bool = True) -> float:
    async with (
        employed(stand, keys, sandbox=sandbox) as worker,
        sitting(stand.address, stand.url, keys) as desk,
    ):
        await _open(desk, _WARM_UP, begin)
        before = resident_kib(worker)
        await _open(desk, cases, begin)
        return (resident_kib(worker) - before) / cases


async def _complaint(desk: Desk) -> None:
    opened = await desk.door.open(life.incoming(), life.SPECIALIST)
    await rest(desk.door.client, opened.number)


async def _open(desk: Desk, cases: int, begin: Open) -> None:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one() -> None:
        async with places:
            await begin(desk)

    await asyncio.gather(*(one() for _ in range(cases)))
