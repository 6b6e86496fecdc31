"""The manager's wall in the browser's terms: who sees it, that numbers open lists, and that nothing typed breaks it."""

import re

import pytest

from console.figures import MEANINGS
from records.views import wall
from tests.console.conftest import PageFor
from tests.console.lives import to_feedback
from tests.console.served import Site

_NUMBER = re.compile(r'<th scope="row"><a href="/case/(\d{4}-\d{6,})">')


async def test_every_figure_and_every_list_opens(site: Site) -> None:
    number = await to_feedback(site.house)
    director = await site.signed_in("cs_director-1")
    page = await director.get("/wall")
    assert page.status_code == 200
    for figure in wall.FIGURES:
        assert MEANINGS[figure].title in page.text, figure
        listed = await director.get(f"/wall/list/{figure}?days=7")
        assert listed.status_code == 200
    assert number in (await director.get("/wall/list/second_handling")).text
    assert number in (await director.get("/wall/list/open_now?stage=FEEDBACK")).text
    assert number not in (await director.get("/wall/list/open_now?stage=LITIGATING")).text


async def test_numbers_on_the_page_are_the_lengths_of_their_lists(site: Site) -> None:
    """Each linked count of the page, followed: as many cases, page by page."""
    for _ in range(2):
        await to_feedback(site.house)
    leader = await site.signed_in("top_leader-1")
    page = (await leader.get("/wall?type=PRODUCT")).text
    links = {
        (href.replace("&amp;", "&"), int(count))
        for href, count in re.findall(r'<td class="num"><a href="(/wall/list/[^"]+)">(\d+)</a>', page)
    }
    assert len(links) >= 10
    for href, count in links:
        found, address = 0, href
        while address:
            answer = await leader.get(address)
            assert answer.status_code == 200
            body = answer.text
            found += len(_NUMBER.findall(body))
            more = re.search(r'href="([^"]+)" rel="next"', body)
            address = more[1].replace("&amp;", "&") if more else ""
        assert found == count, href


async def test_the_wall_is_not_for_everybody(site: Site) -> None:
    clerk, head = await site.signed_in("cs_specialist-1"), await site.signed_in("legal-1")
    assert (await clerk.get("/wall")).status_code == 403
    assert (await clerk.get("/wall/list/open_now")).status_code == 403
    assert (await clerk.get("/export?list=wall")).status_code == 403
    assert (await clerk.get("/export?list=wall/open_now")).status_code == 403
    number = await to_feedback(site.house)
    assert (await head.get("/wall")).status_code == 200
    assert number not in (await head.get("/wall/list/open_now")).text
    assert number not in (await head.get("/export?list=wall/open_now")).text


@pytest.mark.parametrize(
    "query",
    [
        "days=0",
        "days=99999999999999999999",
        "from=2026-02-31&to=2026-03-01",
        "from=0001-01-01&to=0001-01-02",
        "from=2020-01-01&to=2026-01-01",
        "type=%27%20OR%201%3D1--",
        "project=%00%1b",
        "desk=nowhere&stage=LOST",
        "who=%ff%fe&age=77&hit=maybe",
        "after=0001-01-01T00:00:00%2B14:00~x~y",
        "after=~~",
        "project=" + "x" * 5000,
    ],
)
async def test_a_bent_address_shows_a_page(site: Site, query: str) -> None:
    director = await site.signed_in("cs_director-1")
    for path in ("/wall", "/wall/list/open_now", "/wall/list/promises_kept"):
        assert (await director.get(f"{path}?{query}")).status_code == 200, path
    assert (await director.get("/wall/list/nothing")).status_code == 404


async def test_a_period_that_is_none_is_said_beside_the_field(site: Site) -> None:
    director = await site.signed_in("cs_director-1")
    page = (await director.get("/wall?from=2026-03-09&to=2026-03-01")).text
    assert 'id="from-error"' in page


@pytest.mark.parametrize(
    ("language", "phone", "theme"),
    [("zh-CN", False, "light"), pytest.param("en", True, "dark", marks=pytest.mark.slow)],
)
async def test_the_wall_in_a_browser(
    site: Site, page_for: PageFor, language: str, phone: bool, theme: str
) -> None:
    """Charts are drawn without a script or style of their own, have their data beside them, and fit a phone."""
    await to_feedback(site.house)
    page = await page_for("cs_director-1", language=language, phone=phone, theme=theme)
    await page.goto(f"{site.url}/wall")
    chart = page.locator("section[aria-labelledby=flow-title] svg[role=img]")
    assert await chart.is_visible()
    colours = await page.evaluate(
        "[...document.querySelectorAll('polyline')].map(l => getComputedStyle(l).stroke + getComputedStyle(l).strokeDasharray)"
    )
    assert len(set(colours)) == 2
    await page.locator("section[aria-labelledby=flow-title] summary").click()
    assert await page.locator("section[aria-labelledby=flow-title] tbody tr").count() == 30
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    await page.locator("a.wall-tile").first.click()
    await page.wait_for_url("**/wall/list/open_now**")
