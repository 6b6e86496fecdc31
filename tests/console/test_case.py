"""The page of a case: what it shows, to whom, and at what cost."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import asyncpg
import httpx2
import pytest

from console.case.warranty import covers
from console.words import Words
from domain.complaint import Complaint
from records.db import connect
from records.master import import_units
from records.views.casefile import Unit
from tests.console.conftest import PageFor
from tests.console.lives import to_feedback
from tests.console.served import Site, a_site
from tests.console.test_customer import key, token_of
from tests.console.test_files_served import photo
from tests.workflows.house import another_build

NASTY = "<script>alert(1)</script> {{7*7}} \u202eRTL\u202c 😀 'quoted' <b>bold</b>"
UNITS = (
    "project,project_name,unit,handed_over_on,warranty_until\nJLY,示例·锦澜苑,3栋1201,2024-05-01,2029-05-01\n"
)


async def a_case(site: Site, **opening: str) -> str:
    """A registered and classified complaint about leakage, on a unit of the master data."""
    connection = await connect(site.house.url)
    await import_units(connection, UNITS.encode(), "units.csv")
    await connection.close()
    given: dict[str, str] = {"project": "JLY", "unit": "3栋 1201", "text": NASTY, **opening}
    number = await site.house.open("cs_specialist-1", **given)
    await site.house.do(number, "register", "cs_specialist-1")
    await site.house.do(
        number,
        "classify",
        "cs_specialist-1",
        type="PRODUCT",
        cause="ENGINEERING",
        severity="complex",
        topic="leakage",
    )
    return number


@pytest.fixture
async def logged(site: Site, server_directory: Path, tmp_path: Path) -> AsyncIterator[tuple[Site, Path]]:
    """A console of its own whose every statement is in the server's log, and that log."""
    house = site.house
    database = house.url.rsplit("/", 1)[1]
    admin = await asyncpg.connect(house.url)
    await admin.execute(f"ALTER DATABASE {database} SET log_statement = 'all'")
    try:
        async with another_build(house, house.build) as other, a_site(other, tmp_path) as served:
            yield served, server_directory / "logs" / "postgres.log"
    finally:
        await admin.execute(f"ALTER DATABASE {database} RESET log_statement")
        await admin.close()


@pytest.mark.requirement("LIF-11")
async def test_the_page_says_who_does_what_until_when(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in("cs_specialist-1")
    page = (await client.get(f"/case/{number}")).text
    assert "Hand the complaint to the responsible department and name the lead." in page
    assert 'aria-current="step"' in page
    steps = re.findall(r'class="case-step case-step-(\w+)"', page)
    assert steps == ["done", "now", *["ahead"] * 6]
    assert re.search(r"Classified as Product[^<]* / Engineering[^<]*, [Cc]omplex", page)


async def test_what_people_wrote_is_shown_and_never_run(site: Site, page_for: PageFor) -> None:
    number = await a_case(site)
    await site.house.do(number, "add_note", "cs_specialist-1", text=NASTY)
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/case/{number}")
    texts = await page.locator(".entry-text").all_inner_texts()
    assert texts.count(NASTY) == 2
    assert await page.locator(".entry script, .entry b").count() == 0


@pytest.mark.requirement("CUS-07", "CUS-09")
async def test_a_contact_is_whole_only_for_who_may_see_it_and_that_is_on_record(site: Site) -> None:
    number = await a_case(site)
    director = await site.signed_in("cs_director-1")
    auditor = await site.signed_in("auditor-1")
    masked = (await director.get(f"/case/{number}")).text
    assert "林**" in masked
    assert "林女士" not in masked
    assert "000-0000-0001" not in masked
    assert "3栋1201" not in masked
    whole = await director.post(f"/case/{number}/reveal", headers={"HX-Request": "true"})
    assert "林女士" in whole.text
    assert 'href="tel:000-0000-0001"' in whole.text
    assert "/reveal" not in (await auditor.get(f"/case/{number}")).text
    assert (await auditor.post(f"/case/{number}/reveal")).status_code == 404
    async with site.house.office.pool.acquire() as connection:
        contact = await connection.fetchval(
            "SELECT words ->> 'contact' FROM receipts WHERE number = $1", number
        )
        reads = await site.house.office.texts.reads_of(connection, number)
    readers = [r.reader for r in reads if r.text_id == contact and not r.reader.startswith("system:")]
    assert readers == ["masked:cs_director-1", "cs_director-1", "masked:auditor-1"]


async def test_a_case_that_is_not_theirs_is_not_there(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in("sales_staff-1")
    for part in (
        "",
        "/timeline",
        "/news",
        "/print",
        "/why?deadline=1:first_response_hours",
        "/events",
        "/presence",
    ):
        assert (await client.get(f"/case/{number}{part}")).status_code == 404, part
    assert (await client.post(f"/case/{number}/reveal")).status_code == 404
    assert (await client.get("/case/2026-999999")).status_code == 404
    assert (await client.get("/case/..%2F..%2Fetc")).status_code == 404


async def test_a_deadline_says_why_it_is_there(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in("cs_specialist-1")
    until = datetime.now(UTC) + timedelta(days=3)
    await site.house.do(
        number, "hold", "cs_specialist-1", reason="waiting", waiting_for="supplier", until=until
    )
    await site.house.do(number, "resume", "cs_specialist-1")
    state: Complaint = await site.house.state(number)
    handling = next(one for one in state.deadlines.values() if one.name == "handling_days")
    why = (await client.get(f"/case/{number}/why", params={"deadline": handling.id})).text
    for part in (
        handling.rule,
        "7 / ",
        "our proposal, until the leading group has approved it",
        "2026-01",
        "cn-2026",
        "Stood still",
        "from the receipt of the complaint",
        "every hour counts",
    ):
        assert part in why, part
    clerk = await site.signed_in("cs_specialist-2", "zh-CN")
    told = (await clerk.get(f"/case/{number}/why", params={"deadline": handling.id})).text
    told = re.sub(r"<(svg|script)\b.*?</\1>|<[^>]+>", " ", told[told.index("why-list") :], flags=re.DOTALL)
    assert re.search(r"简单 \d+ / 复杂 \d+ 天", told)
    assert re.findall(r"[A-Za-z]+_[A-Za-z]+|\b[a-z]+ [a-z]+", told) == [], "no code, no English sentence"
    assert (await client.get(f"/case/{number}/why", params={"deadline": "99:nothing"})).status_code == 404


async def test_the_timeline_shows_what_is_asked_for(site: Site) -> None:
    number = await a_case(site)
    await site.house.do(number, "add_note", "cs_specialist-1", text="only for us")
    refused = await site.house.say(number, "assign", "technician-1", department="legal", lead="LEGAL")
    assert not refused.accepted
    client = await site.signed_in("cs_specialist-1")
    everything = (await client.get(f"/case/{number}")).text
    assert "only for us" in everything
    assert "entry-refused" not in everything
    talk = (await client.get(f"/case/{number}", params={"show": "talk"})).text
    assert "only for us" not in talk
    assert "Came in by" in talk
    assert "entry-refused" in (await client.get(f"/case/{number}", params={"show": "steps,refused"})).text
    oldest = (await client.get(f"/case/{number}", params={"order": "oldest"})).text
    assert oldest.index('id="turn-1"') < oldest.index('id="turn-3"')
    assert everything.index('id="turn-3"') < everything.index('id="turn-1"')


@pytest.mark.requirement("LIF-04")
async def test_late_entries_corrections_and_what_the_customer_may_see_are_marked(site: Site) -> None:
    number = await a_case(site)
    at = datetime.now(UTC)
    await site.house.do(
        number,
        "record_response",
        "cs_specialist-1",
        channel="telephone",
        effective=True,
        text="told",
        happened_at=at,
    )
    turn = (await site.house.state(number)).turn
    await site.house.do(
        number, "correct", "cs_specialist-1", turn=turn, reason="wrong word", fields={"text": "told them"}
    )
    page = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text
    assert "customer may see" in page
    assert "entered later" in page
    assert f'<a href="#turn-{turn}">turn {turn}</a>' in page
    assert f'<a href="#turn-{turn + 1}">turn {turn + 1}</a>' in page
    assert "told them" in page


async def test_the_warranty_answers_for_the_day_of_complaint(site: Site) -> None:
    number = await a_case(site)
    page = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text
    rows = re.findall(r"<tr(?P<chosen>[^>]*)>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert len(rows) == 5
    [chosen] = re.findall(r'<tr class="table-active".*?</tr>', page, re.DOTALL)
    assert "Waterproofing" in chosen
    assert "2029-05-01" in chosen
    assert "in warranty" in chosen
    wiring = page[page.index("Wiring, pipes") :]
    assert "2026-05-01" in wiring[:300]
    assert "in warranty by the contract" in wiring[:600]


@pytest.mark.requirement("KNO-02")
async def test_cases_like_it_show_what_satisfied_both_sides(site: Site) -> None:
    settled = await to_feedback(site.house)
    for kind, fields in (
        ("record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": True}),
        ("record_visit_attempt", {"reached": True}),
        ("record_follow_up", {"satisfied": True, "score": 5}),
        ("record_response", {"channel": "telephone", "effective": True}),
        ("archive", {"result": "BOTH_SATISFIED"}),
    ):
        await site.house.do(settled, kind, "cs_specialist-1", **fields)
    number = await a_case(site)
    page = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text
    alike = page[page.index("Settled cases like this one") :]
    assert settled in alike
    assert "repair" in alike


async def test_legal_steps_are_told_in_words_with_their_article(site: Site) -> None:
    number = await to_feedback(site.house)
    await site.house.do(
        number, "record_feedback", "cs_specialist-1", attempt=1, channel="telephone", satisfied=False
    )
    page = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text
    lights = {
        title: (colour, words.strip())
        for colour, title, words in re.findall(
            r'light-(green|amber|red)"><summary>.*?<strong>(.*?)</strong> <span>(.*?)</span>', page, re.DOTALL
        )
    }
    assert lights["Start mediation"][0] == "red"
    assert lights["Choose the court"] == (
        "amber",
        "– only under conditions: with the leading group&#39;s approval to skip a rung",
    )
    assert lights["File a suit, or register the customer&#39;s"][0] == "amber"
    assert "Arbitration Law (2025) art. 4, 27, 29" in page
    closed = [title for title, (colour, _) in lights.items() if colour == "red"]
    [fold] = re.findall(
        r'<details class="side-rest" id="lights-closed">.*?possible now, and why', page, re.DOTALL
    )
    assert f">{len(closed)} step" in fold
    behind = page[page.index(fold) :]
    assert {title for title in lights if f"<strong>{title}</strong>" in behind} == {*closed}
    assert "No limitation date is set" in page


@pytest.mark.parametrize("turns", [10, 200])
async def test_a_page_is_at_most_six_statements(logged: tuple[Site, Path], turns: int) -> None:
    served, log = logged
    number = await a_case(served)
    for place in range((await served.house.state(number)).turn, turns):
        await served.house.do(number, "add_note", "cs_specialist-1", text=f"note {place}")
    client = await served.signed_in("cs_specialist-1")
    file = {"file": ("厨房.jpg", photo())}
    added = await client.post(f"/case/{number}/files", data={"subkind": "photographs"}, files=file)
    assert added.status_code in (200, 303)
    await client.get(f"/case/{number}")
    start = log.stat().st_size
    page = await client.get(f"/case/{number}")
    said = log.read_bytes()[start:].decode()
    assert page.status_code == 200
    assert "厨房.jpg" in page.text
    assert page.text.count('class="entry entry-notes') == min(49, turns - 3)
    own = statements_in(said)
    assert 3 <= len(own) <= 6, own


def statements_in(said: str) -> list[str]:
    """What a page asked PostgreSQL, out of its log; bulk jobs are looked for meanwhile."""
    beside = ("BEGIN", "COMMIT", "-- The oldest job that nobody holds")
    statements = re.findall(r"LOG:  (?:execute [^:]*|statement): (.+)", said)
    return [text for text in statements if not text.startswith(beside)]


async def test_the_customers_page_is_at_most_six_statements_too(logged: tuple[Site, Path]) -> None:
    served, log = logged
    number = await to_feedback(served.house)
    stranger, token = served.stranger(), await token_of(served, number)
    await stranger.post(f"/s/{token}/add", data=key(), files={"photo": ("厨房.jpg", photo())})
    await stranger.get(f"/s/{token}")
    start = log.stat().st_size
    page = await stranger.get(f"/s/{token}")
    own = statements_in(log.read_bytes()[start:].decode())
    assert "厨房.jpg" in page.text
    assert "问题解决了吗" in page.text
    assert 3 <= len(own) <= 6, own


async def test_older_turns_come_page_by_page(site: Site) -> None:
    number = await a_case(site)
    for place in range(60):
        await site.house.do(number, "add_note", "cs_specialist-1", text=f"note {place}")
    client = await site.signed_in("cs_specialist-1")
    first = (await client.get(f"/case/{number}")).text
    edge = re.search(r"timeline\?[^\"]*edge=(\d+)", first)
    assert edge is not None
    rest = (
        await client.get(f"/case/{number}/timeline", params={"edge": edge[1]}, headers={"HX-Request": "true"})
    ).text
    shown = [int(turn) for part in (first, rest) for turn in re.findall(r'id="turn-(\d+)"', part)]
    assert shown == list(range(63, 0, -1))


async def test_paper_leaves_internal_notes_out(site: Site) -> None:
    number = await a_case(site)
    await site.house.do(number, "add_note", "cs_specialist-1", text="only for us")
    client = await site.signed_in("cs_specialist-1")
    assert "only for us" not in (await client.get(f"/case/{number}/print")).text
    assert "only for us" in (await client.get(f"/case/{number}/print?internal=1")).text


async def test_operators_go_to_temporal_from_here(site: Site) -> None:
    number = await a_case(site)
    link = f"/namespaces/{site.house.client.namespace}/workflows/complaint-{number}"
    assert link in (await (await site.signed_in("admin-1")).get(f"/case/{number}")).text
    assert link not in (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text


async def test_erased_words_are_said_to_be_erased(site: Site) -> None:
    number = await a_case(site)
    async with site.house.office.pool.acquire() as connection:
        await site.house.office.texts.erase(connection, number, "admin-1")
    page = await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")
    assert page.status_code == 200
    assert "<em>erased</em>" in page.text


async def test_a_deadline_that_passes_while_one_looks_is_said_once(site: Site, page_for: PageFor) -> None:
    """Words, colour and icon change together; the time that is told anew every half minute is not read aloud."""
    number = await a_case(site)
    page = await page_for("cs_specialist-1", language="en")
    await page.clock.install(time=site.desk.now())
    await page.goto(f"{site.url}/case/{number}")
    chip = page.locator(".case-deadlines .chip", has_text="First response")
    assert "chip-overdue" not in (await chip.get_attribute("class") or "")
    assert await page.locator(".case-deadlines[aria-live], [aria-live] .case-deadlines").count() == 0
    for _ in range(2):
        await page.clock.fast_forward("24:00:00")
    await page.locator(".case-deadlines .chip-overdue", has_text="First response").wait_for()
    sign = await chip.locator("use").get_attribute("href")
    assert sign is not None
    assert sign.endswith("#alert-triangle")
    assert await page.locator("#case-news p", has_text="First response").count() == 1


async def test_a_phone_shows_the_page_without_sideways_scrolling(site: Site, page_for: PageFor) -> None:
    number = await a_case(site)
    page = await page_for("cs_specialist-1", phone=True)
    await page.goto(f"{site.url}/case/{number}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.locator(".case-phone a").first.is_visible()


@pytest.mark.parametrize(
    ("agreed", "by_contract"), [(None, False), (date(2026, 6, 1), True), (date(2026, 3, 1), False)]
)
def test_a_contract_may_cover_longer_than_the_law(agreed: date | None, by_contract: bool) -> None:
    """Wiring is covered for two years by the law, which are over on the day of the complaint."""
    unit = Unit(
        project="P", name="1-1", building=None, handed_over_on=date(2024, 3, 1), warranty_until=agreed
    )
    told = datetime(2026, 4, 1, 2, tzinfo=UTC)
    found = {cover.code: cover for cover in covers(unit, None, None, told, Words("en"))}
    over = {code for code, cover in found.items() if cover.inside is False}
    assert over
    assert {code for code, cover in found.items() if cover.by_contract} == (over if by_contract else set())


async def test_a_message_that_has_not_reached_the_customer_yet_is_named(site: Site) -> None:
    number = await site.house.open()
    await site.house.office.pool.execute(
        """INSERT INTO outbox (key, number, turn, receiver, template, params, not_before, due_at)
           VALUES ($1, $1, 1, 'CUSTOMER', 'progress', '{}', '2099-01-01T00:00Z', '2099-01-01T00:00Z')""",
        number,
    )
    page = await told(await site.signed_in("cs_specialist-1"), number)
    assert "To the customer: Progress notice · leaves 2099-01-01 Thu 08:00" in page


async def told(client: httpx2.AsyncClient, number: str) -> str:
    """The page of a case as one line of text."""
    page = unescape((await client.get(f"/case/{number}")).text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
