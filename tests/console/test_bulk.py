"""The same for many: nothing happens before it is confirmed, nothing twice, nothing beyond one's rights."""

import asyncio
import re
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from console import bulk_work
from console.bulk_orders import OFFERS
from console.bulk_work import TAG_GONE, work_on
from console.desk import Desk
from console.saying import say
from domain.commands import MODELS
from records import jobs, shelves
from records.jobs import Order
from records.shelves import Tag
from records.texts import new_draft
from starter.complaints import TryAgain
from tests.console.conftest import PageFor
from tests.console.served import Site

PATIENCE = 30


async def notes(site: Site, number: str) -> list[tuple[str, bool]]:
    """The notes of a complaint's ledger: command id and whether it was accepted."""
    rows = await site.desk.office.pool.fetch(
        "SELECT command_id, accepted FROM turns WHERE number = $1 AND kind = 'add_note' ORDER BY turn", number
    )
    return [(row["command_id"], row["accepted"]) for row in rows]


async def finished(site: Site, job: str) -> dict[str, Any]:
    """The job once it is finished, by the worker of the site that is served."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with site.desk.office.pool.acquire() as connection:
                found = await jobs.find_job(connection, job)
            assert found is not None
            if found.finished_at:
                return {"counts": found.counts, "cancelled": found.cancelled_at is not None}
            await asyncio.sleep(0.05)


async def items(site: Site, job: str) -> dict[str, jobs.ItemLine]:
    async with site.desk.office.pool.acquire() as connection:
        return {item.number: item for item in await jobs.items_of(connection, job)}


async def held_job(desk: Desk, holder: str, kind: str, numbers: list[str], by: str, **fields: Any) -> Order:
    """A job put in line and taken by `holder` in one breath, so that the served site's worker does not get it."""
    words = {name: value for name, value in fields.items() if name in ("text", "reason")}
    async with desk.office.pool.acquire() as connection, connection.transaction():
        told = await desk.office.texts.store(connection, new_draft(), words)
        codes = {name: value for name, value in fields.items() if name not in words}
        order = Order(uuid4().hex, kind, codes, told, by)
        assert await jobs.add_job(connection, order, numbers)
        await connection.execute(
            "UPDATE jobs SET held_by = $2, lease_until = now() + interval '1 hour' WHERE id = $1",
            order.id,
            holder,
        )
    return order


async def lease_is_over(desk: Desk, order: Order) -> None:
    """The holder has been silent for longer than its lease."""
    await desk.office.pool.execute(
        "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1", order.id
    )


async def test_choose_look_confirm_and_it_is_done(site: Site) -> None:
    numbers = [await site.house.open() for _ in range(3)]
    clerk = await site.signed_in("cs_specialist-1")
    chosen = await clerk.post("/bulk", data={"number": numbers})
    assert "Work on 3 complaints" in chosen.text
    fields = {"numbers": " ".join(numbers), "kind": "add_note", "text": "全部电话告知 <b>"}
    looked = await clerk.post("/bulk/preview", data=fields)
    assert "3 will be done" in looked.text
    assert "全部电话告知 &lt;b&gt;" in looked.text
    assert "They cannot be deleted" in looked.text
    assert [await notes(site, number) for number in numbers] == [[], [], []]
    key = re.search(r'name="key" value="([0-9a-f]{32})"', looked.text)
    assert key
    for _ in range(2):  # the button pressed twice
        started = await clerk.post("/bulk/start", data={**fields, "key": key[1]})
        assert str(started.url).endswith(f"/jobs/{key[1]}")
    assert await finished(site, key[1]) == {"counts": {"done": 3}, "cancelled": False}
    for number in numbers:
        assert [accepted for _, accepted in await notes(site, number)] == [True]
    page = await clerk.get(f"/jobs/{key[1]}")
    assert "3 done" in page.text
    assert 'hx-trigger="every 2s"' not in page.text
    assert (await clerk.get("/jobs")).text.count(f"/jobs/{key[1]}") == 1


async def test_the_words_of_a_job_are_kept_encrypted(site: Site) -> None:
    number, secret = await site.house.open(), "没有人该在数据库里读到这句话"
    clerk = await site.signed_in("cs_specialist-1")
    job = uuid4().hex
    await clerk.post("/bulk/start", data={"numbers": number, "kind": "add_note", "text": secret, "key": job})
    await finished(site, job)
    row = await site.desk.office.pool.fetchrow("SELECT jobs::TEXT AS told FROM jobs WHERE id = $1", job)
    assert secret not in row["told"]


async def test_the_preview_says_what_cannot_be_done_and_why_in_the_language(site: Site) -> None:
    """A department can be assigned after the classification only."""
    early, ready = await site.house.open(), await site.house.open()
    await site.house.do(ready, "register", "cs_specialist-1")
    await site.house.do(
        ready, "classify", "cs_specialist-1", type="PRODUCT", cause="ENGINEERING", severity="simple"
    )
    fields = {"numbers": f"{early} {ready}", "kind": "assign", "department": "legal", "lead": "LEGAL"}
    told = {}
    for language in ("en", "zh-CN"):
        clerk = await site.signed_in("cs_specialist-1", language=language)
        looked = (await clerk.post("/bulk/preview", data=fields)).text
        row = re.search(rf"/case/{early}.*?</tr>", looked, re.DOTALL)
        assert row
        told[language] = re.sub(r"<[^>]+>|\s+", " ", row[0])
        assert f'value="{ready}"' in looked
        words = site.desk.pages.words(language)
        refused = words.sentence("assign may be said in CLASSIFIED, not in REGISTERED.")
        assert refused in re.sub(r"\s+", " ", told[language])
    assert told["en"] != told["zh-CN"]
    job = uuid4().hex
    clerk = await site.signed_in("cs_specialist-1", language="zh-CN")
    await clerk.post("/bulk/start", data={**fields, "key": job})
    assert (await finished(site, job))["counts"] == {"done": 1, "refused": 1}
    assert (await items(site, job))[early].reason == "assign may be said in CLASSIFIED, not in REGISTERED."
    page = await clerk.get(f"/jobs/{job}")
    assert site.desk.pages.words("zh-CN").sentence((await items(site, job))[early].reason or "") in page.text


async def test_foreign_cases_in_the_selection_are_not_there(site: Site) -> None:
    """Neither the pages nor the job tell that the case exists; rights are judged anew when it is done."""
    mine, other = await site.house.open(), await site.house.open()
    await site.house.do(mine, "register", "cs_specialist-1")
    await site.house.do(mine, "classify", "cs_specialist-1", type="LEGAL", cause="SALES", severity="simple")
    await site.house.do(mine, "assign", "cs_specialist-1", department="legal", lead="LEGAL")
    lawyer = await site.signed_in("legal-1")
    fields = {"numbers": f"{mine} {other} 2026-999999999 '; DROP", "kind": "add_note", "text": "x"}
    for path in ("/bulk", "/bulk/preview"):
        page = (await lawyer.post(path, data=fields)).text
        assert mine in page
        assert other not in page
        assert "999999999" not in page
    job = uuid4().hex
    assert other not in (await lawyer.post("/bulk/start", data={**fields, "key": job})).text
    await finished(site, job)
    assert set(await items(site, job)) == {mine}
    assert await notes(site, other) == []


async def test_jobs_are_their_askers_own(site: Site) -> None:
    number, job = await site.house.open(), uuid4().hex
    clerk, other = await site.signed_in("cs_specialist-1"), await site.signed_in("cs_specialist-2")
    data = {"numbers": number, "kind": "add_note", "text": "x", "key": job}
    await clerk.post("/bulk/start", data=data)
    await finished(site, job)
    assert (await other.get(f"/jobs/{job}")).status_code == 404
    assert (await other.post(f"/jobs/{job}/cancel")).status_code == 404
    assert (await other.post("/bulk/start", data={**data, "text": "y"})).status_code == 404
    assert len(await notes(site, number)) == 1
    assert (await clerk.post(f"/jobs/{job}/explode")).status_code == 404
    assert (await clerk.get("/jobs/1")).status_code == 404
    assert (await site.stranger().get(f"/jobs/{job}")).status_code in (303, 401)


@pytest.mark.parametrize("done", [0, 1, 2])
async def test_a_job_killed_in_the_middle_goes_on_and_does_nothing_twice(
    site: Site, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    """The process dies after a command was ruled on and before it wrote that down; another goes on."""
    numbers = [await site.house.open() for _ in range(3)]
    order = await held_job(site.desk, "first", "add_note", numbers, "cs_specialist-1", text="一次")
    said = 0

    async def dying(desk: Desk, *given: Any, **more: Any) -> Any:
        nonlocal said
        decision = await say(desk, *given, **more)
        if said == done:
            raise asyncio.CancelledError
        said += 1
        return decision

    with monkeypatch.context() as patched:
        patched.setattr(bulk_work, "say", dying)
        patched.setattr(bulk_work, "_let_go", _nothing)
        with pytest.raises(asyncio.CancelledError):
            await work_on(site.desk, order, "first")
    states = Counter(item.state for item in (await items(site, order.id)).values())
    assert states == {"waiting": 3 - done, **({"done": done} if done else {})}
    assert [len(await notes(site, number)) for number in numbers] == [1] * (done + 1) + [0] * (2 - done)
    await lease_is_over(site.desk, order)
    assert (await finished(site, order.id))["counts"] == {"done": 3}
    assert [await notes(site, number) for number in numbers] == [
        [(f"bulk-{order.id}-{number}", True)] for number in numbers
    ]


async def _nothing(*_: Any) -> None:
    """What a dead process does."""


async def test_two_processes_share_the_jobs_and_never_one_job(site: Site) -> None:
    numbers = [await site.house.open() for _ in range(2)]
    order = await held_job(site.desk, "a", "add_note", numbers, "cs_specialist-1", text="x")
    async with site.desk.office.pool.acquire() as connection:
        assert await jobs.hold_job(connection, order.id, "b") is False
    await work_on(site.desk, order, "b")
    assert {item.state for item in (await items(site, order.id)).values()} == {"waiting"}
    await asyncio.gather(work_on(site.desk, order, "a"), work_on(site.desk, order, "a"))
    assert (await finished(site, order.id))["counts"] == {"done": 2}
    assert [len(await notes(site, number)) for number in numbers] == [1, 1]


async def test_what_was_refused_is_tried_again_as_a_new_command(site: Site) -> None:
    number, job = await site.house.open(), uuid4().hex
    clerk = await site.signed_in("cs_specialist-1")
    await clerk.post(
        "/bulk/start",
        data={"numbers": number, "kind": "assign", "department": "legal", "lead": "LEGAL", "key": job},
    )
    assert (await finished(site, job))["counts"] == {"refused": 1}
    await site.house.do(number, "register", "cs_specialist-1")
    await site.house.do(number, "classify", "cs_specialist-1", type="LEGAL", cause="SALES", severity="simple")
    await clerk.post(f"/jobs/{job}/retry")
    assert (await finished(site, job))["counts"] == {"done": 1}
    assert (await site.house.state(number)).department == "legal"


async def test_the_rest_is_cancelled_and_stays_undone(site: Site) -> None:
    numbers = [await site.house.open() for _ in range(2)]
    order = await held_job(site.desk, "somebody", "add_note", numbers, "cs_specialist-1", text="x")
    clerk = await site.signed_in("cs_specialist-1")
    page = await clerk.get(f"/jobs/{order.id}")
    assert "Cancel the rest" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    await clerk.post(f"/jobs/{order.id}/cancel")
    await lease_is_over(site.desk, order)
    await work_on(site.desk, order, "somebody")
    assert await finished(site, order.id) == {"counts": {"cancelled": 2}, "cancelled": True}
    assert [await notes(site, number) for number in numbers] == [[], []]


async def test_no_answer_is_tried_again_under_the_same_key_and_then_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost each time, though the command was ruled on; the job says so, and a new try finds the answer."""
    number = await site.house.open()
    order = await held_job(site.desk, "a", "add_note", [number], "cs_specialist-1", text="x")

    async def lost(desk: Desk, *given: Any, **more: Any) -> Any:
        await say(desk, *given, **more)
        raise TryAgain("lost")

    with monkeypatch.context() as patched:
        patched.setattr(bulk_work, "say", lost)
        patched.setattr(bulk_work, "_let_go", _nothing)
        for _ in range(bulk_work.TRIES):
            await work_on(site.desk, order, "a")
            await site.desk.office.pool.execute(
                "UPDATE job_items SET not_before = now() WHERE job = $1", order.id
            )
    assert (await items(site, order.id))[number].state == "failed"
    clerk = await site.signed_in("cs_specialist-1")
    assert "No answer came" in (await clerk.get(f"/jobs/{order.id}")).text
    await lease_is_over(site.desk, order)
    await clerk.post(f"/jobs/{order.id}/retry")
    assert (await finished(site, order.id))["counts"] == {"done": 1}
    assert len(await notes(site, number)) == 1


async def test_who_has_left_since_may_do_nothing_more(site: Site) -> None:
    number = await site.house.open()
    order = await held_job(site.desk, "a", "add_note", [number], "nobody-7", text="x")
    await work_on(site.desk, order, "a")
    item = (await items(site, order.id))[number]
    assert (item.state, item.rule) == ("refused", "ORG-08")
    assert await notes(site, number) == []


async def test_a_tag_is_set_and_taken_away(site: Site) -> None:
    number = await site.house.open()
    clerk = await site.signed_in("cs_specialist-1")

    async def tags() -> list[str]:
        rows = await site.desk.office.pool.fetch("SELECT tag FROM case_tags WHERE number = $1", number)
        return [row["tag"] for row in rows]

    for value, there in (("true", ["elderly"]), ("true", ["elderly"]), ("false", [])):
        job = uuid4().hex
        await clerk.post(
            "/bulk/start",
            data={"numbers": number, "kind": "tag", "tag": "elderly", "value": value, "key": job},
        )
        assert (await finished(site, job))["counts"] == {"done": 1}
        assert await tags() == there


async def test_a_tag_that_ended_meanwhile_is_not_said_to_be_set(site: Site) -> None:
    number, code = await site.house.open(), f"ended-{uuid4().hex[:8]}"
    async with site.desk.office.pool.acquire() as connection:
        await shelves.put_tag(connection, Tag(code, "旧", "old"), "cs_director-1")
        await shelves.end_tag(connection, code)
    order = await held_job(site.desk, "a", "tag", [number], "cs_specialist-1", tag=code, value=True)
    await work_on(site.desk, order, "a")
    item = (await items(site, order.id))[number]
    assert (item.state, item.reason) == ("refused", TAG_GONE)
    clerk = await site.signed_in("cs_specialist-1")
    wish = {"numbers": number, "kind": "tag", "tag": code}
    assert "This tag is not in use" in (await clerk.post("/bulk/preview", data=wish)).text
    job = uuid4().hex
    assert (await clerk.post("/bulk/start", data={**wish, "key": job})).status_code == 422
    assert (await clerk.get(f"/jobs/{job}")).status_code == 404


async def test_a_selection_beyond_the_cap_is_cut_and_says_so(site: Site) -> None:
    """Thousands of numbers are looked at in two statements; a job takes the first of them."""
    real = [await site.house.open() for _ in range(2)]
    clerk = await site.signed_in("cs_specialist-1")
    huge = " ".join([*real, *(f"2026-{place:09}" for place in range(900_000_000, 900_004_000))])
    page = await clerk.post("/bulk", data={"numbers": huge})
    assert page.status_code == 200
    assert "Work on 2 complaints" in page.text
    looked = await clerk.post("/bulk/preview", data={"numbers": huge, "kind": "add_note", "text": "x"})
    assert "2 will be done" in looked.text
    assert (await clerk.post("/bulk", data={"numbers": "x" * 3_000_000})).status_code < 500


async def test_all_of_a_list_is_what_the_list_shows(site: Site) -> None:
    project = f"示例·{uuid4().hex[:6]}"
    numbers = {await site.house.open(project=project) for _ in range(3)}
    await site.house.open()
    clerk = await site.signed_in("cs_specialist-1")
    page = await clerk.post("/bulk", data={"all": "1", "list": "queue/all", "query": f"project={project}"})
    assert "Work on 3 complaints" in page.text
    assert all(number in page.text for number in numbers)
    assert (await clerk.post("/bulk", data={"all": "1", "list": "queue/none"})).status_code == 404
    assert (await clerk.post("/bulk", data={"all": "1", "list": "wall/open_now"})).status_code == 403


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "add_note"}, "text"),
        ({"kind": "add_note", "text": "\x00"}, "text"),
        ({"kind": "add_note", "text": "x" * 100_001}, "text"),
        ({"kind": "assign", "department": "moon", "lead": "LEGAL"}, "department"),
        ({"kind": "reassign", "person": "NO SUCH ' PERSON", "reason": "x"}, "person"),
        ({"kind": "tag"}, "tag"),
        ({"kind": "tag", "tag": "no-such-tag"}, "tag"),
        ({"kind": "tag", "tag": "a\x00b", "value": "false"}, "tag"),
        ({"kind": "archive", "result": "UNRESOLVED"}, "kind"),
        ({}, "kind"),
    ],
)
async def test_bad_input_is_told_beside_its_field_and_kept(
    site: Site, fields: dict[str, str], field: str
) -> None:
    number = await site.house.open()
    clerk = await site.signed_in("cs_specialist-1")
    for path in ("/bulk/preview", "/bulk/start"):
        page = await clerk.post(path, data={"numbers": number, "key": uuid4().hex, **fields})
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.text
        if field != "kind" and (typed := fields.get(field, "")).isalnum():
            assert typed in page.text
    assert (
        await site.desk.office.pool.fetchval("SELECT count(*) FROM job_items WHERE number = $1", number) == 0
    )


async def test_a_write_without_the_sessions_token_is_refused(site: Site) -> None:
    number = await site.house.open()
    clerk = await site.signed_in("cs_specialist-1")
    del clerk.headers["X-CSRF-Token"]
    job = uuid4().hex
    sent = await clerk.post(
        "/bulk/start", data={"numbers": number, "kind": "add_note", "text": "x", "key": job}
    )
    assert sent.status_code == 403
    assert await items(site, job) == {}


def test_every_offer_is_a_command_whose_fields_it_has() -> None:
    for offer in OFFERS.values():
        if offer.kind != "tag":
            assert set(offer.fields) <= set(MODELS[offer.kind].model_fields), offer.kind


@pytest.mark.parametrize(
    ("language", "phone"), [("zh-CN", False), pytest.param("en", True, marks=pytest.mark.slow)]
)
async def test_a_job_by_hand_in_a_browser(site: Site, page_for: PageFor, language: str, phone: bool) -> None:
    """From a list to the result that appears by itself, without anything reloaded by hand."""
    number = await site.house.open()
    page = await page_for("cs_specialist-2", language=language, phone=phone)
    await page.goto(f"{site.url}/bulk?number={number}")
    await page.locator("details.bulk-offer:has(input[value=add_note]) > summary").click()
    await page.locator("#add_note-text").fill("批量备注")
    await page.locator("details.bulk-offer:has(input[value=add_note]) button").click()
    await page.wait_for_url("**/bulk/preview")
    await page.locator("form[action='/bulk/start'] button").click()
    await page.wait_for_url("**/jobs/*")
    await page.locator("#job tbody .chip-done").wait_for()
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert len(await notes(site, number)) == 1
