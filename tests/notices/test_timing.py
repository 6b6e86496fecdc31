"""When notices go out: customers sleep, warnings wait for their time and go nowhere once there is nothing to warn of."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from records.db import Connection
from records.outbox import Sending
from tests.notices.company import CONTACT, RECEIVED, Company, D, again_at_once, receivers
from tests.notices.mailbox import Mailbox

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MORNING = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # 08:00


async def planned_warnings(company: Company, number: str) -> list[Sending]:
    """The warnings still to come, the next one first."""
    sendings = (await company.sendings(number)).values()
    ahead = [s for s in sendings if (s.template, s.state) == ("deadline_warning", "planned")]
    return sorted(ahead, key=lambda sending: sending.not_before)


async def test_a_customer_sleeps_and_colleagues_do_not(company: Company, mailbox: Mailbox) -> None:
    number = await company.open(received_at=NIGHT)
    await company.say(number, "register", at=NIGHT)
    await company.say(number, "request_erasure", at=NIGHT, text="请删除我的资料")
    assert sorted(await company.deliver(number, NIGHT)) == ["later", "sent"]
    assert receivers(mailbox) == {"admin-1@example.com": 1, "admin-2@example.com": 1}
    (waiting,) = [s for s in (await company.sendings(number)).values() if s.receiver == "CUSTOMER"]
    assert (waiting.state, waiting.not_before, waiting.attempts) == ("planned", MORNING, 0)
    await company.deliver(number, MORNING - timedelta(seconds=1))
    assert mailbox.to(CONTACT) == []
    await company.deliver(number, MORNING)
    assert len(mailbox.to(CONTACT)) == 1


async def test_the_schedule_knows_the_hour_in_each_complaint_s_own_time(
    company: Company, mailbox: Mailbox
) -> None:
    by_night = await company.open(offset=datetime.now(UTC) - NIGHT, received_at=NIGHT)
    by_day = await company.open(offset=datetime.now(UTC) - RECEIVED, received_at=RECEIVED)
    for number, at in ((by_night, NIGHT), (by_day, RECEIVED)):
        await company.say(number, "register", at=at)
    assert sorted(await company.dispatcher().deliver(100)) == ["later", "sent"]
    (mail,) = mailbox.to(CONTACT)
    assert by_day in mail["Subject"]


@pytest.mark.requirement("SLA-01")
async def test_a_warning_waits_for_its_time_and_goes_nowhere_once_the_deadline_is_settled(
    company: Company, mailbox: Mailbox, connection: Connection
) -> None:
    number = await company.open()
    first, second = (await planned_warnings(company, number))[:2]
    assert await company.deliver(number, first.not_before - timedelta(seconds=1)) == []
    assert await company.deliver(number, first.not_before) == ["sent"]
    assert receivers(mailbox) == {"cs_specialist-1@example.com": 1}
    mailbox.refuse_receiver["cs_specialist-1@example.com"] = "451 4.2.1 full"
    assert await company.deliver(number, second.not_before) == ["later"]
    await again_at_once(connection, second.key)
    mailbox.refuse_receiver.clear()
    await company.say(number, "record_response", at=second.not_before, channel="telephone", effective=True)
    await company.deliver(number, second.not_before)
    assert (await company.sendings(number))[second.key].state == "cancelled"
    assert receivers(mailbox) == {"cs_specialist-1@example.com": 1}


@pytest.mark.requirement("SLA-01")
async def test_a_warning_on_its_way_is_dropped_when_its_deadline_moves_and_another_takes_its_place(
    company: Company, mailbox: Mailbox
) -> None:
    """Claimed, it waits behind others that the mail server is slow with; meanwhile the deadline is extended."""
    number = await company.open()
    warnings = await planned_warnings(company, number)
    old, at = warnings[0], warnings[0].not_before
    for key in range(5):
        await company.plan(number, "risk_note", "person:cs_director-1", str(key), result="UNRESOLVED")
    mailbox.gate = asyncio.Event()
    delivery = asyncio.create_task(company.deliver(number, at))
    await mailbox.waiting.wait()
    deadline = (await company.office.ledger.complaint(number)).deadlines[old.deadline or ""]
    until = deadline.due + 7 * D
    moved = {"deadline": deadline.name, "until": until.isoformat(), "reason": "agreed"}
    await company.say(number, "extend_window", "cs_director-1", at, **moved)
    mailbox.gate.set()
    assert sorted(await delivery) == ["cancelled", *["sent"] * 5]
    assert (await company.sendings(number))[old.key].state == "cancelled"
    mailbox.received.clear()
    new = (await planned_warnings(company, number))[0]
    assert await company.deliver(number, new.not_before) == ["sent"]
    ((_, mail),) = mailbox.received
    assert f"{until + timedelta(hours=8):%Y-%m-%d %H:%M}" in mail.get_content()
