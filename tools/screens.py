"""Photographs of every page of the desk: `make screens`, into `build/screens/` with an index to look through.

Each page of `tests/console/pages.py` in both languages, on a desktop and on a phone, light and dark, of a company with
sample complaints at work on servers of its own. `python -m tools.screens case wall` takes only pages whose name begins so.
"""

from __future__ import annotations

import asyncio
import gc
import html
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from embedded.postgres import THROWAWAY, PostgresServer
from embedded.temporal import TemporalServer
from tests.console.pages import PAGES, Shown, go, samples
from tests.console.served import Site, a_page, a_site, browser_options
from tests.workflows.house import a_database, a_house, make_template
from tools import ROOT
from tools.browser import NoBrowser, find_browser

FOLDER = ROOT / "build/screens"
WAYS = list(product(("zh-CN", "en"), (False, True), ("light", "dark")))
#: pages opened at a time
AT_ONCE = 2


@contextmanager
def a_home() -> Iterator[Path]:
    """A directory an unprivileged user may enter: as root, PostgreSQL runs as one."""
    with tempfile.TemporaryDirectory(prefix="redress-screens-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        yield home


@asynccontextmanager
async def company() -> AsyncIterator[tuple[Site, dict[str, str]]]:
    """The console of a company at work with its sample complaints."""
    with a_home() as home:
        async with AsyncExitStack() as stack:
            postgres = await stack.enter_async_context(
                PostgresServer(home / "postgres", settings=THROWAWAY, port=0, environ={})
            )
            server = TemporalServer(home / "temporal", rehearsal=True, port=0, ui_port=None, environ={})
            temporal = await stack.enter_async_context(server)
            server_url = await postgres.ensure_database()
            url = await stack.enter_async_context(a_database(server_url, await make_template(server_url)))
            ring = {"k1": secrets.token_bytes(32)}
            house = await stack.enter_async_context(a_house(url, temporal.address, ring=ring))
            await stack.enter_async_context(house.at_work())
            site = await stack.enter_async_context(a_site(house, home))
            yield site, await samples(house, site)


async def photograph(
    browser: Browser, site: Site, shown: Shown, way: tuple[str, bool, str], known: dict[str, str]
) -> tuple[str, str]:
    """One picture; its file name, and what was wrong with the page or an empty string."""
    language, phone, theme = way
    name = f"{shown.name}--{language}--{'phone' if phone else 'desktop'}--{theme}.png"
    try:
        async with a_page(browser, site, shown.user, language=language, phone=phone, theme=theme) as page:
            status = await go(page, site, shown, known, language)
            await page.screenshot(path=FOLDER / name, full_page=True)
            return name, "" if status == shown.status else f"answered {status}"
    except (AssertionError, KeyError) as wrong:
        return name, str(wrong)


def index(taken: Sequence[tuple[Shown, list[tuple[str, str]]]]) -> str:
    """The page to look through."""
    rows = []
    for shown, pictures in taken:
        rows.append(f"<h2>{html.escape(shown.name)} <small>{html.escape(shown.address)}</small></h2>")
        rows += [
            f'<a href="{name}"><img loading="lazy" src="{name}" alt="{name}"></a>{html.escape(wrong)}'
            for name, wrong in pictures
        ]
    look = "body{font-family:sans-serif}img{width:300px;border:1px solid #999;margin:4px;vertical-align:top}"
    return f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{look}</style>{"".join(rows)}'


async def take(wanted: Sequence[Shown]) -> int:
    """Photograph these pages in every way. Returns how many were wrong."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    gate = asyncio.Semaphore(AT_ONCE)
    async with company() as (site, known), async_playwright() as playwright:
        browser = await playwright.chromium.launch(**browser_options(find_browser()))  # type: ignore[arg-type]

        async def one(shown: Shown, way: tuple[str, bool, str]) -> tuple[str, str]:
            async with gate:
                return await photograph(browser, site, shown, way, known)

        # Language and theme are a person's own, kept in the records: one way to look after the other.
        by_way = [await asyncio.gather(*(one(shown, way) for shown in wanted)) for way in WAYS]
        taken = [(shown, [pictures[place] for pictures in by_way]) for place, shown in enumerate(wanted)]
        await browser.close()
    (FOLDER / "index.html").write_text(index(taken), encoding="utf-8")
    wrong = [(name, what) for _, pictures in taken for name, what in pictures if what]
    for name, what in wrong:
        print(f"{name}: {what}", file=sys.stderr)
    print(f"{sum(len(pictures) for _, pictures in taken)} pictures in {FOLDER.relative_to(ROOT)}/index.html")
    return len(wrong)


def main(beginnings: Sequence[str]) -> int:
    """Take the pictures. 0, or 1 when a page was not as it should be."""
    wanted = [shown for shown in PAGES if shown.name.startswith(tuple(beginnings) or "")]
    try:
        return 1 if asyncio.run(take(wanted)) else 0
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        gc.collect()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
