"""How an open task is settled: the form for it, for whoever may send it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from console.reading import Case
from console.words import Words
from domain.stages.intake import SETTLED_BY_NOTE

#: kind of task → the command that settles it and the field that names the task, empty where none does
_BY: Mapping[str, tuple[str, str]] = {
    "help": ("give_help", "id"),
    "contribution": ("give_contribution", "id"),
    "opinion": ("give_opinion", "id"),
    "visit": ("record_visit", ""),
    "study_session": ("record_study_session", ""),
    **dict.fromkeys(SETTLED_BY_NOTE, ("add_note", "settles")),
}


def settling(case: Case, words: Words, now: datetime) -> dict[str, tuple[str, str]]:
    """Task id → address of the form that settles it and what the link is called; none where the reader may not."""
    possible = case.actions(now)
    found = {}
    for task in case.complaint.tasks.values():
        command, named = _BY.get(task.kind, ("", ""))
        if task.state != "OPEN" or not command or possible.get(command) is not None:
            continue
        value = task.id if command == "add_note" else task.id.partition("/")[2]
        query = f"?{urlencode({named: value})}" if named else ""
        label = words.gettext("Settle it") if command == "add_note" else words.name("command", command)
        found[task.id] = (f"/case/{case.number}/do/{command}{query}", label)
    return found
