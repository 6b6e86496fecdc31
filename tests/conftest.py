"""Real servers for every test: one private PostgreSQL and one Temporal server a session (and a pytest-xdist worker).

They end with the session, even when that is killed.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded.postgres import THROWAWAY, PostgresServer
from embedded.temporal import TemporalServer


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory an unprivileged user may enter: as root, PostgreSQL runs as one."""
    directory = Path(tempfile.mkdtemp(prefix="redress-tests-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_url(server_directory: Path) -> AsyncIterator[str]:
    """URL of the database `redress` on a private server whose user may create more; data are thrown away."""
    settings = {**THROWAWAY, "shared_buffers": "32MB"}
    async with PostgresServer(server_directory / "postgres", settings=settings, port=0, environ={}) as server:
        yield await server.ensure_database()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_address(server_directory: Path) -> AsyncIterator[str]:
    """host:port of a private Temporal server that allows time skipping."""
    async with TemporalServer(
        server_directory / "temporal", rehearsal=True, port=0, ui_port=None, environ={}
    ) as server:
        yield server.address
