"""The forms of all commands, without a server: every question named, every hostile input answered beside its field."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from console.forms.asking import ask
from console.forms.beside import _REMNANT, beside
from console.forms.choices import Around, Choosing, prefilled
from console.forms.faults import faults_of
from console.forms.foresee import foresee
from console.forms.labels import LABELS, label_of
from console.forms.reading import read_form, read_time
from console.forms.shape import CHOSEN, Field, fields_of, kinds
from console.forms.steps import GROUPS, NEXT, bar_of
from console.reading import Case
from console.words import LANGUAGES, Words
from domain.codes import Department, Role, Stage
from domain.commands import INTERNAL, MODELS, said
from domain.lifecycle import TABLE
from tests.builders import life, person
from tests.console.forms_filled import filled

WORDS = Words("en")
ME = "cs_specialist-1"
SCRIPT = "<script>alert(1)</script>{{7*7}}"
every = pytest.mark.parametrize("kind", kinds())


def test_every_command_has_a_form_and_stands_in_one_group() -> None:
    assert set(kinds()) == set(MODELS) - INTERNAL == set(TABLE) - INTERNAL
    listed = [kind for group in GROUPS.values() for kind in group]
    assert sorted(listed) == sorted(kinds())
    assert set(NEXT) == set(Stage)


@every
def test_every_field_of_the_model_is_asked_and_named(kind: str) -> None:
    asked = {one.name for one in fields_of(kind)}
    model = {info.alias or name for name, info in MODELS[kind].model_fields.items()}
    assert asked == model - {"kind", "by", "expected_turn"}
    for one in fields_of(kind):
        for column in (one, *one.columns):
            label = label_of("items" if column is not one else kind, column.name, late=one.place == "late")
            for language in LANGUAGES:
                for sentence in label:
                    told = Words(language).gettext(sentence)
                    assert told.strip()
                    assert language == "en" or told != sentence, sentence


def test_no_label_is_left_over() -> None:
    """A label for a field that no command has any more would be read by nobody."""
    fields = {one.name for kind in kinds() for one in fields_of(kind)}
    for name in LABELS:
        kind, dot, field = name.partition(".")
        if kind == "late":
            assert field in fields
        elif kind == "items" and dot:
            assert field in {"id", "what", "owner", "due"}
        elif dot:
            assert field in {one.name for one in fields_of(kind)}, name
        else:
            assert name in fields, name
    for kind, field in CHOSEN:
        assert kind == "*" or field in {one.name for one in fields_of(kind)}, (kind, field)


@every
def test_a_filled_form_is_the_command(kind: str) -> None:
    typed = read_form(kind, FormData(list[tuple[str, str | UploadFile]](filled(kind))))
    assert faults_of(kind, ME, typed, WORDS) == {}
    assert said(kind, ME, typed.data).kind == kind


@every
def test_an_empty_form_names_what_is_missing(kind: str) -> None:
    faults = faults_of(kind, ME, read_form(kind, FormData([])), WORDS)
    wanted = {one.name for one in fields_of(kind) if one.required and one.widget not in ("tick", "items")}
    assert set(faults) >= wanted
    assert all(sentence and "Input should" not in sentence for sentence in faults.values())


def _inputs(one: Field) -> Iterator[tuple[str, str]]:
    """Names of the inputs a field has, with the widget of each."""
    if one.widget == "items":
        yield from ((f"{one.name}-{column.name}", column.widget) for column in one.columns)
    elif one.widget == "pairs":
        yield from ((f"{one.name}-name", "code"), (f"{one.name}-value", "area"))
    else:
        yield one.name, one.widget


#: what nobody may send, by widget
_BAD_TIMES = ("2026-02-31T09:00", "9999-12-31T23:59", "0001-01-01T00:00", "2026-13-01T09:00", "99999-01-01T00:00",
              "２０２６-03-02T09:20", "now", "2026-03-02", "2026-03-02T24:30")  # fmt: skip
HOSTILE: dict[str, tuple[str, ...]] = {
    "area": ("a\x00b", "bell \x07", "x" * 100_001, "\x9b31m"),
    "lines": ("a\x00b", "x" * 100_001),
    "line": ("a\x00b", "x" * 100_001, "back\x08space"),
    "select": ("<script>", "no such code!", "x" * 500, "\x00"),
    "many": ("<script>", "\x00"),
    "yesno": ("maybe", "1", "<script>"),
    "when": _BAD_TIMES,
    "money": ("-1", "1e400", "NaN", "Infinity", "0.001", "9" * 40, "ten", "\x00", "0x10"),
    "number": ("-1", "0", "1.5", "9" * 30, "１２３４５６７８９０１２", "ten", "\x00"),
    "code": ("<script>", "a b", "x" * 65, "\x00", "名"),
    "tick": (),
}


@every
def test_hostile_input_is_answered_beside_its_field(kind: str) -> None:
    for one in fields_of(kind):
        for name, widget in _inputs(one):
            for bad in HOSTILE[widget]:
                _check_hostile(kind, one, name, bad)


def _check_hostile(kind: str, one: Field, name: str, bad: str) -> None:
    given = [(field, value) for field, value in filled(kind) if field != name]
    typed = read_form(kind, FormData([*given, (name, bad)]))
    faults = faults_of(kind, ME, typed, WORDS)
    assert any(place.partition(".")[0] in (one.name, "") for place in faults), (kind, name, bad)
    assert bad in typed.raw[name], "what was typed is kept"
    assert all("Input should" not in told and "Value error" not in told for told in faults.values())


@every
def test_markup_is_text_and_shown_as_typed(kind: str) -> None:
    for one in fields_of(kind):
        if one.widget not in ("area", "lines") and one.limit is None:
            continue
        given = [(name, value) for name, value in filled(kind) if name != one.name]
        typed = read_form(kind, FormData([*given, (one.name, SCRIPT)]))
        assert faults_of(kind, ME, typed, WORDS) == {}
        assert typed.data[one.name] in (SCRIPT, [SCRIPT])


@every
def test_what_a_form_does_not_ask_is_not_said(kind: str) -> None:
    extra = [
        ("by", "cs_director-1"),
        ("expected_turn", "1"),
        ("kind", "archive"),
        ("__proto__", "1"),
        ("x" * 5000, "y"),
    ]
    typed = read_form(kind, FormData([*filled(kind), *extra]))
    assert not {"by", "expected_turn", "__proto__"} & set(typed.data)
    command = said(kind, ME, typed.data)
    assert (command.kind, command.by) == (kind, ME)


@pytest.mark.parametrize("bad", _BAD_TIMES)
def test_a_time_that_is_none_is_refused_or_out_of_reach(bad: str) -> None:
    value, fault = read_time(bad)
    assert fault is not None or not 1900 <= int(str(value)[:4]) <= 2999


def test_a_local_time_is_of_shanghai() -> None:
    assert read_time("2026-03-02T09:20") == ("2026-03-02T09:20:00+08:00", None)
    assert read_time(" 2026-03-02 09:20:30 ") == ("2026-03-02T09:20:30+08:00", None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5,000.00", "5000.00"),
        ("￥５０００", "5000"),
        (" 12.5 元", "12.5"),
        ("0", "0"),
        ("1，234，567", "1234567"),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, meant: str) -> None:
    assert read_form("propose_solution", FormData([("compensation", typed)])).data["compensation"] == meant


@pytest.mark.parametrize(
    "typed",
    [
        "6.000,00",
        "6.000",
        "6,00",
        "6,0000",
        "1,2,3",
        ",600",
        "0,600",
        "6,000,",
        "6'000",
        "5元60",
        "1e3",
        "1_000",
        "-5",
    ],
)
def test_money_that_could_be_meant_otherwise_is_refused(typed: str) -> None:
    offer = FormData([("solution", "S1"), ("measures", "repair"), ("compensation", typed)])
    faults = faults_of("propose_solution", ME, read_form("propose_solution", offer), WORDS)
    assert list(faults) == ["compensation"]


def test_thousands_of_rows_end_in_one_sentence() -> None:
    rows: list[tuple[str, str | UploadFile]] = [("items-id", f"A{place}") for place in range(5000)]
    rows += [("items-what", "x")] * 5000
    typed = read_form("record_agreement", FormData(rows))
    assert len(typed.data["items"]) == 200
    assert "items" in faults_of("record_agreement", ME, typed, WORDS)


@cache
def case_in(stage: Stage, role: str = "CS_SPECIALIST") -> tuple[Case, datetime]:
    """A case in that stage in the hands of somebody, and the instant it has come to."""
    told = life(stage)
    return Case(told.complaint, person(role), told.book), told.at


@every
@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.NEGOTIATING, Stage.AWAITING_VISIT])
def test_every_form_can_be_shown(kind: str, language: str, stage: Stage) -> None:
    a_case, now = case_in(stage)
    of = Choosing(a_case, Around(), Words(language))
    given: dict[str, Any] = {name: [value] for name, value in prefilled(a_case, kind).items()}
    sheet = ask(of, kind, given, {}, "f-")
    asked = [*sheet.main, *sheet.more, *sheet.late]
    assert {one.field.name for one in asked} >= {one.name for one in fields_of(kind) if one.required}
    assert all(one.label and one.help for one in asked)
    assert all(note for note in beside(of, kind, now))


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", ["CS_SPECIALIST", "PROJECT_MANAGER", "AUDITOR"])
def test_the_bar_shows_possible_steps_first_and_every_command_once(stage: Stage, role: str) -> None:
    a_case, now = case_in(stage, role)
    bar = bar_of(a_case, now)
    assert len(bar.main) <= 3
    assert all(one.refused is None for one in bar.main)
    assert not bar.main or bar.main[0].key == "s"
    listed = [one for _, actions in bar.groups for one in actions]
    assert sorted(one.kind for one in listed) == sorted(kinds())
    allowed = {kind for kind, why in a_case.actions(now).items() if why is None}
    assert {one.kind for one in listed if one.refused is None} == allowed
    keys = [one.key for one in bar.main if one.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("stage", "role", "first"),
    [
        (Stage.REGISTERED, "CS_SPECIALIST", "classify"),
        (Stage.CLASSIFIED, "CS_SPECIALIST", "assign"),
        (Stage.ASSIGNED, "PROJECT_MANAGER", "accept_handover"),
        (Stage.INVESTIGATING, "PROJECT_MANAGER", "confirm_findings"),
        (Stage.SOLUTION_DRAFTED, "CS_SPECIALIST", "record_round"),
        (Stage.NEGOTIATING, "CS_SPECIALIST", "record_agreement"),
        (Stage.FULFILLING, "PROJECT_MANAGER", "complete_item"),
        (Stage.CLOSING_REVIEW, "CS_DIRECTOR", "decide_review"),
        (Stage.FEEDBACK, "CS_SPECIALIST", "record_feedback"),
        (Stage.AWAITING_VISIT, "CS_SPECIALIST", "record_follow_up"),
        (Stage.ARCHIVED, "CS_SPECIALIST", "record_reflection"),
    ],
)
def test_what_the_stage_waits_for_comes_first(stage: Stage, role: str, first: str) -> None:
    assert bar_of(*case_in(stage, role)).main[0].kind == first


@every
def test_prefilled_answers_are_free_and_well_formed(kind: str) -> None:
    """What the form fills in by itself is never what the reader of forms or the rules would refuse for its form."""
    for stage in (Stage.REGISTERED, Stage.NEGOTIATING, Stage.FULFILLING, Stage.FEEDBACK):
        a_case, _ = case_in(stage)
        given = prefilled(a_case, kind)
        typed = read_form(kind, FormData(list(given.items())))
        given_at_all = {name for name, value in given.items() if value}
        assert not set(faults_of(kind, ME, typed, WORDS)) & given_at_all, (stage, given)


@pytest.mark.requirement("NEG-06")
def test_the_limits_of_a_case_are_in_no_form_of_others() -> None:
    """Neither the note beside the offer nor what is foreseen tells where the limits of the case lie."""
    told = life(Stage.INVESTIGATING)
    told.say("PROJECT_MANAGER", "confirm_findings", root_cause="a", prevention="b")
    told.say("CS_DIRECTOR", "set_limits", floor="1234.00", ceiling="4321.00")
    told.say("CS_DIRECTOR", "add_note", text="after")
    a_case = Case(told.complaint, person("PROJECT_MANAGER"), told.book)
    notes = " ".join(beside(Choosing(a_case, Around(), WORDS), "propose_solution", told.at))
    assert "1,234" not in notes
    assert "4,321" not in notes
    within, beyond = (
        foresee(
            a_case, "propose_solution", {"solution": "S1", "measures": ["x"], "compensation": amount}, told.at
        )
        for amount in ("4000.00", "5000.00")
    )
    assert within.effect is not None
    assert within.effect == beyond.effect


@pytest.mark.requirement("NEG-04", "NEG-09")
@pytest.mark.parametrize("rule", ["decided_by_a_person", "compensate", "do_not_compensate"])
def test_the_rules_of_an_offer_stand_beside_it(rule: str) -> None:
    told = life(Stage.INVESTIGATING, policy={"remnant_rule": rule})
    a_case = Case(told.complaint, person("PROJECT_MANAGER"), told.book)
    told_notes = {
        language: beside(Choosing(a_case, Around(), Words(language)), "propose_solution", told.at)
        for language in LANGUAGES
    }
    assert told_notes["en"][0] == "Fair, and such that both sides can accept it."
    assert _REMNANT[rule] in told_notes["en"]
    assert Words("zh-CN").gettext(_REMNANT[rule]) in told_notes["zh-CN"]


@pytest.mark.requirement("INV-09")
def test_responsibility_is_asked_first_and_in_its_order() -> None:
    """The question of responsibility leads the form, and beside it stands in which order it is answered."""
    a_case, now = case_in(Stage.INVESTIGATING, "PROJECT_MANAGER")
    of = Choosing(a_case, Around(), WORDS)
    assert ask(of, "confirm_findings", {}, {}, "f-").main[0].field.name == "responsibility"
    notes = beside(of, "confirm_findings", now)
    places = [
        next(i for i, note in enumerate(notes) if word in note)
        for word in ("contract", "statutory", "responsible")
    ]
    assert places == sorted(places) == list(dict.fromkeys(places))


def test_what_is_foreseen_is_what_comes() -> None:
    told = life(Stage.CLASSIFIED)
    a_case = Case(told.complaint, person("CS_SPECIALIST"), told.book)
    fields = {"department": "engineering", "lead": "PROJECT_MANAGER"}
    seen = foresee(a_case, "assign", fields, told.at)
    assert seen.effect is not None
    assert seen.effect.stage == Stage.ASSIGNED
    told.say("CS_SPECIALIST", "assign", after=timedelta(), **fields)
    after = told.complaint
    before = {one.name for one in a_case.complaint.deadlines.values()}
    assert {one.name for one in seen.effect.started} == {
        one.name for one in after.deadlines.values() if one.pending and one.name not in before
    }
    due = {one.name: one.due for one in after.deadlines.values()}
    assert all(due[one.name] == one.due for one in seen.effect.started)


def test_what_would_be_refused_is_foreseen_with_its_sentence() -> None:
    a_case, now = case_in(Stage.CLASSIFIED)
    seen = foresee(a_case, "assign", {"department": "legal", "lead": "PROJECT_MANAGER"}, now)
    assert seen.refused is not None
    assert seen.refused.rule == "CLS-04"
    assert foresee(a_case, "assign", {}, now).refused is None, "too little is known to say anything"


def rows(*given: dict[str, str]) -> FormData:
    """Rows of an agreement, as one list a column."""
    names = ("id", "what", "owner", "due")
    return FormData([(f"items-{name}", row.get(name, "")) for row in given for name in names])


def test_a_fault_stands_beside_the_row_it_is_in() -> None:
    """Blank rows before it do not count in the command, and do on the form."""
    blank, good = {"id": "A1"}, {"id": "A2", "what": "seal", "owner": "TECHNICIAN", "due": "2026-04-01T09:00"}
    for bad, column in (({**good, "what": "a\x00b"}, "what"), ({**good, "due": "tomorrow"}, "due")):
        typed = read_form("record_agreement", rows(blank, good, blank, bad))
        assert set(faults_of("record_agreement", ME, typed, WORDS)) == {f"items.3.{column}"}
    sheet_case, _ = case_in(Stage.NEGOTIATING)
    typed = read_form("record_agreement", rows(blank, {**good, "what": "a\x00b"}))
    faults = faults_of("record_agreement", ME, typed, WORDS)
    asked = ask(Choosing(sheet_case, Around(), WORDS), "record_agreement", typed.raw, faults, "")
    items = next(one for one in asked.main if one.field.name == "items")
    assert [[cell.field.name for cell in row if cell.fault] for row in items.rows][:2] == [[], ["what"]]


def test_an_entry_that_is_corrected_twice_is_a_fault() -> None:
    """Neither of the two is silently dropped."""
    given = [("turn", "3"), ("reason", "x")]
    given += [("fields-name", "text"), ("fields-value", "one"), ("fields-name", ""), ("fields-value", "")]
    given += [("fields-name", " text"), ("fields-value", "two")]
    typed = read_form("correct", FormData(list[tuple[str, str | UploadFile]](given)))
    faults = faults_of("correct", ME, typed, WORDS)
    assert set(faults) == {"fields.2.name"}
    assert "twice" in faults["fields.2.name"]


@pytest.mark.parametrize(
    ("kind", "field", "labels"),
    [
        ("approve_offer", "decision", ["批准", "不批准"]),
        ("record_consent", "consent", ["同意", "不同意"]),
    ],
)
def test_a_choice_says_what_one_does_and_not_what_befalls_it(
    kind: str, field: str, labels: list[str]
) -> None:
    of = Choosing(case_in(Stage.REGISTERED)[0], Around(), Words("zh-CN"))
    asked = next(one for one in fields_of(kind) if one.name == field)
    assert [one.label for one in of.options(kind, asked)] == labels


@pytest.mark.requirement("CLS-04")
@pytest.mark.parametrize("about", [None, Role.SALES_STAFF, Role.NEGOTIATOR])
def test_the_seats_that_may_lead_are_offered_by_department(about: Role | None) -> None:
    """Auditor and administrator lead nothing; the department the policy names comes first; none leads about itself."""
    told = life(Stage.CLASSIFIED)
    told.complaint.about_role = about
    of = Choosing(Case(told.complaint, person("CS_SPECIALIST"), told.book), Around(), WORDS)
    asked = next(one for one in fields_of("assign") if one.name == "lead")
    offered = of.options("assign", asked)
    first = prefilled(of.case, "assign")
    assert offered[0].group == WORDS.name("department", first["department"])
    assert first["lead"] in {one.value for one in offered if one.group == offered[0].group}
    departments = {WORDS.name("department", one): one for one in Department}
    for lead in Role:
        groups = {one.group for one in offered if one.value == lead}
        accepted = {
            name
            for name, department in departments.items()
            if told.copy().tried("CS_SPECIALIST", "assign", department=department, lead=lead).accepted
        }
        assert groups == ({"Any department"} if accepted == {*departments} else accepted), lead
