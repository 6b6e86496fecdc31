"""What happened, in words: a sentence for every kind of fact, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from console.words import Words

#: fact kind → sentence; %(subject)s and what the fact carries may stand in it
SENTENCES: Mapping[str, str] = {
    "received": "Came in by %(channel)s",
    "registered": "Registered",
    "receipt_counted": "The automatic receipt counted as first answer",
    "intake_added_to": "The intake record was added to",
    "contact_changed": "A new contact was given",
    "place_unknown": "Project or unit is not in the master data",
    "taken_over": "Taken over from another system in stage %(stage)s",
    "duplicate_linked": "Linked as duplicate of %(subject)s",
    "withdrawn": "The customer withdrew the complaint",
    "erasure_requested": "Erasure of personal data was asked for",
    "noted": "Note",
    "corrected": "Correction of turn %(subject)s",
    "task_settled": "A task was settled",
    "classified": "Classified as %(type)s / %(cause)s, %(severity)s",
    "reclassified": "Reclassified as %(type)s / %(cause)s, %(severity)s",
    "assigned": "Handed to %(department)s, led by %(lead)s",
    "reassigned": "Given to %(subject_person)s",
    "handover_accepted": "The department accepted the case",
    "handover_returned": "%(department)s returned the case",
    "flagged": "Flag raised: %(flag)s",
    "unflagged": "Flag taken off: %(flag)s",
    "flag_changed": "Flag changed: %(flag)s",
    "escalated": "Taken up to %(receiver)s",
    "help_requested": "Help was asked of %(to)s",
    "help_given": "Help was given",
    "contribution_requested": "A contribution was asked of %(to)s",
    "contribution_given": "A contribution was given",
    "opinion_requested": "A legal opinion was asked for",
    "opinion_given": "A legal opinion was given",
    "opinion_reasoned": "Grounds of the opinion",
    "responded": "The customer was answered by %(channel)s",
    "contact_logged": "The customer was contacted by %(channel)s, not yet an answer",
    "hazard_made_safe": "The hazard was made safe",
    "progress_sent": "The customer was told how things stand",
    "promise_made": "Promise %(subject)s, due %(due)s",
    "promise_extended": "Promise %(subject)s was moved before it fell due",
    "promise_kept": "Promise %(subject)s was kept",
    "promise_broken": "Promise %(subject)s was broken",
    "promise_owed_again": "Promise %(subject)s is owed again, due %(due)s",
    "held": "On hold until %(due)s: %(waiting_for)s",
    "resumed": "The hold was ended",
    "hold_ran_out": "The hold ran out; the clocks run on",
    "window_extended": "%(deadline)s was moved to %(until)s",
    "policy_version_changed": "Policy version %(subject)s applies from here, before it %(before)s",
    "calendar_version_changed": "Calendar version %(subject)s applies from here, before it %(before)s",
    "investigation_waived": "No investigation is needed",
    "visit_planned": "Site visit %(subject)s planned for %(due)s",
    "site_visited": "Site visit %(subject)s was made",
    "site_visit_missed": "Site visit %(subject)s did not take place as planned",
    "evidence_added": "Evidence was added",
    "study_session_due": "A study session of all departments is due",
    "study_session_held": "The study session was held",
    "findings_confirmed": "The findings were confirmed",
    "limits_set": "Limits for the talks were set",
    "solution_proposed": "Solution %(subject)s was proposed",
    "offer_approved": "Offer %(subject)s was approved",
    "offer_refused": "Offer %(subject)s was refused",
    "offer_replaced": "The offer of round %(subject)s was replaced",
    "round_recorded": "Round %(subject)s: the customer %(reply)s",
    "reply_awaited": "The customer's reply to round %(subject)s is awaited",
    "reply_received": "The customer replied to round %(subject)s",
    "rounds_used_up": "All rounds of talks are used up",
    "negotiation_failed": "The talks failed",
    "call_asked": "Somebody has to call the customer",
    "agreement_recorded": "Agreement reached (%(agreement)s)",
    "item_agreed": "Item %(subject)s is owed by %(owner)s until %(due)s",
    "item_completed": "Item %(subject)s is done",
    "item_carried_over": "Item %(subject)s is carried over until %(due)s",
    "item_owed_again": "Item %(subject)s is owed again until %(due)s",
    "payment_recorded": "%(amount)s was paid on item %(subject)s",
    "payment_reversed": "The payment on item %(subject)s was reversed",
    "mediation_started": "Mediation proposed (%(mediation)s)",
    "consent_recorded": "Consent of the %(party)s: %(consent)s",
    "consent_refused": "The mediation was refused",
    "consents_given": "Both sides consented",
    "session_held": "Session %(subject)s was held",
    "session_planned": "Session %(subject)s is planned for %(due)s",
    "mediation_ended": "The mediation ended: %(mediation_result)s",
    "forum_chosen": "The dispute goes to: %(forum)s",
    "arbitration_filed": "The arbitration was filed by the %(filed_by)s",
    "review_asked": "An internal review was asked for by the %(filed_by)s",
    "decided": "The decision was made",
    "suit_filed": "A suit was filed by the %(party)s",
    "judged": "Judgment was given",
    "legal_date_added": "Legal date %(subject)s: %(due)s",
    "legal_date_kept": "Legal date %(subject)s was kept",
    "limitation_set": "Limitation of claim %(subject)s: %(due)s",
    "review_submitted": "Submitted for review",
    "review_decided": "Review: %(decision)s",
    "feedback_received": "The customer is %(answer)s",
    "feedback_unanswered": "The customer did not answer (attempt %(subject)s)",
    "feedback_dissatisfied": "The dissatisfied reply goes to the CS director",
    "remedies_exhausted": "No further remedy is left",
    "silence_recorded": "Closed as no reply",
    "second_handling_opened": "Handling %(subject)s begins",
    "reopened": "Reopened",
    "visit_attempted": "The customer was called for the follow-up visit",
    "visits_used_up": "All attempts at a visit are used up",
    "follow_up_recorded": "Follow-up visit: the customer is %(answer)s",
    "reflected": "Lesson noted",
    "praised": "Praise noted",
    "risk_note_opened": "A risk note was opened",
    "archived": "Filed: %(result)s",
    "linked_to_group": "Joined group %(subject)s",
    "unlinked_from_group": "Left group %(subject)s",
    "deadline_passed": "Deadline passed: %(deadline)s",
    "notice_failed": "A message could not be delivered",
    "notice_delivered": "A message arrived after all",
    "entered": "Now in stage %(stage)s",
    "ended": "The case has ended",
}

#: words of values that stand in sentences
VALUES: Mapping[str, str] = {
    "accepted": "accepted",
    "partly": "accepted in part",
    "rejected": "rejected",
    "pending": "has not replied yet",
    "satisfied": "satisfied",
    "dissatisfied": "dissatisfied",
    "company": "company",
    "customer": "customer",
    "given": "given",
    "refused": "refused",
    "approved": "approved",
    "returned": "returned",
    "negotiated": "negotiated",
    "mediated": "mediated",
    "settlement_in_proceedings": "settlement in proceedings",
    "internal": "within the company",
    "person": "a neutral person",
    "institution": "an institution",
    "AGREED": "agreed",
    "FAILED": "failed",
    "ARBITRATION": "arbitration",
    "COURT": "court",
    "OTHER": "internal review",
    "calendar": "the system (a date came)",
}

#: what a text of a command is, for texts beside the main one
LABELS: Mapping[str, str] = {
    "prevention": "Prevention",
    "root_cause": "Root cause",
    "note": "Note",
    "contact": "Contact",
    "measures": "Measures",
    "counter": "Counter-demand",
    "reason": "Reason",
    "question": "Question",
    "answer": "Answer",
    "basis": "Grounds",
    "advice": "Advice",
    "risk": "Risk",
    "summary": "Summary",
    "proof": "Proof",
    "what": "What",
    "condition": "Condition",
    "opinions": "Opinions",
    "fields": "Corrected",
    "responsibility": "Responsibility",
    "statements": "Statements",
    "outcome": "Outcome",
    "mediator": "Mediator",
    "place": "Place",
    "observations": "Observations",
    "new_problem": "New problem",
    "further_demand": "Further demand",
    "document": "Document",
    "reference": "Reference",
}

#: of a fact's data, and of its subject by kind of fact: which names they are codes of
_NAMES = {
    "channel": "channel",
    "type": "type",
    "cause": "cause",
    "severity": "severity",
    "department": "department",
    "lead": "role",
    "owner": "role",
    "to": "role",
    "waiting_for": "waiting",
}
_SUBJECTS = {
    "stage": "stage",
    "flag": "flag",
    "receiver": "role",
    "result": "result",
    "deadline": "deadline",
}
_INSTANTS = ("due", "until")
_SUBJECT_WORDS = ("agreement", "mediation", "mediation_result", "forum", "decision", "answer", "party")


class Told(dict[str, str]):
    """What stands in a sentence; what a fact does not say is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(
    words: Words,
    kind: str,
    subject: str | None,
    data: Mapping[str, Any],
    person: Callable[[str], str],
) -> str:
    """A fact in words; a kind that has no sentence by its name. person: user id → name."""
    if kind not in SENTENCES:
        return words.name("fact", kind)
    return words.gettext(SENTENCES[kind]) % _told(words, subject, data, person)


def _told(words: Words, subject: str | None, data: Mapping[str, Any], person: Callable[[str], str]) -> Told:
    told = Told()
    for key, value in data.items():
        told[key] = _value(words, key, value)
    if subject is not None:
        told["subject"] = subject
        told["subject_person"] = person(subject)
        told.update({key: words.name(kind, subject) for key, kind in _SUBJECTS.items()})
        told.update(dict.fromkeys(_SUBJECT_WORDS, value_word(words, subject)))
    if isinstance(data.get("name"), str):
        told["deadline"] = words.deadline(data["name"])
    return told


def _value(words: Words, key: str, value: Any) -> str:
    if kind := _NAMES.get(key):
        return words.name(kind, str(value))
    if key in _INSTANTS and isinstance(value, str):
        return words.when(datetime.fromisoformat(value))
    if key == "amount":
        return words.money(str(value))
    return value_word(words, str(value))


def value_word(words: Words, value: str) -> str:
    """A value of a command in words, where it is one of those that have them."""
    return words.gettext(VALUES[value]) if value in VALUES else value
