"""Names, contacts and units are shown by their ends wherever they stand, and whole only for who asked and may."""

import csv
import io

import pytest

from records.master import import_customers, import_units
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site

FIRST, SECOND, THIRD = "13800007001", "13900007002", "13700007003"
NAMED, UNIT, OTHER_UNIT = "欧阳改名", "77栋7701", "88栋8801"
SECRETS = (FIRST, SECOND, THIRD, NAMED, UNIT, OTHER_UNIT)


def seen(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


async def a_changed_case(site: Site) -> str:
    """A complaint whose contact was changed and whose name, contact and unit were corrected."""
    number = await site.house.open(contact=FIRST, unit=UNIT, project="示例·掩蔽苑")
    await site.house.do(number, "register", "cs_specialist-1")
    await site.house.do(number, "change_contact", "cs_specialist-1", contact=SECOND)
    corrected = {"name": NAMED, "contact": THIRD, "unit": OTHER_UNIT, "text": "corrected words"}
    await site.house.do(number, "correct", "cs_specialist-1", turn=1, reason="misheard", fields=corrected)
    return number


@pytest.mark.requirement("CUS-07", "CUS-09")
@pytest.mark.parametrize("reader", ["auditor-1", "cs_director-1"])
async def test_what_was_changed_later_is_masked_like_the_first(site: Site, reader: str) -> None:
    number = await a_changed_case(site)
    client = await site.signed_in(reader)
    for part in ("", "/timeline", "/news", "/print", "/print?internal=1"):
        page = await client.get(f"/case/{number}{part}")
        assert page.status_code == 200
        assert seen(page.text) == [], part
    assert "corrected words" in (await client.get(f"/case/{number}")).text
    assert "139****02" in (await client.get(f"/case/{number}")).text
    for address in (f"/api/v1/complaints/{number}", f"/api/v1/complaints/{number}/history?words=true"):
        answer = await client.get(address)
        assert (answer.status_code, seen(answer.text)) == (200, []), address
    async with site.house.office.pool.acquire() as connection:
        reads = await site.house.office.texts.reads_of(connection, number)
        new = await connection.fetchval(
            "SELECT data ->> 'contact' FROM facts WHERE number = $1 AND kind = 'contact_changed'", number
        )
    people = {read.reader for read in reads if read.text_id == new and not read.reader.startswith("system:")}
    assert people == {f"masked:{reader}"}


@pytest.mark.requirement("CUS-07")
async def test_a_reveal_shows_what_was_changed_too(site: Site) -> None:
    number = await a_changed_case(site)
    client = await site.signed_in("cs_director-1")
    whole = await client.post(f"/case/{number}/reveal")
    assert seen(whole.text) == [SECOND, THIRD, NAMED, UNIT, OTHER_UNIT]


@pytest.mark.requirement("CUS-07")
async def test_lists_and_files_mask_the_unit_with_the_name(site: Site) -> None:
    number = await a_changed_case(site)
    for reader, shown in (("auditor-1", "7**"), ("admin-1", "7**"), ("cs_director-1", UNIT)):
        client = await site.signed_in(reader)
        page = await client.get("/queue/all", params={"q": number[-6:]})
        assert number in page.text
        assert (UNIT in page.text) is (shown == UNIT)
        answer = await client.get("/export", params={"list": "queue/all", "q": number[-6:]})
        head, row, *_ = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert row[head.index("Unit")] == shown


@pytest.mark.requirement("CUS-07")
async def test_a_telephone_number_does_not_lead_an_outsider_to_a_home(site: Site) -> None:
    async with site.desk.office.pool.acquire() as connection:
        units = "project,project_name,unit\nmask,示例·门牌苑,9栋909\n"
        customers = (
            "reference,name,contact,preferred,language,project,unit,relation\n"
            "M1,马女士,13600009090,telephone,zh-CN,mask,9栋909,owner\n"
        )
        await import_units(connection, units.encode(), "units.csv")
        await import_customers(connection, site.desk.office.texts, customers.encode(), "customers.csv")
    for reader, may in (("cs_specialist-1", True), ("maintenance-1", False), ("auditor-1", False)):
        client = await site.signed_in(reader)
        found = await client.post("/intake/lookup", data={"contact": "13600009090"})
        assert "Known customer" in found.text
        assert ("9栋909" in found.text, "马女士" in found.text) == (may, may), reader


@pytest.mark.requirement("INV-03")
async def test_a_look_up_says_nothing_of_a_complaint_about_whoever_looks(site: Site) -> None:
    about = await site.house.open(contact="13600009191")
    await site.house.do(about, "register", "cs_specialist-1", about_person="maintenance-1")
    for reader, told in (("maintenance-1", False), ("sales_staff-1", True)):
        client = await site.signed_in(reader)
        found = await client.post("/intake/lookup", data={"contact": "13600009191"})
        assert ("1 open complaint is with others" in found.text) is told, reader
        assert ("Nothing is on record" in found.text) is not told, reader


@pytest.mark.requirement("CUS-09")
async def test_words_that_are_not_shown_are_not_read(site: Site) -> None:
    """How another case was settled is read only for who may read that case: the access log must not say otherwise."""
    settled = await site.house.open()
    for by, kind, fields in TO_FEEDBACK:
        about = {"about_person": "cs_specialist-2"} if kind == "register" else {}
        await site.house.do(settled, kind, by, **fields, **about)
    for kind, given in (
        ("record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": True}),
        ("record_visit_attempt", {"reached": True}),
        ("record_follow_up", {"satisfied": True, "score": 5}),
        ("record_response", {"channel": "telephone", "effective": True}),
        ("archive", {"result": "BOTH_SATISFIED"}),
    ):
        await site.house.do(settled, kind, "cs_specialist-1", **given)
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:2]:
        await site.house.do(number, kind, by, **fields)
    for reader, may in (("cs_specialist-1", True), ("cs_specialist-2", False)):
        page = await (await site.signed_in(reader)).get(f"/case/{number}")
        assert (settled in page.text) is may
        async with site.house.office.pool.acquire() as connection:
            reads = await site.house.office.texts.reads_of(connection, settled)
        assert (reader in {read.reader for read in reads}) is may
