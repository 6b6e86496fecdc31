"""`do`: commands said by people and scripts, by the update and by the signal; what is refused leaves no trace."""

import json
import subprocess
from pathlib import Path

import pytest

from embedded.supervisor import running_addresses
from embedded.temporal_program import find_program
from tests.cli.conftest import Answer, Installation, Redress, written

CLASSIFICATION = ("type=PRODUCT", "cause=ENGINEERING", "severity=simple")


def turns(here: Redress, number: str) -> list[str]:
    """The commands in the ledger, refused ones with a mark."""
    told = here("history", number, "--json").data
    return [turn["kind"] if turn["accepted"] else f"{turn['kind']} refused" for turn in told]


@pytest.mark.requirement("CLS-01", "CLS-06")
def test_a_case_is_walked_by_hand(here: Redress, complaint: str) -> None:
    assert here("do", complaint, "classify", *CLASSIFICATION).out.splitlines()[0].endswith("CLASSIFIED")
    decision = here(
        "do", complaint, "assign", "department=engineering", "lead=PROJECT_MANAGER", "--json"
    ).data
    assert (decision["accepted"], decision["stage"]) == (True, "ASSIGNED")
    accepted = here("do", complaint, "accept_handover", "--as", "project_manager-1")
    assert accepted.code == 0
    assert turns(here, complaint) == ["open", "register", "classify", "assign", "accept_handover"]


#: What is said → what the one sentence must hold.
BAD_INPUT: list[tuple[tuple[str, ...], str]] = [
    (("clasify", *CLASSIFICATION), "did you mean classify"),
    (("deadline_passed", "deadline=1:x"), "Nobody can say deadline_passed"),
    (("classify", "type=NONSENSE", "cause=ENGINEERING", "severity=simple"), "classify: type:"),
    (("classify", *CLASSIFICATION, "colour=red"), "colour: is not a field"),
    (("make_promise", "promise=P1", "what=x", "due=2026-13-01T10:00:00+08:00"), "make_promise: due:"),
    (("make_promise", "promise=P1", "what=x", "due=tomorrow"), "an instant is written like"),
    (("make_promise", "promise=P1", "what=x", "due=2026-12-01T10:00:00"), "a time needs its zone"),
    (("propose_solution", "solution=S1", "measures=m", "compensation=-5.00"), "compensation:"),
    (("add_note", "text=" + "长" * 100_001), "100001 characters, at most 100000"),
    (("add_note", "text=a\x00b"), "control characters"),
    (("add_note", "text=a\x1b[31mb"), "control characters"),
    (("add_note", "text="), "must not be empty"),
    (("add_note", "text=a", "text=b"), "given twice"),
    (("add_note", "text"), "write name=value"),
    (("add_note", "text=x", "by=legal-1"), "--as"),
    (("record_agreement", "items=[{"), "begins like JSON"),
    (("add_note", "text=x", "--key", "a~b"), "--key"),
    (("add_note", "text=x", "--as", "Nobody Here"), "no user id"),
    (("add_note", "text=x", "--if-turn", "-1"), "--if-turn"),
]


def test_what_cannot_be_meant_is_one_sentence_and_nothing_is_written(here: Redress, complaint: str) -> None:
    for arguments, sentence in BAD_INPUT:
        answer = here("do", complaint, *arguments)
        assert (answer.code, answer.out) == (2, ""), arguments[:2]
        assert sentence in answer.err
        assert len(answer.err.splitlines()) == 1, answer.err
    assert turns(here, complaint) == ["open", "register"]


@pytest.mark.requirement("ORG-08")
def test_a_refusal_is_told_with_its_rule_and_changes_nothing_but_the_ledger(
    here: Redress, complaint: str
) -> None:
    refusals: list[tuple[Answer, str]] = [
        (here("do", complaint, "classify", *CLASSIFICATION, "--as", "sales_staff-1"), "ORG-02"),
        (here("do", complaint, "classify", *CLASSIFICATION, "--if-turn", "1"), "(turn)"),
    ]
    for answer, rule in refusals:
        assert answer.code == 2
        assert rule in answer.err
        assert len(answer.err.splitlines()) == 1
    assert turns(here, complaint) == ["open", "register", "classify refused", "classify refused"]
    assert here("show", complaint, "--json").data["stage"] == "REGISTERED"
    early = here("do", complaint, "archive", "result=UNRESOLVED", "--json")
    assert early.code == 2
    assert (early.data["accepted"], early.data["rule"]) == (False, "CLO-07")


def test_a_key_is_answered_once_and_refused_with_other_words(here: Redress, complaint: str) -> None:
    first = here("do", complaint, "add_note", "text=客户来电", "--key", "note-1", "--json").data
    assert here("do", complaint, "add_note", "text=客户来电", "--key", "note-1", "--json").data == first
    other = here("do", complaint, "add_note", "text=别的内容", "--key", "note-1")
    assert other.code == 2
    assert "same key" in other.err
    assert turns(here, complaint).count("add_note") == 1


def test_fields_come_from_json_too_and_long_words_are_taken(
    here: Redress, complaint: str, tmp_path: Path
) -> None:
    body = written(tmp_path / "note.json", {"text": "漏" * 100_000, "released": True})
    assert here("do", complaint, "add_note", "--json-body", body).code == 0
    for wrong, sentence in (("[1]", "no JSON object"), ("{", "is no JSON")):
        body.write_text(wrong)
        answer = here("do", complaint, "add_note", "--json-body", body)
        assert (answer.code, sentence in answer.err) == (2, True)
    assert here("do", complaint, "add_note", "--json-body", tmp_path / "none.json").code == 2


def test_a_number_that_is_not_there_is_not_found(here: Redress) -> None:
    for verb in (("do", "2026-999999", "register"), ("show", "2026-999999"), ("deadlines", "2026-999999"),
                 ("history", "2026-999999"), ("do", "2026-999999", "register", "--report")):  # fmt: skip
        answer = here(*verb)
        assert (answer.code, answer.err) == (3, "There is no complaint 2026-999999.\n")
    assert here("show", "99").code == 2


def until_said(here: Redress, installation: Installation, number: str, kind: str) -> None:
    """Wait until a signal has become a turn."""
    installation.until(
        lambda: any(turn.startswith(kind) for turn in turns(here, number)), f"{kind} in the ledger"
    )


def test_report_by_the_command_line(here: Redress, installation: Installation, complaint: str) -> None:
    answer = here("do", complaint, "classify", *CLASSIFICATION, "--report", "--key", "feed-7", "--json")
    assert answer.data == {"number": complaint, "key": "feed-7", "reported": True}
    until_said(here, installation, complaint, "classify")
    assert here("show", complaint, "--json").data["stage"] == "CLASSIFIED"


def test_report_reaches_a_complaint_that_has_ended(
    here: Redress, installation: Installation, complaint: str
) -> None:
    assert here("do", complaint, "mark_withdrawn", "reason=客户撤回").code == 0
    assert here("do", complaint, "add_note", "text=事后说明", "--report").code == 0
    until_said(here, installation, complaint, "add_note")
    assert turns(here, complaint)[-1] == "add_note"


def test_report_by_the_temporal_command_line(
    here: Redress, installation: Installation, complaint: str
) -> None:
    """Staff trigger signals from an internal tool: the plain Temporal CLI says the same commands."""
    told = {
        "internal-tool-42": {
            "kind": "classify", "by": "cs_specialist-1", "type": "PRICE", "cause": "SALES", "severity": "complex",
        },
        "internal-tool-43": {"kind": "add_note", "by": "cs_specialist-1", "text": "客户到访，已接待"},
        "internal-tool-44": {"kind": "assign", "by": "sales_staff-1", "department": "sales", "lead": "SALES_HEAD"},
    }  # fmt: skip
    for key, command in told.items():
        signal(installation, complaint, key, command)
    until_said(here, installation, complaint, "assign")
    assert here("show", complaint, "--json").data["type"] == "PRICE"
    assert turns(here, complaint) == ["open", "register", "classify", "add_note", "assign refused"]
    note = here("history", complaint, "--json").data[3]["command"]["text"]
    assert note.startswith("txt_")


def signal(installation: Installation, number: str, id: str, command: dict[str, str]) -> None:
    """Send the Signal `report` with Temporal's own command line, encrypted by the worker's codec."""
    program, addresses = find_program(), running_addresses(installation.home)
    assert program is not None
    assert addresses is not None
    codec = addresses["worker"].replace("/readyz", "/codec")
    subprocess.run(
        [
            program.path, "workflow", "signal", "--address", addresses["temporal"], "--namespace", "redress",
            "--codec-endpoint", codec, "--workflow-id", f"complaint-{number}", "--name", "report",
            "--input", json.dumps(id), "--input", json.dumps(command, ensure_ascii=False),
        ],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
