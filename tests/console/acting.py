"""Filling in the forms of a case: by plain requests, and in a browser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from playwright.async_api import Page, expect

Pairs = list[tuple[str, str]]


@dataclass
class Form:
    """The form of a command as it was served to somebody."""

    client: httpx2.AsyncClient
    address: str
    page: str

    @property
    def hidden(self) -> dict[str, str]:
        """csrf, key and turn."""
        form = self.page[self.page.index('id="act-form"') :]
        return dict(re.findall(r'<input type="hidden" name="(csrf|key|turn)" value="([^"]*)">', form))

    async def send(self, fields: Mapping[str, str] | Pairs | None = None, **more: str) -> httpx2.Response:
        """Send it without following where it leads. more: in place of the hidden fields."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields or ())
        body: dict[str, Any] = {}
        for name, value in [*({**self.hidden, **more}).items(), *pairs]:
            body.setdefault(name, []).append(value)
        return await self.client.post(self.address, data=body, follow_redirects=False)


async def form_of(client: httpx2.AsyncClient, number: str, kind: str, **query: str) -> Form:
    """The form of a command of a case."""
    address = f"/case/{number}/do/{kind}"
    answer = await client.get(address, params=query)
    assert answer.status_code == 200, (address, answer.status_code)
    return Form(client, address, answer.text)


def again(form: Form, answer: httpx2.Response) -> Form:
    """The same form as it came back."""
    return Form(form.client, form.address, answer.text)


async def open_form(page: Page, kind: str) -> None:
    """Press the button of a command in the bar, or choose it from the menu."""
    button = page.locator(f".act-row > a[href$='/do/{kind}']")
    if await button.count() == 0:
        await page.locator(".act-menu > summary").click()
        button = page.locator(f".act-menu a[href$='/do/{kind}']")
    await button.first.click()
    await expect(page.locator(f"#act-form[action$='/do/{kind}']")).to_be_visible()


async def fill_in(page: Page, fields: Mapping[str, str]) -> None:
    """Fill in the fields of the open form by name; folded ones are unfolded first."""
    for name, value in fields.items():
        field = page.locator(f"#act-form [name='f-{name}']").first
        for fold in await page.locator(f"#act-form details:not([open]):has([name='f-{name}'])").all():
            await fold.locator("summary").click()
        tag = await field.evaluate("element => element.tagName + (element.type === 'checkbox' ? 'x' : '')")
        if tag == "SELECT":
            await field.select_option(value)
        elif tag == "INPUTx":
            await page.locator(f"#act-form [name='f-{name}'][value='{value}']").check()
        else:
            await field.fill(value)


async def act(page: Page, kind: str, fields: Mapping[str, str] | None = None) -> None:
    """Say a command by its button and see that the case says it is done."""
    await open_form(page, kind)
    await fill_in(page, fields or {})
    await page.locator("#act-send").click()
    await page.wait_for_url(f"**said={kind}&**")
    await expect(page.locator(".case-main > .flash-done")).to_be_visible()
