"""Writing on a case: two ways that are never mixed, drafts that come back, colleagues who are named."""

import html
import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import expect

from tests.console.conftest import PageFor
from tests.console.served import Site

ME, OTHER = "cs_specialist-1", "cs_specialist-2"


async def registered(site: Site) -> str:
    number = await site.house.open(language="en")
    await site.house.do(number, "register", ME)
    return number


async def written(site: Site, number: str) -> list[tuple[str, str, bool]]:
    """What was said after the opening and the registration: command, sayer, whether it was accepted."""
    async with site.desk.office.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT kind, said_by, accepted FROM turns WHERE number = $1 AND turn > 2 ORDER BY turn", number
        )
    return [tuple(row) for row in rows]


async def send(client: httpx2.AsyncClient, number: str, **form: Any) -> httpx2.Response:
    turn = form.pop("turn", None) or 2
    return await client.post(
        f"/case/{number}/write", data={"key": str(uuid4()), "turn": str(turn), **form}, follow_redirects=False
    )


@pytest.mark.requirement("LIF-04")
async def test_a_note_stays_inside_and_an_answer_goes_out(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    texts = {"text_internal": "INSIDE difficult", "text_public": "OUTSIDE we come tomorrow"}
    note = await send(client, number, mode="internal", **texts, way="telephone", effective="1")
    assert (note.status_code, note.headers["location"]) == (303, f"/case/{number}#timeline")
    answer = await send(client, number, mode="public", **texts, way="telephone", effective="1", turn=3)
    assert answer.status_code == 303
    assert await written(site, number) == [("add_note", ME, True), ("record_response", ME, True)]
    async with site.desk.office.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT kind, released FROM facts WHERE number = $1 AND turn > 2 AND kind IN ('noted', 'responded')",
            number,
        )
    assert {row["kind"]: row["released"] for row in rows} == {"noted": False, "responded": True}


@pytest.mark.requirement("SLA-06")
async def test_a_message_is_sent_by_us(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    sent = await send(client, number, mode="public", way="send", text_public="Nothing new yet.")
    assert sent.status_code == 303
    assert await written(site, number) == [("send_progress", ME, True)]


async def test_the_same_form_twice_is_said_once(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    form = {
        "key": str(uuid4()),
        "turn": "2",
        "mode": "public",
        "way": "telephone",
        "effective": "1",
        "text_public": "x",
    }
    for _ in range(2):
        assert (
            await client.post(f"/case/{number}/write", data=form, follow_redirects=False)
        ).status_code == 303
    assert await written(site, number) == [("record_response", ME, True)]


async def test_who_comes_second_sees_what_came_and_loses_nothing(site: Site) -> None:
    number = await registered(site)
    first, second = await site.signed_in(ME), await site.signed_in(OTHER)
    form = {"mode": "public", "way": "telephone", "effective": "1"}
    assert (await send(first, number, **form, text_public="I was first")).status_code == 303
    late = await send(second, number, **form, text_public="MY TYPED WORDS")
    assert late.status_code == 409
    assert "Somebody else was quicker" in late.text
    assert "MY TYPED WORDS" in late.text
    assert 'name="turn" value="4"' in late.text
    again = await send(second, number, **form, text_public="MY TYPED WORDS", turn=4)
    assert again.status_code == 303
    said = [(kind, by) for kind, by, accepted in await written(site, number) if accepted]
    assert said == [("record_response", ME), ("record_response", OTHER)]


async def test_who_is_overtaken_by_themself_is_not_told_of_somebody_else(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    form = {"mode": "public", "way": "telephone", "effective": "1"}
    assert (await send(client, number, **form, text_public="in one window")).status_code == 303
    late = await send(client, number, **form, text_public="in the other")
    assert late.status_code == 409
    assert "You said more meanwhile, in another window." in late.text
    assert "in the other" in late.text


ASKING = {"mode": "public", "way": "send", "text_public": "please send photos"}


async def test_sent_and_waiting_for_the_customer(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    soon = (await site.house.time(number)).astimezone().date()
    later = soon.fromordinal(soon.toordinal() + 3).isoformat()
    done = await send(client, number, **ASKING, until=later)
    assert done.status_code == 303
    assert await written(site, number) == [("send_progress", ME, True), ("hold", ME, True)]
    hold = (await site.house.state(number)).hold
    assert hold is not None
    assert hold.waiting_for == "customer"


@pytest.mark.parametrize(
    ("until", "status"),
    [("2019-01-01", 409), ("a year on", 409), ("9999-12-31", 422), ("0001-01-01", 422), ("31.02.", 422)],
)
async def test_nothing_goes_out_when_the_case_cannot_wait_afterwards(
    site: Site, until: str, status: int
) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    if until == "a year on":  # beyond hold_max_days
        today = (await site.house.time(number)).date()
        until = today.fromordinal(today.toordinal() + 365).isoformat()
    refused = await send(client, number, **ASKING, until=until)
    assert refused.status_code == status
    assert "Not put on record yet" in refused.text
    assert "please send photos" in refused.text
    assert await written(site, number) == []


async def test_what_was_said_by_halves_is_told_as_such(site: Site) -> None:
    """A form that comes again after its first half was said: the customer has the message, only the hold is refused."""
    number = await registered(site)
    client = await site.signed_in(ME)
    key = str(uuid4())
    assert (await send(client, number, **ASKING, key=key)).status_code == 303
    half = await send(client, number, **ASKING, key=key, until="2019-01-01")
    assert half.status_code == 409
    assert "Put on record in part" in half.text
    assert "Your words are on record (turn 3); do not send them again." in half.text
    assert [kind for kind, _, accepted in await written(site, number) if accepted] == ["send_progress"]


async def test_a_file_in_place_of_words_is_nothing_written(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    form = {"key": str(uuid4()), "turn": "2", "mode": "internal"}
    files = {"text_internal": ("words.txt", b"words", "text/plain")}
    answer = await client.post(f"/case/{number}/write", data=form, files=files)
    assert answer.status_code == 400
    assert (await client.post(f"/case/{number}/draft", files=files)).status_code == 400
    assert await written(site, number) == []


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"mode": "internal", "text_internal": "   "}, "Write something first"),
        ({"mode": "internal", "text_internal": "长" * 100_001}, "100000"),
        ({"mode": "internal", "text_internal": "a\x00b"}, "ontrol characters"),
    ],
)
async def test_what_is_not_taken_is_said_and_kept(site: Site, form: dict[str, str], told: str) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    answer = await send(client, number, **form)
    assert answer.status_code == 422
    assert told in answer.text
    assert await written(site, number) == []


async def test_drafts_come_back_to_their_writer_alone(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    draft = {"text_public": "UNSAID public", "text_internal": "UNSAID <b>internal</b>"}
    assert (await client.post(f"/case/{number}/draft", data=draft)).status_code == 204
    elsewhere, other = await site.signed_in(ME), await site.signed_in(OTHER)
    page = (await elsewhere.get(f"/case/{number}")).text
    assert "UNSAID public" in page
    assert "UNSAID &lt;b&gt;internal&lt;/b&gt;" in page
    assert "UNSAID" not in (await other.get(f"/case/{number}")).text
    await send(client, number, mode="internal", **draft)
    page = (await elsewhere.get(f"/case/{number}?show=steps")).text
    assert 'name="text_public" rows="4"' in page
    async with site.desk.office.pool.acquire() as connection:
        left = await connection.fetch("SELECT mode FROM drafts WHERE number = $1", number)
    assert [row["mode"] for row in left] == ["public"]
    await client.post(f"/case/{number}/draft/discard", data={"mode": "public"})
    assert "UNSAID public" not in (await elsewhere.get(f"/case/{number}?show=steps")).text


async def test_who_is_named_finds_it_in_the_inbox_if_they_may_read_the_case(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    note = f"@{OTHER} please look, @maintenance-1 too. mail@cs_director-1 is none. @{ME} @nobody-9"
    assert (await send(client, number, mode="internal", text_internal=note)).status_code == 303
    named, stranger = await site.signed_in(OTHER), await site.signed_in("maintenance-1")
    inbox = (await named.get("/inbox")).text
    assert number in inbox
    assert number not in (await stranger.get("/inbox")).text
    assert "1" in (await named.get("/inbox/count")).text
    async with site.desk.office.pool.acquire() as connection:
        rows = await connection.fetch("SELECT person FROM mentions WHERE number = $1", number)
    assert [row["person"] for row in rows] == [OTHER]


@pytest.mark.parametrize("way", ["composer", "form", "api"])
async def test_a_note_in_chinese_names_people_whichever_way_it_is_said(site: Site, way: str) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    text = f"请@{OTHER}看一下,也请@cs_director-1。地址abc@cs_specialist-3"
    if way == "composer":
        said = await send(client, number, mode="internal", text_internal=text)
    elif way == "form":
        form = {"key": str(uuid4()), "turn": "2", "f-text": text}
        said = await client.post(f"/case/{number}/do/add_note", data=form, follow_redirects=False)
    else:
        said = await client.post(
            f"/api/v1/complaints/{number}/commands/add_note",
            json={"text": text},
            headers={"Idempotency-Key": str(uuid4())},
        )
    assert said.status_code in (200, 303), said.text
    async with site.desk.office.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT person, turn FROM mentions WHERE number = $1 ORDER BY person", number
        )
    assert [tuple(row) for row in rows] == [("cs_director-1", 3), (OTHER, 3)]


async def test_only_readers_of_a_case_are_offered_and_only_to_readers(site: Site) -> None:
    number = await registered(site)
    client, stranger = await site.signed_in(ME), await site.signed_in("maintenance-1")
    found = (await client.get("/people", params={"number": number, "q": "cs_director"})).text
    assert "@cs_director-1" in found
    assert "@maintenance-1" not in (await client.get("/people", params={"number": number, "q": "maint"})).text
    assert (await stranger.get("/people", params={"number": number, "q": "cs"})).status_code == 404
    assert (await stranger.post(f"/case/{number}/write", data={"mode": "internal"})).status_code == 404
    assert (await stranger.post(f"/case/{number}/draft", data={"text_public": "x"})).status_code == 404


async def test_watching_brings_what_others_do(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(OTHER)
    await client.post(f"/case/{number}/watch", data={"watch": "1"})
    await site.house.do(number, "add_note", ME, text="news")
    assert "1 new step" in (await client.get("/inbox")).text
    await client.post(f"/case/{number}/watch", data={"watch": "0"})
    assert number not in (await client.get("/inbox")).text


@pytest.mark.requirement("SLA-08")
@pytest.mark.parametrize(
    ("language", "frame", "stage"),
    [("en", "Dear Lin Wei,", "registered"), ("zh-CN", "尊敬的Lin Wei", "处理进展")],
)
async def test_the_preview_is_what_the_customer_gets(
    site: Site, language: str, frame: str, stage: str
) -> None:
    number = await site.house.open(language=language, name="Lin Wei")
    await site.house.do(number, "register", ME)
    client = await site.signed_in(ME)
    soon = (await site.house.time(number)).date()
    later = soon.fromordinal(soon.toordinal() + 3).isoformat()
    form = {"mode": "public", "way": "send", "text_public": "<b>We come</b> at nine", "until": later}
    seen = await client.post(f"/case/{number}/preview", data=form, headers={"HX-Request": "true"})
    assert seen.status_code == 200
    shown = html.unescape(seen.text)
    assert "&lt;b&gt;We come&lt;/b&gt; at nine" in seen.text
    assert frame in shown
    assert stage in shown
    assert seen.text.count("composer-letter") == 2  # the word itself, and that the case waits
    assert await written(site, number) == []
    page = await client.post(f"/case/{number}/preview", data=form)
    assert "What the customer will receive" in page.text
    assert "Send to the customer" in page.text
    sent = await send(client, number, **form)
    assert sent.status_code == 303
    told = await client.post(
        f"/case/{number}/preview",
        data={**form, "way": "telephone", "until": ""},
        headers={"HX-Request": "true"},
    )
    assert "Redress sends no message of this" in told.text


async def test_the_preview_says_why_nothing_would_be_said(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(ME)
    for form, why in (
        ({"text_public": " "}, "Write something first"),
        ({"text_public": "x", "until": "31.02."}, "no date"),
        ({"text_public": "x", "until": "2019-01-01"}, "must lie in the future"),
    ):
        seen = await client.post(f"/case/{number}/preview", data={"mode": "public", "way": "send", **form})
        assert why in seen.text, seen.text
    stranger = await site.signed_in("maintenance-1")
    assert (await stranger.post(f"/case/{number}/preview", data={"text_public": "x"})).status_code == 404


@pytest.mark.requirement("SLA-09")
async def test_a_template_names_no_date_of_our_own(site: Site) -> None:
    """The classification is due earlier than word to the customer; it is nothing to them."""
    number = await registered(site)
    client = await site.signed_in(ME)
    clocks = {one.name: one for one in (await site.house.state(number)).deadlines.values() if one.pending}
    owed = min(clocks["first_response_hours"], clocks["progress_days"], key=lambda one: one.due)
    assert clocks["classify_hours"].due < owed.due
    filled = await client.get(f"/case/{number}/reply/nothing_new", headers={"HX-Request": "true"})
    words = site.desk.pages.words("en")
    assert f"hear from us again by {words.when(owed.due)}" in filled.text
    offer = await client.get(f"/case/{number}/reply/offer_sent", headers={"HX-Request": "true"})
    assert "Please think about it. If you" in offer.text
    assert "[" not in offer.text


@pytest.mark.requirement("KNO-05")
@pytest.mark.parametrize(("language", "greeting"), [("en", "Hello"), ("zh-CN", "您好")])
async def test_a_template_speaks_the_customers_language(site: Site, language: str, greeting: str) -> None:
    number = await site.house.open(language=language, name="林女士")
    client = await site.signed_in(ME)
    filled = await client.get(f"/case/{number}/reply/first_reply_short", headers={"HX-Request": "true"})
    assert greeting in filled.text
    assert "林女士" in filled.text
    assert number in filled.text
    assert "{" not in filled.text
    assert (await client.get(f"/case/{number}/reply/nothing")).status_code == 404


async def test_the_key_for_a_note_leads_into_its_words_and_no_key_leads_away(
    site: Site, page_for: PageFor
) -> None:
    """Also for who stands on the choice beside the words, or types before looking where the cursor is."""
    number = await registered(site)
    page = await page_for(ME, language="en")
    await page.goto(f"{site.url}/case/{number}")
    await page.get_by_text("To the customer", exact=True).first.click()
    await page.keyboard.type("no answer")
    assert page.url == f"{site.url}/case/{number}"
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.keyboard.type("no answer")
    assert await page.locator("#text-internal").input_value() == "no answer"
    assert await page.locator("#mode-internal").is_checked()
    assert page.url == f"{site.url}/case/{number}"


async def test_the_two_ways_look_different_in_the_browser(site: Site, page_for: PageFor) -> None:
    number = await registered(site)
    page = await page_for(ME, language="en")
    await page.goto(f"{site.url}/case/{number}")
    await page.get_by_text("Only colleagues read this").wait_for()
    assert not await page.get_by_text("The customer gets or sees this").is_visible()
    await page.get_by_text("To the customer", exact=True).first.click()
    await page.get_by_text("The customer gets or sees this").wait_for()
    assert not await page.get_by_text("Only colleagues read this").is_visible()
    await page.locator("#text-public").fill("We come tomorrow at nine")
    await page.get_by_text("Draft saved").wait_for()
    await page.reload()
    assert await page.locator("#text-public").input_value() == "We come tomorrow at nine"
    await page.get_by_role("button", name="Send to the customer").click()
    await page.locator("#timeline, .timeline").first.wait_for()
    await page.get_by_text("We come tomorrow at nine").first.wait_for()
    assert await written(site, number) == [("send_progress", ME, True)]


async def test_templates_and_names_are_put_in_and_keep_what_was_typed(site: Site, page_for: PageFor) -> None:
    number = await registered(site)
    page = await page_for(ME, language="en")
    await page.goto(f"{site.url}/case/{number}")
    await page.get_by_text("To the customer", exact=True).first.click()
    field = page.locator("#text-public")
    await field.press("/")
    await expect(page.locator("#composer-templates")).to_have_attribute("open", "")
    await page.keyboard.press("Escape")
    await field.fill("TYPED BEFORE")
    await page.get_by_role("link", name="Papers wanted").click()
    await expect(field).to_have_value(re.compile(r"^TYPED BEFORE\n\nHello .*upload photos", re.DOTALL))
    await page.get_by_role("button", name="Look at it as the customer will").click()
    await expect(page.locator("#composer-preview")).to_contain_text("TYPED BEFORE")
    await expect(page.locator("#composer-preview")).to_contain_text("Complaint number")
    await page.get_by_text("Note for colleagues", exact=True).first.click()
    note = page.locator("#text-internal")
    await note.fill("please ask")
    await page.get_by_text("Name a colleague").click()
    await page.locator("#people-q").fill("cs_director")
    await page.locator("[data-mention='@cs_director-1']").click()
    await expect(note).to_have_value("please ask @cs_director-1 ")
