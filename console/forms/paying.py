"""Money of an agreement: the offer it rests on, what a payment is held against, and what was paid of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from console.forms.labels import N_
from console.words import Words
from domain.codes import Role
from domain.complaint import Complaint, Solution

#: the name of the tick by which somebody says that it is meant
MEANT = "meant"
_BEYOND = N_("More than what is left of the agreed %(agreed)s: %(left)s. Tick below if it is meant.")
_UNPAID = N_(
    "No payment of this is on record, and %(left)s of the compensation is not paid yet: the customer would read that it "
    "is done. Have the payment recorded first, or tick below."
)


def offered(c: Complaint) -> Solution | None:
    """The offer an agreement would be about: of the last round, else the last one made."""
    last = c.of_round()[-1:]
    of_round = [one for one in c.solutions.values() if one.round == c.round]
    return c.solutions.get(last[0].solution) if last else (of_round[-1] if of_round else None)


def agreed(c: Complaint) -> Decimal | None:
    """The compensation, in CNY, of the offer that the negotiated agreement rests on.

    None where no amount was offered, or where a mediation, a decision or a judgment set what is owed: its amounts are
    words of its items, and there is nothing to hold a payment against.
    """
    negotiated = c.agreement is not None and c.agreement.kind == "negotiated"
    offer = offered(c) if negotiated else None
    return offer.compensation if offer else None


def left(c: Complaint) -> Decimal | None:
    """What of it is not paid yet, never below nothing; None where no amount was offered."""
    whole = agreed(c)
    if whole is None:
        return None
    items = [item for item in c.items.values() if item.round == c.round]
    return max(
        whole - sum((Decimal(one.amount) for item in items for one in item.paid), Decimal()), Decimal()
    )


def prefilled_payment(c: Complaint) -> dict[str, str]:
    """The one item that waits for finance, and the amount that is left; nothing where more than one could be meant."""
    waiting = [
        one.id
        for one in c.items.values()
        if one.state == "OPEN" and one.owner is Role.FINANCE and not one.paid
    ]
    rest = left(c)
    given = {"item": waiting[0]} if len(waiting) == 1 else {}
    return {**given, "amount": f"{rest:.2f}"} if given and rest else given


def doubts(c: Complaint, kind: str, said: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What looks wrong about money, as a sentence by field; empty where nothing does. said: of a command without faults."""
    if kind == "record_payment":
        field, sentence = "amount", _beyond(c, said["item"], said["amount"], words)
    elif kind == "complete_item":
        field, sentence = "item", _unpaid(c, said["item"], words)
    else:
        return {}
    return {field: sentence} if sentence else {}


def _unpaid(c: Complaint, item: str, words: Words) -> str | None:
    owed = c.items.get(item)
    rest = left(c)
    if owed is None or owed.state != "OPEN" or owed.owner is not Role.FINANCE or owed.paid or not rest:
        return None
    return words.gettext(_UNPAID) % {"left": words.money(f"{rest:.2f}")}


def _beyond(c: Complaint, item: str, amount: str, words: Words) -> str | None:
    owed = c.items.get(item)
    if owed is None or owed.paid:
        return None
    whole, rest = agreed(c), left(c)
    if whole is None or rest is None or Decimal(amount) <= rest:
        return None
    return words.gettext(_BEYOND) % {
        "agreed": words.money(f"{whole:.2f}"),
        "left": words.money(f"{rest:.2f}"),
    }
