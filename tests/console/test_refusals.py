"""Refusals of the rules are said in the reader's language, in names and never in codes."""

import re
from datetime import UTC, datetime

import pytest

from console.words import LANGUAGES, Words
from console.words.catalogue import translations
from console.words.refusals import CONTEXT, patterns
from domain.codes import Role, Stage
from domain.commands import BadCommand
from domain.commands import read as read_command
from domain.lifecycle import TABLE, out_of_stage, possible_actions
from starter.submission import NotAccepted, read_submission
from tests.builders import life, person, shelf
from tools.messages import sentences

NOW = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
#: what would give a code away in a sentence for people
RAW = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b|\b(" + "|".join(Stage) + r")\b")
both = pytest.mark.parametrize("language", list(LANGUAGES))


def test_every_refusal_of_the_sources_is_translated() -> None:
    told = translations("zh-CN")
    assert [sentence for sentence in sentences() if (CONTEXT, sentence) not in told] == []


def test_translated_refusals_keep_their_parts() -> None:
    """A part that got lost or was invented in a translation would show as a gap or as "{3}"."""
    for language in LANGUAGES:
        for (context, message), forms in translations(language).items():
            if context == CONTEXT:
                wanted, there = set(re.findall(r"\{\d\}", message)), set(re.findall(r"\{\d\}", forms[0]))
                assert there <= wanted, message


REFUSALS = [
    *(sentence for kind in TABLE for stage in Stage if (sentence := out_of_stage(stage, kind))),
    "classify may be said by CS_SPECIALIST, CS_DIRECTOR only.",
    "accept_handover may be said by the lead or the lead's department only.",
    "record_feedback may be said by CS_SPECIALIST, CS_DIRECTOR, the customer by link only.",
    "lead: SALES_HEAD does not belong to engineering; accepted are PROJECT_MANAGER, TECHNICIAN, TOP_LEADER.",
    "Still missing: the follow-up visit, or all attempts at it; fulfilment items done or carried over.",
    "deadline: promise_due/P1 is moved by extend_promise.",
    "kind: in MEDIATING an agreement is mediated.",
    "An offer of 25000.00 CNY is approved by LEADING_GROUP.",
    "MAJOR may be set by CS_DIRECTOR, MARKETING_MANAGER, DUTY_LEADER, TOP_LEADER only.",
    "result: BOTH_SATISFIED needs a customer who has said so, at the feedback or at the visit, and nothing else.",
    "filed_by: the company files a suit only after choose_forum.",
    "items.0.due: must lie after the agreement.",
    "happened_at: must not be before the receipt of the complaint.",
]


@both
def test_refusals_are_said_in_names_and_never_in_codes(language: str) -> None:
    words = Words(language)
    for reason in REFUSALS:
        said = words.sentence(reason)
        assert not RAW.search(said), (reason, said)
        assert said.endswith("。" if language == "zh-CN" else "."), said
        if language == "zh-CN":
            assert not re.search(r"[A-Za-z]{3,}", said.replace("CNY", "")), (reason, said)


def test_refusals_name_stage_command_and_person() -> None:
    chinese, english = Words("zh-CN"), Words("en")
    reason = "record_round may be said in SOLUTION_DRAFTED, NEGOTIATING, not in FEEDBACK."
    assert (
        chinese.sentence(reason)
        == "“登记协商轮次”只能在以下阶段进行：已拟定方案、协商中；目前是“征求意见中”。"
    )
    assert "“Record a negotiation round”" in english.sentence(reason)
    assert chinese.sentence("promise: there is no promise P7.") == "承诺：没有承诺 P7。"
    assert english.sentence("promise: there is no promise P7.") == "Promise: there is no promise P7."


def test_a_sentence_nobody_has_drawn_stays_as_it_is() -> None:
    assert Words("zh-CN").sentence("Something quite new has come up.") == "Something quite new has come up."


@both
@pytest.mark.parametrize(
    "data",
    [
        {"kind": "classify"},
        {"kind": "classify", "type": "WRONG", "cause": "DESIGN", "severity": "simple"},
        {"kind": "hold", "reason": "", "waiting_for": "customer", "until": "2026-03-02T09:20:00+08:00"},
        {"kind": "hold", "reason": "x", "waiting_for": "nobody", "until": "2026-03-02T09:20:00+08:00"},
        {"kind": "hold", "reason": "x", "waiting_for": "customer", "until": "2026-03-02T09:20:00"},
        {"kind": "hold", "reason": "x", "waiting_for": "customer", "until": "next week"},
        {"kind": "make_promise", "promise": "P1", "what": "a call"},
        {"kind": "make_promise", "promise": "P 1", "what": "a call", "condition": "x"},
        {"kind": "record_feedback", "attempt": 1, "channel": "telephone", "satisfied": True, "score": 9},
        {"kind": "record_feedback", "attempt": "x", "channel": "telephone", "satisfied": True},
        {"kind": "record_feedback", "attempt": 1, "channel": "telephone"},
        {"kind": "propose_solution", "solution": "S1", "measures": []},
        {"kind": "propose_solution", "solution": "S1", "measures": ["x"], "compensation": "12.345"},
        {"kind": "propose_solution", "solution": "S1", "measures": ["x"], "compensation": "-1"},
        {"kind": "record_round", "round": 0, "solution": "S1", "reply": "accepted"},
        {"kind": "record_visit_attempt", "reached": "perhaps"},
        {"kind": "add_note", "text": "x" * 100_001},
        {"kind": "add_note", "text": "a\x00b"},
    ],
)
def test_faults_of_a_form_are_said_in_the_language(language: str, data: dict[str, object]) -> None:
    with pytest.raises(BadCommand) as wrong:
        read_command({**data, "by": "cs_specialist-1"})
    said = Words(language).sentence(str(wrong.value))
    assert said != str(wrong.value)
    assert not RAW.search(said), said
    if language == "zh-CN":
        assert not re.search(r"[A-Za-z]{3,}", said.replace("SLA", "")), said


def test_faults_of_a_submission_are_said_in_chinese() -> None:
    good = {"channel": "telephone", "received_at": NOW.isoformat(), "text": "x", "place": {"project": "p"}}
    for broken in ({"name": "", "contact": "1"}, {"name": "a"}, {"name": "a", "contact": "1" * 201}):
        with pytest.raises(NotAccepted) as wrong:
            read_submission({**good, "customer": broken}, NOW)
        assert re.match("客户(姓名|联系方式)：", Words("zh-CN").sentence(str(wrong.value)))


@both
@pytest.mark.parametrize("stage", list(Stage))
def test_whatever_the_rules_refuse_in_a_stage_is_said_in_names(language: str, stage: Stage) -> None:
    """Every role asks for every command; the rules' own reasons, as the buttons show them."""
    words = Words(language)
    told = life(stage)
    reasons = {
        refused.reason
        for role in (*Role, "customer")
        for refused in possible_actions(told.complaint, person(role), told.at, shelf()).values()
        if refused is not None
    }
    assert reasons
    for reason in reasons:
        said = words.sentence(reason)
        assert any(pattern.fullmatch(reason) for pattern, _ in patterns()), reason
        assert not RAW.search(said), (reason, said)
        if language == "zh-CN":
            assert not re.search(r"[A-Za-z]{3,}", said), (reason, said)
