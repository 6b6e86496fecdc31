"""A complaint's life by its buttons, in a real browser, said by the right people in turn."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.codes import Stage
from records.db import transaction
from records.links import link_token
from tests.console.acting import act, fill_in, open_form
from tests.console.conftest import PageFor
from tests.console.lives import TO_FEEDBACK, to_feedback
from tests.console.served import Site

CLERK, LEGAL, SALES, DIRECTOR = "cs_specialist-1", "legal-1", "sales_staff-1", "cs_director-1"
LEAD, MARKETING = "project_manager-1", "marketing_manager-1"
Said = tuple[str, str, dict[str, str]]
AGREED = {"items-what": "书面解释并附检测报告", "items-owner": "LEGAL", "items-due": "2099-03-16T17:00"}
#: SC-01 of the sample cases, registered by the form of the intake desk: who says what; the days between are not
#: waited for
TO_REVIEW: tuple[Said, ...] = (
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
    (LEGAL, "record_agreement", AGREED),
    (LEGAL, "complete_item", {"keeps": "P1"}),
    (LEGAL, "submit_review", {"summary": "处理完毕"}),
)  # fmt: skip
#: what a customer who is not satisfied is owed: the findings looked at anew, another offer, another reviewer
AGAIN: tuple[Said, ...] = (
    (CLERK, "open_second_handling", {"further_demand": "还要按差价补偿"}),
    (LEGAL, "confirm_findings", {"root_cause": "答复没有给出差价依据", "prevention": "答复附价格对照", "responsibility": "sales"}),
    (LEGAL, "propose_solution", {"measures": "按对照表补差价"}),
    (CLERK, "record_round", {"reply": "accepted"}),
    (LEGAL, "record_agreement", AGREED),
    (LEGAL, "complete_item", {}),
    (LEGAL, "submit_review", {"summary": "二次处理完毕"}),
)  # fmt: skip
TO_THE_END: tuple[Said, ...] = (
    (CLERK, "record_visit_attempt", {"reached": "yes"}),
    (CLERK, "record_follow_up", {"satisfied": "yes", "score": "4"}),
    (CLERK, "archive", {"result": "BOTH_SATISFIED"}),
)
TO_AGREEMENT = TO_FEEDBACK[:7]
REVIEWED = {"decision": "approved"}


class Company:
    """The people of one complaint, each with a browser window of their own."""

    def __init__(self, site: Site, page_for: PageFor, **options: Any) -> None:
        self.site, self.page_for, self.options = site, page_for, options
        self.pages: dict[str | None, Page] = {}
        self.number = ""

    async def window(self, who: str | None) -> Page:
        """Their window; nobody's is the customer's."""
        if who not in self.pages:
            self.pages[who] = await self.page_for(who, **self.options)
        return self.pages[who]

    async def take_down(self, text: str) -> None:
        """Somebody calls, and the clerk fills in the form of the intake desk."""
        page = await self.window(CLERK)
        await page.goto(f"{self.site.url}/intake?new=1")
        for field, words in (
            ("contact", "13800000001"),
            ("name", "林女士"),
            ("project", "示例·锦澜苑"),
            ("text", text),
        ):
            await page.fill(f"#{field}", words)
        await page.locator("#send").click()
        await page.wait_for_url(re.compile(r"/case/\d{4}-\d+"))
        self.number = page.url.partition("/case/")[2].partition("?")[0]

    async def look(self, who: str) -> Page:
        """Open the page of the case; nobody else's window keeps listening to it."""
        for other in self.pages.values():
            if "/case/" in other.url:
                await other.goto("about:blank")
        page = await self.window(who)
        shown = await page.goto(f"{self.site.url}/case/{self.number}")
        assert shown is not None
        assert shown.status == 200, (who, shown.status)
        return page

    async def say(self, *said: Said) -> None:
        """Commands by their buttons, one person after the other."""
        last = None
        for who, kind, fields in said:
            page = await self.window(who) if who == last else await self.look(who)
            await act(page, kind, fields)
            last = who

    async def answer(self, handling_round: int, solved: str) -> None:
        """The customer answers the one question by the link of this handling round."""
        office = self.site.house.office
        async with transaction(office.pool) as connection:
            token = await link_token(connection, office.texts, self.number, "feedback", handling_round)
        page = await self.window(None)
        await page.goto(f"{self.site.url}/f/{token}")
        await page.locator(f"label[for='solved-{solved}']").click()
        await page.locator("form[action^='/f/'] button").click()
        await expect(page.locator("form[action^='/f/']")).to_have_count(0)


async def live(site: Site, page_for: PageFor, **options: Any) -> None:
    company = Company(site, page_for, **options)
    await company.take_down("合同附件写某品牌或同等档次，凭什么算同等？")
    await company.say(*TO_REVIEW, (DIRECTOR, "decide_review", REVIEWED))
    await company.answer(1, "yes")
    await company.say(*TO_THE_END)
    state = await site.house.state(company.number)
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


@pytest.mark.requirement("SEC-01", "SEC-02", "SEC-04", "SEC-05", "CLO-03")
async def test_a_second_handling_by_its_buttons(site: Site, page_for: PageFor) -> None:
    """Not satisfied, handled again under the same number, reviewed by another person, asked again."""
    company = Company(site, page_for)
    company.number = await to_feedback(site.house)
    await company.answer(1, "no")
    again = tuple((LEAD if who == LEGAL else who, kind, fields) for who, kind, fields in AGAIN)
    await company.say(*again)
    page = await company.look(DIRECTOR)
    await page.locator(".act-menu > summary").click()
    closed = page.locator(".act-off", has_text="审核结案").filter(has_text="SEC-05")
    await page.locator(".act-closed", has=closed).locator("summary").click()
    await expect(closed).to_be_visible()
    await company.say((MARKETING, "decide_review", REVIEWED))
    await company.answer(2, "yes")
    await company.say(*TO_THE_END)
    state = await site.house.state(company.number)
    assert (state.stage, state.round, state.result) == (Stage.ARCHIVED, 2, "BOTH_SATISFIED")
    assert [one.satisfied for one in state.feedback] == [False, True]


async def test_that_it_is_done_stays_said_when_news_comes(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    page = await page_for(CLERK)
    await page.goto(f"{site.url}/case/{number}")
    await act(page, "register")
    await site.house.do(number, "add_note", DIRECTOR, text="meanwhile")
    await expect(page.locator("#timeline")).to_contain_text("meanwhile", timeout=15_000)
    await expect(page.locator(".case-main > .flash-done")).to_be_visible()


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


async def test_another_form_does_not_take_the_place_of_typed_words_unasked(
    site: Site, page_for: PageFor
) -> None:
    number = await site.house.open()
    page = await page_for(CLERK, language="en")
    await page.goto(f"{site.url}/case/{number}")
    await open_form(page, "record_response")
    typed = page.locator("[name=f-text]")
    await typed.fill("we come tomorrow at nine")
    other = page.locator(".act-row > a[href$='/do/register']")
    await other.click()
    await expect(page.locator("#confirm-text")).to_contain_text("not recorded yet")
    await page.locator("#confirm").get_by_role("button", name="Cancel").click()
    await expect(typed).to_have_value("we come tomorrow at nine")
    await other.click()
    await page.locator("#confirm").get_by_role("button", name="Yes, do it").click()
    await expect(page.locator("#act-form[action$='/do/register']")).to_be_visible()


@pytest.mark.parametrize("width", [360, 700, 1024, 1280, 1600])
async def test_menu_and_form_have_room_on_every_screen(site: Site, page_for: PageFor, width: int) -> None:
    """All of the menu is within the window, and words are typed into a field that is no slit."""
    number = await site.house.open()
    for by, kind, fields in TO_AGREEMENT:
        await site.house.do(number, kind, by, **fields)
    page = await page_for(LEAD)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{site.url}/case/{number}")
    await page.locator(".act-menu > summary").click()
    sheet = await page.locator(".act-sheet").bounding_box()
    assert sheet is not None
    assert sheet["x"] >= 0
    assert sheet["x"] + sheet["width"] <= width
    groups = [await one.bounding_box() for one in await page.locator(".act-sheet .act-group").all()]
    assert all(box and sheet["x"] <= box["x"] and box["width"] >= 150 for box in groups)
    await page.goto(f"{site.url}/case/{number}/do/record_agreement")
    for field in ("what", "owner", "due"):
        box = await page.locator(f"#f-items-{field}-0").bounding_box()
        assert box is not None
        assert box["width"] >= 150, field


async def test_a_refused_form_leads_to_what_is_wrong_until_it_is_changed(
    site: Site, page_for: PageFor
) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    page = await page_for(CLERK)
    await page.goto(f"{site.url}/case/{number}")
    await open_form(page, "record_response")
    await fill_in(page, {"channel": "telephone", "effective": "yes"})
    # Drawn larger by its corner: what a browser writes into `style` then is not to be carried over, which CSP forbids.
    await page.locator("#f-text").evaluate("box => box.style.height = '300px'")
    await page.locator("#act-send").click()
    await expect(page.locator("#f-text-fault")).to_be_visible()
    await expect(page.locator("#f-text")).to_be_focused()
    await page.keyboard.type("明天上门查看。")
    await expect(page.locator("#f-text-fault")).to_have_count(0)
    await expect(page.locator("#f-text")).not_to_have_class(re.compile("is-invalid"))
    await page.locator("#act-send").click()
    await page.wait_for_url("**said=record_response&**")


async def test_keys_open_the_forms(site: Site, page_for: PageFor) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    page = await page_for(CLERK, language="en")
    for key, kind in (("s", "classify"), ("r", "record_response")):
        await page.goto(f"{site.url}/case/{number}")
        await page.keyboard.press(key)
        await expect(page.locator(f"#act-form[action$='/do/{kind}']")).to_be_visible()
    await page.goto(f"{site.url}/case/{number}")
    await page.keyboard.press("?")
    named = await page.locator("#keys-list dd").all_inner_texts()
    assert "Classify" in named
    assert len(named) == len(set(named)), "one key for one thing"


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


async def test_that_somebody_was_reached_is_ticked_by_hand_alone(site: Site, page_for: PageFor) -> None:
    """A message of ours reaches nobody for certain, so it is not even asked there."""
    number = await site.house.open()
    page = await page_for(CLERK)
    await page.goto(f"{site.url}/case/{number}")
    await page.locator("label[for=mode-public]").click()
    reached = page.locator("#text-public").locator("xpath=ancestor::form").locator("[name=effective]")
    await expect(page.locator("#way")).to_have_value("send")
    await expect(reached).to_be_hidden()
    await page.locator("#way").select_option("telephone")
    await expect(reached).to_be_visible()
    await expect(reached).not_to_be_checked()
