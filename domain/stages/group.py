"""Linking a complaint to a group complaint; it keeps its own life (GRP-01)."""

from domain.commands import LinkToGroup, UnlinkFromGroup
from domain.hearing import Hearing
from domain.meanings import hears


def _alone(h: Hearing) -> None:
    h.refuse_unless(h.c.group is None, f"The complaint already belongs to group {h.c.group}.", "GRP-01")


def _linked(h: Hearing) -> None:
    h.refuse_unless(h.c.group is not None, "The complaint belongs to no group.", "GRP-01")


@hears("link_to_group", _alone)
def link_to_group(h: Hearing, said: LinkToGroup) -> None:
    h.c.group = said.group
    h.fact("linked_to_group", said.group, consent=said.consent)


@hears("unlink_from_group", _linked)
def unlink_from_group(h: Hearing, said: UnlinkFromGroup) -> None:
    left, h.c.group = h.c.group, None
    h.fact("unlinked_from_group", left, text=said.reason)
