"""The manager's wall in the browser's terms: who sees it, that numbers open lists, and that nothing typed breaks it."""

import html
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from console.figures import MEANINGS
from records.views import wall
from tests.console.conftest import PageFor
from tests.console.lives import to_feedback
from tests.console.served import Site

_TILE = re.compile(
    r'<span class="wall-tile-name">(?:<svg.*?</svg>)?([^<]+)</span>\s*<span class="wall-tile-value">([^<]+)</span>'
)
_NUMBER = re.compile(r'<th scope="row"><a href="/case/(\d{4}-\d{6,})">')


async def test_every_figure_and_every_list_opens(site: Site) -> None:
    number = await to_feedback(site.house)
    director = await site.signed_in("cs_director-1")
    page = await director.get("/wall?stage=FEEDBACK&days=7")
    assert page.status_code == 200
    tiles = dict(_TILE.findall(page.text))
    assert [*tiles] == [MEANINGS[figure].title for figure in wall.FIGURES]
    for figure in wall.FIGURES:
        listed = await director.get(f"/wall/list/{figure}?days=7")
        assert listed.status_code == 200
    again = len(
        _NUMBER.findall((await director.get("/wall/list/second_handling?stage=FEEDBACK&days=7")).text)
    )
    for figure, value in {
        "open_now": again,
        "received": again,
        "closed": 0,
        "second_handling": "0 %",
    }.items():
        assert tiles[MEANINGS[figure].title] == str(value), figure
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


async def test_a_deadline_and_its_owner_look_the_same_in_the_lists_and_on_the_case(site: Site) -> None:
    """Less than a day is left of a day: calm in each place, and not the colour of what presses in one of them."""
    number = await site.house.open(project="same-looks")
    director = await site.signed_in("cs_director-1")
    chip = r'<span class="chip (chip-\w+)" title="[^"]*"><svg.*?</svg><span class="chip-name">([^<]+)</span>'
    looks, owners = set(), set()
    for path in ("/queue/all?project=same-looks", "/wall/list/open_now?project=same-looks"):
        page = (await director.get(path)).text
        [row] = [one for one in page.split("<tr") if f'href="/case/{number}"' in one]
        looks |= set(re.findall(chip, row))
        owners |= set(re.findall(r'<span class="person".*?</span> <span class="queue-unit">([^<]+)', row))
    [(look, name)] = looks
    assert look == "chip-ok"
    assert (look, name) in re.findall(chip, (await director.get(f"/case/{number}")).text)
    assert owners == {"first contact"}


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
        "from=9999-12-01&to=9999-12-31",
        "from=9999-12-31&to=9999-12-31&days=7",
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
    for name in ("wall", "wall/received"):
        assert (await director.get(f"/export?list={name}&format=csv&{query}")).status_code == 200, name
    assert (await director.get("/wall/list/nothing")).status_code == 404


async def test_a_period_that_is_none_is_said_beside_the_field(site: Site) -> None:
    director = await site.signed_in("cs_director-1")
    page = (await director.get("/wall?from=2026-03-09&to=2026-03-01")).text
    assert 'id="from-error"' in page
    assert 'value="2026-03-09"' in page, "what was typed is kept"
    assert 'value="2026-03-01"' in page
    far = (await director.get("/wall/list/received?from=9999-12-01&to=9999-12-31")).text
    assert "Enter dates between 1900 and 2199." in far
    assert 'value="9999-12-01"' in far


async def test_the_number_of_a_day_opens_the_complaints_of_that_day(site: Site) -> None:
    """Some days back: the day takes the place of the period of the page."""
    director = await site.signed_in("cs_director-1")
    ago = site.desk.now() - timedelta(days=5)
    number = await site.house.open(received_at=ago, project="示例·云栖里")
    day = ago.astimezone(ZoneInfo(wall.ZONE)).date().isoformat()
    today = site.desk.now().astimezone(ZoneInfo(wall.ZONE)).date().isoformat()
    other = await site.house.open(project="示例·云栖里")
    for period in ("", "days=90&"):
        page = (await director.get(f"/wall?{period}project=示例·云栖里")).text
        links = {
            place: html.unescape(href)
            for place, href in re.findall(
                r'<tr><th scope="row">(\d{4}-\d\d-\d\d)</th><td class="num"><a href="([^"]+)">', page
            )
        }
        for place, own, not_own in ((day, number, other), (today, other, number)):
            listed = (await director.get(links[place])).text
            assert own in _NUMBER.findall(listed), (period, place)
            assert not_own not in _NUMBER.findall(listed), (period, place)


async def test_the_day_in_a_list_and_in_its_file_is_called_what_it_is(site: Site) -> None:
    await to_feedback(site.house)
    client = await site.signed_in("cs_director-1")
    for figure, called in (("received", "Received"), ("second_handling", "Settled")):
        page = (await client.get(f"/wall/list/{figure}?days=90")).text
        assert page.partition("</thead>")[0].endswith(f'<th scope="col">{called}</th></tr>'), figure
    for figure, called in (("first_response", "Due"), ("second_handling", "Settled")):
        file = (await client.get(f"/export?list=wall/{figure}&format=csv&days=90")).text
        assert file.splitlines()[0].split(",")[2].strip('"') == called, figure


async def test_a_figure_of_this_moment_has_no_period_to_choose(site: Site) -> None:
    client = await site.signed_in("cs_director-1")
    now = (await client.get("/wall/list/open_now")).text
    then = (await client.get("/wall/list/received")).text
    for mark in ('name="from"', 'class="wall-periods"'):
        assert mark not in now
        assert mark in then
    kept = (await client.get("/wall/list/open_now?from=2026-01-01&to=2026-02-01")).text
    assert '<input type="hidden" name="from" value="2026-01-01">' in kept, "for the way back to the overview"


async def test_what_is_not_set_can_be_asked_for_and_is_said_of_what(site: Site) -> None:
    director = await site.signed_in("cs_director-1")
    number = await site.house.open(project=None)
    page = (await director.get("/wall/list/open_now?type=-&project=-")).text
    assert number in _NUMBER.findall(page)
    for field in ("type", "project"):
        select = page.partition(f'name="{field}"')[2].partition("</select>")[0]
        assert '<option value="-" selected>not set</option>' in select
    chips = re.findall(r'<a class="chip[^>]*><span>([^<]+)</span>', page)
    assert chips == ["Type: not set", "Project: not set"]


async def test_all_of_a_list_of_the_wall_is_worked_on(site: Site) -> None:
    number = await site.house.open(project="示例·听涛府")
    other = await site.house.open()
    director = await site.signed_in("cs_director-1")
    page = (await director.get("/wall/list/open_now?project=示例·听涛府")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(list|query)" value="([^"]*)">', page))
    given = {name: html.unescape(value) for name, value in hidden.items()}
    chosen = (await director.post("/bulk", data={**given, "all": "1"})).text
    assert f">{number}</a>" in chosen
    assert f">{other}</a>" not in chosen


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
