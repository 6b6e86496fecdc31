"""A worker as a service: it opens its doors, waits for what is away, takes work from its queues, stops in good order."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from prometheus_client import REGISTRY
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker, WorkerDeploymentConfig

from channels.senders import sender_for
from records.db import MigrationError, RecordsUnreachable, SchemaTooNew, connect, reaching, require_schema
from records.office import Office, open_office
from starter.build import build_id
from starter.codec import EncryptionCodec
from starter.connection import TemporalUnreachable, codec_keys
from starter.connection import connect as connect_temporal
from starter.settings import SettingError, Settings
from workers.health import Probe, health_app, serving
from workers.registry import desks, workers_for
from workers.running import at_work
from workflows import names

log = logging.getLogger(__name__)
T = TypeVar("T")

#: as long as the longest activity may take, so that a stopping worker finishes what it began
GRACE = timedelta(seconds=30)
#: what a worker that has finished may take to say so
_TO_SAY_SO = timedelta(seconds=5)
#: every queue there is; one that has no work yet has a worker that waits
QUEUES = (*names.QUEUES, names.REVIEWS_QUEUE)
#: seconds before a server that is away is tried again
_AGAIN = 2.0
_AN_ANSWER = timedelta(seconds=3)


class NotPrepared(Exception):
    """A server is there and lacks what we need of it; the message says which command makes it."""


@dataclass
class Service:
    """What a worker process has reached so far; its doors tell."""

    settings: Settings
    queues: Sequence[str]
    environ: Mapping[str, str]
    client: Client | None = None
    office: Office | None = None
    workers: list[Worker] | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def temporal_trouble(self) -> str | None:
        """What is wrong with Temporal, or None."""
        if self.client is None:
            return "not reached yet"
        try:
            await self.client.service_client.check_health(timeout=_AN_ANSWER)
        except RPCError as error:
            return f"cannot be reached: {error.status.name}"
        return None

    async def records_trouble(self) -> str | None:
        """What is wrong with the records, or None."""
        return "not reached yet" if self.office is None else await self.office.trouble()

    async def workers_trouble(self) -> str | None:
        """Which queues are not polled, or None."""
        if self.workers is None:
            return "not polling yet"
        idle = [worker.task_queue for worker in self.workers if not worker.is_running]
        return f"not polling {', '.join(idle)}" if idle else None


async def serve(
    settings: Settings, queues: Sequence[str] = (), environ: Mapping[str, str] = os.environ
) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way. Waits for servers that are away.

    queues: by default all. environ: the TEMPORAL_* settings. Raises SettingError, MasterKeyError, CodecKeyError, SchemaTooNew for what no waiting
    can mend.
    """
    if unknown := [queue for queue in queues if queue not in QUEUES]:
        raise SettingError(f"There is no task queue {unknown[0]!r}; accepted are {', '.join(QUEUES)}.")
    if settings.database_url is None:
        raise SettingError(
            "REDRESS_DATABASE_URL is not set; it names the database, postgresql://user:password@host/redress."
        )
    service = Service(settings, list(dict.fromkeys(queues)) or QUEUES, environ)
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sent, service.stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_doors(service))
        await _work(service, stack)


async def _work(service: Service, stack: AsyncExitStack) -> None:
    settings, stop = service.settings, service.stop
    runtime = _runtime(settings)
    service.client = await _until_there(lambda: _prepared_client(settings, runtime, service.environ), stop)
    service.office = await _until_there(lambda: stack.enter_async_context(office_of(settings)), stop)
    if service.client is None or service.office is None:
        return
    workers = workers_of(service.client, service.office, settings, service.queues)
    named = {"queue": ", ".join(service.queues)}
    async with at_work(workers, within=GRACE + _TO_SAY_SO) as running:
        service.workers = workers
        log.info("working", extra=named)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        log.info("stopping", extra=named)


async def _until_there(reach: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T | None:
    """Try again while a server is away or not prepared; None when the worker is to stop meanwhile."""
    while not stop.is_set():
        try:
            return await reach()
        except (TemporalUnreachable, RecordsUnreachable, NotPrepared) as away:
            log.warning("%s Trying again.", away)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _AGAIN)
    return None


async def _prepared_client(settings: Settings, runtime: Runtime, environ: Mapping[str, str]) -> Client:
    """A client of a namespace that exists. Raises TemporalUnreachable, NotPrepared, CodecKeyError."""
    client = await connect_temporal(settings, runtime=runtime, environ=environ)
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=_AN_ANSWER
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotPrepared(
                f"The namespace {client.namespace} does not exist: run `redress bootstrap`."
            ) from error
        raise TemporalUnreachable(f"Temporal does not answer ({error.status.name}).") from error
    return client


@asynccontextmanager
async def office_of(settings: Settings) -> AsyncIterator[Office]:
    """The records these settings name.

    Raises SettingError where they name none, RecordsUnreachable, NotPrepared before the schema is there,
    SchemaTooNew, MasterKeyError.
    """
    if settings.database_url is None:
        raise SettingError(
            "REDRESS_DATABASE_URL is not set; it names the database, postgresql://user:password@host/redress."
        )
    with reaching():
        connection = await connect(settings.database_url)
    try:
        await require_schema(connection)
    except SchemaTooNew:
        raise
    except MigrationError as older:
        raise NotPrepared(str(older)) from older
    finally:
        await connection.close()
    async with open_office(
        settings.database_url, settings.master_key, build=build_id(), may_create_key=settings.may_create_keys
    ) as office:
        yield office


def workers_of(client: Client, office: Office, settings: Settings, queues: Sequence[str]) -> list[Worker]:
    """One worker per queue that has work, not yet running."""
    carried = desks(
        client,
        office,
        sender_for(settings.smtp_url, settings.spool, settings.sender),
        settings.public_url,
        settings.hotline,
    )
    return workers_for(
        client,
        {queue: carried[queue] for queue in queues if queue in carried},
        cached=settings.cached_workflows,
        grace=GRACE,
        deployment=_deployment(settings),
    )


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Worker Deployment Versioning where the environment names a deployment; unversioned otherwise."""
    if settings.deployment is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build or build_id()),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def _runtime(settings: Settings) -> Runtime:
    """The runtime of the process: what the SDK's core says goes to our logs, its metrics to a port where one is given.

    Of a message only the sentence is kept: its fields may hold what a failed activity said.
    """
    forwarding = LogForwardingConfig(
        logging.getLogger("temporalio.core"), append_target_to_name=False, append_log_fields_to_message=False
    )
    spoken = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding)
    if settings.metrics_port == 0:
        return Runtime(telemetry=TelemetryConfig(logging=spoken))
    _require_free(settings.host, settings.metrics_port, "REDRESS_METRICS_PORT")
    address = f"{settings.host}:{settings.metrics_port}"
    metrics = PrometheusConfig(bind_address=address, counters_total_suffix=True, durations_as_seconds=True)
    return Runtime(telemetry=TelemetryConfig(logging=spoken, metrics=metrics))


@asynccontextmanager
async def _doors(service: Service) -> AsyncIterator[None]:
    """/healthz, /readyz and /metrics from the first moment on, so that waiting can be told from hanging."""
    settings = service.settings
    if settings.health_port == 0:
        yield
        return
    decoder = EncryptionCodec(codec_keys(settings)) if settings.codec_server else None
    probes: dict[str, Probe] = {
        "temporal": service.temporal_trouble,
        "records": service.records_trouble,
        "workers": service.workers_trouble,
    }
    _require_free(settings.host, settings.health_port, "REDRESS_HEALTH_PORT")
    async with serving(health_app(probes, REGISTRY, decoder), settings.host, settings.health_port):
        yield


def _require_free(host: str, port: int, variable: str) -> None:
    """Raise SettingError naming the variable when the port cannot be had now."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise SettingError(f"{variable}: port {port} of {host} cannot be had ({error.strerror}).") from error
