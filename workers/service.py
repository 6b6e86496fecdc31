"""A worker as a service: it connects, waits for what is away, takes work from its queues, and stops in good order."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from prometheus_client import REGISTRY
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from channels.senders import sender_for
from records.db import RecordsUnreachable
from records.office import Office, open_office
from starter.build import build_id
from starter.codec import EncryptionCodec
from starter.connection import TemporalUnreachable, codec_keys, connect
from starter.settings import SettingError, Settings
from workers.health import health_app, serving
from workers.registry import desks
from workflows import names

log = logging.getLogger(__name__)
T = TypeVar("T")

#: as long as the longest activity may take, so that a stopping worker finishes what it began
GRACE = timedelta(seconds=30)
#: how long to wait before a server that is away is tried again
_AGAIN = 2.0


def workers_of(client: Client, office: Office, settings: Settings, queues: Sequence[str]) -> list[Worker]:
    """One worker per queue, not yet running."""
    carried = desks(client, office, sender_for(settings.smtp_url, settings.spool))
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=list(carried[queue].workflows),
            activities=list(carried[queue].activities),
            max_cached_workflows=settings.cached_workflows,
            graceful_shutdown_timeout=GRACE,
            deployment_config=_deployment(settings),
        )
        for queue in queues
    ]


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Worker Deployment Versioning where the environment names a deployment; unversioned otherwise."""
    if settings.deployment is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build or build_id()),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


@asynccontextmanager
async def office_of(settings: Settings) -> AsyncIterator[Office]:
    """The records these settings name. Raises SettingError where they name none."""
    if settings.database_url is None:
        raise SettingError(
            "REDRESS_DATABASE_URL is not set; it names the database, postgresql://user:password@host/redress."
        )
    async with open_office(
        settings.database_url, settings.master_key, build=build_id(), may_create_key=settings.may_create_keys
    ) as office:
        yield office


async def serve(settings: Settings, queues: Sequence[str] = ()) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way. Waits for servers that are away.

    queues: by default all. Raises SettingError, MasterKeyError, CodecKeyError for what no waiting can mend.
    """
    stop = asyncio.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sent, stop.set)
    async with AsyncExitStack() as stack:
        work = asyncio.create_task(_work(settings, queues or names.QUEUES, stack, stop))
        halt = asyncio.create_task(stop.wait())
        await asyncio.wait((work, halt), return_when=asyncio.FIRST_COMPLETED)
        if not work.done() and not halt.done():
            work.cancel()
        halt.cancel()
        await work


async def _work(
    settings: Settings, queues: Sequence[str], stack: AsyncExitStack, stop: asyncio.Event
) -> None:
    runtime = _runtime(settings)
    client = await _until_there(lambda: connect(settings, runtime=runtime), stop)
    office = await _until_there(lambda: stack.enter_async_context(office_of(settings)), stop)
    if client is None or office is None:
        return
    running = workers_of(client, office, settings, queues)
    await stack.enter_async_context(_doors(settings, client, office, running))
    for worker in running:
        await stack.enter_async_context(worker)
    log.info("working", extra={"queue": ", ".join(queues)})
    await stop.wait()
    log.info("stopping", extra={"queue": ", ".join(queues)})


async def _until_there(reach: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T | None:
    """Try again while a server is away; None when the worker is to stop meanwhile."""
    while not stop.is_set():
        try:
            return await reach()
        except (TemporalUnreachable, RecordsUnreachable) as away:
            log.warning("%s Trying again.", away)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _AGAIN)
    return None


def _runtime(settings: Settings) -> Runtime | None:
    """A runtime that serves the SDK's metrics, where a port is given; one a process."""
    if settings.metrics_port == 0:
        return None
    address = f"{settings.host}:{settings.metrics_port}"
    return Runtime(
        telemetry=TelemetryConfig(
            metrics=PrometheusConfig(
                bind_address=address, counters_total_suffix=True, durations_as_seconds=True
            )
        )
    )


@asynccontextmanager
async def _doors(
    settings: Settings, client: Client, office: Office, running: Sequence[Worker]
) -> AsyncIterator[None]:
    async def temporal() -> str | None:
        try:
            await client.service_client.check_health(timeout=timedelta(seconds=3))
        except RPCError as error:
            return f"cannot be reached: {error.status.name}"
        return None

    async def polling() -> str | None:
        idle = [worker.task_queue for worker in running if not worker.is_running]
        return f"not polling {', '.join(idle)}" if idle else None

    decoder = EncryptionCodec(codec_keys(settings)) if settings.codec_server else None
    probes = {"temporal": temporal, "records": office.trouble, "workers": polling}
    async with serving(health_app(probes, REGISTRY, decoder), settings.host, settings.health_port):
        yield
