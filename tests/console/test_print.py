"""A case on paper: the customer's version holds what the customer may see and nothing else, and paper is white."""

from datetime import timedelta
from hashlib import sha256

import pytest

from console.files.taking import book_of
from domain.roles import CUSTOMER
from records.files import NewFile, new_file_id
from tests.console.conftest import PageFor
from tests.console.served import Site
from tests.console.test_files_served import photo, send

#: the computed colours of what is shown and holds text, as sRGB with alpha, each 0…255
COLOURS = """([where, which]) => {
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const told = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const seen = [...document.querySelectorAll(where)].filter((one) => one.getClientRects().length);
  return seen.filter((one) => which !== "color" || told(one)).map((one) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = getComputedStyle(one)[which];
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  });
}"""
CLERK, LEAD, LEGAL = "cs_specialist-1", "project_manager-1", "legal-1"
RELEASED = ("we come on Monday", "the customer may read this note", "the ceiling drips")
INTERNAL = (
    "only for us",
    "a torn seal of ours",
    "check the seals",
    "the owner is a lawyer",
    "are we bound",
    "settle quickly",
    "article 473",
)


async def a_case(site: Site) -> str:
    """A complaint that was talked of to the customer and among us, investigated, and put on hold."""
    number = await site.house.open(text="the ceiling drips")
    soon = site.desk.now() + timedelta(days=2)
    for by, kind, fields in (
        (CLERK, "register", {}),
        (CLERK, "classify", {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple"}),
        (CLERK, "assign", {"department": "engineering", "lead": "PROJECT_MANAGER"}),
        (LEAD, "accept_handover", {}),
        (CLERK, "record_response", {"channel": "telephone", "effective": True, "text": "we come on Monday"}),
        (CLERK, "add_note", {"text": "only for us"}),
        (CLERK, "add_note", {"text": "the customer may read this note", "released": True}),
        (CLERK, "request_opinion", {"id": "O1", "question": "are we bound"}),
        (
            LEGAL,
            "give_opinion",
            {"id": "O1", "basis": "article 473", "advice": "settle quickly", "risk": "low"},
        ),
        (LEAD, "plan_visit", {"appointment": soon.isoformat(), "place": "unit 802"}),
        (LEAD, "record_visit", {"outcome": "DONE", "confirmed": True, "observations": "wet plaster"}),
        (LEAD, "confirm_findings", {"root_cause": "a torn seal of ours", "prevention": "check the seals"}),
        (
            CLERK,
            "hold",
            {"reason": "the owner is a lawyer", "waiting_for": "customer", "until": soon.isoformat()},
        ),
    ):
        await site.house.do(number, kind, by, **fields)
    return number


@pytest.mark.requirement("LIF-04")
async def test_paper_for_the_customer_holds_what_was_released_and_the_other_all(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in(CLERK)
    ours, theirs = photo(7001), photo(7002)
    await send(client, number, ("ours.jpg", ours))
    digest, size = sha256(theirs), len(theirs)
    new = NewFile(
        new_file_id(),
        "theirs.jpg",
        digest.digest(),
        size,
        "image/jpeg",
        "photographs",
        thumbnail=False,
        secret=bytes(32),
    )
    await book_of(site.desk).add(number, new, CUSTOMER)
    paper = main_of((await client.get(f"/case/{number}/print")).text)
    whole = main_of((await client.get(f"/case/{number}/print?internal=1")).text)
    for words in RELEASED:
        assert words in paper, words
        assert words in whole, words
    for words in INTERNAL:
        assert words not in paper, words
        assert words in whole, words
    assert digest.hexdigest() in paper
    assert sha256(ours).hexdigest() not in paper
    assert sha256(ours).hexdigest() in whole
    assert "PROJECT_MANAGER" not in paper


async def test_the_paper_speaks_the_customer_s_language_and_what_stands_around_it_the_clerk_s(
    site: Site,
) -> None:
    number = await site.house.open(language="zh-CN")
    await site.house.do(number, "register", CLERK)
    await send(client := await site.signed_in(CLERK, language="en"), number, ("ours.jpg", photo(7003)))
    page = main_of((await client.get(f"/case/{number}/print")).text)
    frame, paper = page.split('<article lang="zh-CN">')
    assert "Print everything" in frame
    for told in ("我们收到了您的投诉", "经过", "周"):
        assert told in paper, told
    assert "We received" not in page


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


async def test_a_button_prints_the_page_and_is_not_on_the_paper(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for(CLERK, language="en")
    await page.add_init_script("window.print = () => { document.title = 'printed'; }")
    for path in (f"/case/{number}/print", "/process"):
        await page.goto(site.url + path)
        button = page.locator("main").get_by_role("button", name="Print", exact=True)
        await button.click()
        assert await page.title() == "printed", path
        await page.emulate_media(media="print")
        assert not await button.is_visible()
        await page.emulate_media(media="screen")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_paper_is_dark_on_white_in_both_themes(site: Site, page_for: PageFor, theme: str) -> None:
    """Every text that is printed, by its computed colour: at least 4.5 : 1 on white."""
    number = await a_case(site)
    page = await page_for(CLERK, language="en", theme=theme)
    await page.goto(f"{site.url}/case/{number}/print?internal=1")
    await page.emulate_media(media="print")
    texts = await page.evaluate(COLOURS, ["main *", "color"])
    assert len(texts) > 30
    assert [one for one in texts if contrast_on_white(one) < 4.5] == []
    grounds = await page.evaluate(COLOURS, ["body, .entry, .side, .case-next, .case-hold", "backgroundColor"])
    assert len(grounds) > 10
    assert [one for one in grounds if one[3] and contrast_on_white(one) > 1.3] == []


def contrast_on_white(colour: list[int]) -> float:
    """The contrast of an sRGB colour on white (WCAG 2.1), from 1 to 21."""
    parts = [one / 255 for one in colour[:3]]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
