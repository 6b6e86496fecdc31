"""Reply templates for the composer, in the customer's language (SLA-08)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from console.words import language_for
from domain.complaint import Complaint

#: deadlines by which we owe the customer to be heard of; every other date is our own affair (SLA-09)
_WE_OWE = ("first_response_hours", "progress_days", "promise_due", "site_visit", "item_due")
#: deadlines by which we hope for the customer's word
_WE_ASK = ("reply_days", "feedback_days")
#: a part of a template that falls away where one of its variables is not known
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Reply:
    """A template: its name and its text by language, with the variables {number} {customer} {person} {due} {reply_by};
    what stands in [[ ]] falls away where its variable is not known."""

    id: str
    name: Mapping[str, str]
    text: Mapping[str, str]

    def filled(self, language: str, values: Mapping[str, str]) -> str:
        """The text in a language with its variables filled in; braces in the values stay what they are."""

        def known(part: re.Match[str]) -> str:
            return part[1] if all(values.get(name) for name in _VARIABLE.findall(part[1])) else ""

        told = _OPTIONAL.sub(known, self.text[language_for(language)])
        return _VARIABLE.sub(lambda found: values[found[1]], told)


def dates_for(complaint: Complaint, now: datetime) -> dict[str, datetime | None]:
    """The dates a template may name: by when the customer hears of us (due), and by when we ask for their word
    (reply_by); None where nothing of the kind is open. now: aware."""
    return {"due": _next(complaint, now, _WE_OWE), "reply_by": _next(complaint, now, _WE_ASK)}


def _next(complaint: Complaint, now: datetime, names: tuple[str, ...]) -> datetime | None:
    coming = (
        deadline.due
        for deadline in complaint.deadlines.values()
        if deadline.state == "open" and deadline.due > now and deadline.name.partition("/")[0] in names
    )
    return min(coming, default=None)


@cache
def replies() -> Mapping[str, Reply]:
    """All templates by id, in the order in which they are offered."""
    listed = yaml.safe_load((Path(__file__).parent / "replies.yaml").read_text(encoding="utf-8"))
    return {name: Reply(name, one["name"], one["text"]) for name, one in listed.items()}
