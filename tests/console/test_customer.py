"""The customer's own pages: what a link opens, what it never shows, and what may be said by it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from console.customer.hearing import WRITES
from domain.codes import Stage
from records.links import link_token, revoke_links
from tests.console.conftest import PageFor
from tests.console.lives import TO_FEEDBACK, to_feedback
from tests.console.served import Site, a_site


async def token_of(site: Site, number: str, purpose: str = "status", handling_round: int = 0) -> str:
    office = site.desk.office
    async with office.pool.acquire() as connection:
        return await link_token(connection, office.texts, number, purpose, handling_round)  # type: ignore[arg-type]


def key() -> dict[str, str]:
    return {"key": str(uuid4())}


@pytest.mark.requirement("LIF-04", "SLA-06")
async def test_a_link_shows_what_was_released_and_no_internal_note(site: Site) -> None:
    number = await site.house.open(name="林女士", text="天花板漏水")
    await site.house.do(number, "register", "cs_specialist-1")
    await site.house.do(
        number, "record_response", "cs_specialist-1", channel="telephone", effective=True, text="明天上门查看"
    )
    await site.house.do(number, "add_note", "cs_specialist-1", text="INTERNAL customer is difficult")
    await site.house.do(
        number, "add_note", "cs_specialist-1", text="RELEASED parts are ordered", released=True
    )
    page = await site.stranger().get(f"/s/{await token_of(site, number)}")
    assert page.status_code == 200
    assert number in page.text
    assert "明天上门查看" in page.text
    assert "RELEASED parts are ordered" in page.text
    assert "天花板漏水" in page.text
    assert "INTERNAL" not in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.requirement("LIF-04")
async def test_an_offer_that_was_put_to_the_customer_can_be_read_and_answered(site: Site) -> None:
    """And before it was, nobody but our people reads it."""
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:5]:
        await site.house.do(number, kind, by, **fields)
    response: Any = {"channel": "telephone", "effective": True, "text": "明天上门查看"}
    await site.house.do(number, "record_response", "cs_specialist-1", **response)
    offer: Any = {"solution": "S1", "measures": ["MEASURE new pipe"], "compensation": "3000.00"}
    await site.house.do(number, "propose_solution", "project_manager-1", **offer)
    address = f"/s/{await token_of(site, number)}"
    assert "MEASURE" not in (await site.stranger().get(address)).text
    await site.house.do(number, "approve_offer", "finance-1", solution="S1", decision="approved")
    await site.house.do(
        number,
        "record_round",
        "project_manager-1",
        round=1,
        solution="S1",
        reply="pending",
        counter="INTERNAL",
    )
    page = (await site.stranger().get(address, headers={"Accept-Language": "en"})).text
    for told in ("MEASURE new pipe", "3,000.00", 'href="#add"'):
        assert told in page
    assert "INTERNAL" not in page
    paper = (await (await site.signed_in("cs_specialist-1")).get(f"/case/{number}/print")).text
    assert "MEASURE new pipe" in paper

    stranger = site.stranger()
    assert (await stranger.get(address)).text.count('name="reply"') == 2
    for reply, words in (("maybe", ""), ("", " "), ("yes\x00", "")):
        refused = await stranger.post(f"{address}/add", data={**key(), "reply": reply, "text": words})
        assert refused.status_code == 422, (reply, words)
    asked = {**key(), "text": "how long will it take?"}
    assert (await stranger.post(f"{address}/add", data=asked)).status_code == 303
    page = (await stranger.get(address)).text
    assert "请在此时间前答复我们的方案" in page, "a question is no answer"
    assert page.count('name="reply"') == 2
    answered = {**key(), "reply": "no", "text": "the pipe alone is not enough"}
    assert (await stranger.post(f"{address}/add", data=answered)).status_code == 303
    page = (await stranger.get(address)).text
    assert "我不同意你们的方案。\nthe pipe alone is not enough</blockquote>" in page
    assert 'href="#add"' not in page, "nobody is asked for what was said"
    assert "轮到我们：您已答复我们的方案" in page
    assert "请在此时间前答复我们的方案" not in page
    assert 'name="reply"' not in page
    assert [row["kind"] for row in await site.house.turns(number)].count("add_to_intake") == 2


async def test_what_was_owed_and_is_done_is_told_by_its_words(site: Site) -> None:
    number = await to_feedback(site.house)
    page = (await site.stranger().get(f"/s/{await token_of(site, number)}")).text
    assert page.count('<blockquote dir="auto">repair</blockquote>') == 2, "agreed, and done"


async def test_the_pages_bear_the_company_s_name(site: Site, tmp_path: Path) -> None:
    number = await site.house.open()
    async with a_site(site.house, tmp_path, REDRESS_COMPANY="示例置业") as called:
        page = (await called.stranger().get(f"/s/{await token_of(called, number)}")).text
    assert "示例置业</title>" in page
    assert "Redress" not in page


async def test_a_link_is_the_same_until_it_is_revoked(site: Site) -> None:
    number = await site.house.open()
    first = await token_of(site, number)
    assert first == await token_of(site, number)
    async with site.desk.office.pool.acquire() as connection:
        assert await revoke_links(connection, number, "cs_director-1") == 1
    stranger = site.stranger()
    assert (await stranger.get(f"/s/{first}")).status_code == 404
    second = await token_of(site, number)
    assert second != first
    assert (await stranger.get(f"/s/{second}")).status_code == 200


@pytest.mark.requirement("CUS-08")
async def test_links_cannot_be_guessed_forged_or_used_for_another_purpose(site: Site) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    async with site.desk.office.pool.acquire() as connection:
        link_id = await connection.fetchval("SELECT id FROM customer_links WHERE number = $1", number)
    forged = [
        token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        link_id,
        link_id + "A" * 22,
        number,
        "%00",
        "é",
        "=" * 44,
    ]
    stranger = site.stranger()
    assert token not in link_id
    for wrong in forged:
        assert (await stranger.get(f"/s/{wrong}")).status_code in (404, 429), wrong
    assert (await stranger.get(f"/f/{token}")).status_code in (404, 429)


async def test_words_are_put_on_record_once_and_the_owner_is_told(site: Site) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", "cs_specialist-1")
    stranger, token = site.stranger(), await token_of(site, number)
    told = {**key(), "text": "<script>alert(1)</script> {{7*7}} 还在漏水"}
    for _ in range(2):
        sent = await stranger.post(f"/s/{token}/add", data=told)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/s/{token}?thanks=added#thanks")
    kinds = [row["kind"] for row in await site.house.turns(number)]
    assert kinds.count("add_to_intake") == 1
    shown = (await stranger.get(f"/s/{token}")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} 还在漏水" in shown
    async with site.desk.office.pool.acquire() as connection:
        receivers = await connection.fetch(
            "SELECT receiver FROM outbox WHERE number = $1 AND template = 'customer_wrote'", number
        )
    assert [row["receiver"] for row in receivers] == ["OWNER"]


@pytest.mark.parametrize(
    ("form", "fields", "told"),
    [
        ("add", {"text": "  "}, "请填写内容或选择照片"),
        ("add", {"text": "长" * 5001}, "内容太长"),
        ("add", {"text": "a\x00b"}, "无法保存的字符"),
        ("withdraw", {"text": "算了"}, "请勾选确认"),
        ("withdraw", {"sure": "true"}, "请告诉我们原因"),
        ("not-solved", {"text": ""}, "哪些问题没有解决"),
    ],
)
async def test_what_is_not_taken_is_said_in_the_customers_language_and_kept(
    site: Site, form: str, fields: dict[str, str], told: str
) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    sent = await site.stranger().post(f"/s/{token}/{form}", data={**key(), **fields})
    assert sent.status_code == 422
    assert told in sent.text
    if form == "withdraw" and "text" in fields:
        assert fields["text"] in sent.text
    assert [row["kind"] for row in await site.house.turns(number)] == ["open"]


async def test_a_customer_withdraws(site: Site) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    sent = await site.stranger().post(
        f"/s/{token}/withdraw", data={**key(), "text": "已自行解决", "sure": "true"}
    )
    assert sent.status_code == 303
    assert (await site.house.state(number)).stage == Stage.WITHDRAWN
    page = (await site.stranger().get(f"/s/{token}")).text
    assert "投诉已撤回" in page
    assert 'name="photo"' not in page


async def test_a_link_may_be_written_by_only_so_often(site: Site) -> None:
    number = await site.house.open()
    stranger, token = site.stranger(), await token_of(site, number)
    answers = [
        (await stranger.post(f"/s/{token}/not-solved", data={**key(), "text": ""})).status_code
        for _ in range(3)
    ]
    assert answers == [422, 422, 422]
    async with site.desk.office.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO rate_counters (subject, window_ends, count) "
            "SELECT 'link write ' || id, to_timestamp(3600 * (floor(extract(epoch FROM now()) / 3600) + hour)), $2 "
            "FROM customer_links, generate_series(1, 2) AS hour WHERE number = $1 "
            "ON CONFLICT (subject, window_ends) DO UPDATE SET count = excluded.count",
            number,
            WRITES,
        )
    late = await stranger.post(f"/s/{token}/add", data={**key(), "text": "noch etwas"})
    assert late.status_code == 429
    assert "次数较多" in late.text
    assert "noch etwas" in late.text


@pytest.mark.requirement("CLO-02")
async def test_one_question_is_answered_once_per_round(site: Site) -> None:
    number = await to_feedback(site.house)
    stranger = site.stranger()
    token = await token_of(site, number, "feedback", 1)
    assert "问题解决了吗" in (await stranger.get(f"/f/{token}")).text
    nothing = await stranger.post(f"/f/{token}", data=key())
    assert (nothing.status_code, "请选择" in nothing.text) == (422, True)
    odd = await stranger.post(f"/f/{token}", data={**key(), "solved": "no", "score": "9", "text": "差"})
    assert (odd.status_code, "差" in odd.text) == (422, True)
    given = await stranger.post(f"/f/{token}", data={**key(), "solved": "no", "score": "2", "text": "又漏了"})
    assert given.status_code == 303
    [entry] = (await site.house.state(number)).feedback
    assert (entry.satisfied, entry.score, entry.channel, entry.round) == (False, 2, "web_form", 1)
    again = await stranger.post(f"/f/{token}", data={**key(), "solved": "yes"})
    assert again.headers["location"] == f"/f/{token}?thanks=late#thanks"
    assert "此前已有回答" in (await stranger.get(again.headers["location"])).text
    assert "我们已收到您的回答" in (await stranger.get(f"/f/{token}")).text
    assert len((await site.house.state(number)).feedback) == 1
    other_round = await token_of(site, number, "feedback", 2)
    assert "现在没有需要您回答的问题" in (await stranger.get(f"/f/{other_round}")).text


async def test_an_erased_complaint_shows_nothing_any_more(site: Site) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    office = site.desk.office
    async with office.pool.acquire() as connection:
        await office.texts.erase(connection, number, "admin-1")
    assert (await site.stranger().get(f"/s/{token}")).status_code in (404, 429)


@pytest.mark.parametrize("phone", [False, True])
async def test_a_round_trip_in_the_browser(site: Site, page_for: PageFor, phone: bool) -> None:
    number = await site.house.open(language="en")
    await site.house.do(number, "register", "cs_specialist-1")
    page = await page_for(None, language="en", phone=phone)
    await page.goto(f"{site.url}/s/{await token_of(site, number)}")
    await page.get_by_label("What should we know?", exact=True).fill("It drips again")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Thank you. We have received it")).to_be_in_viewport()
    await page.get_by_text("It drips again").wait_for()
    width = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0, "the page is wider than the screen"


async def test_a_file_that_is_not_taken_does_not_hide_what_was(site: Site) -> None:
    """The words before it are on record, and the page says so: nobody sends them twice."""
    number = await site.house.open()
    stranger, token = site.stranger(), await token_of(site, number)
    sent = await stranger.post(
        f"/s/{token}/add",
        data={**key(), "text": "又漏水了"},
        files={"file": ("run.exe", b"MZ\x90\x00" * 100)},
    )
    assert sent.status_code == 422
    assert "run.exe 未能收下" in sent.text
    assert "在它之前提交的内容已记录在案" in sent.text
    assert [row["kind"] for row in await site.house.turns(number)] == ["open", "add_to_intake"]


async def test_without_temporal_the_customers_words_are_kept(site: Site, lonely: Site) -> None:
    number = await site.house.open()
    token = await token_of(site, number)
    for form, fields in (("add", {}), ("not-solved", {}), ("withdraw", {"sure": "true"})):
        sent = await lonely.stranger().post(
            f"/s/{token}/{form}", data={**key(), "text": "还没解决", **fields}
        )
        assert sent.status_code == 422, form
        assert "还没解决" in sent.text, form
        assert "暂时未能提交" in sent.text, form


@pytest.mark.requirement("CUS-08")
async def test_the_desk_ends_a_link_that_went_astray(site: Site, lonely: Site) -> None:
    """At once, even while Temporal is away; only customer service may, and a note says who did."""
    number = await site.house.open()
    stranger = site.stranger()
    auditor, outsider = await site.signed_in("auditor-1"), await site.signed_in("sales_staff-1")
    token = await token_of(site, number)
    assert (await auditor.post(f"/case/{number}/customer-link/end", data=key())).status_code == 403
    assert (await outsider.post(f"/case/{number}/customer-link/end", data=key())).status_code == 404
    assert (await stranger.get(f"/s/{token}")).status_code == 200
    clerk = await site.signed_in("cs_specialist-1")
    assert (await clerk.post(f"/case/{number}/customer-link/end", data=key())).status_code == 200
    assert (await stranger.get(f"/s/{token}")).status_code == 404
    assert [row["kind"] for row in await site.house.turns(number)] == ["open", "add_note"]
    second = await token_of(site, number)
    away = await lonely.signed_in("cs_specialist-1")
    assert (await away.post(f"/case/{number}/customer-link/end", data=key())).status_code == 503
    assert (await stranger.get(f"/s/{second}")).status_code == 404
