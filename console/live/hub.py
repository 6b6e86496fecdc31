"""Who is told when a complaint has moved: one listening connection a process, any number of open pages.

A page is told "something is new" and looks for itself, with the rights it has then. So nothing is queued: a page that
is slow hears the latest turn once, and after an outage of the database or of this process every page looks again.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from records import presence
from records.db import RecordsUnreachable
from records.listening import PRESENCE, listen
from records.office import Office

log = logging.getLogger(__name__)

#: pages that may listen at once: of one session, which has few windows, and in this process
MOST_OF_SESSION, MOST_AT_ALL = 20, 2000
#: seconds between two sayings that a page is still open
PRESENT = 25.0


class TooManyListen(Exception):
    """Another page cannot listen now, of this session or at all."""


@dataclass(eq=False)
class Watch:
    """What one open page has not been told yet. turn: the latest turn heard of; 0 where it must look for itself."""

    number: str | None
    person: str
    closed: bool = False
    turn: int = 0
    moved: bool = False
    people: bool = False
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """There is something to tell."""
        self._bell.set()

    async def wait(self, seconds: float) -> bool:
        """Until there is something to tell, or the hub closes; False where nothing happened for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
            self._bell.clear()
            return True
        return False

    async def rest(self, seconds: float) -> None:
        """So long nothing more is told, unless the hub closes; what comes meanwhile is told once afterwards."""
        until = monotonic() + seconds
        while not self.closed and (left := until - monotonic()) > 0:
            await self.wait(left)
        if self.moved or self.people or self.closed:
            self.ring()

    def take(self) -> tuple[bool, bool]:
        """Whether the case moved, and whether people came or went, since the last taking."""
        told = self.moved, self.people
        self.moved = self.people = False
        return told


class Hub:
    """One a process. `open` begins listening, `close` ends every subscription."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.closed = False
        self._cases: dict[str, set[Watch]] = defaultdict(set)
        self._queues: set[Watch] = set()
        self._places: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    async def open(self) -> None:
        """Begin to listen; returns once the first connection listens, or at once where the records are away."""
        self._tasks = [
            asyncio.create_task(listen(self.office.pool, self._hear, self._again), name="listen"),
            asyncio.create_task(self._stay_present(), name="presence"),
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._ready.wait()

    async def close(self) -> None:
        """End every subscription, then stop listening. Harmless when repeated."""
        self.closed = True
        for watch in self._everybody():
            watch.closed = True
            watch.ring()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    @property
    def watching(self) -> int:
        """How many pages listen now."""
        return len(self._everybody())

    @contextmanager
    def place(self, session: str) -> Iterator[None]:
        """A place to listen, for a page of this session. Raises TooManyListen."""
        if self._places[session] >= MOST_OF_SESSION or self._places.total() >= MOST_AT_ALL:
            raise TooManyListen
        self._places[session] += 1
        try:
            yield
        finally:
            self._places[session] -= 1
            if not self._places[session]:
                del self._places[session]

    @asynccontextmanager
    async def case(self, number: str, person: str) -> AsyncIterator[Watch]:
        """Watch one case for a person, who counts as present meanwhile."""
        watch = Watch(number, person, closed=self.closed)
        self._cases[number].add(watch)
        try:
            await self._say_present([(number, person)])
            yield watch
        finally:
            left = self._cases[number]
            left.discard(watch)
            still_here = any(other.person == person for other in left)
            if not left:
                del self._cases[number]
            if not still_here:
                await asyncio.shield(self._say_gone(number, person))

    @asynccontextmanager
    async def queues(self, person: str) -> AsyncIterator[Watch]:
        """Watch all complaints, as lists do."""
        watch = Watch(None, person, closed=self.closed)
        self._queues.add(watch)
        try:
            yield watch
        finally:
            self._queues.discard(watch)

    def _everybody(self) -> list[Watch]:
        return [*self._queues, *(watch for watches in self._cases.values() for watch in watches)]

    def _hear(self, channel: str, payload: str) -> None:
        if payload == "*":
            self._again()
            return
        number, _, turn = payload.partition(":")
        for watch in self._cases.get(number, ()):
            if channel == PRESENCE:
                watch.people = True
            else:
                watch.moved = True
                watch.turn = max(watch.turn, int(turn or 0))
            watch.ring()
        if channel != PRESENCE and turn:
            for watch in self._queues:
                watch.moved = True
                watch.ring()

    def _again(self) -> None:
        """Everybody looks for themselves: what was told meanwhile was told nobody."""
        self._ready.set()
        for watch in self._everybody():
            watch.moved = watch.people = True
            watch.ring()

    async def _stay_present(self) -> None:
        while True:
            await asyncio.sleep(PRESENT)
            here = {(w.number, w.person) for w in self._everybody() if w.number is not None}
            if here:
                await self._say_present(sorted(here))

    async def _say_present(self, pages: list[tuple[str, str]]) -> None:
        try:
            await presence.note(self.office.pool, pages)
        except RecordsUnreachable:
            log.info("presence could not be noted")

    async def _say_gone(self, number: str, person: str) -> None:
        try:
            await presence.leave(self.office.pool, number, person)
        except RecordsUnreachable:
            log.info("presence could not be ended")
