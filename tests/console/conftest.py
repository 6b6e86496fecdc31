"""A company at work with its console served, and a real browser."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from console.desk import Desk
from embedded.ports import free_port
from starter.complaints import FrontDoor
from starter.connection import connect
from tests.console.served import Site, a_page, a_site, browser_options, settings_at
from tests.workflows.fixtures import company, house_template
from tests.workflows.house import House
from tools.browser import find_browser

__all__ = ["company", "house_template"]

PageFor = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def site(company: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The company's console, its workers at work, for the whole session: tests open complaints of their own."""
    home: Path = tmp_path_factory.mktemp("console")
    async with company.at_work(), a_site(company, home) as served:
        yield served


@pytest.fixture(scope="session")
def desk(site: Site) -> Desk:
    """What the served console works with."""
    return site.desk


@pytest.fixture
async def lonely(site: Site, tmp_path: Path) -> AsyncIterator[Site]:
    """A console of the same company that cannot reach Temporal: nobody listens at its address."""
    nowhere = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port(None)}"}
    client = await connect(settings_at(tmp_path), environ=nowhere, lazy=True)
    house = replace(site.house)
    house.__dict__["door"] = FrontDoor(client, site.house.office)
    async with a_site(house, tmp_path) as served:
        yield served


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    options: dict[str, Any] = browser_options(find_browser())
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**options)
        yield chromium
        await chromium.close()


@pytest.fixture
async def page_for(browser: Browser, site: Site) -> AsyncIterator[PageFor]:
    """`await page_for("cs_specialist-1", language="en", phone=True, theme="dark")`: a signed-in page."""
    async with AsyncExitStack() as stack:

        async def opened(user: str | None, **options: Any) -> Page:
            return await stack.enter_async_context(a_page(browser, site, user, **options))

        yield opened
