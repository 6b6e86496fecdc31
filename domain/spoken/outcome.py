"""From the offer to the file: solution, mediation, forum, closing, group, and what only our feeds say."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.codes import Channel, Result, Role
from domain.spoken.base import MANY, Dated, Said
from domain.texts import Code, DeadlineId, Money, Note, NoticeKey, Text, UserId, When


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
    items: Items = Field(default_factory=list)
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
    items: Items = Field(default_factory=list)
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
