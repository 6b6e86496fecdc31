"""A worker process of its own, as in a real installation, so that its CPU and memory are its own too.

`python -m bench.worker` reads one line of JSON from standard input, says "ready", and works until the input ends.
"""

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.desk import Keys, sitting, working
from bench.stand import Stand

_READY = b"ready\n"


@dataclass(frozen=True)
class Order:
    """What the process is told."""

    address: str
    url: str
    codec: str
    master: str
    spool: str
    sandbox: bool


@asynccontextmanager
async def employed(stand: Stand, keys: Keys, *, sandbox: bool = True) -> AsyncIterator[int]:
    """Run a worker process; its process id. Raises RuntimeError when it does not come up."""
    order = Order(
        stand.address, stand.url, keys.codec.hex(), keys.master.hex(), str(stand.directory / "spool"), sandbox
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.worker", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The worker process has no pipes.")
    try:
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        if await process.stdout.readline() != _READY:
            raise RuntimeError("The worker process did not come up; what it said stands above.")
        yield process.pid
    finally:
        process.stdin.close()
        await process.wait()


async def _work(order: Order) -> None:
    keys = Keys(bytes.fromhex(order.codec), bytes.fromhex(order.master))
    async with (
        sitting(order.address, order.url, keys, sandbox=order.sandbox) as desk,
        working(desk, Path(order.spool)),
    ):
        sys.stdout.buffer.write(_READY)
        sys.stdout.buffer.flush()
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(_work(Order(**json.loads(sys.stdin.buffer.readline()))))
    gc.collect()  # otherwise some programs that used the SDK abort at exit
