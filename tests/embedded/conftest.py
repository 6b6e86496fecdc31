"""What the tests of the embedded parts share."""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from embedded.processes import Identity, identify
from embedded.supervisor import read_run_file


@pytest.fixture
def home(server_directory: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data directory of the test's own, below one an unprivileged user may enter.

    What a test that fails half-way leaves running there is killed.
    """
    name = f"{request.path.stem}-{request.node.name}"
    home = server_directory / re.sub(r"\W+", "-", name)
    home.mkdir()
    home.chmod(0o711)
    yield home
    for part in read_run_file(home).get("parts", []):
        if Identity(part["pid"], part["born"]).alive():
            os.kill(part["pid"], signal.SIGKILL)


@pytest.fixture
def kill() -> Callable[[int | None], Awaitable[None]]:
    """kill -9 of one process, as the out-of-memory killer would; answers when it is gone."""

    async def kill(pid: int | None) -> None:
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while identify(pid) is not None:  # noqa: ASYNC110 - the operating system has no event for us
            await asyncio.sleep(0)

    return kill
