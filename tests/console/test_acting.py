"""Things said to a case by its forms, over the served console."""

import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from console.files.taking import book_of
from console.forms.sending import second_key
from console.forms.shape import kinds
from console.pages.actions import DROP_ROW
from domain.commands import INTERNAL, NoticeDelivered
from policies import load_calendar
from records.policies import add_calendar
from tests.console.acting import again, form_of
from tests.console.forms_filled import filled
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site
from tests.console.test_files_served import photo

CLERK, OTHER, DIRECTOR = "cs_specialist-1", "cs_specialist-2", "cs_director-1"
ANSWER = {"f-channel": "telephone", "f-effective": "yes", "f-text": "we come tomorrow"}
CLASSIFY = {"f-type": "PRODUCT", "f-cause": "ENGINEERING", "f-severity": "simple"}
NOTE = "写了很久的一段话 <b>&amp; 😀"


async def registered(site: Site) -> str:
    number = await site.house.open()
    await site.house.do(number, "register", CLERK)
    return number


async def turns(site: Site, number: str) -> list[tuple[str, bool]]:
    """What was said to a case by people after it was opened and registered, in order."""
    said = [(row["kind"], row["accepted"]) for row in await site.house.turns(number)]
    return [one for one in said if one[0] not in ("open", "register", *INTERNAL)]


async def test_a_command_is_said_by_its_form_and_the_case_tells(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in(CLERK)
    assert f'href="/case/{number}/do/register"' in (await client.get(f"/case/{number}")).text
    form = await form_of(client, number, "register")
    done = await form.send()
    assert done.status_code == 303
    page = (await client.get(done.headers["location"])).text
    assert re.search(r"Done: [^(<]+ \(turn 2\)", page)


async def test_what_is_not_possible_now_cannot_be_sent_and_says_why(site: Site) -> None:
    """Neither by the button nor by Enter; what may have been heard already can still be sent again."""
    number = await registered(site)
    client = await site.signed_in(CLERK)
    for form in (await form_of(client, number, "archive"), await form_of(client, number, "add_note")):
        buttons = re.findall(
            r'<button [^>]*type="submit"[^>]*>', form.page[form.page.index('id="act-form"') :]
        )
        closed = form.address.endswith("archive")
        assert [" disabled" in one for one in buttons] == [closed] * len(buttons)
        assert ("btn-primary" in buttons[-1]) is not closed
        assert ("Archive" in form.page and 'id="act-refused"' in form.page) is closed


async def test_htmx_is_sent_on_and_gets_the_form_alone(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in(CLERK)
    client.headers["HX-Request"] = "true"
    form = await form_of(client, number, "register")
    assert "<html" not in form.page
    done = await form.send()
    assert done.status_code == 200
    assert done.headers["hx-redirect"].startswith(f"/case/{number}?said=register&turn=")


async def test_the_same_form_twice_says_it_once(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "classify")
    first, second = await form.send(CLASSIFY), await form.send(CLASSIFY)
    assert (first.status_code, first.headers["location"]) == (303, second.headers.get("location"))
    assert (await turns(site, number)).count(("classify", True)) == 1


async def test_other_words_under_a_used_key_are_not_lost_in_silence(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "add_note")
    assert (await form.send({"f-text": "first"})).status_code == 303
    answer = await form.send({"f-text": "second, another text"})
    assert answer.status_code == 409
    assert "second, another text" in answer.text
    assert again(form, answer).hidden["key"] != form.hidden["key"]
    assert (await turns(site, number)).count(("add_note", True)) == 1


async def test_what_is_wrong_stands_beside_its_field_and_the_text_is_kept(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK, language="zh-CN"), number, "record_response")
    answer = await form.send({"f-text": NOTE, "f-channel": "<script>", "f-happened_at": "2026-02-31T09:00"})
    assert answer.status_code == 422
    assert "请从列出的选项中选择。" in answer.text
    assert "这不是有效的日期时间" in answer.text
    assert "写了很久的一段话 &lt;b&gt;&amp;amp; 😀" in answer.text
    assert 'id="f-channel-fault"' in answer.text
    assert 'value="2026-02-31T09:00"' in answer.text
    assert "<script>" not in answer.text[answer.text.index("act-form") :]
    assert await turns(site, number) == []


async def test_an_effective_answer_says_what_the_customer_was_told(site: Site) -> None:
    """The form asks for the words before the clock stops; a call that was no answer needs none."""
    number = await registered(site)
    client = await site.signed_in(CLERK)
    form = await form_of(client, number, "record_response")
    answer = await form.send({"f-channel": "telephone", "f-effective": "yes"})
    assert answer.status_code == 422
    assert 'id="f-text-fault"' in answer.text
    assert "put down what the customer was told" in answer.text
    assert await turns(site, number) == []
    sent = await form.send({"f-channel": "telephone", "f-effective": "no"})
    assert (sent.status_code, await turns(site, number)) == (303, [("record_response", True)])


async def test_who_sends_work_back_says_why(site: Site) -> None:
    number = await registered(site)
    for by, kind, fields in TO_FEEDBACK[1:-1]:
        await site.house.do(number, kind, by, **fields)
    form = await form_of(await site.signed_in("cs_director-1"), number, "decide_review")
    answer = await form.send({"f-decision": "returned"})
    assert answer.status_code == 422
    assert "Say why it goes back" in answer.text
    assert (
        await form.send({"f-decision": "returned", "f-reason": "the cupboard is still wet"})
    ).status_code == 303
    assert (await site.house.state(number)).stage == "FULFILLING"


async def test_what_comes_of_a_form_is_told_once_it_could_be_sent(site: Site) -> None:
    """Before that a refusal is told, for nobody should type in vain, and no effect that would not come."""
    number = await registered(site)
    client = await site.signed_in(CLERK)
    form = await form_of(client, number, "record_response")
    told = {"f-channel": "telephone", "f-effective": "yes"}
    early = await client.post(f"{form.address}/foresee", data=told)
    assert "as soon as enough is filled in" in early.text
    whole = await client.post(f"{form.address}/foresee", data={**told, "f-text": "we come tomorrow"})
    assert "settled: First response" in whole.text
    form = await form_of(client, number, "archive")
    vain = await client.post(f"{form.address}/foresee", data={"f-result": "UNRESOLVED"})
    assert "As it stands it would be refused" in vain.text


async def test_a_refusal_is_told_with_its_rule_and_the_text_is_kept(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK, language="zh-CN"), number, "archive")
    answer = await form.send({"f-result": "BOTH_SATISFIED"})
    assert answer.status_code == 409
    assert "CLO-07" in answer.text
    assert "只能在" in answer.text
    assert 'value="BOTH_SATISFIED" selected' in answer.text


async def test_who_was_overtaken_sees_by_what_and_may_send_it_all_the_same(site: Site) -> None:
    number = await registered(site)
    slow = await form_of(await site.signed_in(CLERK), number, "add_note")
    quick = await form_of(await site.signed_in(DIRECTOR), number, "set_flag")
    assert (await quick.send({"f-flag": "MAJOR", "f-value": "on", "f-reason": "press"})).status_code == 303
    answer = await slow.send({"f-text": NOTE})
    assert answer.status_code == 409
    assert "Set or end a flag" in answer.text[answer.text.index("act-since") :]
    assert "写了很久的一段话" in answer.text
    assert ("add_note", True) not in await turns(site, number)
    assert (await again(slow, answer).send({"f-text": NOTE})).status_code == 303
    assert ("add_note", True) in await turns(site, number)


async def test_a_delivered_message_overtakes_nobody(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "classify")
    await site.house.door.report(number, NoticeDelivered(notice="1:receipt"), "delivered-1")
    await site.house.rest(number)
    assert (await site.house.state(number)).turn == int(form.hidden["turn"]) + 1
    first, second = await form.send(CLASSIFY), await form.send(CLASSIFY)
    assert (first.status_code, second.status_code) == (303, 303)
    assert (await turns(site, number)).count(("classify", True)) == 1


@pytest.mark.parametrize("turn", ["", "-1", "999999", "x", "9" * 30, "²"])
async def test_a_form_with_a_wrong_turn_says_nothing(site: Site, turn: str) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "classify")
    answer = await form.send(CLASSIFY, turn=turn)
    assert answer.status_code == 409
    assert ("classify", True) not in await turns(site, number)
    assert (await again(form, answer).send(CLASSIFY)).status_code == 303


@pytest.mark.requirement("SLA-03")
async def test_an_answer_and_its_promise_are_said_in_one_step(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "record_response")
    said = {"f-channel": "telephone", "f-effective": "yes", "f-text": "we come", "p-promise": "P1"}
    promise = {"p-what": "a visit", "p-due": "2099-01-05T10:00"}
    assert (await form.send({**said, **promise})).status_code == 303
    assert (await form.send({**said, **promise})).status_code == 303
    assert await turns(site, number) == [("record_response", True), ("make_promise", True)]


async def test_a_promise_that_would_be_refused_stops_both(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "record_response")
    said = {**ANSWER, "p-promise": "P1", "p-what": "a visit"}
    late = await form.send({**said, "p-due": "2001-01-05T10:00"})
    assert late.status_code == 409
    no_date = await form.send(said)
    assert no_date.status_code == 422
    assert "A promise needs a date or a stated condition." in no_date.text
    assert not {"record_response", "make_promise"} & {kind for kind, _ in await turns(site, number)}


async def test_half_of_a_step_is_told_as_half(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "record_response")
    used = second_key(form.hidden["key"])
    await site.house.do(number, "add_note", CLERK, key=used, text="takes the key of the second half")
    seen = await form_of(await site.signed_in(CLERK), number, "record_response")
    said = {**ANSWER, "p-promise": "P1", "p-what": "a visit"}
    half = await form.send({**said, "p-due": "2099-01-05T10:00"}, turn=seen.hidden["turn"])
    assert half.status_code == 409
    assert "The first part is recorded" in half.text
    assert 'action="/case/' + number + '/do/make_promise"' in half.text
    assert "a visit" in half.text
    rest = again(await form_of(await site.signed_in(CLERK), number, "make_promise"), half)
    fields = {"f-promise": "P1", "f-what": "a visit", "f-due": "2099-01-05T10:00"}
    assert (await rest.send(fields)).status_code == 303


async def test_a_line_can_be_added_without_script(site: Site) -> None:
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "record_agreement")
    assert form.page.count('name="f-items-what"') == 2
    more = await form.send([("f-items-what", "one"), ("f-items-what", "two"), ("add_row", "f-items")])
    assert more.status_code == 200
    assert more.text.count('name="f-items-what"') == 4
    assert ">two</textarea>" in more.text
    assert again(form, more).hidden["key"] == form.hidden["key"]


async def test_the_query_fills_in_beforehand(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in(CLERK)
    form = await form_of(client, number, "correct", turn="2", reason="<i>typo", nonsense="x")
    assert 'name="f-turn" aria-required="true"' in form.page
    assert re.findall(r'<option value="(\d+)"( selected)?>', form.page) == [("2", " selected"), ("1", "")]
    [entries] = {*re.findall(r'name="f-fields-name"[^>]*>(.*?)</select>', form.page, re.DOTALL)}
    assert '<optgroup label="Register">' in entries
    assert '<option value="unit">Building and unit</option>' in entries
    assert "&lt;i&gt;typo" in form.page
    other = await site.house.open()
    duplicate = await form_of(client, number, "link_duplicate", of=other)
    assert other in duplicate.page


async def test_nobody_gets_the_form_of_a_case_that_is_not_theirs(site: Site) -> None:
    number = await registered(site)
    client = await site.signed_in("finance-1")
    assert (await client.get(f"/case/{number}/do/add_note")).status_code == 404
    answer = await client.post(f"/case/{number}/do/add_note", data={"f-text": "x", "key": str(uuid4())})
    assert answer.status_code == 404
    mine = await site.signed_in(CLERK)
    for kind in (*INTERNAL, "nonsense", "__init__"):
        assert (await mine.get(f"/case/{number}/do/{kind}")).status_code == 404
    assert (await mine.get("/case/2026-999999/do/add_note")).status_code == 404


async def test_without_temporal_the_text_and_the_key_are_kept(site: Site, lonely: Site) -> None:
    number = await registered(site)
    form = await form_of(await lonely.signed_in(CLERK), number, "add_note")
    answer = await form.send({"f-text": NOTE})
    assert answer.status_code == 503
    assert answer.headers["x-kept"] == "1"
    assert "it is done only once" in answer.text
    assert "写了很久的一段话" in answer.text
    kept = again(await form_of(await site.signed_in(CLERK), number, "add_note"), answer)
    assert (kept.hidden["key"], kept.hidden["turn"]) == (form.hidden["key"], form.hidden["turn"])
    there = await form_of(await site.signed_in(CLERK), number, "add_note")
    sent = await there.send({"f-text": NOTE}, key=kept.hidden["key"], turn=kept.hidden["turn"])
    assert sent.status_code == 303
    assert await turns(site, number) == [("add_note", True)]


@pytest.mark.slow
async def test_every_form_is_shown_and_answers_what_is_sent(site: Site) -> None:
    """Whatever a command comes to here, it is an answer: done, refused, or wrong in a field; never a fault of ours."""
    number = await registered(site)
    client = await site.signed_in(CLERK, language="zh-CN")
    for kind in kinds():
        form = await form_of(client, number, kind)
        answer = await form.send(filled(kind, "f-"))
        assert answer.status_code in (303, 409), (kind, answer.status_code)
        empty = await form.send([])
        assert empty.status_code in (303, 409, 422), (kind, empty.status_code)
        seen = await client.post(f"{form.address}/foresee", data=dict(filled(kind, "f-")))
        assert seen.status_code == 200, kind
    assert (await client.get(f"/case/{number}")).status_code == 200


EMOJI = "\U0001f600"


async def test_a_text_of_the_longest_length_is_taken_however_it_is_written(site: Site) -> None:
    """A browser sends each of these characters in twelve bytes."""
    number = await registered(site)
    form = await form_of(await site.signed_in(CLERK), number, "add_note")
    assert (await form.send({"f-text": EMOJI * 100_000})).status_code == 303
    other = await form_of(await site.signed_in(CLERK), number, "add_note")
    answer = await other.send({"f-text": EMOJI * 100_001})
    assert answer.status_code == 422
    assert "at most 100000 are accepted" in answer.text
    assert EMOJI * 100_001 in answer.text
    assert (await turns(site, number)).count(("add_note", True)) == 1


@pytest.mark.parametrize("boundary", ["", "x" * 300, "é"])
async def test_a_broken_form_is_told_above_the_one_that_stays(site: Site, boundary: str) -> None:
    number = await registered(site)
    client = await site.signed_in(CLERK)
    headers = {
        b"Content-Type": f"multipart/form-data; boundary={boundary}".encode("latin-1"),
        b"HX-Request": b"true",
    }
    answer = await client.post(f"/case/{number}/do/add_note", content=b"--x\r\n", headers=headers)
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#act-fault"
    assert "did not arrive whole" in answer.text
    del headers[b"HX-Request"]
    plain = await client.post(f"/case/{number}/do/add_note", content=b"--x\r\n", headers=headers)
    assert plain.status_code == 400


@pytest.mark.requirement("INV-06", "INT-13")
async def test_photographs_of_a_visit_come_with_its_record(site: Site) -> None:
    """A fault of the form or of one file loses none of the others; what is recorded names each once."""
    number = await registered(site)
    await site.house.do(number, "classify", CLERK, type="PRODUCT", cause="ENGINEERING", severity="simple")
    await site.house.do(number, "assign", CLERK, department="engineering", lead="PROJECT_MANAGER")
    client = await site.signed_in("project_manager-1")
    form = await form_of(client, number, "record_visit")
    assert 'enctype="multipart/form-data"' in form.page

    async def send(sent: dict[str, object], *files: tuple[str, bytes]) -> httpx2.Response:
        parts: Any = [("file", file) for file in files] or {"file": ("", b"")}
        return await client.post(
            form.address, data={**form.hidden, **sent}, files=parts, follow_redirects=False
        )

    fields: dict[str, object] = {"f-outcome": "DONE", "f-observations": "wet ceiling"}
    faulty = await send(fields, ("a.jpg", photo(81)), ("b.exe", b"MZ\x90\x00" * 40))
    assert faulty.status_code == 422
    assert "b.exe: Files of this kind are not taken" in faulty.text
    assert "wet ceiling" in faulty.text
    assert set(await turns(site, number)) == {("classify", True), ("assign", True)}
    kept = re.findall(r'name="kept" value="([^"]+)"', faulty.text)
    assert len(kept) == 1
    done = await send({**fields, "kept": [*kept, "fil_" + "0" * 32]}, ("c.jpg", photo(82)))
    assert done.status_code == 303, done.text
    said = [kind for kind, accepted in await turns(site, number) if accepted]
    assert said[-3:] == ["record_visit", "add_evidence", "add_evidence"]
    files = await book_of(site.desk).of(number)
    assert {file.turn is not None for file in files} == {True}
    assert len(files) == 2
    again_sent = await send({**fields, "kept": kept})
    assert again_sent.status_code == 303
    assert [kind for kind, _ in await turns(site, number)].count("add_evidence") == 2
    form = await form_of(client, number, "record_visit")
    twice = await send(fields, ("other name.jpg", photo(82)))
    assert twice.status_code == 422
    assert "other name.jpg: The case has this very file already" in twice.text


async def test_a_photograph_comes_with_the_proof_of_what_was_owed(site: Site) -> None:
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:8]:
        await site.house.do(number, kind, by, **fields)
    client = await site.signed_in("project_manager-1")
    form = await form_of(client, number, "complete_item")
    done = await client.post(
        form.address,
        data={**form.hidden, "f-item": "A1", "f-proof": "signed slip"},
        files=[("file", ("slip.jpg", photo(83)))],
        follow_redirects=False,
    )
    assert done.status_code == 303, done.text
    assert [kind for kind, _ in await turns(site, number)][-2:] == ["complete_item", "add_evidence"]
    [file] = await book_of(site.desk).of(number)
    assert file.turn is not None


async def test_photographs_are_asked_of_whoever_may_add_them(site: Site) -> None:
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:7]:
        await site.house.do(number, kind, by, **fields)
    items = [{"id": "A1", "what": "seal it", "owner": "MAINTENANCE", "due": "2099-03-16T17:00:00+08:00"}]
    await site.house.do(number, "record_agreement", "project_manager-1", items=items)
    for user, asked in (("project_manager-1", True), ("maintenance-1", False)):
        page = (await form_of(await site.signed_in(user), number, "complete_item")).page
        assert ('id="act-photos"' in page) is asked, user
        assert ("Photographs of it are added by" in page) is not asked, user


@pytest.mark.requirement("PLN-04")
async def test_a_version_the_process_has_not_seen_is_ruled_on_before_it_is_named(site: Site) -> None:
    """What is foreseen is what will be ruled, though no case here has had this calendar yet."""
    number = await registered(site)
    version = f"cn-{uuid4().hex[:8]}"
    async with site.desk.office.pool.acquire() as connection:
        await add_calendar(
            connection, load_calendar("cn-2026").model_copy(update={"version": version}), "test"
        )
    client = await site.signed_in(DIRECTOR)
    address = f"/case/{number}/do/change_calendar_version/foresee"
    seen = await client.post(address, data={"f-version": version, "f-reason": "a late notice"})
    assert "The stage does not change." in seen.text
    for unknown in ("cn-1999", "\x00", "x" * 500):
        seen = await client.post(address, data={"f-version": unknown, "f-reason": "x"})
        assert seen.status_code == 200
        assert "The stage does not change." not in seen.text


@pytest.mark.requirement("NEG-10", "INT-06")
async def test_a_form_brings_along_what_the_case_knows(site: Site) -> None:
    number = await site.house.open(desired="a dry ceiling")
    clerk = await site.signed_in(CLERK)
    assert "Read back to the customer" in (await form_of(clerk, number, "register")).page
    for by, kind, fields in TO_FEEDBACK[:5]:
        await site.house.do(number, kind, by, **fields)
    lead = await site.signed_in("project_manager-1")
    assert "The customer wants: a dry ceiling" in (await form_of(lead, number, "propose_solution")).page
    await site.house.do(
        number, "propose_solution", "project_manager-1", solution="S1", measures=["seal it", "paint it"]
    )
    round_one: dict[str, Any] = {"round": 1, "solution": "S1", "reply": "accepted"}
    await site.house.do(number, "record_round", "project_manager-1", **round_one)
    form = await form_of(lead, number, "record_agreement")
    assert re.findall(r">(seal it|paint it)</textarea>", form.page) == ["seal it", "paint it"]
    assert form.page.count('<option value="PROJECT_MANAGER" selected') == 2
    fewer = await form.send(
        [("f-items-what", "seal it"), ("f-items-what", "paint it"), (DROP_ROW, "f-items.0")]
    )
    assert re.findall(r">(seal it|paint it)</textarea>", fewer.text) == ["paint it"], (
        "left out, and nothing said"
    )
    for hostile in ("f-items.9", "f-items.-1", "f-items.٣", "f-items.99999", ".", "f-.0", "\x00"):
        same = await form.send(
            [("f-items-what", "seal it"), ("f-items-what", "paint it"), (DROP_ROW, hostile)]
        )
        assert re.findall(r">(seal it|paint it)</textarea>", same.text) == ["seal it", "paint it"], hostile
    assert [kind for kind, _ in await turns(site, number)][-1] == "record_round"


async def test_people_of_the_leading_department_and_seat_are_offered_first(site: Site) -> None:
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:2]:
        await site.house.do(number, kind, by, **fields)
    page = (await form_of(await site.signed_in(CLERK), number, "assign")).page
    [choice] = re.findall(r'<select[^>]*name="f-person".*?</select>', page, re.DOTALL)
    assert re.findall(r'<optgroup label="([^"]+)"', choice)[0] == "Engineering"
    offered = re.findall(r'<option value="([a-z_]+-\d)"', choice)
    assert set(offered[:2]) == {"project_manager-1", "project_manager-2"}
    assert len(offered) == len(set(offered)) == 42
