"""What the case knows that a person filling in a form would otherwise look up: what was promised, planned and agreed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from console.forms.choices import Choosing
from console.forms.labels import N_
from console.forms.paying import offered
from console.forms.reading import local_time
from domain.codes import Role
from domain.complaint import Item, Promise

#: what makes an answer one (SLA-02), and a record of a visit one that others can rely on (INV-02)
_ANSWER = (
    N_(
        "It counts as an answer only if a person has told the customer: that it was received, that we care, that it matters to us, and what comes next."
    ),
    N_(
        "A receipt that a machine sent, a call nobody took or a promise to call back does not stop the clock."
    ),
)
#: what stops the clock of a safety hazard (INV-01)
HAZARD = N_(
    "Only a safety measure told to the customer, or a site visit on record, stops the clock of the hazard."
)
_ON_SITE = (
    N_("Write what you saw and measured, and apart from it what the customer says."),
    N_("Photograph the whole room first, then each spot with something that shows its size."),
    N_("If nobody lets you in, choose no access and plan a new appointment."),
)
_REACHED = (
    N_("Ask in this order: is it done as agreed, is the customer satisfied, has anything new come up?"),
)
#: what a record is asked for before it is registered (INT-03, INT-06): part of the receipt → what is said of it
_PARTS = {
    "name": N_("the customer's name"),
    "contact": N_("a contact"),
    "text": N_("the matter complained of"),
    "unit": N_("building and unit"),
    "desired": N_("the outcome the customer wants"),
}


def registering(of: Choosing, now: datetime) -> list[str]:
    """The completeness check before registration (INT-03, INT-06)."""
    say = of.words.gettext
    there = [say(told) for part, told in _PARTS.items() if part in of.around.receipt]
    lacking = [say(told) for part, told in _PARTS.items() if part not in of.around.receipt]
    comma = "、" if of.words.language.startswith("zh") else ", "
    notes = []
    if there:
        notes.append(say(N_("On record: %(parts)s.")) % {"parts": comma.join(there)})
    if lacking:
        notes.append(
            say(N_("Not on record; ask, and add it to the intake: %(parts)s."))
            % {"parts": comma.join(lacking)}
        )
    if any(task.kind == "place" and task.state == "OPEN" for task in of.case.complaint.tasks.values()):
        notes.append(
            say(N_("Project or unit is not in the master data as it is written; a task waits for that."))
        )
    return [*notes, say(N_("Read back to the customer what is written, before it is registered."))]


def answering(of: Choosing, now: datetime) -> list[str]:
    """What counts as an answer, until when it is due, and what the customer was promised."""
    say = of.words.gettext
    c = of.case.complaint
    due = [one.due for one in c.deadlines.values() if one.base == "first_response_hours" and one.unsettled]
    notes = [say(sentence) for sentence in _ANSWER]
    if any(one.base == "hazard_hours" and one.unsettled for one in c.deadlines.values()):
        notes.insert(0, say(HAZARD))
    if due:
        notes.append(say(N_("The first answer is due %(due)s.")) % {"due": of.words.when(min(due))})
    return [*notes, *promised(of)]


def promised(of: Choosing) -> list[str]:
    """Each promise that is open."""
    return [_promise(of, one) for one in of.case.complaint.promises.values() if one.settled_at is None]


def _promise(of: Choosing, one: Promise) -> str:
    due = of.words.when(one.due) if one.due else None
    return of.words.gettext(N_("Promised: %(what)s")) % {"what": of.line(one.id, of.told(one.what), due)}


def visiting(of: Choosing, now: datetime) -> list[str]:
    """The appointment, and what a record of the site is good for."""
    say = of.words.gettext
    planned = [t for t in of.case.complaint.tasks.values() if t.kind == "visit" and t.state == "OPEN"]
    notes = [
        say(N_("Appointment: %(when)s"))
        % {"when": of.line(of.words.when(task.due) if task.due else None, of.told(task.what))}
        for task in planned
    ]
    if not planned:
        notes.append(say(N_("No appointment is on record; the visit is recorded all the same.")))
    return [*notes, *(say(sentence) for sentence in _ON_SITE), *promised(of)]


def agreeing(of: Choosing, now: datetime) -> list[str]:
    """What the customer said to the last offer; its measures stand in the form as proposals."""
    last = of.case.complaint.of_round()[-1:]
    say = of.words.gettext
    notes = []
    for one in last:
        given = {"round": one.number, "reply": of.named("answer", one.reply)}
        notes.append(say(N_("Round %(round)s: %(reply)s")) % given)
        if told := of.told(one.counter):
            notes.append(say(N_("The customer asks: %(what)s")) % {"what": told})
    return [
        *notes,
        say(N_("The measures of the offer stand in the form as proposals: give each its owner and day, leave out what was not agreed.")),
        *promised(of),
    ]  # fmt: skip


def completing(of: Choosing, now: datetime) -> list[str]:
    """What is owed, by whom and until when."""
    say = of.words.gettext
    notes = agreed(of, [item for item in of.case.complaint.items.values() if item.state != "DONE"])
    return [
        *notes,
        say(N_("Proof is what the customer would accept as one: a signed slip, a photograph, a receipt.")),
        *_photographs(of, now),
        *promised(of),
    ]


def _photographs(of: Choosing, now: datetime) -> list[str]:
    """Who adds them, where it is not the reader (INV-06)."""
    if of.case.actions(now).get("add_evidence") is None:
        return []
    return [
        of.words.gettext(
            N_("Photographs of it are added by whoever has the case; here you write what proves it.")
        )
    ]


def following_up(of: Choosing, now: datetime) -> list[str]:
    """What was agreed and in which order to ask (FUV)."""
    ask = [of.words.gettext(sentence) for sentence in _REACHED]
    return [*ask, *agreed(of, of.case.complaint.items.values()), *promised(of)]


def agreed(of: Choosing, items: Iterable[Item]) -> list[str]:
    """Each of these obligations in one line."""
    states = {"OPEN": N_("open"), "DONE": N_("done"), "CARRIED_OVER": N_("carried over")}
    found = []
    for item in items:
        state = of.words.gettext(states[item.state])
        owner, due = of.words.name("role", item.owner), of.words.day(item.due)
        told = of.line(item.id, of.told(item.what), owner, due, state)
        found.append(of.words.gettext(N_("Agreed: %(what)s")) % {"what": told})
    return found


def proposed_items(of: Choosing) -> dict[str, Sequence[str]]:
    """Rows of an agreement as the last offer suggests them; empty where there was none, or its words were erased."""
    offer = offered(of.case.complaint)
    if offer is None:
        return {}
    what = [told for text in offer.measures if (told := of.around.words.get(text))]
    owners = [str(of.case.complaint.lead or "")] * len(what)
    if offer.compensation:
        amount = of.words.money(f"{offer.compensation:.2f}")
        what.append(of.words.gettext(N_("Compensation of %(amount)s")) % {"amount": amount})
        owners.append(str(Role.FINANCE))
    due = local_time(offer.due) if offer.due else ""
    return {"items-what": what, "items-owner": owners, "items-due": [due] * len(what)} if what else {}
