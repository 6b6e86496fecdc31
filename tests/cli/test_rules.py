"""`simulate`, `demo` and `policy`: what is judged without an installation."""

from pathlib import Path

import pytest

from policies import current_policy_version
from tests.cli.conftest import Redress, in_a_process

CASE = """
- id: C-1
  received_at: 2026-03-02T09:20:00+08:00
  channel: telephone
  customer: {{name: 林女士, contact: 000-0000-0001}}
  place: {{project: 示例·锦澜苑}}
  text: 漏水
  steps:
    - {{at: 0h, by: CS_SPECIALIST, action: register}}
    - {{at: 1h, by: CS_SPECIALIST, action: classify, with: {{type: PRODUCT, cause: ENGINEERING, severity: simple}}}}
    - {{at: 25h, by: CS_SPECIALIST, action: mark_withdrawn, with: {{reason: 客户撤回}}}}
  expect: {{final_state: {state}, met: [classify_hours], fired: [{fired}]}}
"""
RAN_OUT = "{name: assign_hours, at: 4h}, {name: first_response_hours, at: 24h}"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.yaml"
    file.write_text(CASE.format(state="WITHDRAWN", fired=RAN_OUT), "utf-8")
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(CASE.format(state="ARCHIVED", fired=RAN_OUT), "utf-8")
    return file


def test_simulate_says_whether_all_is_as_expected(
    redress: Redress, good: Path, bad: Path, tmp_path: Path
) -> None:
    assert redress("simulate").out.splitlines()[-1].startswith("24 of 24 as expected")
    told = redress("simulate", "--cases", good, "--json")
    assert (told.code, told.data[0]["stage"], told.data[0]["as_expected"]) == (0, "WITHDRAWN", True)
    wrong = redress("simulate", "--cases", bad)
    assert wrong.code == 1
    assert "ARCHIVED" in wrong.out
    assert redress("simulate", "--cases", tmp_path / "none.yaml").code == 2


def test_demo_lives_the_same_on_real_servers(redress: Redress, good: Path, tmp_path: Path) -> None:
    live = in_a_process(tmp_path, "demo", "--cases", good, "--json")
    assert live.code == 0, live.err
    simulated = redress("simulate", "--cases", good, "--json").data[0]
    lived = live.data[0]
    for key in ("stage", "route", "result", "met", "promises", "refused", "as_expected"):
        assert lived[key] == simulated[key], key
    assert [fired["name"] for fired in lived["fired"]] == [fired["name"] for fired in simulated["fired"]]


@pytest.mark.requirement("PLN-04")
def test_a_policy_is_judged_and_compared_before_it_is_in_force(redress: Redress, tmp_path: Path) -> None:
    version = current_policy_version()
    file = tmp_path / "2026-02.yaml"
    text = (Path("policies") / f"{version}.yaml").read_text("utf-8")
    file.write_text(text.replace("classify_hours: {value: 4,", "classify_hours: {value: 6,"), "utf-8")
    assert redress("policy", "check", file).code == 0
    changes = redress("policy", "diff", version, file, "--json").data
    assert [(one["key"], one["old"], one["new"], one["unit"]) for one in changes] == [
        ("classify_hours", 4, 6, "hours")
    ]
    assert redress("policy", "diff", version, version).out == "No value differs.\n"
    file.write_text(text.replace("classify_hours: {value: 4,", "classify_hours: {value: -4,"), "utf-8")
    wrong = redress("policy", "check", file, "--json")
    assert wrong.code == 2
    assert f"{file}:40:" in wrong.err
    assert (
        wrong.data[0]["key"].startswith("values.classify_hours") or "classify_hours" in wrong.data[0]["key"]
    )
    assert redress("policy", "diff", version, "1999-01").code == 2
