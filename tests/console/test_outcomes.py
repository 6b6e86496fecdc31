"""What the desk asks and says where much hangs on it: judgments, awards, holds, hazards, the state of talks."""

import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest
from starlette.datastructures import FormData

from console.customer.plain import in_plain_words
from console.forms.asking import ask
from console.forms.beside import beside
from console.forms.choices import Around, Choosing
from console.forms.faults import faults_of
from console.forms.foresee import Foreseen, foresee
from console.forms.reading import read_form
from console.reading import Case
from console.words import Words
from domain.codes import Stage
from records.views.customer import lines
from tests.builders import Life, life, offer, person
from tests.console.served import Site

WORDS = Words("en")
CLERK = "cs_specialist-1"


def of(told: Life, role: str = "LEGAL") -> Choosing:
    return Choosing(Case(told.complaint, person(role), told.book), Around(), WORDS)


@pytest.mark.requirement("LIT-06")
def test_whether_a_judgment_is_final_is_taken_from_nobody_s_silence() -> None:
    told = life(Stage.LITIGATING)
    silent = read_form("record_judgment", FormData([("outcome", "for the customer")]))
    assert set(faults_of("record_judgment", "legal-1", silent, WORDS)) == {"final"}
    assert foresee(of(told).case, "record_judgment", silent.data, told.at) == Foreseen()
    for answer, stage in (("yes", Stage.FULFILLING), ("no", None)):
        typed = read_form("record_judgment", FormData([("outcome", "o"), ("final", answer)]))
        assert faults_of("record_judgment", "legal-1", typed, WORDS) == {}
        effect = foresee(of(told).case, "record_judgment", typed.data, told.at).effect
        assert effect is not None
        assert effect.stage == stage


@pytest.mark.requirement("ARB-05")
@pytest.mark.parametrize(("kind", "asked"), [("outside_body", False), ("internal_review", True)])
def test_nobody_is_asked_whether_the_customer_accepts_a_final_award(kind: str, *, asked: bool) -> None:
    told = life(Stage.ARBITRATING)
    assert told.complaint.proceeding is not None
    told.complaint.proceeding.kind = kind  # type: ignore[assignment]
    sheet = ask(of(told), "record_decision", {}, {}, "f-")
    questions = {one.field.name: one for one in (*sheet.main, *sheet.more, *sheet.late)}
    assert ("accepted_by_customer" in questions) is asked
    assert questions["items"].label == "Obligations imposed"


@pytest.mark.requirement("SLA-05")
def test_a_hold_says_which_clocks_stand_still_and_which_run_on() -> None:
    told = life(Stage.ASSIGNED).say("PROJECT_MANAGER", "accept_handover")
    notes = beside(of(told, "CS_SPECIALIST"), "hold", told.at)
    still = next(note for note in notes if "stand still" in note)
    running = next(note for note in notes if "runs on" in note)
    assert "Handling period" in still
    assert "Start of the investigation" in running
    assert "Handling period" not in running


@pytest.mark.requirement("INV-01")
async def test_a_hazard_is_customer_service_s_to_answer_and_says_what_stops_its_clock(site: Site) -> None:
    house = site.house
    number = await house.open()
    await house.do(number, "register", CLERK)
    classified = {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple"}
    await house.do(number, "classify", CLERK, **classified)
    await house.do(number, "assign", CLERK, department="engineering", lead="PROJECT_MANAGER")
    client = await site.signed_in(CLERK)
    stops = "Only a safety measure told to the customer"
    assert stops not in await head(client, number)
    await house.do(number, "set_flag", CLERK, flag="HAZARD", value=True, reason="sparks")
    told = await head(client, number)
    assert stops in told
    assert "Record a response" in told
    assert "(customer service specialist)" in told
    assert "project manager" not in told.partition("nearest deadline")[0]


async def head(client: httpx2.AsyncClient, number: str) -> str:
    """What the page of a case says of the next step."""
    page = unescape((await client.get(f"/case/{number}")).text)
    found = re.search(r'<p class="case-next">(.*?)</p>', page, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1]))


def test_a_customer_reads_that_their_acceptance_counts() -> None:
    told = life(Stage.NEGOTIATING)
    assert in_plain_words(told.complaint, told.at).said == "We are talking with you about a solution."
    offer(told, "accepted")
    plain = in_plain_words(told.complaint, told.at)
    assert plain.said.startswith("You accepted our proposal.")
    assert not plain.talking


@pytest.mark.parametrize(
    ("satisfied", "said"),
    [(True, "are closing the matter"), (False, "You told us that it is not settled")],
)
def test_a_customer_who_was_visited_is_not_told_of_a_visit_to_come(*, satisfied: bool, said: str) -> None:
    told = life(Stage.AWAITING_VISIT)
    assert "We will ask you once more" in in_plain_words(told.complaint, told.at).said
    told.say("CS_SPECIALIST", "record_follow_up", satisfied=satisfied)
    assert said in in_plain_words(told.complaint, told.at).said


def test_in_a_second_handling_the_answer_is_not_counted_from_the_complaint() -> None:
    told = life(Stage.SECOND_HANDLING, handling=2)
    plain = in_plain_words(told.complaint, told.at)
    assert plain.next_what == "We answer you by"
    assert "took your complaint up once more" in (plain.next_means or "")


@pytest.mark.parametrize(("reply", "theirs"), [("accepted", True), ("rejected", True), ("pending", False)])
def test_an_answer_that_we_put_on_record_is_still_the_customer_s(reply: str, *, theirs: bool) -> None:
    told = life(Stage.NEGOTIATING)
    fact = {
        "turn": 9,
        "kind": "round_recorded",
        "subject": "1",
        "at": told.at,
        "said_by": CLERK,
        "data": {"reply": reply},
    }
    [line] = lines([fact], lambda _text: None, {})
    assert line.theirs is theirs


@pytest.mark.requirement("MED-04")
def test_a_mediation_is_under_way_only_once_both_have_consented() -> None:
    told = life(Stage.MEDIATING)
    assert "ask whether both sides agree" in in_plain_words(told.complaint, told.at).said
    refused = of(told, "CS_SPECIALIST").case.actions(told.at)["record_session"]
    assert refused is not None
    assert "consents" in refused.reason
    for party in ("customer", "company"):
        told.say("CS_SPECIALIST", "record_consent", party=party, consent="given", after=timedelta(minutes=1))
    assert in_plain_words(told.complaint, told.at).said.startswith("A mediator helps us")
