"""Starts parts in order, keeps them running, and stops them in reverse order.

    async with Supervisor(home) as supervisor:      # Ctrl-C, SIGTERM and SIGHUP leave this block in good order
        await supervisor.start(PostgresServer(home / "postgres"))
        await supervisor.start(TemporalServer(home / "temporal"))
        await supervisor.wait()

One supervisor a data directory: it holds a lock there. It writes every part down before that begins, so what a
killed supervisor (kill -9, power) leaves running is found and ended by the next one.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from embedded.parts import Part, until_well
from embedded.processes import Identity, PartError, Process, end_left_over, identify, spawn

LOCK_FILE, RUN_FILE = "lock", "run.json"
#: Seconds before a part that died is started again; doubled each time up to the last, until it has stayed up.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: Seconds a part must have run for its earlier deaths to be forgotten.
STEADY = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class _Kept:
    """One part and the process it runs as now; none when it is only used."""

    part: Part
    process: Process | None = None
    deaths: int = 0
    well_since: float | None = None


class Supervisor:
    """Keeps the parts of one data directory. Entering raises PartError when another supervisor holds it.

    home: the data directory, created when missing (0711: PostgreSQL's unprivileged user passes through).
    say: told every event worth a line (started, died, stopped), for the terminal or a log.
    leashed: parts end at once when this program is killed; for homes that nobody will start again.
    patience: seconds a part may take until it is well.
    """

    def __init__(
        self,
        home: Path,
        *,
        say: Callable[[str], None] = lambda line: None,
        leashed: bool = False,
        patience: float = 120.0,
    ) -> None:
        self.home, self._say, self._leashed, self._patience = home.absolute(), say, leashed, patience
        self._kept: dict[str, _Kept] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._lock: int | None = None
        self._main: asyncio.Task[Any] | None = None
        self._signalled: signal.Signals | None = None

    def log_of(self, name: str) -> Path:
        """The log file for a part of that name."""
        return self.home / "logs" / f"{name}.log"

    def addresses(self) -> dict[str, str]:
        """Where every part started so far is reached."""
        return {name: value for kept in self._kept.values() for name, value in kept.part.addresses().items()}

    async def __aenter__(self) -> Self:
        self._lock = _take_lock(self.home)
        try:
            await self._clear_left_overs()
            self._write_down()
        except BaseException:
            os.close(self._lock)
            raise
        self._main = asyncio.current_task()
        for stop in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(stop, self._on_signal, stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Stop every part, the last started first. A stop signal is thereby obeyed and not passed on."""
        main, self._main = self._main, None  # from here on a signal is heard and needs no answer
        try:
            for name in reversed(list(self._kept)):
                await self.stop(name)
            (self.home / RUN_FILE).unlink(missing_ok=True)
        finally:
            self._let_go()
        obeyed = self._signalled is not None and kind is asyncio.CancelledError and main is not None
        return obeyed and main is not None and main.uncancel() == 0

    @property
    def stopped_by(self) -> signal.Signals | None:
        """The signal that ended it, if one did."""
        return self._signalled

    async def start(self, part: Part) -> None:
        """Start a part, wait until it is well, and keep it so from now on.

        Raises PartError when it cannot be started: a first start that fails is tried again only when a port was taken.
        """
        if part.name in self._kept:
            raise PartError(f"A part named {part.name} has been started already.")
        kept = _Kept(part)
        try:
            await self._launch(kept)
        except PartError:
            await self.stop(part.name)
            if not part.give_way():
                raise
            kept = _Kept(part)
            await self._launch(kept)
        self._say(f"{part.name} is ready{_where(part.addresses())}")
        if kept.process is not None:
            self._keepers[part.name] = asyncio.create_task(self._keep(kept), name=f"keep {part.name}")

    async def stop(self, name: str) -> None:
        """Stop one part for good; nothing when there is none of that name."""
        keeper = self._keepers.pop(name, None)
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        kept = self._kept.pop(name, None)
        if kept is not None and kept.process is not None:
            await kept.process.end()
            self._say(f"{name} has stopped")
            self._write_down()

    async def wait(self) -> None:
        """Run until a stop signal comes (which leaves the `async with` block) or a keeper fails, raising its error."""
        while True:
            if not self._keepers:
                await asyncio.Event().wait()
            done, _ = await asyncio.wait(self._keepers.values(), return_when=asyncio.FIRST_COMPLETED)
            for keeper in done:
                if not keeper.cancelled():
                    keeper.result()

    async def _launch(self, kept: _Kept) -> None:
        kept.well_since = None
        command = await kept.part.prepare()
        self._kept[kept.part.name] = kept
        if command is not None:
            kept.process = spawn(command, self._leashed)
            self._write_down()
            kept.process.open_gate()
        await until_well(kept.part, kept.process, self._patience)
        kept.well_since = time.monotonic()

    async def _keep(self, kept: _Kept) -> None:
        """Start the part again whenever it ends; longer and longer pauses while it keeps dying."""
        while kept.process is not None:
            code = await kept.process.ended()
            if kept.well_since is not None and time.monotonic() - kept.well_since > STEADY:
                kept.deaths = 0
            pause = min(FIRST_PAUSE * 2**kept.deaths, LONGEST_PAUSE)
            kept.deaths += 1
            self._say(f"{kept.part.name} ended with code {code}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            try:
                await self._launch(kept)
            except (PartError, OSError) as error:  # OSError: a full disk, say, may be put right meanwhile
                self._say(f"{kept.part.name} did not come back: {error}")
                await kept.process.end()
            else:
                self._say(f"{kept.part.name} is back")

    def _on_signal(self, received: signal.Signals) -> None:
        if self._signalled is None and self._main is not None:
            self._signalled = received
            self._main.cancel()

    def _let_go(self) -> None:
        for stop in STOP_SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(stop)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _write_down(self) -> None:
        """The run file: who supervises, which processes, where they are reached. Replaced whole, mode 0600."""
        processes = [
            (kept.part.name, kept.process) for kept in self._kept.values() if kept.process is not None
        ]
        record = {
            "supervisor": asdict(me) if (me := identify(os.getpid())) else None,
            "parts": [_described(name, process) for name, process in processes],
            "addresses": self.addresses(),
        }
        unfinished = self.home / f"{RUN_FILE}.new"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(record, indent=1))
        unfinished.replace(self.home / RUN_FILE)

    async def _clear_left_overs(self) -> None:
        """End what a killed supervisor left running, the last started first."""
        for part in reversed(read_run_file(self.home).get("parts", [])):
            identity = Identity(part["pid"], part["born"])
            if await end_left_over(identity, signal.Signals(part["signal"]), part["grace"]):
                self._say(f"ended {part['program']} (process {part['pid']}), left over from a killed run")


def read_run_file(home: Path) -> dict[str, Any]:
    """What the run file says; empty when there is none or it is not whole."""
    try:
        record = json.loads((home / RUN_FILE).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return record if isinstance(record, dict) else {}


def running_addresses(home: Path) -> dict[str, str] | None:
    """Where the parts of a running supervisor are reached, for a second terminal; None when none runs on the home."""
    record = read_run_file(home)
    supervisor = record.get("supervisor")
    if supervisor is None or not Identity(**supervisor).alive():
        return None
    return dict(record["addresses"])


def _take_lock(home: Path) -> int:
    """Hold the data directory, as long as the answered descriptor is open and this program lives."""
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o711)
        lock = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PartError(f"{home} cannot be used as data directory: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 200).decode(errors="replace").strip()
        os.close(lock)
        raise PartError(
            f"Redress runs on {home} already ({holder or 'just starting'}); stop that first."
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S %z')}".encode())
    return lock


def _described(name: str, process: Process) -> dict[str, Any]:
    return {
        "name": name,
        "pid": process.identity.pid,
        "born": process.identity.born,
        "program": Path(process.command.argv[0]).name,
        "signal": int(process.command.stop_signal),
        "grace": process.command.grace,
    }


def _where(addresses: Mapping[str, str]) -> str:
    return f" at {', '.join(addresses.values())}" if addresses else ""
