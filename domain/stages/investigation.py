"""Finding the facts: site visits, evidence, contributions, findings, opinions (INV, CLS-08, LEG-05)."""

from domain.codes import Receiver, Role, Stage
from domain.commands import (
    AddEvidence,
    ConfirmFindings,
    GiveContribution,
    GiveOpinion,
    PlanVisit,
    RecordStudySession,
    RecordVisit,
    RequestContribution,
    RequestOpinion,
    WaiveInvestigation,
)
from domain.complaint import Findings, Task
from domain.hearing import Hearing
from domain.meanings import hears
from domain.roles import on_lead_side
from domain.stages.classification import accept, answer, ask, require_future


def is_required(h: Hearing) -> bool:
    """Whether a complaint of this type is investigated before a solution is proposed (INV-11, D-06)."""
    kind = h.c.classification
    return kind is None or bool(h.policy.table("investigation_required")[kind.type])


def begin(h: Hearing) -> None:
    """The first act of investigating enters INVESTIGATING; said by the lead's side it also accepts the handover."""
    if h.c.stage not in (Stage.ASSIGNED, Stage.SECOND_HANDLING):
        return
    h.enter(Stage.INVESTIGATING)
    if on_lead_side(h.c, h.asker):
        accept(h, straight=True)


@hears("waive_investigation")
def waive_investigation(h: Hearing, said: WaiveInvestigation) -> None:
    """No investigation, with the reason (INV-11)."""
    begin(h)
    h.c.findings = Findings(at=h.at, by=h.asker.id, waived=True, reason=said.reason)
    h.fact("investigation_waived", text=said.reason)


@hears("plan_visit")
def plan_visit(h: Hearing, said: PlanVisit) -> None:
    """An appointment on site; those who come are reminded a day before (INV-02)."""
    require_future(h, said.appointment, "appointment")
    begin(h)
    for task in h.c.tasks.values():
        if task.kind == "visit" and task.state == "OPEN":
            task.state = "REPLACED"
            h.fact("site_visit_missed", task.id.partition("/")[2], at=h.at)
    number = str(1 + sum(task.kind == "visit" for task in h.c.tasks.values()))
    h.c.tasks[f"visit/{number}"] = Task(
        id=f"visit/{number}",
        kind="visit",
        owner=h.c.lead or Role.TECHNICIAN,
        asked_by=h.asker.id,
        asked_at=h.at,
        due=said.appointment,
        what=said.place,
    )
    h.fact("visit_planned", number, at=h.at, due=said.appointment, text=said.place, released=True)
    h.tell(Receiver.CUSTOMER, "visit_planned", appointment=said.appointment)


@hears("record_visit")
def record_visit(h: Hearing, said: RecordVisit) -> None:
    """What was found on site, or that nobody opened (INV-02)."""
    begin(h)
    planned = next((t for t in h.c.tasks.values() if t.kind == "visit" and t.state == "OPEN"), None)
    number = planned.id.partition("/")[2] if planned else None
    if planned:
        planned.state = "DONE" if said.outcome == "DONE" else "NO_ACCESS"
        planned.done_at, planned.done_by, planned.answer = h.when, h.asker.id, said.observations
    kind = "site_visited" if said.outcome == "DONE" else "site_visit_missed"
    h.fact(kind, number, confirmed=said.confirmed, text=said.observations, note=said.note, released=True)


@hears("add_evidence")
def add_evidence(h: Hearing, said: AddEvidence) -> None:
    begin(h)
    h.fact("evidence_added", said.subkind, document=said.document)


@hears("request_contribution")
def request_contribution(h: Hearing, said: RequestContribution) -> None:
    """Another department's part, a task with owner and due time (INV-12)."""
    begin(h)
    ask(h, "contribution", said.id, said.from_, None, said.due, said.subkind)


@hears("give_contribution")
def give_contribution(h: Hearing, said: GiveContribution) -> None:
    answer(h, "contribution", said.id, said.text)


@hears("record_study_session")
def record_study_session(h: Hearing, said: RecordStudySession) -> None:
    planned = h.c.tasks.get(f"study_session/{h.c.round}")
    if planned and planned.state == "OPEN":
        planned.state, planned.done_at, planned.done_by = "DONE", h.when, h.asker.id
        planned.answer = said.conclusion
    h.fact("study_session_held", present=list(said.present), text=said.conclusion)


@hears("confirm_findings")
def confirm_findings(h: Hearing, said: ConfirmFindings) -> None:
    """Root cause and prevention are mandatory (INV-10)."""
    begin(h)
    details = said.model_dump(include=set(Findings.model_fields) - {"at", "by"})
    h.c.findings = Findings(at=h.at, by=h.asker.id, **details)
    h.fact(
        "findings_confirmed",
        text=said.root_cause,
        prevention=said.prevention,
        unfounded=said.unfounded,
        responsibility=said.responsibility,
    )


@hears("request_opinion")
def request_opinion(h: Hearing, said: RequestOpinion) -> None:
    """Any handler may call on the company's lawyers (LEG-01)."""
    ask(h, "opinion", said.id, Role.LEGAL, said.question, said.due)


@hears("give_opinion")
def give_opinion(h: Hearing, said: GiveOpinion) -> None:
    answer(h, "opinion", said.id, said.advice)
    h.fact("opinion_reasoned", said.id, text=said.basis, risk=said.risk)
