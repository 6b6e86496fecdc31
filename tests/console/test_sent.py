"""What was sent can be read word for word on the timeline, by whoever may, and every reading is on record."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import expect

from activities.dispatch import Dispatcher
from channels.spool import Spool
from tests.console.conftest import PageFor
from tests.console.served import Site

PATIENCE = 20
WORDS = "We come on Friday at nine."


async def a_sent_message(site: Site) -> tuple[str, dict[str, str]]:
    """A complaint with word to its customer that has left, at an hour at which it may; and where its copy is."""
    house = site.house
    number = await house.open(name="Lin Wei", language="en")
    await house.do(number, "register", "cs_specialist-1")
    await house.do(number, "send_progress", "cs_specialist-1", text=WORDS)
    dispatcher = Dispatcher(house.office, Spool(house.spool))
    morning = (await house.time(number)).replace(hour=3) + timedelta(days=1)  # 11:00 in the company's zone
    async with asyncio.timeout(PATIENCE), house.office.pool.acquire() as connection:
        while True:
            await dispatcher.deliver(20, number, morning)
            row = await connection.fetchrow(
                "SELECT o.key, d.person, d.way FROM outbox AS o JOIN deliveries AS d ON d.key = o.key "
                "WHERE o.number = $1 AND o.template = 'progress' AND d.outcome = 'accepted' AND d.text IS NOT NULL",
                number,
            )
            if row is not None:
                return number, {"key": row["key"], "to": row["person"], "way": row["way"]}


@pytest.mark.requirement("SLA-11", "CUS-09")
async def test_a_copy_is_for_those_who_may_see_the_customer_whole(site: Site) -> None:
    number, sent = await a_sent_message(site)
    handler, auditor = await site.signed_in("cs_specialist-1"), await site.signed_in("auditor-1")
    seen = await handler.get(f"/case/{number}/sent", params=sent)
    assert seen.status_code == 200
    assert "Dear Lin Wei," in seen.text
    assert WORDS in seen.text
    assert (await auditor.get(f"/case/{number}")).text.count("entry-sent") == 0
    assert (await auditor.get(f"/case/{number}/sent", params=sent)).status_code == 404
    stranger = await site.signed_in("maintenance-1")
    assert (await stranger.get(f"/case/{number}/sent", params=sent)).status_code == 404
    other = await site.house.open()
    elsewhere = await handler.get(f"/case/{other}/sent", params=sent)
    assert WORDS not in elsewhere.text
    async with site.house.office.pool.acquire() as connection:
        copy = await connection.fetchval("SELECT text FROM deliveries WHERE key = $1", sent["key"])
        reads = await site.house.office.texts.reads_of(connection, number)
    assert [read.reader for read in reads if read.text_id == copy] == ["cs_specialist-1"]


async def test_it_is_fetched_when_it_is_unfolded(site: Site, page_for: PageFor) -> None:
    number, sent = await a_sent_message(site)
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/case/{number}")
    folded = page.locator(f'details[id="sent {sent["key"]} {sent["to"]} {sent["way"]}"]')
    await folded.locator("summary").click()
    await expect(folded).to_contain_text(WORDS)
