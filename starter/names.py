"""Names the Temporal server knows us by. Scripts and other systems rely on them: change one only with a migration."""

from types import MappingProxyType
from typing import Final

NAMESPACE: Final = "redress"
#: Where time may be skipped; never carries a real complaint.
REHEARSAL: Final = "rehearsal"

COMPLAINTS_QUEUE: Final = "complaints"
NOTICES_QUEUE: Final = "notices"
REVIEWS_QUEUE: Final = "reviews"

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
