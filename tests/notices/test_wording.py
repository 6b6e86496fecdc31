"""What notices say: every one the rules can send, for each audience, in both languages."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta

import domain
import records
from channels.rendering import (
    LANGUAGES,
    RELEASED,
    Audience,
    CannotRender,
    Letter,
    Speech,
    language_for,
    render,
    template_names,
)
from domain.codes import (
    Channel,
    ComplaintType,
    Department,
    Receiver,
    Result,
    Role,
    Stage,
    TippingPoint,
)
from domain.commands import MODELS
from domain.deadline_table import TABLE

FOLDERS = [Path(package.__file__ or "").parent for package in (domain, records)]
DUE = "2026-03-02T09:20:00+08:00"
#: What every wording is given, whatever the rules say.
ALWAYS = {"number", "zone", "status_link", "feedback_link", "hotline"}
Function = ast.FunctionDef | ast.AsyncFunctionDef
#: What the outbox itself says, beside what the rules say.
OWN = {"reminder", "digest"}
#: A value for every parameter a template may name, of the kind the rules give.
PARAMS: dict[str, Any] = {
    **dict.fromkeys(("due", "received_at", "appointment", "until"), DUE),
    "channel": "telephone",
    "stage": "NEGOTIATING",
    "department": "engineering",
    "type": "PRODUCT",
    "points": "emotional, crowd",
    "waiting_for": "authority",
    "forum": "ARBITRATION",
    "filed_by": "customer",
    "result": "AGREED",
    "name": "item_due/A1",
    "rule": "NEG-10",
    "level": "1",
    "round": "2",
    "turn": "17",
    "kind": "propose_solution",
    "fault": "KeyError at solution.py:88",
    "items": "2",
    "of": "2026-000007",
    "compensation": "5000.00",
    **dict.fromkeys(("id", "solution", "item", "promise"), "X1"),
}
WORDS = {"text": "words for the customer", "reason": "words of a colleague", "condition": "if it rains"}


def told() -> Iterator[tuple[str, ast.Call]]:
    """Every template name in a call of `tell` and every `template=` in the rules, with the call."""
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        for function in [node for node in ast.walk(module) if isinstance(node, functions)]:
            for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
                for named in _named(call):
                    yield from ((name, call) for name in _names(named, function, module))


def _named(call: ast.Call) -> Iterator[ast.expr]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "tell":
        yield call.args[1]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "template")


def _names(named: ast.expr, function: Function, module: ast.Module) -> Iterator[str]:
    match named:
        case ast.Constant(value=str(name)):
            yield name
        case ast.IfExp():
            yield from _names(named.body, function, module)
            yield from _names(named.orelse, function, module)
        case ast.JoinedStr():
            yield from _patterned(ast.unparse(named))
        case ast.Subscript():
            return  # a row read back from the records
        case ast.Name() if named.id in {argument.arg for argument in function.args.args}:
            return  # `tell` itself: its callers were asked
        case ast.Name():
            yield from _assigned(named.id, function, module)
        case _:
            pytest.fail(f"a template's name cannot be read: {ast.unparse(named)}")


def _patterned(name: str) -> Iterator[str]:
    """The names an f-string can come to."""
    if "{said.decision}" in name:
        decisions = get_args(MODELS["approve_offer"].model_fields["decision"].annotation)
        yield from (name[2:-1].replace("{said.decision}", decision) for decision in decisions)
    elif "{kind}" in name:
        kinds = ("help", "contribution", "opinion")
        yield from (name[2:-1].replace("{kind}", kind) for kind in kinds)
    else:
        pytest.fail(f"a template's name cannot be read: {name}")


def _assigned(variable: str, function: Function, module: ast.Module) -> Iterator[str]:
    """What a local variable is given: a value, or a place in the rows of a table of the module."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        (target,) = node.targets
        if isinstance(target, ast.Name) and target.id == variable:
            yield from _names(node.value, function, module)
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Subscript):
            place = [ast.unparse(part) for part in target.elts].index(variable)
            table = ast.unparse(node.value.value)
            yield from (row[place] for row in _table(table, module).values())


def _table(name: str, module: ast.Module) -> dict[str, tuple[str, ...]]:
    rows = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    table: dict[str, tuple[str, ...]] = ast.literal_eval(rows[0])
    return table


def for_customers(call: ast.Call) -> bool:
    return bool(call.args) and ast.unparse(call.args[0]) == "Receiver.CUSTOMER"


TOLD = list(told())
AUDIENCES: tuple[Audience, ...] = ("customer", "staff")
CUSTOMER = {name for name, call in TOLD if for_customers(call)} | {"deadline_warning", "reply_reminder"}
STAFF = {name for name, call in TOLD if not for_customers(call)} - {"reply_reminder"} | OWN


def letter(audience: Audience, template: str, language: str, **changes: Any) -> Letter:
    params = {**PARAMS, "name": "session/1"} if audience == "customer" else dict(PARAMS)
    if template == "digest":
        params["items"] = [{"number": "2026-000009", "name": "handling_days", "due": DUE}]
    shape: dict[str, Any] = {"params": params, "words": WORDS, "name": "林女士", **changes}
    return Letter(template=template, audience=audience, number="2026-000123", language=language, **shape)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_rules_say_has_a_wording_and_nothing_else_has(language: str) -> None:
    assert len(TOLD) > 40
    assert template_names(language, "customer") == CUSTOMER
    assert template_names(language, "staff") == STAFF


def goes_out(name: str, call: ast.Call) -> bool:
    """Whether this call tells a customer."""
    return for_customers(call) or name == "reply_reminder"


def needed_by(language: str, audience: Audience, name: str) -> set[str]:
    """The parameters a wording cannot do without: what it names, less what it first asks after."""
    folder = resources.files("channels") / "templates" / LANGUAGES[language] / audience
    text = (folder / f"{name}.txt").read_text("utf-8")
    asked_after = set(re.findall(r"(\w+) is defined", text))
    grammar = Environment()
    grammar.filters.update(named=str, moment=str)
    return meta.find_undeclared_variables(grammar.parse(text)) - asked_after - ALWAYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_give_each_wording_what_it_needs(language: str) -> None:
    lacking = [
        f"{audience}/{name} needs {missing}"
        for name, call in TOLD
        for audience in AUDIENCES
        if name in (CUSTOMER if audience == "customer" else STAFF)
        and (name == "deadline_warning" or audience == ("customer" if goes_out(name, call) else "staff"))
        and (missing := needed_by(language, audience, name) - _given(call))
    ]
    assert not lacking


def _given(call: ast.Call) -> set[str]:
    """The parameters a call of `tell`, or a Notice with a `params` dictionary, carries."""
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    for keyword in call.keywords:
        if keyword.arg == "params" and isinstance(keyword.value, ast.Dict):
            keywords |= {str(key.value) for key in keyword.value.keys if isinstance(key, ast.Constant)}
        elif keyword.arg == "params":
            keywords |= {"name", "due", "rule"}  # `warn` builds them a line above
    return keywords


@pytest.mark.requirement("INT-04")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("audience", "name"),
    [("customer", name) for name in sorted(CUSTOMER)] + [("staff", name) for name in sorted(STAFF)],
)
def test_a_wording_names_the_complaint_and_leaves_nothing_open(
    audience: Audience, name: str, language: str
) -> None:
    said = render(letter(audience, name, language))
    assert said.language == language
    assert "\n" not in said.subject
    assert said.subject
    first, second = said.body.splitlines()[:2]
    if name != "digest":
        assert "2026-000123" in said.subject
        assert "2026-000123" in first
        assert "林女士" in second
    assert len(said.body.strip().splitlines()) > 4
    assert not any(mark in said.body for mark in ("{{", "{%", "None", "txt_"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(CUSTOMER))
def test_no_word_meant_for_colleagues_reaches_a_customer(name: str, language: str) -> None:
    """Whatever a notice carries, a customer is shown the released words of that template only."""
    every = {**WORDS, "opinions": "words nobody released"}
    body = render(letter("customer", name, language, words=every)).body
    released = {every[param] for param in RELEASED.get(name, ())}
    assert not [words for words in set(every.values()) - released if words in body]


def test_a_wording_for_colleagues_is_none_for_a_customer() -> None:
    for name in STAFF - CUSTOMER:
        with pytest.raises(CannotRender):
            render(letter("customer", name, "zh-CN"))
    with pytest.raises(CannotRender):
        render(letter("staff", "../customer/receipt", "en"))


def test_a_wording_that_lacks_what_it_needs_is_refused_without_telling_words() -> None:
    with pytest.raises(CannotRender, match="UndefinedError") as fault:
        render(letter("staff", "item_owed", "en", params={"item": "A1"}))
    assert "words" not in str(fault.value)


def test_what_people_write_is_shown_as_written_and_never_carried_out() -> None:
    evil = "{{ ''.__class__ }}\r\nBcc: a@example.com <b>喂</b> 🏠"
    said = render(letter("customer", "progress", "zh-CN", words={"text": evil}))
    assert evil.replace("\r\n", "\n") in said.body.replace("\r\n", "\n")
    assert "Bcc" not in said.subject


def test_a_subject_stays_one_line_and_holds_no_words() -> None:
    params = {**PARAMS, "solution": "S1\r\nBcc: a@example.com", "id": "txt_" + "0" * 32}
    assert "\r" not in render(letter("staff", "offer_approved", "en", params=params)).subject
    with pytest.raises(CannotRender):
        render(letter("staff", "help_given", "en", params=params, words={"id": "words"}))


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("fr", "zh-CN"),
     ("", "zh-CN"), (None, "zh-CN")],
)  # fmt: skip
def test_the_nearest_language_is_taken(wanted: str | None, given: str) -> None:
    assert language_for(wanted) == given


def test_instants_are_shown_in_the_company_s_zone_with_the_weekday() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert Speech("zh-CN").moment("2026-03-01T17:20:00+00:00", shanghai) == "2026-03-02 01:20 (周一)"
    assert Speech("en").moment(datetime.fromisoformat(DUE), shanghai) == "2026-03-02 09:20 (Mon)"
    assert "2026-03-02 09:20 (周一)" in render(letter("customer", "visit_planned", "zh-CN")).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name(language: str) -> None:
    names = Speech(language).names()
    wanted: dict[str, set[str]] = {
        "stage": set(Stage),
        "channel": set(Channel),
        "department": set(Department),
        "type": set(ComplaintType),
        "tipping_point": set(TippingPoint),
        "role": {*Role, *Receiver, "person"},
        "deadline": {rule.name for rule in TABLE},
        "result": {*Result, "AGREED", "FAILED"},
        "waiting_for": set(get_args(MODELS["hold"].model_fields["waiting_for"].annotation)),
        "forum": set(get_args(MODELS["choose_forum"].model_fields["forum"].annotation)),
        "side": set(get_args(MODELS["file_or_register_suit"].model_fields["filed_by"].annotation)),
        "weekdays": set("1234567"),
    }
    assert {kind: set(codes) for kind, codes in names.items()} == wanted


def test_a_deadline_keeps_what_it_is_about() -> None:
    speech = Speech("en")
    assert speech.named("item_due/A1", "deadline") == "agreed item A1"
    assert speech.named("legal_date/missing", "deadline") == "entering the legal date"
    assert speech.named("brand_new", "deadline") == "brand_new"


def test_a_substitute_and_a_vacant_seat_are_told_why() -> None:
    assert "legal-1" in render(letter("staff", "opinion_asked", "en", instead_of="legal-1")).body
    assert "法务负责人" in render(letter("staff", "opinion_asked", "zh-CN", vacant="HEAD_OF_LEGAL")).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_people_are_sent_to_the_page_where_there_is_one(language: str) -> None:
    def told(desk: str | None) -> str:
        letter = Letter("assigned", "staff", "2026-000001", language, "李敏", params=PARAMS, desk=desk)
        return render(letter).body

    assert "https://desk.example.com/case/2026-000001" in told("https://desk.example.com")
    assert "redress show 2026-000001" in told(None)
