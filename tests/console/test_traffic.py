"""The legal traffic light: which steps are possible, and the last days the law would leave, as proposals."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from console.case.traffic import Light, Proposed, lights, propose
from console.words import LANGUAGES, Words
from domain.codes import Stage
from policies.references import Within, ladder
from tests.builders import Life, life

ZONE = ZoneInfo("Asia/Shanghai")


def seen(told: Life, language: str = "en") -> dict[str, Light]:
    return {one.code: one for one in lights(told.complaint, told.book, told.at, Words(language))}


def last_day(proposed: Proposed | None) -> str:
    assert proposed is not None
    assert proposed.until.tzinfo is not None
    return proposed.until.astimezone(ZONE).date().isoformat()


def local_day(at: datetime) -> str:
    return at.astimezone(ZONE).date().isoformat()


@pytest.mark.requirement("LIT-02")
def test_a_step_that_is_possible_is_shown_in_every_stage() -> None:
    """A customer may sue from any open stage; what is not possible yet is left out there."""
    early = seen(life(Stage.CLASSIFIED))
    assert early["suit"].colour == "amber"
    assert "court" not in early
    assert set(early) == {"suit", "legal_aid"}
    whole = seen(life(Stage.NEGOTIATING))
    assert whole["file_arbitration"].colour == "red"
    assert "appeal" not in whole


def test_nothing_is_shown_where_nothing_is_possible() -> None:
    assert seen(life(Stage.WITHDRAWN)) == {}


def test_an_appeal_is_proposed_from_the_recorded_judgment_and_never_as_a_fact() -> None:
    told = life(Stage.LITIGATING)
    assert "appeal" not in seen(told)
    told.say("LEGAL", "record_judgment", outcome="for the customer", final=False)
    given = told.at
    appeal = seen(told)["appeal"]
    assert appeal.colour == "amber"
    assert appeal.proposed is not None
    assert local_day(appeal.proposed.since) == local_day(given)
    assert (appeal.proposed.until.date() - given.astimezone(ZONE).date()).days == 15
    assert not [one for one in told.complaint.deadlines.values() if one.due == appeal.proposed.until]
    told.say("LEGAL", "record_judgment", outcome="the same", final=True)
    assert "appeal" not in seen(told)
    assert seen(told)["retrial"].proposed is not None


@pytest.mark.parametrize(
    ("day", "within", "until"),
    [
        ("2026-01-31", {"months": 3}, "2026-04-30"),
        ("2026-11-30", {"months": 3}, "2027-02-28"),
        ("2026-12-15", {"days": 15}, "2026-12-30"),
        ("2026-12-20", {"days": 15}, "2027-01-04"),
    ],
)
def test_the_first_day_does_not_count_and_months_are_clamped(
    day: str, within: dict[str, int], until: str
) -> None:
    told = life(Stage.LITIGATING)
    told.say("LEGAL", "record_judgment", outcome="x", final=False)
    suit = told.complaint.proceedings[-1].model_copy(
        update={"judged_at": datetime.fromisoformat(f"{day}T23:30:00+08:00")}
    )
    complaint = told.complaint.model_copy(update={"proceedings": [suit]})
    assert last_day(propose(Within(after="judgment", **within), complaint)) == until


def test_a_step_without_a_command_says_what_it_hangs_on() -> None:
    for step in ladder():
        assert step.command or step.ways, step.code
    cited = {"en": "Legal Aid Law art. 31, 43, 44", "zh-CN": "《法律援助法》第31、43、44条"}
    for language in LANGUAGES:
        found = seen(life(Stage.NEGOTIATING), language)
        assert found["legal_aid"].needs
        assert found["legal_aid"].articles == [cited[language]]


def test_every_article_is_cited_in_chinese() -> None:
    """Of the ladder and of what bars its steps: no law keeps its English name."""
    for light in seen(life(Stage.NEGOTIATING), "zh-CN").values():
        for article in (*light.articles, *(article for _, article in light.guards if article)):
            assert re.fullmatch(r"《\w+》(（\w+）)?第[\d、–]+条(; .*)?", article), article
