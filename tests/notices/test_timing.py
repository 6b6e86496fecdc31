"""When notices go out: customers sleep, warnings wait for their time and go nowhere once there is nothing to warn of."""

from datetime import UTC, datetime, timedelta

import pytest

from records.db import Connection
from tests.notices.company import CONTACT, RECEIVED, Company, again_at_once, receivers
from tests.notices.mailbox import Mailbox

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MORNING = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # 08:00


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
    warnings = [s for s in (await company.sendings(number)).values() if s.template == "deadline_warning"]
    first, second = sorted(warnings, key=lambda sending: sending.not_before)[:2]
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
