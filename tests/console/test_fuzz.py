"""The API fuzzed from its own OpenAPI document: no fault of ours, no answer it does not describe, no bad input let in.

A few examples of each operation in every run, many in the long one, valid and invalid ones. They speak to complaints
of several stages, so that commands are ruled on and not only refused.
"""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from console.api.cursor import written
from tests.console.api_calls import ALL, by_token, key, opened, token_of
from tests.console.served import Site

#: what the records accept as an instant of receipt; the document cannot say "ten years back" in its own words
_INSTANTS = st.integers(60, 3600 * 24 * 3000).map(
    lambda ago: (datetime.now(UTC) - timedelta(seconds=ago)).replace(microsecond=0).isoformat()
)
schemathesis.openapi.format("date-time", _INSTANTS)
_NO_COMPLAINT = "2019-999999"
#: who speaks, in turn: seats that may much, little, or nothing of these complaints, and a token that may only read
SAYERS = (
    ("cs_director-1", ALL),
    ("cs_specialist-1", ALL),
    ("legal-1", ALL),
    ("auditor-1", ALL),
    ("cs_director-1", ("read",)),
)


@dataclass
class Fuzzed:
    """A served API being fuzzed, and what was found. tokens: of several seats and scopes, taken in turn.

    cursors: such as each list gives, by the end of its address.
    """

    url: str
    tokens: list[str]
    cursors: dict[str, list[str]]
    numbers: list[str]
    files: list[str]
    wrong: list[str] = field(default_factory=list)
    told: set[tuple[str, GenerationMode]] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self._tokens = itertools.cycle(self.tokens)
        self._cursors = {path: itertools.cycle(given) for path, given in self.cursors.items()}
        self._numbers = itertools.cycle([*self.numbers, _NO_COMPLAINT])
        self._files = itertools.cycle([*self.files, "file_nothing"])

    def operation(
        self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, examples: int
    ) -> None:
        """Try one operation with examples of this mode."""

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def tried(case: Any) -> None:
            self._fill(case)
            bearer = {"Authorization": f"Bearer {next(self._tokens)}"}
            answer = case.call(base_url=self.url, session=self.session, headers=bearer)
            self.statuses.add(answer.status_code)
            try:
                case.validate_response(answer)
            except FailureGroup as group:
                if (operation.label, mode) in self.told:
                    return
                self.told.add((operation.label, mode))
                said = "; ".join(f"{one.title}: {one.message}" for one in group.exceptions)
                self.wrong.append(
                    f"{operation.label} {mode.value}: {said}\n  {case.as_curl_command()[:600]}\n  {answer.text[:300]}"
                )

        tried()

    def _fill(self, case: Any) -> None:
        """Real complaints and files, and a key of its own, wherever these were not made wrong on purpose."""
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            for name, values in (("number", self._numbers), ("id", self._files)):
                if name in case.path_parameters:
                    case.path_parameters[name] = next(values)
        if not case.meta.is_negative_at(ParameterLocation.HEADER) and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid4().hex
        if not case.meta.is_negative_at(ParameterLocation.QUERY):
            self._go_on(case)
        if isinstance(case.body, dict) and "If-Match" in case.headers:
            case.body.pop(
                "expected_turn", None
            )  # two versions of which no schema can say that they must agree
        if case.meta.is_negative_at(ParameterLocation.BODY) or not isinstance(case.body, dict):
            return
        if "file" in case.body:
            case.body["file"] = f"plain words {uuid4().hex}".encode()  # a kind of file that is taken
        if case.body.get("floor") is not None:
            case.body.pop("ceiling", None)  # which of the two is larger, no schema can say

    def _go_on(self, case: Any) -> None:
        """In place of a cursor that was made up one that the list gives: no schema can say which those are."""
        if case.query.pop("cursor", None) is None:
            return
        path = case.operation.path.rpartition("/")[2]
        case.query["cursor"] = next(self._cursors[path])
        if path == "complaints":
            case.query["sort"] = "due"  # a cursor belongs to its order


@pytest.fixture(scope="module")
async def fuzzed(site: Site) -> Fuzzed:
    """The served API with complaints in several stages and a file."""
    client = await by_token(site)
    numbers = [await opened(client) for _ in range(3)]
    for number in numbers[1:]:
        for kind, body in (
            ("register", {}),
            ("classify", {"type": "PRODUCT", "cause": "SALES", "severity": "simple"}),
        ):
            answer = await client.post(f"/complaints/{number}/commands/{kind}", json=body, headers=key())
            assert answer.status_code == 200, answer.text
    body = {"department": "customer_service", "lead": "CS_DIRECTOR"}
    await client.post(f"/complaints/{numbers[2]}/commands/assign", json=body, headers=key())
    sent = await client.post(
        f"/complaints/{numbers[2]}/attachments", files={"file": ("a.txt", b"plain words")}, headers=key()
    )
    assert sent.status_code == 201, sent.text
    return Fuzzed(
        f"{site.url}/api/v1",
        [await token_of(site, user, scopes) for user, scopes in SAYERS],
        {
            "complaints": await _cursors(client, "/complaints"),
            "history": [written({"t": turn}) for turn in (0, 1, 9)],
        },
        numbers,
        [sent.json()["id"]],
    )


async def _cursors(client: httpx2.AsyncClient, address: str) -> list[str]:
    """The cursors of the first pages of a list."""
    found: list[str] = []
    for _ in range(2):
        further = (
            await client.get(address, params={"limit": 1, **({"cursor": found[-1]} if found else {})})
        ).json()
        found.append(httpx2.URL(further["next"]).params["cursor"])
    return found


async def test_every_operation_keeps_its_promise(site: Site, fuzzed: Fuzzed) -> None:
    await _try(site, fuzzed, examples=2, of_a_command=1, every=4)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_every_operation_keeps_its_promise_for_long(site: Site, fuzzed: Fuzzed) -> None:
    await _try(site, fuzzed, examples=60, of_a_command=15, every=1)


async def _try(site: Site, fuzzed: Fuzzed, examples: int, of_a_command: int, every: int) -> None:
    """Try every operation; of the many commands, which all go one way, every so many-th."""
    document = (await site.stranger().get(f"{site.url}/api/v1/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    for judged in (
        schema.config.checks.negative_data_rejection,
        schema.config.checks.positive_data_acceptance,
    ):
        judged.expected_statuses = [
            *judged.expected_statuses,
            "413",
        ]  # no schema says how large the whole may be

    def run() -> int:
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        commands = [one for one in operations if "/commands/" in one.path]
        others = [one for one in operations if "/commands/" not in one.path]
        for operation in [*others, *commands[::every]]:
            most = of_a_command if "/commands/" in operation.path else examples
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if mode is GenerationMode.POSITIVE or _takes_anything(operation):
                    fuzzed.operation(operation, mode, most)
        return len(operations)

    tried = await asyncio.to_thread(run)
    assert tried == sum(len(methods) for methods in document["paths"].values())
    assert not fuzzed.wrong, "\n\n".join(fuzzed.wrong[:20])
    assert {200, 201, 404, 409, 422} <= fuzzed.statuses


def _takes_anything(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether there is something to get wrong."""
    return bool(operation.body or operation.query or operation.headers)
