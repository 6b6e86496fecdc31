"""What the desk owes to single requirements, each on the page where somebody meets it."""

import re
import secrets
from html import unescape

import pytest

from console.words import LANGUAGES, Words
from domain.codes import Line, Stage
from policies import load_policy
from records.links import link_token
from tests.console.acting import form_of
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site
from tests.console.test_intake import filled, number_of, send

CLERK, MANAGER, DIRECTOR = "cs_specialist-1", "project_manager-1", "cs_director-1"
CLASSIFIED = {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple", "topic": "leakage"}
GUIDE = (
    "Listen to the end; do not interrupt.",
    "Stay calm and friendly, whatever the tone.",
    "Do not argue, and blame nobody.",
    "Show that you understand; repeat what you heard.",
)
OFFER_RULES = (
    "Fair, and such that both sides can accept it.",
    "The customer's interest first; reasonable demands are granted promptly, with apology and compensation.",
    "Take it seriously, keep to principle without casual concession, take a clear stand, speak with one voice.",
)
ORDER_OF_RESPONSIBILITY = (
    "First: was it agreed in the contract, its annexes or the sales documents?",
    "Then: is there a statutory rule or a standard?",
    "Only then: who is responsible, and who helps.",
)


def in_language(sentences: tuple[str, ...], language: str) -> list[str]:
    """The sentences as a page of that language says them; a translation that is missing is no translation."""
    said = [Words(language).gettext(sentence) for sentence in sentences]
    assert (said == list(sentences)) == (language == "en")
    return said


async def a_case(site: Site, *, with_engineering: bool = False, **opening: str) -> str:
    """A classified complaint about a leak; where asked, accepted by engineering."""
    number = await site.house.open(**opening)
    await site.house.do(number, "register", CLERK)
    await site.house.do(number, "classify", CLERK, **CLASSIFIED)
    if with_engineering:
        await site.house.do(number, "assign", CLERK, department="engineering", lead="PROJECT_MANAGER")
        await site.house.do(number, "accept_handover", MANAGER)
    return number


@pytest.mark.requirement("LIF-03")
async def test_who_has_to_act_is_named_at_every_step(site: Site) -> None:
    """Whose the duty is, not whoever happens to own the case; the role where it is a seat's and no one person's."""
    number = await site.house.open()
    client = await site.signed_in(CLERK)
    named = {name: await name_of(site, name) for name in (CLERK, MANAGER)}
    seen = {}
    for by, kind, fields in TO_FEEDBACK:
        await site.house.do(number, kind, by, **fields)
        state = await site.house.state(number)
        stage = state.stage
        taken_on = stage is Stage.ASSIGNED and state.handover is not None and state.handover.accepted_at
        page = unescape((await client.get(f"/case/{number}")).text)
        line = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page[page.index('class="case-next"') :]))
        assert "nothing is left to do" not in line.partition("nearest deadline")[0], stage
        owed = policy_duties(Stage.INVESTIGATING if taken_on else stage)
        assert [duty for duty in owed if duty in line], stage
        seen[stage] = line.partition("nearest deadline")[0]
    for stage in (Stage.REGISTERED, Stage.CLASSIFIED, Stage.FEEDBACK):
        assert f"{named[CLERK]} (customer service specialist)" in seen[stage], stage
    for stage in (Stage.ASSIGNED, Stage.INVESTIGATING, Stage.SOLUTION_DRAFTED, Stage.FULFILLING):
        assert "project manager" in seen[stage], stage
        assert named[CLERK] not in seen[stage], stage
    assert "customer service director" in seen[Stage.CLOSING_REVIEW]
    assert named[CLERK] not in seen[Stage.CLOSING_REVIEW]


def policy_duties(stage: Stage) -> list[str]:
    """The written duties of a stage, in English."""
    return [duty.en for duty in load_policy("2026-01").table("duties") if duty.stage == stage]


async def name_of(site: Site, user: str) -> str:
    """What somebody is called."""
    return str(await site.desk.office.pool.fetchval("SELECT name FROM people WHERE user_id = $1", user))


@pytest.mark.requirement("INT-09")
@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_the_guide_and_the_tick_stand_at_the_intake_form(site: Site, language: str) -> None:
    page = unescape((await (await site.signed_in(CLERK, language)).get("/intake?new=1")).text)
    guide = page[page.index('class="intake-guide"') :]
    for sentence in in_language(GUIDE, language):
        assert sentence in guide
    tick = re.search(r'<input[^>]*type="checkbox" name="explained"[^>]*>', page)
    assert tick
    assert "checked" not in tick[0], "nobody has explained anything yet"


@pytest.mark.requirement("INT-10")
@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_the_published_process_has_every_step_and_rung_of_the_policy(site: Site, language: str) -> None:
    policy = load_policy("2026-01")
    page = unescape((await site.stranger().get("/process", params={"lang": language})).text)
    listed = [re.sub(r"<[^>]+>", "", item) for item in re.findall(r"<li>(.*?)</li>", page)]
    own = "zh" if language.startswith("zh") else "en"
    steps = [getattr(step, own) for step in policy.table("steps_shown")]
    rungs = [getattr(rung, own) for rung in policy.table("ladder").rungs]
    assert [item for item in listed if item in steps] == steps
    assert [item for item in listed if item in rungs] == rungs


@pytest.mark.requirement("INT-08")
async def test_another_department_adds_to_the_intake_record(site: Site) -> None:
    number = await a_case(site, with_engineering=True)
    form = await form_of(await site.signed_in(MANAGER), number, "add_to_intake")
    assert (await form.send({"f-text": "同一户的阳台也渗水"})).status_code == 303
    by = await site.desk.office.pool.fetchval(
        "SELECT said_by FROM turns WHERE number = $1 AND kind = 'add_to_intake' AND accepted", number
    )
    assert by == MANAGER
    page = (await (await site.signed_in(CLERK)).get(f"/case/{number}")).text
    assert "同一户的阳台也渗水" in page


@pytest.mark.requirement("INT-12")
async def test_a_case_names_its_likes_and_offers_to_link_the_duplicate(site: Site) -> None:
    caller, project = f"137{secrets.randbelow(10**8):08d}", f"示例·{secrets.token_hex(4)}"
    number = await a_case(site, project=project)
    same_person = await site.house.open(contact=caller)
    same_topic = await a_case(site, project=project, contact=caller)
    client = await site.signed_in(CLERK)
    page = (await client.get(f"/case/{same_topic}")).text
    for other, why in ((same_person, "same customer"), (number, "same topic and project")):
        row = page[page.index(f'<a href="/case/{other}">') :].partition("</div>")[0]
        assert why in row
        assert f"/case/{same_topic}/do/link_duplicate?of={other}" in row
    form = await form_of(client, same_topic, "link_duplicate", of=same_person)
    assert (await form.send({"f-of": same_person, "f-reason": "the same leak"})).status_code == 303
    assert (await site.house.state(same_topic)).duplicate_of == same_person


@pytest.mark.requirement("LIF-08")
@pytest.mark.parametrize("line", list(Line))
async def test_the_line_of_business_is_kept(site: Site, line: Line) -> None:
    number = number_of(await send(await site.signed_in(CLERK), filled(line=line)))
    assert (await site.house.state(number)).line == line


@pytest.mark.requirement("SLA-07")
async def test_the_preferred_way_stands_on_the_case(site: Site) -> None:
    number = number_of(await send(await site.signed_in(CLERK), filled(preferred="wechat")))
    page = (await (await site.signed_in(CLERK)).get(f"/case/{number}")).text
    assert re.search(r"Preferred way: WeChat\b", page)


@pytest.mark.requirement("INV-09")
@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_the_order_of_the_questions_stands_beside_the_findings(site: Site, language: str) -> None:
    number = await a_case(site, with_engineering=True)
    form = await form_of(await site.signed_in(MANAGER, language), number, "confirm_findings")
    page = unescape(form.page)
    places = [page.index(sentence) for sentence in in_language(ORDER_OF_RESPONSIBILITY, language)]
    assert places == sorted(places)
    assert re.findall(r'name="f-(\w+)"', page)[0] == "responsibility"


@pytest.mark.requirement("NEG-04")
@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_the_guiding_rules_stand_beside_the_offer(site: Site, language: str) -> None:
    number = await a_case(site, with_engineering=True)
    form = await form_of(await site.signed_in(MANAGER, language), number, "propose_solution")
    page = unescape(form.page)
    beside = page[page.index('class="act-beside"') :]
    for sentence in in_language(OFFER_RULES, language):
        assert sentence in beside


@pytest.mark.requirement("GRP-01")
async def test_a_complaint_in_a_group_keeps_its_own_life(site: Site) -> None:
    number = await a_case(site, with_engineering=True)
    before = await site.house.state(number)
    client = await site.signed_in(CLERK)
    form = await form_of(client, number, "link_to_group")
    assert (await form.send({"f-group": "2026-0007"})).status_code == 303
    after = await site.house.state(number)
    assert after.group == "2026-0007"
    assert (after.stage, after.owner, after.deadlines) == (before.stage, before.owner, before.deadlines)
    assert "Group 2026-0007" in (await client.get(f"/case/{number}")).text
    await site.house.do(number, "unlink_from_group", CLERK, reason="another cause")
    assert (await site.house.state(number)).group is None


@pytest.mark.requirement("CLS-03")
async def test_where_a_complaint_comes_from_is_on_no_page_of_the_customer(site: Site) -> None:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    await site.house.do(number, "classify", CLERK, **CLASSIFIED, origin="stirred_up")
    office = site.desk.office
    async with office.pool.acquire() as connection:
        token = await link_token(connection, office.texts, number, "status", 0)
    for language in LANGUAGES:
        stranger = site.stranger()
        await stranger.post("/language", data={"language": language})
        page = (await stranger.get(f"/s/{token}")).text
        assert number in page
        assert f'lang="{language}"' in page[:100]
        for told in ("stirred_up", *(Words(one).name("origin", "stirred_up") for one in LANGUAGES)):
            assert told not in page


@pytest.mark.requirement("ORG-06")
async def test_duties_are_shown_to_their_holder(site: Site) -> None:
    clerk = unescape((await (await site.signed_in(CLERK)).get("/duties")).text)
    director = unescape((await (await site.signed_in(DIRECTOR)).get("/duties")).text)
    words = Words("en")
    classify = re.compile(
        rf"{re.escape(words.deadline('classify_hours'))}</th><td>(as soon as it runs out|later, where it is still open)"
    )
    first, second = classify.search(clerk), classify.search(director)
    assert first
    assert second
    accept = re.compile(rf"{re.escape(words.deadline('accept_hours'))}</th><td>([^<]*)</td>").search(clerk)
    assert accept
    assert accept[1] == "as soon as it runs out, in complaints of my department"
    assert (first[1], second[1]) == ("as soon as it runs out", "later, where it is still open")
    review = words.name("command", "decide_review")
    assert review in director
    assert review not in clerk
