"""Messages go out once: leased to one sender, taken over from a dead one, kept from those who have them already."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.facts import Notice
from records.outbox import Outbox, Outgoing
from tests.records.office import RECEIVED, D, H, Office

NOTHING = timedelta()


@pytest.fixture
def outbox(office: Office) -> Outbox:
    return Outbox(office.pool)


async def registered(office: Office) -> str:
    """A complaint with one message that may go out: the receipt to the customer."""
    number = await office.open()
    await office.say(number, "register", "cs_specialist-1")
    return number


def keys(messages: list[Outgoing]) -> list[str]:
    return [message.key for message in messages]


@pytest.mark.requirement("SLA-11")
async def test_a_message_goes_to_one_sender_only(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    claims = await asyncio.gather(*(outbox.claim(10, number=number, at=RECEIVED) for _ in range(6)))
    assert sorted(key for claim in claims for key in keys(claim)) == [f"{number}/2:receipt/CUSTOMER"]
    assert await outbox.sent(f"{number}/2:receipt/CUSTOMER")
    assert not await outbox.sent(f"{number}/2:receipt/CUSTOMER")
    assert await outbox.claim(10, number=number, at=RECEIVED) == []


async def test_what_a_sender_needs_comes_with_the_message(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    words = await office.texts_of(number, contact="000-0000-0002")
    await office.say(number, "change_contact", "cs_specialist-1", contact=words["contact"])
    message = (await outbox.claim(10, number=number, at=RECEIVED))[0]
    assert (message.receiver, message.template, message.language) == ("CUSTOMER", "receipt", "zh-CN")
    assert message.complaint == await office.ledger.complaint(number)
    assert await office.read(number, message.words["contact"]) == "000-0000-0002"
    assert await office.read(number, message.words["name"]) == "林女士"


@pytest.mark.requirement("SLA-11")
async def test_a_dead_sender_s_message_is_taken_over_when_its_lease_ends(
    office: Office, outbox: Outbox
) -> None:
    number = await registered(office)
    first = await outbox.claim(10, number=number, at=RECEIVED, lease=timedelta(seconds=-1))
    assert [message.attempts for message in first] == [1]
    second = await outbox.claim(10, number=number, at=RECEIVED)
    assert (keys(second), [message.attempts for message in second]) == (keys(first), [2])
    assert await outbox.claim(10, number=number, at=RECEIVED) == []


@pytest.mark.requirement("SLA-11")
async def test_a_warning_waits_for_its_business_time(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    at = {
        message.template: message.not_before for message in await outbox.claim(99, number=number, at=RECEIVED)
    }
    assert at == {"receipt": RECEIVED}
    warned = await outbox.claim(99, number=number, at=RECEIVED + 12 * H)
    assert {message.template for message in warned} == {"deadline_warning"}
    assert max(message.not_before for message in warned) <= RECEIVED + 12 * H


async def test_the_schedule_goes_by_real_time(office: Office, outbox: Outbox) -> None:
    ahead = datetime.now(UTC) - RECEIVED
    opened = await office.ledger.open_complaint(
        office.incoming(), "cs_specialist-1", RECEIVED, clock_offset=ahead
    )
    await office.say(opened.number, "register", "cs_specialist-1")
    claimed = await outbox.claim(99)
    assert keys(claimed) == [f"{opened.number}/2:receipt/CUSTOMER"]
    assert claimed[0].clock_offset == ahead


@pytest.mark.requirement("SLA-11")
async def test_who_has_a_message_is_known_at_the_next_try(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    key = (await outbox.claim(10, number=number, at=RECEIVED))[0].key
    await outbox.note(key, "legal-1", "smtp", "accepted", "250 ok")
    await outbox.note(key, "legal-2", "smtp", "lost", instead_of="legal-3")
    await outbox.note(key, "legal-1", "smtp", "refused", "550 late")
    await outbox.try_again(key, "one of two", RECEIVED, NOTHING)
    message = (await outbox.claim(10, number=number, at=RECEIVED))[0]
    assert {(d.person, d.outcome) for d in message.deliveries} == {
        ("legal-1", "accepted"),
        ("legal-2", "lost"),
    }
    assert message.attempts == 2


async def test_postponing_is_no_try(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    key = (await outbox.claim(10, number=number, at=RECEIVED))[0].key
    await outbox.postpone(key, RECEIVED + 8 * H, NOTHING)
    assert f"{number}/2:receipt/CUSTOMER" not in keys(
        await outbox.claim(99, number=number, at=RECEIVED + 7 * H)
    )
    again = {message.key: message for message in await outbox.claim(99, number=number, at=RECEIVED + 8 * H)}
    assert again[key].attempts == 1


async def test_the_end_of_a_message_is_on_record(office: Office, outbox: Outbox) -> None:
    number = await registered(office)
    key = (await outbox.claim(10, number=number, at=RECEIVED))[0].key
    assert await outbox.failed(key, "no such mailbox")
    sending = {message.key: message for message in await outbox.of_complaint(number)}
    assert (sending[key].state, sending[key].trouble) == ("failed", "no such mailbox")
    assert (await outbox.counts())["failed"][0] == 1
    assert not await outbox.cancel(key, "too late")


async def test_a_deadline_that_passed_is_reminded_of_until_it_is_settled(
    office: Office, outbox: Outbox
) -> None:
    number = await registered(office)
    await office.let_pass(number, RECEIVED + 5 * H)
    overdue = await outbox.overdue()
    assert {deadline.name for deadline in overdue} == {"classify_hours", "assign_hours"}
    assert overdue[0].complaint.number == number
    assert await outbox.overdue(after=(overdue[-1].number, overdue[-1].id)) == []
    classify = next(deadline for deadline in overdue if deadline.name == "classify_hours")
    assert classify.receivers == ("CS_SPECIALIST",)
    reminder = Notice(
        key=f"{number}/{classify.id}/reminder/2026-03-03", template="reminder", to="CS_SPECIALIST"
    )
    assert await outbox.plan(number, reminder, RECEIVED + D)
    assert not await outbox.plan(number, reminder, RECEIVED + D)
    assert await outbox.planned_for("CS_SPECIALIST", "reminder", RECEIVED, RECEIVED + 2 * D) == 1
    await office.say(
        number,
        "classify",
        "cs_specialist-1",
        RECEIVED + 6 * H,
        type="PRICE",
        cause="SALES",
        severity="simple",
    )
    assert {deadline.name for deadline in await outbox.overdue()} == {"assign_hours"}


async def test_a_withdrawn_warning_that_is_wanted_again_is_planned_again(
    office: Office, outbox: Outbox
) -> None:
    """A hold withdraws the warnings of what it stops; the resumption may plan the very same ones anew."""
    number = await office.open()
    await office.live(number, until=8)
    before = {m.key: m.state for m in await outbox.of_complaint(number)}
    at = RECEIVED + 3 * D + H
    await office.say(
        number, "hold", "cs_specialist-1", at, reason="等业主", waiting_for="customer", until=str(at + 2 * D)
    )
    held = {m.key: m.state for m in await outbox.of_complaint(number)}
    stopped = {key for key, state in before.items() if state == "planned" and held[key] == "cancelled"}
    assert any("handling_days" in key for key in stopped)
    await office.say(number, "resume", "cs_specialist-1", at)
    resumed = {m.key: m.state for m in await outbox.of_complaint(number)}
    assert {resumed[key] for key in stopped} == {"planned"}


async def test_a_complaint_that_cannot_be_read_holds_up_no_other(office: Office, outbox: Outbox) -> None:
    bad, good = await registered(office), await registered(office)
    await office.let_pass(bad, RECEIVED + 5 * H)
    await office.let_pass(good, RECEIVED + 5 * H)
    await office.pool.execute(
        'UPDATE complaints SET state = state || \'{"stage": "OF_TOMORROW"}\' WHERE number = $1', bad
    )
    claimed = await outbox.claim(99)
    assert {message.number for message in claimed} == {good}
    put_back = [m for m in await outbox.of_complaint(bad) if m.trouble == "the complaint cannot be read"]
    assert {(m.state, m.attempts) for m in put_back} == {("planned", 1)}
    assert {m.number for m in await outbox.claim(99)} == set(), "none of them is taken again at once"
    assert {deadline.number for deadline in await outbox.overdue(limit=1)} == {good}


async def test_a_warning_at_the_same_time_tells_the_new_due_instant(office: Office, outbox: Outbox) -> None:
    """Warnings counted from the start keep their time when the deadline moves; what they say moves with it."""
    number = await office.open()
    await office.live(number, until=15)
    deadline = (await office.ledger.complaint(number)).deadlines
    visit = next(one for one in deadline.values() if one.name == "follow_up_days")
    until = visit.due + 5 * D
    await office.say(
        number,
        "extend_window",
        "cs_director-1",
        visit.start + H,
        deadline="follow_up_days",
        until=str(until),
        reason="业主出差",
    )
    told = await office.pool.fetch(
        "SELECT params ->> 'due' AS due FROM outbox WHERE state = 'planned' AND deadline = $1", visit.id
    )
    assert {datetime.fromisoformat(row["due"]) for row in told} == {until}
    assert len(told) == 2
