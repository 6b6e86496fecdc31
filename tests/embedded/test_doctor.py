"""The doctor's findings on real servers: what works, what is missing, and what it tells a person to do."""

import socketserver
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from embedded.bootstrap import bootstrap
from embedded.doctor import examine
from embedded.findings import Finding
from embedded.ports import free_port
from embedded.postgres import THROWAWAY, PostgresServer
from embedded.supervisor import Supervisor
from embedded.temporal import TemporalServer
from records.db import migrate
from records.keys import KEY_BYTES


def by_part(findings: Sequence[Finding]) -> dict[str, Finding]:
    parts = {finding.part: finding for finding in findings}
    assert len(parts) == len(findings)
    return parts


@activity.defn
async def nothing() -> None:
    """An activity, so that a worker polls."""


async def test_a_bare_machine_is_told_to_start_and_nothing_is_ill(home: Path) -> None:
    found = by_part(await examine(home / "new", environ={}))
    assert {part: f.state for part, f in found.items() if part != "ports"} == {
        "Python": "well",
        "PostgreSQL programs": "well",
        "Temporal program": "well",
        "database": "idle",
        "Temporal server": "idle",
        "mail": "idle",
        "customers' pages": "idle",
        "disk": "well",
    }
    assert "redress up" in found["database"].advice
    assert "redress up" in found["Temporal server"].advice
    assert not (home / "new").exists()


async def test_a_running_home_is_examined_through_its_parts(home: Path) -> None:
    key = home / "master_key"
    async with Supervisor(home) as supervisor:
        postgres = PostgresServer(home / "postgres", settings=THROWAWAY, port=0, environ={})
        await supervisor.start(postgres)
        await supervisor.start(TemporalServer(home / "temporal", port=0, ui_port=None, environ={}))
        url = await postgres.ensure_database()

        fresh = by_part(await examine(home, environ={}))
        assert (fresh["schema"].state, fresh["schema"].version) == ("ill", "0")
        assert "redress migrate" in fresh["schema"].advice
        assert "redress bootstrap" in fresh["namespace"].advice
        assert fresh["master key"].state == "idle"
        assert "ports" not in fresh

        await migrate(url)
        address = supervisor.addresses()["temporal"]
        await bootstrap(address)
        client = await Client.connect(address, namespace="redress")
        async with Worker(client, task_queue="complaints", activities=[nothing], identity="one worker"):
            key.write_text("not base64\n")
            key.chmod(0o600)
            broken = by_part(await examine(home, environ={}))
            assert broken["master key"].state == "ill"
            assert "malformed" in broken["master key"].advice

            ready = by_part(await examine(home, environ={}, master_key=bytes(KEY_BYTES)))
        well = {"database", "schema", "master key", "Temporal server", "namespace", "search attributes"}
        assert {part for part in well if ready[part].state != "well"} == set()
        assert ready["worker complaints"].found == "one worker"
        assert "redress worker notices" in ready["worker notices"].advice


async def test_servers_out_of_reach_are_ill_and_their_setting_is_named(home: Path) -> None:
    environ = {
        "REDRESS_DATABASE_URL": "postgresql://redress:secret@127.0.0.1:1/redress",
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "REDRESS_SMTP_URL": "smtp://user:secret@127.0.0.1:1",
    }
    found = by_part(await examine(home, environ=environ))
    for part, name in (
        ("database", "REDRESS_DATABASE_URL"),
        ("Temporal server", "TEMPORAL_ADDRESS"),
        ("mail", "REDRESS_SMTP_URL"),
    ):
        assert found[part].state == "ill"
        assert name in found[part].advice
    assert "secret" not in str(found)


async def test_a_setting_may_stand_in_a_file(home: Path, postgres_url: str) -> None:
    secret = home / "url"
    secret.write_text(f"{postgres_url}\n")
    found = by_part(await examine(home, environ={"REDRESS_DATABASE_URL_FILE": str(secret)}))
    assert found["database"].state == "well"
    found = by_part(await examine(home, environ={"REDRESS_DATABASE_URL_FILE": str(home / "none")}))
    assert "which cannot be read" in found["database"].advice


async def test_a_mail_server_that_greets_is_well(home: Path) -> None:
    mail = Controller(Sink(), hostname="127.0.0.1", port=free_port(None))
    mail.start()
    try:
        url = f"smtp://127.0.0.1:{mail.port}"
        assert by_part(await examine(home, environ={"REDRESS_SMTP_URL": url}))["mail"].state == "well"
    finally:
        mail.stop()


async def test_a_taken_port_is_told_and_no_trouble(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as other:
        monkeypatch.setattr("embedded.doctor.CONSOLE_PORT", other.server_address[1])
        ports = by_part(await examine(home, environ={}))["ports"]
    assert ports.state == "idle"
    assert f"{other.server_address[1]} (console)" in ports.advice
