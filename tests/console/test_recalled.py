"""What stands beside a form because the case knows it: promises, appointments, offers, what a record still lacks."""

import pytest

from console.forms.asking import ask
from console.forms.beside import beside
from console.forms.choices import Around, Choosing
from console.forms.recalled import proposed_items
from console.reading import Case
from console.words import LANGUAGES, Words
from domain.codes import Stage
from tests.builders import Life, life, person

WORDS = Words("en")


def words_of(told: Life) -> dict[str, str | None]:
    """Every text id of a case that its rules know, as words that say which it is."""
    c = told.complaint
    found = [promise.what for promise in c.promises.values()]
    found += [task.what for task in c.tasks.values()]
    found += [item.what for item in c.items.values()]
    found += [text for one in c.solutions.values() for text in one.measures]
    return {text: f"words of {text}" for text in found if text}


@pytest.mark.requirement("SLA-02", "INV-02", "INT-06")
def test_what_the_case_knows_stands_beside_the_form() -> None:
    """What was promised and planned, what counts as an answer, what a record still lacks."""
    told = life(Stage.ASSIGNED)
    told.say("PROJECT_MANAGER", "make_promise", promise="P1", what="a visit", due="2026-03-20T10:00:00+08:00")
    told.say("PROJECT_MANAGER", "plan_visit", appointment="2026-03-10T09:00:00+08:00", place="at the gate")
    a_case = Case(told.complaint, person("PROJECT_MANAGER"), told.book)
    receipt = {"name": "t1", "contact": "t2", "text": "t3"}
    for language in LANGUAGES:
        of = Choosing(a_case, Around(words=words_of(told), receipt=receipt), Words(language))
        seen = {
            kind: " ".join(beside(of, kind, told.at))
            for kind in ("record_response", "record_visit", "register")
        }
        assert all(
            "P1" in seen[kind] and "words of" in seen[kind] for kind in ("record_response", "record_visit")
        )
        assert "2026-03-10" in seen["record_visit"]
    told_notes = beside(of := Choosing(a_case, Around(receipt=receipt), WORDS), "register", told.at)
    assert any("the customer's name, a contact" in note for note in told_notes)
    assert any("building and unit, the outcome" in note for note in told_notes)
    assert any("what comes next" in note for note in beside(of, "record_response", told.at))


@pytest.mark.requirement("NEG-10")
def test_the_measures_of_the_last_offer_are_proposed_as_items() -> None:
    told = life(Stage.INVESTIGATING)
    told.say("PROJECT_MANAGER", "confirm_findings", root_cause="a", prevention="b")
    told.say(
        "PROJECT_MANAGER", "propose_solution", solution="S1", measures=["seal", "paint"], compensation="900.00",
        due="2026-04-01T09:00:00+08:00",
    )  # fmt: skip
    a_case = Case(told.complaint, person("PROJECT_MANAGER"), told.book)
    proposed = proposed_items(Choosing(a_case, Around(words=words_of(told)), WORDS))
    assert len(proposed["items-what"]) == 3
    assert "900" in proposed["items-what"][-1]
    assert list(proposed["items-owner"]) == ["PROJECT_MANAGER", "PROJECT_MANAGER", "FINANCE"]
    assert list(proposed["items-due"]) == ["2026-04-01T09:00"] * 3
    early = life(Stage.ASSIGNED)
    bare = Case(early.complaint, person("CS_SPECIALIST"), early.book)
    assert proposed_items(Choosing(bare, Around(), WORDS)) == {}
    sheet = ask(Choosing(a_case, Around(), WORDS), "record_agreement", proposed, {}, "f-")
    rows_shown = next(one for one in sheet.main if one.field.name == "items").rows
    assert [row[0].value for row in rows_shown] == ["A1", "A2", "A3"]
