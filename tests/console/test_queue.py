"""The lists of the desk as pages: rows, filters in the address, search without a trace, lists of one's own, keys."""

import asyncio
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from console.app import make_app
from console.lists.asking import write_cursor
from console.service import desk_for
from records.db import Pool
from records.master import import_units
from records.views.queue import Place
from tests.console.conftest import PageFor
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site, settings_at
from tests.console.session_of import session_of
from tests.workflows.house import another_build

ROW = re.compile(r'name="number" value="(\d{4}-\d{6,})"')


async def a_case(site: Site, **opening: Any) -> str:
    number = await site.house.open(**opening)
    await site.house.do(number, "register", "cs_specialist-1")
    return number


async def test_a_new_complaint_stands_in_the_lists_it_belongs_to(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in("cs_specialist-1")
    for view in ("mine", "unassigned", "all", "team"):
        page = await client.get(f"/queue/{view}?sort=newest")
        assert page.status_code == 200
        assert number in ROW.findall(page.text), view
    assert number not in ROW.findall((await client.get("/queue/waiting")).text)
    assert (await client.get("/")).url.path == "/queue/mine"


async def test_an_empty_list_sends_its_reader_where_something_waits(site: Site) -> None:
    number, house = await a_case(site), site.house
    for by, kind, fields in TO_FEEDBACK[1:5]:
        await house.do(number, kind, by, **fields)
    offer: dict[str, Any] = {"solution": "S1", "measures": ["修补"], "compensation": "3000.00"}
    await house.do(number, "propose_solution", "project_manager-1", **offer)
    client = await site.signed_in("finance-1")
    pages = [(await client.get(f"/queue/{view}")).text for view in ("mine", "watched", "crisis", "second")]
    empty = [
        page for page in pages if "This list is empty." in page
    ]  # not all: others have given finance work
    onward = {*re.findall(r'class="btn btn-primary btn-sm" href="([^"]+)"', "".join(empty))}
    assert onward & {"/queue/mine", "/queue/approvals"}, "what asks for something, before what only is there"
    assert onward <= {"/queue/mine", "/queue/approvals"}


async def test_who_has_taken_a_case_on_for_their_seat_finds_it_among_their_own(site: Site) -> None:
    number = await a_case(site)
    for by, kind, fields in TO_FEEDBACK[1:3]:
        await site.house.do(number, kind, by, **fields)
    clients = [await site.signed_in(f"project_manager-{n}") for n in (1, 2)]
    assert not any([number in (await client.get("/queue/mine")).text for client in clients])
    await site.house.do(number, "accept_handover", "project_manager-2")
    assert [number in (await client.get("/queue/mine")).text for client in clients] == [False, True]


@pytest.mark.requirement("ORG-08")
async def test_nobody_finds_what_is_not_theirs(site: Site) -> None:
    number = await a_case(site, contact="13800001234")
    client = await site.signed_in("technician-1")
    assert number not in (await client.get("/queue/all?sort=newest&ended=any")).text
    assert number not in (await client.get(f"/queue/all?q={number[-6:]}")).text
    found = await client.post("/queue/search", data={"q": "138 0000 1234"})
    assert "Nothing was found" in found.text


async def test_a_project_of_the_master_data_is_named_and_found_by_its_name(site: Site) -> None:
    units = "project,project_name,unit\nZYW,示例·栖霞里,9-1-0101\n"
    async with site.desk.office.pool.acquire() as connection:
        await import_units(connection, units.encode(), "units.csv")
    number = await a_case(site, project="示例·栖霞里", unit="9-1-0101", contact="13800007001")
    client = await site.signed_in("cs_specialist-1")

    offered = (await client.get("/queue/all/filters")).text
    assert '<option value="ZYW">示例·栖霞里</option>' in offered
    for typed in ("栖霞里", "zyw", "栖霞里 9-1-0101", "9-1-0101"):
        found = await client.post("/queue/search", data={"q": typed})
        assert ROW.findall(found.text) == [number], typed
        assert "示例·栖霞里 9-1-0101" in found.text, typed
        assert "ZYW " not in found.text, typed
    export = (await client.get("/export?list=queue/all&project=ZYW&format=csv")).text
    assert number in export
    chips = (await client.get("/queue/mine?project=ZYW&type=LEGAL")).text
    assert ROW.findall(chips) == []
    assert "示例·栖霞里" in chips


async def test_a_project_the_master_data_do_not_know_is_found_as_written(site: Site) -> None:
    number = await a_case(site, project="示例·无名小区", unit=None)
    found = await (await site.signed_in("cs_specialist-1")).post("/queue/search", data={"q": "示例·无名小区"})
    assert ROW.findall(found.text) == [number]
    hidden = await (await site.signed_in("technician-1")).post("/queue/search", data={"q": "示例·无名小区"})
    assert "Nothing was found" in hidden.text


@pytest.mark.requirement("CUS-10")
async def test_a_telephone_number_finds_the_case_and_stands_in_no_address(site: Site) -> None:
    number = await a_case(site, contact="13800005678")
    client = await site.signed_in("cs_specialist-1")
    for found in (
        await client.post("/queue/search", data={"q": "+86 138-0000-5678"}),
        await client.get("/queue/all", params={"q": "13800005678"}),
    ):
        assert ROW.findall(found.text) == [number]
        assert "5678" not in found.url.query.decode()
        assert "telephone, e-mail or unit" in found.text
    whole = await client.post("/queue/search", data={"q": number})
    assert whole.url.path == f"/case/{number}"
    tail = await client.post("/queue/search", data={"q": number[-6:]})
    assert number in ROW.findall(tail.text)


async def test_filters_are_chips_that_can_be_taken_away(site: Site) -> None:
    number = await a_case(site)
    client = await site.signed_in("cs_specialist-1")
    page = await client.get("/queue/all?stage=REGISTERED&owner=me&received_from=2020-01-01&sort=newest")
    assert number in ROW.findall(page.text)
    links = re.findall(r'class="chip chip-calm" href="([^"]+)"', page.text)
    assert [link.count("=") for link in links] == [3, 3, 3]
    assert "stage=" not in links[0]
    assert "owner=me" in links[0]
    empty = await client.get("/queue/all?received_to=2001-01-01")
    assert ROW.findall(empty.text) == []
    assert "No complaint fits these filters." in empty.text


@pytest.mark.parametrize(
    "query",
    [
        "stage=NOWHERE",
        "due_before=yesterday",
        "owner=<script>",
        "mark=xyz",
        "ended=perhaps",
        "tag=林女士",
        "sort=random",
        "after=AAAA",
        *(
            "after=" + urlsafe_b64encode(f"due|{at}|0|2026-000123".encode()).decode().rstrip("=")
            for at in ("0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-03-02T09:20")
        ),
        "after=%00",
        "round=2",
        "due_after=9999-12-31",
    ],
)
async def test_a_filter_that_cannot_be_is_told_and_left_out(site: Site, query: str) -> None:
    client = await site.signed_in("cs_specialist-1")
    page = await client.get(f"/queue/all?{query}")
    assert page.status_code == 200
    assert 'class="alert alert-warning"' in page.text
    assert "<script>alert" not in page.text


async def test_there_is_no_other_list(site: Site) -> None:
    client = await site.signed_in("cs_specialist-1")
    for address in ("/queue/everything", "/queue/everything/filters", "/queue/counts?view=x"):
        assert (await client.get(address)).status_code == 404


async def test_pages_beside_the_lists_lead_back_to_them(site: Site) -> None:
    """The filters alone, what is not found, and what is not understood."""
    client = await site.signed_in("cs_specialist-1")
    filters = (await client.get("/queue/all/filters?stage=FEEDBACK")).text
    assert '<a href="/queue/all?stage=FEEDBACK">' in filters
    nothing = await client.post("/queue/search", data={"q": "nobody knows this"})
    broken = await client.get("/case/2026-000001/why")
    assert broken.status_code == 422
    for page in (nothing.text, broken.text):
        assert 'href="/queue/mine"' in page[page.index("<main") : page.index("</main>")]


async def test_a_list_of_ones_own_keeps_filters_order_and_columns(site: Site) -> None:
    await a_case(site)
    client = await site.signed_in("cs_specialist-2")
    await client.post("/queue/all/columns", data={"column": ["customer", "channel"]})
    page = await client.get("/queue/all")
    assert '<th scope="col">Channel</th>' in page.text
    assert '<th scope="col">Stage</th>' not in page.text
    kept = await client.post(
        "/queue/views",
        data={"view": "all", "query": "stage=REGISTERED&sort=newest", "name": "等反馈"},
    )
    assert "<h1>等反馈" in kept.text
    assert "saved=" in kept.url.query.decode()
    assert '<th scope="col">Channel</th>' in kept.text
    again = await client.post("/queue/views", data={"view": "all", "query": "", "name": "13800001234"})
    assert again.status_code == 422
    assert "Keep telephone numbers out" in again.text
    assert 'value="13800001234"' in again.text
    other = await site.signed_in("cs_specialist-1")
    assert "等反馈" not in (await other.get("/queue/all")).text
    mine = re.search(r"/queue/views/(\d+)/delete", kept.text)
    assert mine is not None
    assert (await other.post(f"/queue/views/{mine[1]}/delete")).status_code == 404
    gone = await client.post(f"/queue/views/{mine[1]}/delete")
    assert "等反馈" not in gone.text


async def test_counts_say_what_is_new_since(site: Site) -> None:
    client = await site.signed_in("cs_specialist-1")
    page = await client.get("/queue/unassigned")
    had = re.search(r"had=(\d+)", page.text)
    assert had is not None
    await a_case(site)
    fresh = await client.get(f"/queue/counts?view=unassigned&had={had[1]}")
    assert "1 new complaint." in fresh.text
    assert 'hx-swap-oob="true"' in fresh.text


async def test_the_next_page_goes_on(site: Site) -> None:
    """With script as rows alone, without it as a page; no row twice, none left out."""
    made = {await a_case(site) for _ in range(3)}
    client = await site.signed_in("cs_specialist-1")
    # 50 rows fill a page; these three are among the first of a list by receipt, so step by a cursor of our own.
    first = await client.get("/queue/all?sort=newest")
    rows = ROW.findall(first.text)
    state = await site.desk.office.ledger.complaint(rows[0])
    cursor = write_cursor(Place(state.received_at, 14, rows[0]), "newest")
    for headers in ({}, {"HX-Request": "true"}):
        rest = await client.get(f"/queue/all?sort=newest&after={cursor}", headers=headers)
        assert ROW.findall(rest.text)[:10] == rows[1:11]
        assert ("<html" in rest.text) == (not headers)
    assert made <= set(rows)


async def test_rows_are_walked_by_keys(site: Site, page_for: PageFor) -> None:
    await a_case(site)
    await a_case(site)
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/queue/all?sort=newest")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    chosen = page.locator("tr.row-now input[type=checkbox]")
    assert await chosen.is_checked()
    number = await chosen.get_attribute("value")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/case/{number}")


async def test_the_filter_form_unfolds_in_place(site: Site, page_for: PageFor) -> None:
    number = await a_case(site)
    page = await page_for("cs_specialist-1", language="en")
    await page.goto(f"{site.url}/queue/all?sort=newest")
    await page.keyboard.press("f")
    await page.locator("#filters summary", has_text="Stage").click()
    await page.locator("#filters").get_by_label("Awaiting classification", exact=True).check()
    await page.locator("#filters").get_by_role("button", name="Show").click()
    await page.wait_for_url("**/queue/all?*stage=REGISTERED*")
    assert await page.locator(f'input[value="{number}"]').count() == 1
    await page.locator(".queue-chips .chip").first.click()
    await page.wait_for_url("**/queue/all?sort=newest")


async def test_a_telephone_is_narrow_enough(site: Site, page_for: PageFor) -> None:
    await a_case(site)
    page = await page_for("cs_specialist-1", phone=True)
    await page.goto(f"{site.url}/queue/all?sort=newest")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_tags_are_kept_by_few_and_given_by_all(site: Site) -> None:
    number = await a_case(site)
    director = await site.signed_in("cs_director-1")
    bad = await director.post("/tags", data={"code": "Lin Wei", "zh": "林", "en": ""})
    assert bad.status_code == 422
    assert 'id="code-error"' in bad.text
    assert 'value="Lin Wei"' in bad.text
    assert (
        "wet-wall"
        in (await director.post("/tags", data={"code": "wet-wall", "zh": "墙湿", "en": "Wet wall"})).text
    )
    clerk = await site.signed_in("cs_specialist-1")
    assert (await clerk.post("/tags", data={"code": "x", "zh": "x", "en": "x"})).status_code == 403
    await clerk.post(f"/case/{number}/tags", data={"tag": "wet-wall"})
    page = await clerk.get("/queue/all?tag=wet-wall")
    assert ROW.findall(page.text) == [number]
    assert "Wet wall" in page.text
    stranger = await site.signed_in("technician-1")
    assert (await stranger.post(f"/case/{number}/tags", data={"tag": "vip"})).status_code == 404
    auditor = await site.signed_in("auditor-1")
    assert "Wet wall" in (await auditor.get(f"/case/{number}")).text
    marks = (await auditor.get(f"/case/{number}/tags")).text
    assert "#lock" in marks
    assert "<select" not in marks
    assert (await auditor.post(f"/case/{number}/tags", data={"tag": "vip"})).status_code == 403
    assert 'value="vip"' in (await clerk.get(f"/case/{number}/tags")).text
    await clerk.post(f"/case/{number}/tags", data={"tag": "wet-wall", "off": "true"})
    assert "Wet wall was taken off by" in (await auditor.get(f"/case/{number}/tags")).text
    assert ROW.findall((await clerk.get("/queue/all?tag=wet-wall")).text) == []


async def test_a_page_costs_six_statements_at_most(site: Site, tmp_path: Path) -> None:
    """The same number for two rows and for all; session, counts, rows and names."""
    numbers = [await a_case(site) for _ in range(3)]
    name, token, _ = await session_of(site.desk, "cs_specialist-1")
    async with another_build(site.house, site.house.build) as other:
        app = make_app(desk_for(settings_at(tmp_path), other.door))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://desk", cookies={name: token}
        ) as client:
            spent = []
            for query in ("?sort=newest", f"?q={numbers[0][-6:]}", "?sort=newest"):
                async with heard(other.office.pool) as sent:
                    page = await client.get(f"/queue/all{query}")
                    await asyncio.sleep(0)
                spent.append((len(sent), len(ROW.findall(page.text))))
    assert spent[0][1] > spent[1][1] == 1
    assert spent[1][0] == spent[2][0] <= 6, spent


@asynccontextmanager
async def heard(pool: Pool) -> AsyncIterator[list[str]]:
    """Every statement this pool sends meanwhile; nobody else may hold a connection of it when this begins."""
    sent: list[str] = []
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]
        for connection in held:
            connection.add_query_logger(lambda query: sent.append(query.query))
    yield sent


@pytest.mark.parametrize("long", ["x" * 41, "x" * 401, "x" * 5000])
async def test_a_name_that_is_too_long_is_told_beside_it_and_kept(site: Site, long: str) -> None:
    client = await site.signed_in("cs_director-1")
    kept = await client.post("/queue/views", data={"view": "mine", "name": long})
    assert kept.status_code == 422
    assert 'id="name-error"' in kept.text
    assert long in kept.text
    tags = await client.post("/tags", data={"code": long, "zh": long, "en": long})
    assert tags.status_code == 422
    assert all(f'id="{field}-error"' in tags.text for field in ("code", "zh", "en"))
    assert tags.text.count(long) == 3
