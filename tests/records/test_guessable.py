"""What is guessed first is no password; what nobody would have tried is one."""

import pytest

from records.accounts import WeakPassword, generated_password, require_strong


@pytest.mark.parametrize(
    "password",
    [
        "a123456789", "admin123456", "1qaz2wsx3edc", "qwer123456", "welcome2024", "changeme123", "P@ssw0rd2024",
        "Password!23", "asdfghjkl2026", "woaini1314520", "abcd1234efgh", "zaq12wsx!@#", "redress-2026!",
        "Complaint#1", "zhang19851203", "li19851203", "20240101abc", "aaaa1111bbbb22cc", "qwertyuiop", "9876543210a",
        "lin.mei2024", "Mei+Lin+2026", "林梅林梅123456", "iloveyou1314", "13800000000a", "Shanghai2026!",
    ],
)  # fmt: skip
def test_what_others_would_try_first(password: str) -> None:
    with pytest.raises(WeakPassword) as weak:
        require_strong("lin.mei", password, "林梅")
    assert weak.value.rule == "known"


@pytest.mark.parametrize(
    "password",
    [
        "four plain words here", "another four plain words", "correct horse battery", "7$k9#2x!Q4", "今天下午去喝茶聊天吧",
        "Sommerregen auf Blech", "tR7vq-mmP2x", "umbrella4lamp",
    ],
)  # fmt: skip
def test_what_nobody_would_have_tried(password: str) -> None:
    assert require_strong("lin.mei", password, "林梅") == password


def test_one_we_make_is_taken() -> None:
    for _ in range(200):
        made = generated_password()
        assert require_strong("lin.mei", made, "林梅") == made
