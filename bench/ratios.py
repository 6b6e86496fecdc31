"""The product beside the bare workflow: the same number of updates, records, attributes and timers, turn about.

Seconds of one run mean little on a shared machine; the ratio of two that took turns within it does.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from bench import life, turns
from bench.desk import Desk
from bench.processes import cpu_seconds
from bench.stand import Stand

#: What the issue allows, and what is aimed at: CPU and throughput, product ÷ bare.
MOST_CPU, LEAST_THROUGHPUT = 1.5, 0.7
AIMED_CPU, AIMED_THROUGHPUT = 1.25, 0.85
TURNS = 12
_COMMAND = {"kind": "record_response", "by": life.SPECIALIST, "channel": "telephone", "effective": True}

Say = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Load:
    """How much is said in a round: cases, of TURNS turns each, all at once; and turns said alone for latency."""

    cases: int = 30
    alone: int = 40


@dataclass(frozen=True)
class Measured:
    """One batch. CPU in milliseconds per turn; latency: median of turns said alone on an idle system, milliseconds."""

    per_second: float
    worker_and_driver: float
    server: float
    postgres: float
    latency: float

    @property
    def cpu(self) -> float:
        """CPU of all processes together, milliseconds per turn."""
        return self.worker_and_driver + self.server + self.postgres


@dataclass(frozen=True)
class Ratio:
    """Product ÷ bare over the rounds: median and range."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Comparison:
    """The rounds of every variant, in the order in which they were run."""

    product: tuple[Measured, ...]
    bare: tuple[Measured, ...]
    bare_remote: tuple[Measured, ...]

    def ratio(self, of: Callable[[Measured], float], *, remote: bool = False) -> Ratio:
        """A figure of the product over that of the bare workflow in the same round."""
        beside = self.bare_remote if remote else self.bare
        each = sorted(of(ours) / of(theirs) for ours, theirs in zip(self.product, beside, strict=True))
        return Ratio(statistics.median(each), each[0], each[-1])


async def compare(stand: Stand, worker: int, desk: Desk, rounds: int, load: Load = Load()) -> Comparison:
    """Run the variants turn about. worker: process id of the worker that serves them all."""
    variants: dict[str, Callable[[], Awaitable[Say]]] = {
        "bare": partial(begin_bare, desk, remote=False),
        "product": partial(_product, desk),
        "bare_remote": partial(begin_bare, desk, remote=True),
    }
    pids = (worker, os.getpid(), stand.temporal_pid, stand.postgres_pid)
    for begin in variants.values():
        await _batch(begin, Load(cases=4, alone=2), pids)
    found: dict[str, list[Measured]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, begin in variants.items():
            found[name].append(await _batch(begin, load, pids))
    return Comparison(**{name: tuple(batches) for name, batches in found.items()})


async def _batch(begin: Callable[[], Awaitable[Say]], load: Load, pids: Sequence[int]) -> Measured:
    alone = await begin()
    waits = []
    for _ in range(load.alone):
        before = time.perf_counter()
        await alone()
        waits.append(time.perf_counter() - before)
    cases = await asyncio.gather(*(begin() for _ in range(load.cases)))
    used, started = _used(pids), time.perf_counter()
    await asyncio.gather(*(_converse(say) for say in cases))
    taken = time.perf_counter() - started
    spent = [after - before for after, before in zip(_used(pids), used, strict=True)]
    said = load.cases * TURNS
    worker, driver, server, postgres = (seconds * 1000 / said for seconds in spent)
    return Measured(said / taken, worker + driver, server, postgres, statistics.median(waits) * 1000)


async def _converse(say: Say) -> None:
    for _ in range(TURNS):
        await say()


def _used(pids: Sequence[int]) -> list[float]:
    """CPU seconds of each; the driver's without those of the processes it started."""
    every = [cpu_seconds(pid) for pid in pids]
    own = time.process_time()
    return [own if pid == os.getpid() else used for pid, used in zip(pids, every, strict=True)]


async def _product(desk: Desk) -> Say:
    opened = await desk.door.open(life.incoming(), life.SPECIALIST)
    command = life.quiet_turn()

    async def say() -> object:
        decision = await desk.door.submit(opened.number, command)
        if not decision.accepted:
            raise RuntimeError(f"A turn was refused: {decision.reason}")
        return decision

    await say()
    return say


async def begin_bare(desk: Desk, *, remote: bool) -> Say:
    """Begin a bare conversation and say the first thing; answers how to say the next."""
    number = uuid4().hex
    await desk.bare_records.open(number)
    handle: Any = await desk.bare.start_workflow(
        turns.BareTurns.run, args=[number, remote], id=f"bare-{number}", task_queue=turns.QUEUE
    )

    async def say() -> object:
        return await handle.execute_update(turns.BareTurns.say, _COMMAND)

    await say()
    return say
