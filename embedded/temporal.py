"""A Temporal server of one's own: the CLI's development server, its data in one file, its UI beside it.

TEMPORAL_ADDRESS, when set, names the server to use and nothing is started.
"""

import asyncio
import os
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError

from embedded.parts import Server
from embedded.ports import free_port
from embedded.processes import Command, PartError, tail
from embedded.temporal_program import TemporalProgram, find_or_download

ADDRESS_VARIABLE = "TEMPORAL_ADDRESS"
DEFAULT_PORT = 7233
DEFAULT_UI_PORT = 8233
#: how long a server may take to answer a question; who listens and says nothing is none
ANSWERS_WITHIN = timedelta(seconds=5)

#: Lets a rehearsal skip time. Global to the server, so never for one that carries real complaints.
TIME_SKIPPING: tuple[str, ...] = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="10ms"',  # each skip would otherwise wait a second
)

#: For a rehearsal's file, whose data nobody will miss: a power cut loses them, kill -9 of the server still does not.
THROWAWAY: tuple[str, ...] = ("journal_mode=WAL", "synchronous=OFF")

#: How its log ends when another program took a port that it had chosen itself for a service inside it: it says so, or
#: falls over it (temporalio/cli#543).
_FELL_OVER_A_PORT = ("address already in use", "panic: ")


class TemporalServer(Server):
    """The development server (≥ 1.32) on the file `directory/<name>.db`, or the one TEMPORAL_ADDRESS names.

    rehearsal: time skipping allowed; such a server never takes the address in TEMPORAL_ADDRESS.
    port, ui_port: tried first; 0 takes any free one. ui_port None: no UI.
    codec_endpoint: address at which the UI has payloads decoded.
    """

    def __init__(
        self,
        directory: Path,
        *,
        name: str = "temporal",
        rehearsal: bool = False,
        log: Path | None = None,
        port: int = DEFAULT_PORT,
        ui_port: int | None = DEFAULT_UI_PORT,
        codec_endpoint: str | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__()
        self.name, self.rehearsal = name, rehearsal
        self._program: TemporalProgram | None = None
        self.directory = directory.absolute()
        self._log = log or self.directory.parent / "logs" / f"{name}.log"
        self._wanted = (port, ui_port)
        self._ports: tuple[int, int | None] | None = None
        self._codec_endpoint, self._environ = codec_endpoint, environ
        self._external = None if rehearsal else environ.get(ADDRESS_VARIABLE)

    @property
    def external(self) -> bool:
        """Whether the server is one that TEMPORAL_ADDRESS names."""
        return bool(self._external)

    @property
    def file(self) -> Path:
        """The SQLite file that holds every workflow; it survives kill -9."""
        return self.directory / f"{self.name}.db"

    @property
    def address(self) -> str:
        """host:port of the frontend. Raises PartError before the server has been prepared."""
        if self._external:
            return self._external
        if self._ports is None:
            raise PartError(f"{self.name} has not been started.")
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def ui(self) -> str | None:
        """Address of the UI; None without one, or when the server runs elsewhere."""
        return f"http://127.0.0.1:{self._ports[1]}" if self._ports and self._ports[1] else None

    def addresses(self) -> Mapping[str, str]:
        """Of the frontend, and of the UI when there is one."""
        return {self.name: self.address, **({f"{self.name}-ui": self.ui} if self.ui else {})}

    async def prepare(self) -> Command | None:
        """Find the program and free ports. Raises PartError when there is no program."""
        if self._external:
            return None
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._program is None:
            self._program = await find_or_download(self.directory.parent / "programs", self._environ)
        if self._ports is None:
            port, ui_port = self._wanted
            self._ports = (free_port(port), None if ui_port is None else free_port(ui_port))
        return Command(
            argv=(str(self._program.path), *self._arguments(*self._ports)), log=self._log, grace=20
        )

    def _arguments(self, port: int, ui_port: int | None) -> list[str]:
        arguments = [
            "server",
            "start-dev",
            "--ip",
            "127.0.0.1",
            "--port",
            str(port),
            "--db-filename",
            str(self.file),
        ]
        arguments += ["--log-level", "warn", "--log-format", "json"]
        if ui_port is None:
            arguments += ["--headless"]
        else:
            arguments += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"]
            arguments += ["--ui-codec-endpoint", self._codec_endpoint] if self._codec_endpoint else []
        if self.rehearsal:
            arguments += [word for value in TIME_SKIPPING for word in ("--dynamic-config-value", value)]
            arguments += [word for value in THROWAWAY for word in ("--sqlite-pragma", value)]
        return arguments

    def ports(self) -> Collection[int]:
        """Of the frontend, and of the UI when there is one."""
        return [port for port in self._ports or () if port]

    def give_way(self) -> bool:
        """See `Server.give_way`. The ports of the services inside it are its own to choose, anew at each start."""
        if self.external:
            return False
        taken = any(free_port(port) != port for port in self.ports())
        self._ports = None if taken else self._ports
        said = tail(self._log)
        return taken or any(words in said for words in _FELL_OVER_A_PORT)

    async def trouble(self) -> str | None:
        """Whether the frontend says that it serves."""
        try:
            client = await connect(self.address, self._environ if self._external else None)
        except PartError as error:
            return str(error)
        return await ask_frontend(client)


async def connect(address: str, environ: Mapping[str, str] | None) -> Client:
    """A client for the frontend at host:port.

    environ: the standard TEMPORAL_* settings (TLS, key, namespace) of a server that is not ours; None for an embedded
    one, which needs none and must not be met with those of another.  Raises PartError, also when nobody answers in
    ANSWERS_WITHIN.
    """
    try:
        settings = ClientConnectConfig()
        if environ is not None:
            settings = ClientConfig.load_client_connect_config(override_env_vars=dict(environ))
        settings["target_host"] = address
        async with asyncio.timeout(ANSWERS_WITHIN.total_seconds()):
            return await Client.connect(**settings)
    except TimeoutError as error:
        raise PartError(f"Who listens at {address} does not answer as a Temporal server.") from error
    except (RuntimeError, ValueError) as error:
        raise PartError(f"The Temporal server at {address} cannot be reached: {error}.") from error


async def ask_frontend(client: Client) -> str | None:
    """What is wrong with the Temporal frontend; None when it serves."""
    try:
        await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=ANSWERS_WITHIN)
        serving = await client.service_client.check_health(timeout=ANSWERS_WITHIN)
    except RPCError as error:
        return str(error)
    return None if serving else "the frontend answers that it does not serve yet"
