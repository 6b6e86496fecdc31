"""From the first word to the findings: intake, classification, response, time, investigation."""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from domain.codes import (
    Cause,
    Channel,
    ComplaintType,
    Department,
    Flag,
    Origin,
    Receiver,
    Role,
    Severity,
    TippingPoint,
)
from domain.spoken.base import MANY, Dated, Said
from domain.texts import Code, Contact, DeadlineName, Note, Number, TaskId, Text, UserId, When


# intake
class Register(Said):
    kind: Literal["register"] = "register"
    about_role: Role | None = None
    about_person: UserId | None = None


class AddToIntake(Said):
    kind: Literal["add_to_intake"] = "add_to_intake"
    text: Text
    #: the file that came with it (INT-13); before an investigation there is no evidence yet
    document: Code | None = None


class ChangeContact(Said):
    kind: Literal["change_contact"] = "change_contact"
    contact: Contact


class LinkDuplicate(Said):
    kind: Literal["link_duplicate"] = "link_duplicate"
    of: Number
    reason: Text


class MarkWithdrawn(Said):
    kind: Literal["mark_withdrawn"] = "mark_withdrawn"
    reason: Text


class RequestErasure(Said):
    kind: Literal["request_erasure"] = "request_erasure"
    text: Text


class AddNote(Said):
    kind: Literal["add_note"] = "add_note"
    text: Text
    released: bool = False
    #: the name of a fired deadline the sayer takes note of: its daily reminders stop
    acknowledges: DeadlineName | None = None
    #: the task this note does away with: a call made, a place settled, an operator's or a risk note's matter
    settles: TaskId | None = None


class Correct(Said):
    kind: Literal["correct"] = "correct"
    turn: int = Field(ge=1, le=MANY)
    reason: Text
    fields: dict[Code, Text] = Field(min_length=1, max_length=20)


# classification
class Classify(Said):
    kind: Literal["classify"] = "classify"
    type: ComplaintType
    cause: Cause
    severity: Severity
    secondary: ComplaintType | None = None
    subtype: Code | None = None
    topic: Code | None = None
    consequences: list[Code] = Field(default=[], max_length=20)
    tipping_points: list[TippingPoint] = Field(default=[], max_length=3)
    deceit_alleged: bool = False
    origin: Origin | None = None
    #: the first analysis: is the demand lawful, is it reasonable (CLS-07)
    lawful: bool | None = None
    reasonable: bool | None = None


class Reclassify(Classify):
    kind: Literal["reclassify"] = "reclassify"  # type: ignore[assignment]
    reason: Text


class Assign(Said):
    kind: Literal["assign"] = "assign"
    department: Department
    lead: Role
    person: UserId | None = None


class Reassign(Said):
    kind: Literal["reassign"] = "reassign"
    person: UserId
    reason: Text
    #: whose seat is filled anew; the owner's before a department is assigned, the lead's after, when not said
    seat: Literal["owner", "lead"] | None = None


class AcceptHandover(Said):
    kind: Literal["accept_handover"] = "accept_handover"


class ReturnHandover(Said):
    kind: Literal["return_handover"] = "return_handover"
    reason: Text


class SetFlag(Said):
    kind: Literal["set_flag"] = "set_flag"
    flag: Flag
    value: bool = True
    reason: Text | None = None
    households: int | None = Field(default=None, ge=1, le=MANY)


class Escalate(Said):
    kind: Literal["escalate"] = "escalate"
    to: Role | Literal[Receiver.LEADING_GROUP]
    reason: Text


class RequestHelp(Said):
    kind: Literal["request_help"] = "request_help"
    id: Code
    to: Role | Literal[Receiver.LEADING_GROUP]
    question: Text
    due: When | None = None


class GiveHelp(Dated):
    kind: Literal["give_help"] = "give_help"
    id: Code
    answer: Text


# response
class RecordResponse(Dated):
    kind: Literal["record_response"] = "record_response"
    channel: Channel
    effective: bool
    text: Text | None = None
    released_by: Literal["LEGAL"] | None = None
    refers_to: Code | None = None
    #: the answer names a measure that makes the hazard safe
    safety_measure: bool = False


class _Promise(Said):
    due: When | None = None
    condition: Text | None = None

    @model_validator(mode="after")
    def _dated_or_conditional(self) -> "_Promise":
        if self.due is None and self.condition is None:
            raise ValueError("due: a promise needs a date (due) or a stated condition (SLA-09)")
        return self


class MakePromise(_Promise):
    kind: Literal["make_promise"] = "make_promise"
    promise: Code
    what: Text
    released_by: Literal["LEGAL"] | None = None


class ExtendPromise(_Promise):
    kind: Literal["extend_promise"] = "extend_promise"
    promise: Code
    new: Code
    reason: Text
    released_by: Literal["LEGAL"] | None = None


class KeepPromise(Dated):
    kind: Literal["keep_promise"] = "keep_promise"
    promise: Code
    proof: Note | None = None
    released_by: Literal["LEGAL"] | None = None


class SendProgress(Dated):
    kind: Literal["send_progress"] = "send_progress"
    text: Text | None = None
    released_by: Literal["LEGAL"] | None = None


# time
class PutOnHold(Said):
    kind: Literal["hold"] = "hold"
    reason: Text
    waiting_for: Literal["customer", "authority", "supplier"]
    until: When


class Resume(Said):
    kind: Literal["resume"] = "resume"
    reason: Text | None = None


class ExtendWindow(Said):
    kind: Literal["extend_window"] = "extend_window"
    deadline: DeadlineName
    until: When
    reason: Text


class ChangePolicyVersion(Said):
    kind: Literal["change_policy_version"] = "change_policy_version"
    version: Code
    reason: Text


class ChangeCalendarVersion(Said):
    kind: Literal["change_calendar_version"] = "change_calendar_version"
    version: Code
    reason: Text


# investigation
class WaiveInvestigation(Said):
    kind: Literal["waive_investigation"] = "waive_investigation"
    reason: Text


class PlanVisit(Said):
    kind: Literal["plan_visit"] = "plan_visit"
    appointment: When
    place: Note | None = None


class RecordVisit(Dated):
    kind: Literal["record_visit"] = "record_visit"
    outcome: Literal["DONE", "NO_ACCESS"]
    confirmed: bool | None = None
    observations: Text | None = None
    note: Text | None = None


class AddEvidence(Said):
    kind: Literal["add_evidence"] = "add_evidence"
    subkind: Code
    document: Code | None = None


class RequestContribution(Said):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    kind: Literal["request_contribution"] = "request_contribution"
    id: Code
    from_: Role = Field(alias="from")
    subkind: Code
    due: When | None = None


class GiveContribution(Dated):
    kind: Literal["give_contribution"] = "give_contribution"
    id: Code
    text: Text | None = None


class RecordStudySession(Dated):
    kind: Literal["record_study_session"] = "record_study_session"
    present: list[Role] = Field(min_length=1)
    conclusion: Text


class ConfirmFindings(Said):
    kind: Literal["confirm_findings"] = "confirm_findings"
    root_cause: Text
    prevention: Text
    responsibility: Text | None = None
    nature: Text | None = None
    seriousness: Text | None = None
    unfounded: bool = False


class RequestOpinion(Said):
    kind: Literal["request_opinion"] = "request_opinion"
    id: Code
    question: Text
    due: When | None = None


class GiveOpinion(Dated):
    kind: Literal["give_opinion"] = "give_opinion"
    id: Code
    basis: Text
    advice: Text
    risk: Note | None = None
