"""The versions of policy and calendar in force, as rulings read them (PLN-04).

The versions that come with the software are put in by `seed_versions`; others are added by people (`add_policy`).
A version is never changed: complaints of years ago are still ruled on by theirs. `Library` is the book that
`domain.lifecycle` is given: each version is read from the database once per process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

import policies
from domain.calendar import Calendar
from domain.facts import Refused
from domain.policy import Policy
from records.db import Connection, RecordsError
from records.sql import statements

SQL = statements("versions")


class VersionChanged(RecordsError):
    """A version is in the records with another content; a change needs a new version name."""


@dataclass(frozen=True)
class PolicyVersion:
    """A line of the list of versions. in_force_from: for complaints received on or after that day."""

    version: str
    in_force_from: date
    added_at: datetime
    added_by: str


@dataclass(frozen=True)
class Pinned:
    """The versions a new complaint is pinned to."""

    policy: str
    calendar: str


class Library:
    """All policies and calendars this process has needed so far; the `Book` of a ruling."""

    def __init__(self) -> None:
        self._policies: dict[str, Policy] = {}
        self._calendars: dict[str, Calendar] = {}

    def policy(self, version: str) -> Policy:
        """A policy that `hold` was asked for. Raises Refused when the records have no such version."""
        if version not in self._policies:
            raise Refused(f"There is no policy version {version}.", "PLN-04")
        return self._policies[version]

    def calendar(self, version: str) -> Calendar:
        """A calendar that `hold` was asked for. Raises Refused when the records have no such version."""
        if version not in self._calendars:
            raise Refused(f"There is no calendar version {version}.", "PLN-04")
        return self._calendars[version]

    async def hold(
        self, connection: Connection, policies_: Iterable[str] = (), calendars: Iterable[str] = ()
    ) -> None:
        """Take these versions from the records unless they are at hand; unknown ones are left out.

        Sends no statement when all are at hand, which is so for all but the first turns of a process.
        """
        missing = [version for version in policies_ if version not in self._policies]
        if missing:
            for row in await connection.fetch(SQL["policy_texts"], missing):
                self._policies[row["version"]] = Policy.model_validate(row["content"])
        missing = [version for version in calendars if version not in self._calendars]
        if missing:
            for row in await connection.fetch(SQL["calendar_texts"], missing):
                self._calendars[row["version"]] = Calendar.model_validate(row["content"])


async def seed_versions(connection: Connection, by: str = "bootstrap") -> list[str]:
    """Put in the versions that come with the software; returns the names of those that were new.

    Raises VersionChanged when a version is in the records with another content: a policy that has been in force
    is never changed.
    """
    async with connection.transaction():
        new = {
            version: await add_calendar(connection, policies.load_calendar(version), by)
            for version in policies.calendar_versions()
        }
        for version in policies.policy_versions():
            new[version] = await add_policy(connection, policies.load_policy(version), by)
    return [version for version, added in new.items() if added]


async def add_policy(connection: Connection, policy: Policy, by: str) -> bool:
    """Put a checked policy in force from its day on; False if it is there already. by: user id.

    Raises VersionChanged for another content under the same name, RecordsError for a calendar that is not there.
    """
    if not await connection.fetch(SQL["calendar_texts"], [policy.calendar]):
        raise RecordsError(
            f"Policy {policy.version} needs calendar {policy.calendar}, which is not in the records."
        )
    content = _content(policy)
    if await connection.fetchval(SQL["add_policy"], policy.version, policy.in_force_from, content, by):
        return True
    _require_same(policy.version, content, await connection.fetch(SQL["policy_texts"], [policy.version]))
    return False


async def add_calendar(connection: Connection, calendar: Calendar, by: str) -> bool:
    """Put in a checked calendar; False if it is there already. Raises VersionChanged likewise."""
    content = _content(calendar)
    if await connection.fetchval(SQL["add_calendar"], calendar.version, content, by):
        return True
    _require_same(
        calendar.version, content, await connection.fetch(SQL["calendar_texts"], [calendar.version])
    )
    return False


def _content(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _require_same(version: str, content: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> None:
    if rows[0]["content"] != content:
        raise VersionChanged(
            f"Version {version} is in the records with another content. A version that has been in force is never "
            "changed: give the new one a name of its own."
        )


async def pinned_on(connection: Connection, day: date, version: str | None = None) -> Pinned:
    """The versions for a complaint received on that day, or those of a policy that is asked for by name.

    Raises RecordsError when there are none at all, Refused for a name that is not there.
    """
    if version is not None:
        row = await connection.fetchrow(SQL["named_policy"], version)
        if row is None:
            raise Refused(f"There is no policy version {version}.", "PLN-04")
        return Pinned(row["version"], row["calendar"])
    row = await connection.fetchrow(SQL["current_policy"], day) or await connection.fetchrow(
        SQL["first_policy"]
    )
    if row is None:
        raise RecordsError("There is no policy in the records: run `redress bootstrap`.")
    return Pinned(row["version"], row["calendar"])


async def policy_list(connection: Connection) -> list[PolicyVersion]:
    """All versions of the policy, oldest first."""
    return [
        PolicyVersion(row["version"], row["in_force_from"], row["added_at"], row["added_by"])
        for row in await connection.fetch(SQL["versions"])
    ]
