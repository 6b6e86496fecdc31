"""What a Temporal server must know before the first complaint: namespaces, search attributes, schedules.

Declared here, compared with what the server has, and only the difference is written. Serves an embedded server and
one of the user's alike. A server that goes away meanwhile and is back within ten seconds is waited for (the supervisor
starts one anew that dies): nothing here does harm when asked twice.
"""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from embedded.processes import PartError
from embedded.temporal import connect
from workflows import names

RETENTION = timedelta(days=30)
#: Seconds until a new namespace is known on every frontend (their cache is refreshed every 2 to 10 seconds).
NAMESPACE_SPREADS = 60.0
CATCHUP = timedelta(days=1)
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Change:
    """One difference that was written. before: None when the thing was not there."""

    namespace: str
    kind: str
    name: str
    before: str | None
    after: str

    def __str__(self) -> str:
        """One line of a diff: `+ redress schedule outbox: every 60 s …` or `~ … : old → new`."""
        what = f"{self.namespace} {self.kind} {self.name}"
        return f"+ {what}: {self.after}" if self.before is None else f"~ {what}: {self.before} → {self.after}"


def schedules() -> dict[str, Schedule]:
    """The standing work by schedule id: deliver what is due every minute, find lost workflows every night at 03:30."""
    return {
        names.OUTBOX: _schedule(
            names.OUTBOX,
            names.OUTBOX_WORKFLOW,
            names.NOTICES_QUEUE,
            ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
            "Send the notices that are due",
        ),
        names.RECONCILE: _schedule(
            names.RECONCILE,
            names.RECONCILE_WORKFLOW,
            names.COMPLAINTS_QUEUE,
            ScheduleSpec(
                calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(3)], minute=[ScheduleRange(30)])],
                time_zone_name=ZONE,
            ),
            "Start the workflow of every open complaint that has none",
        ),
    }


def _schedule(name: str, workflow: str, queue: str, spec: ScheduleSpec, summary: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(workflow, id=name, task_queue=queue, static_summary=summary),
        spec=spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCHUP),
    )


async def bootstrap(
    server: Client | str,
    *,
    namespaces: Sequence[str] = (names.NAMESPACE, names.REHEARSAL),
    scheduled: Collection[str] = (names.NAMESPACE,),
    retention: timedelta = RETENTION,
) -> list[Change]:
    """Make the server as declared; answers what was changed, nothing on a second run.

    server: a client (of any namespace) or host:port without TLS.
    scheduled: those of the namespaces that get the schedules; where no worker polls, their runs would wait for ever.
    retention: how long closed workflows are kept; at least a day.
    Raises PartError: server out of reach, or a search attribute there has another type. RPCError: not permitted.
    """
    client = await connect(server, None) if isinstance(server, str) else server
    changes: list[Change] = []
    for namespace in namespaces:
        changes += await _namespace(client, namespace, retention)
        changes += await _search_attributes(client, namespace)
        if namespace in scheduled:
            changes += await _schedules(client, namespace)
    return changes


async def _namespace(client: Client, name: str, retention: timedelta) -> list[Change]:
    before = await retention_of(client, name)
    if before == retention:
        return []
    kept = Duration(seconds=int(retention.total_seconds()))
    if before is None:
        try:
            await client.workflow_service.register_namespace(
                RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept),
                retry=True,
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
            return []  # another bootstrap was quicker
    else:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=name, config=NamespaceConfig(workflow_execution_retention_ttl=kept)
            ),
            retry=True,
        )
    return [
        Change(name, "namespace", name, _kept_for(before) if before else None, _kept_for(retention)),
    ]


async def retention_of(client: Client, namespace: str) -> timedelta | None:
    """How long the namespace keeps closed workflows; None when there is no such namespace."""
    try:
        answer = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), retry=True
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return answer.config.workflow_execution_retention_ttl.ToTimedelta()


def _kept_for(retention: timedelta) -> str:
    return f"keeps closed workflows for {retention / timedelta(days=1):g} days"


async def search_attributes_of(client: Client, namespace: str) -> dict[str, str]:
    """The custom search attributes the namespace has, name → type.

    Raises PartError when a namespace just registered does not become known within NAMESPACE_SPREADS seconds.
    """
    deadline = time.monotonic() + NAMESPACE_SPREADS
    while True:
        try:
            answer = await client.operator_service.list_search_attributes(
                ListSearchAttributesRequest(namespace=namespace), retry=True
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if time.monotonic() > deadline:
                raise PartError(f"The Temporal server does not know the namespace {namespace}.") from error
            await asyncio.sleep(0.1)
        else:
            return {name: _type_name(kind) for name, kind in answer.custom_attributes.items()}


def _type_name(kind: "IndexedValueType.ValueType") -> str:
    words = IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").split("_")
    return "".join(word.capitalize() for word in words)


async def _search_attributes(client: Client, namespace: str) -> list[Change]:
    known = await search_attributes_of(client, namespace)
    for name, wanted in names.SEARCH_ATTRIBUTES.items():
        if known.get(name, wanted) != wanted:
            raise PartError(
                f"The search attribute {name} of namespace {namespace} is {known[name]}, not {wanted}; "
                "remove it on the server or use another namespace."
            )
    missing = {name: kind for name, kind in names.SEARCH_ATTRIBUTES.items() if name not in known}
    if missing:
        values = {
            name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
            for name, kind in missing.items()
        }
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=values), retry=True
        )
    return [Change(namespace, "search attribute", name, None, kind) for name, kind in missing.items()]


async def _schedules(client: Client, namespace: str) -> list[Change]:
    there = Client(client.service_client, namespace=namespace)
    changes = []
    for name, wanted in schedules().items():
        try:
            await there.create_schedule(name, wanted)
        except ScheduleAlreadyRunningError:
            before = await _brought_up_to_date(there, name, wanted)
            if before != describe(wanted):
                changes.append(Change(namespace, "schedule", name, before, describe(wanted)))
        else:
            changes.append(Change(namespace, "schedule", name, None, describe(wanted)))
    return changes


async def _brought_up_to_date(client: Client, name: str, wanted: Schedule) -> str:
    """Give an existing schedule its wanted action, times and policy; whether it is paused stays. Answers what it was."""
    handle = client.get_schedule_handle(name)
    before = describe((await handle.describe()).schedule)
    if before != describe(wanted):

        async def update(current: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(replace(wanted, state=current.description.schedule.state))

        await handle.update(update)
    return before


def describe(schedule: Schedule) -> str:
    """What a schedule does, in one line; equal lines mean equal schedules."""
    action, spec, policy = schedule.action, schedule.spec, schedule.policy
    if not isinstance(action, ScheduleActionStartWorkflow):
        return type(action).__name__
    times = [f"every {interval.every.total_seconds():g} s" for interval in spec.intervals]
    times += [f"at {_ranges(day.hour)}:{_ranges(day.minute)}:{_ranges(day.second)}" for day in spec.calendars]
    zone = f" {spec.time_zone_name}" if spec.time_zone_name else ""
    catchup = policy.catchup_window.total_seconds() if policy.catchup_window is not None else 0
    return (
        f"{', '.join(times)}{zone} → {action.workflow} {action.id} on {action.task_queue}, "
        f"overlap {policy.overlap.name}, catch up {catchup:g} s"
    )


def _ranges(ranges: Sequence[ScheduleRange]) -> str:
    return ",".join(
        f"{r.start:02}" + (f"-{r.end:02}" if r.end > r.start else "") + (f"/{r.step}" if r.step > 1 else "")
        for r in ranges
    )
