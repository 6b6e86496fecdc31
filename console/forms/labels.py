"""What each question of a form is called and how it is explained, as message ids of the catalogue."""

from collections.abc import Mapping
from typing import NamedTuple


def N_(message: str) -> str:  # noqa: N802  the extractors' own name for "translate later"
    """Marks a message id that is translated when it is shown."""
    return message


class Label(NamedTuple):
    """A question and one line of help."""

    text: str
    help: str


_L = Label
#: by "command.field", else by "field"
LABELS: Mapping[str, Label] = {
    "happened_at": _L(N_("When it happened"), N_("Leave empty if it was just now. Not before the receipt.")),
    "reason": _L(N_("Reason"), N_("One or two sentences a colleague understands next year.")),
    "late.reason": _L(N_("Why it is entered late"), N_("Needed when it happened more than 24 hours ago.")),
    "keeps": _L(N_("This keeps the promise"), N_("Choose the promise that is kept by this step.")),
    "refers_to": _L(N_("Refers to the promise"), N_("Where the answer takes up an earlier promise.")),
    "released_by": _L(
        N_("Released by"), N_("While proceedings run, legal releases what the customer is told.")
    ),
    "approved_by": _L(N_("Approved by"), N_("Needed when a rung of the ladder is skipped.")),
    "about_role": _L(
        N_("The complaint is about the role"), N_("Whoever holds it will not work on this case.")
    ),
    "about_person": _L(N_("The complaint is about this person"), N_("They will not work on this case.")),
    "text": _L(N_("Text"), N_("Write it as it should stand in the record.")),
    "add_to_intake.text": _L(N_("What is added"), N_("It stands beside the first words of the customer.")),
    "request_erasure.text": _L(
        N_("What the customer asks for"), N_("A person decides; never while proceedings run.")
    ),
    "add_note.text": _L(N_("Note"), N_("Colleagues on the case read it. Name them with @.")),
    "add_note.released": _L(
        N_("The customer may see this note"), N_("It then stands on the customer's own page.")
    ),
    "record_response.text": _L(
        N_("What the customer was told"),
        N_("An effective answer needs it; it stands on the customer's own page."),
    ),
    "decide_review.reason": _L(N_("Reason"), N_("Needed where it goes back.")),
    "approve_offer.reason": _L(N_("Reason"), N_("Needed where it is refused.")),
    "send_progress.text": _L(N_("How the case stands"), N_("This text is sent to the customer.")),
    "give_contribution.text": _L(N_("Your contribution"), N_("What your department found or did.")),
    "record_reflection.text": _L(
        N_("What we learn from this case"), N_("Kept with the case and in the knowledge base.")
    ),
    "record_praise.text": _L(N_("Praise"), N_("In the customer's own words where possible.")),
    "contact": _L(
        N_("New contact"), N_("Telephone number, e-mail address or account; up to 200 characters.")
    ),
    "of": _L(N_("The same matter as"), N_("The complaint that goes on; this one ends.")),
    "acknowledges": _L(N_("Take note of the missed deadline"), N_("Its daily reminders stop.")),
    "settles": _L(
        N_("This does away with the task"), N_("A call made, a place settled, a risk note written.")
    ),
    "turn": _L(N_("Entry to correct"), N_("What was said, with its number on the timeline.")),
    "fields": _L(
        N_("Corrected values"), N_("What was wrong and how it should read. The first entry stays readable.")
    ),
    "type": _L(N_("Type"), N_("Exactly one. It decides which department leads.")),
    "cause": _L(N_("Cause"), N_("Where the problem comes from.")),
    "severity": _L(N_("Severity"), N_("Complex where more than one department is needed.")),
    "secondary": _L(N_("Second type"), N_("Where the matter has another side.")),
    "subtype": _L(N_("Subtype"), N_("A code of your own, such as kitchen_cabinet.")),
    "topic": _L(N_("Topic"), N_("The topics of the chosen type come first.")),
    "consequences": _L(N_("Possible consequences"), N_("What may follow if nothing is done.")),
    "tipping_points": _L(N_("Tipping points"), N_("Ticking one raises the risk and tells the director.")),
    "deceit_alleged": _L(N_("The customer alleges deceit"), N_("Legal is shown the case at once.")),
    "origin": _L(N_("Origin"), N_("Internal judgement; the customer never sees it.")),
    "lawful": _L(N_("Is the demand lawful?"), N_("First analysis.")),
    "reasonable": _L(N_("Is the demand reasonable?"), N_("First analysis.")),
    "department": _L(N_("Responsible department"), N_("Proposed by the policy for this type.")),
    "lead": _L(
        N_("Leading role"), N_("A role of that department, a negotiator, or a top, duty or site leader.")
    ),
    "person": _L(N_("Person"), N_("With the number of open cases each has.")),
    "assign.person": _L(
        N_("Leading person"), N_("Leave empty and the department chooses. Open cases in brackets.")
    ),
    "seat": _L(N_("Which seat"), N_("Empty: the owner before a department is assigned, the lead after.")),
    "flag": _L(N_("Flag"), N_("An overlay that does not move the stage.")),
    "value": _L(N_("Set the flag"), N_("Take the tick away to end it.")),
    "households": _L(N_("Households concerned"), N_("As far as known.")),
    "to": _L(N_("Whom to ask"), N_("Whoever holds the role is told.")),
    "escalate.to": _L(N_("To whom"), N_("Whoever holds the role is told.")),
    "question": _L(N_("Question"), N_("So that it can be answered without a telephone call.")),
    "answer": _L(N_("Answer"), N_("Whoever asked is told.")),
    "channel": _L(N_("Reached by"), N_("How the customer was reached.")),
    "effective": _L(
        N_("Was it an effective answer?"),
        N_("An effective answer says what happens next; only then does the first clock stop."),
    ),
    "safety_measure": _L(
        N_("Names a measure that makes the hazard safe"), N_("Settles the hazard's two-hour clock.")
    ),
    "promise": _L(N_("Promise"), N_("Open promises of this case.")),
    "make_promise.promise": _L(N_("Id of the promise"), N_("The next free one; no need to change it.")),
    "what": _L(N_("What is promised"), N_("Something the customer can check.")),
    "due": _L(N_("Due"), N_("Shanghai time.")),
    "make_promise.due": _L(N_("By when"), N_("A promise has a date or a stated condition.")),
    "extend_promise.due": _L(N_("By when now"), N_("A promise has a date or a stated condition.")),
    "condition": _L(
        N_("Or on which condition"), N_("State the condition together with what is firmly granted.")
    ),
    "new": _L(N_("Id of the new promise"), N_("The next free one; no need to change it.")),
    "proof": _L(N_("Proof"), N_("Where it can be seen: a document, a photograph, a signature.")),
    "waiting_for": _L(N_("Waiting for"), N_("Whose move it is.")),
    "until": _L(N_("Until"), N_("The case resumes by itself then.")),
    "extend_window.until": _L(N_("New due time"), N_("Shanghai time; it must lie ahead.")),
    "deadline": _L(N_("Deadline"), N_("Open or missed and not settled.")),
    "version": _L(N_("Version"), N_("Running deadlines are taken anew; each move is listed.")),
    "appointment": _L(N_("Appointment"), N_("The customer is told, and reminded a day before.")),
    "place": _L(N_("Meeting point"), N_("Where to ring, where to park.")),
    "record_visit.outcome": _L(N_("Outcome"), N_("Done, or nobody opened.")),
    "outcome": _L(N_("Outcome"), N_("What was decided, in plain words.")),
    "confirmed": _L(N_("Is the problem confirmed?"), N_("What you saw, not who is to blame.")),
    "observations": _L(N_("Observations"), N_("Where, how large, since when. Photographs say more.")),
    "note": _L(N_("Note"), N_("For colleagues.")),
    "add_evidence.subkind": _L(N_("Kind of evidence"), N_("The file itself is added under files.")),
    "document": _L(N_("Document"), N_("The id of the file.")),
    "request_contribution.subkind": _L(N_("What is needed"), N_("One kind of contribution a request.")),
    "request_contribution.from": _L(N_("From whom"), N_("Whoever holds the role is told.")),
    "from": _L(N_("Counted from"), N_("Knowing the harm and who owes.")),
    "id": _L(N_("Id"), N_("The next free one; no need to change it.")),
    "give_help.id": _L(N_("Answer to"), N_("Open requests for help.")),
    "give_contribution.id": _L(N_("Contribution to"), N_("Open requests for contributions.")),
    "give_opinion.id": _L(N_("Opinion on"), N_("Open requests for an opinion.")),
    "keep_legal_date.id": _L(N_("Legal date"), N_("Open dates of the proceedings.")),
    "present": _L(N_("Who was present"), N_("At least one role.")),
    "conclusion": _L(N_("Conclusion"), N_("What was decided, and who does what.")),
    "root_cause": _L(N_("Root cause"), N_("Why it happened, not only what happened.")),
    "prevention": _L(N_("Prevention"), N_("What keeps it from happening again.")),
    "responsibility": _L(
        N_("Responsibility"),
        N_(
            "In this order: agreed in contract or sales documents? A statutory rule? Then who is responsible and who helps."
        ),
    ),
    "nature": _L(N_("Nature of the problem"), N_("Material, workmanship, design, service, words.")),
    "seriousness": _L(N_("Seriousness"), N_("Effect on use and safety.")),
    "unfounded": _L(N_("The complaint is unfounded"), N_("The customer is told why, politely.")),
    "basis": _L(N_("Legal basis"), N_("Articles and clauses.")),
    "advice": _L(N_("Advice"), N_("What to do, and what not.")),
    "risk": _L(N_("Risk"), N_("In one sentence.")),
    "floor": _L(N_("Lower limit"), N_("CNY. An offer below goes to the leading group.")),
    "ceiling": _L(N_("Upper limit"), N_("CNY. An offer above goes to the leading group.")),
    "solution": _L(N_("Offer"), N_("Offers of this handling round.")),
    "propose_solution.solution": _L(N_("Id of the offer"), N_("The next free one; no need to change it.")),
    "measures": _L(
        N_("Measures"),
        N_("One line a measure: what, where, by whom. The customer reads it once a round is recorded."),
    ),
    "compensation": _L(
        N_("Compensation"), N_("CNY, such as 5000.00. Empty: none, and no approval is needed.")
    ),
    "decision": _L(N_("Decision"), N_("It is recorded with your name.")),
    "round": _L(N_("Round"), N_("The next one; the same number records a reply that came later.")),
    "record_round.reply": _L(N_("The customer's reply"), N_("Waiting keeps the reply clock running.")),
    "record_feedback.reply": _L(N_("No reply"), N_("Choose this when nobody could be reached.")),
    "counter": _L(N_("Counter-demand"), N_("What the customer wants instead, point by point.")),
    "subkind": _L(N_("Kind"), N_("Empty: as the stage suggests.")),
    "start_mediation.subkind": _L(
        N_("Kind of mediation"), N_("Talks led by our own staff do not count as mediation.")
    ),
    **dict.fromkeys(
        ("record_decision.items", "record_judgment.items"),
        _L(
            N_("Obligations imposed"),
            N_("What each side has to do by it, one line each, with owner and due time."),
        ),
    ),
    "items": _L(N_("Items"), N_("What each side owes, one line each, with owner and due time.")),
    "items.id": _L(N_("Id"), N_("The next free one.")),
    "items.what": _L(N_("What is owed"), N_("So that anybody can see whether it is done.")),
    "items.owner": _L(N_("Who owes it"), N_("The role that does it.")),
    "items.due": _L(N_("Due"), N_("Shanghai time.")),
    "item": _L(N_("Item"), N_("Items of the agreement or decision.")),
    "amount": _L(N_("Amount paid"), N_("CNY, such as 5000.00.")),
    "reference": _L(N_("Reference"), N_("Voucher or transfer number.")),
    "mediator": _L(N_("Mediator"), N_("Name of the person or institution.")),
    "choices": _L(N_("Mediators to choose from"), N_("How many the customer was offered.")),
    "parties": _L(N_("Parties"), N_("Who takes part, one line each.")),
    "party": _L(N_("Side"), N_("Whose consent is recorded.")),
    "consent": _L(N_("Consent"), N_("Mediation needs both sides.")),
    "link_to_group.consent": _L(N_("Does the customer agree?"), N_("To being handled together with others.")),
    "number": _L(N_("Session number"), N_("Empty: the next one.")),
    "legal_date": _L(N_("Legal date"), N_("The date that is kept by this session.")),
    "statements": _L(N_("Statements"), N_("What each side said.")),
    "next_session": _L(N_("Next session"), N_("Those who come are reminded a day before.")),
    "result": _L(N_("Result"), N_("As it really is; two of the three open a risk note.")),
    "record_mediation_result.result": _L(N_("Result"), N_("Agreed or failed.")),
    "forum": _L(N_("Forum"), N_("An outside body needs an agreement or the customer's own filing.")),
    "arbitration_agreement": _L(N_("Arbitration agreement"), N_("Clause or document it stands in.")),
    "filed_by": _L(N_("Filed by"), N_("Who goes to the forum.")),
    "body": _L(N_("Body"), N_("Name of the arbitration commission.")),
    "file_number": _L(N_("File number"), N_("As on the letter of acceptance.")),
    "accepted_by_customer": _L(
        N_("Does the customer accept?"), N_("An internal review binds only if they do.")
    ),
    "court": _L(N_("Court"), N_("Name of the court.")),
    "ground": _L(N_("Ground"), N_("What the claim rests on.")),
    "add_legal_date.what": _L(N_("What is due"), N_("Hearing, statement of defence, evidence.")),
    "final": _L(
        N_("Is the judgment final?"), N_("Not final while it can still be appealed: the case stays in court.")
    ),
    "set_limitation.due": _L(N_("Ends on"), N_("The law proposes three years; legal types in the date.")),
    "summary": _L(N_("Summary"), N_("What was done and what the customer got.")),
    "attempt": _L(N_("Attempt"), N_("The next one.")),
    "satisfied": _L(N_("Is the customer satisfied?"), N_("With the result, in their own words.")),
    "score": _L(N_("Score"), N_("From 1 to 5, best last.")),
    "opinions": _L(N_("Opinions and suggestions"), N_("In the customer's own words.")),
    "further_demand": _L(N_("Further demand"), N_("What the customer still wants.")),
    "reached": _L(N_("Was the customer reached?"), N_("After the last failed try the trying ends.")),
    "new_problem": _L(N_("New problem"), N_("What has come up since.")),
    "group": _L(N_("Group"), N_("The number of the group, such as 2026-0007.")),
}


def label_of(kind: str, name: str, *, late: bool = False) -> Label:
    """The label of a field. Raises KeyError for a field nobody has named."""
    if late and f"late.{name}" in LABELS:
        return LABELS[f"late.{name}"]
    return LABELS.get(f"{kind}.{name}") or LABELS[name]


#: codes that only forms speak of, by the kind of choice
CODES: Mapping[str, Mapping[str, str]] = {
    "approval": {"approved": N_("Approved"), "refused": N_("Not approved")},
    "answer": {
        "accepted": N_("Accepted"),
        "partly": N_("Partly accepted"),
        "rejected": N_("Rejected"),
        "pending": N_("Waiting for the reply"),
        "approved": N_("Approved"),
        "refused": N_("Not given"),
        "returned": N_("Returned"),
        "given": N_("Given"),
        "negotiated": N_("Negotiated"),
        "mediated": N_("Mediated"),
        "settlement_in_proceedings": N_("Settlement in proceedings"),
        "internal": N_("Our own staff"),
        "person": N_("An outside mediator"),
        "institution": N_("A mediation institution"),
        "company": N_("The company"),
        "customer": N_("The customer"),
        "authority": N_("An authority"),
        "supplier": N_("A supplier"),
        "AGREED": N_("Agreed"),
        "FAILED": N_("Failed"),
        "ARBITRATION": N_("Arbitration"),
        "COURT": N_("Court"),
        "OTHER": N_("Internal review"),
        "outside_body": N_("Outside body"),
        "internal_review": N_("Internal review"),
        "LEADING_GROUP": N_("Leading group"),
        "LEGAL": N_("Legal"),
        "DONE": N_("Done"),
        "NO_ACCESS": N_("No access"),
        "owner": N_("Owner"),
        "lead": N_("Lead"),
        "none": N_("No reply"),
    },
    "evidence": {
        "photographs": N_("Photographs"),
        "video": N_("Video"),
        "contract": N_("Contract"),
        "contract_annex": N_("Annex of the contract"),
        "sales_documents": N_("Sales documents"),
        "correspondence": N_("Correspondence"),
        "recording": N_("Recording of a call"),
        "site_record": N_("Record of a site visit"),
        "expert_report": N_("Expert's report"),
        "invoice": N_("Invoice or receipt"),
        "witness": N_("Statement of a witness"),
        "other": N_("Other"),
    },
    "contributions": {
        "technical_opinion": N_("Technical opinion"),
        "repair_plan": N_("Repair plan"),
        "cost_estimate": N_("Cost estimate"),
        "contract_papers": N_("Contract papers"),
        "sales_record": N_("Record of the sale"),
        "statement": N_("Statement"),
        "photographs": N_("Photographs"),
        "other": N_("Other"),
    },
}
