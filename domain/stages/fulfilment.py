"""Doing what was agreed or decided, item by item, and paying once (NEG-10, NEG-07, CLO-07)."""

from domain.codes import Role
from domain.commands import CarryOverItem, CompleteItem, RecordPayment, ReversePayment
from domain.complaint import Item, Payment
from domain.hearing import Hearing
from domain.meanings import hears
from domain.roles import on_lead_side
from domain.stages.classification import require_future


def _known(h: Hearing, name: str) -> Item:
    return h.require(h.c.items.get(name), f"item: there is no item {name}.", "NEG-10")


def _open(h: Hearing, name: str) -> Item:
    item = _known(h, name)
    h.refuse_unless(item.state != "DONE", f"item: {name} is already done.", "NEG-10")
    h.refuse_others(
        h.asker.holds(item.owner) or on_lead_side(h.c, h.asker),
        f"item: {name} is owed by {item.owner}.",
        "NEG-10",
    )
    return item


@hears("complete_item")
def complete_item(h: Hearing, said: CompleteItem) -> None:
    item = _open(h, said.item)
    item.state, item.done_at, item.proof = "DONE", h.when, said.proof
    h.fact("item_completed", item.id, text=said.proof, released=True)


@hears("carry_over_item")
def carry_over_item(h: Hearing, said: CarryOverItem) -> None:
    """An item that outlives the closing gets a new due time and its reason (CLO-07)."""
    item = _open(h, said.item)
    require_future(h, said.due, "due")
    item.state, item.due = "CARRIED_OVER", said.due
    h.fact("item_carried_over", item.id, at=h.at, due=said.due, text=said.reason, released=True)


@hears("record_payment")
def record_payment(h: Hearing, said: RecordPayment) -> None:
    """Paid once: a second payment on an item needs the first one reversed."""
    item = _known(h, said.item)
    paid = item.paid
    h.refuse_unless(not paid, f"item: {said.item} is already paid; reverse that payment first.", "NEG-07")
    item.payments.append(
        Payment(at=h.when, by=h.asker.id, amount=f"{said.amount:.2f}", reference=said.reference)
    )
    h.fact("payment_recorded", item.id, amount=said.amount, text=said.reference)


@hears("reverse_payment")
def reverse_payment(h: Hearing, said: ReversePayment) -> None:
    item = _known(h, said.item)
    paid = item.paid
    h.refuse_unless(bool(paid), f"item: {said.item} has no payment to reverse.", "NEG-07")
    paid[-1].reversed_at = h.at
    h.fact("payment_reversed", item.id, text=said.reason)
    h.tell(Role.FINANCE, "payment_reversed", item=item.id)
