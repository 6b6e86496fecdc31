"""Policy and calendar of one case: its versions, with what was said otherwise for this case alone."""

from domain.calendar import Calendar
from domain.complaint import Complaint
from domain.policy import Policy
from records.db import transaction
from records.office import Office


async def versions_of(office: Office, complaint: Complaint) -> tuple[Policy, Calendar]:
    """The numbers and the working days this complaint goes by. Raises domain.facts.Refused for unknown versions."""
    async with transaction(office.pool) as connection:
        await office.library.hold(connection, [complaint.policy_version], [complaint.calendar_version])
    policy = office.library.policy(complaint.policy_version)
    calendar = office.library.calendar(complaint.calendar_version)
    if complaint.policy_overrides:
        policy = policy.with_overrides(complaint.policy_overrides)
    if complaint.calendar_overrides:
        calendar = calendar.with_days(complaint.calendar_overrides)
    return policy, calendar
