"""Which task queue does what: the one table of workflows and activities per queue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.case import CaseActivities
from activities.notices import NoticeActivities
from activities.upkeep import UpkeepActivities
from channels.message import Sender
from records.office import Office
from workflows import names
from workflows.complaint import Complaint
from workflows.upkeep import Outbox, Reconcile


@dataclass(frozen=True)
class Desk:
    """What the workers of one task queue carry."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]


def desks(
    client: Client,
    office: Office,
    sender: Sender,
    public_url: str | None = None,
    hotline: str | None = None,
) -> dict[str, Desk]:
    """The desks by task queue. Rulings run beside the workflows, in the same process, as local activities.

    public_url: where customers reach their pages; hotline: the number they may call; None where messages name none.
    """
    cases = CaseActivities(office.ledger)
    notices = NoticeActivities(office, sender, public_url=public_url, hotline=hotline)
    upkeep = UpkeepActivities(client, office)
    return {
        names.COMPLAINTS_QUEUE: Desk(
            workflows=[Complaint, Reconcile],
            activities=[cases.decide_and_record, cases.load_sheet, cases.set_aside, *upkeep.all()],
        ),
        names.NOTICES_QUEUE: Desk(workflows=[Outbox], activities=notices.all()),
    }


def workers_for(
    client: Client,
    carried: Mapping[str, Desk],
    *,
    cached: int = 1000,
    grace: timedelta = timedelta(),
    deployment: WorkerDeploymentConfig | None = None,
) -> list[Worker]:
    """One worker per task queue, not yet running.

    cached: workflows kept in memory, per queue; grace: how long activities may go on once a worker is told to stop.
    """
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=desk.workflows,
            activities=desk.activities,
            max_cached_workflows=cached,
            graceful_shutdown_timeout=grace,
            deployment_config=deployment,
        )
        for queue, desk in carried.items()
    ]
