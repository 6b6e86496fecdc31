"""A complaint's life by its buttons, in a real browser, said by the right people in turn."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.codes import Stage
from tests.console.acting import act, fill_in, open_form
from tests.console.conftest import PageFor
from tests.console.served import Site

CLERK, LEGAL, SALES, DIRECTOR = "cs_specialist-1", "legal-1", "sales_staff-1", "cs_director-1"
#: SC-01 of the sample cases: who says what; the days between are not waited for
LIFE: tuple[tuple[str, str, dict[str, str]], ...] = (
    (CLERK, "register", {}),
    (CLERK, "classify", {"type": "CONTRACT", "cause": "SALES", "severity": "simple"}),
    (CLERK, "assign", {"department": "legal", "lead": "LEGAL"}),
    (LEGAL, "accept_handover", {}),
    (CLERK, "record_response", {"channel": "telephone", "effective": "yes", "text": "法务七日内书面解释条款。"}),
    (CLERK, "make_promise", {"what": "书面答复条款含义", "due": "2099-03-09T17:00"}),
    (LEGAL, "add_evidence", {"subkind": "contract_annex"}),
    (LEGAL, "request_contribution", {"from": "SALES_STAFF", "subkind": "other", "due": "2099-03-05T17:00"}),
    (SALES, "give_contribution", {"text": "两个品牌的检测报告与价格对照"}),
    (LEGAL, "confirm_findings", {"root_cause": "附件没有写明同等档次的判断标准", "prevention": "附件列出可替换品牌清单", "responsibility": "sales"}),
    (LEGAL, "propose_solution", {"measures": "书面解释条款，并提供同等档次证明"}),
    (CLERK, "record_round", {"reply": "accepted"}),
    (LEGAL, "record_agreement", {"items-what": "书面解释并附检测报告", "items-owner": "LEGAL", "items-due": "2099-03-16T17:00"}),
    (LEGAL, "complete_item", {"keeps": "P1"}),
    (LEGAL, "submit_review", {"summary": "处理完毕"}),
    (DIRECTOR, "decide_review", {"decision": "approved"}),
    (CLERK, "record_feedback", {"channel": "telephone", "satisfied": "yes", "score": "4"}),
    (CLERK, "record_visit_attempt", {"reached": "yes"}),
    (CLERK, "record_follow_up", {"satisfied": "yes", "score": "4"}),
    (CLERK, "archive", {"result": "BOTH_SATISFIED"}),
)  # fmt: skip


async def live(site: Site, page_for: PageFor, **options: Any) -> None:
    number = await site.house.open(text="合同附件写某品牌或同等档次，凭什么算同等？")
    pages: dict[str, Page] = {}
    last: Page | None = None
    for who, kind, fields in LIFE:
        if who not in pages:
            pages[who] = await page_for(who, **options)
        page = pages[who]
        if page is not last:
            if last is not None:
                await last.goto("about:blank")
            shown = await page.goto(f"{site.url}/case/{number}")
            assert shown is not None
            assert shown.status == 200, (kind, shown.status)
        await act(page, kind, fields)
        last = page
    state = await site.house.state(number)
    assert (state.stage, state.result, state.promises["P1"].state) == (
        Stage.ARCHIVED,
        "BOTH_SATISFIED",
        "KEPT",
    )
    assert [str(stage) for stage in state.route] == [
        "CLASSIFIED", "ASSIGNED", "INVESTIGATING", "SOLUTION_DRAFTED", "NEGOTIATING", "FULFILLING",
        "CLOSING_REVIEW", "FEEDBACK", "AWAITING_VISIT", "ARCHIVED",
    ]  # fmt: skip


async def test_a_whole_life_by_its_buttons(site: Site, page_for: PageFor) -> None:
    await live(site, page_for)


@pytest.mark.slow
async def test_a_whole_life_by_its_buttons_in_english_on_a_phone(site: Site, page_for: PageFor) -> None:
    await live(site, page_for, language="en", phone=True, theme="dark")


async def test_two_people_at_one_case_lose_nothing(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    slow, quick = await page_for(CLERK), await page_for(DIRECTOR)
    for page in (slow, quick):
        await page.goto(f"{site.url}/case/{number}")
    await open_form(slow, "register")
    await open_form(quick, "register")
    await quick.locator("#act-send").click()
    await quick.wait_for_url("**said=register&**")
    await expect(slow.locator("#case-news")).to_contain_text("2", timeout=15_000)
    await slow.locator("#act-send").click()
    await expect(slow.locator(".act-since li")).to_contain_text("登记")
    await slow.locator("#act-form").get_by_role("link", name="取消").click()
    await open_form(slow, "add_to_intake")
    await fill_in(slow, {"text": "客户又来电补充。"})
    await site.house.do(number, "add_note", DIRECTOR, text="meanwhile")
    await slow.locator("#act-send").click()
    await expect(slow.locator(".act-since li")).to_have_count(1)
    await expect(slow.locator("[name='f-text']")).to_have_value("客户又来电补充。")
    await slow.locator("#act-send").click()
    await slow.wait_for_url("**said=add_to_intake&**")
    assert (await site.house.turns(number))[-1]["accepted"]


async def test_news_leave_an_open_menu_open(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for(CLERK)
    await page.goto(f"{site.url}/case/{number}")
    await page.locator(".act-menu > summary").click()
    await page.locator("#act-closed-4 > summary").click()
    await site.house.do(number, "register", CLERK)
    await expect(page.locator(".act-row > a").first).to_have_attribute("href", f"/case/{number}/do/classify")
    await expect(page.locator(".act-menu a[href$='/do/add_to_intake']")).to_be_visible()
    await expect(page.locator("#act-closed-4")).to_have_attribute("open", "")
    await page.locator(".act-menu a[href$='/do/add_to_intake']").click()
    await expect(page.locator("#act-form")).to_be_visible()
    await expect(page.locator(".act-menu a[href$='/do/add_to_intake']")).to_be_hidden()


async def test_keys_open_the_forms(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    page = await page_for(CLERK, language="en")
    for key, kind in (("s", "classify"), ("r", "record_response")):
        await page.goto(f"{site.url}/case/{number}")
        await page.keyboard.press(key)
        await expect(page.locator(f"#act-form[action$='/do/{kind}']")).to_be_visible()


async def test_what_will_come_of_it_is_shown_while_filling_in(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    page = await page_for(CLERK, language="en", phone=True)
    await page.goto(f"{site.url}/case/{number}/do/classify")
    await fill_in(page, {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "complex"})
    effect = page.locator("#act-effect")
    await expect(effect).to_contain_text("Classified")
    await expect(effect).to_contain_text("starts: ")
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
