"""What of a case can be corrected: what people said that the rules accepted, and the entries it has."""

from collections.abc import Iterator, Sequence

from console.forms.labels import N_, label_of
from console.forms.shape import fields_of, kinds
from console.words import Words
from records.drafts import Since

_INTAKE = N_("Intake")
#: what a complaint came in with
_OPENED = {
    "text": N_("What happened, in the customer's own words"),
    "desired": N_("Outcome wanted"),
    "name": N_("Customer's name"),
    "contact": N_("Telephone or other contact"),
    "project": N_("Project"),
    "unit": N_("Building and unit"),
}


def turns_of(turns: Sequence[Since], words: Words) -> Iterator[tuple[str, str]]:
    """Each turn that can be corrected, the latest first: its number, and what it was, by whom and when."""
    for one in _correctable(turns):
        told = (str(one.turn), _named(one.kind, words), one.by_name, words.when(one.heard_at))
        yield str(one.turn), " · ".join(part for part in told if part)


def entries_of(turns: Sequence[Since], words: Words) -> Iterator[tuple[str, str, str]]:
    """The entries these turns have: name in the record, label, and the command they belong to."""
    for kind in dict.fromkeys(turn.kind for turn in _correctable(turns)):
        labels = _OPENED
        if kind != "open":
            labels = {one.name: label_of(kind, one.name).text for one in fields_of(kind)}
        for name, label in labels.items():
            yield name, words.gettext(label), _named(kind, words)


def _correctable(turns: Sequence[Since]) -> list[Since]:
    """A correction itself stands; it is corrected by another one of the same turn."""
    said = {*kinds(), "open"} - {"correct"}
    return [turn for turn in reversed(turns) if turn.accepted and turn.kind in said]


def _named(kind: str, words: Words) -> str:
    return words.gettext(_INTAKE) if kind == "open" else words.name("command", kind)
