"""What the figures of the wall are called and mean, in words: the one place for page, files and API.

How they are counted stands in `records/sql/figures/wall.sql` under the same names; docs/figures.md says it at more length.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from console.words import Words


def N_(message: str) -> str:  # noqa: N802  (the name by which message catalogues find strings to translate)
    """Marks a sentence that is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Meaning:
    """title and says: msgids. hit and miss: what the two parts of a share are called, and `held` what stands still.

    dated: what the day in its list is the day of, where that is neither the receipt nor, of a share, what fell due.
    """

    title: str
    says: str
    hit: str = ""
    miss: str = ""
    held: str = N_("on hold")
    dated: str = ""

    @property
    def day(self) -> str:
        """What the day in its list is called, as a msgid."""
        return self.dated or (N_("Due") if self.hit else N_("Received"))

    def result(self, hit: bool | None) -> str:
        """What one thing that the figure counts came to, as a msgid; None: it stands still."""
        return self.held if hit is None else self.hit if hit else self.miss


MEANINGS: Mapping[str, Meaning] = {
    "open_now": Meaning(N_("Open"), N_("Complaints that have not ended, at this moment.")),
    "breached_now": Meaning(
        N_("Overdue"),
        N_("Open complaints with at least one deadline that has passed and has not been answered since."),
    ),
    "nearly_due": Meaning(
        N_("Over 80 % of their time"),
        N_(
            "Open complaints with a running deadline of which at least four fifths have gone by, pauses included. "
            "Appointments and clocks that stand still do not count."
        ),
    ),
    "received": Meaning(N_("Newly received"), N_("Complaints received in the period.")),
    "closed": Meaning(
        N_("Closed"),
        N_("Complaints that ended in the period: archived, withdrawn or found to be duplicates."),
        dated=N_("Closed"),
    ),
    "promises_kept": Meaning(
        N_("Promises kept"),
        N_(
            "Promises kept in time ÷ promises that fell due in the period. One moved before it fell due is not "
            "counted; one still open after its time counts as broken."
        ),
        N_("kept"),
        N_("broken"),
    ),
    "first_response": Meaning(
        N_("First response on time"),
        N_(
            "First responses given in time ÷ first-response deadlines that fell in the period. If nobody answered, "
            "that counts as late. An automatic receipt is no answer."
        ),
        N_("on time"),
        N_("late or missing"),
    ),
    "handled_in_time": Meaning(
        N_("Handled in time"),
        N_(
            "Handling periods met, agreed extensions included ÷ handling periods that ran out in the period. What is "
            "still being handled after its time counts as late; what is on hold is left out until it goes on."
        ),
        N_("in time"),
        N_("late"),
    ),
    "second_handling": Meaning(
        N_("Share handled again"),
        N_(
            "Cases handled again since ÷ cases reported finished for the first time in the period. Fewer is better."
        ),
        N_("handled again"),
        N_("finished at once"),
        dated=N_("Settled"),
    ),
    "follow_up": Meaning(
        N_("Follow-up visits in time"),
        N_(
            "Follow-up visits made by their due date ÷ follow-up visits that fell due in the period. Attempts that "
            "reached nobody are not visits."
        ),
        N_("visited in time"),
        N_("not visited in time"),
    ),
}


def title(words: Words, figure: str) -> str:
    """What a figure is called in a language."""
    return words.gettext(MEANINGS[figure].title)


def says(words: Words, figure: str) -> str:
    """What it means, in one or two sentences."""
    return words.gettext(MEANINGS[figure].says)
