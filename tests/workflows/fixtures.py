"""Fixtures of everything that needs a company at work; each folder's conftest takes them from here."""

import secrets
from collections.abc import AsyncIterator

import pytest

from tests.workflows.house import House, a_database, a_house, drop_database, make_template

__all__ = ["company", "house", "house_template"]


@pytest.fixture(scope="session")
async def house_template(postgres_url: str) -> AsyncIterator[str]:
    name = await make_template(postgres_url)
    yield name
    await drop_database(postgres_url, name)


@pytest.fixture(scope="session")
async def company(postgres_url: str, house_template: str, temporal_address: str) -> AsyncIterator[House]:
    """A company whose workers are not at work; payloads are encrypted. One for each folder that takes it."""
    ring = {"k1": secrets.token_bytes(32)}
    async with (
        a_database(postgres_url, house_template) as url,
        a_house(url, temporal_address, ring=ring) as company,
    ):
        yield company


@pytest.fixture
async def house(company: House) -> AsyncIterator[House]:
    """The company, its workers at work."""
    async with company.at_work():
        yield company
