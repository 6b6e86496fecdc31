"""Which task queue does what: the one table of workflows and activities per queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from activities.case import CaseActivities
from activities.notices import NoticeActivities
from activities.upkeep import UpkeepActivities
from workflows import names
from workflows.complaint import Complaint
from workflows.upkeep import Outbox, Reconcile


@dataclass(frozen=True)
class Desk:
    """What the workers of one task queue carry."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]


QUEUES = (names.COMPLAINTS_QUEUE, names.NOTICES_QUEUE)


def desks(cases: CaseActivities, notices: NoticeActivities, upkeep: UpkeepActivities) -> dict[str, Desk]:
    """The desks by task queue. Rulings run beside the workflows, in the same process, as local activities."""
    return {
        names.COMPLAINTS_QUEUE: Desk(
            workflows=[Complaint, Reconcile],
            activities=[cases.decide_and_record, cases.load_sheet, cases.set_aside, *upkeep.all()],
        ),
        names.NOTICES_QUEUE: Desk(workflows=[Outbox], activities=notices.all()),
    }
