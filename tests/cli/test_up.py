"""`redress up` as one process: a case walked from a second terminal, every part killed in turn, and a clean end."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.supervisor import RUN_FILE
from tests.cli.conftest import Installation, in_a_process


@pytest.fixture
def demo(server_directory: Path) -> Iterator[Installation]:
    running = Installation(server_directory / "demo", "--demo")
    try:
        running.wait_until_said("In a second terminal")
        yield running
    finally:
        running.clear()


def kill(demo: Installation, name: str) -> None:
    """kill -9 of a part, and wait until the supervisor has brought it back."""
    backs = demo.said().count(f"{name} is back")
    os.kill(demo.parts()[name].pid, signal.SIGKILL)
    demo.until(lambda: demo.said().count(f"{name} is back") > backs, f"{name} is back")


@pytest.mark.timeout(600)
def test_a_case_goes_on_whatever_is_killed_and_nothing_is_left(
    demo: Installation, complaint_file: Path
) -> None:
    said = demo.said()
    for printed in (
        "console",
        "cs_specialist-1",
        "Temporal UI",
        "worker health",
        "database",
        "In a second terminal",
        "SC-24",
    ):
        assert printed in said
    assert "://" not in said.partition("database")[2].splitlines()[0], (
        "an address with a password was printed"
    )

    opened = in_a_process(demo.home, "open", complaint_file, "--received", "now")
    assert opened.code == 0, opened.err
    number = opened.out.split()[0]
    say = ("do", number)
    assert in_a_process(demo.home, *say, "register").code == 0
    kill(demo, "worker")
    classified = in_a_process(
        demo.home, *say, "classify", "type=PRODUCT", "cause=ENGINEERING", "severity=simple"
    )
    assert classified.code == 0, classified.err
    kill(demo, "temporal")
    assert in_a_process(demo.home, *say, "assign", "department=engineering", "lead=PROJECT_MANAGER").code == 0
    kill(demo, "console")
    kill(demo, "postgres")
    taken = in_a_process(demo.home, *say, "accept_handover", "--as", "project_manager-1")
    assert taken.code == 0, taken.err
    assert "ASSIGNED" in in_a_process(demo.home, "show", number).out
    deadlines = in_a_process(demo.home, "deadlines", number, "--json").data
    assert "inv_start_hours" in {one["name"] for one in deadlines if one["state"] == "open"}
    assert len(in_a_process(demo.home, "list", "--json").data) == 25
    assert in_a_process(demo.home, "audit", "verify").code == 0

    twice = in_a_process(demo.home, "up")
    assert (twice.code, "already" in twice.err) == (4, True)

    left = demo.parts()
    assert set(left) == {"postgres", "temporal", "worker", "console"}
    assert demo.stop() == 0
    assert [name for name, identity in left.items() if identity.alive()] == []
    assert not (demo.home / RUN_FILE).exists()
    assert demo.said().rstrip().endswith("Redress has stopped.")
