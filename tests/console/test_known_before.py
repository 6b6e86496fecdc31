"""What came in before is told of only to those who may read it, and a key is its caller's own. (ORG-08, INT-04, CUS-07)"""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from console.pages.intake import _SEES_NAMES
from console.pages.links import may_hand_out
from console.reading import Case
from domain.askers import CUSTOMER, Asker
from domain.codes import Role
from domain.commands import said
from records.master import import_customers, import_units
from records.views.lookup import look_up
from tests.builders import received
from tests.console.api_calls import by_token, key, opened, submission
from tests.console.lives import to_feedback
from tests.console.served import Site
from tests.console.test_intake import filled, number_of, send


@pytest.mark.requirement("INT-04", "ORG-08")
async def test_an_opening_known_before_shows_a_stranger_its_number_only(site: Site) -> None:
    body = submission(external_id=f"hotline-{uuid4()}", text="只有经办人可以看到的处理情况")
    opener = await by_token(site, "sales_staff-1", scopes=["open"])
    first = await opener.post("/complaints", json=body)
    number = first.json()["number"]
    about = {"about_person": "sales_staff-1"}
    await site.house.do(number, "register", "cs_specialist-1", **about)
    strangers = [opener, await by_token(site, "sales_staff-1"), await by_token(site, scopes=["open"])]
    for stranger in strangers:
        again = await stranger.post("/complaints", json=body)
        assert again.status_code == 200
        assert again.json() == {"number": number, "created": False, "started": True, "notes": []}
        assert "etag" not in again.headers
        other = await stranger.post("/complaints", json={**body, "desired": "Money."})
        assert (other.status_code, "number" in other.json()) == (409, False)
        assert number not in other.text
    reader = await by_token(site)
    assert (await reader.post("/complaints", json=body)).json()["stage"] == "REGISTERED"
    assert (await reader.post("/complaints", json={**body, "desired": "Money."})).json()["number"] == number


@pytest.mark.requirement("INT-04", "ORG-08")
async def test_a_form_adds_nothing_to_a_complaint_its_writer_may_not_read(site: Site) -> None:
    external = f"letter-{uuid4()}"
    theirs = filled(channel="post", external_id=external, event="前天")
    number = number_of(await send(await site.signed_in("cs_specialist-1"), theirs))
    turns = len(await site.house.turns(number))
    mine = filled(**{**theirs, "key": uuid4().hex, "questions": "何时赔付?", "explained": "yes"})
    outsider = await site.signed_in("maintenance-1")
    for form in (mine, {**mine, "text": "another content"}):
        answer = await send(outsider, form, ("photo.txt", b"what was seen"))
        assert answer.status_code == 422
        assert "with others" in answer.text
        assert number not in answer.text
    assert len(await site.house.turns(number)) == turns
    files = "SELECT count(*) FROM files WHERE owner = $1"
    assert await site.desk.office.pool.fetchval(files, number) == 0


@pytest.mark.requirement("INT-04")
async def test_two_callers_may_use_the_same_key_for_one_complaint(site: Site) -> None:
    one, two = await by_token(site), await by_token(site, "cs_director-1")
    number = await opened(one)
    name = key()
    for client, text in ((one, "from the first"), (two, "from the second")):
        address, body = f"/complaints/{number}/commands/add_note", {"text": text}
        first = await client.post(address, json=body, headers=name)
        again = await client.post(address, json=body, headers=name)
        assert (first.status_code, again.status_code) == (200, 200), first.text
        assert first.json()["turn"] == again.json()["turn"]
        reused = await client.post(address, json={"text": "something else"}, headers=name)
        assert reused.status_code == 422
    notes = [turn for turn in await site.house.turns(number) if turn["kind"] == "add_note"]
    assert len(notes) == 2


@pytest.mark.requirement("CUS-07", "ORG-08")
async def test_a_look_up_knows_names_and_units_of_the_seat_s_own_project(site: Site) -> None:
    office = site.desk.office
    async with office.pool.acquire() as connection:
        units = "project,project_name,unit\nlook-a,示例·甲苑,1栋101\nlook-b,示例·乙苑,2栋202\n"
        customers = (
            "reference,name,contact,preferred,language,project,unit,relation\n"
            "LK1,冯女士,13600008080,telephone,zh-CN,look-a,1栋101,owner\n"
            "LK1,冯女士,13600008080,telephone,zh-CN,look-b,2栋202,owner\n"
        )
        await import_units(connection, units.encode(), "units.csv")
        await import_customers(connection, office.texts, customers.encode(), "customers.csv")
        clerk = Asker(id="cs_specialist-1", roles=(Role.CS_SPECIALIST,))
        for projects, name, known in (
            ((), "冯女士", ["1栋101", "2栋202"]),
            (("look-a",), "冯女士", ["1栋101"]),
            (("elsewhere",), "冯**", []),
        ):
            asker = clerk.model_copy(update={"projects": projects})
            found = await look_up(
                connection,
                office.texts,
                asker,
                datetime.now(UTC),
                contact="13600008080",
                whole_for=_SEES_NAMES,
            )
            [customer] = found.customers
            assert customer.name == name, projects
            assert sorted(unit.unit for unit in customer.units) == known, projects


@pytest.mark.requirement("CUS-07", "ORG-08")
@pytest.mark.parametrize(("projects", "may"), [((), True), (("p-here",), True), (("p-there",), False)])
async def test_a_customer_s_link_is_for_customer_service_of_the_project(
    site: Site, projects: tuple[str, ...], may: bool
) -> None:
    complaint = received().complaint.model_copy(update={"project": "p-here", "first_contact": "clerk"})
    asker = Asker(id="clerk", roles=(Role.CS_SPECIALIST,), projects=projects)
    case = Case(complaint, asker, site.desk.office.library)
    assert case.whole
    assert may_hand_out(case) is may


@pytest.mark.requirement("CUS-09")
async def test_a_reply_that_shows_the_name_by_its_end_is_logged_so(site: Site) -> None:
    number = await site.house.open(name="欧阳女士")
    for reader, shown, logged in (
        ("auditor-1", "欧**", "masked:auditor-1"),
        ("cs_director-1", "欧阳女士", "cs_director-1"),
    ):
        page = await (await site.signed_in(reader)).get(f"/case/{number}/reply/first_reply_short")
        assert page.status_code == 200
        assert shown in page.text
        async with site.desk.office.pool.acquire() as connection:
            reads = await site.desk.office.texts.reads_of(connection, number)
        assert {read.reader for read in reads if reader in read.reader} == {logged}


@pytest.mark.requirement("CLO-02")
async def test_the_customer_answers_once_a_round_even_at_the_same_moment(site: Site) -> None:
    number = await to_feedback(site.house)
    answer = {"attempt": 1, "channel": "web_form", "satisfied": False}
    decisions = await asyncio.gather(
        *(site.house.door.submit(number, said("record_feedback", CUSTOMER, answer)) for _ in range(4))
    )
    assert sorted(one.accepted for one in decisions) == [False, False, False, True]
    assert {one.rule for one in decisions if not one.accepted} == {"CLO-02"}
    corrected: dict[str, Any] = {"attempt": 2, "channel": "telephone", "satisfied": True}
    await site.house.do(number, "record_feedback", "cs_specialist-1", **corrected)
    words = site.desk.pages.words("zh-CN")
    refused = next(one for one in decisions if not one.accepted)
    assert words.sentence(refused.reason or "") == "本次处理是否解决的询问已经答复过了。"
