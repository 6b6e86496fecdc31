"""A call is taken down without a mouse, in a real browser."""

import re
import secrets

import pytest
from playwright.async_api import FilePayload, Page, expect

from console.files.taking import book_of
from tests.console.conftest import PageFor
from tests.console.served import Site
from tests.console.test_files_served import photo

CLERK = "cs_specialist-1"


def caller() -> str:
    return f"136{secrets.randbelow(10**8):08d}"


async def focused(page: Page) -> str:
    """The id of the field one is in."""
    return str(await page.evaluate("document.activeElement.id"))


async def type_into(page: Page, **typed: str) -> None:
    """Type, and go on by Tab alone, until every one of these fields has been come upon in its turn."""
    waiting = dict(typed)
    for _ in range(60):
        words = waiting.pop(await focused(page), None)
        if words is not None:
            await page.keyboard.type(words)
        if not waiting:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"never came upon {list(waiting)}")


@pytest.mark.requirement("INT-02", "INT-09")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_call_is_taken_down_by_keyboard_alone(site: Site, page_for: PageFor, language: str) -> None:
    page, number = await page_for(CLERK, language=language), caller()
    await page.goto(f"{site.url}/intake?new=1")
    assert await focused(page) == "contact"
    await type_into(
        page,
        contact=number,
        name="周女士",
        project="示例·海澜苑",
        unit="1栋203",
        text="客厅顶棚漏水",
        desired="更换防水层",
        event="昨晚",
    )
    await page.keyboard.press("Enter")  # in the middle of it: nothing is sent
    assert page.url.endswith("/intake?new=1")
    await page.keyboard.press("Tab")
    for _ in range(20):
        if await focused(page) == "explained":
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(r"/case/\d{4}-\d+"))
    found = re.search(r"/case/(\d{4}-\d+)", page.url)
    assert found
    await expect(page.locator(".receipt-number")).to_have_text(found[1])
    state = await site.house.state(found[1])
    assert state.registered_at is not None
    kinds = await site.desk.office.pool.fetch(
        "SELECT kind FROM turns WHERE number = $1 ORDER BY turn", found[1]
    )
    assert [row["kind"] for row in kinds] == ["open", "register", "add_to_intake", "add_note"]


@pytest.mark.requirement("INT-12")
async def test_what_is_on_record_shows_while_the_number_is_typed(site: Site, page_for: PageFor) -> None:
    known = caller()
    number = await site.house.open(contact=known)
    page = await page_for(CLERK, language="en")
    await page.goto(f"{site.url}/intake?new=1")
    await page.keyboard.type(known)
    await expect(page.locator("#lookup").get_by_role("link", name=number)).to_be_visible()
    await page.fill("#text", "It leaks again")
    await page.get_by_role("button", name="Add to this one").press("Enter")
    await page.wait_for_url(f"**/case/{number}")
    kinds = await site.desk.office.pool.fetch(
        "SELECT kind FROM turns WHERE number = $1 ORDER BY turn", number
    )
    assert [row["kind"] for row in kinds] == ["open", "add_to_intake"]


@pytest.mark.requirement("INT-06")
async def test_the_form_comes_back_after_a_reload(site: Site, page_for: PageFor) -> None:
    page = await page_for("maintenance-1", language="en")
    await page.goto(f"{site.url}/intake")
    await expect(page.locator("#check")).to_contain_text("What is the customer's name?")
    await page.fill("#name", "Mrs Zhou")
    await page.fill("#text", "The ceiling leaks")
    await expect(page.locator("#check")).to_contain_text("Kept as a draft.")
    await expect(page.locator("#check")).not_to_contain_text("What is the customer's name?")
    await page.reload()
    await expect(page.locator("#text")).to_have_value("The ceiling leaks")
    await page.get_by_role("button", name="Throw it away").click()
    await expect(page.locator("#text")).to_have_value("")


@pytest.mark.requirement("INT-13")
async def test_photographs_from_a_phone(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for(CLERK, language="en", phone=True)
    await page.goto(f"{site.url}/case/{number}/files")
    camera = page.locator("#files-camera")
    assert await camera.get_attribute("capture") == "environment"
    taken: list[FilePayload] = [
        {"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(60 + n, (3000, 2000))}
        for n in range(2)
    ]
    await camera.set_input_files(taken)
    await expect(page.locator("#files .file")).to_have_count(2)
    await expect(page.locator("#files img").first).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert len(await book_of(site.desk).of(number)) == 2
