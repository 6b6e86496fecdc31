"""Promises: versions of what the customer was told to expect, kept or broken (SLA-03 … SLA-10)."""

from domain.codes import Receiver
from domain.commands import ExtendPromise, KeepPromise, MakePromise
from domain.complaint import Promise
from domain.hearing import Hearing
from domain.meanings import hears
from domain.stages.classification import require_future
from domain.stages.response import require_release


@hears("make_promise")
def make_promise(h: Hearing, said: MakePromise) -> None:
    """A promise has a date or a stated condition; vague ones are not accepted (SLA-09)."""
    require_release(h, said.released_by)
    _add(
        h,
        Promise(
            id=said.promise,
            by=h.asker.id,
            made_at=h.at,
            what=said.what,
            due=said.due,
            condition=said.condition,
        ),
        "promise",
    )


@hears("extend_promise")
def extend_promise(h: Hearing, said: ExtendPromise) -> None:
    """A new version with its reason. The old one is broken unless it is moved before it falls due (SLA-05)."""
    require_release(h, said.released_by)
    old = _known(h, said.promise)
    h.refuse_unless(old.settled_at is None, f"promise: {old.id} is already settled ({old.state}).", "SLA-05")
    new = Promise(
        id=said.new,
        by=h.asker.id,
        made_at=h.at,
        what=old.what,
        due=said.due,
        condition=said.condition,
        version=old.version + 1,
        follows=old.id,
        reason=said.reason,
    )
    if old.state == "OPEN":
        old.state = "EXTENDED"
    old.settled_at = h.at
    h.fact("promise_extended", old.id, at=h.at, new=new.id, text=said.reason, released=True)
    _add(h, new, "new")
    h.tell(
        Receiver.CUSTOMER,
        "promise_moved",
        promise=new.id,
        due=new.due,
        condition=new.condition,
        reason=said.reason,
    )


@hears("keep_promise")
def keep_promise(h: Hearing, said: KeepPromise) -> None:
    require_release(h, said.released_by)
    keep(h, said.promise, said.proof)


def keep(h: Hearing, name: str, proof: str | None = None) -> None:
    """What was promised has happened. After its due instant the promise stays broken, however late it is kept."""
    promise = _known(h, name)
    h.refuse_unless(
        promise.settled_at is None, f"promise: {name} is already settled ({promise.state}).", "SLA-10"
    )
    if promise.due is None or h.when <= promise.due:
        promise.state = "KEPT"
    promise.settled_at = h.when
    h.fact("promise_kept", name, text=proof, in_time=promise.state == "KEPT", released=True)


def _known(h: Hearing, name: str) -> Promise:
    return h.require(h.c.promises.get(name), f"promise: there is no promise {name}.", "SLA-10")


def _add(h: Hearing, promise: Promise, field: str) -> None:
    h.refuse_unless(
        promise.id not in h.c.promises, f"{field}: there already is a promise {promise.id}.", "SLA-05"
    )
    if promise.due is not None:
        require_future(h, promise.due, "due")
    h.c.promises[promise.id] = promise
    h.fact("promise_made", promise.id, at=h.at, due=promise.due, text=promise.what, released=True)
