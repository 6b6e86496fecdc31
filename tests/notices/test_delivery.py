"""Notices on their way: each once to each person, whatever dies, refuses or hangs up in between."""

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.dispatch import Pace
from channels.smtp import SmtpSender, read_relay
from channels.spool import Spool
from domain.codes import Department, Role
from records.copies import Copies
from records.db import Connection
from records.organisation import LATEST, Person, leave, put_absence, put_person
from records.upkeep import Upkeep
from tests.notices.company import CONTACT, NAME, RECEIVED, WORDS, Company, D, H, again_at_once, receivers
from tests.notices.mailbox import Mailbox
from tests.records.office import Office as Life

SPECIALISTS = {"cs_specialist-1@example.com", "cs_specialist-2@example.com"}


async def outcomes(connection: Connection, key: str) -> dict[str, str]:
    rows = await connection.fetch("SELECT person, outcome FROM deliveries WHERE key = $1", key)
    return {row["person"]: row["outcome"] for row in rows}


@pytest.mark.requirement("SLA-11")
async def test_a_customer_is_told_once_in_their_own_words_and_language(
    company: Company, mailbox: Mailbox
) -> None:
    for language, greeting in (("zh-CN", "尊敬的林女士"), ("en", "Dear 林女士")):
        number = await company.open(language=language)
        await company.say(number, "register")
        assert await company.deliver(number) == ["sent"]
        assert await company.deliver(number) == []
        (mail,) = company.mailbox.to(CONTACT)
        assert greeting in mail.get_content()
        assert number in mail["Subject"]
        assert "2026-03-02 09:20" in mail.get_content()
        mailbox.received.clear()


@pytest.mark.requirement("SLA-11", "CUS-09")
async def test_what_was_sent_is_kept_with_template_way_time_and_result_until_it_is_erased(
    company: Company, mailbox: Mailbox, connection: Connection
) -> None:
    number = await company.open()
    await company.say(number, "register")
    await company.deliver(number)
    row = await connection.fetchrow(
        "SELECT o.key, o.template, t.said_by, d.person, d.way, d.outcome, d.reply, d.at, x.claimed "
        "FROM outbox AS o JOIN deliveries AS d ON d.key = o.key JOIN texts AS x ON x.id = d.text "
        "JOIN turns AS t ON t.number = o.number AND t.turn = o.turn WHERE o.number = $1",
        number,
    )
    assert (row["template"], row["way"], row["outcome"]) == ("receipt", "smtp", "accepted")
    assert (row["said_by"], row["person"], row["claimed"]) == ("cs_specialist-1", "customer", 2)
    assert "queued" in row["reply"]
    assert row["at"] is not None
    copies = Copies(company.office.pool, company.office.texts)
    sent = await copies.read(number, row["key"], "customer", "smtp", "auditor-1")
    (mail,) = mailbox.to(CONTACT)
    assert sent is not None
    assert sent.splitlines() == [mail["Subject"], "", *mail.get_content().splitlines()]
    assert "auditor-1" in {read.reader for read in await company.office.texts.reads_of(connection, number)}
    await company.office.texts.erase(connection, number, "admin-1")
    assert await copies.read(number, row["key"], "customer", "smtp", "auditor-1") is None
    assert await copies.read(number, row["key"], "nobody", "smtp", "auditor-1") is None


@pytest.mark.requirement("SLA-11")
async def test_five_deliverers_at_once_send_each_notice_once(company: Company, mailbox: Mailbox) -> None:
    numbers = [await company.open() for _ in range(6)]
    for number in numbers:
        await company.silence(number)
        for key in range(5):
            await company.plan(number, "dissatisfied", "CS_DIRECTOR", str(key), round="1")
    deliverers = [company.dispatcher() for _ in range(5)]

    async def deliver_all(place: int) -> int:
        sent = 0
        while ends := await deliverers[place].deliver(4):
            sent += ends.count("sent")
        return sent

    assert sum(await asyncio.gather(*map(deliver_all, range(5)))) == 30
    assert set(mailbox.ids().values()) == {1}
    assert receivers(mailbox) == {"cs_director-1@example.com": 30, "cs_director-2@example.com": 30}


@pytest.mark.requirement("SLA-11")
async def test_a_deliverer_killed_before_the_answer_is_followed_by_one_more_try_and_no_third(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    """The mail has arrived; twice the deliverer dies before it hears so. Then a person is asked to call."""
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    mailbox.gate = asyncio.Event()
    for outcome in ("lost", "refused"):
        mailbox.waiting.clear()
        deliverer = asyncio.create_task(company.deliver(number))
        await mailbox.waiting.wait()
        deliverer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await deliverer
        assert await outcomes(connection, key) == {"cs_director-1": outcome}
        assert (await company.sendings(number))[key].state == "sending"
        assert await company.deliver(number) == []  # nobody else may have it during the lease
        await connection.execute(
            "UPDATE outbox SET lease_until = now() - interval '1 second' WHERE key = $1", key
        )
    mailbox.gate.set()
    assert await company.deliver(number) == ["failed"]
    assert list(mailbox.ids().values()) == [2]


async def test_nothing_is_begun_when_the_lease_is_nearly_over(
    company: Company, number: str, mailbox: Mailbox
) -> None:
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    assert await company.deliver(number, lease=timedelta(seconds=44)) == ["later"]
    assert mailbox.received == []
    sending = (await company.sendings(number))[key]
    assert (sending.state, sending.attempts) == ("planned", 0)


@pytest.mark.requirement("SLA-11")
async def test_a_lost_answer_is_asked_for_once_more_under_the_same_message_id(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    mailbox.vanish = 1
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    assert await company.deliver(number) == ["later"]
    assert await outcomes(connection, key) == {"cs_director-1": "lost"}
    await again_at_once(connection, key)
    assert await company.deliver(number) == ["sent"]
    assert list(mailbox.ids().values()) == [2]
    assert await outcomes(connection, key) == {"cs_director-1": "accepted"}


@pytest.mark.requirement("SLA-11")
async def test_an_answer_lost_twice_is_not_asked_for_again(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    mailbox.vanish = 5
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    assert await company.deliver(number) == ["later"]
    await again_at_once(connection, key)
    assert await company.deliver(number) == ["failed"]
    assert list(mailbox.ids().values()) == [2]
    (failure,) = await Upkeep(company.office.pool).unreported_failures(10)
    assert (failure.number, failure.key) == (number, key)


@pytest.mark.requirement("SLA-11")
async def test_the_spool_may_be_asked_again_and_keeps_one_file(
    company: Company, number: str, connection: Connection, tmp_path: Path
) -> None:
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    spool = Spool(tmp_path)
    for _ in range(3):
        assert await company.deliver(number, sender=spool) == ["sent"]
        await connection.execute("DELETE FROM deliveries")  # as if nothing had been put on record
        await connection.execute("UPDATE outbox SET state = 'planned' WHERE key = $1", key)
    assert len(await asyncio.to_thread(lambda: list(tmp_path.iterdir()))) == 1


@pytest.mark.requirement("SLA-11")
async def test_who_has_it_is_not_told_again_when_another_of_them_must_wait(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    mailbox.refuse_receiver["cs_specialist-2@example.com"] = "451 4.2.1 full"
    key = await company.plan(number, "risk_note", "CS_SPECIALIST", result="UNRESOLVED")
    now = datetime.now(UTC)
    assert await company.deliver(number, now=now) == ["later"]
    sending = (await company.sendings(number))[key]
    assert (sending.state, sending.attempts, sending.not_before) == ("planned", 1, now + timedelta(minutes=1))
    assert sending.trouble == "the address is not taken now: 451 4.2.1"
    assert await outcomes(connection, key) == {"cs_specialist-1": "accepted"}
    mailbox.refuse_receiver.clear()
    await again_at_once(connection, key)
    assert await company.deliver(number) == ["sent"]
    assert receivers(mailbox) == dict.fromkeys(SPECIALISTS, 1)


@pytest.mark.requirement("SLA-11")
async def test_a_refused_address_fails_at_once_and_becomes_a_task_to_call(
    company: Company, mailbox: Mailbox
) -> None:
    mailbox.refuse_receiver[CONTACT] = f"550 5.1.1 <{CONTACT}> unknown"
    number = await company.open()
    await company.say(number, "register")
    assert await company.deliver(number) == ["failed"]
    upkeep = Upkeep(company.office.pool)
    (failure,) = await upkeep.unreported_failures(10)
    trouble = (await company.sendings(number))[failure.key].trouble
    assert trouble == "the address was refused: 550 5.1.1"
    await company.say(number, "notice_failed", "feed:outbox", notice=failure.key)
    complaint = await company.office.ledger.complaint(number)
    (task,) = [task for task in complaint.tasks.values() if task.kind == "call"]
    assert (task.owner, task.subkind) == (Role.CS_SPECIALIST, failure.key)
    await upkeep.failures_reported([failure.key])
    assert await upkeep.unreported_failures(10) == []


@pytest.mark.requirement("SLA-11")
async def test_whoever_of_several_was_not_reached_becomes_a_failure_of_their_own(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    """One has it, one has no address, one refuses, one is out of tries: three calls, and nobody is told twice."""
    for name in ("3", "4"):
        address = f"cs_specialist-{name}@example.com"
        person = Person(
            f"cs_specialist-{name}", name, (Role.CS_SPECIALIST,), Department.CUSTOMER_SERVICE, address
        )
        await put_person(connection, person)
    await connection.execute("UPDATE people SET email = NULL WHERE user_id = 'cs_specialist-2'")
    mailbox.refuse_receiver["cs_specialist-3@example.com"] = "550 5.1.1 unknown"
    mailbox.refuse_receiver["cs_specialist-4@example.com"] = "451 4.2.1 full"
    key = await company.plan(number, "risk_note", "CS_SPECIALIST", result="UNRESOLVED")
    upkeep = Upkeep(company.office.pool)
    assert await company.deliver(number, tries=2) == ["later"]
    assert await upkeep.unreported_failures(10) == []
    await again_at_once(connection, key)
    assert await company.deliver(number, tries=2) == ["sent"]
    assert await outcomes(connection, key) == {
        "cs_specialist-1": "accepted",
        "cs_specialist-2": "refused",
        "cs_specialist-3": "refused",
        "cs_specialist-4": "refused",
    }
    sendings = await company.sendings(number)
    assert sendings[key].state == "sent"
    failures = await upkeep.unreported_failures(10)
    assert [failure.key for failure in failures] == [f"{key}/cs_specialist-{name}" for name in (2, 3, 4)]
    assert [sendings[failure.key].trouble for failure in failures] == [
        "there is no address",
        "was refused before",
        "the address is not taken now: 451 4.2.1",
    ]
    for failure in failures:
        await company.say(number, "notice_failed", "feed:outbox", notice=failure.key)
    tasks = (await company.office.ledger.complaint(number)).tasks.values()
    assert {task.subkind for task in tasks if task.kind == "call"} == {failure.key for failure in failures}
    await upkeep.failures_reported([failure.key for failure in failures])
    mailbox.refuse_receiver.clear()
    assert await company.deliver(number, RECEIVED + D) == []
    assert await upkeep.unreported_failures(10) == []
    assert receivers(mailbox) == {"cs_specialist-1@example.com": 1}


@pytest.mark.requirement("SLA-11")
async def test_a_telephone_number_is_no_address_so_somebody_is_asked_to_call(company: Company) -> None:
    number = await company.open(contact="000-0000-0001")
    await company.say(number, "register")
    assert await company.deliver(number) == ["failed"]


@pytest.mark.requirement("SLA-11")
async def test_what_cannot_be_sent_for_long_is_given_up_after_its_last_try(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    mailbox.refuse_message["cs_director-1@example.com"] = "452 4.3.1 out of space"
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    for _ in range(2):
        assert await company.deliver(number, tries=3) == ["later"]
        await again_at_once(connection, key)
    assert await company.deliver(number, tries=3) == ["failed"]
    assert (await company.sendings(number))[key].trouble == "the message is not taken now: 452 4.3.1"
    assert mailbox.received == []


def test_waits_grow_to_an_hour_and_end_within_a_working_day() -> None:
    pace = Pace()
    waits = [pace.after(tries) for tries in range(1, pace.tries)]
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(waits) == timedelta(hours=1)
    assert 5 * H < sum(waits, timedelta()) < 9 * H


@pytest.mark.requirement("ORG-05")
async def test_a_substitute_gets_it_and_both_names_are_kept(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    await put_absence(connection, "cs_director-1", RECEIVED - D, RECEIVED + D, "cs_director-2")
    key = await company.plan(number, "risk_note", "person:cs_director-1", result="UNRESOLVED")
    assert await company.deliver(number) == ["sent"]
    (mail,) = mailbox.to("cs_director-2@example.com")
    assert "cs_director-1" in mail.get_content()
    row = await connection.fetchrow("SELECT person, instead_of FROM deliveries WHERE key = $1", key)
    assert dict(row) == {"person": "cs_director-2", "instead_of": "cs_director-1"}


@pytest.mark.requirement("ORG-05")
async def test_an_empty_seat_is_told_of_to_the_administrator_and_the_leading_group(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    for finance in ("finance-1", "finance-2"):
        await leave(connection, finance, RECEIVED - D)
    await company.plan(number, "payment_reversed", "FINANCE", item="A1")
    assert await company.deliver(number) == ["sent"]
    assert set(receivers(mailbox)) == {
        "admin-1@example.com",
        "admin-2@example.com",
        "marketing_manager-1@example.com",
        "marketing_manager-2@example.com",
    }
    assert "财务" in mailbox.received[0][1].get_content()
    assert "无人" in mailbox.received[0][1].get_content()


@pytest.mark.requirement("CUS-08")
async def test_who_was_erased_is_not_written_to(
    company: Company, mailbox: Mailbox, connection: Connection
) -> None:
    number = await company.open()
    await company.say(number, "register")
    await company.office.texts.erase(connection, number, "admin-1")
    assert await company.deliver(number) == ["cancelled"]
    assert mailbox.received == []


async def test_the_latest_contact_is_the_one_used(company: Company, mailbox: Mailbox) -> None:
    number = await company.open()
    await company.say(number, "change_contact", contact="lin.new@example.com")
    await company.say(number, "register")
    assert await company.deliver(number) == ["sent"]
    assert len(mailbox.to("lin.new@example.com")) == 1


async def test_one_notice_that_cannot_be_worded_holds_up_no_other(
    company: Company, number: str, mailbox: Mailbox
) -> None:
    bad = await company.plan(number, "item_owed", "LEGAL", "bad")
    none = await company.plan(number, "no_such_wording", "LEGAL", "none")
    odd = await company.plan(number, "risk_note", "NOBODY", "odd", result="UNRESOLVED")
    await company.plan(number, "risk_note", "LEGAL", "good", result="UNRESOLVED")
    assert Counter(await company.deliver(number)) == {"later": 3, "sent": 1}
    assert set(receivers(mailbox)) == {"legal-1@example.com", "legal-2@example.com"}
    troubles = await company.sendings(number)
    assert "item_owed in zh-CN cannot be filled" in (troubles[bad].trouble or "")
    assert "no template" in (troubles[none].trouble or "")
    assert troubles[odd].trouble == "an error of ours: ValueError"


async def test_a_colleague_without_an_address_is_a_failure_and_speaks_their_own_language(
    company: Company, number: str, mailbox: Mailbox, connection: Connection
) -> None:
    await put_person(connection, Person("finance-1", "Ann", (Role.FINANCE,), Department.FINANCE, None, "en"))
    key = await company.plan(number, "payment_reversed", "person:finance-1", item="A1")
    assert await company.deliver(number) == ["failed"]
    assert (await company.sendings(number))[key].trouble == "there is no address"
    assert await outcomes(connection, key) == {"finance-1": "refused"}
    reachable = Person("finance-2", "Bob", (Role.FINANCE,), Department.FINANCE, "bob@example.com", "en")
    await put_person(connection, reachable)
    await company.plan(number, "payment_reversed", "person:finance-2", item="A1")
    assert await company.deliver(number) == ["sent"]
    assert "Dear Bob" in mailbox.to("bob@example.com")[0].get_content()
    assert reachable.active_to == LATEST


@pytest.mark.requirement("CUS-10")
async def test_neither_logs_nor_records_of_delivery_hold_anything_personal(
    company: Company, mailbox: Mailbox, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for answer in ("", "550 5.1.1 <{}> unknown", "451 {} is full"):
            if answer:
                mailbox.refuse_receiver[CONTACT] = answer.format(CONTACT)
            number = await company.open()
            await company.say(number, "register")
            await company.say(number, "send_progress", text="您的橱柜下周安装", at=RECEIVED + H)
            await company.deliver(number, RECEIVED + H)
        number = await company.open()
        await company.say(number, "register")
        await company.deliver(number, sender=SmtpSender(read_relay("smtp://127.0.0.1:1")))
    ours = [record for record in caplog.records if not record.name.startswith(("mail.", "asyncio"))]
    assert ours
    kept = [str(record.__dict__) for record in ours]
    for table in ("outbox", "deliveries"):
        kept += [str(dict(row)) for row in await connection.fetch(f"SELECT t.*, now() FROM {table} AS t")]
    assert kept
    for secret in (CONTACT, NAME, WORDS, "橱柜", "@example.com"):
        assert not [line for line in kept if secret in line]


@pytest.mark.requirement("SLA-11")
async def test_every_notice_of_a_whole_life_goes_out(company: Company, tmp_path: Path) -> None:
    """Told by the rules, worded by what they gave, to people the records know: nothing is left over and nothing fails."""
    office = company.office
    number = await company.open()
    await Life(office.pool, office.ledger, office.texts).live(number)
    ends = await company.deliver(number, RECEIVED + 60 * D, sender=Spool(tmp_path))
    assert len(ends) > 10
    assert set(ends) <= {"sent", "cancelled"}
    assert {s.template for s in (await company.sendings(number)).values() if s.state == "sent"} > {
        "receipt",
        "assigned",
        "agreement",
        "item_owed",
        "review_asked",
        "feedback_asked",
    }
