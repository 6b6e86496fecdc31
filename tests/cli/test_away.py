"""Servers that are away, settings that cannot be used, verbs that are not there: the right code and one sentence."""

from pathlib import Path

import pytest

from starter.cli.here import Here
from tests.cli.conftest import Installation, Redress, clean_environment

NOWHERE = "postgresql://redress:secret@127.0.0.1:1/redress"


def test_nothing_runs_here(redress: Redress, tmp_path: Path, complaint_file: Path) -> None:
    for verb in (("list",), ("show", "2026-000001"), ("do", "2026-000001", "register"), ("open", complaint_file),
                 ("migrate",), ("bootstrap",), ("audit", "verify"), ("user", "list")):  # fmt: skip
        answer = redress("--home", tmp_path / "empty", *verb)
        assert (answer.code, answer.out) == (4, ""), verb
        assert "redress up" in answer.err
        assert len(answer.err.splitlines()) == 1
    assert not (tmp_path / "empty").exists()


def test_the_database_is_away(redress: Redress, tmp_path: Path) -> None:
    answer = redress("--home", tmp_path, "list", environ={"REDRESS_DATABASE_URL": NOWHERE})
    assert answer.code == 4
    assert "secret" not in answer.err
    assert redress("--home", tmp_path, "migrate", environ={"REDRESS_DATABASE_URL": NOWHERE}).code == 4
    doctor = redress("--home", tmp_path, "doctor", environ={"REDRESS_DATABASE_URL": NOWHERE})
    assert doctor.code == 4
    assert redress("--home", tmp_path, "doctor").code == 0


def test_a_password_that_is_wrong_is_no_fault_of_ours(
    redress: Redress, installation: Installation, tmp_path: Path
) -> None:
    url = Here(clean_environment(REDRESS_HOME=str(installation.home))).database_url()
    wrong = url.replace("redress:", "redress:x", 1) if "redress:" in url else url
    answer = redress("--home", tmp_path, "list", environ={"REDRESS_DATABASE_URL": wrong})
    assert answer.code == 4
    assert len(answer.err.splitlines()) == 1


def test_temporal_is_away_and_nothing_is_written(
    redress: Redress, installation: Installation, here: Redress, complaint_file: Path
) -> None:
    before = len(here("list", "--all", "--json").data)
    answer = redress(
        "--home", installation.home, "open", complaint_file, environ={"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    )
    assert answer.code == 4
    assert "127.0.0.1:1" in answer.err
    assert len(here("list", "--all", "--json").data) == before


def test_settings_that_cannot_be_used_name_their_variable(redress: Redress, tmp_path: Path) -> None:
    for name, value in (("REDRESS_PROFILE", "test"), ("REDRESS_HEALTH_PORT", "x"), ("REDRESS_LOG", "loud")):
        answer = redress("--home", tmp_path, "worker", environ={name: value, "REDRESS_DATABASE_URL": NOWHERE})
        assert (answer.code, name in answer.err) == (2, True)
    named = {"REDRESS_DATABASE_URL": NOWHERE, "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    queue = redress("--home", tmp_path, "worker", "complains", environ=named)
    assert (queue.code, "accepted are complaints, notices, reviews" in queue.err) == (2, True)
    assert redress("--home", tmp_path, "worker").code == 4


def test_in_production_somebody_must_be_named(redress: Redress, tmp_path: Path) -> None:
    answer = redress("--home", tmp_path, "show", "2026-000001", environ={"REDRESS_PROFILE": "production"})
    assert (answer.code, "REDRESS_USER" in answer.err) == (2, True)


def test_the_acting_person_may_stand_in_the_environment(here: Redress, complaint: str) -> None:
    assert here("do", complaint, "add_note", "text=x", environ={"REDRESS_USER": "cs_specialist-2"}).code == 0
    assert here("history", complaint, "--json").data[-1]["said_by"] == "cs_specialist-2"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("shwo",), "Did you mean 'show'"),
        (("consoles",), "No such command 'consoles'"),
        (("list", "--overdu"), "--overdue"),
        (("do",), "NUMBER"),
        (("list", "--limit", "0"), "--limit"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(
    redress: Redress, arguments: tuple[str, ...], sentence: str
) -> None:
    answer = redress(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_help_names_the_environment(redress: Redress) -> None:
    assert redress().out.startswith(redress("--help").out[:200])
    assert "REDRESS_HOME" in redress("--help").out
    assert "REDRESS_USER" in redress("do", "--help").out
    assert "REDRESS_HEALTH_PORT" in redress("worker", "--help").out
