"""Workers at work for as long as a block lasts, with an end that comes for certain."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.worker import Worker

log = logging.getLogger(__name__)


@asynccontextmanager
async def at_work(workers: Sequence[Worker], *, within: timedelta) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run the workers until the block is left; then all finish what they have begun, at once.

    The block is given their runs, of which one ends early only where its worker fails; that is raised in the end.
    within: how long they may take to end, more than their grace. One that has not said so by then is given up with a
    warning: the SDK's core (1.35) sometimes never answers `finalize_shutdown`, when all work has been done.
    """
    running = {asyncio.create_task(worker.run()): worker for worker in workers}
    try:
        yield list(running)
    finally:
        ending = [asyncio.create_task(worker.shutdown()) for worker in workers]
        ended, late = (
            await asyncio.wait(running, timeout=within.total_seconds()) if running else (set(), set())
        )
        for task in late:
            queue = running[task].task_queue
            log.warning("a worker did not end and is given up", extra={"queue": queue, "at": _place(task)})
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for waiting in ending:
            waiting.cancel()
    for task in ended:
        task.result()


def _place(task: asyncio.Task[None]) -> str:
    """The innermost function in which a task waits, as worker.py:123 finalize_shutdown."""
    coroutine = task.get_coro()
    while inspect.iscoroutine(coroutine) and inspect.iscoroutine(coroutine.cr_await):
        coroutine = coroutine.cr_await
    frame = coroutine.cr_frame if inspect.iscoroutine(coroutine) else None
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"
