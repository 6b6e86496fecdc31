"""`user password` and `user token`: made, shown once, listed, ended; nothing for those who are not there."""

import io

import pytest

from tests.cli.conftest import Redress


@pytest.fixture
def person(here: Redress) -> str:
    assert here("user", "add", "door.keeper", "--name", "门卫", "--role", "LEGAL").code == 0
    return "door.keeper"


def test_a_password_is_made_and_shown_once(here: Redress, person: str) -> None:
    first = here("user", "password", person, "--json").data
    second = here("user", "password", person, "--json").data
    assert first["user"] == person
    assert first["password"] != second["password"]
    assert len(second["password"]) >= 20
    said = here("user", "password", person)
    assert (said.code, said.out.startswith(f"The password of {person}: ")) == (0, True)


def test_a_password_from_standard_input_is_not_shown(
    here: Redress, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    said = here("user", "password", person, "--stdin")
    assert said.code == 0
    assert "four plain" not in said.out + said.err
    for weak in ("short\n", "", "door.keeper123\n", "x" * 300 + "\n", "nul\x00 in the middle\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(weak))
        refused = here("user", "password", person, "--stdin")
        assert (refused.code, refused.out) == (2, ""), weak
        assert refused.err.startswith("A password") or refused.err.startswith("This password")


def test_a_new_password_ends_the_tokens(here: Redress, person: str) -> None:
    made = here("user", "token", person, "--json").data["id"]
    assert here("user", "password", person).code == 0
    tokens = {one["id"]: one for one in here("user", "token", person, "--list", "--json").data}
    assert tokens[made]["revoked_at"] is not None


def test_nobody_gets_neither(here: Redress) -> None:
    for verb in ("password", "token"):
        refused = here("user", verb, "no.body")
        assert refused.code in (2, 3)
        assert "no.body" in refused.err


def test_a_token_is_made_listed_and_ended(here: Redress, person: str) -> None:
    made = here(
        "user",
        "token",
        person,
        "--scope",
        "read",
        "--scope",
        "open",
        "--days",
        "7",
        "--name",
        "接口",
        "--json",
    )
    assert made.data["scopes"] == ["open", "read"]
    assert made.data["token"].startswith("redress_pat_")
    plain = here("user", "token", person)
    assert plain.out.strip().startswith("redress_pat_")
    listed = here("user", "token", person, "--list", "--json")
    assert made.data["token"] not in listed.out
    mine = {one["id"]: one for one in listed.data}
    assert mine[made.data["id"]]["name"] == "接口"
    assert here("user", "token", person, "--revoke", made.data["id"]).code == 0
    again = here("user", "token", person, "--revoke", made.data["id"])
    assert again.code in (2, 3)
    assert "接口" in here("user", "token", person, "--list").out


@pytest.mark.parametrize(
    "wrong", [["--scope", "all"], ["--days", "366"], ["--days", "0"], ["--name", "x" * 61]]
)
def test_a_token_asked_for_wrongly(here: Redress, person: str, wrong: list[str]) -> None:
    refused = here("user", "token", person, *wrong)
    assert (refused.code, refused.out) == (2, "")
