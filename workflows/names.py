"""Names the Temporal server knows us by. Scripts and other systems rely on them: change one only with a migration."""

from types import MappingProxyType
from typing import Final

NAMESPACE: Final = "redress"
#: Where time may be skipped; never carries a real complaint.
REHEARSAL: Final = "rehearsal"

COMPLAINTS_QUEUE: Final = "complaints"
NOTICES_QUEUE: Final = "notices"
REVIEWS_QUEUE: Final = "reviews"
#: The queues that have work so far.
QUEUES: Final = (COMPLAINTS_QUEUE, NOTICES_QUEUE)

COMPLAINT_WORKFLOW: Final = "Complaint"
OUTBOX_WORKFLOW: Final = "Outbox"
RECONCILE_WORKFLOW: Final = "Reconcile"

#: Schedules, and the workflow ids their runs begin with.
OUTBOX: Final = "outbox"
RECONCILE: Final = "reconcile"

#: Search attribute → type, as the server names it. Indexed and never encrypted: nothing personal.
SEARCH_ATTRIBUTES: Final = MappingProxyType(
    {
        "ComplaintStage": "Keyword",
        "ComplaintType": "Keyword",
        "Severity": "Keyword",
        "Desk": "Keyword",
        "Project": "Keyword",
        "PolicyVersion": "Keyword",
        "Breached": "Keyword",
        "NextDeadline": "Datetime",
        "HandlingRound": "Int",
    }
)

#: Activities, by the name they are scheduled with.
DECIDE_AND_RECORD: Final = "decide_and_record"
LOAD_SHEET: Final = "load_sheet"
SET_ASIDE: Final = "set_aside"
DELIVER: Final = "deliver"

#: Types of the errors activities raise (`ApplicationError.type`).
UNREACHABLE: Final = "Unreachable"
NEWER_SCHEMA: Final = "NewerSchema"
FAULT: Final = "Fault"
NOT_FOUND: Final = "NotFound"
#: Said where a clock that is not the real one is brought to real complaints.
NO_OFFSET: Final = "Only the namespace rehearsal takes a clock_offset; elsewhere time is real."
#: Types of the errors an asker meets.
BAD_INPUT: Final = "BadInput"
REFUSED: Final = "Refused"


def workflow_id(number: str) -> str:
    """The workflow id of a complaint: complaint-2026-000123."""
    return f"complaint-{number}"
