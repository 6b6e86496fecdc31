"""The intake desk over HTTP: what is opened, what is told when something is wrong, and who sees what while looking up."""

import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from console.files.taking import book_of
from console.intake.form import ZONE, missing, read_form_fields, typed_form
from console.intake.sending import send as opening
from console.who import Who
from console.words import Words
from records.master import import_customers, import_units
from records.organisation import Person, asker, put_person
from starter.submission import Submission
from tests.console.served import Site, a_site
from tests.console.test_files_served import photo

CLERK = "cs_specialist-1"
UNITS = """project,project_name,line,building,unit,handed_over_on,warranty_until
chenlan,示例·晨澜苑,sales,5栋,5栋1单元101,2024-06-01,2026-06-01
chenlan,示例·晨澜苑,sales,5栋,5栋1单元102,2024-06-01,2026-06-01
"""
CUSTOMERS = """reference,name,contact,preferred,language,project,unit,relation
I1,周女士,13900000001,telephone,zh-CN,chenlan,5栋1单元101,owner
"""


@pytest.fixture(scope="module")
async def master(site: Site) -> None:
    """A project with two units and a customer who owns one."""
    async with site.desk.office.pool.acquire() as connection:
        await import_units(connection, UNITS.encode(), "units.csv")
        await import_customers(connection, site.desk.office.texts, CUSTOMERS.encode(), "customers.csv")


def contact() -> str:
    """A telephone number nobody else has."""
    return f"137{secrets.randbelow(10**8):08d}"


def filled(**changes: str) -> dict[str, str]:
    """The form as a browser sends it."""
    given = {
        "key": secrets.token_hex(16),
        "channel": "telephone",
        "received_at": datetime.now(ZONE).strftime("%Y-%m-%dT%H:%M"),
        "contact": contact(),
        "name": "周女士",
        "project": "示例·海澜苑",
        "unit": "1栋203",
        "text": "客厅顶棚漏水,两次维修无效。",
        "language": "zh-CN",
        "register": "yes",
    }
    return {**given, **changes}


async def send(
    client: httpx2.AsyncClient, form: dict[str, str], *files: tuple[str, bytes]
) -> httpx2.Response:
    client.follow_redirects = False
    parts: Any = [("file", (name, data)) for name, data in files] or {"file": ("", b"")}
    return await client.post("/intake", data=form, files=parts)


def number_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/case/(\d{4}-\d+)(\?receipt=1)?", answer.headers["location"])
    assert found
    return found[1]


async def said(site: Site, number: str) -> dict[str, dict[str, Any]]:
    """What was said and accepted, the last of each kind, with its words read."""
    rows = await site.desk.office.pool.fetch(
        "SELECT kind, command FROM turns WHERE number = $1 AND accepted ORDER BY turn", number
    )
    return {row["kind"]: row["command"] for row in rows}


async def words(site: Site, number: str, text_id: str) -> str | None:
    async with site.desk.office.pool.acquire() as connection:
        return (await site.desk.office.texts.read(connection, [text_id], "auditor-1", of=number))[text_id]


async def complaints_by(site: Site, number: str) -> int:
    """How many complaints this contact made."""
    async with site.desk.office.pool.acquire() as connection:
        return len(await site.desk.office.texts.find_contact(connection, number))


@pytest.mark.requirement("INT-02", "INT-03")
async def test_a_form_opens_and_registers_in_one_step(site: Site) -> None:
    client, form = await site.signed_in(CLERK), filled(desired="更换防水层")
    number = number_of(await send(client, form))
    state = await site.house.state(number)
    assert state.registered_at is not None
    assert state.first_contact == CLERK
    assert state.project == "示例·海澜苑"
    opened = (await said(site, number))["open"]
    told = {kind: await words(site, number, text_id) for kind, text_id in opened["words"].items()}
    assert told == {name: form[name] for name in ("name", "contact", "text", "desired", "unit")}


@pytest.mark.requirement("INT-07", "INT-09")
async def test_answers_and_the_explained_step_are_in_the_ledger(site: Site) -> None:
    client = await site.signed_in(CLERK)
    form = filled(purpose="要求退房", questions="什么时候修?", event="昨晚,客厅", explained="yes")
    number = number_of(await send(client, form))
    turns = await said(site, number)
    added = await words(site, number, turns["add_to_intake"]["text"])
    assert added == (
        "When and where it happened: 昨晚,客厅\nPurpose of the visit or call: 要求退房\n"
        "Questions the customer asked: 什么时候修?"
    )
    assert turns["add_note"]["released"] is False
    assert (
        await words(site, number, turns["add_note"]["text"])
        == "The next step was explained to the customer at intake."
    )


async def test_what_is_not_ticked_is_not_done(site: Site) -> None:
    form = filled()
    del form["register"]
    number = number_of(await send(await site.signed_in(CLERK), form))
    assert set(await said(site, number)) == {"open"}


async def test_the_same_form_twice_is_one_complaint(site: Site) -> None:
    client, form = await site.signed_in(CLERK), filled(explained="yes")
    first, second = await send(client, form), await send(client, form)
    assert number_of(first) == number_of(second)
    turns = await site.desk.office.pool.fetchval(
        "SELECT count(*) FROM turns WHERE number = $1", number_of(first)
    )
    assert turns == 3


async def test_the_same_form_with_other_content_shows_the_first(site: Site) -> None:
    client, form = await site.signed_in(CLERK), filled()
    number = number_of(await send(client, form))
    answer = await send(client, {**form, "text": "另一件事"})
    assert answer.status_code == 422
    assert f"became complaint {number}" in answer.text
    assert "另一件事" in answer.text
    key = re.search(r'id="intake-form".*?name="key" value="([0-9a-f]{32})"', answer.text, re.DOTALL)
    assert key
    assert key[1] != form["key"]
    assert number_of(await send(client, {**form, "key": key[1], "text": "另一件事"})) != number


FAR = (datetime.now(ZONE) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.requirement("INT-03", "INT-06")
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Fill this in."),
        ("contact", " ", "Fill this in."),
        ("text", "", "Fill this in."),
        ("project", "", "Fill this in."),
        ("name", "名" * 101, "At most 100 characters are taken."),
        ("contact", "1" * 201, "At most 200 characters are taken."),
        ("text", "x" * 100_001, "At most 100000 characters are taken."),
        ("text", "a\x00b", "There are invisible control characters in it"),
        ("unit", "a\x1bb", "There are invisible control characters in it"),
        ("questions", "a\x00b", "There are invisible control characters in it"),
        ("channel", "carrier_pigeon", "Choose one from the list."),
        ("line", "fishing", "Choose one from the list."),
        pytest.param("received_at", FAR, "not in the future", id="received_at-in two days"),
        ("received_at", "1990-01-01T00:00", "within the last ten years"),
        ("received_at", "yesterday", "Write the date and time of receipt"),
        ("received_at", "", "Write the date and time of receipt"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_opened(
    site: Site, field: str, value: str, sentence: str
) -> None:
    client, form = await site.signed_in(CLERK), filled(desired="保留<b>我</b>写的")
    answer = await send(client, {**form, field: value})
    assert answer.status_code == 422
    shown = re.search(rf'id="{field}-error"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert shown
    assert sentence in shown[1]
    assert "保留&lt;b&gt;我&lt;/b&gt;写的" in answer.text
    if field != "contact":
        assert await complaints_by(site, form["contact"]) == 0


@pytest.mark.parametrize(
    ("contact", "asked"),
    [
        ("138", True),
        ("+86 (0)21", True),
        ("13800000001", False),
        ("021-555 1234", False),
        ("wx42", False),
        ("a@b.cn", False),
    ],
)
def test_a_telephone_number_that_breaks_off_is_asked_about(contact: str, asked: bool) -> None:
    questions = missing(typed_form({"contact": contact}), Words("en").gettext)
    assert any("fewer than seven digits" in question for _, question, _ in questions) == asked
    assert not any(needed for field, _, needed in questions if field == "contact"), "it is taken as it is"


async def test_script_in_every_field_is_only_text(site: Site) -> None:
    evil = "<script>alert(1)</script>'\"{{ 7 * 7 }}"
    client = await site.signed_in(CLERK)
    every = (
        "name",
        "project",
        "unit",
        "text",
        "desired",
        "event",
        "people",
        "purpose",
        "questions",
        "external_id",
    )
    answer = await send(client, filled(**dict.fromkeys(every, evil), contact=""))
    assert "<script>alert" not in answer.text
    assert "49" not in re.findall(r"value=\"[^\"]*\"", answer.text)
    number = number_of(await send(client, filled(**dict.fromkeys(every, evil))))
    slip = await client.get(f"/intake/{number}/slip")
    assert "<script>alert" not in slip.text
    assert "&lt;script&gt;alert(1)" in slip.text


@pytest.mark.requirement("INT-12")
async def test_open_complaints_of_the_same_contact_show_while_typing(site: Site) -> None:
    client, caller = await site.signed_in(CLERK), contact()
    number = await site.house.open(contact=caller)
    spelt = f"+86 {caller[:3]}-{caller[3:7]} {caller[7:]}"
    found = await client.post("/intake/lookup", data={"contact": spelt})
    assert number in found.text
    assert "same contact" in found.text
    assert f'name="into" value="{number}"' in found.text
    assert (await client.get("/intake/lookup", params={"contact": caller})).status_code in (404, 405)


@pytest.mark.requirement("INT-12")
async def test_a_known_customer_and_what_is_open_about_their_unit(site: Site, master: None) -> None:
    client = await site.signed_in(CLERK)
    number = await site.house.open(contact=contact(), project="chenlan", unit="5栋1单元101")
    other = await site.house.open(contact=contact(), project="chenlan", unit="5栋1单元102")
    found = await client.post("/intake/lookup", data={"contact": "139 0000 0001"})
    assert "周女士" in found.text
    assert "示例·晨澜苑" in found.text
    assert "5栋1单元101" in found.text
    assert number in found.text
    assert other not in found.text
    by_place = await client.post("/intake/lookup", data={"project": "示例·晨澜苑", "unit": "5栋 1单元 102"})
    assert other in by_place.text
    assert "same unit" in by_place.text


@pytest.mark.requirement("ORG-08", "CUS-07")
async def test_a_look_up_shows_nothing_that_is_not_ones_own_to_read(site: Site, master: None) -> None:
    caller = contact()
    number = await site.house.open(contact=caller)
    client = await site.signed_in("sales_staff-1")
    found = await client.post("/intake/lookup", data={"contact": caller})
    assert number not in found.text
    assert "1 open complaint is with others" in found.text
    assert "周女士" not in (await client.post("/intake/lookup", data={"contact": "13900000001"})).text
    added = await send(client, filled(into=number))
    assert added.status_code == 404
    assert (await client.get(f"/intake/{number}/slip")).status_code == 404


@pytest.mark.requirement("CUS-09")
async def test_a_name_that_a_look_up_shows_was_read_on_record(site: Site, master: None) -> None:
    reads = "SELECT count(*) FROM text_reads WHERE reader = 'cs_director-1' AND owner LIKE 'cus\\_%'"
    before = await site.desk.office.pool.fetchval(reads)
    client = await site.signed_in("cs_director-1")
    await client.post("/intake/lookup", data={"contact": "13900000001"})
    assert await site.desk.office.pool.fetchval(reads) == before + 1


@pytest.mark.parametrize("odd", ["\x00" * 9, "%" * 9, "' OR 1=1 --", "a" * 50_000, "😀" * 9, "\udcff" * 9])
async def test_odd_look_ups_find_nothing(site: Site, odd: str) -> None:
    client = await site.signed_in(CLERK)
    data = {"contact": odd, "project": odd, "unit": odd}
    body = (
        "&".join(
            f"{name}={httpx2.URL('', params={'x': value}).query.decode()[2:]}" for name, value in data.items()
        )
        if "\udcff" not in odd
        else "contact=%ff%ff%ff%ff%ff&project=%ff&unit=%ff"
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for address in ("/intake/lookup", "/intake/units"):
        answer = await client.post(address, content=body, headers=kind)
        assert answer.status_code == 200
        assert "/case/" not in answer.text


async def test_units_are_offered_as_they_are_typed(site: Site, master: None) -> None:
    client = await site.signed_in(CLERK)
    offered = await client.post("/intake/units", data={"project": "示例·晨澜苑", "unit": "5栋 1单元10"})
    assert re.findall(r'value="([^"]+)"', offered.text) == ["5栋1单元101", "5栋1单元102"]


@pytest.mark.requirement("INT-12")
async def test_what_is_new_can_be_added_to_a_complaint_there_is(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open(contact=contact())
    form = filled(into=number, text="现在卧室也漏了", event="今早", explained="yes")
    answer = await send(client, form, ("bedroom.jpg", photo(50)))
    assert answer.headers["location"] == f"/case/{number}"
    turns = await said(site, number)
    assert (
        await words(site, number, turns["add_to_intake"]["text"])
        == "现在卧室也漏了\nWhen and where it happened: 今早"
    )
    assert turns["add_evidence"]["document"] == (await book_of(site.desk).of(number))[0].id
    assert await complaints_by(site, form["contact"]) == 0


async def test_nothing_new_adds_nothing(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    answer = await send(client, filled(into=number, text="  "))
    assert answer.status_code == 422
    assert "Write down what is new first." in answer.text
    assert set(await said(site, number)) == {"open"}
    assert (await send(client, filled(into="9999-000001"))).status_code == 404
    assert (await send(client, filled(into="../x"))).status_code == 404


@pytest.mark.requirement("INT-13")
async def test_files_come_with_the_form(site: Site) -> None:
    client = await site.signed_in(CLERK)
    answer = await send(client, filled(subkind="letter"), ("信.txt", "尊敬的".encode()), ("b.jpg", photo(51)))
    number = number_of(answer)
    files = await book_of(site.desk).of(number)
    assert [file.subkind for file in files] == ["letter", "letter"]
    assert all(file.turn for file in files)
    names = await book_of(site.desk).names(files, CLERK)
    assert list(names.values()) == ["信.txt", "b.jpg"]


async def test_files_that_came_with_a_faulty_form_are_kept_with_it(site: Site) -> None:
    client, form = await site.signed_in("cs_specialist-2"), filled(name="")
    refused = await send(client, form, ("good.jpg", photo(52)), ("bad.svg", b"<svg/>"))
    assert refused.status_code == 422
    assert "bad.svg: Files of this kind are not taken" in refused.text
    (staged,) = re.findall(r'href="/files/(fil_[0-9a-f]{32})" target', refused.text)[:1]
    assert (await client.get(f"/files/{staged}")).content == photo(52)
    assert (await (await site.signed_in(CLERK)).get(f"/files/{staged}")).status_code == 404
    number = number_of(await send(client, {**form, "name": "周女士"}))
    assert [file.id for file in await book_of(site.desk).of(number)] == [staged]


async def test_a_broken_body_shows_the_form_as_it_was_kept(site: Site) -> None:
    client = await site.signed_in("cs_specialist-2")
    form = filled(text="写了很久的话")
    await client.post("/intake/draft", data=form)
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    for body in (b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf', b"nothing"):
        answer = await client.post("/intake", content=body, headers=kind)
        assert answer.status_code == 400
        assert "The upload broke off" in answer.text
        assert "写了很久的话" in answer.text
    assert await complaints_by(site, form["contact"]) == 0


async def test_a_draft_outlives_the_window_and_is_ones_own(site: Site) -> None:
    client = await site.signed_in("property_mgmt-1")
    form = filled(text="还没写完<i>")
    checked = await client.post("/intake/draft", data={**form, "contact": ""})
    assert "How can we reach the customer?" in checked.text
    assert "还没写完&lt;i&gt;" in (await client.get("/intake")).text
    assert "还没写完" not in (await (await site.signed_in("sales_head-1")).get("/intake")).text
    number_of(await send(client, form))
    assert "还没写完" not in (await client.get("/intake")).text


async def test_a_draft_can_be_thrown_away(site: Site) -> None:
    client, form = await site.signed_in("property_mgmt-1"), filled(text="不要了")
    await client.post("/intake/draft", data=form)
    gone = await client.post("/intake/discard", data={"key": form["key"]})
    assert gone.url.path == "/intake"
    assert "不要了" not in (await client.get("/intake")).text
    left = await site.desk.office.pool.fetchval(
        "SELECT count(*) FROM intake_drafts WHERE key = $1", form["key"]
    )
    assert left == 0


async def test_what_could_not_be_done_is_told(site: Site) -> None:
    """The same form again after the complaint has ended: what it adds is refused, and said so."""
    client, form = await site.signed_in(CLERK), filled()
    number = number_of(await send(client, form))
    await site.house.do(number, "mark_withdrawn", CLERK, reason="solved")
    answer = await send(client, {**form, "questions": "还在吗?"})
    assert answer.status_code == 503
    assert number in answer.text
    assert re.search(r"Write down the answers:\s*<strong>not done</strong>", answer.text)


async def test_a_letter_is_known_by_its_own_number(site: Site) -> None:
    client = await site.signed_in(CLERK)
    file_number = f"热线-{secrets.token_hex(4)}"
    form = filled(channel="hotline", external_id=file_number)
    number = number_of(await send(client, form))
    again = await send(client, {**form, "key": secrets.token_hex(16)})
    assert number_of(again) == number
    other = await send(client, {**form, "key": secrets.token_hex(16), "text": "不同内容"})
    assert f"became complaint {number}" in other.text


@pytest.mark.requirement("CUS-07")
async def test_the_slip_is_whole_for_who_handles_it_and_masked_for_who_does_not(site: Site) -> None:
    client = await site.signed_in(CLERK)
    number = number_of(await send(client, filled(language="en", name="Mrs Zhou")))
    slip = await client.get(f"/intake/{number}/slip")
    assert number in slip.text
    assert "Mrs Zhou" in slip.text
    assert slip.status_code == 200
    assert "First answer from a person by" in slip.text
    masked = await (await site.signed_in("auditor-1")).get(f"/intake/{number}/slip")
    assert "Mrs Zhou" not in masked.text


async def test_the_slip_speaks_to_the_customer_and_its_buttons_to_the_clerk(site: Site) -> None:
    client = await site.signed_in(CLERK)
    number = number_of(await send(client, filled(language="zh-CN")))
    page = (await client.get(f"/intake/{number}/slip")).text
    paper = page[page.index('<article class="slip" lang="zh-CN">') : page.index("</article>")]
    assert "投诉受理回执" in paper
    assert "Print" not in paper
    assert "Print</button>" in page
    assert "打印" not in page


@pytest.mark.requirement("INT-10")
async def test_the_published_text_is_made_from_the_policy_in_force(site: Site) -> None:
    for language, sentence, channel, rule in (
        ("en", "within 24 hours", "Telephone", "You may go to court at any time"),
        ("zh-CN", "24 小时内", "电话", "您可以随时向法院起诉"),
    ):
        page = await site.stranger().get("/process", params={"lang": language})
        assert page.status_code == 200
        assert sentence in page.text
        assert channel in page.text
        assert "2026-01" in page.text
        assert rule in page.text
        assert "leading group" not in page.text
        assert "领导小组" not in page.text, "what binds us alone"


async def test_who_is_not_signed_in_takes_nothing_in(site: Site) -> None:
    stranger = site.stranger()
    for address in ("/intake", "/intake/lookup", "/intake/draft"):
        assert (await stranger.post(address, data=filled())).status_code in (303, 401, 403)


@pytest.mark.requirement("INT-08")
@pytest.mark.parametrize(
    ("field", "bad", "told"),
    [
        ("text", "x" * 100_001, "At most 100000 characters are taken."),
        ("text", "a\x00b", "invisible control characters"),
        ("desired", "x" * 100_001, "At most 100000 characters are taken."),
        ("event", "x" * 10_001, "At most 10000 characters are taken."),
    ],
)
async def test_what_is_added_is_judged_like_what_is_opened(
    site: Site, field: str, bad: str, told: str
) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    answer = await send(client, filled(into=number, **{field: bad}))
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-error".{{0,600}}{told}', answer.text, re.DOTALL)
    assert set(await said(site, number)) == {"open"}


async def test_an_addition_of_many_parts_that_is_too_long_is_said_so(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    answer = await send(client, filled(into=number, text="x" * 60_000, desired="y" * 60_000))
    assert answer.status_code == 422
    assert "at most 100000 are taken" in answer.text
    assert set(await said(site, number)) == {"open"}


async def test_what_the_rules_cannot_read_is_no_outage(site: Site) -> None:
    """An answer that no form lets through, in a form that was kept from an earlier version."""
    form = typed_form(filled(questions="x" * 100_001, event=""))
    meant = read_form_fields(typed_form(filled()), site.desk.now(), str)
    assert isinstance(meant, Submission)
    async with site.desk.office.pool.acquire() as connection:
        clerk = await asker(connection, CLERK, site.desk.now())
    who = Who(asker=clerk, name=CLERK, language="en", theme="auto", csrf="")
    outcome = await opening(site.desk, who, form, meant)
    answers = next(step for step in outcome.steps if step.what == "answers")
    assert not answers.done
    assert "No answer came" not in answers.reason
    assert "100000" in answers.reason


@pytest.mark.requirement("INT-05")
async def test_who_has_no_seat_takes_a_complaint_in_and_is_told_the_truth(site: Site) -> None:
    """Any employee is first contact; the rest is for customer service, and what was asked is not lost."""
    async with site.desk.office.pool.acquire() as connection:
        await put_person(connection, Person(user_id="porter-1", name="Porter", roles=()))
    client, form = await site.signed_in("porter-1"), filled(event="今早")
    answer = await send(client, form)
    assert answer.status_code == 200
    assert "No answer came in time" not in answer.text
    assert "Customer service does it" in answer.text
    number = re.search(r'class="receipt-number">([\d-]+)', answer.text)
    assert number
    assert f'href="/case/{number[1]}"' not in answer.text
    row = await site.desk.office.pool.fetchrow("SELECT words FROM receipts WHERE number = $1", number[1])
    assert (
        await words(site, number[1], row["words"]["text"])
        == f"{form['text']}\nWhen and where it happened: 今早"
    )
    assert set(await said(site, number[1])) == {"open"}


@pytest.mark.parametrize("written", ["0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00"])
async def test_days_at_the_ends_of_the_calendar_are_no_receipt(site: Site, written: str) -> None:
    answer = await send(await site.signed_in(CLERK), filled(received_at=written))
    assert answer.status_code == 422
    assert "Write the date and time of receipt" in answer.text


@pytest.mark.requirement("INT-04", "CUS-09")
async def test_the_slip_names_team_and_hotline_and_the_link_where_it_may_be_handed_out(
    site: Site, tmp_path: Path
) -> None:
    number = await site.house.open(language="en")
    async with a_site(site.house, tmp_path, REDRESS_HOTLINE="400-820-1234") as called:
        client = await called.signed_in(CLERK)
        slip = await client.get(f"/intake/{number}/slip")
        assert "Customer service" in slip.text
        assert "400-820-1234" in slip.text
        assert "/s/" not in slip.text
        key = re.search(r'name="key" value="([0-9a-f-]{36})"', slip.text)
        assert key
        linked = await client.post(f"/intake/{number}/slip", data={"key": key[1]})
        address = re.search(r"http\S+(/s/[\w-]+)", linked.text)
        assert address
        assert (await called.stranger().get(address[1])).status_code == 200
        auditor = await called.signed_in("auditor-1")
        assert (await auditor.post(f"/intake/{number}/slip", data={"key": key[1]})).status_code == 403
        gone = await called.stranger().get("/s/nothing")
        assert "tel:400-820-1234" in gone.text
    assert [row["kind"] for row in await site.house.turns(number)] == ["open", "add_note"]
    without = await (await site.signed_in(CLERK)).get(f"/intake/{number}/slip")
    assert "By telephone" not in without.text
