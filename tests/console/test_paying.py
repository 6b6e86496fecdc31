"""Money by the desk's forms: what looks wrong about it is asked about once, and then taken as it is."""

import re
from typing import Any

from tests.console.acting import again, form_of
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site

FINANCE, LEAD = "finance-1", "project_manager-1"


async def owing(site: Site) -> str:
    """A complaint whose agreement has a repair (A1) and a compensation of CNY 3,000.00 (A2, finance)."""
    number = await site.house.open()
    for by, kind, fields in TO_FEEDBACK[:5]:
        await site.house.do(number, kind, by, **fields)
    offer: dict[str, Any] = {"solution": "S1", "measures": ["repair"], "compensation": "3000.00"}
    await site.house.do(number, "propose_solution", LEAD, **offer)
    await site.house.do(number, "approve_offer", FINANCE, solution="S1", decision="approved")
    for by, kind, fields in TO_FEEDBACK[6:7]:
        await site.house.do(number, kind, by, **fields)
    due = "2099-01-01T09:00:00+08:00"
    items = [
        {"id": "A1", "what": "repair", "owner": "TECHNICIAN", "due": due},
        {"id": "A2", "what": "money", "owner": "FINANCE", "due": due},
    ]
    await site.house.do(number, "record_agreement", LEAD, items=items)
    return number


async def test_a_payment_beyond_what_was_agreed_has_to_be_meant(site: Site) -> None:
    """The form knows the item and the amount; a second click on what is on record asks nothing and pays nothing."""
    number = await owing(site)
    form = await form_of(await site.signed_in(FINANCE), number, "record_payment")
    assert 'value="3000.00"' in form.page
    assert re.search(r'<option value="A2" selected', form.page)
    assert "Compensation agreed: CN¥3,000.00, not paid yet: CN¥3,000.00." in form.page
    much = {"f-item": "A2", "f-amount": "3000.01", "f-reference": "bank 1"}
    asked = await form.send(much)
    assert asked.status_code == 422
    assert 'id="f-amount-fault"' in asked.text
    assert (await site.house.state(number)).items["A2"].payments == []
    wrong = await again(form, asked).send({**much, "f-reference": "", "meant": "on"})
    assert re.search(r'name="meant" value="on" checked', wrong.text), "the tick is kept like what was typed"
    assert (await again(form, asked).send({**much, "meant": "on"})).status_code == 303
    assert (await site.house.state(number)).items["A2"].paid[0].amount == "3000.01"
    assert (await again(form, asked).send(much)).status_code == 303
    assert len((await site.house.state(number)).items["A2"].payments) == 1


async def test_a_compensation_is_done_without_a_payment_only_where_that_is_meant(site: Site) -> None:
    number = await owing(site)
    form = await form_of(await site.signed_in(FINANCE), number, "complete_item")
    asked = await form.send({"f-item": "A2"})
    assert asked.status_code == 422
    assert 'id="f-item-fault"' in asked.text
    assert "CN¥3,000.00 of the compensation is not paid yet" in asked.text
    assert (await site.house.state(number)).items["A2"].state == "OPEN"
    assert (await again(form, asked).send({"f-item": "A2", "meant": "on"})).status_code == 303
    item = (await site.house.state(number)).items["A2"]
    assert (item.state, item.payments) == ("DONE", [])
    assert (await again(form, asked).send({"f-item": "A2"})).status_code == 303, "a second click asks nothing"


async def test_a_compensation_that_was_paid_is_done_without_a_question(site: Site) -> None:
    number = await owing(site)
    await site.house.do(number, "record_payment", FINANCE, item="A2", amount="3000.00", reference="bank 2")
    form = await form_of(await site.signed_in(FINANCE), number, "complete_item")
    assert (await form.send({"f-item": "A2"})).status_code == 303
    assert (await site.house.state(number)).items["A2"].state == "DONE"
