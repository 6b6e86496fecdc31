"""Fixtures of everything that needs a company at work; each folder's conftest takes them from here."""

import secrets
from collections.abc import AsyncIterator

import pytest

from embedded.bootstrap import bootstrap
from tests.workflows.house import House, a_database, a_house, drop_database, make_template
from workflows import names

__all__ = ["company", "house", "house_template", "temporal"]


@pytest.fixture(scope="session")
async def temporal(temporal_address: str) -> str:
    """host:port of the server, with the namespace and search attributes of a real one."""
    await bootstrap(temporal_address, namespaces=[names.NAMESPACE], scheduled=())
    return temporal_address


@pytest.fixture(scope="session")
async def house_template(postgres_url: str) -> AsyncIterator[str]:
    name = await make_template(postgres_url)
    yield name
    await drop_database(postgres_url, name)


@pytest.fixture(scope="session")
async def company(postgres_url: str, house_template: str, temporal: str) -> AsyncIterator[House]:
    """A company whose workers are not at work; payloads are encrypted."""
    ring = {"k1": secrets.token_bytes(32)}
    async with (
        a_database(postgres_url, house_template) as url,
        a_house(url, temporal, ring=ring) as company,
    ):
        yield company


@pytest.fixture
async def house(company: House) -> AsyncIterator[House]:
    """The company, its workers at work."""
    async with company.at_work():
        yield company
