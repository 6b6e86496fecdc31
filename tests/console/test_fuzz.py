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

from tests.console.api_calls import ALL, by_token, key, opened, token_of
from tests.console.served import Site

#: what the records accept as an instant of receipt; the document cannot say "ten years back" in its own words
_INSTANTS = st.integers(60, 3600 * 24 * 3000).map(
    lambda ago: (datetime.now(UTC) - timedelta(seconds=ago)).replace(microsecond=0).isoformat()
)
schemathesis.openapi.format("date-time", _INSTANTS)
_NO_COMPLAINT = "2019-999999"


@dataclass
class Fuzzed:
    """A served API being fuzzed, and what was found."""

    url: str
    token: str
    numbers: list[str]
    files: list[str]
    wrong: list[str] = field(default_factory=list)
    told: set[tuple[str, GenerationMode]] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
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
            answer = case.call(
                base_url=self.url, session=self.session, headers={"Authorization": f"Bearer {self.token}"}
            )
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
            case.query.pop("cursor", None)  # opaque: good is only what the list itself gave
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
    token = await token_of(site, "cs_director-1", ALL)
    return Fuzzed(f"{site.url}/api/v1", token, numbers, [sent.json()["id"]])


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
