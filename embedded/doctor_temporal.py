"""Examines the Temporal server: reachable, its version, namespace, search attributes, and workers that poll."""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client

from embedded.bootstrap import retention_of, search_attributes_of
from embedded.findings import Finding
from embedded.processes import PartError
from embedded.temporal import ask_frontend, connect
from workflows import names

OLDEST_SERVER = (1, 32)


async def examine_temporal(
    address: str, environ: Mapping[str, str] | None, found: str, namespace: str = names.NAMESPACE
) -> list[Finding]:
    """Findings on the server at host:port; nothing is written.

    environ: TEMPORAL_* settings of a server that is not ours, see `embedded.temporal.connect`.
    """
    try:
        client = await connect(address, environ)
    except PartError as error:
        return [
            Finding("Temporal server", "ill", found, advice=f"{error} Start it, or correct TEMPORAL_ADDRESS.")
        ]
    if (trouble := await ask_frontend(client)) is not None:
        return [
            Finding("Temporal server", "ill", found, advice=f"It does not serve ({trouble}): see its log.")
        ]
    return [await _version(client, found), *await _contents(client, namespace)]


async def _version(client: Client, found: str) -> Finding:
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    version = info.server_version
    if tuple(int(number) for number in version.split("-")[0].split(".")[:2]) < OLDEST_SERVER:
        wanted = ".".join(map(str, OLDEST_SERVER))
        return Finding(
            "Temporal server", "ill", found, version, f"Redress needs {wanted} or newer: upgrade the server."
        )
    return Finding("Temporal server", "well", found, version)


async def _contents(client: Client, namespace: str) -> list[Finding]:
    retention = await retention_of(client, namespace)
    if retention is None:
        return [Finding("namespace", "ill", namespace, advice="It does not exist: run `redress bootstrap`.")]
    kept = f"keeps closed workflows for {retention / timedelta(days=1):g} days"
    findings = [Finding("namespace", "well", namespace, kept)]
    known = await search_attributes_of(client, namespace)
    wrong = [name for name, kind in names.SEARCH_ATTRIBUTES.items() if known.get(name) != kind]
    advice = f"Missing or of another type: {', '.join(wrong)}; run `redress bootstrap`." if wrong else ""
    findings.append(Finding("search attributes", "ill" if wrong else "well", namespace, advice=advice))
    queues = (names.COMPLAINTS_QUEUE, names.NOTICES_QUEUE)
    return findings + [await _workers(client, namespace, queue) for queue in queues]


async def _workers(client: Client, namespace: str, queue: str) -> Finding:
    """Whether anybody has asked the task queue for work in the last five minutes, as the server counts it."""
    pollers = set()
    for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            )
        )
        pollers |= {poller.identity for poller in answer.pollers}
    if not pollers:
        advice = f"Nobody polls the task queue: start `redress worker {queue}`."
        return Finding(f"worker {queue}", "ill", advice=advice)
    return Finding(f"worker {queue}", "well", ", ".join(sorted(pollers)))
