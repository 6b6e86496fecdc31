"""All that can be said to a complaint: one discriminated union over the JSON field `kind` (commands.md §1).

Five commands have a field that is itself called `kind` (the kind of evidence, of mediation …). Beside the
discriminator it is named `subkind`; forms, cases files and the HTTP body may write `kind`, see `said`.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.spoken.base import Dated, Said
from domain.spoken.outcome import (
    AddLegalDate,
    AgreedItem,
    ApproveOffer,
    Archive,
    CarryOverItem,
    ChooseForum,
    CompleteItem,
    DeadlinePassed,
    DecideReview,
    FailNegotiation,
    FileOrRegisterSuit,
    Items,
    KeepLegalDate,
    LinkToGroup,
    NoticeDelivered,
    NoticeFailed,
    OpenSecondHandling,
    ProposeSolution,
    RecordAgreement,
    RecordConsent,
    RecordDecision,
    RecordFeedback,
    RecordFollowUp,
    RecordJudgment,
    RecordMediationResult,
    RecordPayment,
    RecordPraise,
    RecordReflection,
    RecordRound,
    RecordSession,
    RecordSilence,
    RecordVisitAttempt,
    Reopen,
    ReversePayment,
    SetLimitation,
    SetLimits,
    StartMediation,
    SubmitArbitration,
    SubmitReview,
    UnlinkFromGroup,
)
from domain.spoken.work import (
    AcceptHandover,
    AddEvidence,
    AddNote,
    AddToIntake,
    Assign,
    ChangeCalendarVersion,
    ChangeContact,
    ChangePolicyVersion,
    Classify,
    ConfirmFindings,
    Correct,
    Escalate,
    ExtendPromise,
    ExtendWindow,
    GiveContribution,
    GiveHelp,
    GiveOpinion,
    KeepPromise,
    LinkDuplicate,
    MakePromise,
    MarkWithdrawn,
    PlanVisit,
    PutOnHold,
    Reassign,
    Reclassify,
    RecordResponse,
    RecordStudySession,
    RecordVisit,
    Register,
    RequestContribution,
    RequestErasure,
    RequestHelp,
    RequestOpinion,
    Resume,
    ReturnHandover,
    SendProgress,
    SetFlag,
    WaiveInvestigation,
)

__all__ = [
    "INTERNAL",
    "MODELS",
    "AcceptHandover",
    "AddEvidence",
    "AddLegalDate",
    "AddNote",
    "AddToIntake",
    "AgreedItem",
    "ApproveOffer",
    "Archive",
    "Assign",
    "BadCommand",
    "CarryOverItem",
    "ChangeCalendarVersion",
    "ChangeContact",
    "ChangePolicyVersion",
    "ChooseForum",
    "Classify",
    "CompleteItem",
    "ConfirmFindings",
    "Correct",
    "Dated",
    "DeadlinePassed",
    "DecideReview",
    "Escalate",
    "ExtendPromise",
    "ExtendWindow",
    "FailNegotiation",
    "FileOrRegisterSuit",
    "GiveContribution",
    "GiveHelp",
    "GiveOpinion",
    "Items",
    "KeepLegalDate",
    "KeepPromise",
    "LinkDuplicate",
    "LinkToGroup",
    "MakePromise",
    "MarkWithdrawn",
    "NoticeDelivered",
    "NoticeFailed",
    "OpenSecondHandling",
    "PlanVisit",
    "ProposeSolution",
    "PutOnHold",
    "Reassign",
    "Reclassify",
    "RecordAgreement",
    "RecordConsent",
    "RecordDecision",
    "RecordFeedback",
    "RecordFollowUp",
    "RecordJudgment",
    "RecordMediationResult",
    "RecordPayment",
    "RecordPraise",
    "RecordReflection",
    "RecordResponse",
    "RecordRound",
    "RecordSession",
    "RecordSilence",
    "RecordStudySession",
    "RecordVisit",
    "RecordVisitAttempt",
    "Register",
    "Reopen",
    "RequestContribution",
    "RequestErasure",
    "RequestHelp",
    "RequestOpinion",
    "Resume",
    "ReturnHandover",
    "ReversePayment",
    "Said",
    "SendProgress",
    "SetFlag",
    "SetLimitation",
    "SetLimits",
    "StartMediation",
    "SubmitArbitration",
    "SubmitReview",
    "UnlinkFromGroup",
    "WaiveInvestigation",
    "dump",
    "read",
    "said",
    "sentence",
]

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
