"""Settings come from the environment once; what is wrong is named with the variable and what is accepted."""

from pathlib import Path

import pytest

from starter.settings import SettingError, home_directory, read_settings


def test_the_local_profile_needs_nothing(tmp_path: Path) -> None:
    settings = read_settings({"REDRESS_HOME": str(tmp_path)})
    assert not settings.production
    assert settings.may_create_keys
    assert settings.database_url is None
    assert tmp_path / "master_key" == settings.master_key
    assert tmp_path / "spool" == settings.spool


def test_production_makes_no_keys(tmp_path: Path) -> None:
    assert not read_settings({"REDRESS_HOME": str(tmp_path), "REDRESS_PROFILE": "production"}).may_create_keys


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:p@db/redress\n")
    assert (
        read_settings({"REDRESS_DATABASE_URL_FILE": str(secret)}).database_url
        == "postgresql://u:p@db/redress"
    )


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("REDRESS_PROFILE", "staging", "local and production"),
        ("REDRESS_HEALTH_PORT", "eighty", "whole number"),
        ("REDRESS_HEALTH_PORT", "70000", "0 to 65535"),
        ("REDRESS_METRICS_PORT", "-1", "whole number"),
        ("REDRESS_LOG", "loud", "debug, info, warning, error"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_accepted(name: str, value: str, accepted: str) -> None:
    with pytest.raises(SettingError, match=accepted) as wrong:
        read_settings({name: value})
    assert name in str(wrong.value)


def test_a_secret_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="REDRESS_SMTP_URL_FILE"):
        read_settings({"REDRESS_SMTP_URL_FILE": str(tmp_path / "none")})


def test_a_named_home_is_taken_as_it_is(tmp_path: Path) -> None:
    assert tmp_path == home_directory({"REDRESS_HOME": str(tmp_path)})


def test_the_hotline_is_a_telephone_number_or_none() -> None:
    assert read_settings({}).hotline is None
    assert read_settings({"REDRESS_HOTLINE": " +86 21 5555-0100 "}).hotline == "+86 21 5555-0100"
    assert read_settings({"REDRESS_COMPANY": " 示例置业 "}).company == "示例置业"
    for wrong in ("x" * 61, "a\nb"):
        with pytest.raises(SettingError, match="REDRESS_COMPANY"):
            read_settings({"REDRESS_COMPANY": wrong})
    with pytest.raises(SettingError, match="REDRESS_HOTLINE"):
        read_settings({"REDRESS_HOTLINE": "call us"})
