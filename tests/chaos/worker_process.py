"""A worker as a process of its own, which can be killed as the out-of-memory killer would."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.workflows.house import House


@dataclass
class WorkerProcess:
    """`python -m workers` for all queues of a company; its keys and spool stand in `home`."""

    process: asyncio.subprocess.Process

    async def kill(self) -> None:
        """kill -9; answers when it is gone."""
        self.process.kill()
        await self.process.wait()


def environment(house: House, address: str, home: Path) -> dict[str, str]:
    """What the process must know to work for this company."""
    assert house.ring is not None
    home.mkdir(exist_ok=True)
    codec_keys, master_key = home / "codec_keys", home / "master_key"
    codec_keys.write_text("".join(f"{name}:{key.hex()}\n" for name, key in house.ring.items()))
    master_key.write_text(f"{base64.b64encode(house.master_key).decode()}\n")
    for file in (codec_keys, master_key):
        file.chmod(0o600)
    return {
        "PATH": os.environ["PATH"],
        "REDRESS_HOME": str(home),
        "REDRESS_DATABASE_URL": house.url,
        "REDRESS_SPOOL_DIR": str(house.spool),
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": house.client.namespace,
    }


@asynccontextmanager
async def a_worker(house: House, address: str, home: Path) -> AsyncIterator[WorkerProcess]:
    """A worker process that is gone in the end, one way or the other."""
    surroundings = environment(house, address, home)
    with (home / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workers", env=surroundings, stdout=log, stderr=log
        )
    try:
        yield WorkerProcess(process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
