"""What of a case may go out on paper to its customer: the very lines and words of the customer's own page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from console.files.listing import ShownFile
from domain.parts import Solution
from domain.roles import CUSTOMER
from records.views.casefile import CaseFile
from records.views.customer import Released, lines, read_by_customer


def for_customer(
    file: CaseFile, text: Callable[[str], str | None], offers: Mapping[str, Solution]
) -> list[Released]:
    """What was released to the customer or said by them, oldest first. text: text id → words, None where erased.

    offers: the solutions of the case, by id.

    The kinds of fact and the words are those of `records.views.customer`: nothing else is ever on the paper. (LIF-04)
    """
    return lines(list(_let_out(file)), text, offers)


def _let_out(file: CaseFile) -> Iterator[Mapping[str, Any]]:
    for turn in sorted(file.turns, key=lambda one: one.turn):
        for fact in turn.facts if turn.accepted else ():
            seen = read_by_customer(fact.kind, fact.data, released=fact.released, said_by=turn.said_by)
            if seen is not None:
                told = fact.model_dump(include={"kind", "subject", "at", "data"})
                yield {"turn": turn.turn, "said_by": turn.said_by, **told}


def files_of_customer(files: Sequence[ShownFile]) -> list[ShownFile]:
    """The files that the customer gave."""
    return [file for file in files if file.added_by == CUSTOMER]
