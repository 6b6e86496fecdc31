"""The door and the account as a person uses them, in a real browser: both languages, with and without a mouse."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from records import accounts
from tests.console.conftest import PageFor
from tests.console.served import Site

GOOD = "four plain words here"


async def without_findings(page: Page) -> None:
    found = await Axe().run(page)
    grave = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, found.generate_report()


async def set_password(site: Site, user: str) -> None:
    async with site.desk.office.pool.acquire() as connection:
        await accounts.set_password(connection, user, GOOD, site.desk.now())


@pytest.mark.parametrize("phone", [False, True])
async def test_by_keyboard_alone_and_to_where_one_wanted(site: Site, page_for: PageFor, phone: bool) -> None:
    await set_password(site, "mediator-1")
    page = await page_for(None, phone=phone)
    await page.goto(f"{site.url}/duties")
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    await without_findings(page)
    await page.keyboard.type("mediator-1")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").first).to_contain_text("用户名或密码不正确")
    await expect(page.get_by_label("用户名")).to_have_value("mediator-1")
    await page.get_by_label("密码").fill(GOOD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.url}/duties")
    await expect(page.get_by_role("heading", level=1)).to_have_text("我的职责与权限")
    await without_findings(page)


async def test_the_language_can_be_changed_before_and_after(site: Site, page_for: PageFor) -> None:
    await set_password(site, "mediator-2")
    page = await page_for(None)
    await page.goto(f"{site.url}/sign-in?next=/me")
    await page.locator("summary.topbar-link").last.click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await page.get_by_label("User name").fill("mediator-2")
    await page.get_by_label("Password").fill(GOOD)
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(f"{site.url}/me")
    await expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    await page.locator("summary.topbar-link").last.click()
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("我的账户")
    await page.locator("summary.topbar-link").last.click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    await page.locator("summary.topbar-link").last.click()
    await page.get_by_role("button", name="Sign out").first.click()
    await expect(page).to_have_url(re.compile("/sign-in"))


async def test_the_account(site: Site, page_for: PageFor) -> None:
    await set_password(site, "mediator-1")
    await site.signed_in("mediator-1", language="en")
    page = await page_for("mediator-1", language="en", theme="dark")
    await page.goto(f"{site.url}/me")
    await without_findings(page)
    await page.get_by_label("What it is for").fill("<script>alert(1)</script>")
    await page.get_by_label("Days it is good for").fill("30")
    await page.get_by_label("Your own password, to prove it is you").fill(GOOD)
    await page.get_by_role("button", name="Make a token").click()
    made = await page.get_by_label("Your new token.").input_value()
    assert made.startswith("redress_pat_")
    await page.goto(f"{site.url}/me")
    await expect(page.locator("body")).not_to_contain_text(made)
    await page.get_by_role("button", name="Revoke <script>").first.click()
    await expect(page.get_by_role("status").filter(has_text="opens nothing")).to_be_visible()
    await page.get_by_role("button", name="Sign out everywhere else").click()
    await expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)


async def test_a_bad_password_is_told_beside_its_field(site: Site, page_for: PageFor) -> None:
    page = await page_for("mediator-2", language="en")
    await page.goto(f"{site.url}/me")
    for label, typed in (
        ("Present password", GOOD),
        ("New password", "aaaaaaaaaaaa"),
        ("The new password again", "aaaaaaaaaaaa"),
    ):
        await page.get_by_label(label, exact=True).fill(typed)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.locator("#new-error")).to_contain_text("guessed at once")
