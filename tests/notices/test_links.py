"""The customer's own page in the messages to the customer, and in nobody else's."""

import re

import pytest

from records.copies import Copies
from records.db import Connection
from records.links import open_link
from tests.notices.company import CONTACT, RECEIVED, WORDS, Company

PUBLIC = "https://redress.example.com"
ADDRESS = re.compile(rf"{PUBLIC}/([sf])/([\w-]+)")


async def test_a_message_to_the_customer_names_a_page_that_opens(
    company: Company, connection: Connection
) -> None:
    number = await company.open()
    await company.say(number, "register")
    assert await company.deliver(number, public_url=PUBLIC) == ["sent"]
    (mail,) = company.mailbox.to(CONTACT)
    [(page, token)] = ADDRESS.findall(mail.get_content())
    assert page == "s"
    link = await open_link(connection, company.office.texts, token, "status", RECEIVED)
    assert link is not None
    assert (link.number, link.purpose) == (number, "status")


async def test_the_question_names_the_page_of_its_round(company: Company, connection: Connection) -> None:
    number = await company.open()
    await company.silence(number)
    await company.plan(number, "feedback_asked", "CUSTOMER", round="2")
    assert await company.deliver(number, public_url=PUBLIC) == ["sent"]
    (mail,) = company.mailbox.to(CONTACT)
    pages = dict(ADDRESS.findall(mail.get_content()))
    link = await open_link(connection, company.office.texts, pages["f"], "feedback", RECEIVED)
    assert link is not None
    assert (link.number, link.round) == (number, 2)


@pytest.mark.requirement("CUS-08")
async def test_the_copy_our_people_read_leaves_the_address_out(company: Company) -> None:
    number = await company.open()
    await company.say(number, "register")
    await company.deliver(number, public_url=PUBLIC)
    [key] = [key for key in await company.sendings(number) if "receipt" in key]
    copies = Copies(company.office.pool, company.office.texts)
    copy = await copies.read(number, key, "customer", "smtp", "auditor-1")
    assert copy is not None
    assert number in copy
    assert not ADDRESS.search(copy)


async def test_colleagues_are_not_told_the_address(company: Company) -> None:
    number = await company.open()
    await company.silence(number)
    await company.plan(number, "customer_wrote", "CS_SPECIALIST")
    assert await company.deliver(number, public_url=PUBLIC) == ["sent"]
    mails = [mail for _, mail in company.mailbox.received]
    assert mails
    assert not any(ADDRESS.search(str(mail)) for mail in mails)


async def test_without_a_public_address_no_page_is_named(company: Company) -> None:
    number = await company.open()
    await company.say(number, "register")
    await company.deliver(number)
    (mail,) = company.mailbox.to(CONTACT)
    assert "/s/" not in mail.get_content()


@pytest.mark.requirement("INT-04")
async def test_a_receipt_says_what_was_understood_by_whom_and_until_when(company: Company) -> None:
    number = await company.open(language="en")
    await company.say(number, "register")
    await company.deliver(number, public_url=PUBLIC, hotline="400-820-1234")
    (mail,) = company.mailbox.to(CONTACT)
    told = mail.get_content()
    for word in (number, WORDS, "Customer service", "by: 2026-03-03 09:20 (Tue)", "call 400-820-1234", "/s/"):
        assert word in told, word
    assert "shortly" not in told


async def test_without_a_hotline_nobody_is_told_to_call(company: Company) -> None:
    number = await company.open(language="en")
    await company.say(number, "register")
    await company.deliver(number)
    (mail,) = company.mailbox.to(CONTACT)
    assert " call " not in mail.get_content()
