"""What a part is: something with a name that is prepared, started, and says itself whether it is well.

Started alone by `Server.start` (tests, demonstrations: leashed to the program) or kept by the supervisor.
"""

import asyncio
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from embedded.ports import unheard
from embedded.processes import Command, PartError, Process, spawn, tail

#: Seconds a part may take from its start until it is well. Crash recovery of a large database is the slowest.
PATIENCE = 120.0


class Part(Protocol):
    """Anything the supervisor can keep."""

    @property
    def name(self) -> str:
        """Short name, also the name of its log file."""
        ...

    async def prepare(self) -> Command | None:
        """Make it ready and answer what to start; None when it runs elsewhere and is only used."""
        ...

    async def trouble(self) -> str | None:
        """What is wrong with it now, as a clause ("connection refused"); None when it is well."""
        ...

    def addresses(self) -> Mapping[str, str]:
        """Where people and programs reach it, by name; without secrets."""
        ...

    def ports(self) -> Collection[int]:
        """The loopback ports its own process has to listen on before an answer there is taken for its own."""
        ...

    def give_way(self) -> bool:
        """Forget chosen ports that another program has taken; whether a port was, so that a start is tried anew."""
        ...


@dataclass(frozen=True)
class Program:
    """A part given by the caller: a command and the question whether it is well (a worker, the console)."""

    name: str
    command: Command
    well: Callable[[], Awaitable[str | None]]
    reached_at: Mapping[str, str] = field(default_factory=dict)
    listens_on: tuple[int, ...] = ()

    async def prepare(self) -> Command:
        """The command as given."""
        return self.command

    async def trouble(self) -> str | None:
        """The caller's own answer."""
        return await self.well()

    def addresses(self) -> Mapping[str, str]:
        """The addresses as given."""
        return self.reached_at

    def ports(self) -> Collection[int]:
        """The ports as given."""
        return self.listens_on

    def give_way(self) -> bool:
        """Never: its ports are the caller's."""
        return False


def answers_http(url: str) -> Callable[[], Awaitable[str | None]]:
    """A question for `Program`: well when a GET of the loopback address answers 2xx within 2 seconds."""

    def ask() -> str | None:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2):
                return None
        except urllib.error.HTTPError as error:
            return f"{url} answers {error.code}"
        except OSError as error:
            return f"{url} does not answer ({getattr(error, 'reason', error)})"

    async def well() -> str | None:
        return await asyncio.to_thread(ask)

    return well


async def until_well(part: Part, process: Process | None, patience: float = PATIENCE) -> None:
    """Wait until the part says it is well.

    patience: seconds.  Raises PartError when its process ends first or patience runs out, with the end of its log.
    """
    deadline = time.monotonic() + patience
    while True:
        trouble = await part.trouble()
        if process is None:
            if trouble is None:
                return
            raise PartError(f"{part.name} is used from elsewhere and cannot be reached: {trouble}.")
        code = process.exit_code()
        if code is not None:  # asked before wellness is believed, which may be another program's
            raise PartError(f"{part.name} ended with code {code} while starting.{_log_of(process)}")
        if trouble is None and (missing := unheard(process.pid, part.ports())):
            trouble = f"it does not listen on {', '.join(map(str, sorted(missing)))}, and another program may"
        if trouble is None:
            return
        if time.monotonic() > deadline:
            raise PartError(
                f"{part.name} was not ready after {patience:.0f} seconds: {trouble}.{_log_of(process)}"
            )
        await asyncio.sleep(0.05)


def _log_of(process: Process) -> str:
    log = process.command.log
    return f" The end of {log}:\n{tail(log)}"


class Server(ABC):
    """A part that can also be started alone. `async with server:` starts it, and stops it whatever happens."""

    name: str

    def __init__(self) -> None:
        self._process: Process | None = None

    @abstractmethod
    async def prepare(self) -> Command | None:
        """See `Part.prepare`."""

    @abstractmethod
    async def trouble(self) -> str | None:
        """See `Part.trouble`."""

    @abstractmethod
    def addresses(self) -> Mapping[str, str]:
        """See `Part.addresses`."""

    @abstractmethod
    def ports(self) -> Collection[int]:
        """See `Part.ports`."""

    @abstractmethod
    def give_way(self) -> bool:
        """Forget the chosen ports when another program has taken one since; whether that was so.

        Between choosing a port and listening on it there is a moment in which two starts can choose the same.
        """

    @property
    def pid(self) -> int | None:
        """Process id of the server started by `start`; None when it was not, or runs elsewhere."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it and wait until it is well. It ends with this program, even if that is killed. Raises PartError."""
        if self._process is not None:
            raise PartError(f"{self.name} has been started already.")
        try:
            await self._start()
        except PartError:
            if not self.give_way():
                raise
            await self._start()

    async def _start(self) -> None:
        command = await self.prepare()
        if command is not None:
            self._process = spawn(command, leash=True)
            self._process.open_gate()
        try:
            await until_well(self, self._process)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what `start` started; nothing otherwise."""
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
