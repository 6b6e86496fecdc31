"""Policies and calendars in force: put in once, never changed, read once."""

from datetime import date

import asyncpg
import pytest

import policies
from domain.facts import Refused
from records.db import Connection, RecordsError
from records.policies import (
    Library,
    VersionChanged,
    add_calendar,
    add_policy,
    pinned_on,
    policy_list,
    seed_versions,
)

POLICY = policies.load_policy(policies.current_policy_version())
CALENDAR = policies.load_calendar(POLICY.calendar)


@pytest.mark.requirement("PLN-04")
async def test_the_versions_of_the_software_come_back_as_they_were(connection: Connection) -> None:
    assert set(await seed_versions(connection)) == {
        *policies.policy_versions(),
        *policies.calendar_versions(),
    }
    assert await seed_versions(connection) == []
    library = Library()
    await library.hold(connection, [POLICY.version], [CALENDAR.version])
    assert library.policy(POLICY.version) == POLICY
    assert library.calendar(CALENDAR.version) == CALENDAR


@pytest.mark.requirement("PLN-04")
async def test_a_version_is_never_changed(connection: Connection) -> None:
    await seed_versions(connection)
    with pytest.raises(VersionChanged, match="another content"):
        await add_policy(connection, POLICY.model_copy(update={"changes": "quietly"}), "admin-1")
    with pytest.raises(VersionChanged):
        await add_calendar(connection, CALENDAR.model_copy(update={"zone": "UTC"}), "admin-1")
    for change in ("UPDATE policy_versions SET content = '{}'", "DELETE FROM calendar_versions"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(change)


@pytest.mark.requirement("PLN-04")
async def test_a_complaint_is_pinned_to_the_policy_of_its_day(connection: Connection) -> None:
    with pytest.raises(RecordsError, match="redress bootstrap"):
        await pinned_on(connection, date(2026, 3, 2))
    await seed_versions(connection)
    later = POLICY.model_copy(update={"version": "2027-01", "in_force_from": date(2027, 1, 1)})
    assert await add_policy(connection, later, "admin-1")
    assert (await pinned_on(connection, date(2026, 12, 31))).policy == POLICY.version
    assert (await pinned_on(connection, date(2027, 1, 1))).policy == "2027-01"
    assert (await pinned_on(connection, date(2019, 1, 1))).policy == POLICY.version
    listed = [(version.version, version.added_by) for version in await policy_list(connection)]
    assert listed == [(POLICY.version, "bootstrap"), ("2027-01", "admin-1")]


async def test_a_policy_needs_its_calendar(connection: Connection) -> None:
    with pytest.raises(RecordsError, match=f"needs calendar {POLICY.calendar}"):
        await add_policy(connection, POLICY, "admin-1")


async def test_an_unknown_version_is_a_refusal(connection: Connection) -> None:
    library = Library()
    await library.hold(connection, ["1999-01"], ["cn-1999"])
    with pytest.raises(Refused, match="no policy version 1999-01"):
        library.policy("1999-01")
    with pytest.raises(Refused, match="no calendar version cn-1999"):
        library.calendar("cn-1999")


async def test_what_is_at_hand_is_not_asked_for_again(connection: Connection) -> None:
    await seed_versions(connection)
    library = Library()
    await library.hold(connection, [POLICY.version], [CALENDAR.version])
    sent: list[str] = []
    connection.add_query_logger(lambda query: sent.append(query.query))
    await library.hold(connection, [POLICY.version], [CALENDAR.version])
    assert sent == []
