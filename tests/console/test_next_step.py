"""What a case wants next: one rule for the head of its page and for the button that stands first."""

import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from console.forms.foresee import foresee
from console.forms.steps import bar_of, next_step
from console.reading import Case
from console.words import Words
from domain.codes import Stage
from tests.builders import Life, life, person
from tests.console.lives import TO_FEEDBACK, to_feedback
from tests.console.served import Site


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", ["CS_SPECIALIST", "PROJECT_MANAGER", "CS_DIRECTOR", "AUDITOR"])
def test_the_bar_begins_with_the_next_step_for_whoever_may_take_it(stage: Stage, role: str) -> None:
    told = life(stage)
    case = Case(told.complaint, person(role), told.book)
    bar = bar_of(case, told.at)
    may = bar.step is not None and case.actions(told.at)[bar.step] is None
    assert may == (bool(bar.main) and bar.main[0].kind == bar.step)
    assert may or bar.step not in [one.kind for one in bar.main]


def test_the_next_step_moves_on_with_the_case() -> None:
    """A handover that is accepted is not asked for again."""
    told = life(Stage.ASSIGNED)
    assert next_step(Case(told.complaint, person("AUDITOR"), told.book), told.at) == "accept_handover"
    told.say("PROJECT_MANAGER", "accept_handover")
    assert next_step(Case(told.complaint, person("AUDITOR"), told.book), told.at) == "plan_visit"


def wants(told: Life) -> str | None:
    return next_step(Case(told.complaint, person("AUDITOR"), told.book), told.at)


@pytest.mark.requirement("SLA-01")
def test_a_first_answer_that_is_late_or_soon_will_be_comes_first() -> None:
    told = life(Stage.CLASSIFIED)
    answer = told.opened("first_response_hours")
    assert wants(told) == "assign"
    told.wait_until(answer.due - timedelta(hours=1))
    assert wants(told) == "record_response"
    told.wait_until(answer.due + timedelta(days=2))
    assert wants(told) == "record_response"
    told.say("CS_SPECIALIST", "record_response", channel="telephone", effective=True, text="t")
    assert wants(told) == "assign"


def test_an_offer_that_waits_for_its_approval_is_not_taken_to_the_customer() -> None:
    told = life(Stage.INVESTIGATING).say(
        "PROJECT_MANAGER", "confirm_findings", root_cause="r", prevention="p", responsibility="r"
    )
    told.say("PROJECT_MANAGER", "propose_solution", solution="S1", measures=["m"], compensation="3000.00")
    assert wants(told) == "approve_offer"
    for role in ("CS_SPECIALIST", "PROJECT_MANAGER"):
        bar = bar_of(Case(told.complaint, person(role), told.book), told.at)
        assert "record_round" not in [one.kind for one in bar.main]
    told.say("FINANCE", "approve_offer", solution="S1", decision="approved")
    assert wants(told) == "record_round"


def test_what_only_has_to_be_paid_is_paid_before_it_is_done() -> None:
    told = life(Stage.NEGOTIATING).say(
        "PROJECT_MANAGER", "record_round", round=2, solution="S1", reply="accepted"
    )
    due = told.at + timedelta(days=9)
    items = [
        {"id": f"A{n}", "what": "w", "owner": owner, "due": due}
        for n, owner in enumerate(("FINANCE", "TECHNICIAN"))
    ]
    told.say("PROJECT_MANAGER", "record_agreement", items=items)
    assert wants(told) == "complete_item"
    told.say("PROJECT_MANAGER", "complete_item", item="A1")
    assert wants(told) == "record_payment"
    told.say("FINANCE", "record_payment", item="A0", amount="1.00", reference="r")
    assert wants(told) == "complete_item"
    told.say("FINANCE", "complete_item", item="A0")
    assert wants(told) == "submit_review"


def test_a_second_handling_goes_on_once_the_customer_has_heard_from_us() -> None:
    told = life(Stage.SECOND_HANDLING, handling=2)
    assert wants(told) == "record_response"
    told.say("CS_SPECIALIST", "record_response", channel="telephone", effective=True, text="t")
    assert wants(told) == "plan_visit"
    told.say("PROJECT_MANAGER", "plan_visit", appointment=told.at + timedelta(hours=9))
    assert wants(told) != "plan_visit", "an appointment is not made twice"


@pytest.mark.requirement("INV-01")
def test_a_hazard_nobody_has_looked_at_comes_first() -> None:
    told = life(Stage.ASSIGNED)
    told.say("CS_SPECIALIST", "record_response", channel="telephone", effective=True, text="t")
    assert wants(told) == "accept_handover"
    told.say("CS_SPECIALIST", "set_flag", flag="HAZARD", value=True, reason="sparks")
    assert wants(told) == "record_response"
    told.say(
        "CS_SPECIALIST", "record_response", channel="telephone", effective=True, safety_measure=True, text="t"
    )
    assert wants(told) == "accept_handover"


@pytest.mark.requirement("CLO-03")
def test_who_is_not_satisfied_is_not_asked_again_but_handled_again() -> None:
    told = life(Stage.FEEDBACK)

    def offered() -> list[str]:
        return [
            one.kind for one in bar_of(Case(told.complaint, person("CS_DIRECTOR"), told.book), told.at).main
        ]

    told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", reply="none")
    told.say("CS_SPECIALIST", "record_feedback", attempt=2, channel="wechat", reply="none")
    assert "record_silence" in offered()
    told.say(
        "CS_SPECIALIST", "record_feedback", attempt=3, channel="telephone", satisfied=False, opinions="o"
    )
    assert wants(told) == "open_second_handling"
    assert "record_silence" not in offered()


@pytest.mark.requirement("CLO-03", "SEC-01")
async def test_a_customer_s_no_is_told_as_the_duty_and_in_the_list(site: Site) -> None:
    number = await to_feedback(site.house)
    clerk = await site.signed_in("cs_specialist-1")
    assert "further demand" not in (await clerk.get(f"/case/{number}")).text
    no: dict[str, Any] = {
        "attempt": 1,
        "channel": "telephone",
        "satisfied": False,
        "opinions": "it still leaks",
    }
    await site.house.do(number, "record_feedback", "cs_specialist-1", **no)
    assert "Find out the further demand" in (await clerk.get(f"/case/{number}")).text
    [row] = re.findall(
        rf"<tr[^>]*>(?:(?!</tr>).)*{number}.*?</tr>", (await clerk.get("/queue/second")).text, re.DOTALL
    )
    assert "customer: not settled" in row


@pytest.mark.parametrize(("at", "leaves"), [("23:30", "2026-12-02 08:00"), ("10:00", None)])
def test_a_form_says_when_the_quiet_hours_keep_a_message(at: str, leaves: str | None) -> None:
    told = life(Stage.ASSIGNED)
    case = Case(told.complaint, person("CS_SPECIALIST"), told.book)
    now = datetime.fromisoformat(f"2026-12-01T{at}+08:00")
    effect = foresee(case, "send_progress", {"text": "soon"}, now).effect
    assert effect is not None
    assert "CUSTOMER" in effect.told
    kept = effect.customer_at and effect.customer_at.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M")
    assert kept == leaves


@pytest.mark.requirement("LIT-02")
@pytest.mark.parametrize(
    ("stage", "then"), [(Stage.ARBITRATING, "record_decision"), (Stage.LITIGATING, "record_judgment")]
)
def test_the_dates_of_proceedings_come_before_their_outcome(stage: Stage, then: str) -> None:
    """What is due in days comes before what a board or a court says in months."""
    told = life(stage)
    assert wants(told) == "add_legal_date"
    told.say("LEGAL", "add_legal_date", id="D1", due=told.at + timedelta(days=40))
    assert wants(told) == then


def test_an_arbitration_is_not_submitted_twice() -> None:
    told = life(Stage.ARBITRATING)
    bar = bar_of(Case(told.complaint, person("LEGAL"), told.book), told.at)
    assert "submit_arbitration" not in [one.kind for one in bar.main]


@pytest.mark.requirement("SEC-05")
async def test_who_reviewed_first_reads_that_another_has_to_review_now(site: Site) -> None:
    number = await to_feedback(site.house)
    do = site.house.do
    await do(
        number,
        "record_feedback",
        "cs_specialist-1",
        satisfied=False,
        attempt=1,
        opinions="still wet",
        channel="telephone",
    )
    await do(number, "open_second_handling", "cs_specialist-1", further_demand="another firm")
    await do(
        number,
        "record_response",
        "cs_specialist-1",
        channel="telephone",
        effective=True,
        text="we look again",
    )
    await do(number, "waive_investigation", "project_manager-1", reason="the same leak")
    for by, kind, fields in TO_FEEDBACK[5:10]:
        said: Any = json.loads(json.dumps(fields).replace('"S1"', '"S2"').replace('"A1"', '"A2"'))
        await do(number, kind, by, **said)
    first = unescape((await (await site.signed_in("cs_director-1")).get(f"/case/{number}")).text)
    other = unescape((await (await site.signed_in("cs_director-2")).get(f"/case/{number}")).text)
    assert "Not by you:" in first
    assert "Not by you:" not in other
    assert f"/case/{number}/do/decide_review" in other


@pytest.mark.requirement("LIF-03")
async def test_the_duty_that_is_told_is_one_still_to_be_done(site: Site) -> None:
    """Who has accepted reads what follows, though the stage moves on with the first finding only."""
    number = await site.house.open()
    client = await site.signed_in("project_manager-1")
    for by, kind, fields in TO_FEEDBACK[:3]:
        await site.house.do(number, kind, by, **fields)
    asked = "Accept, or return with a reason."
    assert asked in (await client.get(f"/case/{number}")).text
    await site.house.do(number, "accept_handover", "project_manager-1")
    page = (await client.get(f"/case/{number}")).text
    assert asked not in page
    assert "Send technicians on site; confirm problem and cause promptly." in page


@pytest.mark.requirement("LIF-03")
async def test_the_head_of_the_page_and_the_filled_button_name_the_same(site: Site) -> None:
    """For whoever may take the step; the others see it named, and no button of theirs filled."""
    number, filled = await site.house.open(), []
    clients = {user: await site.signed_in(user) for user in ("cs_specialist-1", "project_manager-1")}
    steps = Words("en")
    for by, kind, fields in TO_FEEDBACK:
        await site.house.do(number, kind, by, **fields)
        if (await site.house.state(number)).handover is None:
            continue
        heads = set()
        for client in clients.values():
            page = unescape((await client.get(f"/case/{number}")).text)
            [head] = re.findall(r'class="case-next">.*?</strong> <span>([^<]+)</span>', page)
            bar = page[page.index('class="act-row"') :]
            primary = re.findall(r'class="btn btn-sm btn-primary" href="/case/[^"]+/do/(\w+)"', bar)
            heads.add(head)
            assert [steps.name("command", one) for one in primary] in ([], [head])
            filled += primary
        assert len(heads) == 1
    assert {"accept_handover", "record_agreement", "complete_item", "record_feedback"} <= set(filled)


async def test_an_open_task_leads_whoever_may_to_the_form_that_settles_it(site: Site) -> None:
    number = await site.house.open(project="示例·无此项目")
    clerk = await site.signed_in("cs_specialist-1")
    await site.house.do(number, "register", "cs_specialist-1")
    await site.house.do(
        number, "request_help", "cs_specialist-1", id="h1", to="TECHNICIAN", question="how thick is the wall?"
    )

    def offered(page: str) -> list[str]:
        tasks = page[page.index('id="case-side"') : page.index('id="side-tags"')]
        return re.findall(rf'href="/case/{number}/do/([^"]+)"', unescape(tasks))

    page = (await clerk.get(f"/case/{number}")).text
    assert offered(page) == ["add_note?settles=place", "give_help?id=h1"]
    form = (await clerk.get(f"/case/{number}/do/add_note?settles=place")).text
    assert re.search(r'<option value="place" selected', form)
    told = {"f-text": "it is building 3", "f-settles": "place"}
    seen = await clerk.post(f"/case/{number}/do/add_note/foresee", data=told)
    assert "done: Find out project and unit" in seen.text
    seen = await clerk.post(f"/case/{number}/do/add_note/foresee", data={**told, "f-settles": ""})
    assert "done:" not in seen.text
    assert offered((await (await site.signed_in("auditor-1")).get(f"/case/{number}")).text) == []

    await site.house.do(number, "add_note", "cs_specialist-1", text="it is building 3", settles="place")
    await site.house.do(number, "give_help", "technician-1", id="h1", answer="12 cm")
    page = (await clerk.get(f"/case/{number}")).text
    assert offered(page) == []
    assert page.count("Find out project and unit") >= 1
