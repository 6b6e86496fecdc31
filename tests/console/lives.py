"""Complaints brought to a stage by commands, as people would say them."""

from typing import Any

from tests.workflows.house import House

#: (who, command, fields) from an opened complaint to the question whether the customer is satisfied
TO_FEEDBACK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("cs_specialist-1", "register", {}),
    ("cs_specialist-1", "classify", {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple"}),
    ("cs_specialist-1", "assign", {"department": "engineering", "lead": "PROJECT_MANAGER"}),
    ("project_manager-1", "accept_handover", {}),
    ("project_manager-1", "waive_investigation", {"reason": "seen before"}),
    ("project_manager-1", "propose_solution", {"solution": "S1", "measures": ["repair"]}),
    ("project_manager-1", "record_round", {"round": 1, "solution": "S1", "reply": "accepted"}),
    (
        "project_manager-1",
        "record_agreement",
        {
            "items": [
                {"id": "A1", "what": "repair", "owner": "TECHNICIAN", "due": "2099-01-01T09:00:00+08:00"}
            ]
        },
    ),
    ("project_manager-1", "complete_item", {"item": "A1"}),
    ("project_manager-1", "submit_review", {}),
    ("cs_director-1", "decide_review", {"decision": "approved"}),
)


async def to_feedback(house: House, **opening: Any) -> str:
    """A new complaint of which everything is done but the customer's answer; its number."""
    number = await house.open(**opening)
    for by, kind, fields in TO_FEEDBACK:
        await house.do(number, kind, by, **fields)
    return number
