"""Solutions, approvals, negotiation rounds and the agreement (NEG)."""

from decimal import Decimal

from domain.codes import Receiver, Role, Stage
from domain.commands import (
    AgreedItem,
    ApproveOffer,
    FailNegotiation,
    ProposeSolution,
    RecordAgreement,
    RecordRound,
    SetLimits,
)
from domain.complaint import Agreement, Item, Limits, NegotiationRound, Solution
from domain.hearing import Hearing
from domain.meanings import hears
from domain.roles import holds_code
from domain.stages.investigation import is_required


@hears("set_limits")
def set_limits(h: Hearing, said: SetLimits) -> None:
    """The two bottom lines of the case; an offer beyond one goes to the leading group (NEG-06)."""
    h.c.limits = Limits(floor=_money(said.floor), ceiling=_money(said.ceiling))
    h.fact("limits_set")


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _findings_known(h: Hearing) -> None:
    h.refuse_unless(
        h.c.stage != Stage.INVESTIGATING or h.c.findings is not None or not is_required(h),
        "The findings are neither confirmed nor waived yet.",
        "INV-08",
    )


@hears("propose_solution", _findings_known)
def propose_solution(h: Hearing, said: ProposeSolution) -> None:
    """A set of measures; compensation asks for approval by its amount (NEG-02, NEG-07)."""
    h.refuse_unless(
        said.solution not in h.c.solutions, f"solution: there already is a {said.solution}.", "NEG-02"
    )
    approver = approver_of(h, said.compensation)
    h.c.solutions[said.solution] = Solution(
        id=said.solution,
        round=h.c.round,
        by=h.asker.id,
        at=h.at,
        measures=said.measures,
        compensation=said.compensation,
        due=said.due,
        approval="due" if approver else "not_needed",
        approver_due=approver,
    )
    if h.c.stage == Stage.INVESTIGATING:
        h.enter(Stage.SOLUTION_DRAFTED)
    h.fact("solution_proposed", said.solution, compensation=_money(said.compensation), approver=approver)
    if approver:
        h.tell(approver, "approval_asked", solution=said.solution, compensation=_money(said.compensation))


def approver_of(h: Hearing, compensation: Decimal | None) -> str | None:
    """Who approves this amount: nobody without compensation, the leading group beyond a limit of the case."""
    if compensation is None or compensation == 0:
        return None
    limits = h.c.limits
    if limits and limits.ceiling is not None and compensation > Decimal(limits.ceiling):
        return Receiver.LEADING_GROUP
    if limits and limits.floor is not None and compensation < Decimal(limits.floor):
        return Receiver.LEADING_GROUP
    return h.policy.approver(compensation)


@hears("approve_offer")
def approve_offer(h: Hearing, said: ApproveOffer) -> None:
    """Approved by amount, never by the proposer (NEG-06, NEG-07)."""
    solution = _known(h, said.solution)
    h.refuse_unless(solution.approval == "due", f"solution: {said.solution} awaits no approval.", "NEG-07")
    h.refuse_others(solution.by != h.asker.id, "Nobody approves an offer of their own.", "NEG-07")
    approver = approver_of(h, solution.compensation) or Role.FINANCE
    may = holds_code(h.asker, approver)
    beyond = Receiver.LEADING_GROUP in (solution.approver_due, approver)
    h.refuse_others(
        may,
        f"An offer of {solution.compensation:.2f} CNY is approved by {approver}.",
        "NEG-06" if beyond and h.c.limits else "NEG-07",
    )
    solution.approval = said.decision
    solution.approved_by = h.asker.id
    h.fact(f"offer_{said.decision}", said.solution, text=said.reason)
    h.tell(f"person:{solution.by}", f"offer_{said.decision}", solution=said.solution)


def _known(h: Hearing, name: str) -> Solution:
    return h.require(h.c.solutions.get(name), f"solution: there is no solution {name}.", "NEG-02")


@hears("record_round")
def record_round(h: Hearing, said: RecordRound) -> None:
    """What was offered and how the customer replied. Only approved offers are put to the customer (NEG-03)."""
    solution = _known(h, said.solution)
    h.refuse_unless(
        solution.round == h.c.round, f"solution: {said.solution} belongs to an earlier round.", "SEC-04"
    )
    h.refuse_unless(
        solution.approval in ("approved", "not_needed"),
        f"solution: an offer that is not approved is not put to the customer ({said.solution}).",
        "NEG-07",
    )
    last = h.c.of_round()[-1:]
    entry, fresh = _round(h, said)
    if fresh and last and last[0].reply == "pending":
        h.fact("offer_replaced", str(last[0].number), at=h.at)
    if h.c.stage == Stage.SOLUTION_DRAFTED:
        h.enter(Stage.NEGOTIATING)
    awaited = not fresh and entry.reply == "pending"
    entry.solution, entry.reply, entry.at, entry.counter = said.solution, said.reply, h.when, said.counter
    h.fact(
        "round_recorded",
        str(said.round),
        solution=said.solution,
        reply=said.reply,
        text=said.counter,
        released=True,
    )
    if said.reply == "pending":
        if not awaited:
            h.fact("reply_awaited", str(said.round))
        return
    if awaited:
        h.fact("reply_received", str(said.round))
    _call_no_more(h)
    if said.reply in ("rejected", "partly") and said.round >= _allowed(h):
        h.fact("rounds_used_up", at=h.at)


def _call_no_more(h: Hearing) -> None:
    """The reply has come; nobody need ring up for it."""
    for task in h.c.tasks.values():
        if task.kind == "call" and task.subkind == "reply_days" and task.state == "OPEN":
            task.state, task.done_at, task.done_by = "DONE", h.when, h.asker.id


def _allowed(h: Hearing) -> int:
    return h.policy.number("negotiation_rounds") + h.c.extra_rounds


def _round(h: Hearing, said: RecordRound) -> tuple[NegotiationRound, bool]:
    so_far = h.c.of_round()
    for entry in so_far:
        if entry.number == said.round:
            h.refuse_unless(
                said.round == len(so_far),
                f"round: {said.round} is past; the latest is {len(so_far)}.",
                "NEG-03",
            )
            return entry, False
    h.refuse_unless(said.round == len(so_far) + 1, f"round: the next round is {len(so_far) + 1}.", "NEG-03")
    h.refuse_unless(
        said.round <= _allowed(h),
        f"round: all {_allowed(h)} rounds are used; CS_DIRECTOR extends the window, or mediation begins.",
        "NEG-11",
    )
    entry = NegotiationRound(
        handling_round=h.c.round, number=said.round, solution=said.solution, reply=said.reply, at=h.when
    )
    h.c.rounds.append(entry)
    return entry, True


def _agreed(h: Hearing) -> None:
    if h.c.stage == Stage.NEGOTIATING:
        agreed = [entry for entry in h.c.of_round() if entry.reply in ("accepted", "partly")]
        h.refuse_unless(bool(agreed), "No round was accepted or partly accepted yet.", "NEG-10")
    if h.c.stage == Stage.MEDIATING:
        result = h.c.mediation.result if h.c.mediation else None
        h.refuse_unless(result == "AGREED", "The mediation has not ended in agreement.", "MED-06")


@hears("record_agreement", _agreed)
def record_agreement(h: Hearing, said: RecordAgreement) -> None:
    """What both sides owe, tracked item by item (NEG-10). In proceedings it is a settlement and ends them (LIT-05)."""
    natural = {Stage.NEGOTIATING: "negotiated", Stage.MEDIATING: "mediated"}.get(
        h.c.stage, "settlement_in_proceedings"
    )
    h.refuse_unless(
        said.subkind in (None, natural), f"kind: in {h.c.stage} an agreement is {natural}.", "NEG-10"
    )
    h.c.agreement = Agreement(at=h.when, by=h.asker.id, kind=natural, items=[item.id for item in said.items])
    if h.c.proceeding:
        h.c.proceeding.outcome, h.c.proceeding.closed_at = "settled", h.when
    h.fact("agreement_recorded", natural, released=True)
    take_on(h, said.items)
    h.enter(Stage.FULFILLING)
    h.tell(Receiver.CUSTOMER, "agreement", items=len(said.items))


def take_on(h: Hearing, items: list[AgreedItem]) -> None:
    """Make obligations of an agreement, decision or judgment into items with owner and due time."""
    h.refuse_unless(
        len({item.id for item in items}) == len(items), "items: each item has an id of its own.", "NEG-10"
    )
    for place, item in enumerate(items):
        h.refuse_unless(
            item.id not in h.c.items, f"items.{place}.id: there already is an item {item.id}.", "NEG-10"
        )
        h.refuse_unless(item.due > h.when, f"items.{place}.due: must lie after the agreement.", "§3")
        h.c.items[item.id] = Item(id=item.id, round=h.c.round, what=item.what, owner=item.owner, due=item.due)
        h.fact("item_agreed", item.id, at=h.at, due=item.due, owner=item.owner, text=item.what, released=True)
        h.tell(item.owner, "item_owed", key=f"{h.turn}:item_owed/{item.id}", item=item.id, due=item.due)


@hears("fail_negotiation")
def fail_negotiation(h: Hearing, said: FailNegotiation) -> None:
    """No agreement: why, and mediation is proposed (NEG-11)."""
    h.c.negotiation_failed = True
    h.fact("negotiation_failed", text=said.reason, released=True)
    h.tell(Receiver.CUSTOMER, "negotiation_failed")
