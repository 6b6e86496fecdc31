"""An open window is no person: what a page asks by itself does not keep its session alive."""

import re

import httpx2
import pytest
from starlette.requests import HTTPConnection

from console.pages import live
from console.showing import HERE
from console.signing.sessions import asks_by_itself
from records.sessions import digest_of
from tests.console.served import Site
from tests.console.test_live import events

_ASKED = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="([^"]*(?:every |sse:)[^"]*)"|sse-connect="([^"]+)"')


def connection(path: str) -> HTTPConnection:
    return HTTPConnection(
        {"type": "http", "method": "GET", "path": path, "headers": [(b"hx-request", b"true")]}
    )


def test_everything_a_template_asks_for_by_itself_is_known() -> None:
    """A new `every` or `sse:` in a template is one more line of `console.signing.sessions`."""
    asked = {
        one[1] or one[3]
        for template in (HERE / "templates").rglob("*.html")
        for one in _ASKED.finditer(template.read_text())
    }
    assert len(asked) >= 7
    for address in asked:
        path = address.replace("{{ here }}", "/case/2026-000001").partition("?")[0]
        assert asks_by_itself(connection(re.sub(r"\{\{.*?\}\}", "x", path))), address
    assert not asks_by_itself(connection("/queue/mine"))


async def idle_for(site: Site, client: httpx2.AsyncClient, minutes: int) -> None:
    """As if the person had last been seen so long ago."""
    async with site.desk.office.pool.acquire() as records:
        await records.execute(
            "UPDATE sessions SET seen_at = now() - $2 * interval '1 minute' WHERE digest = $1",
            digest_of(client.cookies["redress"]),
            minutes,
        )


async def test_a_window_left_open_is_signed_out_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls shortly before the limit put nothing off; after it the stream ends and the next page is the door."""
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(live, "SILENCE", 0.05)
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    client.follow_redirects = False
    limit = int(site.desk.settings.signing.idle.total_seconds() // 60)
    await idle_for(site, client, limit - 1)
    htmx = {"HX-Request": "true"}
    async with events(client, f"/case/{number}/events") as mine, events(client, "/queue/events") as lists:
        await mine.next("people")
        for path in ("/inbox/count", "/queue/counts?view=mine&had=0", f"/case/{number}/presence"):
            assert (await client.get(path, headers=htmx)).status_code == 200
        assert await seen_minutes_ago(site, client) >= limit - 1
        await idle_for(site, client, limit + 1)
        for stream in (mine, lists):
            with pytest.raises(EOFError):
                await stream.next("over")
    page = await client.get("/queue/mine", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, "/sign-in")


async def test_a_person_who_asks_stays_in(site: Site) -> None:
    client = await site.signed_in("cs_specialist-1")
    await idle_for(site, client, 30)
    assert (await client.get("/queue/mine")).status_code == 200
    assert await seen_minutes_ago(site, client) < 1


async def seen_minutes_ago(site: Site, client: httpx2.AsyncClient) -> float:
    async with site.desk.office.pool.acquire() as records:
        ago: float = await records.fetchval(
            "SELECT extract(epoch FROM now() - seen_at)::float / 60 FROM sessions WHERE digest = $1",
            digest_of(client.cookies["redress"]),
        )
    return ago
