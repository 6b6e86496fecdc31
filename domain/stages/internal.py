"""What nobody can say: the calendar's and the outbox's own words (SLA-11)."""

from domain.codes import Role
from domain.commands import DeadlinePassed, NoticeDelivered, NoticeFailed
from domain.complaint import Task
from domain.hearing import Hearing
from domain.meanings import hears


@hears("deadline_passed")
def deadline_passed(h: Hearing, said: DeadlinePassed) -> None:
    """Ruled on by `lifecycle.rule` itself: every deadline up to the instant passes."""


@hears("notice_failed")
def notice_failed(h: Hearing, said: NoticeFailed) -> None:
    """A notice that could not be delivered becomes a person's task: call instead (SLA-11)."""
    key = f"call/{said.notice}"
    if key in h.c.tasks:
        return
    h.c.tasks[key] = Task(
        id=key, kind="call", owner=Role.CS_SPECIALIST, asked_by=h.asker.id, asked_at=h.at, subkind=said.notice
    )
    h.fact("notice_failed", said.notice)


@hears("notice_delivered")
def notice_delivered(h: Hearing, said: NoticeDelivered) -> None:
    h.fact("notice_delivered", said.notice)
