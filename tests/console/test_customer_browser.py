"""A customer's round trip in a real browser: by link alone, on a phone, in both languages."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from domain.codes import Stage
from tests.console.conftest import PageFor
from tests.console.lives import TO_FEEDBACK, to_feedback
from tests.console.served import Site
from tests.console.test_customer import token_of
from tests.console.test_customer_forms import photo

#: the second handling, from the director's word to the question of round 2
AGAIN = (
    ("cs_director-1", "open_second_handling", {"further_demand": "mend it for good"}),
    *TO_FEEDBACK[4:-1],
    ("marketing_manager-1", "decide_review", {"decision": "approved"}),
)


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0


async def answered(page: Page, site: Site, number: str, *, solved: bool) -> None:
    """Answer the question that the status page puts."""
    await page.goto(f"{site.url}/s/{await token_of(site, number)}")
    await page.locator(".customer-question a").click()
    await page.wait_for_url("**/f/*")
    await fits(page)
    await page.locator(f"label[for=solved-{'yes' if solved else 'no'}]").click()
    await page.locator("label[for=score-4]").click()
    await page.locator("#text").fill("It drips again")
    await page.locator("form[action^='/f/'] button").click()
    await page.wait_for_url("**/f/*thanks=1#thanks")
    await page.locator("article.customer a.btn").click()
    await page.wait_for_url("**/s/*")


async def second_handling(site: Site, number: str) -> None:
    """What our people do in between."""
    for by, kind, fields in AGAIN:
        told = dict(fields)
        if kind == "propose_solution":
            told["solution"] = "S2"
        if kind == "record_round":
            told["solution"] = "S2"
        if kind == "record_agreement":
            told["items"] = [{**told["items"][0], "id": "A2"}]
        if kind == "complete_item":
            told["item"] = "A2"
        await site.house.do(number, kind, by, **told)


@pytest.mark.parametrize(("language", "phone"), [("zh-CN", True), ("en", True), ("en", False)])
async def test_a_customers_round_trip(
    site: Site, page_for: PageFor, tmp_path: Path, language: str, phone: bool
) -> None:
    number = await to_feedback(site.house, language=language)
    page = await page_for(None, language=language, phone=phone)
    await page.goto(f"{site.url}/s/{await token_of(site, number)}")
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await fits(page)
    picture = tmp_path / "kitchen.jpg"
    picture.write_bytes(photo())
    await page.locator("#add-text").fill("Look at this")
    await page.locator("#add-photo").set_input_files(picture)
    await page.locator("#add form button").click()
    await expect(page.locator(".customer-file")).to_contain_text("kitchen.jpg")
    await expect(page.locator(".customer-news")).to_contain_text("Look at this")
    await fits(page)
    await answered(page, site, number, solved=False)
    assert (await site.house.state(number)).feedback[-1].satisfied is False
    await second_handling(site, number)
    await answered(page, site, number, solved=True)
    state = await site.house.state(number)
    assert (state.stage, [entry.satisfied for entry in state.feedback]) == (
        Stage.AWAITING_VISIT,
        [False, True],
    )


async def test_a_customer_withdraws_and_changes_the_language_on_the_way(
    site: Site, page_for: PageFor
) -> None:
    number = await site.house.open(language="zh-CN")
    page = await page_for(None, language="zh-CN", phone=True)
    await page.goto(f"{site.url}/s/{await token_of(site, number)}")
    await expect(page.locator(".customer-facts")).to_contain_text("由我们处理，您无需做任何事")
    for width in (320, 360, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        lines = "times => times.map(one => one.getClientRects().length)"
        assert set(await page.locator("article.customer time").evaluate_all(lines)) == {1}, width
        await fits(page)
    await page.locator("#withdraw summary").click()
    await page.locator("#withdraw form button").click()
    await expect(page.locator("#withdraw-error")).to_be_visible()
    await page.locator("details.menu > summary").click()
    await page.locator("button[name=language][value=en]").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.locator("#withdraw summary").click()
    await page.get_by_label("Why do you withdraw it?").fill("settled with the neighbour")
    await page.get_by_label("I am sure. It cannot be undone here.").check()
    await page.locator("#withdraw form button").click()
    await page.get_by_text("Your complaint was withdrawn. Thank you").wait_for()
    assert (await site.house.state(number)).stage == Stage.WITHDRAWN
    await expect(page.locator(".customer-facts")).not_to_contain_text("We are waiting for")
    await expect(page.locator(".customer-facts")).not_to_contain_text("Whose turn")
    await expect(page.locator("#not-solved-title")).to_have_text("Write to us")
