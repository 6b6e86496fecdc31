"""A private PostgreSQL: loopback only, password required, its data in one directory.

REDRESS_DATABASE_URL (or REDRESS_DATABASE_URL_FILE), when set, names the server to use and nothing is started.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from embedded.home import setting
from embedded.parts import Server
from embedded.ports import free_port
from embedded.postgres_programs import Programs, account_for, choose_programs, runnable_by
from embedded.processes import Account, Command, PartError, ask_ps, identify

USER = "redress"
DATABASE = "redress"
DEFAULT_PORT = 5433
#: Seconds the children of a killed server are waited for; while one lives, no new server may start.
ORPHANS_NOTICE = 20.0
URL_VARIABLE = "REDRESS_DATABASE_URL"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # a violated constraint would otherwise log the values of the row
}

#: For servers whose data nobody will miss: a power cut loses everything, kill -9 of the server still nothing.
THROWAWAY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer(Server):
    """PostgreSQL 15 or newer in `directory`, or the one REDRESS_DATABASE_URL names.

    directory: holds the data, the password (both 0700/0600, of the user PostgreSQL runs as) and the log by default.
    settings: further server settings, such as THROWAWAY.
    port: tried first; 0 takes any free one.
    programs: PostgreSQL programs to use instead of looking for them.
    """

    name = "postgres"

    def __init__(
        self,
        directory: Path,
        *,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
        port: int = DEFAULT_PORT,
        programs: Programs | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__()
        self.directory, self.programs = directory.absolute(), programs
        self._log = log or self.directory.parent / "logs" / "postgres.log"
        self._settings = {**SETTINGS, **(settings or {})}
        self._wanted_port, self._port = port, None
        self._external = setting(URL_VARIABLE, environ)

    _port: int | None

    @property
    def external(self) -> bool:
        """Whether the server is one that REDRESS_DATABASE_URL names."""
        return bool(self._external)

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.directory / "data"

    @property
    def running(self) -> bool:
        """Whether a server runs on the directory now, whoever started it."""
        return self._postmaster() is not None

    @property
    def port(self) -> int:
        """The TCP port of the running server. Raises PartError when it does not run."""
        if self._port is not None:
            return self._port
        running = self._postmaster()
        if running is None:
            raise PartError(f"PostgreSQL does not run on {self.directory}.")
        return running[1]

    def url(self, database: str | None = None) -> str:
        """The connection URL, password included; without a name that of Redress's own database.

        Also answers for a server another process started on the same directory. Raises PartError when none runs.
        """
        if self._external:
            parts = urlsplit(self._external)
            return urlunsplit(parts._replace(path="/" + quote(database))) if database else self._external
        port, password = self.port, quote(self._password(create=False))
        return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{quote(database or DATABASE)}"

    def addresses(self) -> Mapping[str, str]:
        """Host and port, without the password."""
        parts = urlsplit(self.url())
        return {"postgres": f"{parts.hostname or 'localhost'}:{parts.port or 5432}"}

    async def prepare(self) -> Command | None:
        """Create the database cluster when there is none, clear what a crash left, choose a port.

        Raises PartError: no programs, a directory out of reach, a server already running on it.
        """
        if self._external:
            return None
        account = account_for(self.directory)
        self._make_directory(account)
        if (running := self._postmaster()) is not None:
            raise PartError(
                f"PostgreSQL runs on {self.directory} already (process {running[0]}); stop that first."
            )
        await self._outlive_orphans()
        version = self.data / "PG_VERSION"
        found = self.programs or choose_programs(int(version.read_text()) if version.exists() else None)
        programs = runnable_by(found, account, self.directory.parent / "programs")
        if not version.exists():
            self._create_cluster(programs, account)
        self._port = self._port or free_port(self._wanted_port)
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        return Command(
            argv=(programs.path("postgres"), "-D", str(self.data), "-p", str(self._port), *settings),
            log=self._log,
            environment=_environment(),
            account=account,
            stop_signal=signal.SIGINT,
            grace=60,
        )

    def ports(self) -> Collection[int]:
        """The one it listens on."""
        return [self._port] if self._port else []

    def give_way(self) -> bool:
        """See `Server.give_way`."""
        taken = self._port is not None and free_port(self._port) != self._port
        self._port = None if taken else self._port
        return taken

    async def trouble(self) -> str | None:
        """Whether a real connection is accepted and answers."""
        answer = await server_version(self.url(None if self._external else "postgres"))
        return answer.trouble if isinstance(answer, Silence) else None

    async def ensure_database(self, database: str | None = None) -> str:
        """Create the database when it is missing; answers its URL. An external server's own database is left alone."""
        if self._external and database is None:
            return self._external
        connection = await asyncpg.connect(self.url(None if self._external else "postgres"), timeout=10)
        try:
            quoted = '"' + (database or DATABASE).replace('"', '""') + '"'
            await connection.execute(f"CREATE DATABASE {quoted}")
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            pass  # it is there; two creators at once collide on the catalogue's index
        finally:
            await connection.close()
        return self.url(database)

    def _make_directory(self, account: Account | None) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if account is None:
            if not os.access(self.directory, os.W_OK | os.X_OK):
                raise PartError(
                    f"{self.directory} belongs to another user; PostgreSQL cannot keep its data there."
                )
            return
        if self.directory.stat().st_uid == 0 and not any(self.directory.iterdir()):
            os.chown(self.directory, account.uid, account.gid)
        if not _may_write(self.directory, account):
            raise PartError(
                f"PostgreSQL runs as the user {account.name} here, who cannot reach {self.directory}; "
                "set REDRESS_HOME to a directory every user may enter, such as /var/lib/redress."
            )

    async def _outlive_orphans(self) -> None:
        """After kill -9 of the server: wait until its children have noticed, then clear the pid file it left."""
        deadline = time.monotonic() + ORPHANS_NOTICE
        while time.monotonic() < deadline and _any_serves(self.data):  # noqa: ASYNC110 - they are not our children
            await asyncio.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _password(self, create: bool) -> str:
        """The server's password, made on the first start and never replaced."""
        path = self.directory / "password"
        if not path.exists():
            if not create:
                raise PartError(
                    f"{path} is missing; put it back, or move {self.directory} away to begin anew."
                )
            unfinished = path.with_name(f"password.{os.getpid()}")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(32))
            owner = self.directory.stat()
            os.chown(unfinished, owner.st_uid, owner.st_gid)
            unfinished.rename(path)
        return path.read_text()

    def _create_cluster(self, programs: Programs, account: Account | None) -> None:
        """initdb beside the final place, then one rename: a cluster is whole or not there."""
        self._password(create=True)
        if self.data.exists() and any(self.data.iterdir()):
            raise PartError(f"{self.data} holds files but no PostgreSQL database; move it away first.")
        for old in self.directory.glob("new-*"):
            shutil.rmtree(old)
        unfinished = self.directory / f"new-{os.getpid()}"
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        made = subprocess.run(
            [
                programs.path("initdb"), "-D", str(unfinished), "--username", USER, "--encoding", "UTF8",
                *(locale if programs.major >= 17 else ("--locale=C.UTF-8",)),
                "--auth", "scram-sha-256", "--pwfile", str(self.directory / "password"), "--no-instructions",
                *(("--no-sync",) if self._settings.get("fsync") == "off" else ()),
            ],
            check=False, capture_output=True, text=True, cwd="/", env=_environment(),
            user=account.uid if account else None, group=account.gid if account else None,
            extra_groups=[] if account else None,
        )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise PartError(
                f"PostgreSQL could not create its database in {self.directory}: {made.stderr.strip()}"
            )
        unfinished.rename(self.data)

    def _postmaster(self) -> tuple[int, int] | None:
        """Pid and port of the server that really runs on this data directory; None for none or a stale pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        if not pid or identify(pid) is None or not _serves(pid, self.data):
            return None
        return (pid, int(lines[3])) if len(lines) > 3 else (pid, 0)


@dataclass(frozen=True)
class Silence:
    """A database server that did not let us in, and why."""

    trouble: str


async def server_version(url: str) -> str | Silence:
    """Connect for real; answers the server's version ("18.3"). Waits 5 seconds at most."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Silence(str(error) or "no answer within 5 seconds")
    version = connection.get_server_version()
    await connection.close()
    return f"{version.major}.{version.minor}"


def _serves(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server on this data directory; another program may have been given its pid."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
        except OSError:
            return False
    shown = ask_ps(pid, "command=")
    return "postgres" in shown and str(data) in shown


def _any_serves(data: Path) -> bool:
    """Whether any process still works in the data directory. Only known where there is /proc."""
    pids = (entry.name for entry in Path("/proc").glob("[0-9]*")) if Path("/proc/self").exists() else ()
    return any(_serves(int(pid), data) for pid in pids)


def _may_write(directory: Path, account: Account) -> bool:
    asked = ["/bin/sh", "-c", 'test -w "$1" && test -x "$1"', "sh", str(directory)]
    as_account = subprocess.run(
        asked, check=False, cwd="/", user=account.uid, group=account.gid, extra_groups=[]
    )
    return as_account.returncode == 0


def _environment() -> dict[str, str]:
    """Only what the programs need: PGDATA, PGPORT and their like would be obeyed."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
