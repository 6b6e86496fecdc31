"""Whole lives on a real Temporal server and PostgreSQL: what simulate reports, to the minute."""

import os
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from domain.codes import Stage
from domain.turns import Start
from embedded.bootstrap import bootstrap
from embedded.processes import Identity, PartError
from embedded.rehearsal import Interrupted, run_demo
from embedded.supervisor import read_run_file
from starter.cases.live import play_live
from starter.cases.playing import play
from starter.cases.reading import CasesFile, read_cases
from starter.cases.report import CaseReport, unlike
from starter.complaints import ClockRefused, FrontDoor
from starter.plugin import redress_plugin
from tests.lives.generated import generated
from tests.lives.samples import SAMPLES, sample
from tests.workflows.house import House, a_database, a_house, drop_database, make_template
from workflows import names
from workflows.complaint import Complaint

#: A first response that runs out and an investigator who may not; promises extended; a hold; the whole ladder.
FEW = ("SC-05", "SC-07", "SC-10", "SC-18")
#: What a file may hold beside plain lives.
ODD = """
- id: FIRST
  received_at: 2026-05-06T00:00:00+08:00
  external_id: hotline-1
  channel: hotline
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑, unit: "3-1204"}
  text: 漏水
  policy: {negotiation_days: 10}
  calendar: {"2026-05-09": workday}
  steps:
    - {at: 0h, by: CS_SPECIALIST, action: register}
    - {at: 4h, by: CS_SPECIALIST/3, action: classify, with: {type: PRODUCT, cause: ENGINEERING, severity: simple}}
    - {at: 24h, by: CS_SPECIALIST, action: record_response, with: {channel: telephone, effective: true, happened_at: 24h}}
    - {at: 24h, by: CS_SPECIALIST, action: make_promise, with: {promise: P1, what: a call, due: 48h}}
    - {at: 48h, by: CS_SPECIALIST, action: add_note, with: {text: called}, keeps: P1}
    - {at: 49h, by: CS_SPECIALIST, action: sing, expect_step: refused}
    - {at: 50h, by: LEGAL, action: classify, with: {type: PRODUCT}, expect_step: refused}
    - {at: 50h, by: LEGAL, action: archive, with: {result: BOTH_SATISFIED}, optional: true}
- id: AGAIN
  received_at: 2026-05-06T00:00:00+08:00
  external_id: hotline-1
  channel: hotline
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑, unit: "3-1204"}
  text: 漏水
  steps:
    - {at: 1h, by: CS_SPECIALIST, action: register, optional: true}
- id: OTHER
  received_at: 2026-05-06T00:00:00+08:00
  external_id: hotline-1
  channel: hotline
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
  text: 噪音
  expect: {input: refused}
- id: TWIN
  needs: [LATER]
  received_at: 2026-05-07T09:00:00+08:00
  channel: counter
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
  text: 漏水
  steps:
    - {at: 1h, by: CS_SPECIALIST, action: register}
    - {at: 30h, by: CS_SPECIALIST, action: link_duplicate, with: {of: LATER, reason: the same event}}
    - {at: 31h, by: CS_SPECIALIST, action: add_note, with: {text: seen}}
  expect: {final_state: DUPLICATE}
- id: LATER
  received_at: 2026-05-07T08:00:00+08:00
  channel: counter
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
  text: 漏水
  expected: {route: [CLASSIFIED, ASSIGNED, INVESTIGATING, WITHDRAWN]}
- id: FUTURE
  received_at: 2126-05-07T08:00:00+08:00
  channel: counter
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
  text: 漏水
  expect: {input: refused}
- id: WRONG
  received_at: 2026-05-07T08:00:00+08:00
  policy: {negotiation_days: many}
  channel: counter
  customer: {name: 林女士, contact: 000-0000-0001}
  place: {project: 示例·锦澜苑}
  text: 漏水
  expect: {input: refused}
- id: UNREADABLE
  received_at: yesterday
"""


@pytest.fixture(scope="module")
async def company(postgres_url: str, temporal_address: str) -> AsyncIterator[House]:
    """A company at work in the namespace of rehearsals."""
    await bootstrap(temporal_address, namespaces=[names.REHEARSAL], scheduled=())
    template, ring = await make_template(postgres_url), {"k1": secrets.token_bytes(32)}
    async with (
        a_database(postgres_url, template) as url,
        a_house(url, temporal_address, ring=ring, namespace=names.NAMESPACE) as house,
    ):
        client = await Client.connect(
            temporal_address, namespace=names.REHEARSAL, plugins=[redress_plugin(ring)]
        )
        company = replace(house, skipper=TimeSkipper(client, config=TimeSkippingConfig(enabled=False)))
        async with company.at_work():
            yield company
    await drop_database(postgres_url, template)


async def lived(company: House, file: CasesFile) -> dict[str, list[str]]:
    """In which keys the two reports of each case differ; none means the same life."""
    now = datetime.now(UTC)
    live = await play_live(file, client=company.client, office=company.office, now=now, parallel=8)
    alone = play(file, now=now)
    assert [report.id for report in live] == [item.id for item in file.items]
    return {one.id: differing(one, other) for one, other in zip(live, alone, strict=True)}


def differing(live: CaseReport, alone: CaseReport) -> list[str]:
    """The keys in which they differ, with both values, and the differences from what the case expected."""
    found = [f"{key}: {getattr(live, key)} != {getattr(alone, key)}" for key in unlike(live, alone)]
    return found + ([] if live.differences == alone.differences else list(live.differences))


def alike(file: CasesFile) -> dict[str, list[str]]:
    return {item.id: [] for item in file.items}


@pytest.mark.requirement("LIF-01", "SLA-01", "SLA-05")
async def test_samples_live_as_the_rules_alone_say(company: House) -> None:
    file = CasesFile(tuple(sample(case_id) for case_id in FEW))
    assert await lived(company, file) == alike(file)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.requirement("LIF-01", "LIF-05")
async def test_every_sample_lives_as_the_rules_alone_say(company: House) -> None:
    assert await lived(company, SAMPLES) == alike(SAMPLES)


@pytest.mark.requirement("LIF-01")
async def test_generated_lives_are_the_same(company: House) -> None:
    file = generated([0, 1, 2, 1016])  # in the last, two deadlines are met in the same minute
    assert await lived(company, file) == alike(file)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.requirement("LIF-01")
async def test_many_generated_lives_are_the_same(company: House) -> None:
    file = generated(range(100, 160))
    assert await lived(company, file) == alike(file)


@pytest.mark.requirement("INT-02", "INT-03", "INT-12")
async def test_odd_cases_live_as_the_rules_alone_say(company: House) -> None:
    file = read_cases(ODD)
    assert await lived(company, file) == alike(file)


@pytest.mark.requirement("FUV-05")
async def test_what_is_said_after_the_end_begins_a_new_chapter_in_its_own_time(company: House) -> None:
    case = sample("SC-05")
    assert case.steps[-1].action == "archive"
    reopened = case.steps[-1].model_copy(
        update={
            "at": case.steps[-1].at.replace(hour=9),
            "action": "reopen",
            "fields": {"reason": "it is back"},
        }
    )
    file = CasesFile((case.model_copy(update={"steps": (*case.steps, reopened)}),))
    assert await lived(company, file) == alike(file)


class TestClock:
    """A clock that is not the real one never gets to real complaints."""

    async def test_refused_at_the_front_door(self, company: House, temporal_address: str) -> None:
        real = await Client.connect(temporal_address, namespace=names.NAMESPACE)
        with pytest.raises(ClockRefused, match="Only the namespace rehearsal"):
            FrontDoor(real, company.office, 3600.0)
        assert FrontDoor(company.client, company.office, 3600.0).clock_offset == 3600.0

    async def test_refused_by_the_conversation(self, company: House, temporal_address: str) -> None:
        real = await Client.connect(
            temporal_address, namespace=names.NAMESPACE, plugins=[redress_plugin(company.ring)]
        )
        async with replace(company, skipper=TimeSkipper(real)).at_work():
            with pytest.raises(WorkflowFailureError) as failed:
                await real.execute_workflow(
                    Complaint.run,
                    Start(number="2026-999999", clock_offset=3600.0),
                    id=f"offset-{secrets.token_hex(4)}",
                    task_queue=names.COMPLAINTS_QUEUE,
                )
        assert isinstance(failed.value.cause, ApplicationError)
        assert failed.value.cause.type == names.BAD_INPUT

    def test_of_a_rehearsal_shows_whole_minutes(self) -> None:
        at = datetime(2026, 3, 2, 9, 20, 40, tzinfo=UTC)
        assert Start(number="", clock_offset=0.0).heard_at(at) == at
        assert Start(number="", clock_offset=3600.0).heard_at(at) == datetime(2026, 3, 2, 8, 21, tzinfo=UTC)
        assert Start(number="", clock_offset=3600.0).business_time(at) == at.replace(hour=8)


class TestOwnServers:
    """`run_demo`: servers of its own, for one run."""

    async def test_lives_are_led_and_nothing_is_left_running(self, server_directory: Path) -> None:
        home = server_directory / "rehearsed"
        parts: list[dict[str, Any]] = []

        def watch(case: str, said: int, steps: int) -> None:
            parts[:] = read_run_file(home)["parts"]

        file = read_cases(ODD)
        live = await run_demo(file, home=home, progress=watch)
        alone = play(file, now=datetime.now(UTC))
        assert [differing(*pair) for pair in zip(live, alone, strict=True)] == [[] for _ in live]
        assert [report.number for report in live] == [report.number for report in alone]
        assert live[3].stage is Stage.DUPLICATE
        assert {part["program"] for part in parts} >= {"postgres", "temporal"}
        assert not [part for part in parts if Identity(part["pid"], part["born"]).alive()]
        with pytest.raises(PartError, match="is not empty"):
            await run_demo(file, home=home)

    async def test_a_stop_signal_ends_it_in_good_order(self, server_directory: Path) -> None:
        home = server_directory / "stopped"
        parts: list[dict[str, Any]] = []

        def stop(case: str, said: int, steps: int) -> None:
            if not parts:
                parts.extend(read_run_file(home)["parts"])
                os.kill(os.getpid(), signal.SIGTERM)

        with pytest.raises(Interrupted) as ended:
            await run_demo(CasesFile((sample("SC-05"),)), home=home, progress=stop)
        assert ended.value.signal is signal.SIGTERM
        assert not [part for part in parts if Identity(part["pid"], part["born"]).alive()]
