"""The id of a text typed where words or codes belong is what somebody typed: it never brings out anybody's words."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.api.examples import COMMANDS
from domain.commands import MODELS
from domain.texts import Code, is_text
from records.links import link_token
from tests.console.api_calls import by_token, key
from tests.console.served import Site
from workflows.complaint import Complaint

THEIRS, OWN = "13800004101", "13900004102"
WORDS = "隔壁那一户说的话"
#: what ends a conversation, said last
_LAST = ("mark_withdrawn", "link_duplicate", "archive")


def with_texts(kind: str, text_id: str) -> dict[str, Any]:
    """The example of a command with this id in every field for words, those left out in the example too."""
    body = dict(COMMANDS[kind])
    for name, field in MODELS[kind].model_fields.items():
        if is_text(field.annotation, tuple(field.metadata)):
            shape = str(field.annotation)
            body[name] = [text_id] if "list[" in shape else {"text": text_id} if "dict[" in shape else text_id
    for item in body.get("items", ()):
        if isinstance(item, dict):
            item["what"] = text_id
    return body


def codes_of(kind: str) -> Iterator[str]:
    """The fields of a command that hold a code and nothing else."""
    for name, field in MODELS[kind].model_fields.items():
        if field.annotation in (Code, Code | None) or (
            field.annotation is str and "NotATextId" in str(field)
        ):
            yield field.alias or name


async def ids_of(site: Site, number: str) -> dict[str, str]:
    words: dict[str, str] = await site.desk.office.pool.fetchval(
        "SELECT words FROM receipts WHERE number = $1", number
    )
    return words


@pytest.mark.requirement("CUS-07", "CUS-08")
async def test_an_id_said_as_words_stays_what_was_typed(site: Site) -> None:
    theirs = await ids_of(site, await site.house.open(contact=THEIRS, text=WORDS))
    number = await site.house.open(contact=OWN)
    forged = [theirs["text"], (await ids_of(site, number))["contact"]]
    client = await by_token(site)
    accepted = set()
    for kind in sorted(COMMANDS, key=lambda kind: kind in _LAST):
        for text_id in forged:
            body = with_texts(kind, text_id)
            answer = await client.post(f"/complaints/{number}/commands/{kind}", json=body, headers=key())
            assert answer.status_code in (200, 403, 409), (kind, answer.text)
            accepted |= {kind} if answer.status_code == 200 else set()
    assert {"add_to_intake", "change_contact", "add_note", "correct", "record_response"} <= accepted
    kept = await site.desk.office.pool.fetchval(
        """SELECT string_agg(t.command::TEXT, ' ') || coalesce(string_agg(f.data::TEXT, ' '), '')
           FROM turns AS t LEFT JOIN facts AS f USING (number, turn) WHERE number = $1 AND turn > 1""",
        number,
    )
    assert not any(text_id in kept for text_id in forged)
    await shows_nothing(site, number)


async def shows_nothing(site: Site, number: str) -> None:
    """No reader of a complaint, and not its customer, sees the words behind the ids."""
    auditor, reader = await by_token(site, "auditor-1"), await site.signed_in("auditor-1")
    async with site.desk.office.pool.acquire() as connection:
        link = await link_token(connection, site.desk.office.texts, number, "status", 0)
    pages = {
        "sheet": await auditor.get(f"/complaints/{number}"),
        "history": await auditor.get(f"/complaints/{number}/history?words=true&limit=200"),
        "page": await reader.get(f"/case/{number}?show=words,refused"),
        "form": await (await site.signed_in("cs_director-1")).get(f"/case/{number}/do/keep_promise"),
        "print": await reader.get(f"/case/{number}/print?internal=1"),
        "customer": await site.stranger().get(f"/s/{link}"),
    }
    for name, page in pages.items():
        assert page.status_code == 200, name
        assert not [secret for secret in (THEIRS, OWN, WORDS) if secret in page.text], name


@pytest.mark.requirement("CUS-07")
async def test_an_id_that_came_in_before_opens_nothing_and_is_masked_by_what_it_is(site: Site) -> None:
    """As a signal of a feed could bring it in, and as it may stand in an old ledger."""
    theirs = await ids_of(site, await site.house.open(contact=THEIRS, text=WORDS))
    number = await site.house.open(contact=OWN)
    await site.house.do(number, "register", "cs_specialist-1")
    for text in ("first", "second", "third"):
        await site.house.do(number, "add_to_intake", "cs_specialist-1", text=text)
    feed = {
        "kind": "make_promise",
        "by": "cs_specialist-1",
        "promise": "P1",
        "due": "2027-03-01T09:00:00+08:00",
    }
    own = (await ids_of(site, number))["contact"]
    await site.house.handle(number).signal(Complaint.report, args=["feed-1", {**feed, "what": own}])
    await site.house.rest(number)
    assert (await site.house.state(number)).promises["P1"].what == own
    forged = [theirs["text"], theirs["contact"], own]
    pool = site.desk.office.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for place, text_id in enumerate(forged):
            for table, column in (("turns", "command"), ("facts", "data")):
                await connection.execute(
                    f"""UPDATE {table} SET {column} = jsonb_set({column}, '{{text}}', to_jsonb($3::TEXT))
                        WHERE number = $1 AND turn = $2""",
                    number,
                    3 + place,
                    text_id,
                )
    await shows_nothing(site, number)


@pytest.mark.requirement("CUS-07", "INT-03")
async def test_an_id_in_the_place_of_a_code_is_not_taken_in(site: Site) -> None:
    number = await site.house.open()
    text_id = (await ids_of(site, number))["contact"]
    client, asked = await by_token(site), 0
    for kind, example in COMMANDS.items():
        for name in codes_of(kind):
            body = {**example, ("kind" if name == "subkind" else name): text_id}
            answer = await client.post(f"/complaints/{number}/commands/{kind}", json=body, headers=key())
            assert answer.status_code == 422, (kind, name, answer.text)
            asked += 1
    assert asked > 30
