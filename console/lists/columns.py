"""The lists and their columns, as people choose them."""

from collections.abc import Mapping, Sequence


def _(message: str) -> str:
    """Marks a message id for extraction; it is translated where it is used."""
    return message


#: view → what it is called, its icon, what to do when it is empty
LISTS: Mapping[str, tuple[str, str, str]] = {
    "mine": (
        _("Mine"),
        "user",
        _("No complaint lies with you by name. What your seat shares with others is in the other lists."),
    ),
    "team": (_("My team"), "users", _("Your department has no open complaints.")),
    "unassigned": (_("Unassigned"), "inbox", _("Every complaint has somebody who leads it.")),
    "today": (_("Due today"), "calendar-due", _("Nothing more falls due today.")),
    "overdue": (_("Overdue"), "alert-triangle", _("No deadline has run out.")),
    "waiting": (_("Waiting for the customer"), "hourglass", _("No complaint waits for its customer.")),
    "second": (
        _("Second handling"),
        "repeat",
        _("No complaint is handled a second time, or has a customer who wants that."),
    ),
    "promises": (_("Promises due in 3 days"), "bell", _("No promise falls due within three days.")),
    "approvals": (_("To approve"), "clipboard-check", _("Nothing waits for your approval.")),
    "proceedings": (_("Proceedings"), "scale", _("No complaint is in mediation or before a forum.")),
    "crisis": (_("Group and crisis"), "flame", _("No open complaint is marked as group or major.")),
    "watched": (_("Watched"), "eye", _("You watch no complaint. Open one and choose “Watch”.")),
    "all": (_("All open"), "list", _("There is no open complaint.")),
}
#: where an empty list sends its reader: the first of these that is not empty for them
ONWARD = ("approvals", "mine", "overdue", "unassigned", "team", "today", "all")

#: code → heading; number and deadline are always there
COLUMNS: Mapping[str, str] = {
    "customer": _("Customer"),
    "type": _("Type"),
    "stage": _("Stage"),
    "owner": _("Owner"),
    "lead": _("Lead"),
    "marks": _("Marks"),
    "project": _("Project"),
    "round": _("Handling"),
    "channel": _("Channel"),
    "received": _("Received"),
    "cause": _("Cause"),
    "desk": _("Department"),
    "result": _("Result"),
}
USUAL: Sequence[str] = ("customer", "type", "stage", "owner", "marks")

SORTED: Mapping[str, str] = {
    "due": _("Next deadline"),
    "priority": _("Priority"),
    "newest": _("Received, newest first"),
    "oldest": _("Received, oldest first"),
}


def chosen(columns: Sequence[str] | None) -> list[str]:
    """Known columns in their own order; the usual ones where nothing was chosen."""
    found = [code for code in COLUMNS if code in (columns or ())]
    return found or list(USUAL)
