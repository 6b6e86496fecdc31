"""Mediation: a neutral third party helps both sides to agree (MED)."""

from domain.codes import PROCEEDINGS, Receiver, Role, Stage
from domain.commands import RecordConsent, RecordMediationResult, RecordSession, StartMediation
from domain.complaint import Mediation
from domain.hearing import Hearing
from domain.meanings import hears
from domain.stages.classification import require_future
from domain.stages.closing import second_handlings_left


def _may_start(h: Hearing) -> None:
    h.refuse_unless(
        h.c.bound is None, f"A final {h.c.bound} binds; there is nothing left to mediate.", "ARB-05"
    )
    if h.c.stage == Stage.NEGOTIATING:
        h.refuse_unless(
            h.c.negotiation_failed or rounds_used_up(h),
            "Mediation begins when the negotiation has failed or its rounds are used up.",
            "NEG-11",
        )
        return
    last = h.c.last_feedback()
    h.refuse_unless(
        last is not None and last.satisfied is False and not second_handlings_left(h),
        "From FEEDBACK mediation begins when the customer is dissatisfied and no second handling is left.",
        "SEC-03",
    )


def rounds_used_up(h: Hearing) -> bool:
    """Whether the last allowed negotiation round was rejected or partly accepted."""
    so_far = h.c.of_round()
    allowed = h.policy.number("negotiation_rounds") + h.c.extra_rounds
    return len(so_far) >= allowed and so_far[-1].reply in ("rejected", "partly")


@hears("start_mediation", _may_start)
def start_mediation(h: Hearing, said: StartMediation) -> None:
    h.c.mediation = Mediation(at=h.at, kind=said.subkind, round=h.c.round, mediator=said.mediator)
    h.fact("mediation_started", said.subkind, text=said.mediator, released=True)
    h.enter(Stage.MEDIATING)
    h.tell(Receiver.CUSTOMER, "mediation_started")


def _mediation(h: Hearing) -> Mediation:
    return h.require(h.c.mediation, "There is no mediation.", "MED-01")


def counts_as_mediation(h: Hearing) -> bool:
    """Conciliation by company staff is recorded and is no rung of the ladder (MED-03, D-07)."""
    return h.c.mediation is not None and h.c.mediation.kind in h.policy.table("mediator_kinds_counting")


def _both_consented(mediation: Mediation) -> bool:
    return list(mediation.consents.values()) == ["given", "given"]


def _undecided(h: Hearing) -> None:
    mediation = _mediation(h)
    over = mediation.result is not None or "refused" in mediation.consents.values()
    h.refuse_unless(not over, "This mediation is over.", "MED-06")


@hears("record_consent", _undecided)
def record_consent(h: Hearing, said: RecordConsent) -> None:
    """Both sides consent before the first session (MED-04)."""
    mediation = _mediation(h)
    h.refuse_unless(
        said.party not in mediation.consents,
        f"party: the consent of the {said.party} is on record.",
        "MED-04",
    )
    mediation.consents[said.party] = said.consent
    h.fact("consent_recorded", said.party, consent=said.consent, text=said.reason, released=True)
    if said.consent == "refused":
        h.fact("consent_refused", said.party)
    elif len(mediation.consents) == 2:
        h.fact("consents_given")


def _ready(h: Hearing) -> None:
    if h.c.stage not in PROCEEDINGS:
        h.refuse_unless(_both_consented(_mediation(h)), "Both consents precede the first session.", "MED-04")


@hears("record_session", _ready)
def record_session(h: Hearing, said: RecordSession) -> None:
    """A mediation session, or the hearing of a legal date. No mediation session before both consents (MED-04)."""
    if h.c.stage in PROCEEDINGS:
        h.refuse_unless(
            said.legal_date is not None, "legal_date: name the legal date of this session.", "LIT-02"
        )
        h.refuse_others(h.asker.holds(Role.LEGAL), "Sessions of proceedings are recorded by LEGAL.", "LEG-02")
        keep_date(h, said.legal_date or "")
    else:
        _mediate(h, said)
    h.fact("session_held", str(said.number or said.legal_date), text=said.statements, released=True)
    if said.next_session is not None:
        require_future(h, said.next_session, "next_session")
        h.fact("session_planned", str((said.number or 0) + 1), at=h.at, due=said.next_session)


def _mediate(h: Hearing, said: RecordSession) -> None:
    mediation = _mediation(h)
    h.refuse_unless(said.legal_date is None, "legal_date: a mediation has no legal dates.", "MED-04")
    h.refuse_unless(mediation.result is None, "This mediation is over.", "MED-06")
    mediation.sessions += 1


def keep_date(h: Hearing, name: str) -> None:
    """A legal date has taken place or was served (ARB, LIT)."""
    found = [d for d in h.c.deadlines.values() if d.name == f"legal_date/{name}" and d.unsettled]
    h.refuse_unless(bool(found) and name != "missing", f"There is no open legal date {name}.", "LIT-02")
    h.fact("legal_date_kept", name)


def _consented(h: Hearing) -> None:
    _undecided(h)
    h.refuse_unless(
        _both_consented(_mediation(h)),
        "A mediation has no result before both sides have consented.",
        "MED-04",
    )


@hears("record_mediation_result", _consented)
def record_mediation_result(h: Hearing, said: RecordMediationResult) -> None:
    """Agreed: the agreement follows. Failed: a forum is chosen (MED-06)."""
    _mediation(h).result = said.result
    h.fact("mediation_ended", said.result, text=said.reason, released=True)
    h.tell(Receiver.CUSTOMER, "mediation_ended", result=said.result)
