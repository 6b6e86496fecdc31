"""The supervisor with real parts: ordered start and stop, kill -9 of a part and of itself, two at once."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from embedded.parts import Program, answers_http
from embedded.postgres import THROWAWAY, PostgresServer
from embedded.processes import LOG_LIMIT, Command, Identity, PartError, identify, open_log, spawn, tail
from embedded.supervisor import Supervisor, read_run_file, running_addresses

PROGRAM = Path(__file__).with_name("supervised.py")
Kill = Callable[[int | None], Awaitable[None]]


@asynccontextmanager
async def supervised(home: Path, *arguments: str) -> AsyncIterator[Process]:
    """The test program as a process of its own; ended at the end whatever happened."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(home), *arguments, stdout=PIPE, stderr=STDOUT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def lines_until(process: Process, last: str) -> list[str]:
    """What the program prints, up to the line that begins so; fails when it ends before."""
    assert process.stdout is not None
    lines = []
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode().rstrip():
            lines.append(line)
            if line.startswith(last):
                return lines
    pytest.fail(f"it ended before {last!r}, having said {lines}")


def recorded(home: Path) -> dict[str, Identity]:
    """The processes in the run file, by program."""
    return {part["program"]: Identity(part["pid"], part["born"]) for part in read_run_file(home)["parts"]}


class Ear:
    """Hears what a supervisor says, and waits for a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        task = asyncio.create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def heard(self, part: str) -> str:
        """The first line that contains the words, once it has been said."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: any(part in line for line in self.lines))
        return next(line for line in self.lines if part in line)


def postgres(home: Path) -> PostgresServer:
    return PostgresServer(home / "postgres", settings=THROWAWAY, port=0, environ={})


def program(
    home: Path, name: str, script: str, well: Callable[[], Awaitable[str | None]] | None = None
) -> Program:
    async def always() -> str | None:
        return None

    return Program(name, Command(("/bin/sh", "-c", script), home / "logs" / f"{name}.log"), well or always)


async def test_starts_in_order_and_a_sigterm_stops_all_in_reverse(home: Path) -> None:
    async with supervised(home) as process:
        started = await lines_until(process, "up")
        parts = recorded(home)
        assert all(identity.alive() for identity in parts.values())
        assert set(running_addresses(home) or {}) == {"postgres", "temporal"}
        process.send_signal(signal.SIGTERM)
        stopped = await lines_until(process, "down")
        assert await process.wait() == 0
    assert [line.split()[0] for line in started] == ["postgres", "temporal", "up"]
    assert stopped == ["temporal has stopped", "postgres has stopped", "down"]
    assert set(parts) == {"postgres", "temporal"}
    assert not any(identity.alive() for identity in parts.values())
    assert running_addresses(home) is None
    assert not (home / "run.json").exists()


async def test_a_signal_while_starting_stops_what_was_started(home: Path) -> None:
    async with supervised(home) as process:
        await lines_until(process, "postgres is ready")
        parts = recorded(home)
        process.send_signal(signal.SIGINT)
        await lines_until(process, "down")
        assert await process.wait() == 0
    assert not any(identity.alive() for identity in parts.values())


async def test_after_kill_9_of_the_supervisor_the_next_start_works_and_leaves_no_orphan(home: Path) -> None:
    async with supervised(home) as process:
        await lines_until(process, "up")
        left = recorded(home)
        process.kill()
        await process.wait()
    assert all(identity.alive() for identity in left.values())
    assert running_addresses(home) is None
    async with supervised(home) as process:
        lines = await lines_until(process, "up")
        assert sum("left over from a killed run" in line for line in lines) == 2
        assert not any(identity.alive() for identity in left.values())
        url = PostgresServer(home / "postgres", environ={}).url("postgres")
        connection = await asyncpg.connect(url)
        await connection.close()
        now = recorded(home)
    assert not any(identity.alive() for identity in now.values())


async def test_after_kill_9_of_a_leashed_supervisor_its_parts_end_by_themselves(home: Path) -> None:
    async with supervised(home, "leashed") as process:
        await lines_until(process, "up")
        left = recorded(home)
        process.kill()
        await process.wait()
    async with asyncio.timeout(60):
        while any(identity.alive() for identity in left.values()):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.02)


async def test_of_two_starts_at_once_one_runs_and_the_other_says_who_does(home: Path) -> None:
    async with supervised(home) as first, supervised(home) as second:
        assert first.stdout is not None
        assert second.stdout is not None
        heads = await asyncio.gather(lines_until(first, ""), lines_until(second, ""))
        refused = [
            (process, head[0])
            for process, head in zip((first, second), heads, strict=True)
            if "already" in head[0]
        ]
        assert len(refused) == 1
        process, sentence = refused[0]
        winner = second if process is first else first
        assert await process.wait() == 4
        assert f"Redress runs on {home} already" in sentence
        await lines_until(winner, "up")
        with pytest.raises(PartError, match=f"process {winner.pid} since"):
            async with Supervisor(home):
                pass


async def test_a_part_that_dies_comes_back_at_the_same_address(home: Path, kill: Kill) -> None:
    ear = Ear()
    server = postgres(home)
    async with Supervisor(home, say=ear) as supervisor:
        await supervisor.start(server)
        url = await server.ensure_database()
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (n int)")
        connection.terminate()
        first = recorded(home)["postgres"]
        await kill(first.pid)
        await ear.heard("postgres is back")
        assert recorded(home)["postgres"] != first
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT count(*) FROM kept") == 0
        await connection.close()
        assert "ended with code -9" in await ear.heard("ended with code")


async def test_what_keeps_dying_is_started_after_longer_and_longer_pauses(home: Path) -> None:
    ear = Ear()
    over = home / "over"
    async with Supervisor(home, say=ear) as supervisor:
        await supervisor.start(program(home, "worker", f"until [ -e {over} ]; do sleep 0.05; done; exit 3"))
        over.touch()
        assert await ear.heard("in 0.5 s") == "worker ended with code 3; starting it again in 0.5 s"
        await ear.heard("in 1 s")


async def test_the_first_start_that_fails_shows_the_log_and_leaves_the_others_alone(home: Path) -> None:
    async def never() -> str | None:
        return "it is not there"

    async with Supervisor(home) as supervisor:
        await supervisor.start(program(home, "worker", "sleep 600"))
        worker = recorded(home)["sh"]
        with pytest.raises(PartError, match="console ended with code 7 while starting") as failed:
            await supervisor.start(program(home, "console", "echo the port is taken; exit 7", never))
        assert "the port is taken" in str(failed.value)
        assert (recorded(home)["sh"], worker.alive()) == (worker, True)
    assert not worker.alive()


async def test_a_part_that_never_gets_well_is_given_up(home: Path) -> None:
    ask = answers_http("http://127.0.0.1:9/healthz")
    async with Supervisor(home, patience=0.2) as supervisor:
        with pytest.raises(
            PartError, match=r"not ready after 0 seconds: http://127\.0\.0\.1:9/healthz does not"
        ):
            await supervisor.start(program(home, "console", "sleep 600", ask))
        assert read_run_file(home)["parts"] == []


async def test_what_ignores_the_stop_signal_is_killed_with_its_children(home: Path) -> None:
    script = 'trap "" TERM; sleep 600 & echo $! > children; wait; sleep 600'
    command = Command(("/bin/sh", "-c", script), home / "stubborn.log", grace=0.2, directory=home)

    async def well() -> str | None:
        return None if (home / "children").exists() and (home / "children").read_text() else "not yet"

    async with Supervisor(home) as supervisor:
        await supervisor.start(Program("stubborn", command, well))
        child = int((home / "children").read_text())
        stubborn = recorded(home)["sh"]
    assert not stubborn.alive()
    async with asyncio.timeout(60):
        while identify(child) is not None:  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.02)


async def test_one_part_can_be_stopped_and_started_again(home: Path) -> None:
    async with Supervisor(home) as supervisor:
        await supervisor.start(program(home, "worker", "sleep 600"))
        first = recorded(home)["sh"]
        with pytest.raises(PartError, match="worker has been started already"):
            await supervisor.start(program(home, "worker", "sleep 600"))
        await supervisor.stop("worker")
        assert not first.alive()
        assert read_run_file(home)["parts"] == []
        await supervisor.start(program(home, "worker", "sleep 600"))
        assert recorded(home)["sh"].alive()


async def test_nothing_begins_before_it_is_written_down(home: Path) -> None:
    process = spawn(Command(("/bin/sh", "-c", "touch began"), home / "log", directory=home), leash=False)
    await process.end()
    assert not (home / "began").exists()
    process = spawn(Command(("/bin/sh", "-c", "touch began"), home / "log", directory=home), leash=False)
    process.open_gate()
    assert await process.ended() == 0
    assert (home / "began").exists()


def test_a_pid_given_out_again_is_another_process() -> None:
    assert not Identity(os.getpid(), "of another birth").alive()


def test_a_broken_run_file_hinders_no_start(home: Path) -> None:
    (home / "run.json").write_text(json.dumps({"parts": []})[:-3])
    empty: dict[str, Any] = {}
    assert read_run_file(home) == empty


def test_a_long_log_is_moved_aside_at_the_next_start_and_three_are_kept(home: Path) -> None:
    log = home / "logs" / "worker.log"
    for letter in "abcde":
        with open_log(log) as file:
            file.write(letter.encode() * (LOG_LIMIT + 1))
    with open_log(log) as file:
        file.write(b"now")
    assert {path.name: path.read_bytes()[:1] for path in log.parent.iterdir()} == {
        "worker.log": b"n",
        "worker.log.1": b"e",
        "worker.log.2": b"d",
        "worker.log.3": b"c",
    }


def test_the_end_of_a_log_is_what_a_program_fell_over_and_not_its_stack(home: Path) -> None:
    log = home / "temporal.log"
    log.write_text(
        'before\n{"msg":"Failed to start gRPC listener","error":"bind: address already in use"}\n'
        "panic: invalid memory address\n\ngoroutine 116 [running]:\n"
        "google.golang.org/grpc.(*Server).Serve(0x1261, {0x0, 0x0})\n\t/go/pkg/mod/grpc/server.go:913 +0x14c\n"
        "fx.(*App).Start(0x1)\n\t<autogenerated>:1 +0x42\n"
        "main.main()\n\t/home/runner/work/cli/main.go:18 +0x8e\n"
    )
    assert tail(log, 3).splitlines() == [
        '{"msg":"Failed to start gRPC listener","error":"bind: address already in use"}',
        "panic: invalid memory address",
        "goroutine 116 [running]:",
    ]
    log.write_text("ERROR:  syntax error\nSTATEMENT:  select 1\n\tfrom nowhere\n")
    assert tail(log, 2) == "STATEMENT:  select 1\n\tfrom nowhere"
    assert tail(home / "none.log") == ""
