"""What may be put in, and the one sentence that turns the rest away (commands.md §1, §7)."""

from __future__ import annotations

import re
import types
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from domain.commands import INTERNAL, MODELS, AddNote, BadCommand, Dated, Said, dump, read, said
from domain.policy import Policy
from domain.texts import (
    TEXT_ID,
    Code,
    NotATextId,
    NoticeKey,
    TextMark,
    UserId,
    in_utc,
    texts_in,
    with_ids,
)
from policies import load_policy
from tests.builders import RECEIVED, received
from tests.rules.saying import command

KINDS = sorted(MODELS)
NOTE: dict[str, Any] = {"kind": "add_note", "by": "legal-1", "text": "words"}
OFFER: dict[str, Any] = {"kind": "propose_solution", "by": "legal-1", "solution": "S1", "measures": ["x"]}
PROMISE: dict[str, Any] = {"kind": "make_promise", "by": "legal-1", "promise": "P1", "what": "x"}

#: commands.md §1, group by group; a change of the contract changes this list
NAMED = """
register add_to_intake change_contact link_duplicate mark_withdrawn request_erasure add_note correct
classify reclassify assign reassign accept_handover return_handover set_flag escalate request_help give_help
record_response make_promise extend_promise keep_promise send_progress
hold resume extend_window change_policy_version change_calendar_version
waive_investigation plan_visit record_visit add_evidence request_contribution give_contribution record_study_session
confirm_findings request_opinion give_opinion
set_limits propose_solution approve_offer record_round record_agreement fail_negotiation complete_item carry_over_item
record_payment reverse_payment
start_mediation record_consent record_session record_mediation_result
choose_forum submit_arbitration record_decision file_or_register_suit add_legal_date keep_legal_date record_judgment
set_limitation
submit_review decide_review record_feedback record_silence open_second_handling record_visit_attempt record_follow_up
record_reflection record_praise archive reopen
link_to_group unlink_from_group deadline_passed notice_failed notice_delivered
"""


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(MODELS) == set(NAMED.split())
    assert {"deadline_passed", "notice_failed", "notice_delivered"} == INTERNAL


def test_late_entry_is_for_what_has_happened() -> None:
    happening = re.compile(r"record_|give_")
    dated = {kind for kind, model in MODELS.items() if issubclass(model, Dated)}
    named = {kind for kind in MODELS if happening.match(kind)} | {"send_progress", "complete_item"}
    assert named - dated == set()
    assert dated - named == {"keep_promise", "keep_legal_date"}
    assert all("reason" in MODELS[kind].model_fields for kind in dated)


class TestTurnedAway:
    @pytest.mark.parametrize(
        ("data", "told"),
        [
            ("add_note", "A command is a JSON object"),
            (None, "A command is a JSON object"),
            ([NOTE], "A command is a JSON object"),
            ({}, "kind: None is not a command"),
            (
                {"kind": "explode", "by": "legal-1"},
                "kind: 'explode' is not a command; accepted are accept_handover",
            ),
            ({"kind": "x" * 500}, f"kind: '{'x' * 40}…' is not a command"),
            ({"kind": ["add_note"]}, "kind: ['add_note'] is not a command"),
            ({**NOTE, "text": ""}, "text: must not be empty"),
            ({**NOTE, "text": " \n\t"}, "text: must not be empty"),
            ({**NOTE, "text": "x" * 100_001}, "text: has 100001 characters, at most 100000 are accepted"),
            ({**NOTE, "text": "a\x00b"}, "text: control characters other than line breaks and tabs"),
            ({**NOTE, "text": "a\x1bb"}, "text: control characters other than line breaks and tabs"),
            ({**NOTE, "text": "a\x7fb"}, "text: control characters other than line breaks and tabs"),
            ({**NOTE, "text": "a\u0085b"}, "text: control characters other than line breaks and tabs"),
            ({**NOTE, "text": 7}, "text: Input should be a valid string"),
            ({**NOTE, "text": "\ud800"}, "text: holds half a character"),
            ({**NOTE, "colour": "red"}, "colour: is not a field of this command"),
            ({"kind": "add_note", "by": "legal-1"}, "text: Field required"),
            ({**NOTE, "by": "Legal One"}, "by: String should match pattern"),
            ({**NOTE, "by": None}, "by: Input should be a valid string"),
            ({**NOTE, "acknowledges": "no such/thing/at all"}, "acknowledges: String should match"),
            ({**NOTE, "expected_turn": -1}, "expected_turn: Input should be greater than or equal to 0"),
            ({**OFFER, "compensation": "-1.00"}, "compensation: Input should be greater than or equal to 0"),
            (
                {**OFFER, "compensation": 5000.0},
                'compensation: money is a decimal string in CNY, such as "5000.00"',
            ),
            ({**OFFER, "compensation": True}, "compensation: money is a decimal string"),
            (
                {**OFFER, "compensation": "1.005"},
                "compensation: Decimal input should have no more than 2 decimal",
            ),
            ({**OFFER, "compensation": "NaN"}, "compensation: "),
            ({**OFFER, "compensation": "Infinity"}, "compensation: "),
            ({**OFFER, "compensation": "9" * 20}, "compensation: Decimal input should have no more than"),
            ({**OFFER, "compensation": "five"}, "compensation: Input should be a valid decimal"),
            ({**OFFER, "measures": []}, "measures: List should have at least 1 item"),
            ({**OFFER, "measures": ["a\x00"]}, "measures.0: control characters"),
            ({**OFFER, "solution": "S 1"}, "solution: String should match pattern"),
            (PROMISE, "due: a promise needs a date (due) or a stated condition (SLA-09)"),
            ({**PROMISE, "due": "2026-03-02T09:20:00"}, "due: a time needs its zone"),
            ({**PROMISE, "due": "soon"}, "due: an instant is written like"),
            ({**PROMISE, "due": 1_772_000_000}, "due: an instant is written like"),
            ({**PROMISE, "due": "1772000000"}, "due: an instant is written like"),
            ({**PROMISE, "due": "2026-02-30T09:20:00+08:00"}, "due: "),
            ({**PROMISE, "due": "0001-01-01T00:00:00+08:00"}, "due: the year must lie between"),
            ({**PROMISE, "due": "9999-12-31T23:59:59-12:00"}, "due: the year must lie between"),
            (
                {"kind": "classify", "by": "a-1", "type": "NOISE", "cause": "SALES", "severity": "simple"},
                "type: Input should be 'CONTRACT', 'SERVICE', 'PRODUCT', 'PRICE' or 'LEGAL'",
            ),
            (
                {"kind": "assign", "by": "a-1", "department": "sales", "lead": "BOSS"},
                "lead: Input should be 'CS_SPECIALIST'",
            ),
            (
                {"kind": "record_response", "by": "a-1", "channel": "pigeon", "effective": True},
                "channel: Input should be 'telephone'",
            ),
            (
                {"kind": "hold", "by": "a-1", "reason": "x", "waiting_for": "customer"},
                "until: Field required",
            ),
            (
                {"kind": "record_feedback", "by": "a-1", "attempt": 1, "channel": "email"},
                "satisfied: say whether the customer is satisfied, or reply: none",
            ),
            (
                {
                    "kind": "record_feedback",
                    "by": "a-1",
                    "attempt": 10**9,
                    "channel": "email",
                    "reply": "none",
                },
                "attempt: Input should be less than or equal to 1000000",
            ),
            ({"kind": "set_limits", "by": "a-1"}, "floor: give a floor, a ceiling or both"),
            (
                {"kind": "set_limits", "by": "a-1", "floor": "2.00", "ceiling": "1.00"},
                "floor: must not be above the ceiling",
            ),
            (
                {"kind": "change_contact", "by": "a-1", "contact": "0" * 201},
                "contact: has 201 characters, at most 200",
            ),
            (
                {
                    "kind": "plan_visit",
                    "by": "a-1",
                    "appointment": "2026-03-02T09:20:00Z",
                    "place": "x" * 1001,
                },
                "place: has 1001 characters, at most 1000",
            ),
        ],
    )
    @pytest.mark.requirement("INT-03", "SLA-09")
    def test_with_one_sentence_that_names_the_field(self, data: object, told: str) -> None:
        with pytest.raises(BadCommand) as bad:
            read(data)
        sentence = str(bad.value)
        kind = data.get("kind") if isinstance(data, dict) else None
        if isinstance(kind, str) and kind in MODELS:
            assert sentence.startswith(f"{kind}: ")
        assert told in sentence
        assert "\n" not in sentence
        assert len(sentence) < 3000

    @given(
        junk=st.recursive(
            st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
            ),
            max_leaves=12,
        ),
        kind=st.sampled_from(KINDS),
    )
    @settings(max_examples=200, deadline=None)
    def test_nothing_at_all_breaks_the_reader(self, junk: Any, kind: str) -> None:
        fields = junk if isinstance(junk, dict) else dict.fromkeys(MODELS[kind].model_fields, junk)
        with suppress(BadCommand):
            read({**fields, "kind": kind, "by": "legal-1"})

    def test_the_limits_are_those_of_the_policy(self) -> None:
        policy: Policy = load_policy("2026-01")
        limits = {mark.limit for kind in KINDS for mark in _marks(MODELS[kind])}
        keys = ("input_text_max", "input_string_max", "input_contact_max")
        assert limits == {policy.number(key) for key in keys}


class TestKept:
    @pytest.mark.parametrize(
        "text",
        [
            "😀👍🏽",
            "שלום \u202eabc\u202c",
            "zero\u200bwidth\u200d\ufeff",
            "漏水,第二次了",
            "tab\tand\r\nbreaks",
            "x" * 100_000,
        ],
    )
    @pytest.mark.requirement("INT-07")
    def test_words_stay_as_they_are(self, text: str) -> None:
        told = read({**NOTE, "text": text})
        assert isinstance(told, AddNote)
        assert told.text == text
        assert dump(told)["text"] == text

    def test_instants_are_kept_in_utc(self) -> None:
        told = read({**PROMISE, "due": "2026-03-02T09:20:00+08:00"})
        assert dump(told)["due"] == "2026-03-02T01:20:00Z"

    @pytest.mark.parametrize(
        ("money", "kept"), [("5000", "5000.00"), ("0.10", "0.10"), ("-0.00", "0.00"), (7, "7.00")]
    )
    def test_money_is_kept_exactly(self, money: object, kept: str) -> None:
        assert dump(read({**OFFER, "compensation": money}))["compensation"] == kept

    @pytest.mark.requirement("SLA-09")
    def test_a_promise_may_have_a_date_and_a_condition(self) -> None:
        read({**PROMISE, "due": "2026-03-02T09:20:00+08:00", "condition": "when it is dry"})

    @pytest.mark.parametrize(
        "kind", ["add_evidence", "start_mediation", "record_agreement", "submit_arbitration"]
    )
    def test_a_form_may_write_kind_for_the_commands_own_kind(self, kind: str) -> None:
        needed: dict[str, dict[str, Any]] = {
            "record_agreement": {"items": []},
            "submit_arbitration": {"filed_by": "customer"},
        }
        fields = needed.get(kind, {})
        choice = {"record_agreement": "mediated", "submit_arbitration": "outside_body"}.get(kind, "person")
        assert dump(said(kind, "legal-1", {**fields, "kind": choice}))["subkind"] == choice

    @pytest.mark.parametrize("kind", KINDS)
    @given(data=st.data())
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_every_command_reads_back_as_written(self, kind: str, data: st.DataObject) -> None:
        told = data.draw(command(kind, "legal-1", received().complaint, RECEIVED))
        assert read(dump(told)) == told
        ids = {path: f"txt_{place:032x}" for place, (path, _text) in enumerate(texts_in(told))}
        stored = read(with_ids(dump(told), ids))
        assert dict(texts_in(stored)) == ids, "what looks like an id is told too"
        assert not any(text in str(dump(stored)) for _path, text in texts_in(told) if len(text) > 20)


class TestTexts:
    """Every string is text, kept encrypted, except ids, codes, enumerations, dates and money (CUS-10)."""

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.requirement("CUS-10")
    def test_every_string_is_text_or_a_code(self, kind: str) -> None:
        for name, kept in _strings(MODELS[kind]):
            assert kept in ("text", "code"), f"{kind}.{name} is neither"

    @pytest.mark.parametrize("code", [Code, UserId, NoticeKey])
    @pytest.mark.requirement("CUS-07")
    def test_no_code_looks_like_the_id_of_a_text(self, code: Any) -> None:
        accepts = TypeAdapter(code)
        for value in (f"txt_{1:032x}", "txt_" + "a" * 32):
            with pytest.raises(ValidationError, match="which only the records give"):
                accepts.validate_python(value)
        for value in (f"txt_{1:033x}", f"txt_{1:031x}", "txt_1"):
            assert accepts.validate_python(value) == value

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_string_that_could_look_like_one_is_such_a_code(self, kind: str) -> None:
        for name, field in MODELS[kind].model_fields.items():
            pattern = _pattern(tuple(field.metadata))
            if pattern and re.search(pattern, f"txt_{1:032x}"):
                assert any(isinstance(mark, NotATextId) for mark in field.metadata), f"{kind}.{name}"

    def test_no_code_can_hold_a_sentence(self) -> None:
        for kind in KINDS:
            for name, pattern in _patterns(MODELS[kind]):
                assert not re.search(pattern, "two words"), f"{kind}.{name}"
                assert not re.search(pattern, "漏水"), f"{kind}.{name}"

    def test_the_words_of_a_command_are_found_where_they_stand(self) -> None:
        told = said("propose_solution", "legal-1", {"solution": "S1", "measures": ["one", "two"]})
        assert dict(texts_in(told)) == {"measures.0": "one", "measures.1": "two"}
        item = {"id": "A1", "what": "mend it", "owner": "LEGAL", "due": datetime(2027, 1, 1, tzinfo=UTC)}
        assert dict(texts_in(said("record_agreement", "legal-1", {"items": [item]}))) == {
            "items.0.what": "mend it"
        }
        told = said("correct", "legal-1", {"turn": 1, "reason": "a slip", "fields": {"name": "Li"}})
        assert dict(texts_in(told)) == {"reason": "a slip", "fields.name": "Li"}

    def test_naive_instants_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            in_utc(RECEIVED.replace(tzinfo=None))
        assert TEXT_ID.match("txt_" + "0" * 32)


def _marks(model: type[BaseModel]) -> list[TextMark]:
    found: list[TextMark] = []
    for field in model.model_fields.values():
        found += [mark for mark in field.metadata if isinstance(mark, TextMark)]
        found += _marks_in(field.annotation)
    return found


def _marks_in(annotation: Any) -> list[TextMark]:
    own = [part for part in get_args(annotation) if isinstance(part, TextMark)]
    return own + [mark for part in get_args(annotation) for mark in _marks_in(part)]


def _strings(model: type[BaseModel], prefix: str = "") -> list[tuple[str, str]]:
    """Each field that holds a string, and whether it is text, a code, or neither."""
    return [
        found
        for name, field in model.model_fields.items()
        for found in _kept(f"{prefix}{name}", field.annotation, tuple(field.metadata))
    ]


def _kept(name: str, annotation: Any, metadata: tuple[Any, ...]) -> list[tuple[str, str]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        first, *more = get_args(annotation)
        return _kept(name, first, (*metadata, *more))
    if origin in (Union, types.UnionType):
        return [found for part in get_args(annotation) for found in _kept(name, part, metadata)]
    if origin in (list, dict):
        return [found for part in get_args(annotation) for found in _kept(name, part, ())]
    if origin is Literal:
        return [(name, "code")]
    if annotation is str:
        text = any(isinstance(mark, TextMark) for mark in metadata)
        return [(name, "text" if text else "code" if _pattern(metadata) else "neither")]
    if annotation in (bool, int, type(None), Decimal, datetime, AwareDatetime) or issubclass(
        annotation, Enum
    ):
        return []
    assert issubclass(annotation, BaseModel), f"{name} has a type nobody thought of: {annotation}"
    return _strings(annotation, f"{name}.")


def _pattern(metadata: tuple[Any, ...]) -> str | None:
    for mark in metadata:
        inner = getattr(mark, "metadata", ())
        if pattern := getattr(mark, "pattern", None) or (_pattern(tuple(inner)) if inner else None):
            return str(pattern)
    return None


def _patterns(model: type[Said]) -> list[tuple[str, str]]:
    return [
        (name, found)
        for name, field in model.model_fields.items()
        if (found := _pattern(tuple(field.metadata)))
    ]
