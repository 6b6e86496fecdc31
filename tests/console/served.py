"""The console of a company at work, served on loopback, and people who are signed in to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvicorn
from playwright.async_api import Browser, BrowserContext, Dialog, Page

from console.app import make_app
from console.desk import Desk
from console.service import desk_for
from starter.settings import Settings, read_settings
from tests.console.session_of import session_of
from tests.workflows.house import House

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
#: what the browser is told, so that it asks nobody outside
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def settings_at(home: Path, port: int = 8080, **more: str) -> Settings:
    """The settings of a console on this port."""
    return read_settings(
        {
            "REDRESS_HOME": str(home),
            "REDRESS_CONSOLE_PORT": str(port),
            "REDRESS_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "REDRESS_TEMPORAL_UI_URL": "http://127.0.0.1:8233",
            **more,
        }
    )


@dataclass
class Site:
    """A console that is served. url: without a slash at the end."""

    house: House
    desk: Desk
    url: str
    _clients: list[httpx2.AsyncClient] = field(default_factory=list)

    async def signed_in(self, user: str, language: str = "en") -> httpx2.AsyncClient:
        """A client with a session of its own; writes carry its csrf value. Redirects are followed."""
        name, token, csrf = await session_of(self.desk, user, language)
        client = httpx2.AsyncClient(
            base_url=self.url,
            cookies={name: token},
            headers={"X-CSRF-Token": csrf, "Origin": self.url},
            follow_redirects=True,
            timeout=30,
        )
        self._clients.append(client)
        return client

    def stranger(self) -> httpx2.AsyncClient:
        """A client nobody knows."""
        client = httpx2.AsyncClient(base_url=self.url, follow_redirects=False, timeout=30)
        self._clients.append(client)
        return client

    async def close(self) -> None:
        """End every client."""
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def a_site(house: House, home: Path, **settings: str) -> AsyncIterator[Site]:
    """The console of this company on a free port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    port: int = listening.getsockname()[1]
    desk = desk_for(settings_at(home, port, **settings), house.door)
    config = uvicorn.Config(
        make_app(desk), log_config=None, access_log=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets=[listening]))
    site = Site(house, desk, f"http://127.0.0.1:{port}")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise AssertionError("the console ended instead of serving")
            await asyncio.sleep(0.01)
        yield site
    finally:
        await site.close()
        server.should_exit = True
        await task


@asynccontextmanager
async def a_page(
    browser: Browser,
    site: Site,
    user: str | None,
    *,
    language: str = "zh-CN",
    phone: bool = False,
    theme: str = "light",
    may_fail: bool = False,
) -> AsyncIterator[Page]:
    """A page of the browser, signed in as this person; `user` None is a stranger such as a customer by link.

    A script error, a refused resource, a request to another host or a browser's question whether to leave the page
    fails the test; so does a request of htmx that fails, unless it may.
    """
    async with AsyncExitStack() as stack:
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if theme == "dark" else "light",
            has_touch=phone,
        )
        stack.push_async_callback(context.close)
        if user is not None:
            await _sign_in(context, site, user, language, theme)
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if _is_refusal(said.text, may_fail) else None)
        page.on("dialog", lambda asked: refuse_question(asked, wrong))
        page.on("request", lambda asked: wrong.append(asked.url) if _is_outside(asked.url, site) else None)
        yield page
        assert not wrong, wrong


async def refuse_question(asked: Dialog, wrong: list[str]) -> None:
    """Leave all the same, and say that it was asked: what was taken is not lost, so nobody is asked about it."""
    wrong.append(f"the browser asked: {asked.type} {asked.message}")
    await asked.accept()


async def _sign_in(context: BrowserContext, site: Site, user: str, language: str, theme: str) -> None:
    name, token, _ = await session_of(site.desk, user, language, theme)
    await context.add_cookies([{"name": name, "value": token, "url": site.url}])


def _is_refusal(said: str, may_fail: bool) -> bool:
    """What a page must not say. A request that ends with the page it belongs to is no error of ours."""
    ended = may_fail or said.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    return "Content Security Policy" in said or ("htmx:" in said and not ended)


def _is_outside(url: str, site: Site) -> bool:
    return not url.startswith((site.url, "data:", "blob:", "about:"))


def browser_options(executable: str, more: Sequence[str] = ()) -> dict[str, object]:
    """How Playwright starts the system's browser."""
    return {"executable_path": executable, "args": [*FLAGS, *more], "headless": True}
