"""The production topology on this machine, without containers: PostgreSQL, the Temporal server on it, its UI.

    make topology                          build, start, check, bootstrap, and leave nothing running
    python -m deploy.topology --stay       the same, and keep running until Ctrl-C, for chaos and load

The scripts, settings and questions are those of `docker-compose.yml`, so that what is checked here is what runs there.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from deploy import programs
from embedded.parts import Program, answers_http
from embedded.ports import free_port
from embedded.postgres import PostgresServer
from embedded.postgres_programs import choose_programs
from embedded.processes import Command, PartError
from embedded.supervisor import Supervisor
from embedded.temporal import ask_frontend, connect
from workflows.names import QUEUES

DEPLOY = Path(__file__).resolve().parent
SHARDS = "512"
SERVICES = ("FRONTEND", "HISTORY", "MATCHING", "WORKER")
#: Owns the records here; no superuser, as in a real installation.
ROLE = "redress_service"
PASSWORDS = ("temporal_password", "redress_password")


class CheckFailed(Exception):
    """A step of the topology did not do what it should; the text is what it said."""


def low_ports(count: int) -> list[int]:
    """Free loopback ports below 32768: the server keeps its members' ports in a smallint. Raises PartError."""
    free = (port for port in range(17200, 32768) if free_port(port) == port)
    found = list(islice(free, count))
    if len(found) < count:
        raise PartError(f"Fewer than {count} ports below 32768 are free on 127.0.0.1.")
    return found


async def run(what: str, *command: str | Path, environment: Mapping[str, str]) -> str:
    """Run one step to its end; answers what it said. Raises CheckFailed when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode().strip()
    if process.returncode:
        raise CheckFailed(f"{what} failed with code {process.returncode}:\n{said[-2000:]}")
    print(f"{what}: done")
    return said


def make_passwords(home: Path) -> dict[str, str]:
    """The passwords of this home, made on the first start; each in a file only its owner reads."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in PASSWORDS:
        if not (folder / name).exists():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(secrets.token_hex(24))
    return {name: (folder / name).read_text() for name in PASSWORDS}


def database_environment(postgres: PostgresServer, home: Path) -> dict[str, str]:
    """What the scripts and the server are told about the database, as in docker-compose.yml."""
    return {
        "SECRETS_DIR": str(home / "secrets"),
        "DB": "postgres12",
        "DB_PORT": str(postgres.port),
        "POSTGRES_SEEDS": "127.0.0.1",
        "POSTGRES_USER": "temporal",
        "DBNAME": "temporal",
        "VISIBILITY_DBNAME": "temporal_visibility",
    }


async def prepare_databases(postgres: PostgresServer, home: Path, sql: Path) -> None:
    """Roles, databases and Temporal's tables, twice: the second time finds nothing to do. Raises CheckFailed."""
    psql = choose_programs(None).directory
    asking = {
        "PGSERVICEFILE": os.devnull,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres.port),
        "PATH": f"{psql}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SECRETS_DIR": str(home / "secrets"),
        "REDRESS_ROLE": ROLE,
    }
    superuser, password = postgres.url("postgres").removeprefix("postgresql://").split("@")[0].split(":", 1)
    asking |= {"PGUSER": superuser, "PGPASSWORD": password, "PGDATABASE": "postgres"}
    told = {**database_environment(postgres, home), "SQL_TOOL": str(sql)}
    for turn in ("first", "second"):
        await run(f"Databases, {turn} time", "sh", DEPLOY / "compose" / "databases.sh", environment=asking)
        await run(
            f"Temporal's tables, {turn} time",
            "sh",
            DEPLOY / "compose" / "temporal-schema.sh",
            environment=told,
        )


def temporal_server(
    program: Path, environment: Mapping[str, str], password: str, log: Path
) -> tuple[Program, str]:
    """The server as a part, told everything by its environment; and the address of its frontend."""
    names = [
        "FRONTEND_HTTP_PORT",
        *(f"{name}_{kind}_PORT" for name in SERVICES for kind in ("GRPC", "MEMBERSHIP")),
    ]
    ports = dict(zip(names, map(str, low_ports(len(names))), strict=True))
    address = f"127.0.0.1:{ports['FRONTEND_GRPC_PORT']}"
    told = {
        **environment,
        **ports,
        "PATH": os.environ.get("PATH", os.defpath),
        "POSTGRES_PWD": password,
        "NUM_HISTORY_SHARDS": SHARDS,
        "BIND_ON_IP": "127.0.0.1",
        "TEMPORAL_BROADCAST_ADDRESS": "127.0.0.1",
        "DYNAMIC_CONFIG_FILE_PATH": str(DEPLOY / "temporal" / "dynamic-config.yaml"),
        "LOG_LEVEL": "warn",
    }
    reads_database = answers_http(
        f"http://127.0.0.1:{ports['FRONTEND_HTTP_PORT']}/api/v1/namespaces/temporal-system"
    )

    async def well() -> str | None:
        try:
            return await reads_database() or await ask_frontend(await connect(address, None))
        except PartError as error:
            return str(error)

    command = Command((str(program), "--allow-no-auth", "start"), log, told, grace=30)
    return Program("temporal", command, well, {"temporal": address}), address


def ui_server(program: Path, address: str, log: Path) -> Program:
    """The UI server as a part."""
    port = free_port(8233)
    told = {"PATH": os.defpath, "TEMPORAL_ADDRESS": address, "TEMPORAL_UI_PORT": str(port)}
    arguments = ("--root", str(DEPLOY / "temporal"), "--config", "ui", "--env", "redress", "start")
    where = f"http://127.0.0.1:{port}"
    return Program(
        "ui",
        Command((str(program), *arguments), log, told),
        answers_http(f"{where}/healthz"),
        {"ui": where},
        (port,),
    )


def worker(redress: Path, queue: str, settings: Mapping[str, str], log: Path) -> Program:
    """The worker service of one task queue as a part, well when it says that it is ready."""
    port = free_port(None)
    told = {"PATH": os.defpath, **settings, "REDRESS_HEALTH_PORT": str(port)}
    where = f"http://127.0.0.1:{port}/readyz"
    command = Command((str(redress), "worker", queue), log, told, grace=40)
    return Program(f"worker {queue}", command, answers_http(where), {f"worker {queue}": where}, (port,))


async def take_a_turn(redress: Path, settings: Mapping[str, str]) -> None:
    """Hand in a complaint and register it, through the services. Raises CheckFailed."""
    complaint = DEPLOY.parent / "starter" / "samples" / "complaint.yaml"
    opened = await run(
        "redress open", redress, "open", complaint, "--received", "now", "--json", environment=settings
    )
    number = json.loads(opened)[0]["number"]
    decided = await run(
        "redress do register", redress, "do", number, "register", "--json", environment=settings
    )
    if not json.loads(decided)["accepted"]:
        raise CheckFailed(f"Complaint {number} could not be registered: {decided}")


async def topology(home: Path, stay: bool) -> None:
    """Start everything in `home`, bootstrap it, take a turn; with `stay` keep it until told to stop.

    Raises PartError, CheckFailed or CannotBuild with what went wrong; nothing is left running.
    """
    tools = await asyncio.to_thread(programs.built)
    async with Supervisor(home, say=print) as supervisor:
        passwords = make_passwords(home)
        # The caller's own database is none of this.
        postgres = PostgresServer(home / "postgres", log=supervisor.log_of("postgres"), port=0, environ={})
        await supervisor.start(postgres)
        await prepare_databases(postgres, home, tools.sql)
        told = database_environment(postgres, home)
        server, address = temporal_server(
            tools.server, told, passwords["temporal_password"], supervisor.log_of("temporal")
        )
        await supervisor.start(server)
        await supervisor.start(ui_server(tools.ui, address, supervisor.log_of("ui")))
        url = f"postgresql://{ROLE}:{passwords['redress_password']}@127.0.0.1:{postgres.port}/redress"
        redress = Path(sys.executable).parent / "redress"
        settings = {
            "REDRESS_DATABASE_URL": url,
            "TEMPORAL_ADDRESS": address,
            "REDRESS_HOME": str(home / "redress"),
        }
        for verb in ("migrate", "bootstrap"):
            await run(f"redress {verb}", redress, verb, environment=settings)
        for queue in QUEUES:
            await supervisor.start(worker(redress, queue, settings, supervisor.log_of(f"worker-{queue}")))
        await run("redress doctor", redress, "doctor", environment=settings)
        await take_a_turn(redress, settings)
        for name, where in supervisor.addresses().items():
            print(f"  {name:10} {where}")
        if stay:
            print(f"  {'records':10} {url}\nIt runs until Ctrl-C.")
            await supervisor.wait()


def main() -> int:
    """Returns 0 when everything came up, was bootstrapped and ended; 1 with the reason on stderr otherwise."""
    parser = argparse.ArgumentParser(prog="python -m deploy.topology", description=__doc__.splitlines()[0])
    parser.add_argument("--stay", action="store_true", help="keep it running until Ctrl-C")
    parser.add_argument("--home", type=Path, help="keep the data in this directory (else it is thrown away)")
    asked = parser.parse_args()
    home = asked.home.absolute() if asked.home else Path(tempfile.mkdtemp(prefix="redress-topology-"))
    if not asked.home:
        home.chmod(0o711)  # started by root, PostgreSQL runs as another user, who passes through
    try:
        asyncio.run(topology(home, asked.stay))
    except (PartError, CheckFailed, programs.CannotBuild) as reason:
        print(reason, file=sys.stderr)
        return 1
    finally:
        gc.collect()  # an interpreter that ends with the SDK's threads still held may abort
        if not asked.home:
            shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
