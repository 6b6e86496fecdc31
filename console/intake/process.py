"""How complaints are handled here, for publication: made from the policy in force, so that it is never out of date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.desk import Desk
from console.words import N_, Words
from domain.codes import Channel
from domain.policy import Policy
from records.policies import pinned_on

_ZONE = ZoneInfo("Asia/Shanghai")
#: by which complaints come, and to which nobody is invited
_NOT_OFFERED = frozenset({Channel.COURT_DOCUMENT, Channel.LAWYER_LETTER, Channel.MEDIA})
#: rules of the ladder that bind us alone
_OURS = frozenset({"SKIPPED_RUNG_NEEDS_LEADING_GROUP"})
#: the others, as they concern whoever complains; one of another policy is published in its own words
_TOLD: Mapping[str, str] = {
    "ARBITRATION_NEEDS_AGREEMENT": N_(
        "An arbitration body decides only where we agreed on that in writing; then you may turn to it yourself, as we may."
    ),
    "AWARD_IS_FINAL": N_(
        "What an arbitration body decides is final; no court looks at the same matter again."
    ),
    "ONE_FORUM_AT_A_TIME": N_("A matter is never before an arbitration body and a court at the same time."),
    "MEDIATION_NEEDS_BOTH": N_("A mediation begins only if you and we agree to it."),
    "MEDIATION_BARS_NO_SUIT": N_("A mediation never keeps you from going to court."),
    "CUSTOMER_MAY_SUE": N_(
        "You may go to court at any time. A court turns down only what an arbitration body deals with or has decided, and what we agreed in writing to have arbitrated."
    ),
    "SETTLEMENT_ANY_TIME": N_(
        "We can still come to an agreement at any time, even while a case is in court."
    ),
}


@dataclass(frozen=True)
class Published:
    """The text for the public (INT-10). channels, steps: in the reader's language; promises: sentences with times."""

    version: str
    channels: tuple[str, ...]
    steps: tuple[str, ...]
    promises: tuple[str, ...]
    rungs: tuple[str, ...]
    rules: tuple[str, ...]


async def published(desk: Desk, words: Words, now: datetime) -> Published:
    """The text from the policy of today. now: aware."""
    policy = await _policy_today(desk, now)
    own = "zh" if words.language.startswith("zh") else "en"
    ladder = policy.table("ladder")
    return Published(
        policy.version,
        _named([row for row in policy.table("channels") if row.code not in _NOT_OFFERED], own),
        _named(policy.table("steps_shown"), own),
        tuple(_promises(policy, words)),
        _named(ladder.rungs, own),
        tuple(
            words.gettext(_TOLD[one.code]) if one.code in _TOLD else str(getattr(one, own))
            for one in ladder.guards
            if one.code not in _OURS
        ),
    )


async def first_answer_hours(desk: Desk, now: datetime) -> int:
    """Within how many hours of receipt a person answers, by the policy of today. now: aware."""
    return (await _policy_today(desk, now)).number("first_response_hours")


async def _policy_today(desk: Desk, now: datetime) -> Policy:
    """One statement, two until the policy is at hand."""
    library = desk.office.library
    async with desk.office.pool.acquire() as connection:
        pinned = await pinned_on(connection, now.astimezone(_ZONE).date())
        await library.hold(connection, [pinned.policy], [])
    return library.policy(pinned.policy)


def _named(rows: Any, own: str) -> tuple[str, ...]:
    return tuple(str(getattr(row, own)) for row in rows)


def _promises(policy: Policy, words: Words) -> list[str]:
    """What the company promises, with the times of this policy."""
    _ = words.gettext
    days = policy.table("handling_days")
    return [
        _("You get a number at once; it stands on every message."),
        _("You get a first answer from a person within %(hours)s hours of our receiving the complaint.")
        % {"hours": policy.table("first_response_hours")},
        _("If there is a danger, somebody comes or tells you a safety measure within %(hours)s hours.")
        % {"hours": policy.table("hazard_hours")},
        _(
            "A simple matter is settled or a solution offered within %(simple)s days, one that needs several departments within %(complex)s days."
        )
        % {"simple": days.simple, "complex": days.complex},
        _("Until then you hear how things stand at least every %(days)s days.")
        % {"days": policy.table("progress_days")},
        _("An offer is yours to accept or refuse; you have %(days)s days to think it over.")
        % {"days": policy.table("reply_days")},
        _(
            "If you are not satisfied with the result, say so: the complaint is handled a second time within %(days)s days, and another person decides on the result."
        )
        % {"days": policy.table("second_handling_days")},
        _("After the end we ask you once more whether everything is in order."),
        _("Your complaint is private: only people who work on it read it, and each reading is recorded."),
    ]
