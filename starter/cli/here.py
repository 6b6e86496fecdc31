"""Where this command acts: the settings, and the servers of the installation that runs on the data directory.

The environment names servers first; what it leaves out is looked up in the data directory, so that a second terminal
finds what `redress up` runs in the first one without being told.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.runtime import Runtime

    from records.db import Connection
    from records.office import Office
    from starter.complaints import FrontDoor
    from starter.settings import Settings

T = TypeVar("T")

#: A command needs a connection or two, not a worker's ten.
_CONNECTIONS = 2


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. What the Temporal SDK holds is collected before the interpreter goes (SDK issue 300)."""
    try:
        return asyncio.run(work)
    finally:
        gc.collect()


@dataclass(frozen=True)
class Here:
    """The environment of this command, REDRESS_HOME in it being the data directory that was asked for."""

    environ: Mapping[str, str]

    @property
    def settings(self) -> "Settings":
        """Raises SettingError."""
        from starter.settings import read_settings

        return read_settings(self.environ)

    def database_url(self) -> str:
        """Of the records. Raises PartError where none is named and none runs here."""
        from embedded.postgres import PostgresServer
        from embedded.processes import PartError
        from embedded.supervisor import running_addresses

        settings = self.settings
        if settings.database_url:
            return settings.database_url
        try:
            server = PostgresServer(settings.home / "postgres", environ={})
            running = server.running
        except PermissionError:
            raise PartError(
                f"{settings.home} belongs to another user; name a database in REDRESS_DATABASE_URL."
            ) from None
        if not running and running_addresses(settings.home) is not None:
            raise PartError(
                "The records cannot be reached: PostgreSQL is being started again. Try again in a moment."
            )
        if not running:
            raise PartError(
                f"The records cannot be reached: nothing runs on {settings.home}. "
                "Start it with `redress up`, or name a database in REDRESS_DATABASE_URL."
            )
        return server.url()

    def temporal_environ(self) -> Mapping[str, str]:
        """The TEMPORAL_* environment by which the server is reached. Raises PartError where none is known."""
        from embedded.processes import PartError
        from embedded.supervisor import running_addresses

        named = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
        if any(self.environ.get(name) for name in named):
            return self.environ
        home = self.settings.home
        address = (running_addresses(home) or {}).get("temporal")
        if address is None:
            raise PartError(
                f"Temporal cannot be reached: nothing runs on {home}. "
                "Start it with `redress up`, or name a server in TEMPORAL_ADDRESS."
            )
        return own_temporal(self.environ, address)

    async def temporal(self, namespace: str | None = None) -> "Client":
        """A client of ours. Raises PartError, TemporalUnreachable, CodecKeyError."""
        from starter.connection import connect

        return await connect(
            self.settings, runtime=_quiet(), environ=self.temporal_environ(), namespace=namespace
        )

    @asynccontextmanager
    async def records(self) -> "AsyncIterator[Connection]":
        """One connection to the records, whatever their schema. Raises RecordsUnreachable, PartError."""
        from records.db import connect, reaching

        with reaching():
            connection = await connect(self.database_url())
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def office(self) -> "AsyncIterator[Office]":
        """The records at work. Raises RecordsUnreachable, MasterKeyError, MigrationError for another schema."""
        from records.db import require_schema
        from records.office import open_office
        from starter.build import build_id

        settings = self.settings
        async with self.records() as connection:
            await require_schema(connection)
        async with open_office(
            self.database_url(),
            settings.master_key,
            build=build_id(),
            may_create_key=settings.may_create_keys,
            max_size=_CONNECTIONS,
        ) as office:
            yield office

    @asynccontextmanager
    async def front_door(self) -> "AsyncIterator[FrontDoor]":
        """The typed client on records and Temporal. Raises what `office` and `temporal` raise."""
        from starter.complaints import FrontDoor

        async with self.office() as office:
            yield FrontDoor(await self.temporal(), office)

    def with_database(self, url: str) -> "Here":
        """The same, on this database."""
        return replace(self, environ={**self.environ, "REDRESS_DATABASE_URL": url})


@cache
def _quiet() -> "Runtime":
    """The SDK's runtime of this process, without logs of its own: errors become one sentence, and nothing else."""
    from temporalio.runtime import Runtime, TelemetryConfig

    return Runtime(telemetry=TelemetryConfig(logging=None))


def said_by_temporal(error: Exception) -> str | None:
    """What the Temporal server answered, where the error is an answer of its; None for any other error."""
    from temporalio.service import RPCError

    if not isinstance(error, RPCError):
        return None
    return f"Temporal did not do it ({error.status.name}: {error.message}); it may be said again."


def own_temporal(environ: Mapping[str, str], address: str) -> dict[str, str]:
    """The environment for an embedded server: its address, and nothing of the settings meant for another one."""
    others = {name: value for name, value in environ.items() if not name.startswith("TEMPORAL_")}
    return {**others, "TEMPORAL_ADDRESS": address, "TEMPORAL_CONFIG_FILE": os.devnull}


def at_home(home: Path | None) -> Here:
    """The present environment, with the data directory that was asked for, if one was."""
    environ = dict(os.environ)
    if home is not None:
        environ["REDRESS_HOME"] = str(home)
    return Here(environ)
