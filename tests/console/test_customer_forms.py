"""What customers send by link: once, limited, told in their words; files come back to them alone."""

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from console.customer.hearing import LARGEST_IN_ALL_MB, MOST_FILES
from console.customer.opening import MISSES, Opened
from console.customer.plain import MEANS, OWED
from console.customer.speaking import answer
from console.words import Words
from domain.codes import Stage
from records.links import open_link, revoke_links
from records.views.customer import SHOWN, standing
from tests.console.lives import to_feedback
from tests.console.served import Site
from tests.console.test_customer import key, token_of
from tools import ROOT


def photo(colour: str = "teal") -> bytes:
    picture = BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    return picture.getvalue()


async def kinds(site: Site, number: str) -> list[str]:
    return [row["kind"] for row in await site.house.turns(number) if row["accepted"]]


async def to_archive(site: Site) -> str:
    number = await to_feedback(site.house)
    house, clerk = site.house, "cs_specialist-1"
    await house.do(number, "record_feedback", clerk, attempt=1, channel="telephone", satisfied=True)
    await house.do(number, "record_follow_up", clerk, satisfied=True)
    await house.do(number, "archive", clerk, result="BOTH_SATISFIED")
    return number


@pytest.mark.parametrize("name", ["100%d%(x)s.exe", "<b>x<b>.exe"])
async def test_a_files_name_neither_breaks_the_page_nor_runs_in_it(site: Site, name: str) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    sent = await site.stranger().post(
        f"/s/{token}/add", data={**key(), "text": "又漏水了"}, files={"photo": (name, b"MZ\x90\x00" * 100)}
    )
    assert sent.status_code == 422
    assert name.replace("<", "&lt;").replace(">", "&gt;") in sent.text
    assert "<b>x" not in sent.text


def test_what_a_customer_is_shown_are_facts_that_the_rules_state() -> None:
    sources = [*ROOT.glob("domain/stages/*.py"), ROOT / "domain/lifecycle.py"]
    rules = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert [kind for kind in SHOWN if f'"{kind}"' not in rules] == []


async def test_every_date_a_customer_is_told_says_what_it_means(site: Site) -> None:
    assert set(OWED) == set(MEANS)
    number = await site.house.open(language="en")
    page = (await site.stranger().get(f"/s/{await token_of(site, number)}")).text
    assert "We answer you by" in page
    assert MEANS["first_response_hours"] in page


async def test_a_visit_stands_on_the_customers_page(site: Site) -> None:
    number = await site.house.open(language="en")
    clerk, lead = "cs_specialist-1", "project_manager-1"
    await site.house.do(number, "register", clerk)
    await site.house.do(number, "classify", clerk, type="PRODUCT", cause="ENGINEERING", severity="simple")
    await site.house.do(number, "assign", clerk, department="engineering", lead="PROJECT_MANAGER")
    await site.house.do(number, "record_visit", lead, outcome="NO_ACCESS")
    await site.house.do(number, "record_visit", lead, outcome="DONE", observations="SECRET finding")
    page = (await site.stranger().get(f"/s/{await token_of(site, number)}")).text
    assert "We came and nobody opened." in page
    assert "We had a look on site." in page
    assert "SECRET" not in page


@pytest.mark.requirement("CLO-02")
async def test_not_solved_answers_the_question_once_and_is_a_word_after_that(site: Site) -> None:
    number = await to_feedback(site.house, language="en")
    stranger, token = site.stranger(), await token_of(site, number)
    page = await stranger.get(f"/s/{token}")
    assert f'href="/f/{await token_of(site, number, "feedback", 1)}"' in page.text
    assert 'id="not-solved"' not in page.text, "one door to one answer"
    form = {**key(), "text": "it drips"}
    for told in (form, form, {**key(), "text": "it drips more"}):
        sent = await stranger.post(f"/s/{token}/not-solved", data=told)
        assert sent.headers["location"] == f"/s/{token}?thanks=not-solved#thanks"
    assert len((await site.house.state(number)).feedback) == 1
    assert (await kinds(site, number))[-2:] == ["record_feedback", "add_to_intake"]
    shown = (await stranger.get(f"/s/{token}")).text
    assert "Answer the question" not in shown
    assert "You told us that it is not settled." in shown
    assert ("Please tell us whether" in shown, "We are waiting for" in shown) == (False, False)
    case = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}")).text
    assert "Not solved: it drips more" in case


async def test_of_an_answer_that_came_second_the_words_are_kept(site: Site) -> None:
    """The page was read while the question was open; by the other link it was answered before this answer came."""
    number = await to_feedback(site.house)
    token, office = await token_of(site, number), site.desk.office
    async with office.pool.acquire() as connection:
        link = await open_link(connection, office.texts, token, "status", site.desk.now())
        shown = await standing(connection, office.texts, number)
    assert link is not None
    assert shown is not None
    stale = Opened(site.desk, token, link, await site.house.state(number), shown, Words("en"))
    await site.house.do(
        number, "record_feedback", "customer", attempt=1, channel="web_form", satisfied=True, key="other"
    )
    assert not await answer(stale, satisfied=False, score=None, words="not at all", key=key()["key"])
    assert len((await site.house.state(number)).feedback) == 1
    assert (await kinds(site, number))[-1] == "add_to_intake"


@pytest.mark.requirement("FUV-05")
async def test_after_the_end_a_customer_asks_for_a_reopening(site: Site) -> None:
    number = await to_archive(site)
    stranger, token = site.stranger(), await token_of(site, number)
    assert "请求重新处理" in (await stranger.get(f"/s/{token}")).text
    sent = await stranger.post(f"/s/{token}/not-solved", data={**key(), "text": "又漏了"})
    assert sent.status_code == 303
    state = await site.house.state(number)
    assert (state.stage, state.tasks["reopening"].owner) == (Stage.ARCHIVED, "CS_DIRECTOR")
    assert "又漏了" in (await stranger.get(f"/s/{token}")).text
    told = await site.desk.office.pool.fetch(
        "SELECT receiver FROM outbox WHERE number = $1 AND template = 'reopening_asked'", number
    )
    assert sorted(row["receiver"] for row in told) == ["CS_DIRECTOR", "OWNER"]


async def test_our_people_see_by_whom_a_file_came_what_it_is_called_and_what_it_is(site: Site) -> None:
    number = await site.house.open()
    stranger, token = site.stranger(), await token_of(site, number)
    await stranger.post(f"/s/{token}/add", data=key(), files={"photo": ("厨房.jpg", photo())})
    clerk = await site.signed_in("cs_specialist-1")
    await clerk.post(f"/case/{number}/files", files={"file": ("信.txt", "您好".encode())})
    rows = await site.desk.office.pool.fetch(
        "SELECT id, subkind, added_by FROM files WHERE owner = $1", number
    )
    assert {row["added_by"]: row["subkind"] for row in rows}["customer"] == "photographs"
    case = (await clerk.get(f"/case/{number}")).text
    assert "📎" not in case
    for row in rows:
        if row["added_by"] == "customer":
            assert re.search(f'href="/files/{row["id"]}"[^>]*>.*厨房.jpg</bdi>', case)
    files = (await clerk.get(f"/case/{number}/files")).text
    lines = re.findall(r'<div class="text-secondary small">(.*)</div>', files)
    assert [line.rpartition(" · ")[2] for line in lines] == ["the customer", "王敏"]


async def test_what_a_customer_sent_comes_back_by_the_link_alone(site: Site) -> None:
    number, other = await site.house.open(), await site.house.open()
    stranger, token = site.stranger(), await token_of(site, number)
    bytes_sent = photo()
    await stranger.post(f"/s/{token}/add", data=key(), files={"photo": ("厨房.jpg", bytes_sent)})
    clerk = await site.signed_in("cs_specialist-1")
    await clerk.post(f"/case/{number}/files", files={"file": ("internal.jpg", photo("red"))})
    page = (await stranger.get(f"/s/{token}")).text
    assert "厨房.jpg" in page
    assert "internal.jpg" not in page
    rows = await site.desk.office.pool.fetch("SELECT id, added_by FROM files WHERE owner = $1", number)
    ids = {row["added_by"]: row["id"] for row in rows}
    whole = await stranger.get(f"/s/{token}/files/{ids['customer']}")
    assert whole.content == bytes_sent
    assert "sandbox" in whole.headers["content-security-policy"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert (await stranger.get(f"/s/{token}/files/{ids['customer']}/thumb")).status_code == 200
    others = await token_of(site, other)
    for address in (f"/s/{token}/files/{ids['cs_specialist-1']}", f"/s/{others}/files/{ids['customer']}"):
        assert (await stranger.get(address)).status_code == 404


async def test_a_customer_gives_another_contact_and_asks_for_deletion(site: Site) -> None:
    number = await site.house.open(language="en")
    stranger, token = site.stranger(), await token_of(site, number)
    assert (await stranger.post(f"/s/{token}/contact", data=key())).status_code == 422
    sent = await stranger.post(f"/s/{token}/contact", data={**key(), "contact": "new@example.com"})
    assert sent.headers["location"].endswith("thanks=contact#thanks")
    unsure = await stranger.post(f"/s/{token}/erase", data={**key(), "text": "please"})
    assert (unsure.status_code, "Please tick that you are sure." in unsure.text) == (422, True)
    assert "please" in unsure.text
    await stranger.post(f"/s/{token}/erase", data={**key(), "sure": "true"})
    assert await kinds(site, number) == ["open", "change_contact", "request_erasure"]
    page = (await stranger.get(f"/s/{token}")).text
    assert "You asked us to delete your data." in page
    assert "new@example.com" not in page


async def test_too_many_or_too_large_files_are_told_before_anything_is_done(site: Site) -> None:
    number = await site.house.open(language="en")
    stranger, token = site.stranger(), await token_of(site, number)
    many = [("photo", (f"{n}.jpg", photo())) for n in range(MOST_FILES + 1)]
    large = [("photo", ("a.jpg", b"\xff" * ((LARGEST_IN_ALL_MB + 1) * 1024 * 1024)))]
    one = [("photo", ("big.jpg", b"\xff" * (26 * 1024 * 1024)))]
    cases: list[tuple[Any, int, str]] = [
        (many, 413, "too many files"),
        (large, 413, f"at most {LARGEST_IN_ALL_MB} MB at once"),
        (one, 422, "larger than 25 MB"),
    ]
    for files, status, told in cases:
        sent = await stranger.post(f"/s/{token}/add", data={**key(), "text": "typed words"}, files=files)
        assert (sent.status_code, told in sent.text) == (status, True), told
        assert "typed words</textarea>" in sent.text
    assert await kinds(site, number) == ["open"]


async def test_a_refused_form_leads_back_to_its_page_when_the_language_is_changed(site: Site) -> None:
    number = await site.house.open()
    stranger, token = site.stranger(), await token_of(site, number)
    sent = await stranger.post(f"/s/{token}/add", data=key())
    assert f'name="back" value="/s/{token}"' in sent.text
    turned = await stranger.post("/language", data={"language": "en", "back": f"/s/{token}"})
    page = await stranger.get(turned.headers["location"])
    assert page.status_code == 200
    assert "Ours. You need not do anything." in page.text
    clerk = await site.signed_in("cs_director-1")
    listed = await clerk.get("/queue/all?severity=simple")
    assert 'name="back" value="/queue/all?severity=simple"' in listed.text
    wrong = {"old": "x", "new": "y", "again": "z"}
    for came_from in ("/me", "/me/password"):
        refused = await clerk.post("/me/password", data=wrong, headers={"Referer": site.url + came_from})
        assert 'name="back" value="/me"' in refused.text, came_from


async def test_a_link_that_does_not_open_speaks_to_a_customer(site: Site) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    async with site.desk.office.pool.acquire() as connection:
        await revoke_links(connection, number, "cs_director-1")
        await connection.execute("DELETE FROM rate_counters WHERE subject LIKE 'link miss%'")
    stranger = site.stranger()
    await stranger.post("/language", data={"language": "en"})
    for address in (f"/s/{token}", "/f/nothing"):
        gone = await stranger.get(address)
        assert gone.status_code == 404
        assert "This link does not open anything" in gone.text
        assert "Search for it" not in gone.text


@pytest.mark.requirement("CUS-08")
async def test_whoever_guesses_is_stopped(site: Site) -> None:
    async with site.desk.office.pool.acquire() as connection:
        await connection.execute("DELETE FROM rate_counters WHERE subject LIKE 'link miss%'")
    stranger = site.stranger()
    answers = [(await stranger.get(f"/s/guess{n}")).status_code for n in range(2 * MISSES + 1)]
    async with site.desk.office.pool.acquire() as connection:
        await connection.execute("DELETE FROM rate_counters WHERE subject LIKE 'link miss%'")
    # a window of ten minutes may have ended between two of them
    assert set(answers) == {404, 429}
    assert answers[:MISSES] == [404] * MISSES
    assert answers.index(429) >= MISSES
