"""All that can be said to a complaint: one discriminated union over the JSON field `kind` (commands.md §1).

Five commands have a field that is itself called `kind` (the kind of evidence, of mediation …). Beside the
discriminator it is named `subkind`; forms, cases files and the HTTP body may write `kind`, see `said`.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from domain.codes import (
    Cause,
    Channel,
    ComplaintType,
    Department,
    Flag,
    Origin,
    Receiver,
    Result,
    Role,
    Severity,
    TippingPoint,
)
from domain.texts import (
    Code,
    Contact,
    DeadlineId,
    DeadlineName,
    Money,
    Note,
    NoticeKey,
    Number,
    TaskId,
    Text,
    UserId,
    When,
)

#: no count in a command is larger
MANY = 1_000_000


class Said(BaseModel):
    """What every command carries. `by` is the acting person's user id, or `feed:<name>`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    by: UserId
    #: the promise this step keeps (SLA-10)
    keeps: Code | None = None
    #: the turn the sayer saw; another one by now is refused
    expected_turn: int | None = Field(default=None, ge=0, le=MANY)


class Dated(Said):
    """A command about something that has happened; it may be entered late, with a reason after a day."""

    happened_at: When | None = None
    reason: Text | None = None


# intake
class Register(Said):
    kind: Literal["register"] = "register"
    about_role: Role | None = None
    about_person: UserId | None = None


class AddToIntake(Said):
    kind: Literal["add_to_intake"] = "add_to_intake"
    text: Text


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


# solution
class SetLimits(Said):
    kind: Literal["set_limits"] = "set_limits"
    floor: Money | None = None
    ceiling: Money | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "SetLimits":
        if self.floor is None and self.ceiling is None:
            raise ValueError("floor: give a floor, a ceiling or both")
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise ValueError("floor: must not be above the ceiling")
        return self


class ProposeSolution(Said):
    kind: Literal["propose_solution"] = "propose_solution"
    solution: Code
    measures: list[Text] = Field(min_length=1, max_length=50)
    compensation: Money | None = None
    due: When | None = None


class ApproveOffer(Said):
    kind: Literal["approve_offer"] = "approve_offer"
    solution: Code
    decision: Literal["approved", "refused"]
    reason: Text | None = None


class RecordRound(Dated):
    kind: Literal["record_round"] = "record_round"
    round: int = Field(ge=1, le=MANY)
    solution: Code
    reply: Literal["accepted", "partly", "rejected", "pending"]
    counter: Text | None = None


class AgreedItem(BaseModel):
    """One obligation of an agreement, decision or judgment (NEG-10)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Code
    what: Text
    owner: Role
    due: When


Items = Annotated[list[AgreedItem], Field(max_length=100)]


class RecordAgreement(Dated):
    kind: Literal["record_agreement"] = "record_agreement"
    subkind: Literal["negotiated", "mediated", "settlement_in_proceedings"] | None = None
    items: Items


class FailNegotiation(Said):
    kind: Literal["fail_negotiation"] = "fail_negotiation"
    reason: Text


class CompleteItem(Dated):
    kind: Literal["complete_item"] = "complete_item"
    item: Code
    proof: Note | None = None


class CarryOverItem(Said):
    kind: Literal["carry_over_item"] = "carry_over_item"
    item: Code
    due: When
    reason: Text


class RecordPayment(Dated):
    kind: Literal["record_payment"] = "record_payment"
    item: Code
    amount: Money
    reference: Note


class ReversePayment(Said):
    kind: Literal["reverse_payment"] = "reverse_payment"
    item: Code
    reason: Text


# mediation
class StartMediation(Said):
    kind: Literal["start_mediation"] = "start_mediation"
    subkind: Literal["internal", "person", "institution"]
    mediator: Note | None = None
    choices: int | None = Field(default=None, ge=1, le=MANY)
    parties: list[Note] = Field(default=[], max_length=100)


class RecordConsent(Dated):
    kind: Literal["record_consent"] = "record_consent"
    party: Literal["company", "customer"]
    consent: Literal["given", "refused"]


class RecordSession(Dated):
    kind: Literal["record_session"] = "record_session"
    number: int | None = Field(default=None, ge=1, le=MANY)
    legal_date: Code | None = None
    statements: Text | None = None
    #: when the next session is planned; those who come are reminded a day before
    next_session: When | None = None


class RecordMediationResult(Dated):
    kind: Literal["record_mediation_result"] = "record_mediation_result"
    result: Literal["AGREED", "FAILED"]


# forum
class ChooseForum(Said):
    kind: Literal["choose_forum"] = "choose_forum"
    forum: Literal["ARBITRATION", "COURT", "OTHER"]
    reason: Text
    approved_by: Literal["LEADING_GROUP"] | None = None
    arbitration_agreement: Note | None = None
    #: ARBITRATION without an agreement rests on the customer's own filing
    filed_by: Literal["customer"] | None = None


class SubmitArbitration(Said):
    kind: Literal["submit_arbitration"] = "submit_arbitration"
    filed_by: Literal["company", "customer"]
    body: Note | None = None
    subkind: Literal["outside_body", "internal_review"] | None = None
    file_number: Note | None = None


class RecordDecision(Dated):
    kind: Literal["record_decision"] = "record_decision"
    outcome: Text
    items: Items = []
    accepted_by_customer: bool | None = None


class FileOrRegisterSuit(Said):
    kind: Literal["file_or_register_suit"] = "file_or_register_suit"
    filed_by: Literal["company", "customer"]
    court: Note | None = None
    ground: Note
    file_number: Note | None = None


class AddLegalDate(Said):
    kind: Literal["add_legal_date"] = "add_legal_date"
    id: Code
    what: Note | None = None
    due: When


class KeepLegalDate(Dated):
    kind: Literal["keep_legal_date"] = "keep_legal_date"
    id: Code


class RecordJudgment(Dated):
    kind: Literal["record_judgment"] = "record_judgment"
    outcome: Text
    items: Items = []
    final: bool = True


class SetLimitation(Said):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    kind: Literal["set_limitation"] = "set_limitation"
    id: Code
    due: When
    from_: When | None = Field(default=None, alias="from")
    reason: Text


# closing
class SubmitReview(Said):
    kind: Literal["submit_review"] = "submit_review"
    summary: Text | None = None


class DecideReview(Said):
    kind: Literal["decide_review"] = "decide_review"
    decision: Literal["approved", "returned"]
    reason: Text | None = None


class RecordFeedback(Dated):
    kind: Literal["record_feedback"] = "record_feedback"
    attempt: int = Field(ge=1, le=MANY)
    channel: Channel
    reply: Literal["none"] | None = None
    satisfied: bool | None = None
    score: int | None = Field(default=None, ge=1, le=5)
    opinions: Text | None = None

    @model_validator(mode="after")
    def _answered_or_not(self) -> "RecordFeedback":
        if (self.reply == "none") == (self.satisfied is not None):
            raise ValueError("satisfied: say whether the customer is satisfied, or reply: none")
        return self


class RecordSilence(Dated):
    kind: Literal["record_silence"] = "record_silence"
    reason: Text


class OpenSecondHandling(Said):
    kind: Literal["open_second_handling"] = "open_second_handling"
    further_demand: Text


class RecordVisitAttempt(Dated):
    kind: Literal["record_visit_attempt"] = "record_visit_attempt"
    reached: bool


class RecordFollowUp(Dated):
    kind: Literal["record_follow_up"] = "record_follow_up"
    satisfied: bool
    score: int | None = Field(default=None, ge=1, le=5)
    new_problem: Text | None = None
    note: Text | None = None


class RecordReflection(Dated):
    kind: Literal["record_reflection"] = "record_reflection"
    text: Text


class RecordPraise(Dated):
    kind: Literal["record_praise"] = "record_praise"
    text: Text


class Archive(Said):
    kind: Literal["archive"] = "archive"
    result: Result


class Reopen(Said):
    kind: Literal["reopen"] = "reopen"
    reason: Text


# group
class LinkToGroup(Said):
    kind: Literal["link_to_group"] = "link_to_group"
    group: Code
    consent: bool | None = None


class UnlinkFromGroup(Said):
    kind: Literal["unlink_from_group"] = "unlink_from_group"
    reason: Text


# internal: nobody can say these; feeds of ours and the calendar do
class DeadlinePassed(Said):
    kind: Literal["deadline_passed"] = "deadline_passed"
    by: UserId = "feed:calendar"
    deadline: DeadlineId


class NoticeFailed(Said):
    kind: Literal["notice_failed"] = "notice_failed"
    by: UserId = "feed:outbox"
    notice: NoticeKey


class NoticeDelivered(Said):
    kind: Literal["notice_delivered"] = "notice_delivered"
    by: UserId = "feed:outbox"
    notice: NoticeKey


INTERNAL = frozenset({"deadline_passed", "notice_failed", "notice_delivered"})


def _leaves(model: type[Said]) -> Iterator[type[Said]]:
    """Every command below this model; those with a default `kind` can be said."""
    for below in model.__subclasses__():
        if isinstance(below.model_fields["kind"].default, str):
            yield below
        yield from _leaves(below)


MODELS: dict[str, type[Said]] = {model.model_fields["kind"].default: model for model in _leaves(Said)}

_SUBKIND = frozenset(kind for kind, model in MODELS.items() if "subkind" in model.model_fields)
_ADAPTERS: dict[str, TypeAdapter[Said]] = {kind: TypeAdapter(model) for kind, model in MODELS.items()}
_PREFIX = re.compile(r"^Value error, ")


class BadCommand(ValueError):
    """A command that cannot be understood. The message is one sentence naming the field and what is accepted."""


def said(kind: str, by: str, fields: dict[str, Any]) -> Said:
    """The command a form or a cases file means: `kind` in `fields` is then the command's own `kind` field."""
    named = {
        ("subkind" if name == "kind" and kind in _SUBKIND else name): value for name, value in fields.items()
    }
    return read({**named, "kind": kind, "by": by})


def read(data: object) -> Said:
    """The command in this JSON object. Raises BadCommand."""
    if not isinstance(data, dict):
        raise BadCommand("A command is a JSON object with the fields kind and by.")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in MODELS:
        raise BadCommand(f"kind: {_shown(kind)} is not a command; accepted are {', '.join(sorted(MODELS))}.")
    try:
        return _ADAPTERS[kind].validate_python(data)
    except ValidationError as error:
        raise BadCommand(f"{kind}: {sentence(error)}") from None


def sentence(error: ValidationError) -> str:
    """The first fault of a validation error as one sentence naming the field and what is accepted."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "command"
    if first["type"] == "timezone_aware":
        return f"{place}: a time needs its zone, such as 2026-03-02T09:20:00+08:00."
    if first["type"] == "extra_forbidden":
        return f"{place}: is not a field of this command."
    message = _PREFIX.sub("", first["msg"])
    return f"{message}." if message.startswith(f"{place}:") else f"{place}: {message}."


def dump(command: Said) -> dict[str, Any]:
    """The JSON form of a command, without what was not said."""
    return command.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=False)


def _shown(value: object) -> str:
    return repr(value) if not isinstance(value, str) or len(value) <= 40 else repr(value[:40] + "…")
