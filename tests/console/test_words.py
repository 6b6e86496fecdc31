"""Every code has a name and every sentence a translation, in both languages."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import get_args

import pytest

import domain.codes
from console.words import LANGUAGES, Words, language_for
from console.words.catalogue import files, key_of, read, translated
from domain import parts
from domain.commands import MODELS
from domain.deadline_table import TABLE as DEADLINES
from domain.lifecycle import TABLE
from domain.roles import Place
from tools import ROOT
from tools.messages import contested, obsolete, untranslated

NOW = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
#: the kinds by which the enumerations are named
ENUMERATIONS = {
    "Stage": "stage", "ComplaintType": "type", "Cause": "cause", "Severity": "severity", "TippingPoint": "tipping",
    "Origin": "origin", "Flag": "flag", "Result": "result", "Department": "department", "Channel": "channel",
    "Line": "line", "Role": "role", "Receiver": "role",
}  # fmt: skip
both = pytest.mark.parametrize("language", list(LANGUAGES))


def fact_kinds() -> set[str]:
    """The kinds of the facts the rules state, by their syntax, and those the deadlines wait for."""
    found: set[str] = set()
    for path in sorted((ROOT / "domain").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            found.update(_stated(function))
    words = {word for rule in DEADLINES for word in (*rule.opens_on, *rule.met_by, *rule.cancelled_by)}
    return found | {word for word in words if ":" not in word} | {"offer_approved", "offer_refused"}


def _stated(function: ast.FunctionDef) -> Iterator[str]:
    given = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".fact") and node.args:
            yield from _literals(given.get(ast.unparse(node.args[0]), node.args[0]))
        if isinstance(node, ast.Call):
            for word in node.keywords:
                if word.arg == "fact":
                    yield from _literals(word.value)


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def codes() -> Iterator[tuple[str, str]]:
    """Every code that a page may show, with its kind."""
    for name, kind in ENUMERATIONS.items():
        enumeration: type[StrEnum] = getattr(domain.codes, name)
        yield from ((kind, member.value) for member in enumeration)
    yield from (("command", kind) for kind in TABLE)
    yield from (("deadline", rule.name) for rule in DEADLINES)
    yield from (("fact", kind) for kind in fact_kinds())
    yield from (("place", place.value) for place in Place)
    yield from (("state", state) for state in get_args(parts.DeadlineState))
    yield from (("task", kind) for kind in get_args(parts.Task.model_fields["kind"].annotation))
    yield from (
        ("field", info.alias or name)
        for model in MODELS.values()
        for name, info in model.model_fields.items()
    )
    yield from (
        ("template", path.stem)
        for path in (ROOT / "channels/templates/en").glob("*/*.txt")
        if not path.stem.startswith("_")
    )


def test_every_enumeration_of_the_field_is_named() -> None:
    found = {
        name
        for name, value in vars(domain.codes).items()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }
    assert set(ENUMERATIONS) == found


@both
def test_no_stage_says_that_is_done_which_one_still_does_in_it(language: str) -> None:
    """A badge "registered" beside the button "register" would have a newcomer wonder."""
    words, done = Words(language), {"zh-CN": "已{}", "en": "{}ed"}[language]
    contradicting = {
        (stage, kind)
        for kind, row in TABLE.items()
        for stage in row.stages
        if words.name("stage", stage) == done.format(words.name("command", kind))
    }
    assert contradicting == set()


@both
def test_every_code_has_a_name(language: str) -> None:
    words = Words(language)
    missing = sorted({code for code in codes() if words.known(*code) is None})
    assert missing == []


def test_facts_are_found_in_the_rules() -> None:
    """The search itself: kinds stated directly, by choice and by a variable are all found."""
    assert {
        "registered",
        "review_asked",
        "site_visit_missed",
        "contact_logged",
        "help_requested",
    } <= fact_kinds()


def test_chinese_names_are_chinese() -> None:
    words = Words("zh-CN")
    for kind, code in codes():
        assert re.search(r"[\u4e00-\u9fff]", words.name(kind, code)), (kind, code)


@both
def test_codes_that_are_new_or_missing_are_shown_legibly(language: str) -> None:
    words = Words(language)
    assert words.name("stage", "SOME_FUTURE_STAGE") == "SOME FUTURE STAGE"
    assert words.name("stage", None) == "–"
    assert words.deadline("promise_due/P1") == f"{words.name('deadline', 'promise_due')} P1"
    assert words.deadline("legal_date/missing") != words.deadline("legal_date/D1")


def test_times_are_shanghai_with_weekday() -> None:
    chinese, english = Words("zh-CN"), Words("en")
    assert chinese.when(NOW) == "2026-03-02 周一 09:20"
    assert english.when(NOW) == "2026-03-02 Mon 09:20"
    assert english.day(datetime(2026, 3, 1, 17, tzinfo=UTC)) == "2026-03-02 Mon"
    assert english.when(None) == "–"


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        (timedelta(seconds=59), "due now", "即将到期"),
        (timedelta(seconds=-59), "due now", "即将到期"),
        (timedelta(minutes=179), "179 min left", "剩 179 分钟"),
        (timedelta(minutes=180), "3 h left", "剩 3 小时"),
        (timedelta(hours=47, minutes=59), "47 h left", "剩 47 小时"),
        (timedelta(hours=48), "2 d left", "剩 2 天"),
        (timedelta(hours=-3), "3 h overdue", "已超时 3 小时"),
        (timedelta(days=-2, minutes=-1), "2 d overdue", "已超时 2 天"),
    ],
)
def test_time_left_is_said_in_words(span: timedelta, english: str, chinese: str) -> None:
    assert english == Words("en").left(NOW + span, NOW)
    assert chinese == Words("zh-CN").left(NOW + span, NOW)


def test_time_ago_is_a_day_after_a_week() -> None:
    english = Words("en")
    assert english.ago(NOW - timedelta(hours=5), NOW) == "5 h ago"
    assert english.ago(NOW, NOW) == "just now"
    assert english.ago(NOW - timedelta(days=8), NOW) == "2026-02-22 Sun"


def test_money_is_cny() -> None:
    assert Words("zh-CN").money("5000.00") == "¥5,000.00"
    assert Words("en").money("5000.5") == "CN¥5,000.50"
    assert Words("en").money(None) == "–"
    assert Words("en").money("a lot") == "a lot"


def test_the_nearest_language_is_taken() -> None:
    assert [language_for(asked) for asked in (None, "zh_TW", "en-GB", "EN", "fr")] == [
        "zh-CN",
        "zh-CN",
        "en",
        "en",
        "zh-CN",
    ]


def test_placeholders_survive_translation() -> None:
    pattern = re.compile(r"%\([a-z_]+\)s|\{[a-z_]*\}")
    for path in files("zh-CN"):
        for (context, message), forms in translated(read(path)):
            for form in forms if context == "" else ():
                assert set(pattern.findall(form)) == set(pattern.findall(message)), (path.name, message)


def test_no_two_parts_translate_a_sentence_differently() -> None:
    """Where they would, the house's word stands in LC_MESSAGES, which counts first."""
    for language in LANGUAGES:
        seen: dict[tuple[str, str], tuple[str, ...]] = {}
        house = house_words(language)
        for path in files(language):
            for key, forms in translated(read(path)):
                decided = path.parent.name == "parts" and key in house
                assert decided or seen.setdefault(key, forms) == forms, (path.name, key)


def house_words(language: str) -> set[tuple[str, str]]:
    """What LC_MESSAGES translates."""
    ours = [path for path in files(language) if path.parent.name == "LC_MESSAGES"]
    return {key for path in ours for key, _ in translated(read(path))}


def test_no_file_says_a_thing_twice() -> None:
    for language in LANGUAGES:
        for path in files(language):
            keys = [key_of(message) for message in read(path) if message.id]
            assert len(keys) == len(set(keys)), path.name


def test_no_translation_is_of_what_nothing_says() -> None:
    assert [key for language in LANGUAGES for key in obsolete(language)] == []


def test_no_two_files_translate_the_same_words_differently() -> None:
    """Only the first of them is ever shown, and which that is depends on the files' names."""
    assert {key: files for language in LANGUAGES for key, files in contested(language).items()} == {}


def test_nothing_a_page_says_is_untranslated() -> None:
    missing = {key: place for language in LANGUAGES for key, place in untranslated(language).items()}
    assert missing == {}
