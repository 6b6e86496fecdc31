"""A gate in front of a server: what passes can be cut off, or heard without an answer coming back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Gate:
    """Forwards TCP connections from a port of its own. Answers pass only while `answering` is set."""

    def __init__(self, host: str, port: int) -> None:
        self.server, self.port = (host, port), 0
        self.answering = asyncio.Event()
        self.answering.set()
        self._door: asyncio.Server | None = None
        self._through: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Let through, on the same port as before."""
        self._door = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        self.port = self._door.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody gets in, and those inside are thrown out."""
        if self._door is not None:
            self._door.close()
            self._door = None
        for writer in list(self._through):
            writer.transport.abort()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self.server)
        self._through |= {writer, back}
        asking = asyncio.create_task(self._carry(reader, back))
        answering = asyncio.create_task(self._carry(there, writer, self.answering))
        self._carrying |= {asking, answering}
        await asyncio.wait((asking, answering), return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, back):
            end.transport.abort()
        await asyncio.gather(asking, answering, return_exceptions=True)
        self._through -= {writer, back}
        self._carrying -= {asking, answering}

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may: asyncio.Event | None = None
    ) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                if may is not None:
                    await may.wait()
                writer.write(piece)
                await writer.drain()


@asynccontextmanager
async def gate_before(url: str) -> AsyncIterator[tuple[Gate, str]]:
    """A gate before the PostgreSQL server of a url, and the url that leads through it."""
    parts = urlsplit(url)
    gate = Gate(parts.hostname or "127.0.0.1", parts.port or 5432)
    await gate.open()
    login = parts.netloc.rpartition("@")[0]
    yield gate, urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{gate.port}"))
    gate.answering.set()
    await gate.cut()
