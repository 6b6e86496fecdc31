"""`show`, `list`, `deadlines`, `history`, `audit`, `user`, `doctor`, `bootstrap`: what people see of it."""

import pytest

from tests.cli.conftest import Installation, Redress

CLASSIFICATION = ("type=SERVICE", "cause=SERVICE", "severity=simple")


@pytest.mark.requirement("CUS-07", "CUS-09")
def test_the_sheet_masks_the_customer_and_is_for_people_who_work_here(here: Redress, complaint: str) -> None:
    sheet = here("show", complaint, "--json").data
    assert sheet["customer"] == {
        "name": "林**",
        "contact": "000****01",
        "preferred": None,
        "language": "zh-CN",
    }
    assert sheet["text"] == "厨房吊顶漏水，没有人回电话。"
    contract = {
        "number", "stage", "type", "cause", "flags", "severity", "owner", "desk", "policy_version", "round", "result",
        "received_at", "registered_at", "next_deadline", "deadlines", "promises", "breached", "group", "customer", "text",
    }  # fmt: skip
    assert contract <= sheet.keys()
    shown = here("show", complaint)
    assert "林**" in shown.out
    assert "林女士" not in shown.out
    stranger = here("show", complaint, "--as", "stranger-1")
    assert (stranger.code, stranger.out) == (2, "")
    assert here("do", complaint, "change_contact", "contact=lin@example.com").code == 0
    assert here("show", complaint, "--json").data["customer"]["contact"] == "li****om"


def test_what_would_steer_a_terminal_is_shown_instead(here: Redress, complaint: str) -> None:
    assert here("do", complaint, "mark_withdrawn", "reason=\u202egnp.exe").code == 0
    assert "\u202e" not in here("history", complaint).out


@pytest.mark.requirement("SLA-01")
def test_a_deadline_says_why_it_is_there(here: Redress, complaint: str) -> None:
    found = {one["name"]: one for one in here("deadlines", complaint, "--json").data}
    first = found["first_response_hours"]
    assert (first["state"], first["span"], first["rule"], first["policy_version"]) == (
        "open",
        "24 hours",
        "SLA-01",
        "2026-01",
    )
    assert first["calendar_version"] == "cn-2026"
    assert (
        here(
            "do",
            complaint,
            "hold",
            "reason=等客户",
            "waiting_for=customer",
            "until=2030-01-01T00:00:00+08:00",
        ).code
        == 2
    )
    shown = here("deadlines", complaint).out
    assert "24 hours from" in shown
    assert "policy 2026-01" in shown
    assert "warns" in shown


def test_lists_are_filtered_and_sorted_by_the_next_deadline(here: Redress, complaint: str) -> None:
    assert here("do", complaint, "classify", *CLASSIFICATION).code == 0
    told = here(
        "list", "--stage", "classified", "--type", "SERVICE", "--owner", "cs_specialist-1", "--json"
    ).data
    assert complaint in [line["number"] for line in told]
    assert {line["stage"] for line in told} == {"CLASSIFIED"}
    dues = [line["next_deadline"] for line in here("list", "--json").data if line["next_deadline"]]
    assert dues == sorted(dues)
    assert complaint not in [line["number"] for line in here("list", "--overdue", "--json").data]
    assert here("list", "--desk", "legal", "--project", "nowhere", "--json").data == []
    assert here("do", complaint, "mark_withdrawn", "reason=客户撤回").code == 0
    assert complaint not in [line["number"] for line in here("list", "--json").data]
    assert complaint in [line["number"] for line in here("list", "--stage", "WITHDRAWN", "--json").data]
    for option, near in (("--stage", "CLASIFIED"), ("--desk", "leagl"), ("--type", "PRIZE")):
        answer = here("list", option, near)
        assert (answer.code, "did you mean" in answer.err) == (2, True)
    assert f"{complaint}" in here("list", "--all").out


@pytest.mark.requirement("LIF-04")
def test_history_shows_every_turn_and_marks_the_refused(here: Redress, complaint: str) -> None:
    here("do", complaint, "archive", "result=BOTH_SATISFIED", "--report", "--key", "early")
    assert here("do", complaint, "add_note", "text=记录").code == 0
    told = here("history", complaint, "--json").data
    assert [turn["turn"] for turn in told] == list(range(1, len(told) + 1))
    refused = [turn for turn in told if not turn["accepted"]]
    assert [(turn["kind"], turn["rule"]) for turn in refused] == [("archive", "CLO-07")]
    assert told[-1]["said_by"] == "cs_specialist-1"
    assert "REFUSED" in here("history", complaint).out


def test_the_ledger_is_audited(here: Redress, complaint: str) -> None:
    told = here("audit", "verify", complaint, "--json")
    assert (told.code, told.data) == (0, {"complaints": 1, "turns": 2, "findings": []})
    assert here("audit", "verify").out.endswith("0 findings.\n")
    assert here("audit", "verify", "2026-999999").code == 3


@pytest.mark.requirement("ORG-04", "ORG-08")
def test_people_come_and_go(here: Redress, complaint: str) -> None:
    entered = here(
        "user",
        "add",
        "lin.mei",
        "--name",
        "林梅",
        "--role",
        "cs_specialist",
        "--department",
        "customer_service",
    )
    assert entered.code == 0
    assert here("do", complaint, "classify", *CLASSIFICATION, "--as", "lin.mei").code == 0
    assert "lin.mei" in here("user", "list").out
    gone = here("user", "disable", "lin.mei", "--json").data
    assert gone == {"user": "lin.mei", "open_complaints": [complaint]}
    assign = ("assign", "department=engineering", "lead=PROJECT_MANAGER")
    assert here("do", complaint, *assign, "--as", "lin.mei").code == 2
    assert "lin.mei" not in here("user", "list").out
    assert "lin.mei" in here("user", "list", "--all").out
    assert here("user", "disable", "nobody.here").code == 2
    wrong = here("user", "add", "x", "--name", "x", "--role", "CS_SPECIALST")
    assert (wrong.code, "did you mean CS_SPECIALIST" in wrong.err) == (2, True)
    assert here("people", "seed", "--each", "3", "--json").code == 0
    production = here("people", "seed", environ={"REDRESS_PROFILE": "production"})
    assert production.code == 2


def test_a_running_installation_is_well_and_as_declared(here: Redress, installation: Installation) -> None:
    doctor = here("doctor", "--json")
    assert doctor.code == 0
    states = {one["part"]: one["state"] for one in doctor.data}
    assert {
        states[part] for part in ("database", "schema", "master key", "Temporal server", "worker notices")
    } == {"well"}
    assert here("bootstrap", "--json").data == []
    assert here("migrate", "--json").data == {"applied": []}
    assert here("bootstrap").out == "Everything is as declared already.\n"
