"""The page of a case put together: one statement for the file, one for the words, one for the unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.case.limits import file_without_limits, sees_limits
from console.case.settling import settling
from console.case.timeline import GROUPS, SHOWN, Teller, wanted
from console.case.traffic import STAGES, last_safe_day, lights
from console.case.warranty import covers
from console.desk import Desk
from console.forms.recalled import HAZARD
from console.forms.steps import next_step
from console.reading import Case, NotThere
from console.who import Who
from console.words import Words
from domain.codes import ENDED, PROCEEDINGS, Role, Stage
from domain.complaint import Complaint, Deadline, Solution
from domain.facts import Refused, state_of
from domain.roles import Asker, reach_of, require_right, right_to, sits
from records.views.casefile import (
    PAGE,
    PERSONAL,
    CaseFile,
    Slice,
    Unit,
    case_file,
    find_unit,
    read_words,
    text_ids_in,
)
from records.views.cases import by_ends, mask_contact, mask_name

#: parts of the state whose words the page shows
_SPOKEN = (
    "promises",
    "tasks",
    "items",
    "solutions",
    "holds",
    "flags",
    "findings",
    "mediation",
    "proceedings",
)

#: deadlines that ask nobody for anything: a hold ends by itself, an appointment only reminds
_NO_ACTION = ("hold_until", "site_visit", "session")


@dataclass(frozen=True)
class View:
    """How the timeline is looked at; all of it stands in the URL.

    show: switches that are on. edge: the turn the shown page ends before (or begins after). part: the part of the
    building whose warranty is asked for.
    """

    show: tuple[str, ...] = SHOWN
    edge: int | None = None
    oldest_first: bool = False
    part: str | None = None
    size: int = PAGE

    @property
    def query(self) -> dict[str, str]:
        """The part of the URL that keeps this view."""
        kept = {"show": ",".join(self.show)} if set(self.show) != set(SHOWN) else {}
        return {**kept, **({"order": "oldest"} if self.oldest_first else {})}


def view_of(show: str | None, edge: int | None, order: str | None, part: str | None = None) -> View:
    """The view a URL asks for; switches that do not exist are left out."""
    chosen = tuple(group for group in GROUPS if group in (show or "").split(","))
    return View(chosen or SHOWN, edge, order == "oldest", part)


@dataclass(frozen=True)
class Customer:
    """Who complains. name, contact, unit: by their ends unless whole; None where erased or never given."""

    name: str | None
    contact: str | None
    unit: str | None
    whole: bool
    erased: bool


@dataclass(frozen=True)
class Step:
    """A step of the published method (LIF-11). state: done, now, ahead, or passed over."""

    title: str
    state: str


@dataclass(frozen=True)
class Next:
    """Who does what until when (LIF-03). person: by name with their role, or the role by name and no role.

    step: the command, as the bar has it first; None where nothing is left to say. duty: in this stage, by the policy,
    of this role, else the first there is, of duty_of; empty where there is none. hazard: what stops the clock of a safety
    hazard; empty where none runs. refused: why the reader, who holds the seat, may not take it all the same.
    """

    step: str | None
    duty: str
    person: str
    role: Role | None
    deadline: Deadline | None
    hazard: str
    refused: str = ""
    duty_of: Role | None = None


@dataclass(frozen=True)
class Alike:
    """A complaint of this kind that was settled, and how (KNO-02)."""

    number: str
    same_topic: bool
    ended_at: datetime | None
    measures: Sequence[str | None]
    compensation: str | None


@dataclass(frozen=True)
class _Read:
    """What the records have of a case, for this reader. texts: as they were written; shown: as they may see them."""

    file: CaseFile
    texts: Mapping[str, str | None]
    shown: Mapping[str, str | None]
    unit: Unit | None


async def _read(desk: Desk, who: Who, case: Case, part: Slice, words: Words, *, whole: bool) -> _Read:
    async with desk.office.pool.acquire() as connection:
        file = await case_file(connection, case.number, reach_of(who.asker), part)
        if file is None:
            raise NotThere
        if not sees_limits(case.complaint, who.asker):
            file = file_without_limits(file, words)
        told = await read_words(
            connection,
            desk.office.texts,
            [*_ids_shown(file, case), *file.personal_ids()],
            who.id,
            of=[case.number, *(one.complaint.number for one in file.settled)],
            whole=whole,
        )
        texts = {text_id: word.text for text_id, word in told.items()}
        named = texts.get(file.words.get("unit", ""))
        place = case.complaint.project
        unit = await find_unit(connection, place, named) if named and place else _unit_of_profile(file)
    shown = texts if whole else {text_id: by_ends(word) for text_id, word in told.items()}
    return _Read(file, texts, shown, unit)


async def read_page(
    desk: Desk, who: Who, case: Case, view: View, *, whole: bool = False, part: Slice | None = None
) -> dict[str, Any]:
    """The context of the case's templates.

    whole: name, contact and unit in full, which the caller has checked. part: of the timeline, where it is another
    than the view's own.
    """
    words = desk.pages.words(who.language)
    part = part or wanted(view.show, view.edge, oldest_first=view.oldest_first, size=view.size)
    read = await _read(desk, who, case, part, words, whole=whole)
    file, complaint = read.file, case.complaint
    teller = Teller(words, file, read.shown)
    return {
        "case": case,
        "complaint": complaint,
        "file": file,
        "view": view,
        "groups": GROUPS,
        "since": 0,
        "oldest": min((turn.turn for turn in file.turns), default=1) if file.more else 1,
        "entries": teller.entries(oldest_first=view.oldest_first),
        "edge": _edge(file, view),
        "person_name": teller.person,
        "customer": _customer(file, read.texts, whole=whole),
        "unit": read.unit,
        "relation": _relation(file, read.unit),
        "covers": covers(read.unit, _topic(complaint), view.part, complaint.received_at, words),
        "topic_name": _topic_name(case, words),
        "steps": steps(case, words),
        "next": next_of(case, teller, words, desk.now()),
        "open_deadlines": open_deadlines(complaint),
        "settling": settling(case, words, desk.now()),
        "text": read.shown.get,
        "related": file.related,
        "alike": list(_alike(read)),
        "lights": lights(complaint, case.book, desk.now(), words),
        "lights_folded": complaint.stage not in STAGES,
        "last_safe_day": last_safe_day(complaint),
        "temporal": temporal_link(desk, who, case.number),
    }


def _ids_shown(file: CaseFile, case: Case) -> set[str]:
    state = state_of(case.complaint)
    spoken = {kind: state[kind] for kind in _SPOKEN if kind in state}
    solutions = [[solution.measures for solution in _agreed(one.complaint)] for one in file.settled]
    told = [file.words[kind] for kind in ("text", "desired") if kind in file.words]
    return {*file.text_ids(), *text_ids_in(spoken), *text_ids_in(solutions), *told}


def _customer(file: CaseFile, texts: Mapping[str, str | None], *, whole: bool) -> Customer:
    name, contact, unit = (texts.get(file.words.get(kind, "")) for kind in PERSONAL)
    erased = any(kind in file.words and texts.get(file.words[kind]) is None for kind in ("name", "contact"))
    if whole:
        return Customer(name, contact, unit, whole=True, erased=erased)
    return Customer(mask_name(name), mask_contact(contact), mask_name(unit), whole=False, erased=erased)


def _relation(file: CaseFile, unit: Unit | None) -> str | None:
    """What the customer is to the unit by the master data: owner, tenant, buyer or landlord."""
    known = [one for profile in file.profiles for one in profile.units or () if unit]
    return next(
        (one.relation for one in known if unit and (one.project, one.name) == (unit.project, unit.name)), None
    )


def _unit_of_profile(file: CaseFile) -> Unit | None:
    """The one unit the master data tie to this contact, where there is just one."""
    units = [unit for profile in file.profiles for unit in profile.units or ()]
    return units[0] if len(units) == 1 else None


def _topic(complaint: Complaint) -> str | None:
    return complaint.classification.topic if complaint.classification else None


def _topic_name(case: Case, words: Words) -> str:
    topics = case.book.policy(case.complaint.policy_version).table("taxonomy").topics
    chinese = words.language.startswith("zh")
    code = _topic(case.complaint)
    return next((one.zh if chinese else one.en for one in topics if one.code == code), code or "")


def _edge(file: CaseFile, view: View) -> int | None:
    """The turn next to which the timeline goes on, if it does."""
    if not file.more:
        return None
    return file.turns[-1].turn if view.oldest_first else file.turns[0].turn


def steps(case: Case, words: Words) -> list[Step]:
    """The steps as policy shows them: the route taken, the present one, and what may come (LIF-11)."""
    complaint = case.complaint
    shown = case.book.policy(complaint.policy_version).table("steps_shown")
    chinese = words.language.startswith("zh")
    been = {Stage.REGISTERED, *complaint.route}
    present = complaint.stage if complaint.stage not in ENDED else None
    found, ahead = [], False
    for step in shown:
        here = present in step.stages
        state = "now" if here else "ahead" if ahead else "done" if been & set(step.stages) else "skipped"
        ahead = ahead or here
        found.append(Step(step.zh if chinese else step.en, state))
    return found


def next_of(case: Case, teller: Teller, words: Words, now: datetime) -> Next | None:
    """The next step, who has to take it, and their duty in this stage; None once the case has ended."""
    complaint = case.complaint
    if complaint.ended:
        return None
    step = next_step(case, now)
    duties = {
        duty.role: duty.zh if words.language.startswith("zh") else duty.en
        for duty in case.book.policy(complaint.policy_version).table("duties")
        if duty.stage == _duty_stage(complaint)
    }
    role = _role_for(complaint, step, duties)
    first = next((one for one in open_deadlines(complaint) if one.base not in _NO_ACTION), None)
    running = any(one.base == "hazard_hours" for one in open_deadlines(complaint))
    hazard = words.gettext(HAZARD) if running else ""
    refused = _refused_although_seated(case, step, words, now)
    if role is None:
        seats = [words.name("role", seat.name) for seat in right_to(step or "").seats]
        return Next(step, "", " / ".join(seats), None, first, hazard, refused)
    person = _person_for(complaint, role, teller)
    named = person or words.name("role", role)
    bound = role if role in duties else next(iter(duties), None)
    duty = duties[bound] if bound else ""
    return Next(
        step,
        duty,
        named,
        role if person else None,
        first,
        hazard,
        refused,
        bound if bound is not role else None,
    )


def _refused_although_seated(case: Case, step: str | None, words: Words, now: datetime) -> str:
    """Why the reader may not take the step that is their seat's, as where another pair of eyes is wanted; else empty."""
    if step is None or not any(sits(case.complaint, case.asker, seat) for seat in right_to(step).seats):
        return ""
    refused = case.actions(now).get(step)
    return words.sentence(refused.reason) if refused else ""


def _duty_stage(complaint: Complaint) -> Stage:
    """The stage whose duties hold: what was taken on has to be investigated, before the first finding moves it there;
    what the customer calls unsettled is to be handled again, before that has begun."""
    if complaint.stage is Stage.FEEDBACK and any(
        one.round == complaint.round and one.satisfied is False for one in complaint.feedback
    ):
        return Stage.SECOND_HANDLING
    taken_on = complaint.handover is not None and complaint.handover.accepted_at is not None
    return Stage.INVESTIGATING if complaint.stage is Stage.ASSIGNED and taken_on else complaint.stage


def _role_for(complaint: Complaint, step: str | None, duties: Mapping[Role, str]) -> Role | None:
    """Whose step it is: of those who run the case and may take it, whom its right names first, customer service for
    what the customer is told; where it names nobody, one with a duty in this stage before others.

    None where it is for another seat, such as the approval of an offer, of which nobody is told whose (NEG-06).
    """
    roles = [Role.CS_SPECIALIST, Role.CS_DIRECTOR]
    if step == "complete_item":  # whoever owes what can be completed now
        to_do = [one for one in complaint.items.values() if one.state == "OPEN"]
        return next((one.owner for one in to_do if one.paid or one.owner is not Role.FINANCE), None)
    if complaint.handover:
        roles.insert(0, complaint.handover.lead)
    if complaint.stage in PROCEEDINGS:
        roles.append(Role.LEGAL)
    named = [seat for seat in (right_to(step).seats if step else ()) if isinstance(seat, Role)]

    def order(role: Role) -> tuple[int, bool]:
        return named.index(role) if role in named else len(named), role not in duties

    return next(
        (role for role in sorted(roles, key=order) if step is None or _may(complaint, step, role)), None
    )


def _may(complaint: Complaint, step: str, role: Role) -> bool:
    """Whether this seat has the right to the step in this case."""
    try:
        require_right(complaint, step, Asker(id="anybody", roles=(role,)))
    except Refused:
        return False
    return True


def _person_for(complaint: Complaint, role: Role, teller: Teller) -> str | None:
    """Who answers for this role in the case, by name; None where it is whoever holds the seat."""
    handover = complaint.handover
    if handover and role == handover.lead:
        return teller.person(handover.person) if handover.person else None
    if role == Role.CS_SPECIALIST:
        return teller.person(complaint.owner or complaint.first_contact)
    return None


def open_deadlines(complaint: Complaint) -> list[Deadline]:
    """Every deadline that is not settled: those that ran out first, then by their due instant."""
    found = [deadline for deadline in complaint.deadlines.values() if deadline.unsettled]
    return sorted(found, key=lambda one: (one.state != "fired", one.state == "paused", one.due, one.id))


def _agreed(complaint: Complaint) -> list[Solution]:
    """The solutions a complaint ended with: those accepted, else the last one proposed."""
    accepted = {entry.solution for entry in complaint.rounds if entry.reply in ("accepted", "partly")}
    found = [one for one in complaint.solutions.values() if one.id in accepted]
    return found or list(complaint.solutions.values())[-1:]


def _alike(read: _Read) -> Iterable[Alike]:
    for one in read.file.settled:
        for solution in _agreed(one.complaint)[:1]:
            yield Alike(
                number=one.complaint.number,
                same_topic=one.same_topic,
                ended_at=one.complaint.ended_at,
                measures=[read.shown.get(measure) for measure in solution.measures],
                compensation=f"{solution.compensation:.2f}" if solution.compensation else None,
            )


def temporal_link(desk: Desk, who: Who, number: str) -> str | None:
    """The case in Temporal's own pages, for operators."""
    base = desk.settings.temporal_ui
    if base is None or not who.asker.holds(Role.ADMIN):
        return None
    return f"{base}/namespaces/{desk.door.client.namespace}/workflows/complaint-{number}"
