"""Daily reminders of what has run out: each working morning, to those told last, with a limit and a digest."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.reminders import Reminders
from records.db import Connection
from records.organisation import put_absence
from tests.notices.company import RECEIVED, Company, D, H
from tests.notices.mailbox import Mailbox

#: 09:00 in Shanghai on Wednesday, 4 March 2026; the first response ran out the day before at 09:20.
WEDNESDAY = datetime.fromisoformat("2026-03-04T09:00:00+08:00")
MANAGERS = {"person:marketing_manager-1", "person:marketing_manager-2"}


def reminders(company: Company, now: datetime) -> Reminders:
    return Reminders(company.office, lambda: now)


async def overdue(company: Company, until: datetime = WEDNESDAY, **changes: Any) -> str:
    """A complaint nobody has answered: the leading group was told last, and everything said so far is sent."""
    number = await company.open(**changes)
    await company.let_pass(number, until)
    await company.silence(number)
    return number


async def planned(company: Company, *numbers: str) -> list[tuple[str, str]]:
    """(receiver, template) of what waits to be sent."""
    return [
        (sending.receiver, sending.template)
        for number in numbers
        for sending in (await company.sendings(number)).values()
        if sending.state == "planned"
    ]


async def test_those_told_last_are_reminded_at_nine_and_once_a_day(
    company: Company, mailbox: Mailbox
) -> None:
    number = await overdue(company)
    assert await reminders(company, WEDNESDAY - timedelta(seconds=1)).plan() == 0
    assert await reminders(company, WEDNESDAY).plan() == 2
    assert await reminders(company, WEDNESDAY + 5 * H).plan() == 0
    keys = {s.key for s in (await company.sendings(number)).values() if s.template == "reminder"}
    (opening,) = [
        deadline.id
        for deadline in (await company.office.ledger.complaint(number)).deadlines.values()
        if deadline.name == "first_response_hours"
    ]
    assert keys == {f"{number}/reminder/{opening}/2026-03-04/{manager}" for manager in MANAGERS}
    assert await company.deliver(number, WEDNESDAY) == ["sent", "sent"]
    assert "2026-03-03 09:20" in mailbox.received[0][1].get_content()
    assert await reminders(company, WEDNESDAY + D).plan() == 2


@pytest.mark.parametrize(
    ("day", "new"),
    [("2026-03-07", 0), ("2026-03-08", 0), ("2026-03-09", 2), ("2026-04-06", 0), ("2026-05-09", 2)],
)
async def test_reminders_keep_to_working_days(company: Company, day: str, new: int) -> None:
    """A weekend, a Monday, a holiday on a Monday, and a Saturday that is worked."""
    await overdue(company)
    assert await reminders(company, datetime.fromisoformat(f"{day}T09:00:00+08:00")).plan() == new


async def test_what_runs_out_in_the_morning_is_told_then_and_reminded_of_the_day_after(
    company: Company,
) -> None:
    tuesday_afternoon = RECEIVED + D + 6 * H
    await overdue(company, tuesday_afternoon)
    assert await reminders(company, tuesday_afternoon).plan() == 0


async def test_reminders_end_when_somebody_takes_note_or_settles_it(
    company: Company, mailbox: Mailbox
) -> None:
    noted, settled = await overdue(company), await overdue(company)
    assert await reminders(company, WEDNESDAY).plan() == 4
    await company.say(noted, "add_note", at=WEDNESDAY, text="知道了", acknowledges="first_response_hours")
    await company.say(settled, "record_response", at=WEDNESDAY, channel="telephone", effective=True)
    for number in (noted, settled):
        assert set(await company.deliver(number, WEDNESDAY)) == {"cancelled"}
    assert mailbox.received == []
    assert await reminders(company, WEDNESDAY + D).plan() == 0


async def test_beyond_the_limit_the_rest_comes_in_one_digest(company: Company, mailbox: Mailbox) -> None:
    numbers = [await overdue(company, policy_overrides={"reminder_limit": 2}) for _ in range(5)]
    assert await reminders(company, WEDNESDAY).plan() == 2 * (2 + 1)
    assert await reminders(company, WEDNESDAY + H).plan() == 0
    waiting = Counter(await planned(company, *numbers))
    assert waiting == {(to, name): n for to in MANAGERS for name, n in (("reminder", 2), ("digest", 1))}
    await company.say(numbers[0], "record_response", at=WEDNESDAY, channel="telephone", effective=True)
    await company.say(numbers[4], "record_response", at=WEDNESDAY, channel="telephone", effective=True)
    assert await reminders(company, WEDNESDAY + H).plan() == 0  # room below the limit is for tomorrow
    for number in numbers:
        await company.deliver(number, WEDNESDAY)
    digests = [mail for _, mail in mailbox.received if "汇总" in mail["Subject"]]
    assert len(digests) == 2
    for digest in digests:
        assert "2 项" in digest["Subject"]
        named = [number for number in numbers if number in digest.get_content()]
        assert named == numbers[2:4]
    assert len(mailbox.received) == 2 * (1 + 1)


async def test_two_planners_at_once_plan_no_more_than_one(company: Company) -> None:
    numbers = [await overdue(company, policy_overrides={"reminder_limit": 2}) for _ in range(4)]
    await asyncio.gather(*(reminders(company, WEDNESDAY).plan() for _ in range(4)))
    assert len(await planned(company, *numbers)) == 2 * (2 + 1)


async def test_a_customer_is_never_reminded_so(company: Company, connection: Connection) -> None:
    number = await overdue(company)
    await connection.execute("UPDATE deadlines SET receivers = '{CUSTOMER,OWNER}' WHERE state = 'fired'")
    assert await reminders(company, WEDNESDAY).plan() == 1
    assert await planned(company, number) == [("person:cs_specialist-1", "reminder")]


@pytest.mark.requirement("ORG-05")
async def test_a_substitute_is_reminded_in_the_name_of_the_absent(
    company: Company, mailbox: Mailbox, connection: Connection
) -> None:
    number = await overdue(company)
    await put_absence(connection, "marketing_manager-1", WEDNESDAY - D, WEDNESDAY + D, "finance-1")
    assert await reminders(company, WEDNESDAY).plan() == 2
    assert await company.deliver(number, WEDNESDAY) == ["sent", "sent"]
    (mail,) = mailbox.to("finance-1@example.com")
    assert "marketing_manager-1" in mail.get_content()
    assert mailbox.to("marketing_manager-1@example.com") == []


async def test_a_case_that_cannot_be_reckoned_holds_up_no_other(
    company: Company, connection: Connection
) -> None:
    bad, good = await overdue(company), await overdue(company)
    unknown = 'UPDATE complaints SET state = state || \'{"policy_version": "1999-01"}\' WHERE number = $1'
    await connection.execute(unknown, bad)
    assert await reminders(company, WEDNESDAY).plan() == 2
    assert {receiver for receiver, _ in await planned(company, good)} == MANAGERS
