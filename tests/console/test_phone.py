"""What would break its line, or never end, on a phone or a small desktop."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.console.conftest import PageFor
from tests.console.lives import to_feedback
from tests.console.served import Site
from tests.console.session_of import session_of

DIRECTOR = "cs_director-1"


async def test_the_turn_stays_beside_its_entry(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    fields: dict[str, Any] = {
        "channel": "telephone",
        "effective": True,
        "text": "told",
        "happened_at": site.desk.now(),
    }
    await site.house.do(number, "record_response", "cs_specialist-1", **fields)
    page = await page_for(DIRECTOR, phone=True)
    await page.goto(f"{site.url}/case/{number}")
    tops = await page.locator(".entry-head").evaluate_all(
        "heads => heads.map(one => one.querySelector('.entry-turn').getBoundingClientRect().top"
        " - one.getBoundingClientRect().top)"
    )
    assert tops
    assert all(abs(top) < 4 for top in tops)


@pytest.mark.parametrize("width", [1440, 1280, 1250, 1240, 1024])
async def test_a_list_stays_within_its_frame(site: Site, page_for: PageFor, width: int) -> None:
    number = await to_feedback(site.house)
    no: dict[str, Any] = {"attempt": 1, "channel": "telephone", "satisfied": False, "opinions": "o"}
    await site.house.do(number, "record_feedback", "cs_specialist-1", **no)
    danger: dict[str, Any] = {"flag": "HAZARD", "value": True, "reason": "sparks"}
    await site.house.do(number, "set_flag", "cs_specialist-1", **danger)
    page = await page_for(DIRECTOR, language="en")
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto(f"{site.url}/queue/second")
    await expect(page.locator(f"tr:has-text('{number}') .chip-bad")).to_have_count(2)
    beyond = (
        "table => table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right"
    )
    assert await page.locator("table.queue").evaluate(beyond) <= 0


async def test_a_tag_is_ended_in_the_line_it_stands_in(site: Site, page_for: PageFor) -> None:
    page = await page_for(DIRECTOR, phone=True)
    await page.set_viewport_size({"width": 320, "height": 800})
    await page.goto(f"{site.url}/tags")
    apart = await page.locator("main tbody td:last-child:has(button)").evaluate_all(
        "cells => cells.map(cell => { const middle = (one) => {"
        " const at = one.getBoundingClientRect(); return (at.top + at.bottom) / 2; };"
        " return Math.abs(middle(cell.querySelector('svg')) - middle(cell.querySelector('button'))); })"
    )
    assert apart
    assert max(apart) < 6, "the word and its button stand in one line"


async def test_of_many_devices_the_latest_five_are_shown(site: Site, page_for: PageFor) -> None:
    for _ in range(7):
        await session_of(site.desk, DIRECTOR)
    page = await page_for(DIRECTOR, phone=True)
    await page.goto(f"{site.url}/me")
    rows = page.locator("section[aria-labelledby=where] tbody tr")
    await expect(rows.locator("visible=true").locator("td:first-child")).to_have_count(5)
    await page.locator(".account-rest > summary").click()
    assert await rows.locator("visible=true").locator("td:first-child").count() == await rows.count() > 7
