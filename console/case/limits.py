"""What is told of the limits set for the talks: to who may set them all of it, to everybody else nothing (NEG-06).

The limits stand in `set_limits`. Who has to approve an offer gives them away as well, for by the policy alone it would
often be another: it stands in the fact of the offer, in the message that asks for the approval, and in the refusal of
somebody else's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from console.forms.labels import N_
from console.words import Words
from domain.complaint import Complaint
from domain.facts import Refused
from domain.roles import Asker, require_right
from records.views import TurnLine
from records.views.casefile import CaseFile, TurnEntry

_Turn = TypeVar("_Turn", TurnLine, TurnEntry)

#: command or fact → the parts of it that tell of the limits
_COMMAND: Mapping[str, frozenset[str]] = {"set_limits": frozenset({"floor", "ceiling"})}
_FACT: Mapping[str, frozenset[str]] = {"solution_proposed": frozenset({"approver"})}
_ASKED = "approval_asked"
#: in place of a refusal that names who approves
SOMEBODY_ELSE = N_("Somebody else approves this offer.")


def sees_limits(complaint: Complaint, asker: Asker) -> bool:
    """Whether a reader may know the limits: only who may set them."""
    try:
        require_right(complaint, "set_limits", asker)
    except Refused:
        return False
    return True


def without_limits(turn: _Turn, somebody_else: str = SOMEBODY_ELSE) -> _Turn:
    """The turn as everybody may read it. somebody_else: `SOMEBODY_ELSE` in the reader's language."""
    changes: dict[str, Any] = {}
    if hidden := _COMMAND.get(turn.kind):
        changes["command"] = _without(turn.command, hidden)
    if turn.kind == "approve_offer" and not turn.accepted and turn.rule in ("NEG-06", "NEG-07"):
        changes |= {"reason": somebody_else, "rule": "NEG-07"}
    if isinstance(turn, TurnLine):
        changes["facts"] = [
            {**one, "data": _without(one["data"], _FACT.get(one["kind"], frozenset()))} for one in turn.facts
        ]
    else:
        changes["facts"] = [
            one.model_copy(update={"data": _without(one.data, _FACT.get(one.kind, frozenset()))})
            for one in turn.facts
        ]
    return turn.model_copy(update=changes)


def file_without_limits(file: CaseFile, words: Words) -> CaseFile:
    """The case file as everybody may read it: nobody is told who was asked to approve."""
    somebody_else = words.gettext(SOMEBODY_ELSE)
    turns = tuple(without_limits(turn, somebody_else) for turn in file.turns)
    notices = tuple(notice for notice in file.notices if notice.template != _ASKED)
    return replace(file, turns=turns, notices=notices)


def _without(told: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in hidden}
