"""Who watches or was named hears of it until they have looked, and of nothing twice."""

from tests.console.served import Site

ME, OTHER = "cs_specialist-1", "cs_specialist-2"


async def test_what_was_looked_at_is_no_longer_new(site: Site) -> None:
    number = await site.house.open()
    watcher = await site.signed_in(OTHER)
    await watcher.post(f"/case/{number}/watch", data={"watch": "1"})
    before = (await watcher.get("/inbox/count")).text
    await site.house.do(number, "register", ME)
    inbox = (await watcher.get("/inbox")).text
    assert "1 new step" in inbox[inbox.index(f'/case/{number}"') :]
    assert (await watcher.get("/inbox/count")).text != before
    await watcher.get(f"/case/{number}")
    inbox = (await watcher.get("/inbox")).text
    assert "nothing new" in inbox[inbox.index(f'/case/{number}"') :]
    assert (await watcher.get("/inbox/count")).text == before


async def test_colleagues_are_found_in_one_statement_and_only_readers_offered(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in(ME)
    found = (await client.get("/people", params={"number": number, "q": "@CS_"})).text
    assert f"@{OTHER}" in found
    for nobody in ("%", "' OR 1=1 --", "\x00", "x" * 500):
        answer = await client.get("/people", params={"number": number, "q": nobody})
        assert answer.status_code == 200
        assert "@" not in answer.text, nobody
