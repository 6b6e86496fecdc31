"""Who a notice is for: codes of receivers turned into people at the moment of sending (ORG-05, SLA-11).

A seat that nobody holds is answered for by the next one that comes into question, and in the end by the administrator
and the leading group, who then learn which seat is vacant. The absent are answered for by their substitutes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.codes import Department, Receiver, Role
from domain.complaint import Complaint
from domain.roles import CUSTOMER, FEED, department_of, head_of
from records import organisation
from records.db import Connection
from records.outbox import Outgoing
from records.texts import Texts

PERSON = "person:"
_READER = "system:notices"


@dataclass(frozen=True)
class Addressee:
    """One person to be told. person: user id, or `customer`. address: as it is on record, in the clear.

    instead_of: the absent person they stand in for. erased: the customer's particulars were destroyed at their wish.
    """

    person: str
    name: str
    address: str | None
    language: str
    instead_of: str | None = None
    erased: bool = False


@dataclass(frozen=True)
class Addressees:
    """Everybody to be told; `vacant` is the code of the seat where they are told for want of its holder."""

    people: tuple[Addressee, ...]
    vacant: str | None = None


@dataclass(frozen=True)
class _Seat:
    """A person by id, or the holders of a role (only the first of them where the seat is for one)."""

    person: str | None = None
    role: Role | None = None
    department: Department | None = None
    only_first: bool = False


_Ladder = Sequence[Sequence[_Seat]]


async def addressees(connection: Connection, texts: Texts, notice: Outgoing, at: datetime) -> Addressees:
    """Who is told now. at: business time, aware, for the roster. The customer's particulars are opened here alone."""
    if notice.receiver == Receiver.CUSTOMER:
        return Addressees((await _customer(connection, texts, notice),))
    return await colleagues(connection, notice.receiver, notice.complaint, notice.params, at)


async def colleagues(
    connection: Connection, code: str, complaint: Complaint, params: Mapping[str, Any], at: datetime
) -> Addressees:
    """The people behind a code of Receiver or Role, or behind `person:<user id>`; the customer is none of them."""
    barred = _barred(code, complaint)
    for seats in _ladder(code, complaint, params):
        if found := await _holders(connection, seats, complaint, at, barred):
            return Addressees(found)
    fallback = [*_in(Role.ADMIN)[0]]
    for rung in _leading_group():
        if await _holders(connection, rung, complaint, at, frozenset()):
            fallback += rung
            break
    found = await _holders(connection, fallback, complaint, at, frozenset())
    return Addressees(found, vacant="person" if code.startswith(PERSON) else code)


async def words_of(
    connection: Connection, texts: Texts, number: str, ids: Mapping[str, str]
) -> dict[str, str | None]:
    """Words of a complaint by the name of the parameter that carries their id; None for words that were erased or
    swept."""
    if not ids:
        return {}
    found = await texts.read(connection, ids.values(), _READER, of=number)
    return {name: found.get(text_id) for name, text_id in ids.items()}


async def _customer(connection: Connection, texts: Texts, notice: Outgoing) -> Addressee:
    wanted = {kind: notice.words[kind] for kind in ("name", "contact") if kind in notice.words}
    words = await words_of(connection, texts, notice.number, wanted)
    contact = words.get("contact")
    return Addressee(
        CUSTOMER, words.get("name") or "", contact, notice.language, erased=bool(wanted) and contact is None
    )


async def _holders(
    connection: Connection,
    seats: Sequence[_Seat],
    complaint: Complaint,
    at: datetime,
    barred: frozenset[str | None],
) -> tuple[Addressee, ...]:
    """Everybody in these seats, each once."""
    found: dict[str, organisation.Receiver] = {}
    for seat in seats:
        held = await _seated(connection, seat, complaint, at)
        allowed = [person for person in held if person.user_id not in barred]
        for person in allowed[:1] if seat.only_first else allowed:
            found.setdefault(person.user_id, person)
    return tuple(
        Addressee(person.user_id, person.name, person.email, person.language, person.instead_of)
        for person in found.values()
    )


async def _seated(
    connection: Connection, seat: _Seat, complaint: Complaint, at: datetime
) -> list[organisation.Receiver]:
    if seat.person is not None:
        return await organisation.resolve_person(connection, seat.person, at)
    if seat.role is not None:
        return await organisation.resolve(
            connection, seat.role, at, department=seat.department, project=complaint.project
        )
    return []


def _in(role: Role, department: Department | None = None) -> _Ladder:
    return ((_Seat(role=role, department=department or department_of(role)),),)


def _person(user_id: str) -> _Ladder:
    return ((_Seat(person=user_id),),)


def _leading_group() -> _Ladder:
    """MARKETING_MANAGER or TOP_LEADER acts for it, CS_DIRECTOR only as substitute (commands.md §4)."""
    return (*_in(Role.MARKETING_MANAGER), *_in(Role.TOP_LEADER), *_in(Role.CS_DIRECTOR))


def _head(department: Department) -> _Ladder:
    """The head of a department; legal's is one person, as its role is everybody's there."""
    role = head_of(department)
    return ((_Seat(role=role, department=department, only_first=department == Department.LEGAL),),)


def _first_contact(complaint: Complaint) -> _Ladder:
    """Whoever took the complaint in, unless that was a connected system or the customer on a web form."""
    taken_by = complaint.first_contact
    if taken_by == CUSTOMER or taken_by.startswith(FEED):
        return _in(Role.CS_SPECIALIST)
    return (*_person(taken_by), *_in(Role.CS_SPECIALIST))


def _owner(complaint: Complaint) -> _Ladder:
    if complaint.owner is None:
        return _first_contact(complaint)
    return (*_person(complaint.owner), *_in(Role.CS_SPECIALIST))


def _lead(complaint: Complaint) -> _Ladder:
    handover = complaint.handover
    if handover is None:
        return _owner(complaint)
    role = _in(handover.lead, handover.department)
    return (*_person(handover.person), *role) if handover.person else role


def _department_head(complaint: Complaint, params: Mapping[str, Any]) -> _Ladder:
    """Of the department whose role was asked or owes an item, else of the one that has the case."""
    asked = _asked(complaint, params)
    department = department_of(asked) if asked else complaint.department
    return _head(department) if department else _in(Role.CS_DIRECTOR)


def _item_owner(complaint: Complaint, params: Mapping[str, Any]) -> _Ladder:
    owner = _asked(complaint, params)
    return _in(owner) if owner else _lead(complaint)


def _reviewers(complaint: Complaint) -> _Ladder:
    """CS_DIRECTOR, MARKETING_MANAGER in his place; in a second handling whoever of both may still decide (SEC-05)."""
    first, second = _in(Role.CS_DIRECTOR), _in(Role.MARKETING_MANAGER)
    return (*first, *second) if complaint.round == 1 else ([*first[0], *second[0]],)


def _barred(code: str, complaint: Complaint) -> frozenset[str | None]:
    """Who may not review: the submitter, whom it is about, and in a second handling those who decided before."""
    if code != Receiver.REVIEWER:
        return frozenset()
    submitter = complaint.reviews[-1].submitted_by if complaint.reviews else None
    earlier = {review.decided_by for review in complaint.reviews if review.round < complaint.round}
    return frozenset({submitter, complaint.about_person, *earlier})


def _asked(complaint: Complaint, params: Mapping[str, Any]) -> Role | None:
    """The role a contribution, help or item is owed by, where the notice is about one."""
    named = str(params.get("name", ""))
    base, _, subject = named.partition("/")
    item = complaint.items.get(subject if base == "item_due" else str(params.get("item", "")))
    if item is not None:
        return item.owner
    task = complaint.tasks.get(named) if base in ("contribution", "help") else None
    return Role(task.owner) if task and task.owner in Role.__members__ else None


_PLACES: Mapping[Receiver, Callable[[Complaint, Mapping[str, Any]], _Ladder]] = {
    Receiver.OWNER: lambda complaint, _params: _owner(complaint),
    Receiver.FIRST_CONTACT: lambda complaint, _params: _first_contact(complaint),
    Receiver.LEAD: lambda complaint, _params: _lead(complaint),
    Receiver.DEPARTMENT_HEAD: _department_head,
    Receiver.LEADING_GROUP: lambda _complaint, _params: _leading_group(),
    Receiver.HEAD_OF_LEGAL: lambda _complaint, _params: _head(Department.LEGAL),
    Receiver.ITEM_OWNER: _item_owner,
    Receiver.REVIEWER: lambda complaint, _params: _reviewers(complaint),
    Receiver.OPERATOR: lambda _complaint, _params: _in(Role.ADMIN),
}


def _ladder(code: str, complaint: Complaint, params: Mapping[str, Any]) -> _Ladder:
    """The seats that come into question for a code, rung by rung; the first rung that anybody stands on is told."""
    if code.startswith(PERSON):
        user_id = code.removeprefix(PERSON)
        return _owner(complaint) if user_id.startswith(FEED) else _person(user_id)
    if code in Role.__members__:
        return _in(Role(code))
    return _PLACES[Receiver(code)](complaint, params)
