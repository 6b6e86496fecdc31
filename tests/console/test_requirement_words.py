"""Requirements on what is drawn from data: the step list of the policy, and the reply templates."""

import pytest

from console.case.page import steps
from console.composer.replies import replies
from console.reading import Case
from console.words import LANGUAGES, Words
from domain.codes import Stage
from domain.hearing import Shelf
from tests.builders import life, person, shelf

OTHER_STEPS = [
    {"zh": "接", "en": "Taken", "stages": ["REGISTERED", "CLASSIFIED"]},
    {"zh": "办", "en": "Worked on", "stages": ["ASSIGNED", "INVESTIGATING", "SOLUTION_DRAFTED", "NEGOTIATING"]},
    {"zh": "调", "en": "Outside", "stages": ["MEDIATING", "ARBITRATING", "LITIGATING"]},
    {
        "zh": "结",
        "en": "Ended",
        "stages": ["FULFILLING", "CLOSING_REVIEW", "FEEDBACK", "SECOND_HANDLING", "AWAITING_VISIT", "ARCHIVED"],
    },
]  # fmt: skip


@pytest.mark.requirement("LIF-11")
@pytest.mark.parametrize(
    ("stage", "states"),
    [
        (Stage.CLASSIFIED, ["now", "ahead", "ahead", "ahead"]),
        (Stage.NEGOTIATING, ["done", "now", "ahead", "ahead"]),
        (Stage.FEEDBACK, ["done", "done", "skipped", "now"]),
    ],
)
def test_another_step_list_of_the_policy_is_the_one_shown(stage: Stage, states: list[str]) -> None:
    told = life(stage)
    version = told.complaint.policy_version
    policy = shelf().policy(version).with_overrides({"steps_shown": OTHER_STEPS})
    book = Shelf({version: policy}, {"cn-2026": shelf().calendar("cn-2026")})
    for language, own in (("en", "en"), ("zh-CN", "zh")):
        shown = steps(Case(told.complaint, person("CS_SPECIALIST"), book), Words(language))
        assert [(one.title, one.state) for one in shown] == [
            (step[own], state) for step, state in zip(OTHER_STEPS, states, strict=True)
        ]


@pytest.mark.requirement("SLA-08")
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_chat_reply_is_short_and_a_letter_is_whole(language: str) -> None:
    """The first reply carries apology and concern either way; the letter has its greeting, parts and sender apart."""
    apology, concern = {"en": ("sorry", "how you feel"), "zh-CN": ("抱歉", "理解您的心情")}[language]
    values = {"number": "2026-000001", "customer": "林女士", "person": "周敏", "due": "3月5日"}
    short, whole = (
        replies()[one].filled(language, values) for one in ("first_reply_short", "first_reply_full")
    )
    assert apology in short
    assert "\n" not in short
    assert len(short) < len(whole) / 1.5
    assert {"en": "sorry", "zh-CN": "歉意"}[language] in whole
    assert concern in whole
    parts = whole.split("\n\n")
    assert len(parts) >= 4
    assert "林女士" in parts[0]
    assert parts[-1] == "周敏"
    for text in (short, whole):
        assert all(value in text for value in values.values())
