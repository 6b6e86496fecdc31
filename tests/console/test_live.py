"""Open pages hear what happens: without reloading, across outages, and only who may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Route, expect

from console.live import hub
from records.db import transaction
from records.sessions import end_sessions
from tests.console.conftest import PageFor
from tests.console.served import Site, a_site

PATIENCE = 20


class Stream:
    """An event stream being read: `await next("turn")` is the id of the next event of that name."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self, name: str) -> int | None:
        async with asyncio.timeout(PATIENCE):
            while True:
                found, number = "", None
                async for line in self._lines:
                    if not line:
                        break
                    field, _, value = line.partition(":")
                    found = value.strip() if field == "event" else found
                    number = int(value) if field == "id" else number
                else:
                    raise EOFError
                if found == name:
                    return number


@asynccontextmanager
async def events(client: httpx2.AsyncClient, path: str, **headers: str) -> AsyncIterator[Stream]:
    async with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def test_a_command_of_somebody_else_appears_without_reloading(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/case/{number}")
    await page.wait_for_selector("#turn-1")
    await site.house.do(number, "register", "cs_specialist-2")
    await page.wait_for_selector("#turn-2.entry-fresh")
    await expect(page.locator("#case-news")).to_contain_text("moved on to turn 2")
    await expect(page.locator("#case-turn")).to_have_value("2")


async def test_what_is_new_stays_marked_whatever_else_is_told(site: Site, page_for: PageFor) -> None:
    """A message that leaves after the turn is news beside it: the notice and the mark stay until the page is loaded."""
    number = await site.house.open()
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/case/{number}")
    await site.house.do(number, "register", "cs_specialist-2")
    await expect(page.locator("#case-turn")).to_have_value("2")
    async with site.house.office.pool.acquire() as connection, page.expect_response("**/news?**") as told:
        await connection.execute("SELECT pg_notify('redress_turns', $1)", f"{number}:")
    assert (await told.value).ok
    await expect(page.locator("#turn-2.entry-fresh")).to_be_visible()
    await expect(page.locator("#case-news")).to_contain_text("moved on to turn 2")


async def test_what_was_refused_is_no_news(site: Site) -> None:
    """One's own refused try raised the turn and then looked as if a colleague had changed the case."""
    number, clerk = await site.house.open(), "cs_specialist-1"
    client = await site.signed_in(clerk)
    refused = await site.house.say(
        number, "classify", clerk, type="PRODUCT", cause="ENGINEERING", severity="simple"
    )
    assert not refused.accepted
    news = (await client.get(f"/case/{number}/news", params={"since": refused.turn - 1})).text
    assert f'id="turn-{refused.turn}"' in news or f'value="{refused.turn}"' in news
    assert "case-banner" not in news
    await site.house.do(number, "register", "cs_specialist-2")
    assert "case-banner" in (await client.get(f"/case/{number}/news", params={"since": refused.turn})).text


async def test_an_event_carries_its_turn_and_what_was_missed_comes_at_once(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    async with events(client, f"/case/{number}/events") as stream:
        await stream.next("people")
        await site.house.do(number, "register", "cs_specialist-2")
        assert await stream.next("turn") == 2
    await site.house.do(number, "add_note", "cs_specialist-2", text="meanwhile")
    async with events(client, f"/case/{number}/events", **{"Last-Event-ID": "2"}) as stream:
        assert await stream.next("turn") == 3


async def test_nothing_is_lost_over_a_restart_of_the_console(site: Site, tmp_path: Path) -> None:
    house = site.house
    number = await house.open()
    async with a_site(house, tmp_path) as first:
        client = await first.signed_in("cs_specialist-1")
        async with events(client, f"/case/{number}/events?since=1") as stream:
            await stream.next("people")
            await house.do(number, "register", "cs_specialist-2")
            seen = await stream.next("turn")
    await house.do(number, "add_note", "cs_specialist-2", text="while it was down")
    async with a_site(house, tmp_path) as second:
        client = await second.signed_in("cs_specialist-1")
        async with events(client, f"/case/{number}/events", **{"Last-Event-ID": str(seen)}) as stream:
            assert await stream.next("turn") == 3


async def test_a_lost_connection_to_the_records_loses_nothing(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    async with events(client, f"/case/{number}/events") as stream:
        await stream.next("people")
        async with site.house.office.pool.acquire() as connection:
            ended = await connection.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
                "AND (query LIKE 'LISTEN%' OR query = 'SELECT 1 AS listening') AND pid <> pg_backend_pid()"
            )
        assert ended >= 1
        await site.house.do(number, "register", "cs_specialist-2")
        assert (await stream.next("turn") or 0) >= 1
        await site.house.do(number, "add_note", "cs_specialist-2", text="afterwards")
        while await stream.next("turn") != 3:
            pass


async def test_lists_hear_that_something_moved(site: Site) -> None:
    client = await site.signed_in("cs_specialist-1")
    async with events(client, "/queue/events") as stream:
        number = await site.house.open()
        await site.house.do(number, "register", "cs_specialist-2")
        assert await stream.next("queue") is None


async def test_who_looks_and_who_writes_is_seen_by_the_others(site: Site) -> None:
    number = await site.house.open()
    one, two = await site.signed_in("cs_specialist-1"), await site.signed_in("cs_specialist-2")
    async with events(one, f"/case/{number}/events") as mine:
        await mine.next("people")
        async with events(two, f"/case/{number}/events") as theirs:
            await theirs.next("people")
            await mine.next("people")
            assert "is looking" in (await one.get(f"/case/{number}/presence")).text
            assert (await two.post(f"/case/{number}/presence")).status_code == 204
            await mine.next("people")
            assert "is writing an answer" in (await one.get(f"/case/{number}/presence")).text
        await mine.next("people")
        assert (await one.get(f"/case/{number}/presence")).text.strip() == ""


async def test_closing_the_console_ends_every_stream(site: Site, tmp_path: Path) -> None:
    number = await site.house.open()
    async with a_site(site.house, tmp_path) as served:
        client = await served.signed_in("cs_specialist-1")
        async with events(client, f"/case/{number}/events") as stream:
            await stream.next("people")
            assert served.desk.hub.watching == 1
            await served.desk.hub.close()
            with pytest.raises(EOFError):
                await stream.next("turn")
        assert served.desk.hub.watching == 0


async def test_whoever_was_put_out_hears_nothing_more(site: Site) -> None:
    """A session that is over is asked for before anything is told, not minutes later."""
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-2")
    async with events(client, f"/case/{number}/events") as mine, events(client, "/queue/events") as lists:
        await mine.next("people")
        async with transaction(site.desk.office.pool) as connection:
            await end_sessions(connection, "cs_specialist-2")
        await site.house.do(number, "register", "cs_specialist-1")
        with pytest.raises(EOFError):
            await mine.next("turn")
        with pytest.raises(EOFError):
            await lists.next("queue")


async def test_a_session_listens_with_so_many_windows_and_no_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_OF_SESSION", 2)
    number = await site.house.open()
    client, other = await site.signed_in("cs_specialist-1"), await site.signed_in("cs_specialist-1")
    async with events(client, f"/case/{number}/events") as first, events(client, "/queue/events"):
        await first.next("people")
        for path in ("/queue/events", f"/case/{number}/events"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        async with events(other, "/queue/events"):
            monkeypatch.setattr(hub, "MOST_AT_ALL", 3)
            third = await site.signed_in("legal-1")
            assert (await third.get("/queue/events")).status_code == 429


async def test_whoever_stops_listening_makes_room(site: Site) -> None:
    listening = site.desk.hub
    for _ in range(3):
        with listening.place("a session"):
            pass
    with ExitStack() as places:
        for _ in range(hub.MOST_OF_SESSION):
            places.enter_context(listening.place("a session"))
        with pytest.raises(hub.TooManyListen), listening.place("a session"):
            pass
    assert "a session" not in listening._places


async def test_who_types_is_seen_writing(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    one = await page_for("cs_specialist-1", language="en")
    other = await page_for("cs_specialist-2", language="en")
    await one.goto(f"{site.url}/case/{number}")
    await other.goto(f"{site.url}/case/{number}")
    await expect(one.locator("#case-people")).to_contain_text("is looking")
    await other.locator("#text-internal").press_sequentially("half a note")
    await expect(one.locator("#case-people")).to_contain_text("is writing an answer")
    await expect(other.locator("[data-draft-state]")).not_to_be_empty()  # kept: nobody is asked when leaving
    await other.goto(f"{site.url}/case/{number}/do/add_note")
    await one.reload()
    async with other.expect_request(f"**/case/{number}/presence") as told:
        await other.locator("[name=f-text]").press_sequentially("x")
    assert (await told.value).method == "POST"


async def test_news_that_could_not_be_fetched_are_fetched_again(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for("cs_specialist-1", language="en", may_fail=True)
    await page.goto(f"{site.url}/case/{number}")
    await page.wait_for_selector("#turn-1")
    failing = iter((503, 0))

    async def fail(route: Route) -> None:
        match next(failing, None):
            case None:
                await route.continue_()
            case 0:
                await route.abort()
            case status:
                await route.fulfill(status=status)

    await page.route("**/news?**", fail)
    await site.house.do(number, "register", "cs_specialist-2")
    await expect(page.locator("#case-turn")).to_have_value("2", timeout=PATIENCE * 1000)


async def test_a_window_nobody_looks_at_gives_its_connection_back(site: Site, page_for: PageFor) -> None:
    """A browser keeps six connections to a host; the windows behind must not take them from the one in front."""
    number = await site.house.open()
    page = await page_for("cs_specialist-1", language="en")
    await page.clock.install()
    async with page.expect_request(f"**/case/{number}/events?**"):
        await page.goto(f"{site.url}/case/{number}")
    seen = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    turned = "document.dispatchEvent(new Event('visibilitychange'))"
    await page.evaluate(seen % "true" + turned)
    async with page.expect_event("requestfailed", lambda asked: "/events" in asked.url):
        await page.clock.fast_forward(60_000)
    await site.house.do(number, "register", "cs_specialist-2")
    async with page.expect_request(f"**/case/{number}/events?**"):
        await page.evaluate(seen % "false" + turned)
    await expect(page.locator("#case-turn")).to_have_value("2")


async def test_papers_of_others_appear(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", "cs_specialist-2")
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/case/{number}")
    await page.wait_for_selector("#files-list")
    client = await site.signed_in("cs_specialist-2")
    sent = await client.post(
        f"/case/{number}/files",
        data={"subkind": "other"},
        files={"file": ("crack.txt", b"the wall has a crack", "text/plain")},
    )
    assert sent.status_code == 200
    await expect(page.locator("#files-list")).to_contain_text("crack.txt")


async def test_opening_a_page_takes_the_unread_mark(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    assert (await client.get(f"/case/{number}")).status_code == 200
    async with site.house.office.pool.acquire() as connection:
        seen = await connection.fetchval(
            "SELECT turn FROM read_marks WHERE person = 'cs_specialist-1' AND number = $1", number
        )
    assert seen == 1
