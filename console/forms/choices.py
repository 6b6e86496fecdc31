"""What there is to choose from in a case: its promises, items and tasks, the policy's lists, the people of the company."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.desk import Desk
from console.forms.corrected import entries_of, turns_of
from console.forms.labels import CODES
from console.forms.paying import prefilled_payment
from console.forms.shape import FRESH, Field, chosen, fields_of
from console.reading import Case
from console.words import Words
from domain.codes import Receiver
from domain.complaint import Complaint, Task
from domain.policy import Policy
from domain.roles import DEPARTMENTS, LEAD_ANYWHERE, may_read
from domain.stages.intake import SETTLED_BY_NOTE
from records.drafts import (
    Colleague,
    Since,
    colleagues,
    open_counts,
    possible_duplicates,
    receipt_words,
    turns_since,
    version_names,
)
from records.views import MASKS, by_ends

#: turns of a case that can be chosen to be corrected; more than any has
_MOST_TURNS = 5000
#: letters of a text that a choice shows
SHOWN = 40


@dataclass(frozen=True)
class Option:
    """One choice. group: the heading it stands under, or empty."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Around:
    """What the choices of a form, and the notes beside it, need besides the complaint. words: by text id.

    receipt: of the words it came in with, kind → text id; erased ones are not among them.
    """

    people: list[Colleague] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str | None] = field(default_factory=dict)
    duplicates: list[Complaint] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    receipt: Mapping[str, str] = field(default_factory=dict)
    turns: list[Since] = field(default_factory=list)


#: commands beside whose form stands what was promised, and more of what the case knows
_RECALLING = frozenset(
    {"record_response", "send_progress", "record_visit", "record_agreement", "complete_item", "record_follow_up",
     "record_feedback"}
)  # fmt: skip
#: commands beside whose form stands how it came in
_OF_RECEIPT = frozenset({"register", "propose_solution", "approve_offer"})


async def look_around(desk: Desk, case: Case, kinds: Iterable[str], now: datetime) -> Around:
    """What the forms of these commands need, and no more: at most six statements."""
    kinds = tuple(kinds)
    wanted = {source for kind in kinds for one in fields_of(kind) if (source := chosen(kind, one.name))}
    people: list[Colleague] = []
    counts: dict[str, int] = {}
    duplicates: list[Complaint] = []
    policies: list[str] = []
    calendars: list[str] = []
    async with desk.office.pool.acquire() as connection:
        receipt = await receipt_words(connection, case.number) if _OF_RECEIPT & {*kinds} else {}
        ids = [*_texts(case.complaint, wanted), *_beside(case.complaint, kinds)]
        ids += [receipt["desired"]] if "desired" in receipt else []
        found = await desk.office.texts.look(connection, ids, case.asker.id, of=case.number, masked=MASKS)
        words = {text_id: by_ends(word) for text_id, word in found.items()}
        if "people" in wanted:
            people = await colleagues(connection, now)
            counts = await open_counts(connection, [one.user_id for one in people])
        if "duplicates" in wanted:
            near = await possible_duplicates(connection, case.number)
            duplicates = [one for one in near if may_read(one, case.asker)]
        if wanted & {"policies", "calendars"}:
            policies, calendars = await version_names(connection)
        turns = await turns_since(connection, case.number, 0, _MOST_TURNS) if "turns" in wanted else []
    return Around(people, counts, words, duplicates, policies, calendars, receipt, turns)


def _texts(c: Complaint, wanted: set[str]) -> list[str]:
    """Ids of the texts that the choices show."""
    ids: list[str | None] = []
    if wanted & {"open_promises", "promises"}:
        ids += [one.what for one in c.promises.values() if "promises" in wanted or one.settled_at is None]
    if wanted & {"open_items", "unpaid_items", "paid_items"}:
        ids += [one.what for one in c.items.values()]
    if wanted & {"solutions", "solutions_to_approve"}:
        ids += [one.measures[0] for one in c.solutions.values() if one.round == c.round and one.measures]
    if wanted & {"help", "contribution", "opinion", "noted_tasks"}:
        ids += [task.what for task in c.tasks.values() if task.state == "OPEN"]
    return [one for one in ids if one is not None]


def _beside(c: Complaint, kinds: Iterable[str]) -> list[str]:
    """Ids of the texts that the notes beside these forms recall."""
    ids: list[str | None] = []
    wanted = {*kinds} & _RECALLING
    if wanted:
        ids += [one.what for one in c.promises.values() if one.settled_at is None]
    if wanted & {"complete_item", "record_follow_up", "record_feedback"}:
        ids += [item.what for item in c.items.values()]
    if "record_visit" in wanted:
        ids += [task.what for task in c.tasks.values() if task.kind == "visit" and task.state == "OPEN"]
    if "record_agreement" in wanted:
        ids += [text for one in c.solutions.values() if one.round == c.round for text in one.measures]
        ids += [one.counter for one in c.of_round()]
    return [one for one in ids if one is not None]


@dataclass(frozen=True)
class Choosing:
    """One reader's choices in one case."""

    case: Case
    around: Around
    words: Words

    @property
    def policy(self) -> Policy:
        """The case's policy with its own overrides."""
        policy = self.case.book.policy(self.case.complaint.policy_version)
        overrides = self.case.complaint.policy_overrides
        return policy.with_overrides(overrides) if overrides else policy

    def options(self, kind: str, one: Field) -> list[Option]:
        """The choices of a field, in the order a person wants them."""
        if source := chosen(kind, one.name):
            return _SOURCES[source](self)
        return [Option(code, self.named(one.named, code)) for code in one.codes]

    def named(self, kind: str, code: str) -> str:
        """A code in the reader's language."""
        if code == Receiver.LEADING_GROUP:
            kind = "answer"
        if kind in CODES:
            message = CODES[kind][code]
            return self.words.gettext(message)
        if kind == "tipping_point":
            return self.policy_name("tipping_points", code)
        return self.words.name(kind, code)

    def policy_name(self, listed: str, code: str) -> str:
        """A code of a list of the taxonomy."""
        for one in getattr(self.policy.table("taxonomy"), listed):
            if one.code == code:
                return str(one.zh if self.words.language.startswith("zh") else one.en)
        return code

    def told(self, text_id: str | None) -> str:
        """The beginning of a text, for a choice; empty where it was erased."""
        text = " ".join((self.around.words.get(text_id or "") or "").split())
        return f"{text[:SHOWN]}…" if len(text) > SHOWN else text

    def line(self, *parts: str | None) -> str:
        """The parts that are there, as one line."""
        return " · ".join(part for part in parts if part)


def _promises(of: Choosing, *, settled: bool) -> list[Option]:
    return [
        Option(one.id, of.line(one.id, of.told(one.what), of.words.when(one.due) if one.due else None))
        for one in of.case.complaint.promises.values()
        if settled or one.settled_at is None
    ]


def _solutions(of: Choosing, *, due: bool) -> list[Option]:
    c = of.case.complaint
    found = [one for one in c.solutions.values() if (one.approval == "due" if due else one.round == c.round)]
    return [
        Option(
            one.id,
            of.line(
                one.id,
                of.told(one.measures[0] if one.measures else None),
                of.words.money(f"{one.compensation:.2f}") if one.compensation else None,
            ),
        )
        for one in reversed(found)
    ]


def _items(of: Choosing, state: str) -> list[Option]:
    found = []
    for item in sorted(of.case.complaint.items.values(), key=lambda one: one.state == "DONE"):
        if {"open": item.state != "DONE", "unpaid": not item.paid, "paid": bool(item.paid)}[state]:
            label = of.line(item.id, of.told(item.what), of.words.name("role", item.owner))
            found.append(Option(item.id, label))
    return found


def _tasks(of: Choosing, wanted: Callable[[Task], bool], *, whole: bool = False) -> list[Option]:
    found = [task for task in of.case.complaint.tasks.values() if task.state == "OPEN" and wanted(task)]
    return [
        Option(
            task.id if whole else task.id.partition("/")[2],
            of.line(
                of.words.name("task", task.kind),
                task.id.partition("/")[2],
                of.told(task.what)
                or (CODES["contributions"].get(task.subkind or "") and _contribution(of, task)),
            ),
        )
        for task in found
    ]


def _contribution(of: Choosing, task: Task) -> str:
    return of.named("contributions", task.subkind or "other")


#: whose due instant is somebody's own word, changed by a command of its own (domain.stages.pauses)
_OWN_WORD = ("legal_date", "limitation", "hold_until", "promise_due", "site_visit", "session")


def _deadlines(of: Choosing, *, fired: bool) -> list[Option]:
    options: dict[str, Option] = {}
    for one in of.case.complaint.deadlines.values():
        if not one.unsettled or (fired and one.state != "fired"):
            continue
        if not fired and one.base in _OWN_WORD and one.name != "legal_date/missing":
            continue
        options[one.name] = Option(one.name, of.line(of.words.deadline(one.name), of.words.when(one.due)))
    return list(options.values())


def _legal_dates(of: Choosing) -> list[Option]:
    return [
        Option(one.name.partition("/")[2], of.line(one.name.partition("/")[2], of.words.when(one.due)))
        for one in of.case.complaint.deadlines.values()
        if one.base == "legal_date" and one.name != "legal_date/missing" and one.unsettled
    ]


def _topics(of: Choosing) -> list[Option]:
    """The topics under the type they mostly belong to."""
    taxonomy = of.policy.table("taxonomy")
    return [
        Option(
            topic.code,
            of.policy_name("topics", topic.code),
            of.words.name("type", topic.type) if topic.type else of.words.gettext("Any type"),
        )
        for topic in sorted(taxonomy.topics, key=lambda topic: str(topic.type or "~"))
    ]


def _leads(of: Choosing) -> list[Option]:
    """The seats that may lead, by department, the one the policy names for this type first (CLS-04)."""
    routed = _routed(of.case).get("department")
    seats = [
        (role, of.words.name("department", department))
        for department in sorted(DEPARTMENTS, key=lambda one: one != routed)
        for role in DEPARTMENTS[department]
    ]
    seats += [(role, of.words.gettext("Any department")) for role in LEAD_ANYWHERE]
    return [
        Option(role, of.words.name("role", role), group)
        for role, group in seats
        if role != of.case.complaint.about_role
    ]


def _people(of: Choosing) -> list[Option]:
    """Everybody who acts now, with the open cases each has, by department.

    The department that has the case, or should have it by the policy, comes first, and in it who holds the leading seat.
    """
    complaint, routed = of.case.complaint, _routed(of.case)
    department = complaint.department or routed.get("department")
    lead = complaint.lead or routed.get("lead")

    def order(one: Colleague) -> tuple[bool, str, bool, str]:
        return (one.department != department, str(one.department or "~"), lead not in one.roles, one.name)

    options = []
    for one in sorted(of.around.people, key=order):
        roles = ", ".join(of.words.name("role", role) for role in one.roles)
        count = of.around.counts.get(one.user_id, 0)
        group = of.words.name("department", one.department) if one.department else of.words.gettext("Others")
        options.append(Option(one.user_id, f"{one.name} · {roles} ({count})", group))
    return options


def _duplicates(of: Choosing) -> list[Option]:
    return [
        Option(
            one.number, of.line(one.number, of.words.name("stage", one.stage), of.words.day(one.received_at))
        )
        for one in of.around.duplicates
    ]


_SOURCES: Mapping[str, Callable[[Choosing], list[Option]]] = {
    "open_promises": lambda of: _promises(of, settled=False),
    "promises": lambda of: _promises(of, settled=True),
    "solutions": lambda of: _solutions(of, due=False),
    "solutions_to_approve": lambda of: _solutions(of, due=True),
    "open_items": lambda of: _items(of, "open"),
    "unpaid_items": lambda of: _items(of, "unpaid"),
    "paid_items": lambda of: _items(of, "paid"),
    "help": lambda of: _tasks(of, lambda task: task.kind == "help"),
    "contribution": lambda of: _tasks(of, lambda task: task.kind == "contribution"),
    "opinion": lambda of: _tasks(of, lambda task: task.kind == "opinion"),
    "noted_tasks": lambda of: _tasks(of, lambda task: task.kind in SETTLED_BY_NOTE, whole=True),
    "legal_dates": _legal_dates,
    "movable_deadlines": lambda of: _deadlines(of, fired=False),
    "fired_deadlines": lambda of: _deadlines(of, fired=True),
    "topics": _topics,
    "consequences": lambda of: [
        Option(one.code, of.policy_name("consequences", one.code))
        for one in of.policy.table("taxonomy").consequences
    ],
    "leads": _leads,
    "people": _people,
    "evidence": lambda of: [Option(code, of.named("evidence", code)) for code in CODES["evidence"]],
    "contributions": lambda of: [
        Option(code, of.named("contributions", code)) for code in CODES["contributions"]
    ],
    "duplicates": _duplicates,
    "turns": lambda of: [Option(*one) for one in turns_of(of.around.turns, of.words)],
    "entries": lambda of: [Option(*one) for one in entries_of(of.around.turns, of.words)],
    "policies": lambda of: [Option(version, version) for version in of.around.policies],
    "calendars": lambda of: [Option(version, version) for version in of.around.calendars],
}


def next_id(complaint: Complaint, letter: str) -> str:
    """The next free id of that letter in a case: P1, P2, … ; ids others invented are stepped over."""
    taken = {
        *complaint.promises,
        *complaint.solutions,
        *complaint.items,
        *(task.partition("/")[2] for task in complaint.tasks),
        *(deadline.name.partition("/")[2] for deadline in complaint.deadlines.values()),
    }
    place = 1
    while f"{letter}{place}" in taken:
        place += 1
    return f"{letter}{place}"


def prefilled(case: Case, kind: str) -> dict[str, str]:
    """What a person need not type: the next free ids and the next numbers."""
    c = case.complaint
    given = {name: next_id(c, letter) for (of, name), letter in FRESH.items() if of == kind}
    last = c.of_round()[-1:]
    if kind == "record_round":
        waiting = bool(last) and last[0].reply == "pending"
        given["round"] = str(len(c.of_round()) + (0 if waiting else 1))
        offers = [one.id for one in c.solutions.values() if one.round == c.round]
        given["solution"] = last[0].solution if waiting else (offers[-1] if offers else "")
    elif kind == "record_feedback":
        given["attempt"] = str(1 + sum(entry.round == c.round for entry in c.feedback))
    if kind in ("record_response", "record_feedback"):
        given["channel"] = str(c.channel)
    if kind == "assign":
        given.update(_routed(case))
    if kind == "record_payment":
        given.update(prefilled_payment(c))
    if kind == "reclassify" and c.classification:
        state = c.classification.model_dump(mode="json", exclude_none=True, exclude={"at", "by"})
        given.update({name: value for name, value in state.items() if isinstance(value, str)})
    return given


def _routed(case: Case) -> dict[str, str]:
    """Whose the policy says a complaint of this type is (CLS-04); a person may choose otherwise."""
    c = case.complaint
    routing = case.book.policy(c.policy_version).with_overrides(c.policy_overrides).table("routing")
    route = routing.get(c.classification.type) if c.classification else None
    return {"department": str(route.department), "lead": str(route.lead)} if route else {}
