"""Processes of the operating system: started behind a gate, known by pid and birth, ended for certain.

Refuses to know what runs in them. A pid alone is never trusted: pids are given out again, so a process is named by
its pid and the instant it was born.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: Waits for a line on standard input, then becomes the program. If the starter dies before it has written down the
#: pid, the line never comes and nothing is ever started.
GATE = 'read -r _ && exec "$@" </dev/null'

#: Holds a pipe of the starter. When the starter is gone (even by kill -9) it ends the process, at last by force.
LEASH = (
    'read -r _; kill -s "$2" "$1" 2>/dev/null; i=0; '
    'while kill -0 "$1" 2>/dev/null && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; kill -KILL "-$1" 2>/dev/null'
)

LOG_LIMIT = 10 * 1024 * 1024
LOGS_KEPT = 3
#: how far back the end of a log is read: beyond the longest stack of a program that fell over
TAIL_BYTES = 64 * 1024
_GO_FRAME = re.compile(r"\t\S+:\d+( \+0x|$)")
POLL_SECONDS = 0.05


class PartError(Exception):
    """A part could not be found, started or reached. The text is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """The operating system user a process runs as, when that is not the user who starts it."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True)
class Command:
    """What to start: program and arguments, its log file (standard output and error), and how it likes to be ended.

    environment: the whole environment of the process, or None for that of the starter.
    grace: seconds between the stop signal and SIGKILL.
    """

    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 20.0
    directory: Path | None = None


@dataclass(frozen=True)
class Identity:
    """One process for all time: its pid and when it was born (an opaque mark of the operating system)."""

    pid: int
    born: str

    def alive(self) -> bool:
        """Whether exactly this process still runs. A zombie does not."""
        return identify(self.pid) == self


def identify(pid: int) -> Identity | None:
    """The identity of a running process; None when there is none, or only its zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            state, *fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if state in "ZX" else Identity(pid, fields[18])
    shown = ask_ps(pid, "stat=,lstart=").split(maxsplit=1)
    return Identity(pid, shown[1].strip()) if len(shown) == 2 and not shown[0].startswith("Z") else None


def ask_ps(pid: int, columns: str) -> str:
    """What `ps` says of one process; empty when there is none. For systems without /proc."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    ps = shutil.which("ps") or "/bin/ps"
    return subprocess.run(
        [ps, "-o", columns, "-p", str(pid)], check=False, capture_output=True, text=True, env=environment
    ).stdout


class Process:
    """A process started here. `end` it; a leashed one also ends when its starter is killed."""

    def __init__(
        self, command: Command, popen: "subprocess.Popen[bytes]", leash: "subprocess.Popen[bytes] | None"
    ):
        self.command, self._popen, self._leash = command, popen, leash
        self._cleared = False
        identity = identify(popen.pid)
        self.identity = identity or Identity(popen.pid, "")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def open_gate(self) -> None:
        """Let the program begin. Call it once the process is written down where the next start finds it."""
        gate = self._popen.stdin
        if gate is None or gate.closed:
            return
        try:
            gate.write(b"\n")
            gate.close()
        except BrokenPipeError:
            pass  # it is gone already; whoever waits for it will read its exit code

    async def ended(self) -> int:
        """Wait until it has ended; answers the exit code. What is left of its process group is killed."""
        while (code := self.exit_code()) is None:  # noqa: ASYNC110 - the operating system has no event for us
            await asyncio.sleep(POLL_SECONDS)
        if not self._cleared:  # once only: the pid may be given out again later
            self._cleared = True
            _signal_group(self.pid, signal.SIGKILL)
            self._unleash()
            if self._popen.stdin is not None:
                self._popen.stdin.close()
        return code

    async def end(self) -> None:
        """Ask it to stop, wait for its grace, then kill it and its process group."""
        if self.exit_code() is None:
            self._popen.send_signal(self.command.stop_signal)
            try:
                async with asyncio.timeout(self.command.grace):
                    await self.ended()
            except TimeoutError:
                _signal_group(self.pid, signal.SIGKILL)
        await self.ended()

    def _unleash(self) -> None:
        if self._leash is not None:
            self._leash.kill()
            self._leash.wait()
            if self._leash.stdin is not None:
                self._leash.stdin.close()
            self._leash = None


def spawn(command: Command, leash: bool) -> Process:
    """Create the process, waiting behind its gate; `Process.open_gate` lets it begin.

    leash: end it when this program dies, however that happens.  Raises PartError when it cannot be created.
    """
    account = command.account
    with open_log(command.log) as log:
        try:
            popen = subprocess.Popen(
                ["/bin/sh", "-c", GATE, "sh", *command.argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.directory or "/",
                env=dict(command.environment) if command.environment is not None else None,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            raise PartError(f"{command.argv[0]} cannot be started: {error.strerror}.") from error
    held = _leash(popen.pid, command.stop_signal) if leash else None
    return Process(command, popen, held)


def _leash(pid: int, stop_signal: signal.Signals) -> "subprocess.Popen[bytes]":
    name = stop_signal.name.removeprefix("SIG")
    return subprocess.Popen(
        ["/bin/sh", "-c", LEASH, "sh", str(pid), name], stdin=subprocess.PIPE, cwd="/", start_new_session=True
    )


async def end_left_over(identity: Identity, stop_signal: signal.Signals, grace: float) -> bool:
    """End a process that an earlier, killed program left behind; False when it was gone already.

    grace: seconds before SIGKILL.
    """
    if not identity.alive():
        return False
    os.kill(identity.pid, stop_signal)
    deadline = time.monotonic() + grace
    while identity.alive() and time.monotonic() < deadline:  # noqa: ASYNC110 - not our child: it can only be asked
        await asyncio.sleep(POLL_SECONDS)
    while identity.alive():
        _signal_group(identity.pid, signal.SIGKILL)
        await asyncio.sleep(POLL_SECONDS)
    return True


def _signal_group(pid: int, sent: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody left; macOS: only zombies left
        os.killpg(pid, sent)


def open_log(path: Path) -> BinaryIO:
    """Open a log file for appending (mode 0600), moving it aside first when it has grown past LOG_LIMIT bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        for number in range(LOGS_KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def tail(path: Path, lines: int = 5) -> str:
    """The last lines of a log, for an error message; empty when there is none.

    The stack of a Go program that fell over is left out: what it fell over stands above it.
    """
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        written = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    telling = [
        line
        for line, following in zip(written, [*written[1:], ""], strict=False)
        if not _GO_FRAME.match(line) and not _GO_FRAME.match(following)
    ]
    return "\n".join(telling[-lines:])
