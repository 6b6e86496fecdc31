"""How the pages look: accessible by axe, no wider than the screen, operable by keyboard, in both languages and themes."""

import re
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from starlette.requests import Request

from console.showing import Pages
from console.words.catalogue import translations
from domain.askers import Asker
from domain.codes import Role
from tests.console.conftest import PageFor
from tests.console.pages import CLERK, DIRECTOR, PAGES, Shown, go, samples
from tests.console.served import Site
from tests.workflows.house import House

LANGUAGE, PHONE, THEME = "zh-CN", False, "light"
#: every other way to look at a page
OTHERS = [
    (language, phone, theme)
    for language in ("zh-CN", "en")
    for phone in (False, True)
    for theme in ("light", "dark")
    if (language, phone, theme) != (LANGUAGE, PHONE, THEME)
]
#: how bad a finding of axe may be at most: none of these
BAD = ("serious", "critical")
#: what passed is neither described nor sent out of the browser: half of the time
ONLY_WHAT_FAILS = {"resultTypes": ["violations"]}
#: what changes in a sentence: split by it, every second part is one
_CHANGING = re.compile(r"(%\(\w+\)[sd]|\{\w+\})")
#: further states of pages, and forms of one template, that the long run looks at
FURTHER = frozenset(
    f"case-{state}" for state in ("held", "overdue", "hazard", "again", "mediating", "arbitrating")
) | frozenset(
    f"do-{form}"
    for form in (
        "correct", "promise", "hold", "visit", "opinion", "item", "session", "decision", "judgment", "follow-up", "group",
    )
)  # fmt: skip
by_page = pytest.mark.parametrize(
    "shown",
    [
        pytest.param(shown, marks=[pytest.mark.slow] if shown.name in FURTHER else [], id=shown.name)
        for shown in PAGES
    ],
)


def test_what_the_long_run_looks_at_is_there() -> None:
    assert {shown.name for shown in PAGES} > FURTHER


@pytest.fixture(scope="session")
async def sample(company: House, site: Site) -> dict[str, str]:
    """The sample complaints of the page list."""
    return await samples(company, site)


async def look(page: Page, site: Site, shown: Shown, sample: dict[str, str], language: str) -> None:
    """Open a page and judge it."""
    assert await go(page, site, shown, sample, language) == shown.status, shown.address
    found = await Axe().run(page, options=ONLY_WHAT_FAILS)
    bad = [
        (
            finding["id"],
            [node["target"] for node in finding["nodes"]][:5],
            finding["nodes"][0]["failureSummary"],
        )
        for finding in found.response["violations"]
        if finding["impact"] in BAD
    ]
    assert bad == []
    assert await too_wide(page) <= 0, f"{shown.name} is wider than the screen"
    assert await page.locator("main .btn-primary:visible").count() <= 1, "one main button a page"


async def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    over: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return over


@by_page
async def test_each_page_is_accessible(
    page_for: PageFor, site: Site, sample: dict[str, str], shown: Shown
) -> None:
    page = await page_for(shown.user, language=LANGUAGE, phone=PHONE, theme=THEME)
    await look(page, site, shown, sample, LANGUAGE)
    assert await page.locator("html").get_attribute("lang") == LANGUAGE
    await expect(page.locator("h1")).to_have_count(1)


@pytest.mark.slow
@by_page
@pytest.mark.parametrize(("language", "phone", "theme"), OTHERS)
async def test_each_page_is_accessible_in_every_way(
    page_for: PageFor,
    site: Site,
    sample: dict[str, str],
    shown: Shown,
    language: str,
    phone: bool,
    theme: str,
) -> None:
    page = await page_for(shown.user, language=language, phone=phone, theme=theme)
    await look(page, site, shown, sample, language)
    if language == "en":
        await _speaks_english(page)


async def _speaks_english(page: Page) -> None:
    """What people wrote may be Chinese on an English page, and what is a Chinese customer's to keep; our words are not."""
    assert await page.locator("html").get_attribute("lang") == "en"
    texts = await page.locator(
        ':is(h1, h2, label, button, th, summary, legend, .chip):not([lang="zh-CN"] *)'
    ).all_inner_texts()
    assert [text for text in map(str.strip, texts) if text != "中文" and _ours_in_chinese(text)] == []


def _ours_in_chinese(text: str) -> bool:
    """Whether this is a sentence of our Chinese catalogues, whatever stands at its changing parts."""
    return bool(re.search("[\u4e00-\u9fff]", text) and chinese_sentences().fullmatch(text))


@cache
def chinese_sentences() -> re.Pattern[str]:
    """Every Chinese sentence of ours; a changing part is `%(name)s`, `{name}` or `{1}`."""
    forms = {form for forms in translations("zh-CN").values() for form in forms}
    shapes = [
        "".join(
            ".+" if place % 2 else re.escape(part)
            for place, part in enumerate(_CHANGING.split(form.replace("%%", "%")))
        )
        for form in sorted(forms)
        if re.search("[\u4e00-\u9fff]", _CHANGING.sub("", form))
    ]
    return re.compile("|".join(shapes), re.DOTALL)


def test_a_sentence_is_known_by_its_words_and_not_by_its_numbers() -> None:
    assert _ours_in_chinese("剩 5 分钟")
    assert _ours_in_chinese("投诉")
    assert not _ours_in_chinese("5 min left")
    assert not _ours_in_chinese("林女士")


@pytest.mark.parametrize("user", sorted({shown.user or "" for shown in PAGES}))
async def test_no_page_is_wider_than_a_phone(
    page_for: PageFor, site: Site, sample: dict[str, str], user: str
) -> None:
    page = await page_for(user or None, language="en", phone=True)
    wide = {}
    for shown in PAGES:
        if (shown.user or "") == user:
            await go(page, site, shown, sample)
            wide[shown.name] = await too_wide(page)
    assert {name: over for name, over in wide.items() if over > 0} == {}


async def test_a_list_is_walked_and_left_by_keyboard(
    page_for: PageFor, site: Site, sample: dict[str, str]
) -> None:
    page = await page_for(CLERK, language="en")
    await page.goto(f"{site.url}/queue/all")
    numbers = await page.locator("[data-rows] .queue-number > a").all_inner_texts()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    now = page.locator(".row-now")
    await expect(now).to_contain_text(numbers[1])
    await expect(now.locator("input[type=checkbox]")).to_be_checked()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site.url}/case/{numbers[1]}")
    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await page.wait_for_url(f"{site.url}/queue/mine")
    await page.keyboard.press("n")
    await page.wait_for_url(f"{site.url}/intake")


async def test_from_a_case_one_goes_on_to_its_neighbours_in_the_list(
    page_for: PageFor, site: Site, sample: dict[str, str]
) -> None:
    page = await page_for(DIRECTOR, language="en")
    for path in ("/queue/all", "/wall/list/open_now"):
        await page.goto(site.url + path)
        numbers = await page.locator("[data-rows] a[href^='/case/']").all_inner_texts()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{site.url}/case/{numbers[0]}")
        await page.keyboard.press("?")
        await expect(page.locator("#keys").get_by_text("Next complaint of the list")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press(">")
        await page.wait_for_url(f"{site.url}/case/{numbers[1]}")
        await page.keyboard.press("<")
        await page.wait_for_url(f"{site.url}/case/{numbers[0]}")
        await page.keyboard.press("<")
        await page.wait_for_url(site.url + path)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator(".row-now input[type=checkbox]")).to_be_checked()


async def test_only_who_reads_the_figures_is_led_to_them(site: Site) -> None:
    for user, led in (("cs_specialist-1", False), ("cs_director-1", True), ("project_manager-1", True)):
        client = await site.signed_in(user)
        assert ('href="/wall"' in (await client.get("/queue/mine")).text) is led, user
        assert ((await client.get("/wall")).status_code == 200) is led, user


async def test_shortcuts_are_listed_from_the_page_and_never_fire_while_typing(
    page_for: PageFor, site: Site
) -> None:
    page = await page_for(DIRECTOR, language="en")
    await page.goto(f"{site.url}/queue/all")
    await page.keyboard.press("?")
    sheet = page.locator("#keys")
    await expect(sheet).to_be_visible()
    await expect(sheet.get_by_text("New complaint")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.type("n?gw")
    await expect(page.locator("#search")).to_have_value("n?gw")
    await expect(sheet).to_be_hidden()
    assert page.url == f"{site.url}/queue/all"
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("w")
    await page.wait_for_url(f"{site.url}/wall")


async def test_the_palette_goes_to_a_number_and_to_a_page(
    page_for: PageFor, site: Site, sample: dict[str, str]
) -> None:
    page = await page_for(CLERK, language="en")
    await page.goto(f"{site.url}/queue/mine")
    await page.keyboard.press("Control+k")
    await page.keyboard.type(sample["working"])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site.url}/case/{sample['working']}")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("duties")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site.url}/duties")


async def test_the_theme_follows_the_device_until_one_is_chosen(page_for: PageFor, site: Site) -> None:
    page = await page_for(None, language="en", theme="dark")
    await page.goto(f"{site.url}/sign-in")
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await page.emulate_media(color_scheme="light")
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


async def test_language_is_switched_from_the_menu_without_script(site: Site, page_for: PageFor) -> None:
    page = await page_for("cs_specialist-2", language="zh-CN")
    await page.goto(f"{site.url}/queue/mine")
    await page.locator("header details.menu > summary").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{site.url}/queue/mine"


@pytest.mark.parametrize("status", [403, 404, 405, 409, 410, 413, 418, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_error_page_says_what_happened_and_what_next(status: int, language: str) -> None:
    now = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
    request = Request({"type": "http", "method": "GET", "path": "/x", "headers": [], "query_string": b""})
    asker = Asker(id="x", roles=(Role.CS_SPECIALIST,))
    who = SimpleNamespace(id="x", name="X", asker=asker, language=language, theme="auto", csrf="c")
    shown = Pages(lambda: now).render(request, who, "errors/error.html", {"status": status})  # type: ignore[arg-type]
    main = shown[shown.index("<main") : shown.index("</main>")]
    assert "<h1" in main
    assert f"{status} · 2026-03-02" in main
    assert len(re.findall(r"<p[ >]", main)) == 2
    assert len(re.findall(r'<a class="btn btn-primary btn-sm" href="/[^"]*"', main)) == 1, "a way back"
    assert bool(re.search(r"[\u4e00-\u9fff]", main)) == (language == "zh-CN")
    assert "Traceback" not in main
