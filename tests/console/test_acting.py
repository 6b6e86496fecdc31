"""Things said to a case by its forms, as people say them."""

import re

from tests.console.served import Site


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form of a command."""
    form = page[page.index('id="act-form"') :]
    return dict(re.findall(r'<input type="hidden" name="(csrf|key|turn)" value="([^"]*)">', form))


async def test_a_command_is_said_by_its_form_and_the_case_tells(site: Site) -> None:
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    page = (await client.get(f"/case/{number}")).text
    assert f'href="/case/{number}/do/register"' in page
    form = (await client.get(f"/case/{number}/do/register")).text
    done = await client.post(f"/case/{number}/do/register", data=hidden(form))
    assert done.status_code == 200
    assert "Done: Register the complaint (turn 2)" in done.text or "turn 2" in done.text
