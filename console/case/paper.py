"""What of a case may go out on paper to its customer: the very lines and words of the customer's own page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from console.files.listing import ShownFile
from domain.roles import CUSTOMER
from records.views.casefile import CaseFile, FactLine, TurnEntry
from records.views.customer import SHOWN, THEIR_OWN, Released


def for_customer(file: CaseFile, text: Callable[[str], str | None]) -> list[Released]:
    """What was released to the customer or said by them, oldest first. text: text id → words, None where erased.

    The kinds of fact and the words are those of `records.views.customer`: nothing else is ever on the paper. (LIF-04)
    """
    return list(_lines(file, text))


def _lines(file: CaseFile, text: Callable[[str], str | None]) -> Iterator[Released]:
    for turn in sorted(file.turns, key=lambda one: one.turn):
        theirs = turn.said_by == CUSTOMER
        for fact in turn.facts if turn.accepted else ():
            if (fact.released and fact.kind in SHOWN) or (theirs and fact.kind in (*SHOWN, *THEIR_OWN)):
                yield _line(turn, fact, text, theirs=theirs)


def _line(turn: TurnEntry, fact: FactLine, text: Callable[[str], str | None], *, theirs: bool) -> Released:
    ids: list[Any] = [fact.data.get(name) for name in SHOWN.get(fact.kind, ("text",))]
    return Released(
        turn=turn.turn,
        kind=fact.kind,
        subject=fact.subject,
        at=fact.at,
        due=fact.data.get("due"),
        theirs=theirs,
        text=next((text(one) for one in ids if one), None),
        document=fact.data.get("document") if theirs else None,
    )


def files_of_customer(files: Sequence[ShownFile]) -> list[ShownFile]:
    """The files that the customer gave."""
    return [file for file in files if file.added_by == CUSTOMER]
